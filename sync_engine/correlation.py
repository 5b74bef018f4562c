"""Which change the code at hand works on. Set by the loop for the task of a work item; everything that task calls can see it."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from hashlib import blake2s

from sync_engine.store import WorkRow


@dataclass(slots=True)
class Change:
    """One item of work while it runs. `last_call`: the vendor call that failed last, and what the vendor said to it."""

    correlation: str
    process: str
    record: str
    attempt: int
    last_call: str = ""


CURRENT: ContextVar[Change | None] = ContextVar("change", default=None)


def correlation_of(row: WorkRow) -> str:
    """The same for every attempt at one change, and another for the next change of the same record."""
    text = f"{row.process} {row.entity} {row.record} {row.since.isoformat()}"
    return blake2s(text.encode(), digest_size=8).hexdigest()
