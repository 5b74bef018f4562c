"""Fields that may not change any more: those set once, and those locked by a submission. Source: facts 3.5 and 3.6."""

from __future__ import annotations

from typing import Any

from fake_erp.erpnext.errors import Refused, throw
from fake_erp.erpnext.framework.meta import Doc, DocType
from fake_erp.erpnext.framework.site import Site


def check_constants(meta: DocType, doc: Doc, old: Doc) -> None:
    """Fields that may be set only once."""
    for f in meta.constants:
        if old.get(f.fieldname) and doc.get(f.fieldname) != old.get(f.fieldname):
            raise throw(f"Value cannot be changed for <strong>{f.label}</strong>", "CannotChangeConstantError")


def check_after_submit(site: Site, meta: DocType, doc: Doc, old: Doc) -> None:
    """Only fields with allow_on_submit may change on a submitted document."""
    _locked(meta, doc, old, "")
    for table, child in meta.tables.items():
        open_table = "submit" in meta.fields[table].flags
        rows, old_rows = doc.get(table) or [], old.get(table) or []
        if len(rows) != len(old_rows) and not (open_table and len(rows) > len(old_rows)):
            raise _not_allowed("", meta.fields[table].label, len(old_rows), len(rows))
        before = {row["name"]: row for row in old_rows}
        for row in rows:
            known = before.get(row.get("name") or "")
            if known is None and not open_table:
                raise _not_allowed("", meta.fields[table].label, len(old_rows), len(rows))
            if known is not None and row is not known:
                _locked(site.doctypes[child], row, known, f"Row #{row['idx']}:")


def _locked(meta: DocType, doc: Doc, old: Doc, where: str) -> None:
    for name, f in meta.columns.items():
        new, before = doc.get(name), old.get(name)
        if new != before and "submit" not in f.flags and (new or before):
            if f.sparse and (f.absent if new is None else new) == (f.absent if before is None else before):
                continue
            raise _not_allowed(where, f.label, before, new)


def _not_allowed(where: str, label: str, old: Any, new: Any) -> Refused:
    values = f"from <strong>{old}</strong> to <strong>{new}</strong>"
    text = f"{where} Not allowed to change <strong>{label}</strong> after submission {values}"
    return throw(text, "UpdateAfterSubmitError", "Cannot Update After Submit")
