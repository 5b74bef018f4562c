"""What one document books: accounts with amounts above zero for debit and below for credit, which add up to zero.

Source: facts 4.6 and 4.7 name the effects; which account takes which part follows the vendor's usual chart, our guess where the
facts do not say. What rounding leaves of a document in a foreign currency is booked on Round Off.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from fake_erp.erpnext.business.masters import CURRENCY, EXPENSE
from fake_erp.erpnext.business.outstanding_amounts import in_own_currency
from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import ONE, ZERO, exact

ROUND_OFF: Final = "Round Off - ACM"
WRITE_OFF: Final = "Write Off - ACM"
INVENTORY: Final = "Stock In Hand - ACM"
ADJUSTMENT: Final = "Stock Adjustment - ACM"


@dataclass(slots=True)
class Line:
    """One row to be: `amount` in company currency, `own_amount` in the account's."""

    account: str
    amount: Decimal
    own_amount: Decimal
    currency: str = CURRENCY
    party: str | None = None
    against_type: str | None = None
    against: str | None = None
    cost_center: str | None = None


def account_rows(site: Site, doc: Doc, stock_value: Decimal) -> list[Line]:
    """The general ledger's rows of a document; `stock_value` is what it moved into the warehouse, below zero for out of it."""
    kind = doc["doctype"]
    if kind == "Sales Invoice":
        lines = [*_invoice(doc), *_stock(doc, stock_value, EXPENSE)]
    elif kind == "Payment Entry":
        lines = list(_payment(site, doc))
    else:
        lines = list(_stock(doc, stock_value, EXPENSE if kind == "Delivery Note" else ADJUSTMENT))
    return [line for line in _merged(lines) if line.amount]


def _merged(lines: list[Line]) -> list[Line]:
    found: dict[tuple[str | None, ...], Line] = {}
    for line in lines:
        key = (line.account, line.party, line.against_type, line.against, line.cost_center)
        known = found.get(key)
        if known is None:
            found[key] = line
        else:
            known.amount, known.own_amount = exact(known.amount + line.amount), exact(known.own_amount + line.own_amount)
    return list(found.values())


def _plain(account: str, amount: Decimal, cost_center: str | None) -> Line:
    return Line(account, amount, amount, cost_center=cost_center)


def _stock(doc: Doc, value: Decimal, other: str) -> Iterator[Line]:
    if value:
        center = next((row.get("cost_center") for row in doc["items"] if row.get("cost_center")), None)
        yield _plain(INVENTORY, exact(value), center)
        yield _plain(other, exact(-value), center)


def _invoice(doc: Doc) -> Iterator[Line]:
    base, own = doc["base_rounded_total"] or doc["base_grand_total"], doc["rounded_total"] or doc["grand_total"]
    against = doc["name"]
    if doc["is_return"] and doc.get("return_against") and not doc["update_outstanding_for_self"]:
        against = doc["return_against"]
    currency = doc.get("party_account_currency") or CURRENCY
    same = in_own_currency(doc)

    def customer(amount: Decimal, own_amount: Decimal) -> Line:
        shown = own_amount if same else amount
        center = doc.get("cost_center")
        return Line(doc["debit_to"], amount, shown, currency, doc.get("customer"), "Sales Invoice", against, center)

    yield customer(base, own)
    left = base
    for row in doc["items"]:
        yield _plain(row["income_account"], exact(-row["base_net_amount"]), row.get("cost_center"))
        left -= row["base_net_amount"]
    for tax in doc["taxes"]:
        amount = tax["base_tax_amount_after_discount_amount"]
        yield _plain(tax["account_head"], exact(-amount), tax.get("cost_center"))
        left -= amount
    center = next((row.get("cost_center") for row in doc["items"]), None)
    yield _plain(ROUND_OFF, exact(-left), center)
    if doc["write_off_amount"]:
        yield _plain(WRITE_OFF, doc["base_write_off_amount"], center)
        yield customer(exact(-doc["base_write_off_amount"]), exact(-doc["write_off_amount"]))


def _payment(site: Site, doc: Doc) -> Iterator[Line]:
    received = doc["payment_type"] == "Receive"
    yield Line(doc["paid_to"], doc["base_received_amount"], doc["received_amount"], doc["paid_to_account_currency"])
    yield Line(doc["paid_from"], exact(-doc["base_paid_amount"]), exact(-doc["paid_amount"]), doc["paid_from_account_currency"])
    for row in doc["deductions"]:
        yield _plain(row["account"], row["amount"], row.get("cost_center"))
    if not doc.get("party"):
        return
    # The party's side is booked reference by reference, in place of the one row above.
    side, rate = ("paid_from", "source_exchange_rate") if received else ("paid_to", "target_exchange_rate")
    account, currency, center = doc[side], doc[f"{side}_account_currency"], doc.get("cost_center")
    whole = exact(-doc["base_paid_amount"]) if received else doc["base_received_amount"]
    own = exact(-doc["paid_amount"]) if received else doc["received_amount"]
    yield Line(account, exact(-whole), exact(-own), currency)
    for row in doc["references"]:
        amount = exact(-site.rounding.money(row["allocated_amount"] * (row["exchange_rate"] or ONE)))
        kind, name = row["reference_doctype"], row["reference_name"]
        yield Line(account, amount, exact(-row["allocated_amount"]), currency, doc["party"], kind, name, center)
    sign = -1 if received else 1
    left = site.rounding.money(doc["unallocated_amount"] * (doc[rate] or ONE))
    yield Line(account, exact(sign * left), exact(sign * doc["unallocated_amount"]), currency, doc["party"], None, None, center)


def payment_rows(doc: Doc, lines: list[Line]) -> Iterator[Doc]:
    """The payment ledger's rows: what was booked on the party's account, against which invoice; an advance is its own."""
    for line in lines:
        if line.party:
            invoice = line.against if line.against_type == "Sales Invoice" else None
            yield {
                "account_type": "Receivable",
                "account": line.account,
                "account_currency": line.currency,
                "party_type": "Customer",
                "party": line.party,
                "due_date": doc.get("due_date"),
                "cost_center": line.cost_center,
                "against_voucher_type": "Sales Invoice" if invoice else doc["doctype"],
                "against_voucher_no": invoice or doc["name"],
                "amount": line.amount,
                "amount_in_account_currency": line.own_amount or ZERO,
            }
