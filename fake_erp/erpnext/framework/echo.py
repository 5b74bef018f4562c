"""The document as the answer to its own save shows it: what is stored, plus what only the save's memory had. Source: facts 2.6.

Dates keep the form in which the client sent them, and rows that claim a name this document does not have are shown although
nobody stored them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fake_erp.erpnext.framework.drafts import stored_form
from fake_erp.erpnext.framework.meta import Doc, DocType
from fake_erp.erpnext.framework.site import Site


def as_answered(site: Site, meta: DocType, fields: Doc, doc: Doc, data: Mapping[str, Any], ghosts: set[int]) -> Doc:
    """`fields` is the document as stored (not changed here), `doc` as saved, `data` what the client sent of it."""
    changes = _as_sent(meta, fields, data)
    unstored = stored_form(site, meta, doc, set()) if ghosts else {}
    for table, child in meta.tables.items():
        rows = fields.get(table) or []
        if ghosts and any(id(row) in ghosts for row in doc.get(table) or ()):
            changes[table] = rows = unstored[table]
        sent = data.get(table)
        if sent and isinstance(sent, list) and len(sent) == len(rows):
            child_meta = site.doctypes[child]
            differing = {
                position: changed
                for position, values in enumerate(sent)
                if isinstance(values, Mapping) and (changed := _as_sent(child_meta, rows[position], values))
            }
            if differing:
                changes[table] = [{**row, **differing.get(position, {})} for position, row in enumerate(rows)]
    return {**fields, **changes} if changes else fields


def _as_sent(meta: DocType, fields: Mapping[str, Any], data: Mapping[str, Any]) -> Doc:
    """Dates and times that are stored as sent, but written differently."""
    found: Doc = {}
    for f in meta.moments:
        if f.fieldname in data:
            sent, kept = data[f.fieldname], fields.get(f.fieldname)
            if sent != kept and sent and sent.__class__ is str and f.cast(sent) == kept:
                found[f.fieldname] = sent
    return found
