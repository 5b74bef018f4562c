"""Deleting and cancelling are refused while other documents link to the one in hand. Source: facts 3.7 and 4.10."""

from __future__ import annotations

from urllib.parse import quote

from fake_erp.erpnext.errors import Refused, notice, throw
from fake_erp.erpnext.framework.meta import DocType
from fake_erp.erpnext.framework.site import Site
from harness.kit.records import Record

LEDGERS = frozenset({"Bin", "Webhook Request Log", "GL Entry", "Payment Ledger Entry", "Stock Ledger Entry"})


def check_cancel_links(site: Site, doctype: str, name: str) -> None:
    """Only submitted documents keep another from being cancelled."""
    for record, row, column in site.references.linking(doctype, name):
        if record.fields.get("docstatus") == 1 and column != "amended_from" and record.kind not in LEDGERS:
            raise _linked(site, doctype, name, record, row)


def check_delete_links(site: Site, meta: DocType, name: str) -> None:
    """Any document keeps another from being deleted, drafts and cancelled ones too."""
    for record, row, _ in site.references.linking(meta.name, name):
        if (record.kind, record.id) == (meta.name, name) or record.kind in LEDGERS:
            continue
        refused = _linked(site, meta.name, name, record, row)
        if "disabled" in meta.columns or "enabled" in meta.columns:
            advice = f"You can disable this {meta.name} instead of deleting it."
            first, refused = refused.messages[0], throw(advice, "LinkExistsError")
            refused.messages.insert(0, notice(first["message"], indicator="red"))
        raise refused


def link_to(site: Site, doctype: str, name: str) -> str:
    """A document's address as messages show it."""
    path = f"{site.settings.desk}/{doctype.lower().replace(' ', '-')}/{quote(name, safe='')}"
    return f'<a href="https://{site.settings.site_name}{path}">{name}</a>'


def titled_link(site: Site, doctype: str, name: str) -> str:
    """A document with its DocType and title, as stock messages show it."""
    title = site.value(doctype, name, site.meta(doctype).title_field or "name") or name
    return f'<a href="{site.settings.desk}/Form/{doctype}/{name}" style="font-weight: bold;">{doctype} {title}</a>'


def _linked(site: Site, doctype: str, name: str, holder: Record, row: int) -> Refused:
    where = f"at Row: {row}" if row else ""
    this = f'<a href="{site.settings.desk}/Form/{doctype}/{name}">{name}</a>'
    other = f'<a href="{site.settings.desk}/Form/{holder.kind}/{holder.id}">{holder.id}</a>'
    return throw(
        f"Cannot delete or cancel because {doctype} {this} is linked with {holder.kind} {other} {where}", "LinkExistsError"
    )
