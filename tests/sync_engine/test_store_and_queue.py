"""The engine's memory: what was committed survives, what was not never happened."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from stores import NOW, Backend, Desk

from sync_engine.store import Store, StoreError
from sync_engine.store.schema import TABLES

STEPS: list[Callable[[Store], object]] = [
    lambda store: store.keep_event("k", "crm", NOW, "{}"),
    lambda store: store.intend("order", "5", NOW),
    lambda store: store.link("order", "5", "SO-1", {"a": "b"}),
    lambda store: store.set_cursor("deals", "1"),
    lambda store: store.see("deals", [("5", "v1")], NOW),
    lambda store: store.bury("crm deals 5", "cause", "hint", NOW),
]


def contents(store: Store) -> list[list[tuple[object, ...]]]:
    return [store.dump(table) for table in TABLES]


@pytest.mark.parametrize("died_after", range(len(STEPS)))
def test_a_death_inside_a_transaction_leaves_nothing_of_it(backend: Backend, died_after: int) -> None:
    store = backend.open()
    before = contents(store)
    store._db.begin()
    for step in STEPS[: died_after + 1]:
        step(store)
    store.close()
    assert contents(backend.open()) == before


def test_what_was_committed_is_there_after_a_death(backend: Backend) -> None:
    store = backend.open()
    with store.transaction():
        for step in STEPS:
            step(store)
    store.close()
    again = backend.open()
    link = again.linked("order", "5")
    assert link is not None
    assert (link.erp_id, link.shadow) == ("SO-1", {"a": "b"})
    assert not again.is_intended("order", "5"), "a link ends its intent"
    assert again.unseen("deals", [("5", "v1"), ("5", "v2")]) == [("5", "v2")]
    assert [letter.record for letter in again.dead_letters()] == ["crm deals 5"]
    assert not again.keep_event("k", "crm", NOW, "{}")


def test_an_error_inside_a_transaction_undoes_it(backend: Backend) -> None:
    store = backend.open()

    def fail_half_way() -> None:
        with store.transaction():
            store.set_cursor("deals", "1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert store.cursor("deals") == ""
    store.close()


def test_a_dead_letter_keeps_its_history_and_starts_anew_after_being_resolved(backend: Backend) -> None:
    store = backend.open()
    store.bury("crm deals 5", "a", "", NOW)
    store.bury("crm deals 5", "b", "", NOW + timedelta(hours=1))
    (letter,) = store.dead_letters()
    assert (letter.cause, letter.attempts, letter.first_seen) == ("b", 2, NOW.isoformat())
    assert store.resolve("crm deals 5")
    assert store.dead_letters() == []
    store.bury("crm deals 5", "c", "", NOW + timedelta(days=1))
    assert store.dead_letters()[0].attempts == 1
    store.close()


def test_a_newer_or_broken_file_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "broken").write_bytes(b"this is no database at all" * 100)
    with pytest.raises(StoreError, match="broken"):
        Store(tmp_path / "broken")
    newer = sqlite3.connect(tmp_path / "newer")
    newer.execute("PRAGMA user_version = 99")
    newer.close()
    with pytest.raises(StoreError, match="newer engine"):
        Store(tmp_path / "newer")


@pytest.fixture
def desk(backend: Backend) -> Desk:
    return Desk(backend.open())


def test_asking_often_is_one_look_and_asking_during_the_look_is_one_more(desk: Desk) -> None:
    for _ in range(5):
        desk.queue.put("order", "order", "5")
    (row,) = desk.queue.take(limit=100)
    desk.queue.put("order", "order", "5")
    assert desk.due() == [], "nobody works on one record twice at once"
    desk.queue.done(row)
    (row,) = desk.queue.take(limit=100)
    desk.queue.done(row)
    assert len(desk.queue) == 0
    assert desk.store.all_work() == []


def test_open_work_survives_a_death_with_its_attempts(desk: Desk, backend: Backend) -> None:
    desk.queue.put("order", "order", "5")
    (row,) = desk.queue.take()
    desk.queue.again(row, "the ERP is away")
    desk.queue.put("order", "order", "6", timedelta(hours=1))
    desk.store.close()

    reborn = Desk(backend.open())
    assert reborn.due() == []
    reborn.clock.advance(timedelta(seconds=2))
    (row,) = reborn.queue.take(limit=100)
    assert (row.record, row.attempts, row.cause) == ("5", 1, "the ERP is away")


def test_a_failed_item_comes_back_later_and_later_and_news_bring_it_forward(desk: Desk) -> None:
    desk.queue.put("order", "order", "5")
    for _ in range(8):
        (row,) = desk.queue.take()
        desk.queue.again(row, "no")
        due = desk.store.next_due(desk.clock.now())
        assert due is not None
        desk.clock.advance(due - desk.clock.now())
    assert [row.record for row in desk.queue.stuck()] == ["5"]
    (row,) = desk.queue.take()
    desk.queue.again(row, "no")
    assert desk.due() == []
    desk.queue.put("order", "order", "5")
    assert desk.due() == ["5"]
