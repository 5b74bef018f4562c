"""Which change the code at hand works on. Set for the task of a work item; everything that the task calls can see it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2s

from sync_engine.store import WorkRow

Key = tuple[str, str, str]


@dataclass(slots=True)
class Change:
    """One item of work while it runs, or a batch under the name of its first. `last_call`: the vendor call that failed last, and
    what the vendor said to it. `parts`: the items of a batch that were worked on by themselves; `ended`: those that ended so."""

    correlation: str
    process: str
    record: str
    attempt: int
    last_call: str = ""
    parts: dict[Key, Change] = field(default_factory=dict)
    ended: set[Key] = field(default_factory=set)


CURRENT: ContextVar[Change | None] = ContextVar("change", default=None)


@contextmanager
def working_on(row: WorkRow) -> Iterator[Change]:
    """What happens inside belongs to this item, also when it is one of a batch; coming back to it goes on with the same."""
    outer = CURRENT.get()
    key = key_of(row)
    change = outer.parts.get(key) if outer is not None else None
    if change is None:
        change = Change(row.correlation, row.process, f"{row.entity} {row.record}", row.attempts + 1)
        if outer is not None:
            outer.parts[key] = change
    token = CURRENT.set(change)
    try:
        yield change
    finally:
        CURRENT.reset(token)


def key_of(row: WorkRow) -> Key:
    return row.process, row.entity, row.record


def new_correlation(process: str, entity: str, record: str, at: datetime) -> str:
    """For a change that is noticed now. Whatever its work asks for in turn carries the same."""
    return blake2s(f"{process} {entity} {record} {at.isoformat()}".encode(), digest_size=8).hexdigest()
