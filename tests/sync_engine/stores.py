"""One store that tests open as often as they like: each opening is a replica, or the next incarnation."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from random import Random

from harness.kit.clock import ManualClock
from sync_engine.queue import WorkQueue
from sync_engine.replica import Replica
from sync_engine.store import Store, open_store

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class Backend:
    """`target` is a file or a URL."""

    def __init__(self, target: Path | str) -> None:
        self.target = target
        self._stores: list[Store] = []

    def open(self) -> Store:
        self._stores.append(open_store(self.target))
        return self._stores[-1]

    def close(self) -> None:
        for store in self._stores:
            store.close()


class Desk:
    """A queue on a manual clock. `shared`: one replica among others."""

    def __init__(self, store: Store, clock: ManualClock | None = None, *, shared: bool = False) -> None:
        self.clock, self.store = clock or ManualClock(), store
        self.replica = Replica(store, self.clock, shared=shared)
        self.replica.begin()
        self.queue = WorkQueue(store, self.clock, Random(1), self.replica)

    def due(self) -> list[str]:
        return [row.record for row in self.queue.take(limit=100)]
