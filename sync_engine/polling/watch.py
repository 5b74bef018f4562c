"""One thing that is looked at again and again, with a cursor of its own: one that fails holds up no other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from sync_engine.context import Context
from sync_engine.dictionary import System

SILENCE_MAX = timedelta(hours=24)  # webhooks that were not heard for so long are not relied on
STRETCH_MAX = 3  # how many times as long the wait may grow while webhooks tell everything first


def heard_cursor(system: System) -> str:
    """Where the time of a system's last webhook is kept, for all replicas."""
    return f"heard {system}"


class Watch(Protocol):
    """`every`: how often, in multiples of the usual interval. `look`: the regular pass; True: it found what no webhook told."""

    name: str
    system: System
    every: int

    async def look(self) -> bool: ...


class Pace:
    """How long to wait before one watch's next look. The wait grows by steps while webhooks arrive and the looks find nothing that
    they had not told; the first find brings it back."""

    def __init__(self, every: timedelta) -> None:
        self._every, self._stretch = every, 1
        self._missed_at: datetime | None = None

    def after(self, missed: bool, heard: datetime | None, now: datetime) -> timedelta:
        """`heard`: when that system's last webhook arrived."""
        if missed:
            self._stretch, self._missed_at = 1, now
        elif heard is None or now - heard > SILENCE_MAX or (self._missed_at is not None and heard <= self._missed_at):
            self._stretch = 1
        else:
            self._stretch = min(self._stretch + 1, STRETCH_MAX)
        return self._every * self._stretch


def write_down(
    context: Context,
    kind: str,
    rows: Sequence[Any],
    version: Callable[[Any], tuple[str, str]],
    look: Callable[[Any], bool],
    cursor: tuple[str, str] | None,
) -> bool:
    """Turn a page into work, in one transaction with what it covers: versions handled and the cursor (name, value). Versions that
    were handled before are passed over. True when any row asked for work."""
    store = context.store
    versions = dict(version(row) for row in rows)
    fresh = store.unseen(kind, versions.items())
    if not fresh and cursor is None:
        return False  # most looks find nothing new: those cost no transaction
    wanted, found = {record for record, _ in fresh}, False
    with store.transaction():
        for row in rows:
            if version(row)[0] in wanted:
                found = look(row) or found
        store.see(kind, fresh, context.clock.now())
        if cursor is not None:
            store.set_cursor(*cursor)
    return found
