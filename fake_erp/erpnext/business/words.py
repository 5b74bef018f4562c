"""Amounts in English words: `EUR One Hundred And Eighteen and Ninety Nine Cent only.` Our guess, and stable (facts 9.1)."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Final

from fake_erp.erpnext.wire import TOO_BIG

_SMALL: Final = (
    "Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve", "Thirteen",
    "Fourteen", "Fifteen", "Sixteen", "Seventeen", "Eighteen", "Nineteen",
)  # fmt: skip
_TENS: Final = ("Zero", "Ten", "Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety")
_POWERS: Final = ((10**9, "Billion"), (10**6, "Million"), (1000, "Thousand"), (100, "Hundred"))
_COINS: Final = {"GBP": "Penny", "CHF": "Rappen", "INR": "Paisa", "DKK": "Øre", "SEK": "Öre", "NOK": "Øre", "PLN": "Grosz"}


@lru_cache(maxsize=4096)
def in_words(currency: str | None, amount: Decimal) -> str:
    """Without its sign, as the vendor says it. Beyond what columns hold, figures."""
    if abs(amount) >= TOO_BIG:
        return f"{currency} {amount.normalize():f} only."  # equal amounts read the same, however they are written
    hundredths = int((abs(amount) * 100).to_integral_value())
    whole, coins = divmod(hundredths, 100)
    said = f"{currency} {number(whole)}"
    if coins:
        small = f"{number(coins)} {_COINS.get(currency or '', 'Cent')}"
        said = f"{said} and {small}" if whole else small
    return f"{said} only."


def number(value: int) -> str:
    """A whole number from 0 upwards."""
    if value < 20:
        return _SMALL[value]
    if value < 100:
        tens, rest = divmod(value, 10)
        return _TENS[tens] + (f" {_SMALL[rest]}" if rest else "")
    for power, name in _POWERS:
        if value >= power:
            count, rest = divmod(value, power)
            joint = " And " if rest < 100 else ", "
            return f"{number(count)} {name}" + (joint + number(rest) if rest else "")
    return _SMALL[0]
