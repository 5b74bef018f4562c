"""A history with its indexes: who made which record, which requests and webhook calls were about it, what belongs to what.

One pass over the journal builds them; the index of texts (which request *names* a record) costs more and is built the first
time a story is told, so a run without findings never pays for it. Everything here is linear in the journal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
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
from harness.kit.records import CREATED, Change, Record
from harness.oracles.history import FlowCase, History
from sync_engine.dictionary import Entity

Key = tuple[str, str, str]  # system, kind, id
T = TypeVar("T")

CANCELLED: Final = 2
SUBMITTED: Final = 1
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


def is_live(record: Record) -> bool:
    """Neither archived nor cancelled."""
    return not record.archived and record.fields.get("docstatus", 0) != CANCELLED


def oldest_first(index: Mapping[Any, list[Record]]) -> None:
    """Sort each list by age, so that nothing depends on the order in which a store lists its records."""
    for records in index.values():
        if len(records) > 1:
            records.sort(key=lambda record: (record.created_at, record.id))


class View:
    """The indexes of one history. Lists are in journal order."""

    def __init__(self, history: History) -> None:
        self.history = history
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
        self._links: dict[str, dict[str, list[Record]]] = {}
        self._related: dict[tuple[str, str], dict[str, list[Record]]] = {}
        self._associations: dict[tuple[str, str], list[tuple[str, str]]] | None = None
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

    # -- records --------------------------------------------------------------------------------------------------

    def all(self, system: str, kind: str) -> Iterable[Record]:
        return self.history.records.get(system, {}).get(kind, {}).values()

    def get(self, system: str, kind: str, record_id: str) -> Record | None:
        return self.history.records.get(system, {}).get(kind, {}).get(record_id)

    def maker(self, key: Key) -> str:
        """Who created a record: `engine`, `person:anna`, `system`; empty when the journal does not know."""
        changes = self.changes.get(key)
        return changes[0].by if changes and changes[0].action == CREATED else ""

    def creating_request(self, key: Key) -> Request | None:
        changes = self.changes.get(key)
        if not changes or changes[0].action != CREATED:
            return None
        return self.requests.get(changes[0].request)

    def linked(self, entity: Entity, crm_id: str) -> list[Record]:
        """Live ERP records whose link field holds this CRM id, oldest first."""
        index = self._links.get(entity.name)
        if index is None:
            index = self._links[entity.name] = {}
            for record in self.all("erp", entity.erp.kind):
                value = record.fields.get(entity.erp.link_field)
                if value not in (None, "") and is_live(record):
                    index.setdefault(str(value), []).append(record)
            oldest_first(index)
        return index.get(crm_id, [])

    def linked_ids(self, entity: Entity) -> dict[str, list[Record]]:
        """All live ERP records that carry a CRM id, by that id."""
        self.linked(entity, "")
        return self._links[entity.name]

    def related(self, entity: Entity, name: str, erp_id: str) -> list[Record]:
        """All documents of a related set (drafts and cancelled ones too), oldest first; each once, however many rows refer here."""
        relation = entity.related[name]
        index = self._related.get((entity.name, name))
        if index is None:
            index = self._related[(entity.name, name)] = {}
            for document in self.all("erp", relation.kind):
                for value in dict.fromkeys(_values_at(document, relation.through)):
                    index.setdefault(value, []).append(document)
            oldest_first(index)
        return index.get(erp_id, [])

    def associated(self, kind: str, record_id: str, other_kind: str) -> list[Record]:
        """Live CRM records of `other_kind` associated with this one, in the order of their ids."""
        if self._associations is None:
            self._associations = _read_associations(self)
        found = (
            self.get("crm", other_kind, other)
            for name, other in self._associations.get((kind, record_id), ())
            if name == other_kind
        )
        live = {record.id: record for record in found if record is not None and not record.archived}
        return [live[record_id] for record_id in sorted(live, key=_id_order)]

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


def _values_at(document: Record, through: str) -> Iterator[str]:
    """The texts at `items.sales_order` (a column of a child table) or `sales_order` (a field)."""
    table, dot, column = through.partition(".")
    if not dot:
        value = document.fields.get(table)
        if value not in (None, ""):
            yield str(value)
        return
    for row in document.fields.get(table) or ():
        value = row.get(column)
        if value not in (None, ""):
            yield str(value)


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


def _id_order(record_id: str) -> tuple[int, str]:
    """Numbers in numeric order before texts."""
    return (int(record_id), "") if record_id.isdigit() else (1 << 62, record_id)


# HubSpot names both ends of an association by type id; other vendors' links would be read here too.
_KIND_OF_TYPE: Final = {"0-1": "contacts", "0-2": "companies", "0-3": "deals", "0-7": "products", "0-8": "line_items"}


def _read_associations(view: View) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Links by (kind, id). A link is a record of the kind `associations` with an id such as `0-3:123>0-8:456`."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for link in view.all("crm", "associations"):
        if link.archived:
            continue
        source, _, target = link.id.partition(">")
        source_type, _, source_id = source.partition(":")
        target_type, _, target_id = target.partition(":")
        kind = _KIND_OF_TYPE.get(source_type, source_type)
        found.setdefault((kind, source_id), []).append((_KIND_OF_TYPE.get(target_type, target_type), target_id))
    return found
