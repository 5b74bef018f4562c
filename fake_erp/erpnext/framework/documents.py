"""The life of a document: insert, update, submit, cancel, delete. One save is one list of steps, in the vendor's order.

    0 → 0 save     0 → 1 submit     1 → 1 update after submit     1 → 2 cancel     anything else is refused
Source: facts 3.2, 3.3, 3.6, 3.7. All of it runs inside the request's transaction; a refusal undoes everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fake_erp.erpnext.errors import Refused, duplicate_name, not_unique, stale, throw
from fake_erp.erpnext.framework import validation
from fake_erp.erpnext.framework.amend import check_amendment
from fake_erp.erpnext.framework.controller import controller_of
from fake_erp.erpnext.framework.drafts import (
    apply,
    fetch_values,
    identify_new_rows,
    identify_rows,
    keep_levels,
    new_document,
    stored_form,
    whole_document,
    working_copy,
)
from fake_erp.erpnext.framework.echo import as_answered
from fake_erp.erpnext.framework.links import check_cancel_links
from fake_erp.erpnext.framework.locks import check_after_submit, check_constants
from fake_erp.erpnext.framework.meta import Doc, DocType
from fake_erp.erpnext.framework.naming import name_for
from fake_erp.erpnext.framework.removal import delete as delete
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.framework.versions import note_version
from fake_erp.erpnext.wire import number_of
from harness.kit.records import Record, UniqueConflict

SENT = "__sent"  # on a new document until it is stored: what the client sent, with keys that are no columns
STATES = {0: "Draft", 1: "Submitted", 2: "Cancelled"}


def insert(site: Site, doctype: str, data: Mapping[str, Any]) -> Doc:
    """Create a document; `docstatus: 1` in `data` submits it in the same transaction. Returns it as answers show it."""
    meta = site.meta(doctype)
    if meta.child:
        raise throw(f"{meta.name} cannot be created without its parent", "PermissionError", status=403)
    doc = _prepared(site, meta, data)
    rules = controller_of(meta.name)
    doc[SENT] = data
    rules.validate(site, doc, None)
    if doc["docstatus"]:
        rules.before_submit(site, doc)
    identify_new_rows(site, meta, doc)
    validation.check_document(site, meta, doc)
    _keep_name_in_field(meta, doc)
    _write(site, meta, doc, None, set())
    rules.after_insert(site, doc)
    del doc[SENT]
    site.emit("after_insert", meta.name, doc)
    _tell_saved(site, meta, doc)
    return as_answered(site, meta, stored(site, meta, doc["name"]), doc, data, set())


def _prepared(site: Site, meta: DocType, data: Mapping[str, Any]) -> Doc:
    """A new document with its defaults, stamps, links and name, before its own rules look at it."""
    doc = new_document(site, meta, data)
    doc["docstatus"] = docstatus = _docstatus(data.get("docstatus", 0))
    _check_transition(0, docstatus)
    if docstatus and not meta.submittable:
        raise throw("Document Type is not submittable", "PermissionError", status=403)
    stamp = site.time.stamp()
    doc["owner"] = doc["modified_by"] = site.user
    doc["creation"] = doc["modified"] = stamp
    controller_of(meta.name).before_insert(site, doc)
    check_amendment(site, meta, doc)
    validation.check_links(site, meta, doc)
    fetch_values(site, meta, doc)
    given = data.get("name")
    doc["name"] = name_for(site, meta, doc, str(given) if given else None)
    if meta.levels:
        keep_levels(site, meta, doc, None)
    identify_rows(site, meta, doc, None)
    return doc


def update(site: Site, doctype: str, name: str, data: Mapping[str, Any]) -> Doc:
    """PUT: change the given keys only; a table given is replaced; `docstatus` submits or cancels. Returns it as answers show it."""
    meta = site.meta(doctype)
    record = site.fetch(meta.name, name)
    doc = working_copy(meta, record.fields)
    if data.get("name") and data["name"] != record.id:
        _check_other_name(site, meta, record, str(data["name"]))
    if "modified" in data:
        check_not_stale(site, record, data["modified"])
    apply(site, meta, doc, data)
    wanted = _docstatus(data["docstatus"]) if data.get("docstatus") is not None else record.fields["docstatus"]
    return save(site, meta, record, doc, wanted, data)


def replace(site: Site, doctype: str, data: Mapping[str, Any], *, docstatus: int | None = None) -> Doc:
    """frappe.client.save and submit: the document as sent, whole, missing keys as nulls; it must carry `modified`."""
    meta = site.meta(doctype)
    record = site.fetch(meta.name, str(data.get("name") or ""))
    check_not_stale(site, record, data.get("modified") or "")
    doc = whole_document(site, meta, data)
    for key in ("name", "owner", "creation"):
        doc[key] = record.fields[key]
    wanted = docstatus if docstatus is not None else _docstatus(data.get("docstatus", 0))
    return save(site, meta, record, doc, wanted, data)


def check_not_stale(site: Site, record: Record, carried: Any) -> None:
    """The optimistic lock compares texts: equal or refused."""
    if str(carried) != record.fields["modified"]:
        whose = f"{record.id} ({record.kind})" if site.settings.version >= 16 else "Document"
        raise stale(record.fields["modified"], site.next_stamp(record), whose)


def _check_other_name(site: Site, meta: DocType, record: Record, name: str) -> None:
    """A PUT whose body names another document is saved as that one: it is missing, or its `modified` is not the one that was read.

    Source: facts 2.6, inferred.
    """
    other = site.fetch(meta.name, name)
    if other.id != record.id:
        check_not_stale(site, other, record.fields["modified"])


def _check_transition(before: int, wanted: int) -> None:
    """Raises Refused (417), in all cases without messages for people."""
    if before == 2:
        raise Refused(417, "ValidationError", "Cannot edit cancelled document")
    if wanted not in STATES:
        raise Refused(417, "ValidationError", f"('Invalid docstatus', {wanted})")
    if (before, wanted) in ((0, 2), (1, 0)):
        text = f"Cannot change docstatus from {before} ({STATES[before]}) to {wanted} ({STATES[wanted]})"
        raise Refused(417, "DocstatusTransitionError", text)


def save(site: Site, meta: DocType, record: Record, doc: Doc, wanted: int, data: Mapping[str, Any] | None = None) -> Doc:
    """Store `doc` over `record`, moving its docstatus to `wanted`. `data` is what the client sent of it."""
    before = record.fields["docstatus"]
    _check_transition(before, wanted)
    if wanted and not meta.submittable:
        raise throw("Document Type is not submittable", "PermissionError", status=403)
    doc["doctype"], doc["docstatus"], doc["name"] = meta.name, wanted, record.id
    doc["modified"], doc["modified_by"] = site.next_stamp(record), site.user
    old, ghosts = record.fields, set[int]()
    if wanted == 2:
        doc = _cancel(site, meta, record, doc)
    else:
        if meta.levels:
            keep_levels(site, meta, doc, old)
        ghosts = _update_submitted(site, meta, record, doc) if before == 1 else _save_draft(site, meta, record, doc)
    note_version(site, meta, old, stored(site, meta, record.id))
    site.emit("on_change", meta.name, doc)
    return as_answered(site, meta, stored(site, meta, record.id), doc, data or {}, ghosts)


def _save_draft(site: Site, meta: DocType, record: Record, doc: Doc) -> set[int]:
    """Returns the rows that the reply shows and nobody stored."""
    rules, old = controller_of(meta.name), record.fields
    validation.check_links(site, meta, doc)
    fetch_values(site, meta, doc)
    ghosts = identify_rows(site, meta, doc, old)
    rules.validate(site, doc, old)
    if doc["docstatus"]:
        rules.before_submit(site, doc)
    validation.check_document(site, meta, doc)
    check_constants(meta, doc, old)
    _keep_name_in_field(meta, doc)
    identify_new_rows(site, meta, doc)
    _write(site, meta, doc, record, ghosts)
    _tell_saved(site, meta, doc)
    return ghosts


def _tell_saved(site: Site, meta: DocType, doc: Doc) -> None:
    """What follows a document's own write: its rules first, then who listens."""
    rules = controller_of(meta.name)
    rules.on_update(site, doc)
    site.emit("on_update", meta.name, doc)
    if doc["docstatus"]:
        rules.on_submit(site, doc)
        site.emit("on_submit", meta.name, doc)


