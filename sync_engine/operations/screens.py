"""Where a person sees a record: the address of the vendor's own screen, as far as the settings tell it."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

CRM_APP = "https://app.hubspot.com/contacts"
CRM_TYPES = {"contacts": "0-1", "companies": "0-2", "deals": "0-3", "products": "0-7", "line_items": "0-8"}
CUSTOM_TYPES = "2-"  # a custom object by its id; by its name nobody knows its screen


def screen(record: str, *, crm_portal: str, erp_url: str, erp_kinds: Iterable[str] = ()) -> str:
    """`crm deals 123` or `erp Sales Order SAL-1` → its address; nothing where there is no screen or the account is not known."""
    system, _, rest = record.partition(" ")
    if system == "crm":
        kind, _, id = rest.partition(" ")
        known = kind if kind.startswith(CUSTOM_TYPES) else CRM_TYPES.get(kind)
        return f"{CRM_APP}/{quote(crm_portal)}/record/{known}/{quote(id)}" if crm_portal and known and id.isdigit() else ""
    if system == "erp":
        split = split_erp(rest, erp_kinds)
        if split is None:
            return ""
        kind, name = split
        return f"{erp_url.rstrip('/')}/app/{kind.lower().replace(' ', '-')}/{quote(name, safe='')}"
    return ""


ERP_KINDS = (
    "Sales Order",
    "Sales Invoice",
    "Delivery Note",
    "Payment Entry",
    "Item Price",
    "Customer",
    "Contact",
    "Address",
    "Item",
)


def split_erp(text: str, kinds: Iterable[str] = ()) -> tuple[str, str] | None:
    """`Sales Order SAL-1` → its kind and name. Both may hold blanks, so only kinds that the engine works with are known, and
    `kinds`, those of the dictionary; of `Item` and `Item Group` the longer fits."""
    for kind in sorted({*ERP_KINDS, *kinds}, key=len, reverse=True):
        if text.startswith(f"{kind} ") and len(text) > len(kind) + 1:
            return kind, text[len(kind) + 1 :]
    return None
