"""Which change the code at hand works on. Set by the loop for the task of a work item; everything that task calls can see it."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2s


@dataclass(slots=True)
class Change:
    """One item of work while it runs. `last_call`: the vendor call that failed last, and what the vendor said to it."""

    correlation: str
    process: str
    record: str
    attempt: int
    last_call: str = ""


CURRENT: ContextVar[Change | None] = ContextVar("change", default=None)


def new_correlation(process: str, entity: str, record: str, at: datetime) -> str:
    """For a change that is noticed now. Whatever its work asks for in turn carries the same."""
    return blake2s(f"{process} {entity} {record} {at.isoformat()}".encode(), digest_size=8).hexdigest()
