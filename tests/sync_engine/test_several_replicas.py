"""Several engines on one store in virtual time: each order once, whoever made it, and whoever died over it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from stores import Backend
from tiny_vendors import DICTIONARY, World

from harness.sim.loop import INCARNATION
from sync_engine.context import make_context
from sync_engine.dictionary import load
from sync_engine.engine import Engine
from sync_engine.replica import LEASE

POLL = 305


class Fleet(World):
    """A world with several engines at once."""

    def __init__(self, backend: Backend, state_dir: Path, size: int = 2) -> None:
        super().__init__(state_dir)
        self._store = str(backend.target)
        self.replicas: dict[int, Engine] = {}  # by incarnation
        for _ in range(size):
            self.add()

    def add(self) -> int:
        settings = self.settings(store=self._store, replicas=True)
        number = self.loop.new_incarnation()
        token = INCARNATION.set(number)
        engine = Engine(make_context(settings, load(DICTIONARY), self.clock, Random(number), self.vendors))
        self.replicas[number] = engine
        self.loop.create_task(engine.run(), name=f"engine {number}")
        INCARNATION.reset(token)
        self.engine = engine
        return number

    def kill_one(self, number: int) -> None:
        self.loop.kill(number)
        self.replicas.pop(number).kill()
        self.engine = next(iter(self.replicas.values()), None)

    def quiet(self) -> None:
        end = self.loop.time() + 3600
        while reasons := [reason for engine in self.replicas.values() if (reason := engine.pending()) is not None]:
            assert self.loop.time() < end, f"still pending: {reasons}"
            self.pass_time(1)

    def close(self) -> None:
        for number in list(self.replicas):
            self.kill_one(number)
        super().close()

    def counts(self) -> dict[str, int]:
        return {kind: len(self.vendors.erp.get(kind, {})) for kind in ("Customer", "Address", "Contact", "Sales Order")}

    def pollers(self) -> list[int]:
        return [number for number, engine in self.replicas.items() if engine._polling is not None]


@pytest.fixture
def fleet(backend: Backend, tmp_path: Path) -> Iterator[Fleet]:
    fleet = Fleet(backend, tmp_path)
    yield fleet
    fleet.close()


def sell(fleet: Fleet, count: int, *, first: int = 501, one_company: bool = False) -> None:
    for number in range(count):
        company = "701" if one_company else str(701 + number + first)
        fleet.vendors.won_deal(str(first + number), company=company, contact=str(301 + number + first))


def test_two_replicas_do_everything_once(fleet: Fleet) -> None:
    fleet.pass_time(5)
    sell(fleet, 12, one_company=True)
    fleet.pass_time(POLL)
    fleet.quiet()
    assert fleet.counts() == {"Customer": 1, "Address": 1, "Contact": 12, "Sales Order": 12}
    assert fleet.vendors.sent("POST", "/Sales Order") == 12
    assert fleet.vendors.sent("POST", "/Customer") == 1, "one customer is created by one replica at a time"
    assert all(deal["erp_order_id"] for deal in fleet.vendors.crm["deals"].values())
    assert all(engine.open_errors() == [] for engine in fleet.replicas.values())


def test_one_replica_polls_and_another_takes_over_when_it_dies(fleet: Fleet) -> None:
    fleet.pass_time(60)
    (poller,) = fleet.pollers()
    before = fleet.vendors.sent("POST", "/deals/search")
    fleet.pass_time(600)
    assert fleet.vendors.sent("POST", "/deals/search") - before <= 3, "two replicas cost no more polls than one"
    fleet.kill_one(poller)
    fleet.pass_time(LEASE.total_seconds() * 2)
    assert len(fleet.pollers()) == 1
    sell(fleet, 1)
    fleet.pass_time(POLL)
    fleet.quiet()
    assert fleet.counts()["Sales Order"] == 1


def test_a_replica_that_starts_looks_at_both_systems_at_once(fleet: Fleet) -> None:
    """What was told while it was down may have reached nobody; neither the next poll nor a dead one's lease is waited for."""
    fleet.pass_time(60)
    (poller,) = fleet.pollers()
    fleet.kill_one(poller)
    sell(fleet, 1)
    newest = fleet.add()
    assert fleet.replicas[newest].pending() == "no replica polls yet"
    fleet.quiet()
    assert fleet.counts()["Sales Order"] == 1
    assert fleet.pollers() == [newest]


