"""Payment Entry: money received or paid back, and the invoices, credit notes and orders it settles. Source: facts 4.7.

Totals of references come from the documents at every save. Amounts of an invoice are in the currency of the customer's account.
Not modelled: taxes on payments, payments between the company's own accounts beyond their amounts.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from fake_erp.erpnext.business import ledger
from fake_erp.erpnext.business.exchange import exchange_rate
from fake_erp.erpnext.business.masters import COMPANY, COST_CENTER
from fake_erp.erpnext.business.outstanding import (
    INVOICE,
    ORDER,
    amounts_due,
    refresh_advance,
    refresh_invoice,
)
from fake_erp.erpnext.business.payment_amounts import sum_up
from fake_erp.erpnext.business.payment_request import match_requests, refresh_requests
from fake_erp.erpnext.errors import throw
from fake_erp.erpnext.framework.controller import Controller
from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import CENT, ONE, ZERO
from harness.kit.records import Record

_REQUIRED: Final = (
    ("paid_amount", "Paid Amount"),
    ("received_amount", "Received Amount"),
    ("source_exchange_rate", "Source Exchange Rate"),
    ("target_exchange_rate", "Target Exchange Rate"),
)
_ALLOWED: Final = "Sales Order, Sales Invoice, Journal Entry or Dunning"


class PaymentEntryController(Controller):
    def validate(self, site: Site, doc: Doc, old: Doc | None) -> None:
        doc["company"] = doc.get("company") or COMPANY
        _fill(site, doc)
        self._fill_references(site, doc)
        _check_party(doc)
        _check_amounts(doc)
        _check_references(site, doc)
        for row in doc["deductions"]:
            row["cost_center"], row["amount"] = row.get("cost_center") or COST_CENTER, site.rounding.money(row["amount"])
        sum_up(site.rounding, doc)
        _check_sides(doc)
        _check_allocated(doc)
        match_requests(site, doc)
        doc["title"] = doc.get("party_name") or f"{doc.get('paid_from')} - {doc.get('paid_to')}"
        doc["status"] = "Submitted" if doc["docstatus"] == 1 else "Draft"

    def before_submit(self, site: Site, doc: Doc) -> None:
        if doc["difference_amount"]:
            raise throw("Difference Amount must be zero")

    def on_submit(self, site: Site, doc: Doc) -> None:
        self._refresh(site, doc)
        ledger.note(site, doc)

    def before_cancel(self, site: Site, doc: Doc) -> None:
        doc["status"] = "Cancelled"

    def on_cancel(self, site: Site, doc: Doc) -> None:
        self._refresh(site, doc)
        ledger.note(site, doc)

    def _refresh(self, site: Site, doc: Doc) -> None:
        for kind, name in dict.fromkeys((row["reference_doctype"], row["reference_name"]) for row in doc["references"]):
            (refresh_invoice if kind == INVOICE else refresh_advance)(site, name)
        refresh_requests(site, doc)

    def _fill_references(self, site: Site, doc: Doc) -> None:
        """Totals and outstanding amounts come from the documents paid; rows that allocate nothing go."""
        doc["references"] = [row for row in doc["references"] if row["allocated_amount"]]
        for row in doc["references"]:
            target = _target(site, row)
            total, outstanding = amounts_due(site, target)
            _check_outstanding(target, row["outstanding_amount"], outstanding)
            row["total_amount"], row["outstanding_amount"] = total, outstanding
            row["exchange_rate"] = exchange_of(site, target.fields)
            row["due_date"] = target.fields.get("due_date")
            row["allocated_amount"] = site.rounding.money(row["allocated_amount"])


def exchange_of(site: Site, target: Doc) -> Decimal:
    """What one unit of a document's outstanding amount is in company currency."""
    base = site.value("Company", target["company"], "default_currency")
    return ONE if (target.get("party_account_currency") or base) == base else target["conversion_rate"] or ONE


