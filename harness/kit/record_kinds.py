"""The table of one kind of record: the records themselves, their unique values, their indexes and the order of writing.

A `Kind` keeps these consistent with each other, record by record, and can undo what was done to one. It knows no clock,
no change feed and no transaction: `kit.records` builds the store from such tables and decides when something is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from harness.kit.record_orders import NameOrder, Timeline

Normaliser = Callable[[Any], Any]
Fields = dict[str, Any]


class UniqueConflict(Exception):
    """A write would give two live records the same value of a unique field; nothing was written."""

    def __init__(self, kind: str, field: str, value: Any, holder: str) -> None:
        super().__init__(f"{kind}.{field} = {value!r} is held by {holder}")
        self.kind, self.field, self.value, self.holder = kind, field, value, holder


class Record(msgspec.Struct):
    """One record as it stands. `fields` is read-only by convention; `version` counts committed writes from 1."""

    kind: str
    id: str
    fields: Fields
    version: int
    created_at: datetime
    updated_at: datetime
    archived: bool = False
    archived_at: datetime | None = None
    born: int = 0  # the position in the order of creation, over all kinds

    def get(self, field: str, default: Any = None) -> Any:
        return self.fields.get(field, default)


class Kind:
    """All records of one kind and their indexes. Archived records are indexed, but hold no unique value."""

    __slots__ = ("_by_name", "_timeline", "indexes", "name", "recency", "records", "unique", "unique_by")

    def __init__(self, name: str) -> None:
        self.name = name
        self.records: dict[str, Record] = {}
        self.recency: dict[str, None] = {}  # ids, least recently written first
        self.unique: dict[str, dict[Any, str]] = {}
        self.unique_by: dict[str, Normaliser | None] = {}
        self.indexes: dict[str, dict[Any, dict[str, None]]] = {}
        self._by_name: NameOrder | None = None
        self._timeline: Timeline | None = None

    # -- what is declared -----------------------------------------------------------------------------------------

    def add_unique(self, field: str, normalise: Normaliser | None) -> None:
        """Make a field unique from now on. Raises UniqueConflict if stored records already clash."""
        if field in self.unique:
            return
        values: dict[Any, str] = {}
        for record in self.records.values():
            value = record.fields.get(field)
            if record.archived or _is_empty(value):
                continue
            key = normalise(value) if normalise is not None else value
            if key in values:
                raise UniqueConflict(self.name, field, value, values[key])
            values[key] = record.id
        self.unique[field], self.unique_by[field] = values, normalise

    def drop_unique(self, field: str) -> None:
        self.unique.pop(field, None)
        self.unique_by.pop(field, None)

    def add_index(self, field: str) -> None:
        if field not in self.indexes:
            index: dict[Any, dict[str, None]] = {}
            for record in self.records.values():
                index.setdefault(_index_key(record.fields.get(field)), {})[record.id] = None
            self.indexes[field] = index

    # -- looking up -----------------------------------------------------------------------------------------------

    def find(self, field: str, value: Any) -> Record | None:
        """The live record that holds this value of a unique field, or None. Raises KeyError for a field not unique."""
        record_id = self.unique[field].get(self._unique_key(field, value))
        return self.records[record_id] if record_id is not None else None

    def where(self, field: str, value: Any) -> list[Record]:
        """Records with this value of an indexed field, in the order of creation. Raises KeyError for a field not indexed."""
        found = list(map(self.records.__getitem__, self.indexes[field].get(_index_key(value), ())))
        if len(found) > 1:
            found.sort(key=_born)
        return found

    def count_where(self, field: str, value: Any) -> int:
        """How many records have this value of an indexed field. Raises KeyError for a field not indexed."""
        return len(self.indexes[field].get(_index_key(value), ()))

    def by_name(self, key: Callable[[str], Any]) -> NameOrder:
        """The records sorted by `key` of their ids. The first caller's key stays."""
        if self._by_name is None:
            self._by_name = NameOrder(key, self.records)
        return self._by_name

    def timeline(self) -> Timeline:
        """The records in the order of their last write, to be entered at any time of day."""
        if self._timeline is None or self._timeline.is_stale:
            self._timeline = Timeline(self.recency, self.records)
        return self._timeline

    def recent(self, since: datetime) -> list[Record]:
        """Records written at or after `since`, least recently written first; costs only as many steps as it returns."""
        found: list[Record] = []
        for record_id in reversed(self.recency):
            record = self.records.get(record_id)
            if record is None:
                continue  # deleted in the transaction that is still open
            if record.updated_at < since:
                break
            found.append(record)
        found.reverse()
        return found

    # -- keeping the indexes --------------------------------------------------------------------------------------

    def check_unique(self, record_id: str, fields: Mapping[str, Any]) -> None:
        """Raises UniqueConflict if another record holds one of these values."""
        for field, values in self.unique.items():
            value = fields.get(field)
            if _is_empty(value):
                continue
            holder = values.get(self._unique_key(field, value))
            if holder is not None and holder != record_id:
                raise UniqueConflict(self.name, field, value, holder)

    def index(self, record: Record, names: Mapping[str, Any] | None = None) -> None:
        """Enter a record as it stands, under the fields in `names` or under all."""
        if names is None and self._by_name is not None:
            self._by_name.add(record.id)
        if not record.archived:
            for field, values in self.unique.items():
                value = record.fields.get(field)
                if (names is None or field in names) and not _is_empty(value):
                    values[self._unique_key(field, value)] = record.id
        for field, index in self.indexes.items():
            if names is None or field in names:
                index.setdefault(_index_key(record.fields.get(field)), {})[record.id] = None

    def unindex(self, record: Record, names: Mapping[str, Any]) -> None:
        """Take a record out under the fields in `names`, by the values that it still has."""
        if not record.archived:
            self.unindex_unique(record, names)
        for field, index in self.indexes.items():
            if field in names:
                key = _index_key(record.fields.get(field))
                members = index.get(key)
                if members is not None:
                    members.pop(record.id, None)
                    if not members:
                        del index[key]

    def unindex_unique(self, record: Record, names: Mapping[str, Any]) -> None:
        for field, values in self.unique.items():
            value = record.fields.get(field)
            if field in names and not _is_empty(value):
                values.pop(self._unique_key(field, value), None)

    def _unique_key(self, field: str, value: Any) -> Any:
        normalise = self.unique_by[field]
        return normalise(value) if normalise is not None else value

    # -- moving, removing, going back -----------------------------------------------------------------------------

    def move(self, record_id: str) -> None:
        """Put a record last in the order of writing, or take it out if it is gone."""
        self.recency.pop(record_id, None)
        if record_id in self.records:
            self.recency[record_id] = None
            if self._timeline is not None:
                self._timeline.add(self.records[record_id])

    def remove(self, record: Record) -> None:
        self.unindex(record, record.fields)
        for field, index in self.indexes.items():
            if field not in record.fields:
                index.get(_index_key(None), {}).pop(record.id, None)
        self.records.pop(record.id, None)
        if self._by_name is not None:
            self._by_name.discard(record.id)

    def put_back(self, record: Record) -> None:
        """Undo a deletion, at the record's old place in the order of creation."""
        self.records[record.id] = record
        self.records = {each.id: each for each in sorted(self.records.values(), key=_born)}
        self._by_name = self._timeline = None
        self.index(record)

    def undo_of(self, record: Record) -> Callable[[], None]:
        """A step that takes a record, which still exists, back to how it stands now."""
        before = msgspec.structs.replace(record)

        def undo() -> None:
            self.unindex(record, record.fields)
            record.fields, record.version, record.updated_at = before.fields, before.version, before.updated_at
            record.archived, record.archived_at = before.archived, before.archived_at
            self.index(record)

        return undo

    def copies(self) -> list[Record]:
        """All records in the order of creation, as later writes do not change them."""
        return [msgspec.structs.replace(record) for record in self.records.values()]

    def replace_all(self, records: Iterable[Record], recency: Iterable[str]) -> None:
        """Hold copies of these records instead of what is here. What is unique or indexed stays so."""
        self.records = {record.id: msgspec.structs.replace(record) for record in records}
        self.recency = dict.fromkeys(recency)
        self._by_name = self._timeline = None
        for values in self.unique.values():
            values.clear()
        for index in self.indexes.values():
            index.clear()
        for record in self.records.values():
            self.index(record)


def _born(record: Record) -> int:
    return record.born


def _is_empty(value: Any) -> bool:
    return value is None or value == ""


def _index_key(value: Any) -> Any:
    """Unhashable values (child tables) share one bucket: they are never looked up by value."""
    return "\x00nested" if isinstance(value, (list, dict)) else value
