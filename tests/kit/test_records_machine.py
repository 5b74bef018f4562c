"""The record store against the simplest model of it: a dictionary, copied whole for every transaction and snapshot."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.strategies import dictionaries, none, sampled_from

from harness.kit.clock import ManualClock
from harness.kit.records import Change, RecordStore, Snapshot, UniqueConflict

IDS = sampled_from(["1", "2", "3", "4", "5"])
VALUES = sampled_from(["", "a", "A", "b", "c"]) | none()
FIELDS = dictionaries(sampled_from(["mail", "city", "note"]), VALUES, max_size=3)


@dataclass
class Row:
    fields: dict[str, Any]
    version: int
    updated_at: datetime
    archived: bool = False


@dataclass
class Model:
    """Rows in the order of creation; `written` in the order of writing."""

    rows: dict[str, Row] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)

    def clash(self, record_id: str, fields: dict[str, Any]) -> bool:
        value = fields.get("mail")
        if not value:
            return False
        others = [row for other, row in self.rows.items() if other != record_id and not row.archived]
        return any((row.fields.get("mail") or "").lower() == value.lower() for row in others)

    def wrote(self, record_id: str) -> None:
        self.written = [other for other in self.written if other != record_id]
        if record_id in self.rows:
            self.written.append(record_id)


class Stores(RuleBasedStateMachine):
    """Every write is made to both; what cannot be done must be refused by the store and change nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock()
        self.start = self.clock.now()
        self.store = RecordStore(self.clock)
        self.store.define("x", unique={"mail": str.lower}, indexes=("city",))
        self.model = Model()
        self.before: Model | None = None  # while a transaction is open
        self.transaction: Any = None
        self.kept: tuple[Snapshot, Model] | None = None
        self.heard: list[Change] = []
        self.store.on_commit(self.heard.extend)

    # -- writes ---------------------------------------------------------------------------------------------------

    @rule(record_id=IDS, fields=FIELDS)
    def insert(self, record_id: str, fields: dict[str, Any]) -> None:
        try:
            self.store.insert("x", record_id, fields)
        except ValueError:
            assert record_id in self.model.rows
        except UniqueConflict:
            assert self.model.clash(record_id, fields)
        else:
            assert record_id not in self.model.rows
            assert not self.model.clash(record_id, fields)
            self.model.rows[record_id] = Row(dict(fields), 1, self.clock.now())
            self.model.wrote(record_id)

    @rule(record_id=IDS, fields=FIELDS, touch=sampled_from([True, True, False]))
    def update(self, record_id: str, fields: dict[str, Any], touch: bool) -> None:
        row = self.model.rows.get(record_id)
        try:
            self.store.update("x", record_id, fields, touch=touch)
        except KeyError:
            assert row is None
        except UniqueConflict:
            assert row is not None
            assert self.model.clash(record_id, fields)
            assert not row.archived
        else:
            assert row is not None
            new = {name: value for name, value in fields.items() if name not in row.fields or row.fields[name] != value}
            assert row.archived or not self.model.clash(record_id, new)
            if new:
                row.fields = {**row.fields, **new}
                row.version += 1
                if touch:
                    row.updated_at = self.clock.now()
                    self.model.wrote(record_id)

    @rule(record_id=IDS, archive=sampled_from([True, False]))
    def archive_or_restore(self, record_id: str, archive: bool) -> None:
        row = self.model.rows.get(record_id)
        try:
            (self.store.archive if archive else self.store.restore_record)("x", record_id)
        except KeyError:
            assert row is None
        except UniqueConflict:
            assert row is not None
            assert self.model.clash(record_id, row.fields)
            assert not archive
        else:
            assert row is not None
            if row.archived != archive:
                row.archived, row.version, row.updated_at = archive, row.version + 1, self.clock.now()
                self.model.wrote(record_id)

    @rule(record_id=IDS)
    def touch(self, record_id: str) -> None:
        if record_id in self.model.rows:
            self.store.touch("x", record_id)
            row = self.model.rows[record_id]
            row.version, row.updated_at = row.version + 1, self.clock.now()
            self.model.wrote(record_id)

    @rule(record_id=IDS)
    def delete(self, record_id: str) -> None:
        if record_id in self.model.rows:
            self.store.delete("x", record_id)
            del self.model.rows[record_id]
            self.model.wrote(record_id)

    @rule()
    def time_passes(self) -> None:
        self.clock.advance(timedelta(seconds=1))

    # -- transactions and snapshots -------------------------------------------------------------------------------

    @precondition(lambda self: self.before is None)
    @rule()
    def begin(self) -> None:
        self.before = copy.deepcopy(self.model)
        self.heard_before = len(self.heard)
        self.transaction = self.store.transaction()
        self.transaction.__enter__()

    @precondition(lambda self: self.before is not None)
    @rule()
    def commit(self) -> None:
        self.transaction.__exit__(None, None, None)
        self.before = None

    @precondition(lambda self: self.before is not None)
    @rule()
    def roll_back(self) -> None:
        error = RuntimeError("rolled back")
        assert not self.transaction.__exit__(RuntimeError, error, None)
        assert self.before is not None
        self.model, self.before = self.before, None
        assert len(self.heard) == self.heard_before, "nobody hears of what was undone"

    @precondition(lambda self: self.before is None)
    @rule()
    def keep(self) -> None:
        self.kept = (self.store.snapshot(), copy.deepcopy(self.model))

    @precondition(lambda self: self.before is None and self.kept is not None)
    @rule()
    def go_back(self) -> None:
        assert self.kept is not None
        self.store.restore(self.kept[0])
        self.model = copy.deepcopy(self.kept[1])

    # -- what must hold at every moment ---------------------------------------------------------------------------

    @invariant()
    def records_and_their_order_are_those_of_the_model(self) -> None:
        found = [(r.id, r.fields, r.version, r.updated_at, r.archived) for r in self.store.all("x")]
        assert found == [(i, row.fields, row.version, row.updated_at, row.archived) for i, row in self.model.rows.items()]
        assert all((record.archived_at is not None) == record.archived for record in self.store.all("x"))

    @invariant()
    def unique_values_lead_to_their_live_holder(self) -> None:
        for value in ("a", "b", "c"):
            holders = [
                i for i, row in self.model.rows.items() if not row.archived and (row.fields.get("mail") or "").lower() == value
            ]
            found = self.store.find("x", "mail", value.upper())
            assert [found.id] == holders if found is not None else holders == []

    @invariant()
    def the_index_lists_every_record_by_its_value(self) -> None:
        for value in ("", "a", "A", "b", "c", None):
            expected = [i for i, row in self.model.rows.items() if row.fields.get("city") == value]
            assert [record.id for record in self.store.where("x", "city", value)] == expected

    @invariant()
    def the_order_of_writing_is_kept(self) -> None:
        if self.before is None:
            assert [record.id for record in self.store.recent("x", self.start)] == self.model.written

    @invariant()
    def the_ways_through_the_table_lead_past_every_record_once(self) -> None:
        table = self.store.table("x")
        assert table is not None
        names = [record.id for record in table.by_name(lambda record_id: -int(record_id)).walk()]
        assert names == sorted(self.model.rows, reverse=True)
        if self.before is None:
            found = list(table.timeline().walk())
            assert sorted(record.id for record in found) == sorted(self.model.written)
            assert [record.updated_at for record in found] == sorted(record.updated_at for record in found)
            late = {i for i, row in self.model.rows.items() if row.updated_at >= self.clock.now()}
            assert {record.id for record in table.timeline().walk(self.clock.now(), down=True)} == late
            assert table.timeline().count_since(self.clock.now()) >= len(late)

    @invariant()
    def the_change_feed_is_what_listeners_heard(self) -> None:
        assert self.heard == self.store.changes
        sequences = [change.sequence for change in self.heard]
        assert sequences == sorted(set(sequences))


Stores.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None, derandomize=True)
TestStores = Stores.TestCase
