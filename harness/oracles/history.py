"""A finished run as oracles see it: what was, what happened, what people meant. Values only; nothing here calls anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from harness.kit.journal import AnyEntry
from harness.kit.records import Record
from sync_engine.dictionary import Dictionary


@dataclass(frozen=True, slots=True)
class FlowCase:
    """One business case as the simulated people know it: the ground truth that no engine can touch.

    `refused_because` is set where a person made a deal that the ERP must refuse (an article it does not know): no order can come
    of it, and a person has to hear of it. `doubt` is set where the ERP may have refused the order at the time (a customer on hold):
    either it exists, or a person has heard. `won_at` is the last time the deal was won; `left_at` when a won deal was reopened or
    lost, `changed_at` when its lines last changed after a win; `archived`: it lies in the bin.
    """

    number: int
    company_id: str
    deal_id: str
    outcome: Literal["won", "lost", "open"]
    won_at: datetime | None = None
    refused_because: str = ""
    left_at: datetime | None = None
    changed_at: datetime | None = None
    archived: bool = False
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class OpenError:
    """An error the engine itself shows to people, through its errors list. `record` names the record as `crm deals 123`."""

    record: str
    cause: str


@dataclass(frozen=True, slots=True)
class History:
    """One run. `records[system][kind][id]` is the final state, archived records included."""

    scenario: str
    seed: int
    engine: str
    mode: Literal["simulation", "live"]
    dictionary: Dictionary
    entries: Sequence[AnyEntry]
    records: Mapping[str, Mapping[str, Mapping[str, Record]]]
    flows: Sequence[FlowCase]
    open_errors: Sequence[OpenError]
    started_at: datetime
    faults_off_at: datetime
    ended_at: datetime
    converge_within: timedelta
    still_pending: str = ""  # what kept the world busy when its time was up, or empty
    replay: str = ""  # the command that shows the run again
    notes: Mapping[str, str] = field(default_factory=dict)
