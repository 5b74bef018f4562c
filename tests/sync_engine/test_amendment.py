"""Positions that change after the win: the order follows while nothing was shipped, once; else a person is asked."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from after_the_win import LaterWorld

from harness.kit.people import Company, Line, Product
from harness.kit.webhooks import DeliveryWeather

D = Decimal
UPDATE = "update_child_qty_rate"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[LaterWorld]:
    world = LaterWorld(tmp_path).started()
    world.bert.add_item(Product("SKU-2", "Gadget", D("4.50")), D(1000))
    yield world
    world.close()


def won(world: LaterWorld) -> tuple[str, str]:
    deal = world.win()
    world.until_quiet()
    (order,) = world.orders
    return deal, order


def updates(world: LaterWorld, since: int = 0) -> int:
    return sum(UPDATE in call for call in world.calls(since))


@pytest.mark.parametrize("webhooks", [True, False], ids=["webhooks", "polling"])
def test_quantity_price_a_new_and_a_removed_position_reach_the_order(world: LaterWorld, webhooks: bool) -> None:
    deal, order = won(world)
    if not webhooks:
        for fake in (world.crm, world.erp):
            fake.webhooks.weather = DeliveryWeather(lose=1.0)

    world.anna.change_quantity(deal, "SKU-1", D(5))
    world.until_quiet()
    assert world.positions(order) == [("SKU-1", D(5), D(10))]

    world.anna.change_price(deal, "SKU-1", D("9.99"))
    world.until_quiet()
    assert world.positions(order) == [("SKU-1", D(5), D("9.99"))]

    world.anna.add_line(deal, Line("SKU-2", "Gadget", D(2), D("4.50")))
    world.until_quiet()
    assert world.positions(order) == [("SKU-1", D(5), D("9.99")), ("SKU-2", D(2), D("4.5"))]

    world.anna.remove_line(deal, "SKU-1")
    world.until_quiet()
    assert world.positions(order) == [("SKU-2", D(2), D("4.5"))]
    assert D(str(world.order(order)["net_total"])) == D(world.deal(deal)["amount"]) == D(9)
    assert world.errors() == {}
    assert world.live_orders() == [order]
    assert updates(world) == 4


def test_an_order_that_has_the_positions_already_is_left_alone(world: LaterWorld) -> None:
    deal, _ = won(world)
    before = len(world.journal.entries)
    world.anna.change_quantity(deal, "SKU-1", D(5))
    world.anna.change_quantity(deal, "SKU-1", D(3))
    world.until_quiet()
    assert updates(world, before) <= 2
    world.pass_time(3600)
    assert updates(world, before) <= 2, "our own writes are no news"


def test_what_was_shipped_stops_the_amendment_and_a_person_is_asked(world: LaterWorld) -> None:
    deal, order = won(world)
    world.bert.ship(order, D("0.34"))
    world.until_quiet()
    world.anna.change_quantity(deal, "SKU-1", D(5))
    world.until_quiet()

    assert world.positions(order) == [("SKU-1", D(3), D(10))]
    cause = world.errors()[f"crm deals {deal}"]
    assert "1 of 3 were shipped" in cause
    assert world.deal(deal)["erp_sync_error"].startswith(cause.rstrip("."))

    world.anna.change_quantity(deal, "SKU-1", D(3))
    world.until_quiet()
    assert world.errors() == {}
    assert not world.deal(deal)["erp_sync_error"]


def test_a_deal_in_the_middle_of_an_edit_is_waited_for(world: LaterWorld) -> None:
    deal, order = won(world)
    world.crm_edit(world.line_of(deal), "line_items", quantity="7")
    world.pass_time(45)
    assert world.positions(order) == [("SKU-1", D(3), D(10))]
    assert world.errors() == {}, "a person is given time to finish"

    world.crm_edit(deal, "deals", amount="70")
    world.until_quiet()
    assert world.positions(order) == [("SKU-1", D(7), D(10))]
    assert world.errors() == {}


def test_an_amount_that_stays_wrong_is_told_and_correcting_the_line_alone_ends_it(world: LaterWorld) -> None:
    deal, order = won(world)
    world.crm_edit(deal, "deals", amount="70")
    world.until_quiet()
    assert "its line items add up to 30" in world.errors()[f"crm deals {deal}"]

    world.crm_edit(world.line_of(deal), "line_items", quantity="7")
    world.until_quiet()
    assert world.errors() == {}
    assert world.positions(order) == [("SKU-1", D(7), D(10))]


def test_an_item_the_erp_does_not_know_is_told_and_changes_nothing(world: LaterWorld) -> None:
    deal, order = won(world)
    world.anna.add_line(deal, Line("LEGACY-9", "Old", D(1), D(1)))
    world.until_quiet()
    assert "LEGACY-9" in world.errors()[f"crm deals {deal}"]
    assert world.positions(order) == [("SKU-1", D(3), D(10))]
    world.anna.remove_line(deal, "LEGACY-9")
    world.until_quiet()
    assert world.errors() == {}


def test_a_changed_deal_whose_order_was_cancelled_in_the_erp_is_a_question_for_a_person(world: LaterWorld) -> None:
    deal, order = won(world)
    world.bert.cancel_order(order)
    world.anna.change_quantity(deal, "SKU-1", D(5))
    world.until_quiet()
    assert "was cancelled in the ERP" in world.errors()[f"crm deals {deal}"]


def test_what_an_orders_rows_cannot_be_given_takes_a_new_order_in_its_place(tmp_path: Path) -> None:
    text = {"name": "Text", "owner": "crm", "crm": {"field": "description"}, "erp": {"field": "description"}}
    world = LaterWorld(tmp_path, line_fields=[text]).started()
    deal = world.open(1, world.anna.add_company(Company("Acme", "acme.example", "1", "Main St 1", "Berlin", "10115", "Germany")))
    world.crm_edit(world.line_of(deal), "line_items", description="Red")
    world.anna.move_deal(deal, "won")
    world.until_quiet()
    (first,) = world.live_orders()
    assert world.order(first)["items"][0]["description"] == "Red"

    world.crm_edit(world.line_of(deal), "line_items", description="Blue")
    world.until_quiet()
    (second,) = world.live_orders()
    assert world.order(second)["amended_from"] == first
    assert world.order(second)["items"][0]["description"] == "Blue"
    assert world.deal(deal)["erp_order_id"] == second
    assert world.errors() == {}

    world.anna.change_quantity(deal, "SKU-1", D(5))
    world.until_quiet()
    assert world.live_orders() == [second]
    assert world.positions(second) == [("SKU-1", D(5), D(10))]
    world.close()


def test_without_the_process_nothing_follows_the_win(tmp_path: Path) -> None:
    world = LaterWorld(tmp_path, processes=()).started()
    deal, order = won(world)
    world.anna.change_quantity(deal, "SKU-1", D(5))
    world.anna.move_deal(deal, "lost")
    world.until_quiet()
    assert world.positions(order) == [("SKU-1", D(3), D(10))]
    assert world.live_orders() == [order]
    assert world.errors() == {}
    world.close()


def test_a_deal_in_another_currency_is_not_ordered(world: LaterWorld) -> None:
    deal = world.win()
    world.crm_edit(deal, "deals", deal_currency_code="USD")
    world.until_quiet()
    orders = world.live_orders()
    if orders:  # the order was made before the currency was changed: no amendment either
        world.anna.change_quantity(deal, "SKU-1", D(5))
        world.until_quiet()
        assert world.positions(orders[0]) == [("SKU-1", D(3), D(10))]
    assert "The deal is in USD" in world.errors()[f"crm deals {deal}"]


def test_progress_missed_in_the_bin_is_told_although_a_person_has_to_decide(world: LaterWorld) -> None:
    deal, order = won(world)
    world.bert.ship(order, D(1))
    invoice = world.bert.invoice(order)
    world.anna.change_quantity(deal, "SKU-1", D(5))
    world.until_quiet()
    world.anna.archive("deal", deal)
    world.until_quiet()
    assert invoice is not None
    world.bert.pay(invoice, D(1))
    world.until_quiet()
    world.anna.restore("deal", deal)
    world.until_quiet()
    assert "3 of 3 were shipped" in world.errors()[f"crm deals {deal}"]
    assert world.deal(deal)["erp_paid_amount"] == "35.7"
