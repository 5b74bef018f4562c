"""Rounding as the site's System Settings say: method, decimals of money, decimals of other numbers. Source: facts 3.8.

Amounts here are exact decimals where the vendor's are floats, so the vendor's care for a float's last bit is not needed: what is a
tie is one. Results of divisions are first cut to the places that the vendor's own method looks at.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

from fake_erp.erpnext.wire import TOO_BIG, ZERO, exact

BANKERS: Final = "Banker's Rounding"
LEGACY: Final = "Banker's Rounding (legacy)"
COMMERCIAL: Final = "Commercial Rounding"

# Decimals of money that each number format brings; the vendor's list of formats.
NUMBER_FORMATS: Final = {
    "#,###.##": 2, "#.###,##": 2, "# ###.##": 2, "# ###,##": 2, "#'###.##": 2, "#, ###.##": 2, "#,##,###.##": 2,
    "#,###.###": 3, "#.###": 0, "#,###": 0,
}  # fmt: skip

# Room for any product of three numbers that columns can hold, so that no input makes rounding itself fail.
_WIDE: Final = Context(prec=80)
_ENDLESS: Final = TOO_BIG * TOO_BIG
_SYMBOLS: Final = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹", "CNY": "¥"}


class Rounding:
    """`places`: the decimals of money.

    money   an amount, to the decimals of money        number  a quantity or percent, to the site's float precision
    whole   to whole units                             coins   to a multiple of the smallest coin; halfway goes down

    All of them remember what they made of a number: the totals of one document ask for the same ones over and over.
    """

    __slots__ = ("_noise", "coins", "money", "number", "number_format", "places", "whole")

    def __init__(self, method: str, currency_precision: int, float_precision: int, number_format: str) -> None:
        self.number_format = number_format
        self.places = currency_precision or NUMBER_FORMATS[number_format]  # 0 is as good as blank, as in the vendor
        self.money = _rounder(method, self.places)
        self.number = _rounder(method, float_precision or 3)
        self.whole = _rounder(method, 0)
        self.coins = lru_cache(maxsize=4096)(self._coins)
        self._noise = _unit(self.places + (8 if method == LEGACY else 12))

    def _coins(self, value: Decimal, coin: Decimal) -> Decimal:
        over = _WIDE.remainder(value, coin)
        if over < 0:
            over += coin  # the vendor's remainder is never negative
        return self.money(value + coin - over if over * 2 > coin else value - over)

    def ratio(self, part: Decimal, whole: Decimal) -> Decimal:
        """A quotient without the noise of an endless fraction: what comes out even stays even."""
        try:
            return (part / whole).quantize(self._noise, ROUND_HALF_EVEN, _WIDE)
        except InvalidOperation:
            return _ENDLESS.copy_sign(part)

    def formatted(self, value: Decimal, currency: str | None) -> str:
        """An amount as messages show it: `€ 1,234.50`."""
        thousands, point = self.number_format.split("#")[1], "," if self.number_format.endswith(",##") else "."
        whole, _, decimals = f"{abs(value):,.{self.places}f}".partition(".")
        text = whole.replace(",", thousands) + (point + decimals if decimals else "")
        sign = "-" if value < 0 else ""
        symbol = _SYMBOLS.get(currency or "", currency)
        return f"{symbol} {sign}{text}" if symbol else f"{sign}{text}"


def _unit(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)


def _rounder(method: str, places: int) -> Callable[[Decimal], Decimal]:
    """Ties: to the even one; away from zero (commercial); up (legacy, but between whole numbers to the even one)."""
    up = down = ROUND_HALF_EVEN
    if method == COMMERCIAL:
        up = down = ROUND_HALF_UP
    elif method == LEGACY and places:
        up, down = ROUND_HALF_UP, ROUND_HALF_DOWN
    unit = _unit(places)

    @lru_cache(maxsize=8192)
    def rounded(value: Decimal) -> Decimal:
        if not value:
            return ZERO
        try:
            return exact(value.quantize(unit, up if up == down or value > 0 else down, _WIDE))
        except InvalidOperation:
            return _ENDLESS.copy_sign(value)  # beyond any column: the check of columns refuses it

    return rounded
