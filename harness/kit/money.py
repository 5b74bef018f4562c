"""Money is Decimal plus currency from the first byte to the last; a float never exists on its way."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

CENT = Decimal("0.01")


def read_json(raw: bytes) -> Any:
    """Decode JSON with every number that has a fraction as Decimal, so 0.1 + 0.2 is 0.3. Raises json.JSONDecodeError."""
    return json.loads(raw, parse_float=Decimal)


def decimal_of(value: object) -> Decimal | None:
    """The exact decimal a wire value stands for (`"12.50"`, `12.5`, 12); None when it is empty or not a finite number.

    A float is read through its shortest text, which is what the vendor wrote on the wire.
    """
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def round_half_even(amount: Decimal, step: Decimal = CENT) -> Decimal:
    return amount.quantize(step, rounding=ROUND_HALF_EVEN)


def round_half_up(amount: Decimal, step: Decimal = CENT) -> Decimal:
    return amount.quantize(step, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency (ISO 4217). Adding two currencies raises ValueError."""

    amount: Decimal
    currency: str

    def __add__(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}; convert first")
        return Money(self.amount + other.amount, self.currency)

    def __str__(self) -> str:
        return f"{self.amount:.2f} {self.currency}"
