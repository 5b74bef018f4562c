"""From what a client sent to a document in hand: casting, defaults, child rows, fetched fields. Nothing is stored here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fake_erp.erpnext.errors import throw
from fake_erp.erpnext.framework.meta import Doc, DocType
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import int_of


def new_document(site: Site, meta: DocType, data: Mapping[str, Any]) -> Doc:
    """A document of its own with defaults where the client said nothing (or null). Unknown keys vanish silently."""
    doc: Doc = {"doctype": meta.name, **meta.blank, "docstatus": 0, "idx": int_of(data.get("idx"))}
    for fieldname in meta.today:
        doc[fieldname] = site.time.today()
    for fieldname in meta.now:
        doc[fieldname] = site.time.now()
    for table in meta.tables:
        doc[table] = []
    apply(site, meta, doc, data, keep_defaults=True)
    return doc


def apply(site: Site, meta: DocType, doc: Doc, data: Mapping[str, Any], *, keep_defaults: bool = False) -> None:
    """Put the client's values into `doc`; a table given replaces the table. Raises Refused for a list in a plain field."""
    fields, tables = meta.columns, meta.tables
    for key, value in data.items():
        f = fields.get(key)
        if f is not None:
            if value is None and keep_defaults:
                continue
            if isinstance(value, (list, dict)):
                raise throw(f"Value for {f.label} cannot be a list")
            doc[key] = f.cast(value)
            if "unique" in f.flags and not doc[key]:
                doc[key] = None
        elif key in tables:
            doc[key] = [new_row(site, meta, key, row, position) for position, row in enumerate(_rows(value), start=1)]


def _rows(value: Any) -> list[Mapping[str, Any]]:
    if isinstance(value, list):
        return [row for row in value if isinstance(row, Mapping)]
    return [value] if isinstance(value, Mapping) and value else []


def new_row(site: Site, meta: DocType, table: str, data: Mapping[str, Any], position: int) -> Doc:
    """A child row from the client. A row that carries a `name` is not merged with the stored one [P6]."""
    child = site.doctypes[meta.tables[table]]
    row: Doc = {"doctype": child.name, **child.blank}
    for fieldname in child.today:
        row[fieldname] = site.time.today()
    apply(site, child, row, data, keep_defaults=True)
    row["idx"] = int_of(data.get("idx")) or position
    row["parentfield"] = table
    name = data.get("name")
    if name and isinstance(name, str) and not data.get("__islocal"):
        row["name"] = name
    return row


def working_copy(meta: DocType, fields: Mapping[str, Any]) -> Doc:
    """A copy of a stored document that may be changed, rows too."""
    doc = dict(fields)
    for table in meta.tables:
        doc[table] = [dict(row) for row in doc.get(table) or ()]
    return doc


def fetch_values(site: Site, meta: DocType, doc: Doc) -> None:
    """Overwrite fetched fields from the documents they are fetched from, as every save of a draft does."""
    _fetch(site, meta, doc)
    for table, child in meta.tables.items():
        child_meta = site.doctypes[child]
        if child_meta.fetched:
            for row in doc.get(table) or ():
                _fetch(site, child_meta, row)


def _fetch(site: Site, meta: DocType, doc: Doc) -> None:
    for fieldname, link, source in meta.fetched:
        target = meta.columns.get(link)
        if target is not None and doc.get(link):
            record = site.store.get(target.options, doc[link])
            if record is not None:
                doc[fieldname] = record.fields.get(source)


def identify_rows(site: Site, meta: DocType, doc: Doc, old: Mapping[str, Any] | None) -> set[int]:
    """Give rows their standard columns. Returns the ids (of objects) of rows that claim a name this document does not have:
    they are shown in the reply and never stored."""
    ghosts: set[int] = set()
    user, stamp, docstatus, name = doc["modified_by"], doc["modified"], doc["docstatus"], doc["name"]
    for table in meta.tables:
        known = {row["name"]: row for row in (old.get(table) or ()) if row.get("name")} if old is not None else {}
        for position, row in enumerate(doc.get(table) or (), start=1):
            before = known.get(row.get("name") or "")
            if before is not None:
                row["owner"], row["creation"] = before["owner"], before["creation"]
            else:
                if old is not None and row.get("name"):
                    ghosts.add(id(row))
                else:
                    row["name"] = site.random_name()
                row["owner"], row["creation"] = user, stamp
            row["modified"], row["modified_by"], row["docstatus"] = stamp, user, docstatus
            row.setdefault("idx", position)
            row["parent"], row["parentfield"], row["parenttype"] = name, table, meta.name
    return ghosts


def stored_form(site: Site, meta: DocType, doc: Doc, ghosts: set[int]) -> Doc:
    """What goes into the store: known columns in their order, rows without nulls."""
    get = doc.get
    stored = {key: get(key) for key in meta.order}
    for table, child in meta.tables.items():
        order = site.doctypes[child].order
        stored[table] = [
            {key: value for key in order if (value := row.get(key)) is not None}
            for row in get(table) or ()
            if not ghosts or id(row) not in ghosts
        ]
    return stored
