"""Closed Won, and what follows it, with the engine killed at every single await point of it: enumerated, not sampled.

The engine dies, comes back on its store, and the world must end as if nothing was. Of two replicas on one store the one dies
whose step it is, and the other goes on; the dead one comes back later. What a point is: `await_points`.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from after_the_win import LaterWorld
from await_points import AFTER_A_WHILE, AT_ONCE, CountingLoop, assert_all_end_well, killing
from world import World

from harness.kit.webhooks import DeliveryWeather
from sync_engine.dictionary import load
from sync_engine.replica import LEASE

LATER = LEASE + timedelta(seconds=10)  # when the other replica has taken over


@pytest.fixture(autouse=True)
def dictionaries_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of engines start here, and reading the file would be a third of their time."""
    monkeypatch.setattr("sync_engine.hosted.load", cache(load))


class WonDeal:
    """A world in which one deal is won while the engine waits for it; `die_before` is the step at which the engine is killed."""

    def __init__(self, state_dir: Path, die_before: int, *, webhooks: bool = True, back_after: timedelta = AFTER_A_WHILE) -> None:
        self.world, self.back_after = World(state_dir, loop=CountingLoop), back_after
        self.loop = killing(self.world, die_before, self._die)
        if not webhooks:
            for fake in (self.world.crm, self.world.erp):
                fake.webhooks.weather = DeliveryWeather(lose=1.0)
        self.world.host.start()
        self.world.pass_time(90)
        self.loop.armed = True
        self.begun = len(self.world.journal.entries)
        self.deal = self.world.win()

    def _die(self, _incarnation: int) -> None:
        self.world.host.kill("at an await point")
        self.world.host.restart_in(self.back_after)

    def ends(self) -> None:
        """Run until everything is quiet, stop counting once the deal is done, and look at what there is."""
        world = self.world
        for _ in range(900):  # a poll is never further away than five minutes
            if not self.loop.armed or (self._is_told() and world.host.ask("pending", "down") is None):
                break
            world.pass_time(1)
        self.loop.armed = False
        world.until_quiet()
        self.looks_right()

    def _is_told(self) -> bool:
        return bool(self.world.deal(self.deal).get("erp_order_id"))

    def looks_right(self) -> None:
        world, deal = self.world, self.world.deal(self.deal)
        counts = {kind: len(list(world.erp.store.all(kind))) for kind in ("Customer", "Address", "Contact", "Sales Order")}
        assert counts == {"Customer": 1, "Address": 1, "Contact": 1, "Sales Order": 1}
        (order,) = world.orders
        assert (deal["erp_order_id"], deal["erp_order_status"], deal.get("erp_sync_error") or "") == (order, "open", "")
        document = world.erp.store.get("Sales Order", order)
        assert document is not None
        assert (document.fields["docstatus"], document.fields["custom_crm_deal_id"]) == (1, self.deal)
        (company,) = world.crm.store.all("companies")
        assert company.fields["erp_customer_id"] == document.fields["customer"]
        assert world.host.ask("open_errors", None) == []


@pytest.mark.parametrize("back_after", [AFTER_A_WHILE, AT_ONCE], ids=["back after a while", "back at once"])
@pytest.mark.parametrize("webhooks", [True, False], ids=["told by webhooks", "found by polling alone"])
def test_a_crash_at_every_await_point_of_closed_won_changes_nothing(tmp_path: Path, webhooks: bool, back_after: timedelta) -> None:
    whole = WonDeal(tmp_path / "whole", 0, webhooks=webhooks)
    whole.ends()
    points, calls = whole.loop.steps, len(whole.world.calls(whole.begun))
    whole.world.close()
    assert points > calls >= 8  # before the first call and after each: else this no longer counts what it should

    def tell(state_dir: Path, point: int) -> WonDeal:
        return WonDeal(state_dir, point, webhooks=webhooks, back_after=back_after)

    assert_all_end_well(tmp_path, range(1, points + 1), tell, WonDeal.ends)


