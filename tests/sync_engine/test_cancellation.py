"""A deal that is won no longer: its order is cancelled while nothing was shipped; won again, it gets exactly one new order."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from after_the_win import LaterWorld

from harness.kit.call import Call


@pytest.fixture
def world(tmp_path: Path) -> Iterator[LaterWorld]:
    world = LaterWorld(tmp_path).started()
    yield world
    world.close()


def test_a_deal_that_is_reopened_cancels_its_order_and_shows_it(world: LaterWorld) -> None:
    deal = world.win()
    world.until_quiet()
    world.anna.move_deal(deal, "quoted")
    world.until_quiet()

    assert world.order(world.orders[0])["docstatus"] == 2
    assert world.deal(deal)["erp_order_status"] == "cancelled"
    assert world.errors() == {}


def test_a_deal_that_is_won_again_gets_one_order_amended_from_the_cancelled_one(world: LaterWorld) -> None:
    deal = world.win()
    world.until_quiet()
    (first,) = world.orders
    for _ in range(2):
        world.anna.move_deal(deal, "lost")
        world.until_quiet()
        assert world.live_orders() == []
        world.anna.move_deal(deal, "won")
        world.until_quiet()
        (second,) = world.live_orders()
        assert world.order(second)["amended_from"] == first
        assert world.deal(deal)["erp_order_id"] == second
        assert world.deal(deal)["erp_order_status"] == "open"
        first = second
    assert world.errors() == {}


def test_what_was_shipped_stops_the_cancellation_and_a_person_is_asked(world: LaterWorld) -> None:
    deal = world.win()
    world.until_quiet()
    world.bert.ship(world.orders[0], Decimal("0.67"))
    world.until_quiet()
    world.anna.move_deal(deal, "lost")
    world.until_quiet()

    assert world.order(world.orders[0])["docstatus"] == 1
    assert "2 of 3 were shipped" in world.errors()[f"crm deals {deal}"]
    assert "2 of 3 were shipped" in world.deal(deal)["erp_sync_error"]

    world.anna.move_deal(deal, "won")
    world.until_quiet()
    assert world.errors() == {}
    assert not world.deal(deal)["erp_sync_error"]
    assert world.live_orders() == [world.orders[0]]


def test_a_shipment_that_overtakes_the_cancellation_is_a_question_for_a_person(world: LaterWorld) -> None:
    deal = world.win()
    world.until_quiet()
    (order,) = world.orders

    def ship_first(phase: str, call: Call) -> bool:
        if phase == "before" and call.path.endswith("frappe.client.cancel"):
            world.network.on_call = lambda *_: False
            world.bert.ship(order, Decimal(1))
        return False

    world.network.on_call = ship_first
    world.anna.move_deal(deal, "lost")
    world.until_quiet()
    assert world.live_orders() == [order]
    assert "cannot be cancelled" in world.errors()[f"crm deals {deal}"]
    assert "3 of 3 were shipped" in world.errors()[f"crm deals {deal}"], "a later look says it in the words of the trade"

    world.anna.move_deal(deal, "won")
    world.until_quiet()
    assert world.live_orders() == [order]
    assert world.errors() == {}


def test_an_order_that_a_person_cancelled_stays_cancelled_until_the_deal_is_won_again(world: LaterWorld) -> None:
    deal = world.win()
    world.until_quiet()
    world.bert.cancel_order(world.orders[0])
    world.until_quiet()
    assert world.deal(deal)["erp_order_status"] == "cancelled"
    assert world.live_orders() == []

    world.anna.move_deal(deal, "quoted")
    world.until_quiet()
    world.anna.move_deal(deal, "won")
    world.until_quiet()
    (order,) = world.live_orders()
    assert world.order(order)["amended_from"] == world.orders[0]
    assert world.deal(deal)["erp_order_id"] == order
    assert world.errors() == {}


def test_an_engine_that_lost_its_store_finds_the_order_at_the_end_of_the_chain(world: LaterWorld, tmp_path: Path) -> None:
    deal = world.win()
    world.until_quiet()
    for stage in ("quoted", "won", "quoted", "won"):
        world.anna.move_deal(deal, stage)
        world.until_quiet()
    (order,) = world.live_orders()

    world.host.kill("its disk is gone")
    world.state_dir = tmp_path / "new"
    world.host.start()
    world.until_quiet()
    assert world.live_orders() == [order]
    assert world.deal(deal)["erp_order_id"] == order
    assert len(list(world.erp.store.all("Sales Order"))) == 3

    world.anna.move_deal(deal, "lost")
    world.until_quiet()
    assert world.live_orders() == []
    assert world.errors() == {}


def test_an_archived_deal_whose_order_was_cancelled_needs_nobody(world: LaterWorld) -> None:
    deal = world.win()
    world.until_quiet()
    world.anna.move_deal(deal, "lost")
    world.until_quiet()
    world.anna.archive("deal", deal)
    world.until_quiet()
    assert world.errors() == {}
