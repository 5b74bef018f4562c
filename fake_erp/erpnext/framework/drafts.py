"""From what a client sent to a document in hand: casting, defaults, child rows, fetched fields. Nothing is stored here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fake_erp.erpnext.errors import python_error, throw
from fake_erp.erpnext.framework.meta import OPTIONAL, ZEROS, Doc, DocType, Field, is_company
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.framework.values import AS_SENT, cleaned
from fake_erp.erpnext.wire import encode, int_of, text_of


def new_document(site: Site, meta: DocType, data: Mapping[str, Any]) -> Doc:
    """A document of its own with defaults where the client said nothing (or null). Unknown keys vanish silently."""
    doc: Doc = {"doctype": meta.name, **meta.blank, "docstatus": 0, "idx": int_of(data.get("idx"))}
    _set_moments(site, meta, doc)
    for table in meta.tables:
        doc[table] = []
    apply(site, meta, doc, data, keep_defaults=True)
    if meta.lookups:
        _look_up_defaults(site, meta, doc, None)
    for table, child in meta.tables.items():
        child_meta = site.doctypes[child]
        if child_meta.lookups:
            for row in doc[table]:
                _look_up_defaults(site, child_meta, row, doc)
    return doc


def whole_document(site: Site, meta: DocType, data: Mapping[str, Any]) -> Doc:
    """A document that replaces a stored one: what the client left out is null, not its default."""
    doc = new_document(site, meta, data)
    for name in meta.blank:
        if data.get(name) is None:
            f = meta.columns[name]
            doc[name] = ZEROS.get(f.fieldtype)
    return doc


def _set_moments(site: Site, meta: DocType, doc: Doc) -> None:
    for fieldname in meta.today:
        doc[fieldname] = site.time.today()
    for fieldname in meta.now:
        is_time = meta.columns[fieldname].fieldtype == "Time"
        doc[fieldname] = site.time.now() if is_time else site.time.stamp()


def _look_up_defaults(site: Site, meta: DocType, doc: Doc, parent: Doc | None) -> None:
    """`__user` is who asks; `:Company` a column of the same name in the document's company, which itself is the site's own."""
    for f in meta.lookups:
        if doc.get(f.fieldname):
            continue
        if f.default == "__user":
            doc[f.fieldname] = site.user
        elif is_company(f):
            doc[f.fieldname] = site.default_company()
        else:
            source = f.default.removeprefix(":")
            name = doc.get(source.lower()) or (parent or {}).get(source.lower()) or site.default_company()
            doc[f.fieldname] = site.value(source, name, f.fieldname)


def apply(site: Site, meta: DocType, doc: Doc, data: Mapping[str, Any], *, keep_defaults: bool = False) -> None:
    """Put the client's values into `doc`; a table given replaces the table. Raises Refused for a list in a plain field."""
    fields, tables = meta.columns, meta.tables
    for key, value in data.items():
        f = fields.get(key)
        if f is not None:
            kind = value.__class__
            if kind is str and f.takes_text and "<" not in value:
                doc[key] = value
            elif (kind is float or kind is int) and f.plain:
                doc[key] = f.cast(value)
            elif value is not None or not keep_defaults:
                doc[key] = _value(f, value)
        elif key in tables:
            doc[key] = [new_row(site, meta, key, row, position) for position, row in enumerate(_rows(value), start=1)]
        elif key in OPTIONAL and not keep_defaults and not meta.child:
            doc[key] = text_of(value)


def _value(f: Field, value: Any) -> Any:
    """What a column makes of a value. Raises Refused: 417 for a list, 500 for an object the database driver cannot write."""
    if isinstance(value, (list, dict)):
        if f.fieldtype == "JSON" and isinstance(value, dict):
            return encode(value).decode()
        if isinstance(value, list):
            raise throw(f"Value for {f.label} cannot be a list")
        if f.fieldtype not in ZEROS:
            raise python_error("TypeError", "dict can not be used as parameter")
        return ZEROS[f.fieldtype]
    value = f.cast(value)
    if value.__class__ is str and "<" in value and f.fieldtype not in AS_SENT:
        value = cleaned(value)
    return None if "unique" in f.flags and not value else value


def _rows(value: Any) -> list[Mapping[str, Any]]:
    if isinstance(value, list):
        return [row for row in value if isinstance(row, Mapping)]
    return [value] if isinstance(value, Mapping) and value else []


