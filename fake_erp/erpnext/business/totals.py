"""Totals of selling documents: amounts, taxes, document discount, rounding. Decimal from the first step to the last.

    rows.py      rates and amounts of a row          taxes.py     tax rows, taxes included in the rate
    discount.py  the discount of the document        this file    their order, and what is left at the end
Source: facts 4.9.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from fake_erp.erpnext.business.discount import ON_GRAND, discount_of, distribute
from fake_erp.erpnext.business.rows import fill_amounts, in_company_currency, pairs
from fake_erp.erpnext.business.taxes import NO_RATES, TaxRun, check_taxes, rates_of, take_out_included
from fake_erp.erpnext.business.words import in_words
from fake_erp.erpnext.errors import throw
from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.rounding import Rounding
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import ONE, ZERO, exact

_SUMS: Final = (("total", "amount"), ("net_total", "net_amount"))
_BASE_SUMS: Final = (("base_total", "base_amount"), ("base_net_total", "base_net_amount"))
_DISCOUNT: Final = pairs("discount_amount")
_TOTALS: Final = pairs("grand_total", "total_taxes_and_charges", "rounded_total", "rounding_adjustment")


def compute(site: Site, doc: Doc) -> None:
    """Fill every amount of `doc` from its rows' quantities and rates. A document without rows is left alone."""
    rows = doc["items"]
    if not rows:
        return
    rounding, rate = site.rounding, doc["conversion_rate"] or ONE
    for row in rows:
        fill_amounts(rounding, row, rate)
    # An alternative to another row of a quotation has amounts but is in no total.
    rows = [row for row in rows if not row.get("is_alternative")]
    taxes = doc["taxes"]
    check_taxes(taxes)
    rates = [rates_of(row) for row in rows] if taxes else [NO_RATES] * len(rows)
    included = any(tax["included_in_print_rate"] for tax in taxes)
    if included:
        take_out_included(rounding, doc, rows, rates, rate)
    each_share = site.settings.round_row_wise_tax
    _sum_rows(doc, rows, rate)
    run = TaxRun(rounding, doc, rows, rates, each_share=each_share, keep=False)
    last = run.run()
    adjustment = _included_adjustment(rounding, doc, last, ZERO) if included else ZERO
    grand = exact(last + adjustment)
    discount = discount_of(rounding, doc, grand)
    if discount and distribute(rounding, doc, rows, discount, grand, rate):
        _sum_rows(doc, rows, rate)
        on_grand = doc.get("apply_discount_on") == ON_GRAND
        target = exact(grand - discount)
        run = TaxRun(rounding, doc, rows, rates, each_share=each_share, keep=on_grand)
        last = run.run()
        if included:
            adjustment = _included_adjustment(rounding, doc, last, discount)
        elif on_grand and taxes:
            adjustment = rounding.money(target - last)
        grand = exact(last + adjustment)
    run.finish(rate)
    in_company_currency(rounding, doc, _DISCOUNT, rate)
    _grand_totals(site, doc, grand, adjustment, rate)


def _sum_rows(doc: Doc, rows: list[Doc], rate: Decimal) -> None:
    doc["total_qty"] = exact(sum([row["qty"] for row in rows], ZERO))
    weights = [weight for row in rows if (weight := row.get("total_weight"))]
    if weights or doc.get("total_net_weight"):
        doc["total_net_weight"] = exact(sum(weights, ZERO))
    for total, amount in _SUMS if rate == 1 else _SUMS + _BASE_SUMS:
        doc[total] = exact(sum([row[amount] for row in rows], ZERO))
    if rate == 1:
        doc["base_total"], doc["base_net_total"] = doc["total"], doc["net_total"]


def _included_adjustment(rounding: Rounding, doc: Doc, last: Decimal, discount: Decimal) -> Decimal:
    """What rounding taxes out of the rate and back in has lost: at most five of the smallest amount, else it is left."""
    taxes = doc["taxes"]
    added = sum((tax["tax_amount_after_discount_amount"] for tax in taxes if not tax["included_in_print_rate"]), ZERO)
    lost = rounding.money(doc["total"] + added - last - discount)
    return lost if abs(lost) <= Decimal(5).scaleb(-rounding.places) else ZERO


def _grand_totals(site: Site, doc: Doc, grand: Decimal, adjustment: Decimal, rate: Decimal) -> None:
    rounding = site.rounding
    doc["grand_total"] = grand
    doc["total_taxes_and_charges"] = exact(grand - doc["net_total"] - adjustment) if doc["taxes"] else ZERO
    rounded = doc["rounded_total"] = ZERO if doc["disable_rounded_total"] else rounded_total(site, doc.get("currency"), grand)
    doc["rounding_adjustment"] = ZERO if doc["disable_rounded_total"] else exact(rounded - grand)
    in_company_currency(rounding, doc, _TOTALS, rate)
    if not doc["total_taxes_and_charges"]:
        doc["base_grand_total"] = doc["base_net_total"]
    if doc["base_grand_total"] < 0 and not doc.get("is_return"):
        raise throw("Incorrect value:Grand Total (Company Currency) must be >= 0.0")  # our guess
    doc["in_words"] = doc["base_in_words"] = in_words(doc.get("currency"), rounded or grand)
    if rate != 1:
        own = site.value("Company", doc.get("company"), "default_currency")
        doc["base_in_words"] = in_words(own, doc["base_rounded_total"] or doc["base_grand_total"])


def rounded_total(site: Site, currency: str | None, grand: Decimal) -> Decimal:
    """To the smallest coin of the currency (ties down), or to whole units where the currency names none [P17]."""
    coin = site.value("Currency", currency, "smallest_currency_fraction_value")
    if not coin:
        return site.rounding.whole(grand)
    return site.rounding.coins(grand, coin)
