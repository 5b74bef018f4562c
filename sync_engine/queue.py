"""Level-triggered work: one open item per (process, entity, record). Asking again meanwhile coalesces into one more look.

The queue is the store's table of work; all that lives here is which items this engine holds, and when to look next. What is taken
is claimed with a lease: replicas on one store share the work, and a dead one's items are taken over when its leases run out.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from itertools import count
from random import Random

from sync_engine.operations.correlation import CURRENT, new_correlation
from sync_engine.ports import Clock
from sync_engine.replica import Replica
from sync_engine.retry import BETWEEN_ATTEMPTS
from sync_engine.store import Store, WorkRow

Key = tuple[str, str, str]
NOTHING = timedelta(0)
VISIBLE_AFTER = 6  # failed attempts after which a person is told, although the engine goes on trying
LOOK_EVERY = timedelta(seconds=5)  # among replicas: how soon an idle one notices what another has asked for
LOOK_ALONE = timedelta(seconds=30)  # the same for an engine alone on its store, where only a person's tool puts work beside it


class WorkQueue:
    """`changed` is set whenever there may be something to take."""

    def __init__(self, store: Store, clock: Clock, random: Random, replica: Replica | None = None) -> None:
        self._store, self._clock, self._random = store, clock, random
        self.replica = replica or Replica(store, clock)
        self._held: dict[Key, WorkRow] = {}
        self._orphans: list[WorkRow] = []  # held, but what became of them could not be written down
        self._claims = count(1)
        self._look_at = clock.now()  # nothing can be taken earlier, as far as we know
        self.changed = asyncio.Event()

    def __len__(self) -> int:
        return self._store.count_work()

    def put(self, process: str, entity: str, record: str, delay: timedelta = NOTHING) -> None:
        """Ask for work, inside the caller's transaction. An item that already waits comes forward, never back."""
        now = self._clock.now()
        change = CURRENT.get()
        correlation = change.correlation if change is not None else new_correlation(process, entity, record, now)
        self._store.put_work(process, entity, record, now + delay, now, correlation)
        self._notice(now + delay)

    def _notice(self, due: datetime) -> None:
        if due < self._look_at:
            self._look_at = due
        self.changed.set()

    def take(self, process: str = "", limit: int = 1) -> list[WorkRow]:
        """Claim due items that nobody works on, at most `limit`, only of `process` if one is named, oldest first; they are ours
        until `done`, `again`, or the end of the lease."""
        now = self._clock.now()
        if self._look_at > now:
            return []
        if self._orphans:
            self._store.release_work(self.replica.owner, self._orphans)
            self._orphans.clear()
        rows = self._store.claim_work(self.replica.owner, next(self._claims), now, self.replica.until(), process, limit)
        if not rows and not process:
            self._look_ahead(now)
        self._held.update((_key(row), row) for row in rows)
        return rows

    def _look_ahead(self, now: datetime) -> None:
        latest = now + (LOOK_EVERY if self.replica.shared else LOOK_ALONE)
        self._look_at = min(self._store.next_due(now) or latest, latest)

    def next_due(self) -> datetime:
        """When it is worth looking again: when an item is due that nobody works on, or another replica may have asked for some."""
        if self._look_at <= (now := self._clock.now()):
            self._look_ahead(now)
        return self._look_at

    def done(self, row: WorkRow) -> None:
        """Finish, inside the caller's transaction, unless somebody asked again meanwhile: then it is due at once. Raises
        LeaseLost when another replica has taken the item over: the transaction rolls back."""
        if not self._store.finish_work(self.replica.owner, row, self._clock.now()):
            self._notice(self._clock.now())
        self._held.pop(_key(row), None)

    def again(self, row: WorkRow, cause: str, *, wait: timedelta | None = None, retry_after: timedelta | None = None) -> None:
        """Try later, inside the caller's transaction. With `wait` it is no failure and is not counted. Raises LeaseLost."""
        row.cause = cause
        if wait is None:
            row.attempts += 1
            wait = BETWEEN_ATTEMPTS.wait(row.attempts, self._random, retry_after)
        row.not_before = self._clock.now() + wait
        self._store.postpone_work(self.replica.owner, row)
        self._held.pop(_key(row), None)
        self._notice(row.not_before)

    def renew(self) -> None:
        """Hold what is being worked on for another lease."""
        for row in self._store.renew_work(self.replica.owner, list(self._held.values()), self.replica.until()):
            self._held.pop(_key(row), None)

    def abandon(self, rows: list[WorkRow]) -> None:
        """How these items ended could not be written down: let go of those that are still ours, as soon as the store answers."""
        for row in rows:
            self._held.pop(_key(row), None)
        self._orphans += rows
        self._notice(self._clock.now())

    def has_open(self, process: str) -> bool:
        """Whether any item of the process is open."""
        return self._store.has_work(process)

    def is_worked_on(self, process: str, entity: str, record: str) -> bool:
        """Whether any replica works on the item just now."""
        return self._store.is_worked_on(process, entity, record, self._clock.now())

    def describe_pending(self) -> str | None:
        """What is open, in words, or None."""
        rows = self._store.all_work(limit=1)
        if not rows:
            return None
        row = rows[0]
        reason = f": {row.cause}" if row.cause else ""
        first = f"{row.process} {row.entity} {row.record}"
        return f"{len(self)} open work items, first {first} (attempt {row.attempts + 1}{reason})"

    def stuck(self) -> list[WorkRow]:
        """Items that fail again and again."""
        return [row for row in self._store.failing_work() if row.attempts >= VISIBLE_AFTER]


def _key(row: WorkRow) -> Key:
    return row.process, row.entity, row.record
