"""Calculated properties that are not stored: a read works them out from the record and its links.

So they are no part of a search's index, which the vendor's are. Source: facts section 6; formulas are inferred there or our guess.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from fake_crm.hubspot.model.standard_types import DEALS, LINE_ITEMS
from fake_crm.hubspot.model.values import decimal_text
from harness.kit.money import decimal_of
from harness.kit.records import Record

if TYPE_CHECKING:
    from fake_crm.hubspot.model.account import Account

Compute = Callable[["Account", Record], str]
_MONTHS = {"monthly": 1, "quarterly": 3, "annually": 12}
_CENT = Decimal("0.01")


def _number(record: Record, name: str) -> Decimal | None:
    number = decimal_of(record.fields.get(name))
    return number if number is not None and abs(number.adjusted()) < 30 else None


def _home_amount(account: Account, record: Record) -> str:
    """In the account's currency; empty for another currency, as the account has no rates."""
    amount = _number(record, "amount")
    same = record.fields.get("deal_currency_code", account.settings.currency) == account.settings.currency
    return decimal_text(amount) if amount is not None and same else ""


def _weighted(account: Account, record: Record) -> str:
    amount, odds = _number(record, "amount"), _number(record, "hs_deal_stage_probability")
    return decimal_text(amount * odds) if amount is not None and odds is not None else ""


def _closed_amount(account: Account, record: Record) -> str:
    amount = _number(record, "amount")
    won = record.fields.get("hs_is_closed_won") == "true"
    return decimal_text(amount if won else Decimal(0)) if amount is not None else ""


def _from_lines(what: Callable[[Decimal, int, int], Decimal]) -> Compute:
    """Sum over line items of (amount, months of a billing period or 0, months of the term or 0)."""

    def compute(account: Account, record: Record) -> str:
        total = Decimal(0)
        for line in account.links_of_record(DEALS, record.id, LINE_ITEMS):
            period = _MONTHS.get(line.fields.get("recurringbillingfrequency", ""), 0)
            total += what(_number(line, "amount") or Decimal(0), period, _term(line))
        return decimal_text(total.quantize(_CENT)) if abs(total.adjusted()) < 20 else ""

    return compute


def _term(line: Record) -> int:
    """Months of `P12M` or `P1Y`."""
    text = line.fields.get("hs_recurring_billing_period", "")
    digits = text[1:-1]
    if text[:1] != "P" or not digits.isascii() or not digits.isdigit() or len(digits) > 4:
        return 0
    return int(digits) * (12 if text[-1] == "Y" else 1)


def _total(amount: Decimal, period: int, term: int) -> Decimal:
    return amount * term / period if period and term else amount


def _first_year(amount: Decimal, period: int, term: int) -> Decimal:
    return amount * min(12, term or 12) / period if period else amount


def _yearly(amount: Decimal, period: int, term: int) -> Decimal:
    return amount * 12 / period if period else Decimal(0)


def _monthly(amount: Decimal, period: int, term: int) -> Decimal:
    return amount / period if period else Decimal(0)


COMPUTED: dict[str, dict[str, Compute]] = {
    "deals": {
        "amount_in_home_currency": _home_amount,
        "hs_projected_amount": _weighted,
        "hs_forecast_amount": _weighted,
        "hs_closed_amount": _closed_amount,
        "hs_tcv": _from_lines(_total),
        "hs_acv": _from_lines(_first_year),
        "hs_arr": _from_lines(_yearly),
        "hs_mrr": _from_lines(_monthly),
    },
}
