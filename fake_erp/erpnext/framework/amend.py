"""Amending: a new document takes the place of a cancelled one and is named after it. Source: facts 3.4, 3.7, 4.10, P49."""

from __future__ import annotations

from urllib.parse import quote

from fake_erp.erpnext.errors import Refused, throw
from fake_erp.erpnext.framework.meta import Doc, DocType
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import int_of

CANCELLED = 2


def check_amendment(site: Site, meta: DocType, doc: Doc) -> None:
    """Raises Refused (417) when what is amended still stands. A source that does not exist is for the check of links."""
    source = site.find(meta.name, doc["amended_from"]) if doc.get("amended_from") else None
    if source is None or source.fields["docstatus"] == CANCELLED:
        return
    raise _not_cancelled(site, meta, source.id)


def _not_cancelled(site: Site, meta: DocType, name: str) -> Refused:
    path = f"{site.settings.desk}/{meta.name.lower().replace(' ', '-')}/{quote(name, safe='')}"
    link = f'<a href="https://{site.settings.site_name}{path}">{name}</a>'
    text = f"{link} cannot be amended because it is not cancelled. Please cancel the document before creating an amendment."
    return throw(text, title="Amendment Not Allowed")


def amended_name(site: Site, doc: Doc) -> str | None:
    """`X` becomes `X-1`, `X-1` (itself an amendment) `X-2`. None: named like any other, as the setting may say.

    Nothing looks for a free number: a second amendment of one document finds its name taken.
    """
    source = doc.get("amended_from")
    if not source or site.settings.amended_document_naming == "Default Naming":
        return None
    if not site.value(doc["doctype"], source, "amended_from"):
        return f"{source}-1"
    stem, _, number = str(source).rpartition("-")
    return f"{stem}-{int_of(number) + 1}"
