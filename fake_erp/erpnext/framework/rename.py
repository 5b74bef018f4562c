"""Renaming and merging: a document takes another name and everything that points at it follows. Source: facts 3.7.

Texts beyond the facts, and that neither the document nor those that point at it move their `modified`, are the vendor's public
source. Which DocTypes allow it beyond Customer, Item, Address and Contact is our guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fake_erp.erpnext.errors import not_found, notice, throw
from fake_erp.erpnext.framework.comments import add_comment
from fake_erp.erpnext.framework.controller import controller_of
from fake_erp.erpnext.framework.meta import Doc, DocType
from fake_erp.erpnext.framework.naming import check_name
from fake_erp.erpnext.framework.references import Incoming
from fake_erp.erpnext.framework.removal import FOLLOWERS, delete, followers
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import fold
from harness.kit.records import Record

RENAMED = frozenset(
    {"Customer", "Item", "Address", "Contact", "Customer Group", "Territory", "Item Group", "Price List", "UOM", "Mode of Payment"}
)


def rename(site: Site, doctype: str, old: str, new: str, *, merge: bool = False) -> str:
    """Give a document another name, or with `merge` let it become part of the one that has it. Returns the name it has now.

    Raises Refused: 404 for a document that does not exist, 417 where it may not be renamed, 409 for a name none may have.
    """
    meta = site.meta(doctype)
    record = site.find(meta.name, old) if old else None
    if record is None:
        raise not_found(meta.name, old)
    old, new = record.id, new.strip()
    _check(site, meta, old, new, merge)
    new = check_name(meta.name, new)
    controller_of(meta.name).before_rename(site, old, new, merge)
    if merge:
        new = site.fetch(meta.name, new).id
    else:
        _move(site, meta, record, new)
    _follow(site, meta, old, new)
    controller_of(meta.name).after_rename(site, old, new, merge)
    if merge:
        add_comment(site, meta.name, new, f"merged <strong>{old}</strong> into <strong>{new}</strong>", "Edit")
        delete(site, meta.name, old)
    else:
        add_comment(site, meta.name, new, f"renamed from <strong>{old}</strong> to <strong>{new}</strong>", "Edit")
    text = f"Document renamed from <strong>{old}</strong> to <strong>{new}</strong>"
    site.notices.append(notice(text, indicator="green", alert=True))
    return new


def _check(site: Site, meta: DocType, old: str, new: str, merge: bool) -> None:
    """Another spelling of the same name is a rename, not a clash."""
    holder = site.find(meta.name, new) if new else None
    if old == new:
        raise throw("No changes made because old and new name are the same.")
    if merge and (holder is None or holder.id == old):
        raise throw(f"{meta.name} {new} does not exist, select a new target to merge")
    if not merge and holder is not None and holder.id != old:
        raise throw(f"Another {meta.name} with name {new} exists, select another name")
    if meta.name not in RENAMED:
        raise throw(f"{meta.name} not allowed to be renamed")
    if not new:  # the vendor gives such a document the name `No Name Specified for ...`; refused here (our choice)
        raise throw("Please set the document name")


def _move(site: Site, meta: DocType, record: Record, new: str) -> None:
    """The same fields under another key; rows name their parent, a DocType named by a field repeats it there."""
    fields: Doc = {**record.fields, "name": new}
    for table in meta.tables:
        fields[table] = [{**row, "parent": new} for row in fields.get(table) or ()]
    if meta.naming.startswith("field="):
        fields[meta.naming.removeprefix("field=")] = new
    site.store.delete(meta.name, record.id)
    site.store.insert(meta.name, new, fields)
    site.references.note(meta.name, new, fields)


def _follow(site: Site, meta: DocType, old: str, new: str) -> None:
    """Links, dynamic links, comments, files and versions."""
    for column in site.references.incoming(meta.name):
        for record in site.references.candidates(column, old):
            changes = _redirected(record.fields, column, meta.name, old, new)
            if changes:
                site.store.update(record.kind, record.id, changes, touch=False)
                site.references.note(record.kind, record.id, record.fields)
    names = {kind: name_column for kind, _, name_column in FOLLOWERS}
    for follower in followers(site, meta.name, old):
        site.store.update(follower.kind, follower.id, {names[follower.kind]: new}, touch=False)


def _redirected(fields: Mapping[str, Any], column: Incoming, target: str, old: str, new: str) -> Doc:
    """What changes in a document when one of its columns follows."""
    if not column.table:
        return {column.fieldname: new} if _points(fields, column, target, old) else {}
    rows = fields.get(column.table) or ()
    if not any(_points(row, column, target, old) for row in rows):
        return {}
    return {column.table: [{**row, column.fieldname: new} if _points(row, column, target, old) else row for row in rows]}


def _points(fields: Mapping[str, Any], column: Incoming, target: str, old: str) -> bool:
    if fold(fields.get(column.fieldname)) != fold(old):
        return False
    return not column.type_field or fields.get(column.type_field) == target
