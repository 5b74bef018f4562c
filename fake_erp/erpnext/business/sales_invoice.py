"""Sales Invoice: what is charged, what is still outstanding, and the status that follows. Source: facts 4.6.

Not modelled: credit notes, point of sale, advances, write-offs through other documents.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from fake_erp.erpnext.business.delivery_note import (
    check_order_references,
    check_over_delivery,
    orders_of,
    over_limit,
    refresh_billing,
)
from fake_erp.erpnext.business.masters import EXPENSE, INCOME, RECEIVABLE
from fake_erp.erpnext.business.payment_terms import fill_schedule
from fake_erp.erpnext.business.sales_order import check_open, refresh_order
from fake_erp.erpnext.business.selling import SellingController, check_rates
from fake_erp.erpnext.business.stock import Movement, add, is_stock_item, post
from fake_erp.erpnext.errors import throw
from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import HUNDRED, ZERO, exact
from harness.kit.records import Record

_SLACK = Decimal("0.005")


class SalesInvoiceController(SellingController):
    date_field = "posting_date"
    is_posting = True

    def before_totals(self, site: Site, doc: Doc, old: Doc | None) -> None:
        if doc["is_return"] or doc["is_pos"]:
            raise throw("Returns and point of sale: Not supported by fake")
        company = doc["company"]
        doc["debit_to"] = doc.get("debit_to") or site.value("Company", company, "default_receivable_account") or RECEIVABLE
        doc["party_account_currency"] = site.value("Account", doc["debit_to"], "account_currency") or doc["currency"]
        for row in doc["items"]:
            row["income_account"] = row.get("income_account") or site.value("Company", company, "default_income_account") or INCOME
            row["expense_account"] = row.get("expense_account") or EXPENSE
        if not doc.get("due_date"):
            dates = [row["due_date"] for row in doc["payment_schedule"] if row.get("due_date")]
            doc["due_date"] = max(dates, default=doc["posting_date"])

    def own_rules(self, site: Site, doc: Doc, old: Doc | None) -> None:
        _check_due_dates(doc)
        fill_schedule(site, doc, doc["due_date"])
        check_order_references(site, doc, "sales_order")
        check_open(site, orders_of(doc, "sales_order"))
        _check_against_delivery(site, doc)
        doc["outstanding_amount"] = owed(doc)
        doc["status"] = status_of(site, doc)

    def before_submit(self, site: Site, doc: Doc) -> None:
        check_rates(doc)
        for column, doctype in (("sales_order", "Sales Order"), ("delivery_note", "Delivery Note")):
            for name in sorted(orders_of(doc, column)):
                if site.value(doctype, name, "docstatus") != 1:
                    raise throw(f"{doctype} {name} is not submitted")

    def on_submit(self, site: Site, doc: Doc) -> None:
        for name in sorted(orders_of(doc, "sales_order")):
            order = refresh_order(site, name, delivered=bool(doc["update_stock"]), billed=True)
            _check_over_billing(site, order, doc)
            if doc["update_stock"]:
                check_over_delivery(site, order, doc)
        refresh_billing(site, _notes_of(site, doc))
        if doc["update_stock"]:
            post(site, self._movement(site, doc, -1))

    def before_cancel(self, site: Site, doc: Doc) -> None:
        doc["status"], doc["outstanding_amount"] = "Cancelled", ZERO
        if site.settings.unlink_payment_on_cancellation_of_invoice:
            _unlink_payments(site, doc["name"])

    def on_cancel(self, site: Site, doc: Doc) -> None:
        for name in sorted(orders_of(doc, "sales_order")):
            refresh_order(site, name, delivered=bool(doc["update_stock"]), billed=True)
        refresh_billing(site, _notes_of(site, doc))
        if doc["update_stock"]:
            post(site, self._movement(site, doc, 1))

    def _movement(self, site: Site, doc: Doc, sign: int) -> Movement:
        movement: Movement = {}
        for row in doc["items"]:
            if is_stock_item(site, row.get("item_code")) and row.get("warehouse"):
                add(movement, row["item_code"], row["warehouse"], sign * row["stock_qty"])
        return movement


def total_of(doc: Doc) -> Decimal:
    total: Decimal = doc["rounded_total"] or doc["grand_total"]
    return total


def owed(doc: Doc) -> Decimal:
    """Outstanding before any payment: the rounded total where there is one."""
    return exact(total_of(doc) - doc["write_off_amount"])


def status_of(site: Site, doc: Doc) -> str:
    if doc["docstatus"] != 1:
        return "Cancelled" if doc["docstatus"] == 2 else "Draft"
    outstanding = doc["outstanding_amount"]
    if outstanding <= 0:
        return "Paid"
    if _is_overdue(site, doc, outstanding):
        return "Overdue"
    return "Partly Paid" if outstanding < total_of(doc) else "Unpaid"


def _is_overdue(site: Site, doc: Doc, outstanding: Decimal) -> bool:
    today = site.time.today()
    if not doc["payment_schedule"]:
        return bool((doc.get("due_date") or today) < today)
    due = sum((row["payment_amount"] for row in doc["payment_schedule"] if (row.get("due_date") or today) < today), ZERO)
    return total_of(doc) - outstanding < due


def _check_due_dates(doc: Doc) -> None:
    dates = [doc["due_date"], *(row["due_date"] for row in doc["payment_schedule"] if row.get("due_date"))]
    if any(date < doc["posting_date"] for date in dates):
        raise throw("Due Date cannot be before Posting / Supplier Invoice Date")


def _check_against_delivery(site: Site, doc: Doc) -> None:
    """Billing more than a delivery is refused when the draft is saved already."""
    over = []
    for row in doc["items"]:
        note = site.store.get("Delivery Note", row.get("delivery_note") or "")
        source = next((r for r in note.fields["items"] if r["name"] == row.get("dn_detail")), None) if note is not None else None
        if note is None or source is None:
            continue
        lines = site.references.rows("Sales Invoice", "delivery_note", note.id)
        billed = sum(
            (line["amount"] for other, line in lines if line.get("dn_detail") == source["name"] and other.id != doc["name"]), ZERO
        )
        allowed = source["amount"] * (1 + Decimal(str(site.settings.over_billing_allowance)) / HUNDRED)
        if billed + row["amount"] - allowed > _SLACK:
            excess = f"<strong>€ {billed + row['amount'] - allowed:.2f}</strong>"
            over.append(f"<li>Item <strong>{row['item_code']}</strong> in row(s) {row['idx']} billed more than {excess}</li>")
    if over:
        rows = "".join(over)
        advice = "<p>To allow over-billing, please set allowance in Accounts Settings.</p>"
        raise throw(f"<p>Cannot overbill for the following Items:</p><ul>{rows}</ul>{advice}")


def _check_over_billing(site: Site, order: Record, doc: Doc) -> None:
    touched = {row.get("so_detail") for row in doc["items"]}
    for row in order.fields["items"]:
        over = row["billed_amt"] - row["amount"] * (1 + Decimal(str(site.settings.over_billing_allowance)) / HUNDRED)
        if row["name"] in touched and over > _SLACK:
            advice = 'To allow over billing, update "Over Billing Allowance" in Accounts Settings or the Item.'
            raise over_limit("Amount", over, row["item_code"], "Sales Invoice", "Sales Order Item", advice)


def _notes_of(site: Site, doc: Doc) -> set[str]:
    """Delivery notes whose billing this invoice changes: those it names, and those of the orders it names."""
    notes = orders_of(doc, "delivery_note")
    for order in orders_of(doc, "sales_order"):
        notes |= {note.id for note, _ in site.references.rows("Delivery Note", "against_sales_order", order)}
    return notes


def paid_to(site: Site, invoice: str) -> Decimal:
    """What submitted payments allocate to an invoice."""
    rows = site.references.rows("Payment Entry", "reference_name", invoice)
    return sum((row["allocated_amount"] for _, row in rows if row["reference_doctype"] == "Sales Invoice"), ZERO)


def refresh_invoice(site: Site, name: str) -> None:
    """Recompute outstanding amount, instalments and status after a payment came or went."""
    invoice = site.fetch("Sales Invoice", name)
    if invoice.fields["docstatus"] != 1:
        return
    paid = paid_to(site, name)
    values: dict[str, Any] = {"outstanding_amount": exact(owed(invoice.fields) - paid)}
    values["payment_schedule"] = _instalments(invoice.fields["payment_schedule"], paid)
    values["status"] = status_of(site, {**invoice.fields, **values})
    site.set_values(invoice, values)
    site.emit("on_change", "Sales Invoice", invoice.fields)


def _instalments(rows: list[Doc], paid: Decimal) -> list[Doc]:
    changed = []
    for row in rows:
        part = min(paid, row["payment_amount"])
        paid -= part
        left = exact(row["payment_amount"] - part)
        changed.append(
            {**row, "paid_amount": exact(part), "base_paid_amount": exact(part), "outstanding": left, "base_outstanding": left}
        )
    return changed


def _unlink_payments(site: Site, invoice: str) -> None:
    """Cancelling an invoice takes its rows out of the payments; their money becomes unallocated."""
    for payment in site.references.holders("Payment Entry", "reference_name", invoice):
        rows = payment.fields["references"]
        kept = [row for row in rows if row.get("reference_name") != invoice]
        if len(kept) == len(rows) or payment.fields["docstatus"] != 1:
            continue
        allocated = exact(sum((row["allocated_amount"] for row in kept), ZERO))
        left = exact(payment.fields["paid_amount"] - allocated)
        values = {
            "references": kept,
            "total_allocated_amount": allocated,
            "base_total_allocated_amount": allocated,
            "unallocated_amount": left,
        }
        site.set_values(payment, values)
