"""Payment Entry: money received and the invoices or orders it pays. Source: facts 4.7. One currency only."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from fake_erp.erpnext.business.masters import COMPANY
from fake_erp.erpnext.business.sales_invoice import owed, paid_to, refresh_invoice, total_of
from fake_erp.erpnext.errors import throw
from fake_erp.erpnext.framework.controller import Controller
from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import CENT, ONE, ZERO, exact, money
from harness.kit.records import Record

_REQUIRED = (
    ("paid_amount", "Paid Amount"),
    ("received_amount", "Received Amount"),
    ("source_exchange_rate", "Source Exchange Rate"),
    ("target_exchange_rate", "Target Exchange Rate"),
)


class PaymentEntryController(Controller):
    def validate(self, site: Site, doc: Doc, old: Doc | None) -> None:
        doc["company"] = doc.get("company") or COMPANY
        _fill(site, doc)
        _check_header(site, doc)
        self._fill_references(site, doc)
        _check_references(site, doc)
        _sum_up(doc)
        doc["title"] = doc.get("party_name")
        doc["status"] = "Submitted" if doc["docstatus"] == 1 else "Draft"

    def before_submit(self, site: Site, doc: Doc) -> None:
        if doc["difference_amount"]:
            raise throw("Difference Amount must be zero")

    def on_submit(self, site: Site, doc: Doc) -> None:
        self._refresh(site, doc)

    def before_cancel(self, site: Site, doc: Doc) -> None:
        doc["status"] = "Cancelled"

    def on_cancel(self, site: Site, doc: Doc) -> None:
        self._refresh(site, doc)

    def _refresh(self, site: Site, doc: Doc) -> None:
        for kind, name in dict.fromkeys((row["reference_doctype"], row["reference_name"]) for row in doc["references"]):
            if kind == "Sales Invoice":
                refresh_invoice(site, name)
            elif kind == "Sales Order":
                _refresh_advance(site, name)

    def _fill_references(self, site: Site, doc: Doc) -> None:
        """Totals and outstanding amounts come from the documents paid; rows that allocate nothing go."""
        doc["references"] = [row for row in doc["references"] if row["allocated_amount"]]
        for row in doc["references"]:
            target = _target(site, row)
            total, outstanding = amounts_due(site, target)
            sent = row["outstanding_amount"]
            if target.kind == "Sales Invoice":
                _check_outstanding(target, sent, outstanding)
            row["total_amount"], row["outstanding_amount"], row["exchange_rate"] = total, outstanding, ONE
            row["due_date"] = target.fields.get("due_date")
            row["allocated_amount"] = money(row["allocated_amount"])


def _fill(site: Site, doc: Doc) -> None:
    party = site.store.get("Customer", doc.get("party") or "") if doc.get("party_type") == "Customer" else None
    if party is not None:
        doc["party_name"] = doc.get("party_name") or party.fields.get("customer_name")
    base = site.value("Company", doc["company"], "default_currency")
    for side in ("paid_from", "paid_to"):
        account = site.store.get("Account", doc.get(side) or "")
        if account is not None:
            doc[f"{side}_account_type"] = account.fields.get("account_type")
            doc[f"{side}_account_currency"] = account.fields.get("account_currency") or base
    same = doc.get("paid_from_account_currency") == doc.get("paid_to_account_currency") == base
    if same:
        doc["source_exchange_rate"] = doc["target_exchange_rate"] = ONE


def _check_header(site: Site, doc: Doc) -> None:
    if doc.get("payment_type") != "Internal Transfer":
        if not doc.get("party_type"):
            raise throw("Party Type is mandatory")
        if not doc.get("party"):
            raise throw("Party is mandatory")
    for name, label in _REQUIRED:
        if not doc[name]:
            raise throw(f"{label} is mandatory")
    if "Bank" in (doc.get("paid_to_account_type"), doc.get("paid_from_account_type")) and not (
        doc.get("reference_no") and doc.get("reference_date")
    ):
        raise throw("Reference No and Reference Date is mandatory for Bank transaction")
    if doc["received_amount"] > doc["paid_amount"] and doc.get("paid_from_account_currency") == doc.get("paid_to_account_currency"):
        raise throw("Received Amount cannot be greater than Paid Amount")


def _target(site: Site, row: Doc) -> Record:
    kind, name = row.get("reference_doctype") or "", row.get("reference_name") or ""
    if kind not in ("Sales Invoice", "Sales Order"):
        raise throw(f"Reference Doctype must be one of Sales Order, Sales Invoice, Journal Entry or Dunning, not {kind}")
    record = site.find(kind, name) if name else None
    if record is None:
        raise throw(f"{kind} {name} does not exist")
    return record


def amounts_due(site: Site, record: Record) -> tuple[Decimal, Decimal]:
    """Total and outstanding of an invoice, or what may still be paid in advance on an order."""
    fields = record.fields
    if record.kind == "Sales Invoice":
        left = exact(owed(fields) - paid_to(site, record.id)) if fields["docstatus"] == 1 else fields["outstanding_amount"]
        return total_of(fields), left
    return total_of(fields), exact(total_of(fields) - fields["advance_paid"])


def _check_outstanding(invoice: Record, sent: Decimal, outstanding: Decimal) -> None:
    if invoice.fields["docstatus"] == 1 and outstanding <= 0:
        raise throw(f"Sales Invoice {invoice.id} has already been fully paid.")
    if sent and invoice.fields["docstatus"] == 1 and abs(sent - outstanding) >= CENT:
        raise throw(
            f"Sales Invoice {invoice.id} has already been partly paid. Please use the 'Get Outstanding Invoice' or the "
            "'Get Outstanding Orders' button to get the latest outstanding amounts."
        )


def _check_references(site: Site, doc: Doc) -> None:
    seen: set[tuple[str, str]] = set()
    for position, row in enumerate(doc["references"], start=1):
        target = _target(site, row)
        row["reference_name"] = target.id
        key = (target.kind, target.id)
        if key in seen:
            raise throw(f"Row #{position}: Duplicate entry in References {target.kind} {target.id}")
        seen.add(key)
        if target.fields.get("customer") != doc.get("party"):
            raise throw(f"{target.kind} {target.id} is not associated with Customer {doc.get('party')}")
        if target.fields["docstatus"] != 1:
            raise throw(f"{target.kind} {target.id} must be submitted")
        if target.kind == "Sales Order" and target.fields["per_billed"] >= 100:
            raise throw("Can only make payment against unbilled Sales Order")
        if row["allocated_amount"] > row["outstanding_amount"]:
            raise throw(f"Row #{position}: Allocated Amount cannot be greater than outstanding amount.")


def _sum_up(doc: Doc) -> None:
    paid, received = money(doc["paid_amount"]), money(doc["received_amount"])
    doc["paid_amount"], doc["received_amount"] = paid, received
    doc["base_paid_amount"] = money(paid * doc["source_exchange_rate"])
    doc["base_received_amount"] = money(received * doc["target_exchange_rate"])
    allocated = exact(sum((row["allocated_amount"] for row in doc["references"]), ZERO))
    deducted = sum((row["amount"] for row in doc["deductions"]), ZERO)
    doc["total_allocated_amount"] = doc["base_total_allocated_amount"] = allocated
    # Money received beyond what is allocated stays with the party; less than allocated is a difference that must be explained.
    doc["unallocated_amount"] = exact(max(ZERO, paid + deducted - allocated))
    doc["difference_amount"] = exact(max(ZERO, allocated - paid - deducted) + doc["base_paid_amount"] - doc["base_received_amount"])


def _refresh_advance(site: Site, name: str) -> None:
    order = site.fetch("Sales Order", name)
    rows = site.references.rows("Payment Entry", "reference_name", name)
    values: dict[str, Any] = {
        "advance_paid": exact(sum((row["allocated_amount"] for _, row in rows if row["reference_doctype"] == "Sales Order"), ZERO))
    }
    site.set_values(order, values)
