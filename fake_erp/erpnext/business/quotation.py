"""Quotation: its party, its dates, how far orders have used it up, and its loss. Source: facts 4.2.

A quotation that is lost or expired and whose orders are cancelled is open again (our guess).
"""

from __future__ import annotations

from decimal import Decimal

from fake_erp.erpnext.business.payment_terms import fill_schedule
from fake_erp.erpnext.business.selling import SellingController
from fake_erp.erpnext.errors import throw
from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import ZERO


class QuotationController(SellingController):
    def party_of(self, doc: Doc) -> str | None:
        return doc.get("party_name") if doc.get("quotation_to") == "Customer" else None

    def own_rules(self, site: Site, doc: Doc, old: Doc | None) -> None:
        if doc.get("valid_till") and doc["valid_till"] < (doc.get("transaction_date") or ""):
            raise throw("Valid till date cannot be before transaction date")
        doc["status"] = "Open" if doc["docstatus"] == 1 else "Draft"
        fill_schedule(site, doc, doc.get("transaction_date"))

    def before_cancel(self, site: Site, doc: Doc) -> None:
        doc["status"] = "Cancelled"


def declare_lost(site: Site, name: str, reasons: list[Doc], details: str | None) -> None:
    """The customer will not buy. Raises Refused once anything of it is ordered; what `lost_reasons` looks like is our guess."""
    quotation = site.fetch("Quotation", name)
    if quotation.fields["docstatus"] != 1:
        raise throw("Cannot declare a Quotation lost that is not submitted")  # our guess
    if any(quantity > 0 for quantity in ordered_quantities(site, quotation.id).values()):
        raise throw("Cannot set as Lost as Sales Order is made.")
    child = site.meta("Quotation Lost Reason Detail")
    rows: list[Doc] = []
    for reason in reasons:
        place = {"idx": len(rows) + 1, "parent": quotation.id, "parentfield": "lost_reasons", "parenttype": "Quotation"}
        stamp = {"creation": site.time.stamp(), "modified": site.time.stamp(), "owner": site.user, "modified_by": site.user}
        values = {"name": site.random_name(), "lost_reason": reason.get("lost_reason"), "docstatus": 1, "doctype": child.name}
        rows.append({**place, **stamp, **values})
    site.set_values(quotation, {"status": "Lost", "order_lost_reason": details, "lost_reasons": rows})
    site.emit("on_update", "Quotation", quotation.fields)
    site.emit("on_change", "Quotation", quotation.fields)


def ordered_quantities(site: Site, name: str) -> dict[str, Decimal]:
    """Stock units of each quotation row that submitted orders cover."""
    found: dict[str, Decimal] = {}
    for _, row in site.references.rows("Sales Order", "prevdoc_docname", name):
        if row.get("quotation_item"):
            found[row["quotation_item"]] = found.get(row["quotation_item"], ZERO) + row["stock_qty"]
    return found


def refresh_quotations(site: Site, order: Doc) -> None:
    """Set the status of every quotation an order came from, after the order was submitted or cancelled."""
    for name in dict.fromkeys(row["prevdoc_docname"] for row in order["items"] if row.get("prevdoc_docname")):
        quotation = site.store.get("Quotation", name)
        if quotation is None or quotation.fields["docstatus"] != 1:
            raise throw(f"Invalid reference Quotation {name}")
        ordered = ordered_quantities(site, name)
        rows = quotation.fields["items"]
        whole = all(ordered.get(row["name"], ZERO) >= row["stock_qty"] for row in rows)
        some = any(ordered.get(row["name"], ZERO) > 0 for row in rows)
        site.set_values(quotation, {"status": "Ordered" if whole else "Partially Ordered" if some else "Open"})
        site.emit("on_change", "Quotation", quotation.fields)
