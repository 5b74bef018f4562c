"""How a system writes values: from a vendor's text or JSON to a typed value and back. Pure.

Typed values: text and choice `str` · integer, decimal, percent and float `Decimal` (never a float) · boolean `bool` · date `date` ·
datetime an aware `datetime` in UTC. Nothing (null, the empty text) is None. Sources: the vendors' references; HubSpot states
instants as ISO 8601 or epoch milliseconds and dates as `YYYY-MM-DD` or milliseconds of midnight UTC; Frappe states date-times
without an offset in the site's zone and truth as 0 or 1.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from sync_engine.dictionary import Side, System

Typed = str | Decimal | bool | date | datetime
NUMBERS: Final = frozenset({"decimal", "integer", "percent", "float"})
_TRUTH: Final = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_MS_DIGITS: Final = 9  # epoch milliseconds have at least so many digits; a year has four
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NOTATIONS: Final[dict[System, Literal["iso", "frappe"]]] = {"crm": "iso", "erp": "frappe"}


def notation_of(system: System, side: Side) -> Literal["iso", "frappe"]:
    return side.notation or _NOTATIONS[system]


@cache
def zone_named(name: str) -> tzinfo:
    """UTC for no name. Raises ZoneInfoNotFoundError or ValueError."""
    return ZoneInfo(name) if name else UTC


def number(value: Any) -> Decimal | None:
    """A Decimal from vendor text or JSON number; None for nothing. Raises ValueError for text that is no number."""
    if value is None or value == "":
        return None
    if isinstance(value, Decimal):
        return value
    try:
        parsed = Decimal(str(int(value) if isinstance(value, bool) else value))
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


def read(system: System, side: Side, raw: Any) -> Typed | None:
    """The typed value of what this side says. Raises ValueError for what its type cannot be."""
    if raw is None or raw == "":
        return None
    kind = side.type
    if kind in NUMBERS:
        return number(raw)
    if kind == "boolean":
        return _truth(raw)
    if kind == "date":
        return _day(raw)
    if kind == "datetime":
        return _instant(raw, zone_named(side.zone))
    return write(system, side, raw) if isinstance(raw, bool | Decimal) else str(raw)


def write(system: System, side: Side, value: Typed | None) -> str:
    """The text this side expects; the empty text clears."""
    if value is None:
        return ""
    notation = notation_of(system, side)
    if isinstance(value, bool):
        return ("true" if value else "false") if notation == "iso" else str(int(value))
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, datetime):
        if notation == "iso":
            return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return value.astimezone(zone_named(side.zone)).replace(tzinfo=None).isoformat(" ")
    return value.isoformat() if isinstance(value, date) else value


def _truth(raw: Any) -> bool:
    text = number_text(raw) if isinstance(raw, Decimal) else str(raw).strip().lower()
    if text not in _TRUTH:
        raise ValueError(f"{raw!r} is neither true nor false")
    return _TRUTH[text]


def _day(raw: Any) -> date:
    if isinstance(raw, datetime):
        return raw.astimezone(UTC).date() if raw.tzinfo is not None else raw.date()
    if isinstance(raw, date):
        return raw
    text = str(raw).strip()
    if _is_milliseconds(text):
        return _from_milliseconds(text).date()
    try:
        if len(text) == len("2026-09-30"):
            return date.fromisoformat(text)
        return _day(datetime.fromisoformat(text))
    except ValueError:
        raise ValueError(f"{raw!r} is not a date") from None


def _instant(raw: Any, zone: tzinfo) -> datetime:
    if isinstance(raw, datetime):
        found = raw
    elif isinstance(raw, date):
        found = datetime(raw.year, raw.month, raw.day, tzinfo=zone)
    else:
        text = str(raw).strip()
        if _is_milliseconds(text):
            return _from_milliseconds(text)
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(f"{raw!r} is not a date and time") from None
    return utc(found if found.tzinfo is not None else found.replace(tzinfo=zone))


def utc(value: datetime) -> datetime:
    """Raises ValueError where the calendar ends."""
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{value.isoformat()} is outside of the calendar") from None


def _is_milliseconds(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and (len(digits) >= _MS_DIGITS or digits == "0")


def _from_milliseconds(text: str) -> datetime:
    try:
        return _EPOCH + timedelta(milliseconds=int(text))
    except (OverflowError, ValueError):
        raise ValueError(f"{text!r} is outside of the calendar") from None
