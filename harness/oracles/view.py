"""A history with its indexes: who made which record, which requests and webhook calls were about it.

One pass over the journal builds them; the index of texts (which request *names* a record) costs more and is built the first
time a story is told, so a run without findings never pays for it. Everything here is linear in the journal. What belongs to
what is in the records alone and is read by `relations`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeVar
from urllib.parse import unquote_plus

from harness.kit.journal import (
    Answered,
    AnyEntry,
    Arrived,
    Changed,
    Decided,
    DeliveryAttempted,
    EngineEvent,
    FaultFired,
    PersonActed,
    Received,
)
from harness.kit.records import CREATED, Change
from harness.oracles.history import FlowCase, History
from harness.oracles.relations import LinkedRecords

Key = tuple[str, str, str]  # system, kind, id
T = TypeVar("T")

_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_TEXTS: Final = re.compile(r'"([^"\\]{1,140})"|(?<![\w.\-])(\d{2,20})(?![\w.])')
_IN_URL: Final = re.compile(r"[^/,&=\"\[\]?]{2,140}")


@dataclass(slots=True)
class Request:
    """One call from receipt to arrival. `seen` is empty where nobody recorded it (live mode); `status` 0 means no answer."""

    number: int
    at: datetime
    system: str
    caller: str
    method: str
    path: str
    query: str
    body: str
    operation: str = ""
    status: int = 0
    answer: str = ""
    seen: str = ""
    seen_at: datetime | None = None
    faults: list[FaultFired] = field(default_factory=list)

    @property
    def is_write(self) -> bool:
        return self.method not in _READS

    @property
    def never_arrived(self) -> bool:
        """The answer did not reach the client whole."""
        return self.seen not in ("", "reply")

    @property
    def refused(self) -> bool:
        return self.status >= 400

    @property
    def failed(self) -> bool:
        return self.refused or self.never_arrived


def is_person(by: str) -> bool:
    return by.startswith("person:")


def is_engine(by: str) -> bool:
    """Whoever is neither a person nor the vendor itself came through the API."""
    return by != "system" and not is_person(by)


class View(LinkedRecords):
    """The indexes of one history. Lists are in journal order."""

    def __init__(self, history: History) -> None:
        super().__init__(history)
        self.requests: dict[int, Request] = {}
        self.changes: dict[Key, list[Change]] = {}
        self.changed_by_request: dict[int, list[Key]] = {}
        self.acts: dict[tuple[str, str], list[PersonActed]] = {}
        self.crashes_and_restarts: list[EngineEvent] = []
        self.deliveries: list[DeliveryAttempted] = []
        for entry in history.entries:
            self._take(entry)
        self.flow_of_deal: dict[str, FlowCase] = {flow.deal_id: flow for flow in history.flows if flow.deal_id}
        self.flows_of_company: dict[str, list[FlowCase]] = {}
        for flow in history.flows:
            self.flows_of_company.setdefault(flow.company_id, []).append(flow)
        self._about: tuple[dict[str, list[int]], dict[str, list[DeliveryAttempted]]] | None = None
        self._kinds_of_id: dict[tuple[str, str], int] = {}
        self._memo: dict[str, Any] = {}

    def memo(self, name: str, compute: Callable[[], T]) -> T:
        """What `compute` gives, computed once for this history."""
        if name not in self._memo:
            self._memo[name] = compute()
        found: T = self._memo[name]
        return found

    def _take(self, entry: AnyEntry) -> None:
        if isinstance(entry, Received):
            self.requests[entry.number] = Request(
                entry.number, entry.at, entry.system, entry.caller, entry.method, entry.path, entry.query, entry.body
            )
        elif isinstance(entry, Changed):
            change = entry.change
            key = (entry.system, change.kind, change.id)
            self.changes.setdefault(key, []).append(change)
            if change.request:
                self.changed_by_request.setdefault(change.request, []).append(key)
        elif isinstance(entry, Decided | Answered | Arrived):
            self._follow(entry)
        else:
            self._take_event(entry)

    def _follow(self, entry: Decided | Answered | Arrived) -> None:
        request = self.requests.get(entry.number)
        if request is None:
            return
        if isinstance(entry, Decided):
            request.operation = entry.operation
        elif isinstance(entry, Answered):
            request.status, request.answer = entry.status, entry.body
        else:
            request.seen, request.seen_at = entry.seen, entry.at

    def _take_event(self, entry: AnyEntry) -> None:
        if isinstance(entry, PersonActed):
            if entry.record:  # `deals 123`, or the bare id
                self.acts.setdefault((entry.system, entry.record), []).append(entry)
        elif isinstance(entry, DeliveryAttempted):
            self.deliveries.append(entry)
        elif isinstance(entry, EngineEvent):
            if entry.event in ("crashed", "restarted"):
                self.crashes_and_restarts.append(entry)
        elif isinstance(entry, FaultFired):
            request = self.requests.get(entry.number)
            if request is not None:
                request.faults.append(entry)

    @property
    def crashes(self) -> list[EngineEvent]:
        return self.memo("crashes", lambda: [event for event in self.crashes_and_restarts if event.event == "crashed"])

    # -- makers ---------------------------------------------------------------------------------------------------

    def maker(self, key: Key) -> str:
        """Who created a record: `engine`, `person:anna`, `system`; empty when the journal does not know."""
        changes = self.changes.get(key)
        return changes[0].by if changes and changes[0].action == CREATED else ""

    def creating_request(self, key: Key) -> Request | None:
        changes = self.changes.get(key)
        if not changes or changes[0].action != CREATED:
            return None
        return self.requests.get(changes[0].request)

    # -- what was about a record ----------------------------------------------------------------------------------

    def requests_about(self, key: Key) -> list[Request]:
        """Requests of programs that changed this record or name it in path, query or body."""
        system, kind, record_id = key
        numbers = {change.request for change in self.changes.get(key, ()) if change.request}
        ambiguous = self._is_ambiguous(system, record_id)
        for number in self._texts()[0].get(record_id, ()):
            request = self.requests[number]
            if not ambiguous or kind in request.path or self._link_field_in(request, system, kind):
                numbers.add(number)
        found = [self.requests[number] for number in sorted(numbers) if number in self.requests]
        return [request for request in found if not is_person(request.caller)]

    def deliveries_about(self, key: Key) -> list[DeliveryAttempted]:
        system, kind, record_id = key
        stem = kind.casefold().rstrip("s")[:4]
        found = [delivery for delivery in self._texts()[1].get(record_id, ()) if delivery.system == system]
        if not self._is_ambiguous(system, record_id):
            return found
        return [delivery for delivery in found if stem in delivery.subject.casefold()]

    def _link_field_in(self, request: Request, system: str, kind: str) -> bool:
        for entity in self.history.dictionary.entities:
            if system == "crm" and entity.crm.kind == kind:
                return entity.erp.link_field in request.body or entity.erp.link_field in request.query
        return False

    def _is_ambiguous(self, system: str, record_id: str) -> bool:
        """Some vendors number each kind of record on its own, so an id alone may mean two records."""
        if not self._kinds_of_id:
            for name, kinds in self.history.records.items():
                for records in kinds.values():
                    for one in records:
                        self._kinds_of_id[(name, one)] = self._kinds_of_id.get((name, one), 0) + 1
        return self._kinds_of_id.get((system, record_id), 0) > 1

    def _texts(self) -> tuple[dict[str, list[int]], dict[str, list[DeliveryAttempted]]]:
        if self._about is None:
            wanted = self._interesting()
            requests: dict[str, list[int]] = {}
            for request in self.requests.values():
                if not is_person(request.caller):
                    for text in _texts_of(request) & wanted:
                        requests.setdefault(text, []).append(request.number)
            deliveries: dict[str, list[DeliveryAttempted]] = {}
            for delivery in self.deliveries:
                texts = _texts_in(delivery.body)
                texts.add(delivery.subject.partition(" ")[2])
                for text in texts & wanted:
                    deliveries.setdefault(text, []).append(delivery)
            self._about = requests, deliveries
        return self._about

    def _interesting(self) -> set[str]:
        kinds = {("crm", entity.crm.kind) for entity in self.history.dictionary.entities}
        kinds |= {("erp", entity.erp.kind) for entity in self.history.dictionary.entities}
        kinds |= {("erp", related.kind) for entity in self.history.dictionary.entities for related in entity.related.values()}
        return {record_id for system, kind in kinds for record_id in self.history.records.get(system, {}).get(kind, {})}


_last: list[View] = []


def view_of(history: History) -> View:
    """The view of this history; the last one built is kept, because several oracles judge the same run in turn."""
    if not _last or _last[0].history is not history:
        _last[:] = [View(history)]
    return _last[0]


def forget_view() -> None:
    """Let the memory of the last run go."""
    _last.clear()


def _texts_in(text: str) -> set[str]:
    return {quoted or number for quoted, number in _TEXTS.findall(text)}


def _texts_of(request: Request) -> set[str]:
    texts = _texts_in(request.body) if request.body else set()
    texts.update(request.path.split("/"))
    if request.query:
        query = unquote_plus(request.query)
        texts |= _texts_in(query)
        texts.update(_IN_URL.findall(query))
    return texts
