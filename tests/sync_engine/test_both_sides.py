"""Companies and customers that people edit on both sides: who wins, what is asked, what is never written twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from both_sides import FULL_CYCLE, Both

from harness.kit.faults import FaultRate, LoseReply, ProxyPage, ResetConnection
from harness.kit.webhooks import DeliveryWeather


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Both]:
    world = Both(tmp_path, dictionary=FULL_CYCLE)
    world.begin()
    yield world
    world.close()


def test_a_two_way_field_follows_whoever_edited_it_last(both: Both) -> None:
    both.anna.edit_company(both.company_id, {"account_note": "calls on Mondays"})
    both.until_quiet()
    assert both.customer()["custom_account_note"] == "calls on Mondays"
    both.bert.edit_customer(both.customer_id, {"custom_account_note": "calls on Tuesdays"})
    both.until_quiet()
    assert both.company()["account_note"] == "calls on Tuesdays"
    both.bert.edit_customer(both.customer_id, {"custom_account_note": ""})
    both.until_quiet()
    assert not both.company().get("account_note"), "clearing is a change like any other"
    assert both.errors() == []


def test_a_foreign_edit_of_an_owned_field_is_overwritten_and_an_idle_day_writes_nothing(both: Both) -> None:
    both.bert.edit_customer(both.customer_id, {"custom_phone": "999"})
    both.until_quiet()
    assert both.customer()["custom_phone"] == both.company()["phone"]
    since = len(both.journal.entries)
    both.pass_time(86_400)
    assert both.writes(since) == []


def edit_both(both: Both, crm_field: str, erp_field: str, *, erp_later_s: float = 0) -> None:
    """Two people save while the engine is down."""
    both.host.kill("between two people")
    both.anna.edit_company(both.company_id, {crm_field: "sales says"})
    both.pass_time(erp_later_s)
    both.bert.edit_customer(both.customer_id, {erp_field: "warehouse says"})
    both.host.start()
    both.until_quiet()


def test_when_both_edited_a_field_that_asks_a_person_decides_and_other_fields_go_on(both: Both) -> None:
    edit_both(both, "account_note", "custom_account_note")
    ((record, cause),) = both.errors()
    assert record == f"crm companies {both.company_id}"
    assert "sales says" in cause
    assert "warehouse says" in cause
    assert both.company()["account_note"] == "sales says"
    assert both.customer()["custom_account_note"] == "warehouse says"
    assert "sales says" in both.company()["erp_sync_error"]

    both.anna.edit_company(both.company_id, {"phone": "42"})
    both.until_quiet()
    assert both.customer()["custom_phone"] == "42"

    both.anna.edit_company(both.company_id, {"account_note": "agreed"})
    both.until_quiet()
    assert both.customer()["custom_account_note"] == "agreed"
    assert both.errors() == []
    assert not both.company().get("erp_sync_error")


@pytest.mark.parametrize(("erp_later_s", "winner"), [(600, "warehouse says"), (10, "warehouse says"), (-600, "sales says")])
def test_the_newest_edit_wins_and_within_the_clocks_error_the_owner(both: Both, erp_later_s: float, winner: str) -> None:
    """The ERP owns the delivery hint."""
    if erp_later_s >= 0:
        edit_both(both, "delivery_hint", "custom_delivery_hint", erp_later_s=erp_later_s)
    else:
        both.host.kill("between two people")
        both.bert.edit_customer(both.customer_id, {"custom_delivery_hint": "warehouse says"})
        both.pass_time(-erp_later_s)
        both.anna.edit_company(both.company_id, {"delivery_hint": "sales says"})
        both.host.start()
        both.until_quiet()
    assert both.company()["delivery_hint"] == both.customer()["custom_delivery_hint"] == winner


def test_an_edit_between_the_engines_read_and_its_write_is_not_lost(both: Both) -> None:
    """The CRM has no conditional write: what the engine's write replaced is found in the property's history and comes back."""

    def sales_saves_too(phase: str, call: Any) -> bool:
        if call.caller == "engine" and call.method == "PATCH" and b"warehouse says" in call.body:
            both.network.on_call = lambda phase, call: False
            both.anna.edit_company(both.company_id, {"account_note": "sales says"})
        return False

    both.network.on_call = sales_saves_too
    both.bert.edit_customer(both.customer_id, {"custom_account_note": "warehouse says"})
    both.until_quiet()
    ((_, cause),) = both.errors()
    assert "sales says" in cause
    assert "warehouse says" in cause
    assert both.company()["account_note"] == "sales says"
    assert both.customer()["custom_account_note"] == "warehouse says"


def test_credit_status_and_open_balance_show_on_the_company(both: Both) -> None:
    (order,) = both.orders
    both.bert.ship(order, Decimal(1))
    invoice = both.bert.invoice(order)
    both.until_quiet()
    assert both.company()["erp_open_balance"] == "35.7"
    assert both.company()["erp_credit_status"] == "good"
    both.bert.hold_credit(both.customer_id, held=True)
    both.bert.pay(invoice, Decimal(1))
    both.until_quiet()
    assert both.company()["erp_credit_status"] == "on hold"
    assert both.company()["erp_open_balance"] == "0"


def test_a_credit_note_shows_on_the_deal(both: Both) -> None:
    (order,) = both.orders
    both.bert.ship(order, Decimal(1))
    invoice = both.bert.invoice(order)
    both.bert.credit(invoice, Decimal("0.4"))
    both.until_quiet()
    deal = both.deal(both.deal_id)
    assert deal["erp_credited_amount"] == "-11.9"
    assert deal["erp_invoiced_amount"] == "23.8"


def test_edits_of_contacts_and_addresses_follow(both: Both) -> None:
    (contact,) = both.erp.store.all("Contact")
    rows = [*contact.fields["email_ids"], {"email_id": "own@acme.example"}]
    both.erp_call("PUT", f"/api/resource/Contact/{contact.id}", {"email_ids": [{"email_id": row["email_id"]} for row in rows]})
    both.anna.edit_contact(contact.fields["custom_crm_contact_id"], {"email": "new@acme.example", "last_name": "Roe"})
    both.anna.edit_company(both.company_id, {"address": "Side St 2"})
    both.until_quiet()
    held = both.erp.store.get("Contact", contact.id).fields
    assert [row["email_id"] for row in held["email_ids"]] == ["new@acme.example", "own@acme.example"], "a person's own row stays"
    assert held["last_name"] == "Roe"
    assert [address.fields["address_line1"] for address in both.erp.store.all("Address")] == ["Side St 2"]


def test_polling_alone_carries_everything(tmp_path: Path) -> None:
    world = Both(tmp_path, dictionary=FULL_CYCLE)
    for fake in (world.crm, world.erp):
        fake.webhooks.weather = DeliveryWeather(lose=1.0)
    world.begin()
    world.anna.edit_company(world.company_id, {"account_note": "calls on Mondays"})
    world.bert.edit_customer(world.customer_id, {"custom_delivery_hint": "ring twice"})
    world.until_quiet()
    assert world.customer()["custom_account_note"] == "calls on Mondays"
    assert world.company()["delivery_hint"] == "ring twice"

    (contact,) = world.erp.store.all("Contact")
    world.anna.edit_contact(contact.fields["custom_crm_contact_id"], {"last_name": "Roe"})
    world.pass_time(3600)
    assert world.erp.store.get("Contact", contact.id).fields["last_name"] == "Roe", "contacts have a modified date of their own"
    world.close()


def storm(world: Both, chance: Random) -> None:
    """Faults on both sides, webhooks that get lost, and an engine that dies now and then."""
    for system, fake in (("crm", world.crm), ("erp", world.erp)):
        fake.faults.set_rates(
            [FaultRate(f"{system}.*", effect, 0.03) for effect in (LoseReply(), ResetConnection(), ProxyPage(502))]
        )
        fake.webhooks.weather = DeliveryWeather(lose=0.3, duplicate=0.2, delay=0.3)

    def maybe_die(phase: str, call: Any) -> bool:
        if call.caller == "engine" and world.host.up and chance.random() < 0.02:
            world.host.kill(phase)
            world.host.restart_in(timedelta(seconds=20))
            return True
        return False

    world.network.on_call = maybe_die


@pytest.mark.parametrize("seed", range(3))
def test_a_stormy_week_of_edits_on_both_sides_with_deaths_ends_agreed_or_told(tmp_path: Path, seed: int) -> None:
    world = Both(tmp_path, seed, dictionary=FULL_CYCLE)
    world.begin()
    chance = world.seed.stream("people and deaths")
    storm(world, chance)
    fields = {
        "account_note": "custom_account_note",
        "delivery_hint": "custom_delivery_hint",
        "phone": "custom_phone",
        "tax_id": "tax_id",
    }
    for number in range(60):
        crm, erp = chance.choice(sorted(fields.items()))
        value = chance.choice(["", "a", "b", f"edit {number}"])
        if chance.random() < 0.5:
            world.anna.edit_company(world.company_id, {crm: value})
        else:
            world.bert.edit_customer(world.customer_id, {erp: value})
        world.pass_time(chance.choice([0.2, 3, 40, 900]))
    world.network.on_call = lambda phase, call: False
    for fake in (world.crm, world.erp):
        fake.faults.active = False
        fake.webhooks.weather = DeliveryWeather()
    world.until_quiet()

    asked = " ".join(cause for _, cause in world.errors())
    for crm, erp in fields.items():
        left, right = world.company().get(crm) or "", world.customer().get(erp) or ""
        assert left == right or (crm == "account_note" and "Account note" in asked), (crm, left, right, asked)
    since = len(world.journal.entries)
    world.pass_time(6 * 3600)
    assert world.writes(since) == []
    world.close()
