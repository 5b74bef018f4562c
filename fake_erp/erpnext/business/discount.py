"""The discount of a whole document and its share in every row. Source: facts 4.9 step 10."""

from __future__ import annotations

from decimal import Decimal

from fake_erp.erpnext.business.rows import NETS, in_company_currency
from fake_erp.erpnext.errors import throw
from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.rounding import Rounding
from fake_erp.erpnext.wire import HUNDRED, ZERO, exact, int_of

ON_NET, ON_GRAND = "Net Total", "Grand Total"


def discount_of(rounding: Rounding, doc: Doc, grand: Decimal) -> Decimal:
    """The amount to take off, from the percentage where there is one. Raises Refused when it is more than the total.

    How the message writes amounts is our guess.
    """
    share, on = doc["additional_discount_percentage"], doc.get("apply_discount_on")
    if share and on:
        base = doc["net_total"] if on == ON_NET else grand
        doc["discount_amount"] = base * share / HUNDRED
    discount: Decimal = rounding.money(doc["discount_amount"])
    doc["discount_amount"] = discount
    if (discount or share) and not on:
        raise throw("Please select Apply Discount On")
    if discount > grand >= 0 or discount < grand < 0:
        told, before = (rounding.formatted(amount, doc.get("currency")) for amount in (discount, grand))
        text = f"Additional Discount Amount ({told}) cannot exceed the total before such discount ({before})"
        raise throw(text, title="Invalid Discount Amount")
    return discount


def distribute(rounding: Rounding, doc: Doc, rows: list[Doc], discount: Decimal, grand: Decimal, conversion: Decimal) -> bool:
    """Take the discount off the rows by net amount, each rounded, what rounding lost corrected in the next row that can.

    False, and nothing is taken off, when there is nothing to take it off: all of the total is fixed charges.
    """
    base = _base(doc, grand)
    if not base:
        return False
    expected, given = ZERO, ZERO
    for row in rows:
        before = row["net_amount"]
        left = before - rounding.ratio(discount * before, base)
        expected += left
        net = rounding.money(left)
        given += net
        lost = rounding.money(expected - given)
        if lost:
            net, given = exact(net + lost), given + lost
        row["net_amount"], row["distributed_discount_amount"] = net, exact(before - net)
        row["net_rate"] = rounding.money(rounding.ratio(net, row["qty"])) if row["qty"] else ZERO
        in_company_currency(rounding, row, NETS, conversion)
    return True


def _base(doc: Doc, grand: Decimal) -> Decimal:
    """What the discount is a part of: the net total, or the grand total without charges that do not follow the net amounts."""
    if doc.get("apply_discount_on") == ON_NET or not doc["taxes"]:
        return Decimal(doc["net_total"])
    fixed: dict[int, tuple[Decimal, Decimal]] = {}  # row → its own fixed part, that of its total
    so_far = ZERO
    for number, tax in enumerate(doc["taxes"], start=1):
        part = None
        if tax.get("charge_type") in ("Actual", "On Item Quantity"):
            part = tax["tax_amount"]
        elif int_of(tax.get("row_id")) in fixed:
            own, total = fixed[int_of(tax["row_id"])]
            part = (own if tax["charge_type"] == "On Previous Row Amount" else total) * tax["rate"] / HUNDRED
        if part is not None:
            so_far += part
            fixed[number] = (part, so_far)
    return grand - so_far
