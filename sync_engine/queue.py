"""Level-triggered work: one open item per (process, entity, record). Asking again meanwhile coalesces into one more look.

The queue lives in memory for speed and in the store for safety; the store is written first, inside the caller's transaction.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from random import Random

from sync_engine.ports import Clock
from sync_engine.retry import BETWEEN_ATTEMPTS
from sync_engine.store import Store, WorkRow

Key = tuple[str, str, str]
NOTHING = timedelta(0)
VISIBLE_AFTER = 6  # failed attempts after which a person is told, although the engine goes on trying


class WorkQueue:
    """Open items by key, and a heap of when they are due."""

    def __init__(self, store: Store, clock: Clock, random: Random) -> None:
        self._store, self._clock, self._random = store, clock, random
        self._items: dict[Key, WorkRow] = {}
        self._running: dict[Key, int] = {}  # key → generation that runs
        self._heap: list[tuple[datetime, int, Key]] = []
        self._order = count()
        self.changed = asyncio.Event()
        for row in store.all_work():
            self._schedule(row)

    def __len__(self) -> int:
        return len(self._items)

    def put(self, process: str, entity: str, record: str, delay: timedelta = NOTHING) -> None:
        """Ask for work, inside the caller's transaction. An item that already waits comes forward, never back."""
        key, now = (process, entity, record), self._clock.now()
        row = self._items.get(key)
        due = now + delay
        if row is None:
            row = WorkRow(process, entity, record, due, 0, 1, "", now)
        else:
            row.generation += 1
            if row.attempts == 0 and due >= row.not_before and key not in self._running:
                return  # it waits already, and will look at everything when it runs
            row.not_before = min(due, row.not_before) if key not in self._running else due
        self._store.save_work(row)
        self._schedule(row)

    def _schedule(self, row: WorkRow) -> None:
        key = (row.process, row.entity, row.record)
        self._items[key] = row
        heapq.heappush(self._heap, (row.not_before, next(self._order), key))
        self.changed.set()

    def take(self, wants: Callable[[WorkRow], bool] | None = None, limit: int = 1) -> list[WorkRow]:
        """Due items that nobody works on, at most `limit` that `wants` accepts, oldest first; they run until `done` or `again`."""
        now, taken, kept = self._clock.now(), list[WorkRow](), []
        while self._heap and len(taken) < limit and self._heap[0][0] <= now:
            entry = heapq.heappop(self._heap)
            row = self._items.get(entry[2])
            if row is None or entry[2] in self._running or entry[0] != row.not_before:
                continue  # finished, running, or moved: another entry stands for it
            if wants is not None and not wants(row):
                kept.append(entry)
                continue
            self._running[entry[2]] = row.generation
            taken.append(row)
        for entry in kept:
            heapq.heappush(self._heap, entry)
        return taken

    def next_due(self) -> datetime | None:
        """When the next item is due that nobody works on."""
        while self._heap:
            due, _, key = self._heap[0]
            row = self._items.get(key)
            if row is not None and key not in self._running and row.not_before == due:
                return due
            heapq.heappop(self._heap)
        return None

    def done(self, row: WorkRow) -> None:
        """Finish, inside the caller's transaction, unless somebody asked again meanwhile: then it is due at once."""
        key = (row.process, row.entity, row.record)
        started = self._running.pop(key)
        if row.generation == started:
            del self._items[key]
            self._store.delete_work(row)
            return
        row.attempts, row.cause, row.not_before = 0, "", max(row.not_before, self._clock.now())
        self._store.save_work(row)
        self._schedule(row)

    def again(self, row: WorkRow, cause: str, *, wait: timedelta | None = None, retry_after: timedelta | None = None) -> None:
        """Try later, inside the caller's transaction. With `wait` it is no failure and is not counted."""
        self._running.pop((row.process, row.entity, row.record), None)
        row.cause = cause
        if wait is None:
            row.attempts += 1
            wait = BETWEEN_ATTEMPTS.wait(row.attempts, self._random, retry_after)
        row.not_before = self._clock.now() + wait
        self._store.save_work(row)
        self._schedule(row)

    def describe_pending(self) -> str | None:
        """What is open, in words, or None."""
        if not self._items:
            return None
        row = next(iter(self._items.values()))
        reason = f": {row.cause}" if row.cause else ""
        first = f"{row.process} {row.entity} {row.record}"
        return f"{len(self._items)} open work items, first {first} (attempt {row.attempts + 1}{reason})"

    def stuck(self) -> list[WorkRow]:
        """Items that fail again and again."""
        return [row for row in self._items.values() if row.attempts >= VISIBLE_AFTER]
