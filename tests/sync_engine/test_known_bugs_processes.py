"""Known bugs of work over time: outages, locks, repeated edits, records that disappear, and lists that end too early."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from after_the_win import LaterWorld
from test_both_sides import FULL_CYCLE, Both
from test_vendor_batches import Direct
from world import World

from harness.kit.call import Call
from harness.kit.faults import FaultRate, ProxyPage, Refuse, RefuseConnection
from harness.kit.journal import Answered
from harness.kit.webhooks import DeliveryWeather


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


def deaf(world: Any) -> Any:
    """No webhook arrives."""
    for fake in (world.crm, world.erp):
        fake.webhooks.weather = DeliveryWeather(lose=1.0)
    return world


def throttled(world: World, since: int) -> int:
    return sum(1 for entry in world.journal.entries[since:] if isinstance(entry, Answered) and entry.status == 429)


@pytest.mark.parametrize("system", ["crm", "erp"])
def test_after_two_hours_of_outage_the_backlog_is_worked_off_without_a_refusal_and_news_do_not_wait(
    world: World, system: str
) -> None:
    world.host.start()
    world.pass_time(60)
    world.until_quiet()
    fake = getattr(world, system)
    fake.faults.set_rates([FaultRate(f"{system}.*", RefuseConnection(), 1.0)])
    deals = [world.win(number) for number in range(40)]
    world.pass_time(2 * 3600)
    assert any("cannot be reached" in cause for _, cause in world.host.ask("open_errors", None))
    fake.faults.active = False
    since = len(world.journal.entries)
    world.pass_time(5)
    fresh = world.win(99)
    world.pass_time(15 * 60)
    assert world.deal(fresh)["erp_order_id"], "not at the end of the line"
    world.until_quiet()
    assert all(world.deal(deal)["erp_order_id"] for deal in deals)
    assert len(world.orders) == len(set(world.orders)) == 41
    assert throttled(world, since) == 0
    assert world.host.ask("open_errors", None) == []


def test_a_deal_edited_again_and_again_within_the_overlap_is_ordered_once_and_shown_in_its_last_state(tmp_path: Path) -> None:
    world = deaf(LaterWorld(tmp_path)).started()
    deal = world.win()
    for edit in range(6):
        world.pass_time(100)
        world.crm_edit(deal, "deals", description=f"edit {edit}")
        world.anna.change_quantity(deal, "SKU-1", Decimal(4 + edit))
    world.until_quiet()
    (order,) = world.live_orders()
    assert [quantity for _, quantity, _ in world.positions(order)] == [Decimal(9)]
    assert [call for call in world.calls() if call == "POST /api/resource/Sales Order"] == ["POST /api/resource/Sales Order"]
    world.close()


@pytest.mark.parametrize("kind", ["locked", "conflict", "lock_timeout"])
def test_an_update_that_meets_a_lock_or_another_save_is_made_later_and_none_is_lost(tmp_path: Path, kind: str) -> None:
    world = Both(tmp_path, dictionary=FULL_CYCLE)
    world.begin()
    world.erp.faults.set_rates([FaultRate("erp.*", Refuse(kind), 0.4)])
    world.crm.faults.set_rates([FaultRate("crm.*", Refuse("locked"), 0.3)])
    for number in range(5):
        world.anna.edit_company(world.company_id, {"phone": str(number)})
        world.bert.edit_customer(world.customer_id, {"custom_delivery_hint": f"ring {number} times"})
        world.pass_time(120)
    world.win(2, company=world.company_id)
    world.pass_time(1800)
    for fake in (world.crm, world.erp):
        fake.faults.active = False
    world.until_quiet()
    assert world.customer()["custom_phone"] == "4"
    assert world.company()["delivery_hint"] == "ring 4 times"
    assert len(world.orders) == 2
    assert world.errors() == []
    world.close()


def test_an_archived_deal_is_found_without_any_webhook(tmp_path: Path) -> None:
    world = deaf(LaterWorld(tmp_path)).started()
    deal = world.win()
    world.until_quiet()
    world.anna.archive("deal", deal)
    world.pass_time(2 * 3600)
    assert "was archived but its order goes on" in world.errors()[f"crm deals {deal}"]
    assert len(world.live_orders()) == 1
    world.close()


@pytest.mark.parametrize("effect", [Refuse("server_error"), ProxyPage(502, applied=False), RefuseConnection()], ids=str)
def test_a_list_that_ends_too_early_deletes_and_cancels_nothing(tmp_path: Path, effect: Any) -> None:
    world = deaf(LaterWorld(tmp_path, processes=None)).started()
    deals = [world.win(number) for number in range(4)]
    world.until_quiet()
    kept = set(world.live_orders())
    for system, fake in (("crm", world.crm), ("erp", world.erp)):
        fake.faults.set_rates([FaultRate(f"{system}.*", effect, 0.5)])
    since = len(world.journal.entries)
    world.pass_time(6 * 3600)
    for fake in (world.crm, world.erp):
        fake.faults.active = False
    world.until_quiet()
    assert set(world.live_orders()) == kept
    assert [call for call in world.calls(since) if call.startswith("DELETE") or "cancel" in call or "archive" in call] == []
    assert all(world.deal(deal)["erp_order_status"] == "open" for deal in deals)
    assert world.errors() == {}
    world.close()


def test_records_of_different_columns_end_alike_one_by_one_and_in_a_batch() -> None:
    """A column that the first record lacks is not dropped for the others, and an empty value empties."""
    changes = [{"dealname": "One"}, {"dealname": "Two", "amount": "5"}, {"amount": "", "description": "x"}, {"description": ""}]
    ends = []
    for batch in (False, True):
        both = Direct()
        deals = [both.deal(number, lines=0) for number in range(len(changes))]
        if batch:
            asyncio.run(both.crm.update_many("deals", dict(zip(deals, changes, strict=True))))
        else:
            for deal, change in zip(deals, changes, strict=True):
                asyncio.run(both.crm.update("deals", deal, change))
        fields = [both.crm_fake.store.get("deals", deal).fields for deal in deals]
        ends.append([[held.get(name) or "" for name in ("dealname", "amount", "description")] for held in fields])
    assert ends[0] == ends[1]
    assert ends[0][2][1] == ""


def test_an_error_that_nobody_mended_outlives_the_echo_of_our_own_writes(world: World) -> None:
    world.host.start()
    deal = world.win(sku="LEGACY-9")
    world.until_quiet()
    (told,) = world.host.ask("open_errors", None)
    since = len(world.journal.entries)
    world.pass_time(6 * 3600)
    assert world.host.ask("open_errors", None) == [told]
    assert "LEGACY-9" in world.deal(deal)["erp_sync_error"]
    assert len([call for call in world.calls(since) if call == "POST /api/resource/Sales Order"]) <= 1
    assert len([call for call in world.calls(since) if call.startswith("PATCH")]) <= 1


def test_a_customer_in_two_roles_is_one_pair_whatever_role_it_takes(world: World) -> None:
    """The contact of one deal becomes that of another company's deal: its counterpart stays its own."""
    world.host.start()
    first = world.win(1)
    world.until_quiet()
    (person,) = world.erp.store.all("Contact")
    contact = person.fields["custom_crm_contact_id"]
    second = world.win(2)
    world.crm.handle(_associate(second, contact))
    world.until_quiet()
    third = world.win(3)
    world.until_quiet()
    people = [record.fields["custom_crm_contact_id"] for record in world.erp.store.all("Contact")]
    assert len(people) == len(set(people)) == 3
    assert all(world.deal(deal)["erp_order_id"] for deal in (first, second, third))
    assert world.host.ask("open_errors", None) == []


def _associate(deal: str, contact: str) -> Any:
    path = f"/crm/v4/objects/deals/{deal}/associations/default/contacts/{contact}"
    return Call("PUT", path, caller="person:carl", person="carl")
