"""Custom Field: what an administrator adds to the site's schema. Source: facts 3.10."""

from __future__ import annotations

import re

from fake_erp.erpnext.errors import throw
from fake_erp.erpnext.framework.controller import Controller
from fake_erp.erpnext.framework.field_documents import custom_field
from fake_erp.erpnext.framework.meta import (
    LAYOUT,
    NUMBERS,
    OPTIONAL,
    PARENTAGE,
    STANDARD,
    ZEROS,
    Doc,
    DocType,
    Field,
)
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import fold
from harness.kit.records import UniqueConflict

_UNFIT = re.compile(r"\W")
FIELDNAME_MAX = 64
_INDEXED = frozenset({"Link", "Dynamic Link", "Select"})  # what is looked up by its value; unique columns are anyway
RESERVED = frozenset(
    {*STANDARD, *PARENTAGE, "doctype", "parent", "file_list", "flags", *OPTIONAL}
)  # columns and attributes every document has


class CustomFieldController(Controller):
    def autoname(self, site: Site, doc: Doc) -> str | None:
        meta = site.meta(doc.get("dt") or "")
        doc["fieldname"] = _fieldname(doc)
        if doc["fieldname"] in meta.fields:
            raise throw(f"A field with the name <strong>{doc['fieldname']}</strong> already exists in {meta.name}")
        doc["dt"] = meta.name
        return f"{meta.name}-{doc['fieldname']}"

    def validate(self, site: Site, doc: Doc, old: Doc | None) -> None:
        """Where the field stands is kept as a position in `idx`; what an existing field is cannot be changed into anything."""
        meta = site.meta(doc["dt"])
        if doc.get("fieldtype") in ("Table", "Table MultiSelect"):
            raise throw("Custom tables: Not supported by fake")
        if doc.get("fieldtype") == "Link" and not doc.get("options"):
            raise throw(f"Options is required for field {doc.get('label') or doc['fieldname']} of type Link")
        if old is not None and _kin(doc["fieldtype"]) != _kin(old["fieldtype"]):
            change = f"{old['fieldtype']} to {doc['fieldtype']}"
            raise throw(f"Fieldtype cannot be changed from {change}")
        if not doc.get("label"):
            doc["label"] = doc["fieldname"].removeprefix("custom_").replace("_", " ").title()
        names = list(meta.fields)
        if doc.get("insert_after") == "append":
            doc["insert_after"] = names[-1] if names else None
        if doc.get("insert_after") in names:
            doc["idx"] = names.index(doc["insert_after"]) + 1

    def on_update(self, site: Site, doc: Doc) -> None:
        install(site, doc)

    def on_trash(self, site: Site, doc: Doc) -> None:
        uninstall(site, doc["dt"], doc["fieldname"])


def _fieldname(doc: Doc) -> str:
    """As given, in lower case; else `custom_` and the label with blanks as `_` and without its other signs. Raises Refused."""
    name = str(doc.get("fieldname") or "")
    if not name:
        if not doc.get("label") and doc.get("fieldtype") not in LAYOUT:
            raise throw("Label is mandatory")
        label = str(doc.get("label") or f"{doc['fieldtype']}_{doc['idx']}")
        name = "custom_" + _UNFIT.sub("", label.replace(" ", "_"))
    name = name.lower()
    unfit = _UNFIT.findall(name)
    if unfit:
        signs = ", ".join(f'"{sign}"' for sign in unfit)
        raise throw(f"Fieldname <strong>{name}</strong> cannot have special characters like {signs}", "InvalidColumnName")
    if len(name) > FIELDNAME_MAX:
        raise throw(f"Fieldname is limited to 64 characters ({name})")
    if name in RESERVED:
        raise throw(f"Fieldname {name} is restricted")
    return name


def _kin(fieldtype: str) -> str:
    """Types that may be changed into each other: those of one kind of column. The vendor's list, shortened (our choice)."""
    if fieldtype in NUMBERS:
        return "number"
    if fieldtype in ("Int", "Check"):
        return "integer"
    return fieldtype if fieldtype in ("Date", "Datetime", "Time") else "layout" if fieldtype in LAYOUT else "text"


