"""Documents with every column they can have, as whoever looks a name up in them expects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.site import Site


def whole(site: Site, fields: Mapping[str, Any]) -> Doc:
    """A copy of a document with the sparse columns that nobody set, and with all columns in its rows."""
    meta = site.doctypes.get(str(fields.get("doctype")))
    if meta is None:
        return dict(fields)
    doc = {**dict.fromkeys(meta.sparse), **meta.absent, **fields}
    for table, child in meta.tables.items():
        child_meta = site.doctypes[child]
        blank = {**dict.fromkeys(child_meta.whole), **child_meta.absent}
        doc[table] = [{**blank, **row} for row in fields.get(table) or ()]
    return doc
