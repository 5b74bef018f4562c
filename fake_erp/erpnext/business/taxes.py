"""Tax rows: what may stand in them, what each item row bears of them, and their totals. Source: facts 4.9 steps 4, 6 and 7.

Shares of item rows are unrounded; a tax row is rounded once, unless the site rounds every share (`round_row_wise_tax`).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from fake_erp.erpnext.business.rows import NETS, in_company_currency, pairs
from fake_erp.erpnext.errors import python_error, throw
from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.rounding import Rounding
from fake_erp.erpnext.framework.variants import TAX_DETAILS
from fake_erp.erpnext.wire import HUNDRED, ONE, ZERO, encode, exact, int_of, number_of

Rates = Mapping[str, Decimal]
NO_RATES: Rates = {}
_AMOUNTS = pairs("tax_amount", "tax_amount_after_discount_amount", "total")
_NET = pairs("net_amount")
PREVIOUS = ("On Previous Row Amount", "On Previous Row Total")


def check_taxes(taxes: list[Doc]) -> None:
    """Which rows a row may refer to, and which may be included in the rate. Texts beyond facts 4.9 are our guess."""
    for position, tax in enumerate(taxes, start=1):
        kind, row_id = tax.get("charge_type") or "", int_of(tax.get("row_id"))
        if kind in PREVIOUS:
            if position == 1:
                raise throw("Cannot select charge type as 'On Previous Row Amount' or 'On Previous Row Total' for first row")
            if row_id < 1:
                raise throw(f"Please specify a valid Row ID for row {position} in table Sales Taxes and Charges")
            if row_id >= position:
                raise throw("Cannot refer row number greater than or equal to current row number for this Charge type")
        elif row_id and kind in ("Actual", "On Net Total"):
            raise throw("Can refer row only if the charge type is 'On Previous Row Amount' or 'Previous Row Total'")
        if kind == "Actual":
            tax["rate"] = ZERO
        if tax["included_in_print_rate"]:
            _check_included(taxes, tax, position, kind, row_id)


def _check_included(taxes: list[Doc], tax: Doc, position: int, kind: str, row_id: int) -> None:
    if kind == "Actual":
        raise throw(f"Charge of type 'Actual' in row {position} cannot be included in Item Rate or Paid Amount")
    if kind in PREVIOUS:
        needed = [row_id] if kind == PREVIOUS[0] else list(range(1, row_id + 1))
        if not all(taxes[number - 1]["included_in_print_rate"] for number in needed):
            rows = str(row_id) if kind == PREVIOUS[0] else f"1 - {row_id}"
            raise throw(f"To include tax in row {position} in Item rate, taxes in rows {rows} must also be included")


def rates_of(row: Doc) -> Rates:
    """The rates by account that an item row has of its own: `item_tax_rate`, JSON text. Raises Refused (500) for other text."""
    text = row.get("item_tax_rate")
    if not text or text == "{}":
        return NO_RATES
    try:
        found: Any = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise python_error("JSONDecodeError", str(error)) from None
    if not isinstance(found, dict):
        raise python_error("AttributeError", f"'{type(found).__name__}' object has no attribute 'get'")
    return {account: number_of(rate) for account, rate in found.items()}


def take_out_included(rounding: Rounding, doc: Doc, rows: list[Doc], rates: list[Rates], conversion: Decimal) -> None:
    """Net amounts of rows whose rate includes taxes: (amount - taxes per unit) / (1 + taxes per amount)."""
    taxes = doc["taxes"]
    for row, own in zip(rows, rates, strict=True):
        fraction, per_unit = _included(taxes, own)
        if row["qty"] and (fraction or per_unit):
            if fraction == -1:
                raise python_error("ZeroDivisionError", "float division by zero")
            row["net_amount"] = rounding.money(rounding.ratio(row["amount"] - per_unit * row["qty"], ONE + fraction))
            row["net_rate"] = rounding.money(rounding.ratio(row["net_amount"], row["qty"]))
            in_company_currency(rounding, row, NETS, conversion)


def _included(taxes: list[Doc], own: Rates) -> tuple[Decimal, Decimal]:
    """The sums of what included taxes are of one net unit of money, and of one unit of quantity."""
    fractions: list[Decimal] = []
    totals: list[Decimal] = []
    per_unit = ZERO
    for tax in taxes:
        fraction, rate = ZERO, own.get(tax.get("account_head") or "", tax["rate"])
        if tax["included_in_print_rate"]:
            match tax.get("charge_type"):
                case "On Net Total":
                    fraction = rate / HUNDRED
                case "On Previous Row Amount":
                    fraction = rate / HUNDRED * fractions[int_of(tax["row_id"]) - 1]
                case "On Previous Row Total":
                    fraction = rate / HUNDRED * totals[int_of(tax["row_id"]) - 1]
                case "On Item Quantity":
                    per_unit += rate
        fractions.append(fraction)
        totals.append((totals[-1] if totals else ONE) + fraction)
    return sum(fractions, ZERO), per_unit


class TaxRun:
    """One pass over the tax rows of a document. `keep` leaves `tax_amount` as it was before a discount on the grand total."""

    def __init__(self, rounding: Rounding, doc: Doc, rows: list[Doc], rates: list[Rates], *, each_share: bool, keep: bool) -> None:
        self._rounding, self._doc, self._rows, self._rates = rounding, doc, rows, rates
        self._each_share, self._keep = each_share, keep
        self._shares: list[list[Decimal]] = []  # of every tax row, by item row
        self._totals: list[list[Decimal]] = []  # net amount and taxes so far, by item row

    def run(self) -> Decimal:
        """Fill amounts and totals of every tax row. Returns the last total, without taxes the net total."""
        money = self._rounding.money
        running: Decimal = self._doc["net_total"]
        before = nets = [row["net_amount"] for row in self._rows]
        for tax in self._doc["taxes"]:
            shares = self._share(tax, nets)
            before = [total + share for total, share in zip(before, shares, strict=True)]
            self._shares.append(shares)
            self._totals.append(before)
            if tax.get("charge_type") == "Actual":
                amount = tax["tax_amount"] = money(tax["tax_amount"])
            else:
                amount = money(sum(shares, ZERO))
                if not self._keep:
                    tax["tax_amount"] = amount
            running = exact(running + amount)
            tax["tax_amount_after_discount_amount"], tax["total"] = amount, running
        return running

    def finish(self, conversion: Decimal) -> None:
        """After the last pass: amounts in company currency, and what every item bears."""
        in_rows = TAX_DETAILS in self._doc
        if in_rows:
            self._doc[TAX_DETAILS] = []
        for tax, shares in zip(self._doc["taxes"], self._shares, strict=True):
            in_company_currency(self._rounding, tax, _AMOUNTS, conversion)
            if in_rows:
                self._doc[TAX_DETAILS] += self._detail_rows(tax, shares, conversion)
            else:
                tax["item_wise_tax_detail"] = self._detail(tax, shares, conversion)

    def _share(self, tax: Doc, nets: list[Decimal]) -> list[Decimal]:
        """The tax of each item row."""
        kind, account, rate = tax.get("charge_type"), tax.get("account_head") or "", tax["rate"]
        if kind == "Actual":
            return self._spread(self._rounding.money(tax["tax_amount"]), nets)
        bases, divisor = nets, HUNDRED
        if kind == "On Item Quantity":
            bases, divisor = [row["qty"] for row in self._rows], ONE
        elif kind in PREVIOUS:
            bases = (self._shares if kind == PREVIOUS[0] else self._totals)[int_of(tax["row_id"]) - 1]
        elif kind != "On Net Total":
            return [ZERO for _ in nets]
        shares = [own.get(account, rate) * base / divisor for own, base in zip(self._rates, bases, strict=True)]
        return [self._rounding.money(share) for share in shares] if self._each_share else shares

    def _spread(self, amount: Decimal, nets: list[Decimal]) -> list[Decimal]:
        """An actual amount over the rows by net amount; the last takes the rest."""
        whole = self._doc["net_total"]
        parts = [self._rounding.ratio(amount * net, whole) if whole else ZERO for net in nets]
        if self._each_share:
            parts = [self._rounding.money(part) for part in parts]
        if parts:
            parts[-1] = amount - sum(parts[:-1], ZERO)
        return parts

    def _detail(self, tax: Doc, shares: list[Decimal], conversion: Decimal) -> str:
        """JSON text: item → rate, amount in company currency, unrounded."""
        detail: dict[str, list[Decimal]] = {}
        account, rate = tax.get("account_head") or "", tax["rate"]
        for row, own, share in zip(self._rows, self._rates, shares, strict=True):
            key = row.get("item_code") or row.get("item_name") or ""
            amount = share if conversion == 1 else share * conversion
            if key in detail:
                amount += detail[key][1]
            detail[key] = [own.get(account, rate), exact(amount)]
        return encode(detail).decode()

    def _detail_rows(self, tax: Doc, shares: list[Decimal], conversion: Decimal) -> list[Doc]:
        """As version 16 has it: a row for every item row, rounded so that they add up to the tax in company currency."""
        money, taxed = self._rounding.money, self._taxed(tax)
        tax["net_amount"] = money(sum(taxed, ZERO))
        in_company_currency(self._rounding, tax, _NET, conversion)
        details: list[Doc] = []
        so_far, given = ZERO, ZERO
        for row, own, share, base in zip(self._rows, self._rates, shares, taxed, strict=True):
            so_far += share
            amount = exact(money(money(so_far) * conversion) - given)
            given += amount
            rate = own.get(tax.get("account_head") or "", tax["rate"])
            links = {"doctype": "Item Wise Tax Detail", "idx": len(self._doc[TAX_DETAILS]) + len(details) + 1}
            figures = {"rate": rate, "amount": amount, "taxable_amount": money(base * conversion)}
            details.append({**links, "item_row": row.get("name"), "tax_row": tax.get("name"), **figures})
        return details

    def _taxed(self, tax: Doc) -> list[Decimal]:
        """What a tax row is a part of, by item row."""
        kind = tax.get("charge_type")
        if kind in PREVIOUS:
            return (self._shares if kind == PREVIOUS[0] else self._totals)[int_of(tax["row_id"]) - 1]
        return [row["net_amount"] for row in self._rows]
