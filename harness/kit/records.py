"""The state of one fake: records with versions, unique keys, indexes, a change feed, transactions and snapshots.

Field dictionaries are never changed in place: every update makes a new one, so that old versions, snapshots and the
change feed may share them. Code that hands nested lists or dictionaries to the store must not change them afterwards.
Not promised: isolation between two open transactions. A fake answers one call at a time, so there is only ever one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import msgspec

from harness.kit.clock import Clock
from harness.kit.record_changes import ARCHIVED as ARCHIVED
from harness.kit.record_changes import CREATED as CREATED
from harness.kit.record_changes import DELETED as DELETED
from harness.kit.record_changes import RESTORED as RESTORED
from harness.kit.record_changes import UPDATED as UPDATED
from harness.kit.record_changes import Change as Change
from harness.kit.record_changes import fields_before
from harness.kit.record_kinds import Fields as Fields
from harness.kit.record_kinds import Kind
from harness.kit.record_kinds import Normaliser as Normaliser
from harness.kit.record_kinds import Record as Record
from harness.kit.record_kinds import UniqueConflict as UniqueConflict

_NO_FIELDS: Fields = {}
_ABSENT = object()  # equals nothing that could be written


class RecordStore:
    """Records by kind and id. All methods are synchronous; times come from the clock; ids are the caller's."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kinds: dict[str, Kind] = {}
        self._pending: list[Change] | None = None
        self._undo: list[Callable[[], None]] | None = None
        self._listeners: list[Callable[[list[Change]], None]] = []
        self._sequence = 0
        self._births = 0
        self._moved: list[tuple[Kind, str]] = []  # what an open transaction will move in the order of writing
        self.changes: list[Change] = []
        self.keeps_changes = True  # off in a server that runs for weeks; listeners and the journal still hear everything
        self.request = 0  # the journal number of the request being handled, stamped on changes
        self.actor = "system"  # who is writing, stamped on changes

    # -- schema ---------------------------------------------------------------------------------------------------

    def define(self, kind: str, *, unique: Mapping[str, Normaliser | None] | None = None, indexes: tuple[str, ...] = ()) -> None:
        """Declare a kind; declaring it again adds what is new. Raises UniqueConflict if stored records already clash."""
        entry = self._kinds.setdefault(kind, Kind(kind))
        for field, normalise in (unique or {}).items():
            entry.add_unique(field, normalise)
        for field in indexes:
            entry.add_index(field)

    def drop_unique(self, kind: str, field: str) -> None:
        self._kinds[kind].drop_unique(field)

    def kinds(self) -> list[str]:
        return list(self._kinds)

    def table(self, kind: str) -> Kind | None:
        """The table behind a kind, for queries that choose their own way through it. Not to be written to."""
        return self._kinds.get(kind)

    # -- reading --------------------------------------------------------------------------------------------------

    def get(self, kind: str, record_id: str) -> Record | None:
        """The record, archived or not, or None."""
        entry = self._kinds.get(kind)
        return entry.records.get(record_id) if entry is not None else None

    def find(self, kind: str, field: str, value: Any) -> Record | None:
        """The live record that holds this value of a unique field, or None. Raises KeyError for a field not unique."""
        return self._kinds[kind].find(field, value)

    def where(self, kind: str, field: str, value: Any) -> list[Record]:
        """Records (archived ones too) with this value of an indexed field, in the order of creation. KeyError if not indexed."""
        return self._kinds[kind].where(field, value)

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
        return entry.recent(since) if entry is not None else []

    # -- writing --------------------------------------------------------------------------------------------------

    def insert(self, kind: str, record_id: str, fields: Fields, *, by: str | None = None) -> Record:
        """Add a record. Raises ValueError if the id exists, UniqueConflict if a unique value is taken."""
        entry = self._kinds.setdefault(kind, Kind(kind))
        if record_id in entry.records:
            raise ValueError(f"{kind} {record_id} exists already")
        entry.check_unique(record_id, fields)
        now = self._clock.now()
        self._births += 1
        record = Record(kind, record_id, fields, 1, now, now, born=self._births)
        entry.records[record_id] = record
        entry.index(record)
        if self._undo is not None:
            self._undo.append(lambda: entry.remove(record))
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
        kept = current.get
        new = {name: value for name, value in changes.items() if (held := kept(name, _ABSENT)) is not value and held != value}
        if not new:
            return record
        if not record.archived:
            entry.check_unique(record_id, new)
        old = {name: current.get(name) for name in new}
        if self._undo is not None:
            self._undo.append(entry.undo_of(record))
        entry.unindex(record, new)
        record.fields = {**current, **new}
        record.version += 1
        if touch:
            record.updated_at = self._clock.now()
        entry.index(record, new)
        self._commit_or_queue(entry, record, UPDATED, old, new, by, move=touch)
        return record

    def touch(self, kind: str, record_id: str, *, by: str | None = None) -> Record:
        """Move a record's modification time and version without changing a field."""
        entry = self._kinds[kind]
        record = entry.records[record_id]
        if self._undo is not None:
            self._undo.append(entry.undo_of(record))
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
            self._undo.append(entry.undo_of(record))
        entry.unindex_unique(record, record.fields)
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
        entry.check_unique(record_id, record.fields)
        if self._undo is not None:
            self._undo.append(entry.undo_of(record))
        record.archived, record.archived_at = False, None
        record.version += 1
        record.updated_at = self._clock.now()
        entry.index(record)
        self._commit_or_queue(entry, record, RESTORED, _NO_FIELDS, _NO_FIELDS, by)
        return record

    def delete(self, kind: str, record_id: str, *, by: str | None = None) -> None:
        """Remove a record for good. Raises KeyError if it does not exist."""
        entry = self._kinds[kind]
        record = entry.records[record_id]
        if self._undo is not None:
            self._undo.append(lambda: entry.put_back(record))
        entry.remove(record)
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
            entry.move(record_id)
        self._moved.clear()
        if pending:
            self._publish(pending)

    @property
    def uncommitted(self) -> int:
        """How many changes the open transaction holds; 0 outside one."""
        return len(self._pending) if self._pending is not None else 0

    def before(self, kind: str, record_id: str) -> Fields | None:
        """A record's fields when the open transaction began; None for one that is unknown or the transaction's own."""
        record = self.get(kind, record_id)
        return fields_before(self._pending or (), kind, record_id, record.fields if record is not None else None)

    def on_commit(self, listener: Callable[[list[Change]], None]) -> None:
        """Call `listener` with the changes of every committed transaction, in order, after it is committed."""
        self._listeners.append(listener)

    # -- snapshots ------------------------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """A copy of all records that later writes do not touch. The change feed is not part of it."""
        copies = {kind: entry.copies() for kind, entry in self._kinds.items()}
        recency = {kind: list(entry.recency) for kind, entry in self._kinds.items()}
        return Snapshot(copies, recency)

    def restore(self, snapshot: Snapshot) -> None:
        """Put all records back as they were. Kinds, unique fields and indexes declared since then stay declared."""
        for kind, entry in self._kinds.items():
            entry.replace_all(snapshot.records.get(kind, ()), snapshot.recency.get(kind, ()))

    # -- inside ---------------------------------------------------------------------------------------------------

    def _commit_or_queue(
        self, entry: Kind, record: Record, action: str, old: Fields, new: Fields, by: str | None, move: bool = True
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
            entry.move(record.id)
        self._publish([change])

    def _publish(self, changes: list[Change]) -> None:
        if self.keeps_changes:
            self.changes.extend(changes)
        for listener in self._listeners:
            listener(changes)


class Snapshot(msgspec.Struct, frozen=True):
    """What `RecordStore.snapshot` copied: records and their order of writing, by kind."""

    records: dict[str, list[Record]]
    recency: dict[str, list[str]]
