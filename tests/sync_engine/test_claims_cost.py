"""What a claim costs does not grow with what others hold: the database finds free items by an index that has only those."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from stores import NOW, Backend

from sync_engine.store import open_store

SOON = NOW + timedelta(minutes=1)


def steps(path: Path, process: str, held: int) -> tuple[int, int]:
    """How many instructions SQLite carries out for one claim, and for asking what is due next, while others hold so much."""
    store = open_store(path)
    with store.transaction():
        for number in range(held + 10):
            store.put_work("order", "order", f"{number:05}", NOW - timedelta(hours=1), NOW)
    if held:
        assert len(store.claim_work("other", 1, NOW, SOON, limit=held)) == held
    counted = [0]

    def count() -> int:
        counted[0] += 1
        return 0

    store._db._db.set_progress_handler(count, 1)  # type: ignore[attr-defined]
    assert len(store.claim_work("me", 1, NOW, SOON, process)) == 1
    claim, counted[0] = counted[0], 0
    assert store.next_due(NOW) is not None
    store.close()
    return claim, counted[0]


@pytest.mark.parametrize("process", ["", "order"], ids=["of any process", "of one process"])
def test_a_claim_costs_no_more_while_others_hold_a_thousand_items(tmp_path: Path, process: str) -> None:
    few, many = (steps(tmp_path / f"{held}.sqlite3", process, held) for held in (10, 1000))
    assert many[0] <= few[0] * 1.2
    assert many[1] <= few[1] * 1.2


def test_of_what_was_lost_only_what_is_due_is_taken_over(backend: Backend) -> None:
    """An item that was asked for again, for later, while its holder died over it."""
    store = backend.open()
    with store.transaction():
        for record in ("1", "2"):
            store.put_work("order", "order", record, NOW, NOW)
    assert [row.record for row in store.claim_work("dead", 1, NOW, SOON, limit=2)] == ["1", "2"]
    with store.transaction():
        store.put_work("order", "order", "1", NOW + timedelta(hours=1), NOW)
        store.put_work("order", "order", "3", NOW, NOW)
    after = SOON + timedelta(seconds=1)
    assert store.next_due(after) == NOW
    assert [row.record for row in store.claim_work("me", 1, after, after + timedelta(minutes=1), limit=5)] == ["2", "3"]
    assert store.next_due(after) == NOW + timedelta(hours=1)
    assert store.claim_work("me", 2, after, after + timedelta(minutes=1), "order") == []
