"""Property definitions of one account: the stock ones, and above them what was created or changed, kept in the store.

The store's kind `properties` holds wire rows under `deals/erp_order_id`. A definition is compiled for validation once per row;
the cache compares rows by identity, so a restored snapshot needs no notice.
"""

from __future__ import annotations

from typing import Any

from fake_crm.hubspot.model.stock import EXTERNAL, STOCK
from harness.kit.records import Fields, Record, RecordStore

KIND = "properties"
Row = dict[str, Any]


class Property:
    """A definition made ready for validating: what a value may be."""

    __slots__ = ("allowed", "external", "field_type", "multiple", "name", "read_only", "row", "type", "unique")

    def __init__(self, row: Row) -> None:
        self.row = row
        self.name: str = row["name"]
        self.type: str = row["type"]
        self.field_type: str = row["fieldType"]
        self.multiple = self.field_type == "checkbox"
        self.read_only: bool = row["modificationMetadata"]["readOnlyValue"]
        self.unique: bool = row["hasUniqueValue"]
        self.allowed: dict[str, None] = dict.fromkeys(option["value"] for option in row["options"])
        self.external: str = EXTERNAL.get(self.name, "") if row["externalOptions"] else ""


_COMPILED = {kind: {name: Property(row) for name, row in rows.items()} for kind, rows in STOCK.items()}


class Definitions:
    def __init__(self, store: RecordStore) -> None:
        self._store = store
        self._compiled: dict[str, Property] = {}
        store.define(KIND, indexes=("object",))

    def find(self, kind: str, name: str) -> Property | None:
        """The live definition, or None."""
        key = f"{kind}/{name}"
        record = self._store.get(KIND, key)
        if record is None:
            return _COMPILED[kind].get(name)
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
            return STOCK[kind].get(name)
        if not record.archived:
            found: Row = record.fields["definition"]
            return found
        return {**record.fields["definition"], "archived": True}

    def rows(self, kind: str, *, archived: bool = False) -> list[Row]:
        """Wire rows of a type, stock ones first."""
        own = {record.fields["definition"]["name"]: record for record in self._store.where(KIND, "object", kind)}
        if archived:
            return [{**record.fields["definition"], "archived": True} for record in own.values() if record.archived]
        stock = [own[name].fields["definition"] if name in own else row for name, row in STOCK[kind].items()]
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
        if row["hasUniqueValue"] and row["name"] not in STOCK[kind]:
            self._store.define(kind, unique={row["name"]: None})

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


def _fields(kind: str, row: Row) -> Fields:
    return {"object": kind, "definition": row}
