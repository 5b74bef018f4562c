"""A deal is won, amended, reopened and won again, and at each single write of the engine something goes wrong, enumerated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from after_the_win import LaterWorld

from harness.kit.call import Call
from harness.kit.faults import AnyEffect, Fault, LoseReply, ProxyPage, RefuseConnection
from harness.kit.webhooks import DeliveryWeather

WRITES = 11  # of the whole story; a test below says so
READS = ("/search", "/batch/read", "get_list", "get_count")


class Life:
    """The story. `mishap` is told of every write of the engine after the first set-up: (phase, number of the write, call)."""

    def __init__(self, world: LaterWorld) -> None:
        self.world = world.started()
        self.world.until_quiet()
        self.writes = 0
        self.mishap: Callable[[str, int, Call], bool] = lambda phase, number, call: False
        self.world.network.on_call = self._on_call

    def _on_call(self, phase: str, call: Any) -> bool:
        if call.caller != "engine" or call.method == "GET" or call.path.endswith(READS):
            return False
        self.writes += phase == "before"
        return self.mishap(phase, self.writes, call)

    def live(self) -> str:
        world = self.world
        deal = world.win()
        world.until_quiet()
        world.anna.change_quantity(deal, "SKU-1", Decimal(5))
        world.until_quiet()
        world.anna.move_deal(deal, "quoted")
        world.until_quiet()
        assert world.live_orders() == []
        world.anna.move_deal(deal, "won")
        world.until_quiet()
        return deal

    def ends_well(self, deal: str) -> None:
        world = self.world
        (order,) = world.live_orders()
        assert world.positions(order) == [("SKU-1", Decimal(5), Decimal(10))]
        assert [len(list(world.erp.store.all(kind))) for kind in ("Customer", "Address", "Contact", "Sales Order")] == [1, 1, 1, 2]
        assert world.deal(deal)["erp_order_id"] == order
        assert world.deal(deal)["erp_order_status"] == "open"
        assert world.errors() == {}
        assert not world.deal(deal).get("erp_sync_error")


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    life = Life(LaterWorld(tmp_path))
    yield life
    life.world.close()


def test_the_story_has_no_more_writes_than_are_enumerated(life: Life) -> None:
    life.ends_well(life.live())
    assert life.writes == WRITES


@pytest.mark.parametrize("number", range(1, WRITES + 1))
@pytest.mark.parametrize("phase", ["before", "after"])
def test_killed_at_a_write(life: Life, phase: str, number: int) -> None:
    def die(now: str, write: int, call: Call) -> bool:
        if (now, write) != (phase, number):
            return False
        life.mishap = lambda *_: False
        life.world.host.kill(phase)
        life.world.host.restart_in(timedelta(seconds=5))
        return True

    life.mishap = die
    life.ends_well(life.live())


@pytest.mark.parametrize("number", range(1, WRITES + 1))
@pytest.mark.parametrize("effect", [LoseReply(), ProxyPage(504, applied=True), RefuseConnection()], ids=str)
def test_a_reply_that_goes_wrong(life: Life, effect: AnyEffect, number: int) -> None:
    def disturb(now: str, write: int, call: Call) -> bool:
        if (now, write) == ("before", number):
            life.mishap = lambda *_: False
            fake, system = (life.world.crm, "crm") if call.path.startswith("/crm/") else (life.world.erp, "erp")
            fake.faults.inject(Fault(f"{system}.*", effect))
        return False

    life.mishap = disturb
    life.ends_well(life.live())
    assert life.world.crm.faults.not_yet_fired == life.world.erp.faults.not_yet_fired == []


def test_the_story_under_the_dictionary_of_the_full_cycle(tmp_path: Path) -> None:
    life = Life(LaterWorld(tmp_path, processes=None))
    life.ends_well(life.live())
    life.world.close()


def test_the_story_by_polling_alone(life: Life) -> None:
    for fake in (life.world.crm, life.world.erp):
        fake.webhooks.weather = DeliveryWeather(lose=1.0)
    life.ends_well(life.live())


def test_a_deal_won_again_while_its_cancellation_is_on_the_way_gets_a_new_order_once(life: Life) -> None:
    world = life.world
    deal = world.win()
    world.until_quiet()

    def win_again(phase: str, write: int, call: Call) -> bool:
        if call.path.endswith("frappe.client.cancel") and phase == "after":
            life.mishap = lambda *_: False
            world.host.kill("in the middle of a cancellation")
            world.anna.move_deal(deal, "won")
            world.host.restart_in(timedelta(seconds=5))
            return True
        return False

    life.mishap = win_again
    world.anna.move_deal(deal, "lost")
    world.until_quiet()
    (order,) = world.live_orders()
    assert world.order(order)["amended_from"] == world.orders[0]
    assert world.deal(deal)["erp_order_id"] == order
    assert world.errors() == {}
