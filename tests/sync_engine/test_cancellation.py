"""A deal that is won no longer: its order is cancelled while nothing was shipped; won again, it gets exactly one new order."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from after_the_win import LaterWorld


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