def _fill(site: Site, doc: Doc) -> None:
    """What is known of the party and the two accounts, and the rates of their currencies."""
    party = site.store.get("Customer", doc.get("party") or "") if doc.get("party_type") == "Customer" else None
    if party is not None:
        doc["party_name"] = doc.get("party_name") or party.fields.get("customer_name")
    base = site.value("Company", doc["company"], "default_currency") or ""
    for side, rate in (("paid_from", "source_exchange_rate"), ("paid_to", "target_exchange_rate")):
        account = site.store.get("Account", doc.get(side) or "")
        if account is None:
            continue
        doc[f"{side}_account_type"] = account.fields.get("account_type")
        currency = doc[f"{side}_account_currency"] = account.fields.get("account_currency") or base
        if currency == base:
            doc[rate] = ONE
        elif not doc[rate]:
            doc[rate] = exchange_rate(site, currency, base, doc.get("posting_date") or site.time.today())


def _check_party(doc: Doc) -> None:
    if doc.get("payment_type") == "Internal Transfer":
        if doc["references"]:
            raise throw("Internal Transfer with references: Not supported by fake")
        doc["party_type"] = doc["party"] = doc["party_name"] = None
        return
    if not doc.get("party_type"):
        raise throw("Party Type is mandatory")
    if not doc.get("party"):
        raise throw("Party is mandatory")
    if doc["party_type"] != "Customer":
        raise throw(f"Payment Entry for {doc['party_type']}: Not supported by fake")


def _check_amounts(doc: Doc) -> None:
    for name, label in _REQUIRED:
        if not doc[name]:
            raise throw(f"{label} is mandatory")


def _check_sides(doc: Doc) -> None:
    """After the amounts: what was received of what was paid, and the bank's reference."""
    if doc["received_amount"] > doc["paid_amount"] and doc.get("paid_from_account_currency") == doc.get("paid_to_account_currency"):
        raise throw("Received Amount cannot be greater than Paid Amount")
    if "Bank" in (doc.get("paid_to_account_type"), doc.get("paid_from_account_type")) and not (
        doc.get("reference_no") and doc.get("reference_date")
    ):
        raise throw("Reference No and Reference Date is mandatory for Bank transaction")


def _target(site: Site, row: Doc) -> Record:
    kind, name = row.get("reference_doctype") or "", row.get("reference_name") or ""
    if kind not in (INVOICE, ORDER):
        raise throw(f"Reference Doctype must be one of {_ALLOWED}, not {kind}")
    record = site.find(kind, name) if name else None
    if record is None:
        raise throw(f"{kind} {name} does not exist")
    return record


def _check_outstanding(target: Record, sent: Decimal, outstanding: Decimal) -> None:
    if target.kind != INVOICE or target.fields["docstatus"] != 1:
        return
    if not outstanding or (outstanding < 0 and not target.fields["is_return"]):
        raise throw(f"Sales Invoice {target.id} has already been fully paid.")
    if sent and abs(sent - outstanding) >= CENT:
        raise throw(
            f"Sales Invoice {target.id} has already been partly paid. Please use the 'Get Outstanding Invoice' or the "
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
        _check_target(doc, target)


def _check_target(doc: Doc, target: Record) -> None:
    fields, what = target.fields, f"{target.kind} {target.id}"
    if fields.get("customer") != doc.get("party"):
        raise throw(f"{what} is not associated with Customer {doc.get('party')}")
    side = "paid_from" if doc["payment_type"] == "Receive" else "paid_to"
    if target.kind == INVOICE and fields["debit_to"] != doc.get(side):
        raise throw(f"{what} is associated with {fields['debit_to']}, but Party Account is {doc.get(side)}")  # our guess
    if fields["docstatus"] != 1:
        raise throw(f"{what} must be submitted")
    if target.kind == ORDER and fields["per_billed"] >= 100:
        raise throw("Can only make payment against unbilled Sales Order")


def _check_allocated(doc: Doc) -> None:
    """What each row takes of what is outstanding, with its sign; money cannot be received for credit notes alone."""
    if sum((row["allocated_amount"] for row in doc["references"]), ZERO) < 0 and doc["payment_type"] == "Receive":
        raise throw("Cannot receive from customer against negative outstanding", title="Incorrect Payment Type")  # our guess
    for position, row in enumerate(doc["references"], start=1):
        if row["allocated_amount"] > 0 and doc["payment_type"] == "Pay":
            raise throw("Paying back what is owed to the company: Not supported by fake")
        amount, outstanding = row["allocated_amount"], row["outstanding_amount"]
        if (amount > 0 and amount > outstanding) or (amount < 0 and amount < outstanding):
            raise throw(f"Row #{position}: Allocated Amount cannot be greater than outstanding amount.")
