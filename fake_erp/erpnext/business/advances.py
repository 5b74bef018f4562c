"""Advances of an invoice: money paid before it, on its orders or on account, that is taken off what it owes. Source: facts 4.6 and
4.7 name the effects; how rows are found and moved follows erpnext 15, our guess where the facts do not say.

    draft    `allocate_advances_automatically` fills the table, oldest payment first; `total_advance` is taken off
    submit   each payment's row for the order (or its unallocated money) becomes a row for the invoice
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from fake_erp.erpnext.business import ledger
from fake_erp.erpnext.business.outstanding import INVOICE, ORDER, refresh_advance
from fake_erp.erpnext.business.outstanding_amounts import owed, party_total
from fake_erp.erpnext.business.payment_amounts import sum_up
from fake_erp.erpnext.errors import throw
from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import ONE, ZERO, exact
from harness.kit.records import Record


def fill_advances(site: Site, doc: Doc) -> None:
    """At every save of a draft, once totals are known: rows, their sum, and what is left to pay."""
    if doc["allocate_advances_automatically"] and not doc["is_return"]:
        doc["advances"] = list(_automatic(site, doc))
    for row in doc["advances"]:
        row["allocated_amount"] = site.rounding.money(row["allocated_amount"])
        if row["allocated_amount"] > row["advance_amount"]:
            raise throw(f"Row {row['idx']}: Allocated amount cannot be greater than advance amount")
    doc["total_advance"] = exact(sum((row["allocated_amount"] for row in doc["advances"]), ZERO))
    if doc["total_advance"] > max(ZERO, owed(doc)):
        raise throw(f"Advance amount cannot be greater than {doc.get('party_account_currency')} {owed(doc)}")
    doc["outstanding_amount"] = exact(owed(doc) - doc["total_advance"])


def _automatic(site: Site, doc: Doc) -> Iterator[Doc]:
    left, blank = owed(doc), site.meta("Sales Invoice Advance").blank
    for number, (payment, row, amount) in enumerate(_available(site, doc), start=1):
        taken = min(left, amount)
        left = exact(left - taken)
        yield {
            **blank,
            "doctype": "Sales Invoice Advance",
            "idx": number,
            "reference_type": "Payment Entry",
            "reference_name": payment.id,
            "reference_row": row,
            "advance_amount": amount,
            "allocated_amount": taken,
            "ref_exchange_rate": ONE,
        }


def _available(site: Site, doc: Doc) -> Iterator[tuple[Record, str | None, Decimal]]:
    """Money on the invoice's orders, then, unless only that is wanted, money on account: payment, its row, amount."""
    orders = {row["sales_order"] for row in doc["items"] if row.get("sales_order")}
    payments = [record for record in site.store.where("Payment Entry", "party", doc.get("customer")) if _is_advance(record, doc)]
    for payment in payments:
        for row in payment.fields["references"]:
            if row["reference_doctype"] == ORDER and row["reference_name"] in orders:
                yield payment, row["name"], row["allocated_amount"]
    for payment in payments if not doc["only_include_allocated_payments"] else ():
        if payment.fields["unallocated_amount"]:
            yield payment, None, payment.fields["unallocated_amount"]


def _is_advance(payment: Record, doc: Doc) -> bool:
    fields = payment.fields
    return bool(fields["docstatus"] == 1 and fields["payment_type"] == "Receive" and fields["paid_from"] == doc["debit_to"])


def settle_advances(site: Site, doc: Doc) -> None:
    """At submit: the payments of the table are allocated to the invoice. Raises Refused when they are not there any more."""
    for row in doc["advances"]:
        if not row["allocated_amount"]:
            continue
        payment = site.store.get("Payment Entry", row.get("reference_name") or "")
        if payment is None or row.get("reference_type") != "Payment Entry" or not _is_advance(payment, doc):
            raise throw(f"Row {row['idx']}: {row.get('reference_name')} is not an advance of {doc.get('customer')}")
        _move(site, doc, row, payment)


def _move(site: Site, doc: Doc, advance: Doc, payment: Record) -> None:
    amount, rows = advance["allocated_amount"], [dict(row) for row in payment.fields["references"]]
    source = next((row for row in rows if advance.get("reference_row") and row["name"] == advance["reference_row"]), None)
    if amount > (source["allocated_amount"] if source is not None else payment.fields["unallocated_amount"]):
        raise throw("Payment Entry has been modified after you pulled it. Please pull it again.")
    order = source["reference_name"] if source is not None else None
    if source is not None:
        source["allocated_amount"] = exact(source["allocated_amount"] - amount)
        rows = [row for row in rows if row["allocated_amount"]]
    values: dict[str, Any] = {"references": [*rows, _row(site, doc, payment, amount, len(rows) + 1)]}
    changed = {**payment.fields, **values}
    sum_up(site.rounding, changed)
    for name in ("total_allocated_amount", "base_total_allocated_amount", "unallocated_amount", "difference_amount"):
        values[name] = changed[name]
    site.set_values(payment, values)
    site.references.note("Payment Entry", payment.id, payment.fields)
    ledger.note(site, payment.fields)
    if order is not None:
        refresh_advance(site, order)


def _row(site: Site, doc: Doc, payment: Record, amount: Decimal, number: int) -> Doc:
    child, stamp = site.meta("Payment Entry Reference"), site.time.stamp()
    place = {"parent": payment.id, "parentfield": "references", "parenttype": "Payment Entry", "idx": number, "docstatus": 1}
    standard = {"name": site.random_name(), "owner": site.user, "creation": stamp, "modified": stamp, "modified_by": site.user}
    values = {
        "reference_doctype": INVOICE,
        "reference_name": doc["name"],
        "due_date": doc.get("due_date"),
        "total_amount": party_total(doc),
        "outstanding_amount": owed(doc),
        "allocated_amount": amount,
        "exchange_rate": doc["conversion_rate"] if doc.get("party_account_currency") == doc["currency"] else ONE,
    }
    row = {**child.blank, **values, **place, **standard, "doctype": child.name}
    return {key: value for key in child.order if (value := row.get(key)) is not None}
