"""Who refers to whom: links between documents, with reverse indexes where flows need them at any size.

The indexes are hints: they only grow, and every hit is checked against the record as it stands. So a rolled-back write or a
restored snapshot needs no repair.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fake_erp.erpnext.framework.meta import DocType, Field
from harness.kit.records import Record, RecordStore

HINTED: dict[str, tuple[tuple[str, str], ...]] = {
    "Sales Order": (("items", "prevdoc_docname"),),
    "Delivery Note": (("items", "against_sales_order"), ("items", "against_sales_invoice")),
    "Sales Invoice": (("items", "sales_order"), ("items", "delivery_note")),
    "Payment Entry": (("references", "reference_name"),),
    "Address": (("links", "link_name"),),
    "Contact": (("links", "link_name"),),
}
DYNAMIC_TARGETS = {
    "party_name": ("Customer",),
    "party": ("Customer",),
    "link_name": ("Customer",),
    "reference_name": ("Sales Order", "Sales Invoice"),
}


@dataclass(frozen=True, slots=True)
class Incoming:
    """One column that may point at a DocType; `table` is empty for a parent's own column, `type_field` for a plain link."""

    doctype: str
    table: str
    fieldname: str
    type_field: str


class References:
    def __init__(self, store: RecordStore, doctypes: dict[str, DocType]) -> None:
        self._store, self._doctypes = store, doctypes
        self._hints: dict[tuple[str, str, str], dict[str, None]] = {}
        self._rows: dict[str, tuple[str, str, str]] = {}  # name of a child row → DocType, document and table it was written in

    def note(self, doctype: str, name: str, fields: dict[str, Any]) -> None:
        """Remember what a document about to be written refers to."""
        for table, fieldname in HINTED.get(doctype, ()):
            for row in fields.get(table) or ():
                value = row.get(fieldname)
                if value:
                    self._hints.setdefault((doctype, fieldname, value), {})[name] = None
        for table in self._doctypes[doctype].tables:
            for row in fields.get(table) or ():
                self._rows[row["name"]] = (doctype, name, table)

    def holder(self, child: str, row: str) -> tuple[Record, str] | None:
        """The document that has a row of the child DocType with this name, and the table it is in."""
        hint = self._rows.get(row)
        if hint is not None:
            doctype, name, table = hint
            record = self._store.get(doctype, name)
            if record is not None and self._doctypes[doctype].tables.get(table) == child and _has_row(record, table, row):
                return record, table
        return self._search(child, row)  # its document has got another name, or there is no such row

    def _search(self, child: str, row: str) -> tuple[Record, str] | None:
        for meta in self._doctypes.values():
            for table in (table for table, kind in meta.tables.items() if kind == child):
                for record in self._store.all(meta.name):
                    if _has_row(record, table, row):
                        self._rows[row] = (meta.name, record.id, table)
                        return record, table
        return None

    def holders(self, doctype: str, fieldname: str, value: str) -> list[Record]:
        """Documents of a DocType that (may) refer to `value` in a hinted column, oldest first."""
        found = self._hints.get((doctype, fieldname, value))
        if not found:
            return []
        get = self._store.get
        return [record for name in found if (record := get(doctype, name)) is not None]

    def rows(self, doctype: str, fieldname: str, value: str, docstatus: int | None = 1) -> Iterator[tuple[Record, dict[str, Any]]]:
        """Each row of `doctype` that refers to `value`, with its document; `docstatus` None takes all."""
        tables = [table for table, name in HINTED[doctype] if name == fieldname]
        for record in self.holders(doctype, fieldname, value):
            if docstatus is None or record.fields["docstatus"] == docstatus:
                for row in record.fields.get(tables[0]) or ():
                    if row.get(fieldname) == value:
                        yield record, row

    def incoming(self, target: str) -> list[Incoming]:
        """Every column of every DocType that may point at `target`."""
        found: list[Incoming] = []
        for meta in self._doctypes.values():
            if meta.child:
                continue
            found += [Incoming(meta.name, "", *column) for column in _pointing(meta, target)]
            for table, child in meta.tables.items():
                found += [Incoming(meta.name, table, *column) for column in _pointing(self._doctypes[child], target)]
        return found

    def linking(self, target: str, name: str) -> Iterator[tuple[Record, int, str]]:
        """Documents that point at `target` `name`: the document, the row's idx (0: no row), the column."""
        for column in self.incoming(target):
            for record in self.candidates(column, name):
                fields = record.fields
                for row in (fields.get(column.table) or ()) if column.table else (fields,):
                    if row.get(column.fieldname) == name and (not column.type_field or row.get(column.type_field) == target):
                        yield record, row["idx"] if column.table else 0, column.fieldname

    def candidates(self, column: Incoming, name: str) -> list[Record]:
        """Documents that may point at `name` with this column."""
        if (column.table, column.fieldname) in HINTED.get(column.doctype, ()):
            return self.holders(column.doctype, column.fieldname, name)
        if not column.table and self._store.is_indexed(column.doctype, column.fieldname):
            return self._store.where(column.doctype, column.fieldname, name)
        return list(self._store.all(column.doctype))


def _has_row(record: Record, table: str, row: str) -> bool:
    return any(each["name"] == row for each in record.fields.get(table) or ())


def _links(meta: DocType) -> tuple[Field, ...]:
    return meta.links + meta.extra.links if meta.extra is not None else meta.links


def _pointing(meta: DocType, target: str) -> list[tuple[str, str]]:
    plain = [(f.fieldname, "") for f in _links(meta) if f.fieldtype == "Link" and f.options == target]
    dynamic = [
        (f.fieldname, f.options) for f in _links(meta) if f.fieldtype != "Link" and target in DYNAMIC_TARGETS.get(f.fieldname, ())
    ]
    return plain + dynamic