def install(site: Site, values: Doc) -> None:
    """Make the column known. Raises Refused when a unique column would hold duplicates."""
    meta = site.meta(values["dt"])
    f = custom_field(values)
    known = meta.fields.get(f.fieldname)
    site.dropped.get(meta.name, set()).discard(f.fieldname)
    _place(meta, f, values.get("insert_after"))
    if f.fieldtype in LAYOUT:
        meta.derive()
        return
    if "unique" in f.flags:
        _make_unique(site, meta, f, known)
    elif site.store.is_unique(meta.name, f.fieldname):
        site.store.drop_unique(meta.name, f.fieldname)
    meta.derive()
    if known is None:
        _fill(site, meta, f)
    if not meta.child and f.fieldtype in _INDEXED and not site.store.is_indexed(meta.name, f.fieldname):
        site.store.define(meta.name, indexes=(f.fieldname,))


def _make_unique(site: Site, meta: DocType, f: Field, known: Field | None) -> None:
    """A unique key on a table whose rows already clash is the database's refusal."""
    clash = None
    if meta.child:
        site.unique_rows.forget()
        clash = site.unique_rows.clash(meta.name, f.fieldname)
    else:
        try:
            site.store.define(meta.name, unique={f.fieldname: fold})
        except UniqueConflict as conflict:
            clash = conflict.value
    if clash is None:
        return
    if known is None:
        del meta.fields[f.fieldname]
    else:
        meta.fields[f.fieldname] = known
    meta.derive()
    raise throw(f"Cannot make {f.label} unique: Duplicate entry '{clash}' for key '{f.fieldname}'", "UniqueValidationError")


def _place(meta: DocType, f: Field, after: str | None) -> None:
    """Behind the field it names, else at the end; a field that is there keeps its place."""
    if f.fieldname in meta.fields or after not in meta.fields:
        meta.fields[f.fieldname] = f
        return
    fields: dict[str, Field] = {}
    for name, known in meta.fields.items():
        fields[name] = known
        if name == after:
            fields[f.fieldname] = f
    meta.fields = fields


def _fill(site: Site, meta: DocType, f: Field) -> None:
    """Documents that were there before a column hold its default, numbers at least 0, as after the database's own ALTER TABLE.

    That is no change of the documents, so neither a version nor the change feed tells it; a rolled-back field leaves a value
    behind that nobody reads.
    """
    value = f.blank if f.default or f.fieldtype in ZEROS else None
    if value is None:
        return
    for holder, table in _tables_of(site, meta):
        for record in site.store.all(holder):
            fields = record.fields
            if not table:
                record.fields = {f.fieldname: value, **fields}
            elif fields.get(table):
                record.fields = {**fields, table: [{f.fieldname: value, **row} for row in fields[table]]}


def _tables_of(site: Site, meta: DocType) -> list[tuple[str, str]]:
    """Where documents of a DocType are: under their own name, or as rows of others."""
    if not meta.child:
        return [(meta.name, "")]
    return [(each.name, table) for each in site.doctypes.values() for table, child in each.tables.items() if child == meta.name]


def uninstall(site: Site, doctype: str, fieldname: str) -> None:
    """The column's values stay in the records, as they stay in the vendor's table: a field made anew finds them."""
    meta = site.meta(doctype)
    site.dropped.setdefault(doctype, set()).add(fieldname)
    if site.store.is_unique(doctype, fieldname):
        site.store.drop_unique(doctype, fieldname)
    meta.fields.pop(fieldname, None)
    meta.derive()


def reinstall(site: Site) -> None:
    """Rebuild the schema from the stored Custom Fields, after a rollback or a restored snapshot."""
    site.unique_rows.forget()
    wanted = {(record.fields["dt"], record.fields["fieldname"]): record.fields for record in site.store.all("Custom Field")}
    for meta in site.doctypes.values():
        for fieldname in [name for name, f in meta.fields.items() if f.custom and (meta.name, name) not in wanted]:
            uninstall(site, meta.name, fieldname)
    for (dt, fieldname), values in wanted.items():
        if fieldname not in site.meta(dt).fields:
            install(site, values)
