"""Documents as the user of the call may see and change them: the document machinery behind the role rights.

A save asks for write, one that changes docstatus for submit or cancel too, one of a submitted document for submit.
Source: facts 3.2.
The vendor looks at links before it looks at rights; here rights come first (our choice).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fake_erp.erpnext.errors import not_found, python_error, throw
from fake_erp.erpnext.framework import documents
from fake_erp.erpnext.framework.meta import PARENTAGE, STANDARD, Doc, DocType
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import number_of
from harness.kit.records import Record

if TYPE_CHECKING:
    from fake_erp.erpnext.dialect import ErpNextFake


_ROW_STANDARD = frozenset({*STANDARD, *PARENTAGE, "doctype"})


def fetch(fake: ErpNextFake, doctype: str, name: str, right: str = "read") -> Record:
    """Raises Refused: 404 before 403, as the vendor loads the document first."""
    record = fake.site.fetch(doctype, name)
    fake.permissions.check(record.kind, right, record.fields)
    return record


def insert(fake: ErpNextFake, doctype: str, data: Mapping[str, Any]) -> Doc:
    meta, permissions = fake.site.meta(doctype), fake.permissions
    if not meta.child:
        if permissions.narrowing(fake.site.user):
            permissions.check(meta.name, "create", {**data, "owner": fake.site.user, "name": None})
        else:
            permissions.check(meta.name, "create")
        if data.get("docstatus") and number_of(data["docstatus"]) == 1 and meta.submittable:
            permissions.check(meta.name, "submit")
        if data.get("amended_from"):
            permissions.check(meta.name, "amend")
    return documents.insert(fake.site, doctype, data)


def update(fake: ErpNextFake, doctype: str, name: str, data: Mapping[str, Any]) -> Doc:
    record = fake.site.fetch(doctype, name)
    _check_save(fake, record, data.get("docstatus"))
    return documents.update(fake.site, doctype, name, data)


def replace(fake: ErpNextFake, doctype: str, data: Mapping[str, Any], docstatus: int | None = None) -> Doc:
    """frappe.client.save and submit: the whole document as sent."""
    record = fake.site.fetch(doctype, str(data.get("name") or ""))
    _check_save(fake, record, data.get("docstatus") if docstatus is None else docstatus)
    return documents.replace(fake.site, doctype, data, docstatus=docstatus)


def delete(fake: ErpNextFake, doctype: str, name: str) -> None:
    meta = fake.site.meta(doctype)
    if meta.child:
        delete_row(fake, meta, name)
        return
    fetch(fake, doctype, name, "delete")
    documents.delete(fake.site, doctype, name)


def _check_save(fake: ErpNextFake, record: Record, docstatus: Any) -> None:
    permissions, before = fake.permissions, record.fields.get("docstatus")
    permissions.check(record.kind, "write", record.fields)
    wanted = number_of(docstatus) if docstatus is not None else before
    if not fake.site.doctypes[record.kind].submittable:
        return
    if wanted == 2:
        permissions.check(record.kind, "cancel", record.fields)
    elif wanted == 1 or before == 1:
        permissions.check(record.kind, "submit", record.fields)


# -- rows of child tables -------------------------------------------------------------------------------------------------


def update_row(fake: ErpNextFake, child: DocType, name: str, values: Mapping[str, Any]) -> tuple[Doc, Doc]:
    """A child row addressed by itself: the row is changed and its parent saved, totals and all [P10]. Returns parent and row."""
    record, table = holder(fake.site, child, name)
    _check_save(fake, record, None)
    rows = record.fields.get(table) or ()
    changed = [{**row, **values, "name": row["name"]} if row["name"] == name else row for row in rows]
    doc = documents.update(fake.site, record.kind, record.id, {table: changed})
    return doc, next(row for row in doc[table] if row["name"] == name)


def insert_row(fake: ErpNextFake, child: DocType, data: Mapping[str, Any]) -> tuple[Doc, Doc]:
    """A child row by itself: appended to its parent, which is saved. Returns parent and row.

    Raises Refused: 417 when it does not say where it belongs, 404 for a parent that does not exist.
    """
    if not (data.get("parenttype") and data.get("parent") and data.get("parentfield")):
        raise throw("Parenttype, Parent and Parentfield are required to insert a child record")
    record = fake.site.fetch(str(data["parenttype"]), str(data["parent"]))
    table = str(data["parentfield"])
    if fake.site.doctypes[record.kind].tables.get(table) != child.name:
        raise python_error("AttributeError", f"'{record.kind.replace(' ', '')}' object has no attribute '{table}'")
    new = {key: value for key, value in data.items() if key not in _ROW_STANDARD}
    doc = update(fake, record.kind, record.id, {table: [*record.fields.get(table, ()), new]})
    return doc, doc[table][-1]


def delete_row(fake: ErpNextFake, child: DocType, name: str) -> None:
    """A child row by itself: taken out of its parent, which is saved."""
    record, table = holder(fake.site, child, name)
    update(fake, record.kind, record.id, {table: [row for row in (record.fields.get(table) or ()) if row["name"] != name]})


def row(fake: ErpNextFake, child: DocType, name: str) -> Doc:
    record, table = holder(fake.site, child, name)
    fake.permissions.check(record.kind, "read", record.fields)
    return next(row for row in (record.fields.get(table) or ()) if row["name"] == name)


def holder(site: Site, child: DocType, name: str) -> tuple[Record, str]:
    """The document that has this row, and the table it is in. Raises Refused (404)."""
    found = site.references.holder(child.name, name)
    if found is None:
        raise not_found(child.name, name)
    return found