class Act:
    """What a person does, when it has had its effect, and what there is in the end; the deal of `after` was won before."""

    after = True

    def do(self, world: LaterWorld, deal: str) -> str:
        """The answer is the deal."""
        raise NotImplementedError

    def is_there(self, world: LaterWorld, deal: str) -> bool:
        raise NotImplementedError


class Wins(Act):
    after = False

    def do(self, world: LaterWorld, deal: str) -> str:
        return world.win()

    def is_there(self, world: LaterWorld, deal: str) -> bool:
        (order,) = world.live_orders() or [""]
        fields = world.deal(deal)
        return bool(order) and (fields.get("erp_order_id"), fields.get("erp_order_status")) == (order, "open")


class Amends(Act):
    def do(self, world: LaterWorld, deal: str) -> str:
        world.anna.change_quantity(deal, "SKU-1", Decimal(5))
        return deal

    def is_there(self, world: LaterWorld, deal: str) -> bool:
        return world.positions(world.orders[0]) == [("SKU-1", Decimal(5), Decimal(10))]


class Cancels(Act):
    def do(self, world: LaterWorld, deal: str) -> str:
        world.anna.move_deal(deal, "lost")
        return deal

    def is_there(self, world: LaterWorld, deal: str) -> bool:
        return world.order(world.orders[0])["docstatus"] == 2 and world.deal(deal).get("erp_order_status") == "cancelled"


class TwoReplicas:
    """A world of the full cycle with two replicas on one store; the one that is about to do step `die_before` is killed."""

    def __init__(self, state_dir: Path, act: Act, die_before: int) -> None:
        self.act, self.world = act, LaterWorld(state_dir, processes=None, loop=CountingLoop, replicas=2)
        self.world.fleet.start()
        self.world.pass_time(15)
        self.loop = killing(self.world, die_before, self._die)
        self.deal = ""
        if act.after:
            self.deal = self.world.win()
            self._until(Wins())

    def _die(self, incarnation: int) -> None:
        host = self.world.fleet.host_of(incarnation)
        assert host is not None
        host.kill("at an await point")
        host.restart_in(LATER)

    def lives(self) -> None:
        """Count from the act until it has had its effect, let whoever died come back and look at everything, and see what
        there is."""
        self.loop.armed, begun = True, len(self.world.journal.entries)
        self.deal = self.act.do(self.world, self.deal)
        self._until(self.act)
        self.loop.armed, self.calls = False, len(self.world.calls(begun))
        while not all(host.up for host in self.world.fleet.hosts):
            self.world.pass_time(10)
        self.world.pass_time(20)
        self._until(self.act)
        self._looks_right()

    def _until(self, act: Act) -> None:
        for _ in range(900):
            if act.is_there(self.world, self.deal) and self.world.pending() is None:
                return
            self.world.pass_time(1)
        raise AssertionError(f"nothing came of it; pending: {self.world.pending()}; {self.world.errors()}")

    def _looks_right(self) -> None:
        world = self.world
        counts = {kind: len(list(world.erp.store.all(kind))) for kind in ("Customer", "Address", "Contact", "Sales Order")}
        assert counts == {"Customer": 1, "Address": 1, "Contact": 1, "Sales Order": 1}
        assert world.fleet.open_errors() == []
        assert not world.deal(self.deal).get("erp_sync_error")


@pytest.mark.parametrize("act", [Wins(), Amends(), Cancels()], ids=["won", "amended", "cancelled"])
def test_of_two_replicas_one_dies_at_every_await_point_and_the_other_goes_on(tmp_path: Path, act: Act) -> None:
    whole = TwoReplicas(tmp_path, act, 0)
    whole.lives()
    points, calls = whole.loop.steps, whole.calls
    whole.world.close()
    assert points > 15, "this no longer counts what it should"
    assert points >= 3 * calls, "sent, applied and answered are points of their own"

    def tell(state_dir: Path, point: int) -> TwoReplicas:
        return TwoReplicas(state_dir, act, point)

    def end(story: TwoReplicas) -> None:
        story.lives()
        assert not story.loop.armed

    assert_all_end_well(tmp_path, range(1, points + 1), tell, end)