def test_nobody_says_all_is_done_while_the_one_that_polled_is_dead(fleet: Fleet) -> None:
    fleet.pass_time(60)
    (poller,) = fleet.pollers()
    fleet.kill_one(poller)
    fleet.pass_time(LEASE.total_seconds() - 1)
    assert [engine.pending() for engine in fleet.replicas.values()] == ["no replica polls yet"]
    fleet.quiet()
    assert fleet.pollers() == list(fleet.replicas)


def test_replicas_know_how_many_they_are(fleet: Fleet) -> None:
    fleet.pass_time(60)
    assert [engine.c.replica.count for engine in fleet.replicas.values()] == [2, 2]
    fleet.kill_one(next(iter(fleet.replicas)))
    fleet.pass_time(LEASE.total_seconds() * 2)
    assert [engine.c.replica.count for engine in fleet.replicas.values()] == [1]


def test_a_handler_that_takes_longer_than_a_lease_keeps_its_item(fleet: Fleet) -> None:
    fleet.pass_time(5)
    sell(fleet, 1)
    make_a_create_late(fleet, 5 * LEASE)
    fleet.pass_time(POLL + 6 * LEASE.total_seconds())
    fleet.quiet()
    assert fleet.counts()["Sales Order"] == 1
    assert fleet.vendors.sent("POST", "/Sales Order") == 1


def test_a_frozen_replica_that_wakes_up_writes_nothing_over_its_successors_work(fleet: Fleet) -> None:
    """It sends the create, stands still for longer than its lease, and goes on as if nothing had happened."""
    fleet.pass_time(5)
    for engine in fleet.replicas.values():
        engine.c.queue.renew = lambda: None  # type: ignore[method-assign]
    sell(fleet, 1)
    make_a_create_late(fleet, 3 * LEASE)
    fleet.pass_time(POLL + 8 * LEASE.total_seconds())
    fleet.quiet()
    assert fleet.vendors.sent("POST", "/Sales Order") == 2, "the item was taken over and the create sent again"
    assert fleet.counts()["Sales Order"] == 1
    (deal,) = fleet.vendors.crm["deals"].values()
    assert (deal["erp_order_id"], deal["erp_order_status"]) == ("Sales Order-1", "open")
    assert all(engine.open_errors() == [] for engine in fleet.replicas.values())


def make_a_create_late(fleet: Fleet, wait: timedelta) -> None:
    """The first create of an order takes that long to arrive."""
    send, first = fleet.vendors.send, [True]

    async def late(
        method: str, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> tuple[int, Mapping[str, str], bytes]:
        if method == "POST" and url.endswith("/Sales%20Order") and first:
            first.clear()
            await asyncio.sleep(wait.total_seconds())
        return await send(method, url, headers, body, timeout_s)

    fleet.vendors.send = late  # type: ignore[method-assign]


def test_replicas_with_different_dictionaries_get_along(fleet: Fleet) -> None:
    """As while one replica after the other is updated: the newer one needs a field more."""
    (newer, *_) = fleet.replicas.values()
    newer.c.wanted_fields += " deals.newer"
    fleet.pass_time(30)
    assert [engine.c.provisioned for engine in fleet.replicas.values()] == [False, True], "the newer one is still waiting"
    with newer.c.store.transaction():
        newer.c.store.set_cursor("provisioned", f"{newer.c.store.cursor('provisioned')} deals.newer")
    sell(fleet, 1)
    fleet.pass_time(POLL)
    fleet.quiet()
    assert fleet.counts()["Sales Order"] == 1
    before = fleet.vendors.sent("GET", "/properties/")
    fleet.pass_time(60)
    assert fleet.vendors.sent("GET", "/properties/") == before, "nobody looks at the fields again and again"


@pytest.mark.parametrize("nth", [*range(1, 30, 4), *range(30, 80, 9)])
def test_a_replica_that_dies_over_any_call_leaves_one_of_everything(tmp_path: Path, nth: int) -> None:
    fleet = Fleet(Backend(tmp_path / "s.sqlite3"), tmp_path)
    sell(fleet, 3, one_company=True)
    count = 0

    def die(method: str, path: str, _: int) -> str | None:
        nonlocal count
        count += 1
        if count == nth:
            caller = INCARNATION.get()
            fleet.loop.call_later(0.005, fleet.kill_one, caller)
        return None

    fleet.vendors.mishap = die
    fleet.pass_time(POLL)
    if len(fleet.replicas) < 2:
        fleet.add()
    fleet.pass_time(LEASE.total_seconds())
    fleet.quiet()
    assert fleet.counts() == {"Customer": 1, "Address": 1, "Contact": 3, "Sales Order": 3}
    assert all(deal["erp_order_id"] and deal["erp_order_status"] == "open" for deal in fleet.vendors.crm["deals"].values())
    fleet.close()
