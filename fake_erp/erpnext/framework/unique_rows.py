"""Unique columns of child tables: no two rows of any document may hold one value. Source: facts 3.5.

Who holds a value is remembered as a hint that only grows, and every hit is checked against the document as it stands. So a
rolled-back write needs no repair.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fake_erp.erpnext.errors import not_unique
from fake_erp.erpnext.framework.meta import Doc, DocType
from fake_erp.erpnext.wire import fold
from harness.kit.records import Record, RecordStore

Holders = dict[Any, dict[tuple[str, str], None]]  # DocType and name by value, values as the database compares them


class UniqueRows:
    def __init__(self, store: RecordStore, doctypes: dict[str, DocType]) -> None:
        self._store, self._doctypes = store, doctypes
        self._holders: dict[tuple[str, str], Holders] = {}

    def check(self, meta: DocType, fields: Doc) -> None:
        """Look at a document about to be written, and remember its values. Raises Refused (417) for a value that is taken."""
        for table, child in meta.tables.items():
            for f in self._doctypes[child].unique:
                holders = self._known(child, f.fieldname)
                met: set[Any] = set()
                for row in fields.get(table) or ():
                    if (value := fold(row.get(f.fieldname))) is None:
                        continue
                    if value in met or self._taken(child, f.fieldname, value, (meta.name, fields["name"])):
                        raise not_unique(child, row["name"], f.fieldname, f.label, str(row[f.fieldname]))
                    met.add(value)
                    holders.setdefault(value, {})[(meta.name, fields["name"])] = None

    def clash(self, child: str, fieldname: str) -> Any:
        """A value that two rows hold already, or None."""
        met: set[Any] = set()
        for _, value in self._values(child, fieldname):
            if fold(value) in met:
                return value
            met.add(fold(value))
        return None

    def forget(self) -> None:
        """After the schema has changed, or all records: what is held is looked up again when somebody asks."""
        self._holders.clear()

    def _taken(self, child: str, fieldname: str, value: Any, own: tuple[str, str]) -> bool:
        return any(
            holder != own and (record := self._store.get(*holder)) is not None and value in self._in(record, child, fieldname)
            for holder in self._holders[child, fieldname].get(value, ())
        )

    def _known(self, child: str, fieldname: str) -> Holders:
        holders = self._holders.get((child, fieldname))
        if holders is None:
            holders = self._holders[child, fieldname] = {}
            for record, value in self._values(child, fieldname):
                holders.setdefault(fold(value), {})[(record.kind, record.id)] = None
        return holders

    def _values(self, child: str, fieldname: str) -> Iterator[tuple[Record, Any]]:
        for meta in self._doctypes.values():
            if child in meta.tables.values():
                for record in self._store.all(meta.name):
                    for row in self._rows(record, child):
                        if row.get(fieldname) is not None:
                            yield record, row[fieldname]

    def _in(self, record: Record, child: str, fieldname: str) -> set[Any]:
        return {fold(row.get(fieldname)) for row in self._rows(record, child)}

    def _rows(self, record: Record, child: str) -> Iterator[Doc]:
        for table, kind in self._doctypes[record.kind].tables.items():
            if kind == child:
                yield from record.fields.get(table) or ()
