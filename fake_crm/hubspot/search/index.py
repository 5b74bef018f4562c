"""The search index: a copy of every record that lags behind the store. Matching happens here, values come from the store.

Each committed write becomes visible `index_lag_s` later, in the order of the writes (section 8.3 of the facts; 5 s is our guess).
Lookups by equality use a table per property that is built when it is first asked for; lookups by modification time walk
back from the latest write. So both cost as many steps as they return, however many records there are.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from random import Random

from fake_crm.hubspot.model.definitions import Property
from fake_crm.hubspot.model.types import is_object_kind
from fake_crm.hubspot.settings import Settings
from fake_crm.hubspot.wire import ms_of
from harness.kit.clock import Clock
from harness.kit.records import CREATED, DELETED, Change, Fields, RecordStore

IMPORT = "system:import"  # who writes records that are loaded from files: they are searchable at once
LINKS = "associations"  # the store's kind of both directions of every link
Key = str | float | int | None


def key_of(prop: Property, text: str | None) -> Key:
    """A stored value in a form that compares as the vendor compares: numbers and instants by value, text without case."""
    if not text:
        return None
    if prop.type == "number":
        return number_of(text)
    if prop.type == "datetime" or prop.type == "date":
        return ms_of(text)
    return text if prop.type in ("enumeration", "bool") else text.lower()


def number_of(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


class TypeIndex:
    """One type's copy: fields by id, ids by recency of writing, and tables of equal values."""

    def __init__(self) -> None:
        self.documents: dict[str, Fields] = {}
        self.recency: dict[str, None] = {}
        self._equal: dict[str, tuple[Property, dict[Key, dict[str, None]]]] = {}

    def apply(self, record_id: str, fields: Fields | None) -> None:
        """Replace a record's copy; None takes it out."""
        old = self.documents.get(record_id)
        for prop, table in self._equal.values():
            before = key_of(prop, old.get(prop.name)) if old is not None else None
            after = key_of(prop, fields.get(prop.name)) if fields is not None else None
            if before != after:
                if before is not None:
                    table.get(before, {}).pop(record_id, None)
                if after is not None:
                    table.setdefault(after, {})[record_id] = None
        self.recency.pop(record_id, None)
        if fields is None:
            self.documents.pop(record_id, None)
            return
        self.documents[record_id] = fields
        self.recency[record_id] = None

    def equal(self, prop: Property, key: Key) -> dict[str, None]:
        """Ids of the records with this value."""
        held = self._equal.get(prop.name)
        if held is None or held[0] is not prop:
            table: dict[Key, dict[str, None]] = {}
            for record_id, fields in self.documents.items():
                value = key_of(prop, fields.get(prop.name))
                if value is not None:
                    table.setdefault(value, {})[record_id] = None
            held = self._equal[prop.name] = (prop, table)
        return held[1].get(key, {})

    def modified_since(self, name: str, since_ms: int, at_most: int) -> list[str] | None:
        """Ids written at or after an instant, latest first; None when there are more than `at_most`."""
        found: list[str] = []
        for record_id in reversed(self.recency):
            if (ms_of(self.documents[record_id].get(name, "")) or 0) < since_ms:
                break
            if len(found) == at_most:
                return None
            found.append(record_id)
        return found


class LinkIndex:
    """The associations as search sees them: linked ids by `0-3:123>0-2`."""

    def __init__(self) -> None:
        self._linked: dict[str, dict[str, None]] = {}

    def apply(self, link_id: str, fields: Fields | None) -> None:
        pair, _, other = link_id.rpartition(":")
        if fields is not None:
            self._linked.setdefault(pair, {})[other] = None
        elif pair in self._linked:
            self._linked[pair].pop(other, None)

    def of(self, source_type: str, source_id: str, target_type: str) -> Iterable[str]:
        """Ids of the records of a type that one record was linked to when the index last looked."""
        return self._linked.get(f"{source_type}:{source_id}>{target_type}", ())


class SearchIndexes:
    """The indexes of all types, fed by the store's commits; and the ids of each type in ascending order, which do not lag."""

    def __init__(self, store: RecordStore, clock: Clock, random: Random, settings: Settings) -> None:
        self._store, self._clock, self._random = store, clock, random
        self._lag = settings.index_lag_s
        self._spread = max(0.0, (settings.index_lag_s_max or 0.0) - settings.index_lag_s)
        self._waiting: deque[tuple[datetime, str, str, Fields | None]] = deque()
        self._latest: datetime | None = None
        self._types: dict[str, TypeIndex] = defaultdict(TypeIndex)
        self._links = LinkIndex()
        self._ids: dict[str, list[int]] = defaultdict(list)
        store.on_commit(self._committed)

    def of(self, kind: str) -> TypeIndex:
        """The index of a type as search sees it now."""
        self._drain(self._clock.now())
        return self._types[kind]

    def links(self) -> LinkIndex:
        """The associations as search sees them now."""
        self._drain(self._clock.now())
        return self._links

    def ids_after(self, kind: str, after: int) -> Iterator[int]:
        """Ids of a type at or above `after`, ascending, live and archived."""
        ids = self._ids[kind]
        for position in range(bisect_right(ids, after - 1), len(ids)):
            yield ids[position]

    def rebuild(self) -> None:
        """Start again from the store, without lag: after a snapshot was restored."""
        self._waiting.clear()
        self._types.clear()
        self._ids.clear()
        self._links = LinkIndex()
        for link in self._store.all(LINKS):
            self._links.apply(link.id, link.fields)
        for kind in filter(is_object_kind, self._store.kinds()):
            index = self._types[kind] = TypeIndex()
            records = sorted(self._store.all(kind), key=lambda record: record.updated_at)
            for record in records:
                index.apply(record.id, None if record.archived else record.fields)
            self._ids[kind] = sorted(int(record.id) for record in records)

    def _committed(self, changes: list[Change]) -> None:
        now = self._clock.now()
        self._drain(now)
        for change in changes:
            kind = change.kind
            if kind == LINKS:
                self._waiting.append((self._visible_at(now), kind, change.id, self._copy(kind, change.id)))
                continue
            if not is_object_kind(kind):
                continue
            if change.action == CREATED:
                self._note_id(kind, int(change.id))
            elif change.action == DELETED:
                self._ids[kind].remove(int(change.id))
            self._waiting.append((self._visible_at(now), kind, change.id, self._copy(kind, change.id)))
        if any(change.by == IMPORT for change in changes) and self._latest is not None:
            self._drain(self._latest)  # with everything before it: the order of the writes stays
            self._latest = now

    def _note_id(self, kind: str, number: int) -> None:
        ids = self._ids[kind]
        if not ids or number > ids[-1]:
            ids.append(number)
        else:
            insort(ids, number)

    def _copy(self, kind: str, record_id: str) -> Fields | None:
        record = self._store.get(kind, record_id)
        return None if record is None or record.archived else record.fields

    def _visible_at(self, now: datetime) -> datetime:
        lag = self._lag + (self._random.random() * self._spread if self._spread else 0.0)
        at = now + timedelta(seconds=lag)
        if self._latest is not None and at < self._latest:
            at = self._latest
        self._latest = at
        return at

    def _drain(self, now: datetime) -> None:
        waiting = self._waiting
        while waiting and waiting[0][0] <= now:
            _, kind, record_id, fields = waiting.popleft()
            (self._links if kind == LINKS else self._types[kind]).apply(record_id, fields)
