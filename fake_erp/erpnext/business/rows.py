"""A row of a selling document: its rate from list price, discount or margin, and its amounts. Source: facts 4.9 steps 1 and 2."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.rounding import Rounding
from fake_erp.erpnext.wire import HUNDRED, ONE, ZERO, exact

Pairs = tuple[tuple[str, str], ...]


def pairs(*names: str) -> Pairs:
    """Each field with the one that says the same in company currency."""
    return tuple((name, f"base_{name}") for name in names)


_AMOUNTS: Final = pairs("price_list_rate", "rate", "net_rate", "amount", "net_amount")
_MARGIN: Final = pairs("rate_with_margin")
NETS: Final = pairs("net_rate", "net_amount")


def fill_amounts(rounding: Rounding, row: Doc, conversion: Decimal) -> None:
    """Rate and amounts, before document discounts and before taxes that the rate includes are taken out."""
    _fill_rate(rounding, row)
    qty = row["qty"] = rounding.number(row["qty"])
    rate, factor = row["rate"], row["conversion_factor"] or ONE
    amount = rounding.money(rate * qty)
    row["net_rate"], row["amount"], row["net_amount"], row["conversion_factor"] = rate, amount, amount, factor
    row["distributed_discount_amount"] = ZERO
    if factor == 1:
        row["stock_qty"], row["stock_uom_rate"] = qty, rate
    else:
        row["stock_qty"], row["stock_uom_rate"] = rounding.number(qty * factor), rounding.money(rounding.ratio(rate, factor))
    if row.get("weight_per_unit"):
        row["total_weight"] = rounding.number(row["weight_per_unit"] * row["stock_qty"])
    in_company_currency(rounding, row, _AMOUNTS, conversion)
    if row["rate_with_margin"]:
        in_company_currency(rounding, row, _MARGIN, conversion)


def in_company_currency(rounding: Rounding, doc: Doc, fields: Pairs, conversion: Decimal) -> None:
    """Each figure for itself, so that their sums may differ by cents."""
    if conversion == 1:
        for name, base in fields:
            doc[base] = doc[name]
    else:
        for name, base in fields:
            doc[base] = rounding.money(doc[name] * conversion)


def _fill_rate(rounding: Rounding, row: Doc) -> None:
    """A rate of 0 is the list price [P14]; one above the list price is a margin, one below it a discount."""
    money = rounding.money
    rate, listed = money(row["rate"]), money(row["price_list_rate"])
    discount = row["discount_percentage"] = rounding.number(row["discount_percentage"])
    row["price_list_rate"] = listed
    row["rate_with_margin"] = row["base_rate_with_margin"] = ZERO
    if discount == HUNDRED:
        rate = ZERO
    elif listed and not rate:
        rate = money(listed * (ONE - discount / HUNDRED)) if discount else listed
    if listed:
        rate = _against_list_price(rounding, row, rate, listed)
    row["rate"] = rate


def _against_list_price(rounding: Rounding, row: Doc, rate: Decimal, listed: Decimal) -> Decimal:
    """What the difference between rate and list price is called; a margin that the row brings makes the rate."""
    margin = row["margin_rate_or_amount"] = rounding.number(row["margin_rate_or_amount"])
    if rate > listed:
        row["margin_type"], row["margin_rate_or_amount"] = "Amount", exact(rate - listed)
        row["rate_with_margin"], row["discount_amount"], row["discount_percentage"] = rate, ZERO, ZERO
        return rate
    if margin and row.get("margin_type"):
        added = margin if row["margin_type"] == "Amount" else listed * margin / HUNDRED
        with_margin = row["rate_with_margin"] = rounding.money(listed + added)
        discount = row["discount_percentage"]
        if with_margin > 0:
            rate = rounding.money(with_margin * (ONE - discount / HUNDRED)) if discount else with_margin
            row["discount_amount"] = exact(with_margin - rate)
            return rate
    row["discount_amount"] = exact(listed - rate)
    return rate
