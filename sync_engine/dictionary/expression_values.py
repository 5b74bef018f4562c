"""What an expression computes with: its kinds of value and its functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Final

Value = str | Decimal | bool | date | datetime | None
TEXT_MAX: Final = 10_000
PLACES_MAX: Final = 20
DAYS_MAX: Final = 400_000


class ExpressionError(ValueError):
    """An expression that cannot be read or evaluated. The text says where, what was found and what is known."""


@dataclass(frozen=True, slots=True)
class Function:
    """`work` gets the arguments and the zone in which an instant has its day."""

    usage: str
    least: int
    most: int
    work: Callable[[Sequence[Value], tzinfo], Value]


def plain_value(raw: Any) -> Value:
    """A value of a record. A JSON float is taken by its digits."""
    if raw is None or isinstance(raw, str | bool | Decimal | date):
        return bounded(raw) if isinstance(raw, str) else raw
    if isinstance(raw, int | float):
        return _number_of(str(raw))
    raise ExpressionError(f"{type(raw).__name__} is neither text nor number; expressions read plain fields only")


def kind_of(value: Value) -> str:
    """In words, for messages."""
    if value is None:
        return "nothing"
    for kind, words in (
        (bool, "a truth value"),
        (str, "a text"),
        (Decimal, "a number"),
        (datetime, "an instant"),
        (date, "a date"),
    ):
        if isinstance(value, kind):
            return words
    return type(value).__name__


def bounded(text: str) -> str:
    if len(text) > TEXT_MAX:
        raise ExpressionError(f"a text longer than {TEXT_MAX} characters")
    return text


def text_of(value: Value) -> str:
    """Nothing is the empty text; numbers have no exponent and no trailing zeros."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        text = f"{value:f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return "0" if text in ("-0", "") else text
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value


def _number_of(value: Value) -> Decimal | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return Decimal(int(value))
    if isinstance(value, Decimal):
        return value
    if isinstance(value, str):
        try:
            number = Decimal(value.strip())
        except InvalidOperation:
            raise ExpressionError(f"{value[:40]!r} is not a number") from None
        if number.is_finite() and -60 <= number.adjusted() <= 60:
            return number
    raise ExpressionError(f"{str(value)[:40]!r} is not a number")


def _date_of(value: Value, zone: tzinfo) -> date | None:
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.astimezone(zone).date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        try:
            if len(value) <= len("2026-09-30"):
                return date.fromisoformat(value)
            instant = datetime.fromisoformat(value)
            return instant.astimezone(zone).date() if instant.tzinfo is not None else instant.date()
        except ValueError:
            pass
    raise ExpressionError(f"{str(value)[:40]!r} is not a date; write it as 2026-09-30")


def _count(value: Value, most: int) -> int:
    number = _number_of(value)
    if number is None or number != number.to_integral_value() or abs(number) > most:
        raise ExpressionError(f"{text_of(value)[:40] or 'nothing'} is not a whole number up to {most}")
    return int(number)


def _round(arguments: Sequence[Value], zone: tzinfo) -> Value:
    number = _number_of(arguments[0])
    places = _count(arguments[1], PLACES_MAX) if len(arguments) > 1 else 0
    return None if number is None else number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _date_add(arguments: Sequence[Value], zone: tzinfo) -> Value:
    found, days = arguments[0], timedelta(days=_count(arguments[1], DAYS_MAX))
    try:
        if isinstance(found, datetime):
            return found + days
        day = _date_of(found, zone)
        return None if day is None else day + days
    except OverflowError:
        raise ExpressionError("the date leaves the calendar") from None


def _coalesce(arguments: Sequence[Value], zone: tzinfo) -> Value:
    return next((each for each in arguments if each is not None and each != ""), None)


def _replace(arguments: Sequence[Value], zone: tzinfo) -> Value:
    text, old, new = (text_of(each) for each in arguments)
    if len(text) + text.count(old) * (len(new) - len(old)) > TEXT_MAX:
        raise ExpressionError(f"a text longer than {TEXT_MAX} characters")
    return text.replace(old, new) if old else text


def _last(arguments: Sequence[Value], zone: tzinfo) -> Value:
    count = _count(arguments[1], TEXT_MAX)
    return text_of(arguments[0])[-count:] if count > 0 else ""


FUNCTIONS: Final[dict[str, Function]] = {
    "trim": Function("trim(text)", 1, 1, lambda given, zone: text_of(given[0]).strip()),
    "lower": Function("lower(text)", 1, 1, lambda given, zone: text_of(given[0]).lower()),
    "upper": Function("upper(text)", 1, 1, lambda given, zone: text_of(given[0]).upper()),
    "replace": Function("replace(text, old, new)", 3, 3, _replace),
    "first": Function("first(text, count)", 2, 2, lambda given, zone: text_of(given[0])[: max(0, _count(given[1], TEXT_MAX))]),
    "last": Function("last(text, count)", 2, 2, _last),
    "concat": Function("concat(text, text, …)", 1, 50, lambda given, zone: bounded("".join(text_of(each) for each in given))),
    "coalesce": Function("coalesce(value, value, …)", 1, 50, _coalesce),
    "round": Function("round(number, places)", 1, 2, _round),
    "number": Function("number(text)", 1, 1, lambda given, zone: _number_of(given[0])),
    "text": Function("text(value)", 1, 1, lambda given, zone: text_of(given[0])),
    "date_add": Function("date_add(date, days)", 2, 2, _date_add),
    "date": Function("date(text)", 1, 1, lambda given, zone: _date_of(given[0], zone)),
}
