"""Version documents: what a save changed, for DocTypes that track changes. Off unless `keep_versions`. Source: the vendor's source.

`data` is JSON text: `changed` [column, old, new], `added` and `removed` [table, row], `row_changed` [table, position, row name,
[column, old, new]]. Values are shown as text, numbers as numbers (the vendor formats them for people: our choice).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fake_erp.erpnext.framework.meta import Doc, DocType
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import encode

# `track_changes` in the field lists of facts 10.
TRACKED = frozenset(
    {"Customer", "Item", "Item Price", "Sales Order", "Delivery Note", "Sales Invoice", "Payment Entry", "Custom Field", "Webhook"}
)
_UNSEEN = frozenset({"modified", "modified_by", "creation", "owner", "name", "parent", "parentfield", "parenttype", "doctype"})
_SECRET = frozenset({"webhook_secret", "webhook_headers"})


def note_version(site: Site, meta: DocType, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Write a Version when anything people see changed."""
    if not site.settings.keep_versions or meta.name not in TRACKED:
        return
    data = difference(meta, old, new)
    if not any(data[part] for part in ("changed", "added", "removed", "row_changed")):
        return
    stamp, key = site.time.stamp(), site.random_name()
    stored: Doc = {"name": key, "owner": site.user, "creation": stamp, "modified": stamp, "modified_by": site.user}
    stored |= {"docstatus": 0, "idx": 0, "ref_doctype": meta.name, "docname": new["name"], "data": encode(data).decode()}
    site.store.insert("Version", key, {**stored, "doctype": "Version"})


def difference(meta: DocType, old: Mapping[str, Any], new: Mapping[str, Any]) -> Doc:
    """What a save changed, in the vendor's shape."""
    found: Doc = {"added": [], "changed": _changes(meta.columns, old, new), "data_import": None, "removed": [], "row_changed": []}
    for table in meta.tables:
        if table in _SECRET:
            continue
        before = {row["name"]: row for row in old.get(table) or ()}
        after = {row["name"]: row for row in new.get(table) or ()}
        found["added"] += [[table, row] for name, row in after.items() if name not in before]
        found["removed"] += [[table, row] for name, row in before.items() if name not in after]
        for position, (name, row) in enumerate(after.items()):
            changed = _changes(row, before[name], row) if name in before and before[name] is not row else []
            if changed:
                found["row_changed"].append([table, position, name, changed])
    found["updater_reference"] = None
    return found


def _changes(columns: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]) -> list[list[Any]]:
    changed = [
        [name, old.get(name), new.get(name)]
        for name in columns
        if name not in _UNSEEN and name not in _SECRET and old.get(name) != new.get(name)
    ]
    if "docstatus" not in columns and old["docstatus"] != new["docstatus"]:
        changed.append(["docstatus", old["docstatus"], new["docstatus"]])
    return changed
