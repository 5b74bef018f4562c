"""The state of one fake: records with versions, unique keys, indexes, a change feed, transactions and snapshots.

Field dictionaries are never changed in place: every update makes a new one, so that old versions, snapshots and the
change feed may share them. Code that hands nested lists or dictionaries to the store must not change them afterwards.
Not promised: isolation between two open transactions. A fake answers one call at a time, so there is only ever one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

import msgspec

from harness.kit.clock import Clock

Normaliser = Callable[[Any], Any]
Fields = dict[str, Any]

CREATED: Final = "created"
UPDATED: Final = "updated"
ARCHIVED: Final = "archived"
RESTORED: Final = "restored"
DELETED: Final = "deleted"


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


class Change(msgspec.Struct, frozen=True, gc=False):
    """One committed change. `old` and `new` hold only the fields that changed; `request` is the journal's number or 0."""

    sequence: int
    at: datetime
    kind: str
    id: str
    version: int
    action: str
    old: Fields
    new: Fields
    by: str
    request: int = 0


class _Kind:
    """All records of one kind and their indexes."""

    __slots__ = ("indexes", "recency", "records", "unique", "unique_by")

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}
        self.recency: dict[str, None] = {}  # ids, least recently written first
        self.unique: dict[str, dict[Any, str]] = {}
        self.unique_by: dict[str, Normaliser | None] = {}
        self.indexes: dict[str, dict[Any, dict[str, None]]] = {}

    def unique_key(self, field: str, value: Any) -> Any:
        normalise = self.unique_by[field]
        return normalise(value) if normalise is not None else value


_NO_FIELDS: Fields = {}


