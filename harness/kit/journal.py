"""Everything that happened in a run, in order: the one source that oracles, reports and comparisons read.

A request appears when it is received, when it is decided, when it is answered and when the answer reaches its client
(or does not), so "arrived but never answered" is visible. Equal seeds give equal `to_bytes()`. Authorization headers are
never recorded, and a body that carries credentials is recorded without them (see `Fake.redact`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TypeVar

import msgspec

from harness.kit.records import Change


class Entry(msgspec.Struct, frozen=True, gc=False, tag_field="entry"):
    """What all entries have: when it happened (virtual time in a simulation)."""

    at: datetime


class Received(Entry, frozen=True, gc=False, tag="received"):
    """A request reached a fake. `number` counts requests of the run from 1; `system` is `crm` or `erp`."""

    number: int
    system: str
    caller: str
    method: str
    path: str
    query: str
    body: str


class Decided(Entry, frozen=True, gc=False, tag="decided"):
    """What the fake made of a request: `accepted`, `limited:<policy>`, `unauthorized`, `fault:<effect>`."""

    number: int
    operation: str
    decision: str


class Answered(Entry, frozen=True, gc=False, tag="answered"):
    """The fake's answer, whether or not it then reached the client."""

    number: int
    status: int
    outcome: str
    body: str


class Arrived(Entry, frozen=True, gc=False, tag="arrived"):
    """What the client saw: `reply`, `timeout`, `reset`, `refused`, `cut`, `gone` (the client died before it came)."""

    number: int
    seen: str


class Changed(Entry, frozen=True, gc=False, tag="changed"):
    """A record of a fake changed."""

    system: str
    change: Change


class FaultFired(Entry, frozen=True, gc=False, tag="fault"):
    """A fault met a request (`number`) or a webhook delivery (`delivery`), or the engine; `fault` replays it."""

    fault: str
    on: str
    nth: int
    number: int = 0
    delivery: str = ""


class DeliveryAttempted(Entry, frozen=True, gc=False, tag="delivery"):
    """A fake called a webhook. `result` is a status such as `204`, or `timeout`, `refused`, `reset`, `lost`."""

    system: str
    delivery: str
    attempt: int
    result: str
    subject: str
    body: str


class DeliveryGivenUp(Entry, frozen=True, gc=False, tag="delivery_given_up"):
    """A fake stopped trying after `attempts`: what the delivery told is lost. `result` is what the last attempt came to."""

    system: str
    delivery: str
    attempts: int
    result: str
    subject: str


class EngineEvent(Entry, frozen=True, gc=False, tag="engine"):
    """Something about the engine under test: `started`, `ready`, `crashed`, `restarted`, `stopped`, `error`, `log`."""

    event: str
    detail: str = ""
    record: str = ""


class PersonActed(Entry, frozen=True, gc=False, tag="person"):
    """A simulated person did something, in words; `flow` numbers the business case from 1, `record` is what it touched."""

    person: str
    action: str
    flow: int
    system: str = ""
    record: str = ""


class Marker(Entry, frozen=True, gc=False, tag="marker"):
    """A phase of the run began: `faults_on`, `faults_off`, `quiet`, `end`."""

    name: str
    detail: str = ""


AnyEntry = (
    Received
    | Decided
    | Answered
    | Arrived
    | Changed
    | FaultFired
    | DeliveryAttempted
    | DeliveryGivenUp
    | EngineEvent
    | PersonActed
    | Marker
)
T = TypeVar("T", bound=Entry)


class Journal:
    """An append-only list of entries, with the numbering of requests."""

    def __init__(self) -> None:
        self.entries: list[AnyEntry] = []
        self.forgotten = 0  # entries dropped from the front; only a `RecentJournal` drops any
        self._requests = 0

    def next_request(self) -> int:
        self._requests += 1
        return self._requests

    def add(self, entry: AnyEntry) -> None:
        self.entries.append(entry)

    def of(self, kind: type[T]) -> Iterator[T]:
        """All entries of one type, in order."""
        return (entry for entry in self.entries if isinstance(entry, kind))

    def slice(self, after: int, limit: int) -> list[AnyEntry]:
        """At most `limit` entries after the first `after` ones ever added; those forgotten meanwhile are skipped."""
        first = max(0, after - self.forgotten)
        return self.entries[first : first + limit]

    def clear(self) -> None:
        self.forgotten += len(self.entries)
        self.entries.clear()

    def to_bytes(self) -> bytes:
        """One JSON object a line, keys in a fixed order: equal runs give equal bytes."""
        return to_lines(self.entries)


class RecentJournal(Journal):
    """A journal for servers that run for weeks: it keeps at least the latest `entries_max` entries, and at most twice as many."""

    def __init__(self, entries_max: int) -> None:
        super().__init__()
        self._entries_max = entries_max

    def add(self, entry: AnyEntry) -> None:
        entries = self.entries
        entries.append(entry)
        if len(entries) >= 2 * self._entries_max:
            surplus = len(entries) - self._entries_max
            del entries[:surplus]
            self.forgotten += surplus


def to_lines(entries: Iterable[AnyEntry]) -> bytes:
    encoder = msgspec.json.Encoder(enc_hook=str)
    return encoder.encode_lines(entries)
