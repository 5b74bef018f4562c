"""What a value looks like on the other side: transformations of the dictionary, and when two values are the same. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from sync_engine.dictionary import Entity, FieldMap

NUMBERS = frozenset({"decimal", "integer", "percent"})
ZERO = Decimal(0)


def number(value: Any) -> Decimal | None:
    """A Decimal from vendor text or JSON number; None for nothing. Raises ValueError for text that is no number."""
    if value is None or value == "":
        return None
    if isinstance(value, Decimal):
        return value
    try:
        parsed = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{value!r} is not a number") from None
    if not parsed.is_finite():
        raise ValueError(f"{value!r} is not a number")
    return parsed


def number_text(value: Decimal) -> str:
    """Plain digits, no exponent, no trailing zeros: `118.9`, `100`, `0`."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def carried(field: FieldMap, value: Any) -> str:
    """The target's value as text for a source value (text, number, date or None). An empty text clears."""
    target = field.target()
    if target.type in NUMBERS or field.source().type in NUMBERS:
        amount = number(value)
        return number_text(amount) if amount is not None else ""
    text = "" if value is None else str(value)
    if field.transform == "map":
        return field.values.get(text, field.default if field.default is not None else text)
    if field.transform == "trim":
        text = text.strip()
    elif field.transform == "lower":
        text = text.lower()
    if not text and field.default is not None:
        text = field.default
    return text if target.length_max is None else text[: target.length_max].rstrip() if len(text) > target.length_max else text


def same(field: FieldMap, left: Any, right: Any) -> bool:
    """Whether two values of the target field are equal: numbers by value, everything else by text; nothing equals an empty text."""
    if field.target().type in NUMBERS or field.source().type in NUMBERS:
        try:
            return number(left) == number(right)
        except ValueError:
            return False
    return ("" if left is None else str(left)) == ("" if right is None else str(right))


def sum_of(field: FieldMap, rows: Iterable[Mapping[str, Any]]) -> Decimal:
    """A `related` value: the sum of `field` over the documents, less the sum of `minus`."""
    side = field.source()
    total = ZERO
    for row in rows:
        total += number(row.get(side.field)) or ZERO
        if side.minus is not None:
            total -= number(row.get(side.minus)) or ZERO
    return total


def written_by_engine(entity: Entity, owner: str, *, creating: bool = False) -> list[FieldMap]:
    """Fields that the engine writes into the other system for this owner."""
    return [
        field
        for field in entity.fields
        if field.owner == owner and not field.derived and (creating or not field.frozen_after_create)
    ]


def delivery_date(close_date: str | None, today: date, days: int) -> date:
    """`days` after the close date, and never before tomorrow: a site east of us may already have the next day.

    `close_date` is `2026-09-30` or an ISO instant; its UTC date counts (the account's zone is not on the record; our guess).
    """
    earliest = today + timedelta(days=1)
    if not close_date:
        return max(today + timedelta(days=days), earliest)
    try:
        closed = datetime.fromisoformat(close_date.replace("Z", "+00:00")).date()
    except ValueError:
        return max(today + timedelta(days=days), earliest)
    return max(closed + timedelta(days=days), earliest)
