"""The engine between the two real fakes, in virtual time: the spine of quote-to-cash, in good and in bad weather."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from world import World

from harness.kit.faults import AnyEffect, Fault, FaultRate, LoseReply, ProxyPage, RefuseConnection, ResetConnection, TruncatedJson
from harness.kit.people import Company
from harness.kit.webhooks import DeliveryWeather


@pytest.fixture
def both(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


def test_from_the_won_deal_to_the_paid_invoice(both: World) -> None:
    both.host.start()
    both.pass_time(60)
    deal = both.win()
    both.until_quiet()

    (order,) = both.orders
    assert both.deal(deal)["erp_order_id"] == order
    assert both.deal(deal)["erp_order_status"] == "open"
    assert [len(list(both.erp.store.all(kind))) for kind in ("Customer", "Address", "Contact")] == [1, 1, 1]

    both.bert.ship(order, Decimal(1))
    both.until_quiet()
    assert (both.deal(deal)["erp_order_status"], both.deal(deal)["erp_shipped_percent"]) == ("to bill", "100")

    invoice = both.bert.invoice(order)
    assert invoice is not None
    both.until_quiet()
    assert (both.deal(deal)["erp_order_status"], both.deal(deal)["erp_invoiced_amount"]) == ("completed", "35.7")
    assert both.deal(deal)["erp_paid_amount"] == "0"

    both.bert.pay(invoice, Decimal(1))
    both.until_quiet()
    assert both.deal(deal)["erp_paid_amount"] == "35.7"
    assert both.host.ask("open_errors", None) == []


def test_polling_alone_is_enough_when_every_webhook_is_lost(both: World) -> None:
    for fake in (both.crm, both.erp):
        fake.webhooks.weather = DeliveryWeather(lose=1.0)
    both.host.start()
    deal = both.win()
    both.until_quiet()
    both.bert.ship(both.orders[0], Decimal(1))
    both.until_quiet()
    assert both.deal(deal)["erp_shipped_percent"] == "100"


def test_an_unknown_item_is_told_on_the_deal(both: World) -> None:
    both.host.start()
    deal = both.win(sku="LEGACY-9")
    both.until_quiet()
    ((record, cause),) = both.host.ask("open_errors", None)
    assert record == f"crm deals {deal}"
    assert "LEGACY-9" in cause
    assert "LEGACY-9" in both.deal(deal)["erp_sync_error"]
    assert both.orders == []


@pytest.mark.parametrize(
    "effect", [LoseReply(), ResetConnection(), TruncatedJson(), ProxyPage(504, applied=True)], ids=lambda e: type(e).__name__
)
@pytest.mark.parametrize("kind", ["customer", "sales_order", "address", "contact"])
def test_a_lost_create_reply_never_makes_a_second_document(both: World, kind: str, effect: Any) -> None:
    both.erp.faults.inject(Fault(f"erp.create_{kind}", effect))
    both.host.start()
    deal = both.win()
    both.until_quiet()
    assert both.erp.faults.not_yet_fired == [], "the story never happened, so this test proved nothing"
    assert [len(list(both.erp.store.all(name))) for name in ("Customer", "Sales Order", "Address", "Contact")] == [1, 1, 1, 1]
    assert both.deal(deal)["erp_order_id"] == both.orders[0]


@pytest.mark.parametrize("seed", range(4))
def test_a_stormy_day_with_deaths_ends_with_everything_right(tmp_path: Path, seed: int) -> None:
    both = World(tmp_path, seed)
    chance = both.seed.stream("deaths")
    effects: list[AnyEffect] = [LoseReply(), RefuseConnection(), ResetConnection(), TruncatedJson(), ProxyPage(502)]
    for system, fake in (("crm", both.crm), ("erp", both.erp)):
        fake.faults.set_rates([FaultRate(f"{system}.*", effect, 0.02) for effect in effects])
        fake.webhooks.weather = DeliveryWeather(lose=0.2, duplicate=0.2, delay=0.3, forge=0.1)

    def maybe_die(phase: str, call: Any) -> bool:
        if call.caller == "engine" and both.host.up and chance.random() < 0.01:
            both.host.kill(phase)
            both.host.restart_in(timedelta(seconds=20))
            return True
        return False

    both.network.on_call = maybe_die
    both.host.start()
    company = ""
    deals = []
    for number in range(8):
        deals.append(both.win(number, company=company))
        company = "" if number % 3 else str(both.crm.store.get("companies", both.anna.add_company(_company(number))).id)
        both.pass_time(600)
        for order in list(both.orders):
            both.bert.ship(order, Decimal("0.5"))
    both.network.on_call = lambda phase, call: False
    for fake in (both.crm, both.erp):
        fake.faults.active = False
        fake.webhooks.weather = DeliveryWeather()
    both.until_quiet()

    by_deal = [order.fields["custom_crm_deal_id"] for order in both.erp.store.all("Sales Order")]
    assert sorted(by_deal) == sorted(deals)
    for order in both.erp.store.all("Sales Order"):
        deal = both.deal(order.fields["custom_crm_deal_id"])
        assert deal["erp_order_id"] == order.id
        assert Decimal(deal["erp_shipped_percent"]) == Decimal(str(order.fields["per_delivered"]))
    customers = [customer.fields["custom_crm_company_id"] for customer in both.erp.store.all("Customer")]
    assert len(customers) == len(set(customers))
    assert both.host.ask("open_errors", None) == []
    both.close()


def _company(number: int) -> Company:
    return Company(f"Late {number}", f"late{number}.example", "1", "Main St 1", "Berlin", "10115", "Germany")


def test_a_busy_hour_stays_under_every_quota(both: World) -> None:
    both.host.start()
    both.pass_time(60)
    for number in range(30):
        both.win(number)
    both.until_quiet()
    assert len(both.orders) == 30
    refused = [entry for entry in both.journal.entries if getattr(entry, "status", 0) == 429]
    assert refused == []
    assert len(both.calls()) < 30 * 12 + 400
