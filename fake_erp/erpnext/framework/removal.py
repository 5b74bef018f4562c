"""Deleting: a document goes with its comments, files and versions, and leaves a `Deleted Document`. Source: facts 2.7, 3.7, P13."""

from __future__ import annotations

from fake_erp.erpnext.errors import throw
from fake_erp.erpnext.framework.controller import controller_of
from fake_erp.erpnext.framework.drafts import working_copy
from fake_erp.erpnext.framework.links import check_delete_links
from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.naming import give_back
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import encode, without_nulls
from harness.kit.records import Record

# What speaks of a document without keeping it: (DocType, column of the DocType, column of the name).
FOLLOWERS = (
    ("Comment", "reference_doctype", "reference_name"),
    ("File", "attached_to_doctype", "attached_to_name"),
    ("Version", "ref_doctype", "docname"),
)


def delete(site: Site, doctype: str, name: str) -> None:
    """Remove a document for good. Raises Refused when it is submitted or anything links to it."""
    meta = site.meta(doctype)
    record = site.fetch(meta.name, name)
    if record.fields.get("docstatus") == 1:
        raise throw(
            f"{meta.name} {record.id}: Submitted Record cannot be deleted. "
            "You must <a href='https://docs.erpnext.com'> Cancel </a> it first."
        )
    controller_of(meta.name).on_trash(site, working_copy(meta, record.fields))
    check_delete_links(site, meta, record.id)
    fields = record.fields
    site.emit("on_trash", meta.name, fields)
    give_back(site, meta, fields)
    site.store.delete(meta.name, record.id)
    for follower in followers(site, meta.name, record.id):
        site.store.delete(follower.kind, follower.id)
    if meta.name != "Deleted Document":
        _keep(site, meta.name, record.id, fields)


def followers(site: Site, doctype: str, name: str) -> list[Record]:
    """Comments, files and versions of a document."""
    return [
        record
        for kind, type_column, name_column in FOLLOWERS
        if site.store.is_indexed(kind, name_column)
        for record in site.store.where(kind, name_column, name)
        if record.fields.get(type_column) == doctype
    ]


def _keep(site: Site, doctype: str, name: str, fields: Doc) -> None:
    """Written past every rule, as the vendor does. Secrets are not kept (our choice)."""
    stamp = site.time.stamp()
    key = site.random_name()
    blank = site.doctypes["Deleted Document"].blank
    stored: Doc = {"name": key, "owner": site.user, "creation": stamp, "modified": stamp, "modified_by": site.user}
    stored |= {"docstatus": 0, "idx": 0, **blank, "deleted_name": name, "deleted_doctype": doctype}
    if doctype not in ("Webhook", "User", "OAuth Client"):
        stored["data"] = encode(without_nulls(fields)).decode()
    site.store.insert("Deleted Document", key, {**stored, "doctype": "Deleted Document"})
