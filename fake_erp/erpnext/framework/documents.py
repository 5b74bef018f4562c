"""The life of a document: insert, update, submit, cancel, delete. One save is one list of steps, in the vendor's order.

    0 → 0 save     0 → 1 submit     1 → 1 update after submit     1 → 2 cancel     anything else is refused
Source: facts 3.2, 3.3, 3.6, 3.7. All of it runs inside the request's transaction; a refusal undoes everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fake_erp.erpnext.errors import Refused, duplicate_name, not_unique, stale, throw
from fake_erp.erpnext.framework import validation
from fake_erp.erpnext.framework.controller import controller_of
from fake_erp.erpnext.framework.drafts import apply, fetch_values, identify_rows, new_document, stored_form, working_copy
from fake_erp.erpnext.framework.links import check_cancel_links, check_delete_links
from fake_erp.erpnext.framework.meta import Doc, DocType
from fake_erp.erpnext.framework.naming import give_back, name_for
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import number_of
from harness.kit.records import Record, UniqueConflict

STATES = {0: "Draft", 1: "Submitted", 2: "Cancelled"}


def insert(site: Site, doctype: str, data: Mapping[str, Any]) -> Doc:
    """Create a document; `docstatus: 1` in `data` submits it in the same transaction. Returns it as stored."""
    meta = site.meta(doctype)
    if meta.child:
        raise throw(f"{meta.name} cannot be created without its parent", "PermissionError", status=403)
    doc = new_document(site, meta, data)
    doc["docstatus"] = docstatus = _docstatus(data.get("docstatus", 0))
    if docstatus == 2:
        raise Refused(417, "DocstatusTransitionError", "Cannot change docstatus from 0 (Draft) to 2 (Cancelled)")
    if docstatus and not meta.submittable:
        raise throw("Document Type is not submittable", "PermissionError", status=403)
    stamp = site.time.stamp()
    doc["owner"] = doc["modified_by"] = site.user
    doc["creation"] = doc["modified"] = stamp
    rules = controller_of(meta.name)
    rules.before_insert(site, doc)
    _check_amendment(site, meta, doc)
    validation.check_links(site, meta, doc)
    fetch_values(site, meta, doc)
    given = data.get("name")
    doc["name"] = name_for(site, meta, doc, str(given) if given else None)
    identify_rows(site, meta, doc, None)
    rules.validate(site, doc, None)
    if docstatus:
        rules.before_submit(site, doc)
    identify_rows(site, meta, doc, doc)
    validation.check_document(site, meta, doc)
    _write(site, meta, doc, None, set())
    rules.after_insert(site, doc)
    site.emit("after_insert", meta.name, doc)
    rules.on_update(site, doc)
    site.emit("on_update", meta.name, doc)
    if docstatus:
        rules.on_submit(site, doc)
        site.emit("on_submit", meta.name, doc)
    return stored(site, meta, doc["name"])


def update(site: Site, doctype: str, name: str, data: Mapping[str, Any]) -> Doc:
    """PUT: change the given keys only; a table given is replaced; `docstatus` submits or cancels. Returns it as stored."""
    meta = site.meta(doctype)
    record = site.fetch(meta.name, name)
    doc = working_copy(meta, record.fields)
    if "modified" in data:
        check_not_stale(site, record, data["modified"])
    apply(site, meta, doc, data)
    wanted = _docstatus(data["docstatus"]) if data.get("docstatus") is not None else record.fields["docstatus"]
    return save(site, meta, record, doc, wanted)


def replace(site: Site, doctype: str, data: Mapping[str, Any], *, docstatus: int | None = None) -> Doc:
    """frappe.client.save and submit: the document as sent, whole; it must carry the current `modified`."""
    meta = site.meta(doctype)
    record = site.fetch(meta.name, str(data.get("name") or ""))
    check_not_stale(site, record, data.get("modified") or "")
    doc = new_document(site, meta, data)
    for key in ("name", "owner", "creation"):
        doc[key] = record.fields[key]
    wanted = docstatus if docstatus is not None else _docstatus(data.get("docstatus", 0))
    return save(site, meta, record, doc, wanted)


def check_not_stale(site: Site, record: Record, carried: Any) -> None:
    """The optimistic lock compares texts: equal or refused."""
    if str(carried) != record.fields["modified"]:
        raise stale(record.fields["modified"], site.next_stamp(record))


def save(site: Site, meta: DocType, record: Record, doc: Doc, wanted: int) -> Doc:
    """Store `doc` over `record`, moving its docstatus to `wanted`."""
    before = record.fields["docstatus"]
    if before == 2:
        raise Refused(417, "ValidationError", "Cannot edit cancelled document")
    if (before, wanted) in ((0, 2), (1, 0)):
        raise Refused(
            417,
            "DocstatusTransitionError",
            f"Cannot change docstatus from {before} ({STATES[before]}) to {wanted} ({STATES[wanted]})",
        )
    if wanted and not meta.submittable:
        raise throw("Document Type is not submittable", "PermissionError", status=403)
    doc["doctype"], doc["docstatus"], doc["name"] = meta.name, wanted, record.id
    doc["modified"], doc["modified_by"] = site.next_stamp(record), site.user
    if wanted == 2:
        return _cancel(site, meta, record, doc)
    if before == 1:
        return _update_submitted(site, meta, record, doc)
    return _save_draft(site, meta, record, doc)


def _save_draft(site: Site, meta: DocType, record: Record, doc: Doc) -> Doc:
    rules, old = controller_of(meta.name), record.fields
    validation.check_constants(meta, doc, old)
    validation.check_links(site, meta, doc)
    fetch_values(site, meta, doc)
    ghosts = identify_rows(site, meta, doc, old)
    rules.validate(site, doc, old)
    if doc["docstatus"]:
        rules.before_submit(site, doc)
    validation.check_document(site, meta, doc)
    _name_new_rows(site, meta, doc)
    _write(site, meta, doc, record, ghosts)
    rules.on_update(site, doc)
    site.emit("on_update", meta.name, doc)
    if doc["docstatus"]:
        rules.on_submit(site, doc)
        site.emit("on_submit", meta.name, doc)
    site.emit("on_change", meta.name, doc)
    return stored(site, meta, record.id)


def _update_submitted(site: Site, meta: DocType, record: Record, doc: Doc) -> Doc:
    rules, old = controller_of(meta.name), record.fields
    validation.check_links(site, meta, doc)
    ghosts = identify_rows(site, meta, doc, old)
    rules.before_update_after_submit(site, doc, old)
    validation.check_after_submit(site, meta, doc, old)
    validation.check_document(site, meta, doc)
    _write(site, meta, doc, record, ghosts)
    if site.settings.update_after_submit_webhook_fires:
        site.emit("on_update_after_submit", meta.name, doc)
    site.emit("on_change", meta.name, doc)
    return stored(site, meta, record.id)


def _cancel(site: Site, meta: DocType, record: Record, doc: Doc) -> Doc:
    rules = controller_of(meta.name)
    doc = working_copy(meta, {**record.fields, "docstatus": 2, "modified": doc["modified"], "modified_by": doc["modified_by"]})
    doc["doctype"] = meta.name
    rules.before_cancel(site, doc)
    identify_rows(site, meta, doc, record.fields)
    _write(site, meta, doc, record, set())
    rules.on_cancel(site, doc)
    check_cancel_links(site, meta.name, record.id)
    site.emit("on_cancel", meta.name, doc)
    site.emit("on_change", meta.name, doc)
    return stored(site, meta, record.id)


def delete(site: Site, doctype: str, name: str) -> None:
    """Remove a document for good. Raises Refused when it is submitted or anything links to it."""
    meta = site.meta(doctype)
    record = site.fetch(meta.name, name)
    if record.fields.get("docstatus") == 1:
        raise throw(
            f"{meta.name} {record.id}: Submitted Record cannot be deleted. "
            "You must <a href='https://docs.erpnext.com'> Cancel </a> it first."
        )
    check_delete_links(site, meta, record.id)
    controller_of(meta.name).on_trash(site, working_copy(meta, record.fields))
    site.emit("on_trash", meta.name, record.fields)
    give_back(site, meta, record.fields)
    site.store.delete(meta.name, record.id)


def stored(site: Site, meta: DocType, name: str) -> Doc:
    record = site.store.get(meta.name, name)
    return record.fields if record is not None else {}


def _docstatus(value: Any) -> int:
    number = number_of(value)
    if number not in (0, 1, 2):
        raise Refused(417, "ValidationError", f"('Invalid docstatus', {float(number):g})")
    return int(number)


def _check_amendment(site: Site, meta: DocType, doc: Doc) -> None:
    source = site.store.get(meta.name, doc["amended_from"]) if doc.get("amended_from") else None
    if source is not None and source.fields["docstatus"] != 2:
        link = f'<a href="https://erp.example.com/app/{meta.name.lower().replace(" ", "-")}/{source.id}">{source.id}</a>'
        text = f"{link} cannot be amended because it is not cancelled. Please cancel the document before creating an amendment."
        raise throw(text, title="Amendment Not Allowed")


def _name_new_rows(site: Site, meta: DocType, doc: Doc) -> None:
    """Rows that controllers added while validating."""
    if any("name" not in row for table in meta.tables for row in doc.get(table) or ()):
        identify_rows(site, meta, doc, doc)


def _write(site: Site, meta: DocType, doc: Doc, record: Record | None, ghosts: set[int]) -> None:
    values = stored_form(site, meta, doc, ghosts)
    try:
        if record is None:
            site.store.insert(meta.name, values["name"], values)
        else:
            site.store.update(meta.name, record.id, values)
    except UniqueConflict as conflict:
        if conflict.field == "name":
            raise duplicate_name(meta.name, values["name"]) from None
        raise not_unique(
            meta.name, values["name"], conflict.field, meta.columns[conflict.field].label, str(conflict.value)
        ) from None
    site.references.note(meta.name, values["name"], values)
