"""What the store hands out, and how it fails. All instants are aware UTC; as text they are ISO 8601."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

BEING_REPLACED = "what the store holds is being replaced; wait until that is done"


class StoreError(RuntimeError):
    """The store cannot be used; the text says why and what to do. Never contains a password."""


class StoreUnavailable(StoreError):
    """The database does not answer just now: wait and ask again. What was not committed never happened."""


class LeaseLost(Exception):
    """The item was taken over by another replica meanwhile: what this one wanted to write about it must not be written."""


@dataclass(frozen=True, slots=True)
class Link:
    """The pair of records that are the same thing. `shadow`: the values of the target last agreed on, by field; None if unsure."""

    entity: str
    crm_id: str
    erp_id: str
    shadow: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record that does not sync. Times are ISO 8601 UTC; `status` is `open`, `resolved` or `skipped`; `classification` one of
    `outcomes.Classification`; `last_call` the vendor call that failed last, with its answer; `note` why a person skipped it; `work`
    the process, entity and record that failed, with blanks between."""

    record: str
    cause: str
    hint: str
    first_seen: str
    last_seen: str
    attempts: int
    status: str
    classification: str = "needs a person"
    correlation: str = ""
    last_call: str = ""
    note: str = ""
    work: str = ""


@dataclass(slots=True)
class WorkRow:
    """One open item of work, as stored. `generation` grows whenever somebody asks for the same work again; `claim` is the number
    under which its owner took it, unique within that owner: together they are the fencing token of everything written about it."""

    process: str
    entity: str
    record: str
    not_before: datetime
    attempts: int
    generation: int
    cause: str
    since: datetime
    claim: int = 0
    correlation: str = ""  # of the change that asked for it first
