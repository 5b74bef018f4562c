"""`expand`: links of a list's rows as the documents they lead to. Version 16 only. Source: facts 2.3; the shape is our guess."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.lists.filters import Filter
from fake_erp.erpnext.lists.query import ListQuery, run
from fake_erp.erpnext.lists.schema import meta_of

MayRead = Callable[[str, Mapping[str, Any]], bool]


def expanded(site: Site, doctype: str, rows: list[Doc], links: list[str], may_read: MayRead) -> list[Doc]:
    """The rows with each named link as an object of the linked document's columns; what the user may not read stays a name."""
    meta = meta_of(site, doctype)
    wanted = [f for name in links if (f := meta.columns.get(name)) is not None and f.fieldtype == "Link"]
    if site.settings.version < 16 or not wanted:
        return rows
    known: dict[tuple[str, str], Any] = {}
    for row in rows:
        for f in wanted:
            name = row.get(f.fieldname)
            if isinstance(name, str) and name:
                key = (f.options, name)
                if key not in known:
                    known[key] = _document(site, f.options, name, may_read)
                row[f.fieldname] = known[key]
    return rows


def _document(site: Site, doctype: str, name: str, may_read: MayRead) -> Any:
    record = site.store.get(doctype, name)
    if record is None or not may_read(doctype, record.fields):
        return name
    return run(site, doctype, ListQuery(fields=["*"], filters=[Filter("", "name", "=", name)], limit=1))[0]
