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
    shown = {**fields, **_as_sent(meta, fields, data)}
    unstored = stored_form(site, meta, doc, set()) if ghosts else {}
    for table, child in meta.tables.items():
        if ghosts and any(id(row) in ghosts for row in doc.get(table) or ()):
            shown[table] = unstored[table]
        sent = data.get(table)
        if isinstance(sent, list) and len(sent) == len(shown.get(table) or ()) and site.doctypes[child].moments:
            shown[table] = _rows_as_sent(site.doctypes[child], shown[table], sent)
    return shown


def _rows_as_sent(child: DocType, rows: list[Doc], sent: list[Any]) -> list[Doc]:
    answered = []
    for row, values in zip(rows, sent, strict=True):
        changed = _as_sent(child, row, values) if isinstance(values, Mapping) else {}
        answered.append({**row, **changed} if changed else row)
    return answered


def _as_sent(meta: DocType, fields: Mapping[str, Any], data: Mapping[str, Any]) -> Doc:
    """Dates and times that are stored as sent, but written differently."""
    found: Doc = {}
    for f in meta.moments:
        sent = data.get(f.fieldname)
        if sent.__class__ is str and sent != (kept := fields.get(f.fieldname)) and sent and f.cast(sent) == kept:
            found[f.fieldname] = sent
    return found
