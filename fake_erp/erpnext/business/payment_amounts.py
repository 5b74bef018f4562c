"""What the amounts of a payment add up to: allocated, unallocated, and the difference that must be zero. Source: facts 4.7.

    Receive   difference = allocated + unallocated − received − deductions      (in company currency)
    Pay       difference = paid − allocated − unallocated − deductions
How the vendor arrives at them with several currencies is our guess.
"""

from __future__ import annotations

from decimal import Decimal

from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.rounding import Rounding
from fake_erp.erpnext.wire import ONE, ZERO, exact


def sum_up(rounding: Rounding, doc: Doc) -> None:
    """Fill every amount that follows from the header's amounts and rates, the references and the deductions."""
    money = rounding.money
    paid, received = money(doc["paid_amount"]), money(doc["received_amount"])
    source, target = doc["source_exchange_rate"] or ONE, doc["target_exchange_rate"] or ONE
    doc["paid_amount"], doc["received_amount"] = paid, received
    doc["base_paid_amount"], doc["base_received_amount"] = money(paid * source), money(received * target)
    allocated, base_allocated = ZERO, ZERO
    for row in doc["references"]:
        allocated += row["allocated_amount"]
        base_allocated += money(row["allocated_amount"] * (row.get("exchange_rate") or ONE))
    doc["total_allocated_amount"], doc["base_total_allocated_amount"] = exact(abs(allocated)), exact(abs(base_allocated))
    deducted = sum((row["amount"] for row in doc["deductions"]), ZERO)
    doc["unallocated_amount"] = exact(_unallocated(rounding, doc, deducted)) if doc.get("party") else ZERO
    doc["difference_amount"] = exact(money(_difference(doc) - deducted))


def _unallocated(rounding: Rounding, doc: Doc, deducted: Decimal) -> Decimal:
    """Money beyond what is allocated stays with the party, in the currency of its account."""
    base_allocated, allocated = doc["base_total_allocated_amount"], doc["total_allocated_amount"]
    if doc["payment_type"] == "Receive":
        rate = doc["source_exchange_rate"] or ONE
        whole = doc["base_received_amount"] + deducted
        beyond = base_allocated < whole and allocated < doc["paid_amount"] + rounding.ratio(deducted, rate)
    else:
        rate = doc["target_exchange_rate"] or ONE
        whole = doc["base_paid_amount"] - deducted
        beyond = base_allocated < whole and allocated < doc["received_amount"] + rounding.ratio(deducted, rate)
    return rounding.money(rounding.ratio(whole - base_allocated, rate)) if beyond else ZERO


def _difference(doc: Doc) -> Decimal:
    kind = doc["payment_type"]
    rate = doc["source_exchange_rate" if kind == "Receive" else "target_exchange_rate"] or ONE
    party: Decimal = doc["base_total_allocated_amount"] + doc["unallocated_amount"] * rate
    if kind == "Receive":
        return Decimal(party - doc["base_received_amount"])
    if kind == "Pay":
        return Decimal(doc["base_paid_amount"] - party)
    return Decimal(doc["base_paid_amount"] - doc["base_received_amount"])
