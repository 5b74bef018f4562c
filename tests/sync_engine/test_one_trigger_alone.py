"""What one of the two triggers alone is easily blind to: a deal that is won from its first day, a position that is taken out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from after_the_win import LaterWorld

from harness.kit.people import Company, Contact, Deal, Line, Product
from harness.kit.webhooks import DeliveryWeather
from sync_engine.polling.crm import CrmWatch

HOUR_AND_A_BIT = 3900
COMPANY_OF_DEAL, DEAL_OF_LINE = 5, 20  # HubSpot's association types


@pytest.fixture
def world(tmp_path: Path) -> Iterator[LaterWorld]:
    world = LaterWorld(tmp_path, None)
    yield world
    world.close()


def test_webhooks_alone_see_a_deal_that_is_made_in_the_won_stage(world: LaterWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    world.started().until_quiet()

    async def sees_nothing(self: CrmWatch) -> bool:
        return False

    monkeypatch.setattr(CrmWatch, "look", sees_nothing)
    company = world.anna.add_company(Company("Acme", "acme.example", "1", "Main St 1", "Berlin", "10115", "Germany"))
    deal = world.create("deals", company, COMPANY_OF_DEAL, dealname="Won at once", dealstage="closedwon", amount="30")
    world.create("line_items", deal, DEAL_OF_LINE, hs_sku="SKU-1", quantity="3", price="10.00")
    world.until_quiet()
    assert (len(world.live_orders()), world.errors()) == (1, {})


@pytest.fixture
def untold(world: LaterWorld) -> LaterWorld:
    """A world in which no webhook arrives, and a deal with two positions that has its order. One is free: the deal's amount, whose
    change would be seen, stays right without it."""
    for fake in (world.crm, world.erp):
        fake.webhooks.weather = DeliveryWeather(lose=1.0)
    world.bert.add_item(Product("SKU-2", "Sample", Decimal(5)), Decimal(1000))
    world.started()
    company = world.anna.add_company(Company("Acme", "acme.example", "1", "Main St 1", "Berlin", "10115", "Germany"))
    lines = (Line("SKU-1", "Widget", Decimal(3), Decimal(10)), Line("SKU-2", "Sample", Decimal(1), Decimal(0)))
    contact = world.anna.add_contact(Contact("Jane", "Doe", "jane@acme.example"), company)
    deal = world.anna.open_deal(Deal("Two positions", company, contact, lines, date(2026, 3, 20)))
    world.anna.move_deal(deal, "won")
    world.until_quiet()
    (order,) = world.live_orders()
    assert len(world.positions(order)) == 2
    return world


@pytest.mark.parametrize("taken_out", ["archived", "no longer associated"])
def test_polling_alone_sees_a_position_that_was_taken_out_within_an_hour_and_its_return(untold: LaterWorld, taken_out: str) -> None:
    (deal,) = [record.id for record in untold.crm.store.all("deals")]
    (line,) = [record.id for record in untold.crm.store.all("line_items") if record.fields["hs_sku"] == "SKU-2"]
    if taken_out == "archived":
        untold.crm_call("DELETE", f"/crm/v3/objects/line_items/{line}")
    else:
        untold.crm_call("DELETE", f"/crm/v4/objects/deals/{deal}/associations/line_items/{line}")
    untold.pass_time(HOUR_AND_A_BIT)
    (order,) = untold.live_orders()
    assert (untold.positions(order), untold.errors()) == ([("SKU-1", Decimal(3), Decimal(10))], {})
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": DEAL_OF_LINE}]
    if taken_out == "no longer associated":
        untold.crm_call("PUT", f"/crm/v4/objects/line_items/{line}/associations/deals/{deal}", types)
        untold.pass_time(HOUR_AND_A_BIT)
        assert len(untold.positions(untold.live_orders()[0])) == 2


def test_a_removal_that_the_order_cannot_follow_is_told_once(untold: LaterWorld) -> None:
    (deal,) = [record.id for record in untold.crm.store.all("deals")]
    for line in [record.id for record in untold.crm.store.all("line_items")]:
        untold.crm_call("DELETE", f"/crm/v3/objects/line_items/{line}")
    untold.pass_time(2 * HOUR_AND_A_BIT)
    assert list(untold.errors()) == [f"crm deals {deal}"]
    begun = len(untold.journal.entries)
    untold.pass_time(3 * HOUR_AND_A_BIT)
    assert [call for call in untold.calls(begun) if "/deals/" in call and "search" not in call and "associations" not in call] == []


def test_what_a_customer_owes_reaches_a_company_that_was_in_the_bin_meanwhile(untold: LaterWorld) -> None:
    (company,) = [record.id for record in untold.crm.store.all("companies")]
    (order,) = untold.live_orders()
    untold.anna.archive("company", company)
    untold.bert.ship(order, Decimal(1))
    invoice = untold.erp.store.get("Sales Invoice", untold.bert.invoice(order))
    assert invoice is not None
    untold.pass_time(HOUR_AND_A_BIT)
    untold.anna.restore("company", company)
    untold.pass_time(HOUR_AND_A_BIT)
    untold.until_quiet()
    shown = untold.crm.store.get("companies", company)
    assert shown is not None
    assert Decimal(shown.fields["erp_open_balance"]) == Decimal(str(invoice.fields["outstanding_amount"])) > 0
    assert untold.errors() == {}