def _update_submitted(site: Site, meta: DocType, record: Record, doc: Doc) -> set[int]:
    """Returns the rows that the reply shows and nobody stored."""
    rules, old = controller_of(meta.name), record.fields
    validation.check_links(site, meta, doc)
    fetch_values(site, meta, doc, after_submit=True)
    ghosts = identify_rows(site, meta, doc, old)
    rules.before_update_after_submit(site, doc, old)
    check_after_submit(site, meta, doc, old)
    validation.check_document(site, meta, doc)
    _write(site, meta, doc, record, ghosts)
    if site.settings.update_after_submit_webhook_fires:
        site.emit("on_update_after_submit", meta.name, doc)
    return ghosts


def _cancel(site: Site, meta: DocType, record: Record, doc: Doc) -> Doc:
    """Only the state changes: other values sent with a cancellation are left alone (our choice)."""
    rules = controller_of(meta.name)
    doc = working_copy(meta, {**record.fields, "docstatus": 2, "modified": doc["modified"], "modified_by": doc["modified_by"]})
    doc["doctype"] = meta.name
    rules.before_cancel(site, doc)
    identify_rows(site, meta, doc, record.fields)
    _write(site, meta, doc, record, set())
    rules.on_cancel(site, doc)
    check_cancel_links(site, meta.name, record.id)
    site.emit("on_cancel", meta.name, doc)
    return doc


def stored(site: Site, meta: DocType, name: str) -> Doc:
    record = site.store.get(meta.name, name)
    return record.fields if record is not None else {}


def _docstatus(value: Any) -> int:
    return int(number_of(value))


def _keep_name_in_field(meta: DocType, doc: Doc) -> None:
    """A DocType named by a field keeps that field equal to the name, whatever a client sends."""
    if meta.naming.startswith("field="):
        doc[meta.naming.removeprefix("field=")] = doc["name"]


def _write(site: Site, meta: DocType, doc: Doc, record: Record | None, ghosts: set[int]) -> None:
    values = stored_form(site, meta, doc, ghosts)
    if record is not None:
        for name in meta.loose & record.fields.keys() - values.keys():  # the store merges what it is given
            values[name] = meta.absent.get(name)
    if meta.tables:
        site.unique_rows.check(meta, values)
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
