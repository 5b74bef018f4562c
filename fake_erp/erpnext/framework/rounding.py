"""Rounding as the site's System Settings say: method, decimals of money, decimals of other numbers. Source: facts 3.8.

Amounts here are exact decimals where the vendor's are floats, so the vendor's care for a float's last bit is not needed: what is a
tie is one. Results of divisions are first cut to the places that the vendor's own method looks at.
"""

from __future__ import annotations

from decimal import ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
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
    """`places`: the decimals of money."""

    __slots__ = ("_cut", "_down", "_half", "_one", "_place", "_small", "number_format", "places")

    def __init__(self, method: str, currency_precision: int, float_precision: int, number_format: str) -> None:
        self.number_format = number_format
        self.places = currency_precision or NUMBER_FORMATS[number_format]  # 0 is as good as blank, as in the vendor
        self._place, self._small = _unit(self.places), _unit(float_precision or 3)
        commercial, legacy = method == COMMERCIAL, method == LEGACY
        self._half = ROUND_HALF_UP if commercial or legacy else ROUND_HALF_EVEN
        # The legacy method takes a tie up, not away from zero; a tie between whole numbers goes to the even one.
        self._down = ROUND_HALF_DOWN if legacy else self._half
        self._one = ROUND_HALF_UP if commercial else ROUND_HALF_EVEN
        self._cut = 8 if legacy else 12

    def money(self, value: Decimal) -> Decimal:
        """An amount: to the decimals of money."""
        return self._round(value, self._place)

    def number(self, value: Decimal) -> Decimal:
        """A quantity or percent: to the site's float precision."""
        return self._round(value, self._small)

    def whole(self, value: Decimal) -> Decimal:
        """To whole units."""
        cut = value.quantize(_unit(self._cut), ROUND_HALF_EVEN, _WIDE)
        return exact(cut.quantize(Decimal(1), self._one, _WIDE))

    def coins(self, value: Decimal, coin: Decimal) -> Decimal:
        """To a multiple of the smallest coin; halfway goes down."""
        over = _WIDE.remainder(value, coin)
        if over < 0:
            over += coin  # the vendor's remainder is never negative
        return self.money(value + coin - over if over * 2 > coin else value - over)

    def ratio(self, part: Decimal, whole: Decimal) -> Decimal:
        """A quotient without the noise of an endless fraction: what comes out even stays even."""
        return (part / whole).quantize(_unit(self.places + self._cut), ROUND_HALF_EVEN, _WIDE)

    def _round(self, value: Decimal, unit: Decimal) -> Decimal:
        if not value:
            return ZERO
        if not -_ENDLESS < value < _ENDLESS:
            return _ENDLESS.copy_sign(value)  # beyond any column: the check of columns refuses it
        mode = self._one if unit == 1 else self._half if value > 0 else self._down
        return exact(value.quantize(unit, mode, _WIDE))

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