def new_row(site: Site, meta: DocType, table: str, data: Mapping[str, Any], position: int) -> Doc:
    """A child row from the client. A row that carries a `name` is not merged with the stored one [P6]."""
    child = site.doctypes[meta.tables[table]]
    row: Doc = {"doctype": child.name, **child.blank}
    _set_moments(site, child, row)
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


def fetch_values(site: Site, meta: DocType, doc: Doc, *, after_submit: bool = False) -> None:
    """Overwrite fetched fields from the documents they are fetched from, as every save of a draft does; on a submitted document
    only those that may change then."""
    _fetch(site, meta, doc, after_submit)
    for table, child in meta.tables.items():
        rows = doc.get(table)
        if rows and (child_meta := site.doctypes[child]).fetched:
            for row in rows:
                _fetch(site, child_meta, row, after_submit)


def _fetch(site: Site, meta: DocType, doc: Doc, after_submit: bool) -> None:
    for fetched in meta.fetched:
        if after_submit and not fetched.after_submit:
            continue
        link = meta.columns.get(fetched.link)
        value = doc.get(fetched.link)
        if link is None or not value or (fetched.if_empty and doc.get(fetched.fieldname)):
            continue
        record = site.store.get(link.options, value)
        if record is not None:
            found = record.fields.get(fetched.source)
            if found or fetched.fieldname in doc or not fetched.sparse:
                doc[fetched.fieldname] = found


def keep_levels(site: Site, meta: DocType, doc: Doc, old: Mapping[str, Any] | None) -> None:
    """Columns above the user's permission level are put back, silently: to what is stored, or to their default."""
    before = old if old is not None else meta.blank
    for f in meta.levels:
        if doc.get(f.fieldname) != before.get(f.fieldname) and not site.may_write_level(meta.name, f.permlevel):
            doc[f.fieldname] = before.get(f.fieldname)


def identify_new_rows(site: Site, meta: DocType, doc: Doc) -> None:
    """Like `identify_rows`, for the rows that controllers added since."""
    for table in meta.tables:
        for position, row in enumerate(doc.get(table) or (), start=1):
            if not row.get("name"):
                row["name"] = site.random_name()
                row["owner"], row["creation"] = doc["modified_by"], doc["modified"]
                _place(meta, doc, table, position, row)


def identify_rows(site: Site, meta: DocType, doc: Doc, old: Mapping[str, Any] | None) -> set[int]:
    """Give rows their standard columns. Returns the ids (of objects) of rows that claim a name this document does not have:
    they are shown in the reply and never stored."""
    ghosts: set[int] = set()
    user, stamp = doc["modified_by"], doc["modified"]
    for table in meta.tables:
        rows = doc.get(table)
        if not rows:
            continue
        known = {row["name"]: row for row in (old.get(table) or ()) if row.get("name")} if old is not None else {}
        for position, row in enumerate(rows, start=1):
            before = known.get(row.get("name") or "")
            if before is not None:
                row["owner"], row["creation"] = before["owner"], before["creation"]
            else:
                if old is not None and row.get("name"):
                    ghosts.add(id(row))
                else:
                    row["name"] = site.random_name()
                row["owner"], row["creation"] = user, stamp
            _place(meta, doc, table, position, row)
    return ghosts


def _place(meta: DocType, doc: Doc, table: str, position: int, row: Doc) -> None:
    row["modified"], row["modified_by"], row["docstatus"] = doc["modified"], doc["modified_by"], doc["docstatus"]
    row.setdefault("idx", position)
    row["parent"], row["parentfield"], row["parenttype"] = doc["name"], table, meta.name


def stored_form(site: Site, meta: DocType, doc: Doc, ghosts: set[int]) -> Doc:
    """What goes into the store: known columns in their order, rows without nulls."""
    get = doc.get
    stored = {key: get(key) for key in meta.order}
    if meta.also(doc) is not None:
        stored.update(_set_ones(meta, doc))
    for key in OPTIONAL:
        if key in doc:
            stored[key] = doc[key]
    for table, child in meta.tables.items():
        if table in meta.absent and not get(table):
            continue
        child_meta = site.doctypes[child]
        order = child_meta.order
        stored[table] = rows = []
        for row in get(table) or ():
            if not ghosts or id(row) not in ghosts:
                rows.append(kept := {key: value for key in order if (value := row.get(key)) is not None})
                if child_meta.also(row) is not None:
                    kept.update(_set_ones(child_meta, row))
    return stored


def _set_ones(meta: DocType, doc: Doc) -> Doc:
    """The sparse columns that hold something else than what reads show of an absent one."""
    return {name: value for name, f in meta.sparse.items() if (value := doc.get(name)) is not None and value != f.absent}
