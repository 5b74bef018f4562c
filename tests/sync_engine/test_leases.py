"""Replicas on one store: nobody works on an item that another one holds, and what a dead one held is taken over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from stores import NOW, Backend, Desk

from harness.kit.clock import ManualClock
from sync_engine.queue import LOOK_EVERY
from sync_engine.replica import LEASE, TEND_EVERY
from sync_engine.store import LeaseLost

ITEM = ("order", "order", "5")


class Pair:
    """Two replicas on one store and one clock."""

    def __init__(self, backend: Backend) -> None:
        self.clock = ManualClock()
        self.a, self.b = (Desk(backend.open(), self.clock, shared=True) for _ in range(2))

    def later(self, wait: timedelta) -> None:
        self.clock.advance(wait)


@pytest.fixture
def pair(backend: Backend) -> Pair:
    return Pair(backend)


def test_replicas_share_the_work_and_never_hold_the_same_item(pair: Pair) -> None:
    for number in range(6):
        pair.a.queue.put("order", "order", str(number))
    taken = [row.record for _ in range(3) for desk in (pair.a, pair.b) for row in desk.queue.take()]
    assert sorted(taken) == ["0", "1", "2", "3", "4", "5"]
    assert pair.a.due() == pair.b.due() == []
    assert pair.a.replica.owner != pair.b.replica.owner


def test_a_dead_ones_work_is_taken_over_when_its_lease_runs_out(pair: Pair) -> None:
    pair.a.queue.put(*ITEM)
    pair.a.queue.take()
    pair.later(LEASE - timedelta(seconds=1))
    assert pair.b.due() == []
    pair.later(LOOK_EVERY)
    assert pair.b.due() == ["5"]


def test_a_lease_that_is_renewed_does_not_run_out(pair: Pair) -> None:
    pair.a.queue.put(*ITEM)
    (row,) = pair.a.queue.take()
    for _ in range(12):
        pair.later(TEND_EVERY)
        assert pair.a.replica.tend()
        pair.a.queue.renew()
        assert pair.b.due() == []
    pair.a.queue.done(row)
    assert len(pair.b.queue) == 0


def test_what_was_taken_over_cannot_be_finished_by_its_former_owner_and_the_transaction_rolls_back(pair: Pair) -> None:
    pair.a.queue.put(*ITEM)
    (old,) = pair.a.queue.take()
    pair.later(LEASE + timedelta(seconds=1))
    (new,) = pair.b.queue.take()

    def finish() -> None:
        with pair.a.store.transaction():
            pair.a.store.link("order", "5", "SO-OLD", None)
            pair.a.queue.done(old)

    with pytest.raises(LeaseLost):
        finish()
    assert pair.a.store.linked("order", "5") is None
    with pytest.raises(LeaseLost):
        pair.a.queue.again(old, "too late")
    pair.a.queue.abandon([old])
    assert pair.a.due() == [], "letting go of what another one has leaves it to them"
    pair.b.queue.done(new)
    assert len(pair.a.queue) == 0


def test_an_item_made_anew_is_not_finished_by_who_held_the_old_one(pair: Pair) -> None:
    pair.a.queue.put(*ITEM)
    (old,) = pair.a.queue.take()
    pair.later(LEASE + timedelta(seconds=1))
    (row,) = pair.b.queue.take()
    pair.b.queue.done(row)
    pair.b.queue.put(*ITEM)
    (again,) = pair.a.queue.take()
    with pytest.raises(LeaseLost):
        pair.a.queue.done(old)
    pair.a.queue.done(again)


def test_who_was_only_late_may_finish_when_nobody_took_over_and_news_are_not_lost(pair: Pair) -> None:
    pair.a.queue.put(*ITEM)
    (row,) = pair.a.queue.take()
    pair.later(LEASE + timedelta(seconds=1))
    pair.b.queue.put(*ITEM)
    pair.a.queue.done(row)
    assert pair.b.due() == ["5"], "somebody asked again meanwhile"


def test_an_orderly_end_gives_everything_back_at_once(pair: Pair) -> None:
    pair.a.queue.put(*ITEM)
    pair.a.queue.take()
    assert pair.a.replica.acquire("polling")
    assert not pair.b.replica.acquire("polling")
    pair.a.replica.leave()
    assert pair.b.due() == ["5"]
    assert pair.b.replica.acquire("polling")


def test_one_replica_polls_and_another_one_takes_over(pair: Pair) -> None:
    assert pair.a.replica.acquire("polling")
    for _ in range(5):
        pair.later(TEND_EVERY)
        pair.a.replica.tend()
        assert not pair.b.replica.acquire("polling")
    pair.later(LEASE + timedelta(seconds=1))
    assert not pair.a.replica.is_held_by_anybody("polling")
    assert pair.b.replica.acquire("polling")
    assert not pair.a.replica.acquire("polling"), "the former one notices"


def test_the_living_are_counted(pair: Pair) -> None:
    pair.a.replica.tend()
    pair.b.replica.tend()
    assert pair.b.replica.count == 2
    pair.later(LEASE + timedelta(seconds=1))
    pair.b.replica.tend()
    assert pair.b.replica.count == 1


def test_an_engine_alone_on_its_store_takes_up_at_once_what_it_held_before_it_died(backend: Backend) -> None:
    first = Desk(backend.open())
    first.queue.put(*ITEM)
    (row,) = first.queue.take()
    first.store.close()
    second = Desk(backend.open())
    assert second.due() == ["5"]
    assert second.replica.owner != first.replica.owner
    assert row.claim == 1


def test_what_could_not_be_written_down_is_let_go_of(pair: Pair) -> None:
    pair.a.queue.put(*ITEM)
    rows = pair.a.queue.take()
    pair.a.queue.abandon(rows)
    assert pair.a.due() == ["5"]


def test_work_put_by_one_is_noticed_by_the_other_at_its_next_look(pair: Pair) -> None:
    assert pair.b.due() == []
    pair.a.queue.put(*ITEM)
    pair.later(LOOK_EVERY)
    due = pair.b.queue.next_due()
    assert due is not None
    assert due <= pair.clock.now()
    assert pair.b.due() == ["5"]


def test_whether_an_item_is_worked_on_is_known_to_all(pair: Pair) -> None:
    pair.a.queue.put(*ITEM)
    assert not pair.b.queue.is_worked_on(*ITEM)
    (row,) = pair.a.queue.take()
    assert pair.b.queue.is_worked_on(*ITEM)
    pair.a.queue.again(row, "later")
    assert not pair.b.queue.is_worked_on(*ITEM)


def test_a_lease_by_name(backend: Backend) -> None:
    store, minute = backend.open(), timedelta(minutes=1)
    assert store.lease("x", "a", NOW + minute, NOW)
    assert not store.lease("x", "b", NOW + minute, NOW)
    assert store.lease_holder("x", NOW) == "a"
    assert store.lease("x", "b", NOW + 3 * minute, NOW + minute)
    store.release_lease("x", "a")
    assert store.lease_holder("x", NOW + minute) == "b", "only its owner lets go of it"
