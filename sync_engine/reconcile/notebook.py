"""What a long job remembers between its steps, in the engine's store: its state, and facts by key. A killed job goes on from there.

Everything is kept under the job's name among the store's cursors, so that one transaction moves the job and its work together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

import msgspec

from sync_engine.store import Store

T = TypeVar("T")


class Walk(Protocol):
    """Where a job is that goes through pages, in phases, of one entity after the other: `after` is where its next page starts."""

    at: int
    phase: str
    after: str

    @property
    def entities(self) -> Sequence[str]: ...


class Notebook:
    """Notes of one job (`reconcile`, `backfill`) and one run of it. Writes belong into the caller's transaction."""

    def __init__(self, store: Store, job: str) -> None:
        self._store, self.job = store, job

    def state(self, type: type[T]) -> T | None:
        """The job's state as last saved; None if there is none, or one of an older form."""
        text = self._store.cursor(f"{self.job} state")
        try:
            return msgspec.json.decode(text.encode(), type=type) if text else None
        except msgspec.MsgspecError:
            return None

    def save(self, state: object) -> None:
        self._store.set_cursor(f"{self.job} state", msgspec.json.encode(state).decode())

    def go_on(self, walk: Walk, after: str, following: str, *, first: str, last: str) -> None:
        """To the next page, or the phase `following`, or the next entity's `first`, or, when all entities are through, `last`."""
        walk.after = after
        if not after and following:
            walk.phase = following
        elif not after:
            walk.at += 1
            walk.phase = first if walk.at < len(walk.entities) else last
        self.save(walk)

    def get(self, run: str, key: str) -> str:
        """A fact of this run, or an empty text."""
        return self._store.cursor(f"{self.job} {run} {key}")

    def put(self, run: str, key: str, value: str) -> None:
        self._store.set_cursor(f"{self.job} {run} {key}", value)

    def rows(self, run: str, count: int, type: type[T]) -> list[T]:
        """The first `count` rows put as `row 0`, `row 1`, …"""
        return [msgspec.json.decode(self.get(run, f"row {number}").encode(), type=type) for number in range(count)]

    def add_row(self, run: str, number: int, row: object) -> None:
        self.put(run, f"row {number}", msgspec.json.encode(row).decode())

    def forget(self, run: str) -> None:
        """Drop the facts of a run that is over, in the caller's transaction."""
        self._store.drop_cursors(f"{self.job} {run} ")
