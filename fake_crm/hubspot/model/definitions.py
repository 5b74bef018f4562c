"""Property definitions of one account: the stock ones, and above them what was created or changed, kept in the store.

The store's kind `properties` holds wire rows under `deals/erp_order_id`. A definition is compiled for validation once per row;
the cache compares rows by identity, so a restored snapshot needs no notice.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fake_crm.hubspot.model.pipelines import Pipelines
from fake_crm.hubspot.model.standard_types import DEALS
from fake_crm.hubspot.model.stock import EPOCH_TEXT, EXTERNAL, STOCK, definition_row
from fake_crm.hubspot.wire import wire_time
from harness.kit.records import Fields, Record, RecordStore

KIND = "properties"
Row = dict[str, Any]
_REFERENCED = {"OWNER": "owner"}  # what a property of an account's own may refer to → where its values come from


class Property:
    """A definition made ready for validating: what a value may be."""

    __slots__ = ("allowed", "external", "field_type", "multiple", "name", "read_only", "row", "stored_as", "type", "unique")

    def __init__(self, row: Row, stored_as: str = "") -> None:
        self.row = row
        self.name: str = row["name"]
        self.stored_as = stored_as or self.name  # the field of a record that holds the value
        self.type: str = row["type"]
        self.field_type: str = row["fieldType"]
        self.multiple = self.field_type == "checkbox"
        self.read_only: bool = row["modificationMetadata"]["readOnlyValue"]
        self.unique: bool = row["hasUniqueValue"]
        self.allowed: dict[str, None] = dict.fromkeys(option["value"] for option in row["options"])
        self.external = _source_of_options(row)


def _source_of_options(row: Row) -> str:
    """`owner`, `pipeline` or `stage` where values are held elsewhere, else nothing."""
    if not row["externalOptions"]:
        return ""
    return EXTERNAL.get(row["name"]) or _REFERENCED.get(row.get("referencedObjectType") or "", "")


_COMPILED: dict[str, dict[str, Property]] = {}


def _stock(kind: str) -> dict[str, Property]:
    found = _COMPILED.get(kind)
    if found is None:
        found = _COMPILED[kind] = {name: Property(row) for name, row in STOCK[kind].items()}
    return found


class StageProperties:
    """When a deal came into each stage and left it, and how long it stood there: read-only, named after all pipelines' stages.

    `hs_v2_date_entered_*` is what a deal keeps; the older `hs_date_entered_*` shows the same (facts section 6).
    """

    _KINDS = (("entered", "Date entered"), ("exited", "Date exited"))

    def __init__(self, pipelines: Pipelines) -> None:
        self._pipelines = pipelines
        self._made: dict[str, Property] = {}
        self._of: list[Row] = []

    def find(self, name: str) -> Property | None:
        return self._all().get(name) if name.startswith(("hs_v2_date_e", "hs_date_e", "hs_time_in_")) else None

    def rows(self) -> list[Row]:
        return [each.row for each in self._all().values()]

    def _all(self) -> dict[str, Property]:
        pipelines = self._pipelines.rows(DEALS)
        if len(pipelines) != len(self._of) or any(a is not b for a, b in zip(pipelines, self._of, strict=True)):
            self._of, self._made = pipelines, dict(self._properties(pipelines))
        return self._made

    def _properties(self, pipelines: list[Row]) -> Iterator[tuple[str, Property]]:
        for pipeline in pipelines:
            for stage in pipeline["stages"]:
                for verb, words in self._KINDS:
                    stored = f"hs_v2_date_{verb}_{stage['id']}"
                    label = f'{words} "{stage["label"]} ({pipeline["label"]})"'
                    for name in (stored, f"hs_date_{verb}_{stage['id']}"):
                        row = definition_row(
                            name, label, "datetime", "date", "dealinformation", [], read_only=True, custom=False, at=EPOCH_TEXT
                        )
                        yield name, Property(row, stored)
                name, label = f"hs_time_in_{stage['id']}", f'Time in "{stage["label"]} ({pipeline["label"]})"'
                row = definition_row(
                    name, label, "number", "number", "dealinformation", [], read_only=True, custom=False, at=EPOCH_TEXT
                )
                yield name, Property(row)


class Definitions:
    """Stock, stage and custom properties of one account."""

    def __init__(self, store: RecordStore, pipelines: Pipelines) -> None:
        self._store = store
        self._stages = StageProperties(pipelines)
        self._compiled: dict[str, Property] = {}
        store.define(KIND, indexes=("object",))

    def find(self, kind: str, name: str) -> Property | None:
        """The live definition, or None."""
        key = f"{kind}/{name}"
        record = self._store.get(KIND, key)
        if record is None:
            found = _stock(kind).get(name)
            return found if found is not None or kind != "deals" else self._stages.find(name)
        if record.archived:
            return None
        row = record.fields["definition"]
        compiled = self._compiled.get(key)
        if compiled is None or compiled.row is not row:
            compiled = self._compiled[key] = Property(row)
        return compiled

    def record(self, kind: str, name: str) -> Record | None:
        """What the store holds for a name: a custom definition (archived or not), or a changed stock one."""
        return self._store.get(KIND, f"{kind}/{name}")

    def row(self, kind: str, name: str) -> Row | None:
        """The wire row, archived or not, or None."""
        record = self.record(kind, name)
        if record is None:
            stock = self.find(kind, name)
            return None if stock is None else stock.row
        if not record.archived:
            found: Row = record.fields["definition"]
            return found
        return _archived(record)

    def rows(self, kind: str, *, archived: bool = False) -> list[Row]:
        """Wire rows of a type, stock ones first."""
        own = {record.fields["definition"]["name"]: record for record in self._store.where(KIND, "object", kind)}
        if archived:
            return [_archived(record) for record in own.values() if record.archived]
        stock = [own[name].fields["definition"] if name in own else row for name, row in STOCK[kind].items()]
        if kind == "deals":
            stock += self._stages.rows()
        return stock + [
            record.fields["definition"] for name, record in own.items() if not record.archived and name not in STOCK[kind]
        ]

    def put(self, kind: str, row: Row) -> None:
        """Store a new or changed definition; an archived one of the same name comes back. Raises UniqueConflict."""
        key, fields = f"{kind}/{row['name']}", _fields(kind, row)
        record = self._store.get(KIND, key)
        if record is None:
            self._store.insert(KIND, key, fields)
        else:
            self._store.restore_record(KIND, key)
            self._store.update(KIND, key, fields)
        if row["name"] in STOCK[kind]:
            return
        if row["hasUniqueValue"]:
            self._store.define(kind, unique={row["name"]: None})
        elif self._store.is_unique(kind, row["name"]):  # declared for a property that a restored snapshot took away
            self._store.drop_unique(kind, row["name"])

    def declare_unique(self) -> None:
        """Tell the store again which custom properties are unique: after a snapshot was restored."""
        for record in self._store.all(KIND):
            row = record.fields["definition"]
            if row["hasUniqueValue"] and not record.archived and row["name"] not in STOCK[record.fields["object"]]:
                self._store.define(record.fields["object"], unique={row["name"]: None})

    def archive(self, kind: str, name: str) -> None:
        record = self._store.archive(KIND, f"{kind}/{name}")
        if record.fields["definition"]["hasUniqueValue"]:
            self._store.drop_unique(kind, name)


def _archived(record: Record) -> Row:
    row = {**record.fields["definition"], "archived": True}
    return row if record.archived_at is None else {**row, "archivedAt": wire_time(record.archived_at)}


def _fields(kind: str, row: Row) -> Fields:
    return {"object": kind, "definition": row}
