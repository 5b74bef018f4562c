"""What is still owed of an invoice, and the status that follows. Source: facts 4.6.

Amounts owed are in the currency of the customer's account; see outstanding_amounts.py.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from fake_erp.erpnext.business import ledger
from fake_erp.erpnext.business.outstanding_amounts import in_own_currency, owed, party_total
from fake_erp.erpnext.business.payment_amounts import sum_up
from fake_erp.erpnext.business.returns import returns_of
from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import ONE, ZERO, exact
from harness.kit.records import Record

INVOICE, ORDER = "Sales Invoice", "Sales Order"


def status_of(site: Site, doc: Doc) -> str:
    if doc["docstatus"] != 1:
        return "Cancelled" if doc["docstatus"] == 2 else "Draft"
    outstanding = doc["outstanding_amount"]
    if outstanding > 0:
        if _is_overdue(site, doc, outstanding):
            return "Overdue"
        return "Partly Paid" if outstanding < party_total(doc) else "Unpaid"
    if doc["is_return"]:
        return "Return"
    return "Credit Note Issued" if returns_of(site, INVOICE, doc["name"]) else "Paid"


def _is_overdue(site: Site, doc: Doc, outstanding: Decimal) -> bool:
    """Less has been paid than the instalments before today come to."""
    today = site.time.today()
    if not doc["payment_schedule"]:
        return bool((doc.get("due_date") or today) < today)
    column = "payment_amount" if in_own_currency(doc) else "base_payment_amount"
    due = sum((row[column] for row in doc["payment_schedule"] if (row.get("due_date") or today) < today), ZERO)
    return bool(party_total(doc) - outstanding < due)


def paid_to(site: Site, doctype: str, name: str) -> Decimal:
    """What submitted payments allocate to an invoice or order; below zero for what is paid back on a credit note."""
    rows = site.references.rows("Payment Entry", "reference_name", name)
    return sum((row["allocated_amount"] for _, row in rows if row["reference_doctype"] == doctype), ZERO)


def left_of(site: Site, name: str, doc: Doc) -> Decimal:
    """What is outstanding of a submitted invoice after payments, and after credit notes that reduce it."""
    credited = sum(
        (
            party_total(record.fields)
            for record in returns_of(site, INVOICE, name)
            if not record.fields["update_outstanding_for_self"]
        ),
        ZERO,
    )
    return exact(owed(doc) + credited - paid_to(site, INVOICE, name))


def amounts_due(site: Site, record: Record) -> tuple[Decimal, Decimal]:
    """Total and outstanding of an invoice, or what may still be paid in advance on an order."""
    fields = record.fields
    if record.kind == INVOICE:
        submitted = fields["docstatus"] == 1
        return party_total(fields), left_of(site, record.id, fields) if submitted else fields["outstanding_amount"]
    return party_total(fields), exact(party_total(fields) - fields["advance_paid"])


def refresh_invoice(site: Site, name: str) -> None:
    """Recompute outstanding amount, instalments and status after a payment or credit note came or went."""
    invoice = site.fetch(INVOICE, name)
    fields = invoice.fields
    if fields["docstatus"] != 1:
        return
    values: dict[str, Any] = {"outstanding_amount": left_of(site, name, fields)}
    values["payment_schedule"] = _instalments(site, fields, paid_to(site, INVOICE, name))
    values["status"] = status_of(site, {**fields, **values})
    site.set_values(invoice, values)
    site.emit("on_change", INVOICE, invoice.fields)


def _instalments(site: Site, doc: Doc, paid: Decimal) -> list[Doc]:
    """Payments fill the instalments in their order."""
    own, rate, changed = in_own_currency(doc), doc["conversion_rate"] or ONE, []
    for row in doc["payment_schedule"]:
        whole = row["payment_amount" if own else "base_payment_amount"]
        part = min(paid, whole)
        paid -= part
        if part == whole or rate == 1:
            share = row["payment_amount"] if part == whole else part
            base = row["base_payment_amount"] if part == whole else part
        elif own:
            share, base = part, site.rounding.money(part * rate)
        else:
            share, base = site.rounding.money(site.rounding.ratio(part, rate)), part
        left = {"outstanding": exact(row["payment_amount"] - share), "base_outstanding": exact(row["base_payment_amount"] - base)}
        changed.append({**row, "paid_amount": exact(share), "base_paid_amount": exact(base), **left})
    return changed


def refresh_advance(site: Site, name: str) -> None:
    """Recompute what has been paid on an order before it is billed."""
    order = site.fetch(ORDER, name)
    site.set_values(order, {"advance_paid": exact(paid_to(site, ORDER, name))})


def unlink_payments(site: Site, doctype: str, name: str) -> None:
    """Cancelling an invoice or order takes its rows out of the payments; their money becomes unallocated."""
    for payment in site.references.holders("Payment Entry", "reference_name", name):
        doc = payment.fields
        kept = [row for row in doc["references"] if (row.get("reference_doctype"), row.get("reference_name")) != (doctype, name)]
        if len(kept) == len(doc["references"]) or doc["docstatus"] != 1:
            continue
        changed = {**doc, "references": kept}
        sum_up(site.rounding, changed)
        names = ("references", "total_allocated_amount", "base_total_allocated_amount", "unallocated_amount", "difference_amount")
        site.set_values(payment, {name: changed[name] for name in names})
        ledger.note(site, payment.fields)