class RecordStore:
    """Records by kind and id. All methods are synchronous; times come from the clock; ids are the caller's."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kinds: dict[str, _Kind] = {}
        self._pending: list[Change] | None = None
        self._undo: list[Callable[[], None]] | None = None
        self._listeners: list[Callable[[list[Change]], None]] = []
        self._sequence = 0
        self._births = 0
        self._moved: list[tuple[_Kind, str]] = []  # what an open transaction will move in the order of writing
        self.changes: list[Change] = []
        self.keeps_changes = True  # off in a server that runs for weeks; listeners and the journal still hear everything
        self.request = 0  # the journal number of the request being handled, stamped on changes
        self.actor = "system"  # who is writing, stamped on changes

    # -- schema ---------------------------------------------------------------------------------------------------

    def define(self, kind: str, *, unique: Mapping[str, Normaliser | None] | None = None, indexes: tuple[str, ...] = ()) -> None:
        """Declare a kind; declaring it again adds what is new. Raises UniqueConflict if stored records already clash."""
        entry = self._kinds.setdefault(kind, _Kind())
        for field, normalise in (unique or {}).items():
            self._add_unique(entry, kind, field, normalise)
        for field in indexes:
            if field not in entry.indexes:
                index: dict[Any, dict[str, None]] = {}
                for record in entry.records.values():
                    index.setdefault(_index_key(record.fields.get(field)), {})[record.id] = None
                entry.indexes[field] = index

    def _add_unique(self, entry: _Kind, kind: str, field: str, normalise: Normaliser | None) -> None:
        if field in entry.unique:
            return
        values: dict[Any, str] = {}
        for record in entry.records.values():
            value = record.fields.get(field)
            if record.archived or _is_empty(value):
                continue
            key = normalise(value) if normalise is not None else value
            if key in values:
                raise UniqueConflict(kind, field, value, values[key])
            values[key] = record.id
        entry.unique[field], entry.unique_by[field] = values, normalise

    def drop_unique(self, kind: str, field: str) -> None:
        entry = self._kinds[kind]
        entry.unique.pop(field, None)
        entry.unique_by.pop(field, None)

    def kinds(self) -> list[str]:
        return list(self._kinds)

    # -- reading --------------------------------------------------------------------------------------------------

    def get(self, kind: str, record_id: str) -> Record | None:
        """The record, archived or not, or None."""
        entry = self._kinds.get(kind)
        return entry.records.get(record_id) if entry is not None else None

    def find(self, kind: str, field: str, value: Any) -> Record | None:
        """The live record that holds this value of a unique field, or None. Raises KeyError for a field not unique."""
        entry = self._kinds[kind]
        record_id = entry.unique[field].get(entry.unique_key(field, value))
        return entry.records[record_id] if record_id is not None else None

    def where(self, kind: str, field: str, value: Any) -> list[Record]:
        """Records (archived ones too) with this value of an indexed field, in the order of creation. KeyError if not indexed."""
        entry = self._kinds[kind]
        found = [entry.records[record_id] for record_id in entry.indexes[field].get(_index_key(value), ())]
        if len(found) > 1:
            found.sort(key=_born)
        return found

    def is_indexed(self, kind: str, field: str) -> bool:
        entry = self._kinds.get(kind)
        return entry is not None and field in entry.indexes

    def is_unique(self, kind: str, field: str) -> bool:
        entry = self._kinds.get(kind)
        return entry is not None and field in entry.unique

    def all(self, kind: str) -> Iterator[Record]:
        """Every record of a kind, archived ones too, in the order of creation."""
        entry = self._kinds.get(kind)
        return iter(entry.records.values()) if entry is not None else iter(())

    def count(self, kind: str) -> int:
        entry = self._kinds.get(kind)
        return len(entry.records) if entry is not None else 0

    def recent(self, kind: str, since: datetime) -> list[Record]:
        """Records written at or after `since`, least recently written first; costs only as many steps as it returns.

        The writes of an open transaction take their place when it is committed.
        """
        entry = self._kinds.get(kind)
        if entry is None:
            return []
        found: list[Record] = []
        for record_id in reversed(entry.recency):
            record = entry.records.get(record_id)
            if record is None:
                continue  # deleted in the transaction that is still open
            if record.updated_at < since:
                break
            found.append(record)
        found.reverse()
        return found

    # -- writing --------------------------------------------------------------------------------------------------

    def insert(self, kind: str, record_id: str, fields: Fields, *, by: str | None = None) -> Record:
        """Add a record. Raises ValueError if the id exists, UniqueConflict if a unique value is taken."""
        entry = self._kinds.setdefault(kind, _Kind())
        if record_id in entry.records:
            raise ValueError(f"{kind} {record_id} exists already")
        self._check_unique(entry, kind, record_id, fields)
        now = self._clock.now()
        self._births += 1
        record = Record(kind, record_id, fields, 1, now, now, born=self._births)
        entry.records[record_id] = record
        self._index(entry, record)
        if self._undo is not None:
            self._undo.append(lambda: self._remove(entry, record))
        self._commit_or_queue(entry, record, CREATED, _NO_FIELDS, fields, by)
        return record

    def update(self, kind: str, record_id: str, changes: Fields, *, by: str | None = None, touch: bool = True) -> Record:
        """Merge `changes` into a record; keys with equal values are not a change, and no change means no new version.

        `touch=False` keeps `updated_at`, for writes a vendor makes without moving the modification time.
        Raises KeyError for an unknown record, UniqueConflict if a unique value is taken.
        """
        entry = self._kinds[kind]
        record = entry.records[record_id]
        current = record.fields
        new = {name: value for name, value in changes.items() if current.get(name) != value or name not in current}
        if not new:
            return record
        if not record.archived:
            self._check_unique(entry, kind, record_id, new)
        old = {name: current.get(name) for name in new}
        if self._undo is not None:
            self._undo.append(self._undo_of(entry, record))
        self._unindex(entry, record, new)
        record.fields = {**current, **new}
        record.version += 1
        if touch:
            record.updated_at = self._clock.now()
        self._index(entry, record, new)
        self._commit_or_queue(entry, record, UPDATED, old, new, by, move=touch)
        return record

    def touch(self, kind: str, record_id: str, *, by: str | None = None) -> Record:
        """Move a record's modification time and version without changing a field."""
        entry = self._kinds[kind]
        record = entry.records[record_id]
        if self._undo is not None:
            self._undo.append(self._undo_of(entry, record))
        record.version += 1
        record.updated_at = self._clock.now()
        self._commit_or_queue(entry, record, UPDATED, _NO_FIELDS, _NO_FIELDS, by)
        return record

    def archive(self, kind: str, record_id: str, *, by: str | None = None) -> Record:
        """Put a live record in the bin: it keeps its id and fields, its unique values become free. KeyError if unknown."""
        entry = self._kinds[kind]
        record = entry.records[record_id]
        if record.archived:
            return record
        if self._undo is not None:
            self._undo.append(self._undo_of(entry, record))
        self._unindex_unique(entry, record, record.fields)
        record.archived, record.archived_at = True, self._clock.now()
        record.version += 1
        record.updated_at = record.archived_at
        self._commit_or_queue(entry, record, ARCHIVED, _NO_FIELDS, _NO_FIELDS, by)
        return record

    def restore_record(self, kind: str, record_id: str, *, by: str | None = None) -> Record:
        """Take an archived record out of the bin. Raises UniqueConflict if one of its unique values was taken meanwhile."""
        entry = self._kinds[kind]
        record = entry.records[record_id]
        if not record.archived:
            return record
        self._check_unique(entry, kind, record_id, record.fields)
        if self._undo is not None:
            self._undo.append(self._undo_of(entry, record))
        record.archived, record.archived_at = False, None
        record.version += 1
        record.updated_at = self._clock.now()
        self._index(entry, record)
        self._commit_or_queue(entry, record, RESTORED, _NO_FIELDS, _NO_FIELDS, by)
        return record

    def delete(self, kind: str, record_id: str, *, by: str | None = None) -> None:
        """Remove a record for good. Raises KeyError if it does not exist."""
        entry = self._kinds[kind]
        record = entry.records[record_id]
        if self._undo is not None:
            self._undo.append(lambda: self._put_back(entry, record))
        self._remove(entry, record)
        self._commit_or_queue(entry, record, DELETED, record.fields, _NO_FIELDS, by)

    # -- transactions ---------------------------------------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside become visible to listeners together, or are undone when the block raises. Nests by joining."""
        if self._undo is not None:
            yield
            return
        self._undo, self._pending = [], []
        try:
            yield
        except BaseException:
            undo, self._undo, self._pending = self._undo, None, None
            self._moved.clear()
            for step in reversed(undo):
                step()
            raise
        pending, self._undo, self._pending = self._pending, None, None
        for entry, record_id in self._moved:
            _move(entry, record_id)
        self._moved.clear()
        if pending:
            self._publish(pending)

    @property
    def uncommitted(self) -> int:
        """How many changes the open transaction holds; 0 outside one."""
        return len(self._pending) if self._pending is not None else 0

    def on_commit(self, listener: Callable[[list[Change]], None]) -> None:
        """Call `listener` with the changes of every committed transaction, in order, after it is committed."""
        self._listeners.append(listener)

    # -- snapshots ------------------------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """A copy of all records that later writes do not touch. The change feed is not part of it."""
        replace = msgspec.structs.replace
        copies = {kind: [replace(record) for record in entry.records.values()] for kind, entry in self._kinds.items()}
        recency = {kind: list(entry.recency) for kind, entry in self._kinds.items()}
        return Snapshot(copies, recency)

    def restore(self, snapshot: Snapshot) -> None:
        """Put all records back as they were. Kinds, unique fields and indexes declared since then stay declared."""
        for kind, entry in self._kinds.items():
            entry.records = {record.id: msgspec.structs.replace(record) for record in snapshot.records.get(kind, [])}
            entry.recency = dict.fromkeys(snapshot.recency.get(kind, []))
            for values in entry.unique.values():
                values.clear()
            for index in entry.indexes.values():
                index.clear()
            for record in entry.records.values():
                self._index(entry, record)

    # -- inside ---------------------------------------------------------------------------------------------------

    def _commit_or_queue(
        self, entry: _Kind, record: Record, action: str, old: Fields, new: Fields, by: str | None, move: bool = True
    ) -> None:
        self._sequence += 1
        at = record.updated_at if move and action != DELETED else self._clock.now()
        who = by if by is not None else self.actor
        change = Change(self._sequence, at, record.kind, record.id, record.version, action, old, new, who, self.request)
        if self._pending is not None:
            self._pending.append(change)
            if move:
                self._moved.append((entry, record.id))
            return
        if move:
            _move(entry, record.id)
        self._publish([change])

    def _publish(self, changes: list[Change]) -> None:
        if self.keeps_changes:
            self.changes.extend(changes)
        for listener in self._listeners:
            listener(changes)

    def _check_unique(self, entry: _Kind, kind: str, record_id: str, fields: Mapping[str, Any]) -> None:
        for field, values in entry.unique.items():
            value = fields.get(field)
            if _is_empty(value):
                continue
            holder = values.get(entry.unique_key(field, value))
            if holder is not None and holder != record_id:
                raise UniqueConflict(kind, field, value, holder)

    def _index(self, entry: _Kind, record: Record, names: Mapping[str, Any] | None = None) -> None:
        if not record.archived:
            for field, values in entry.unique.items():
                value = record.fields.get(field)
                if (names is None or field in names) and not _is_empty(value):
                    values[entry.unique_key(field, value)] = record.id
        for field, index in entry.indexes.items():
            if names is None or field in names:
                index.setdefault(_index_key(record.fields.get(field)), {})[record.id] = None

    def _unindex(self, entry: _Kind, record: Record, names: Mapping[str, Any]) -> None:
        if not record.archived:
            self._unindex_unique(entry, record, names)
        for field, index in entry.indexes.items():
            if field in names:
                key = _index_key(record.fields.get(field))
                members = index.get(key)
                if members is not None:
                    members.pop(record.id, None)
                    if not members:
                        del index[key]

    def _unindex_unique(self, entry: _Kind, record: Record, names: Mapping[str, Any]) -> None:
        for field, values in entry.unique.items():
            value = record.fields.get(field)
            if field in names and not _is_empty(value):
                values.pop(entry.unique_key(field, value), None)

    def _remove(self, entry: _Kind, record: Record) -> None:
        self._unindex(entry, record, record.fields)
        for field, index in entry.indexes.items():
            if field not in record.fields:
                index.get(_index_key(None), {}).pop(record.id, None)
        entry.records.pop(record.id, None)

    def _put_back(self, entry: _Kind, record: Record) -> None:
        """Undo a deletion, at the record's old place in the order of creation."""
        entry.records[record.id] = record
        entry.records = {each.id: each for each in sorted(entry.records.values(), key=_born)}
        self._index(entry, record)

    def _undo_of(self, entry: _Kind, record: Record) -> Callable[[], None]:
        before = msgspec.structs.replace(record)

        def undo() -> None:
            self._unindex(entry, record, record.fields)
            record.fields, record.version, record.updated_at = before.fields, before.version, before.updated_at
            record.archived, record.archived_at = before.archived, before.archived_at
            self._index(entry, record)

        return undo


class Snapshot(msgspec.Struct, frozen=True):
    """What `RecordStore.snapshot` copied: records and their order of writing, by kind."""

    records: dict[str, list[Record]]
    recency: dict[str, list[str]]


def _move(entry: _Kind, record_id: str) -> None:
    """Put a record last in the order of writing, or take it out if it is gone."""
    entry.recency.pop(record_id, None)
    if record_id in entry.records:
        entry.recency[record_id] = None


def _born(record: Record) -> int:
    return record.born


def _is_empty(value: Any) -> bool:
    return value is None or value == ""


def _index_key(value: Any) -> Any:
    """Unhashable values (child tables) share one bucket: they are never looked up by value."""
    return "\x00nested" if isinstance(value, (list, dict)) else value
