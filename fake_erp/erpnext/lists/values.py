"""How the database compares: what a column's values and a filter's values become before one is held against the other.

Four kinds of columns: numbers, days, instants and text; null is the emptiest value of its kind [P35]. Text compares without case,
accents and trailing spaces [P33]. Source: facts 2.3.1.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from fake_erp.erpnext.errors import throw
from fake_erp.erpnext.framework.meta import NUMBERS, Field
from fake_erp.erpnext.wire import date_of, fold, is_date, number_of

Cast = Callable[[Any], Any]
NO_DAY: Final = "0001-01-01"
NO_INSTANT: Final = "0001-01-01 00:00:00.000000"
END_OF_DAY: Final = " 23:59:59.999999"
_STAMPS = frozenset({"creation", "modified"})
_COUNTS = frozenset({"docstatus", "idx"})


def text_key(value: Any) -> str:
    return str(fold(value if isinstance(value, str) else plain(value)))


def plain(value: Any) -> str:
    """A filter's value as text: null is empty, true is 1."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, bool) else str(value)


def day_key(value: Any) -> str:
    return date_of(value) or NO_DAY


def instant_key(value: Any) -> str:
    """`2026-02-03 14:05:06.000000`; a `T` is taken for a space, an offset dropped; what is no time stays as it is (our guess)."""
    if not value:
        return NO_INSTANT
    text = str(value)
    if len(text) == 26 and text[10] == " ":
        return text
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=None).isoformat(" ", "microseconds")
    except ValueError:
        return text


def stars(value: Any) -> str:
    """A password as its table shows it, to lists and to filters."""
    return "*" * len(str(value)) if value else ""


def is_instant(field: Field | None, name: str) -> bool:
    return name in _STAMPS or (field is not None and field.fieldtype == "Datetime")


def cast_of(field: Field | None, name: str) -> Cast:
    """How values of a column compare; `field` is None for the columns every DocType has."""
    if field is None:
        return instant_key if name in _STAMPS else number_of if name in _COUNTS else text_key
    if field.fieldtype in NUMBERS or field.fieldtype in ("Int", "Check"):
        return number_of
    return {"Date": day_key, "Datetime": instant_key, "Password": stars}.get(field.fieldtype, text_key)


def wanted_of(cast: Cast, value: Any) -> Any:
    """A filter's value, as `cast` makes values of the column. Raises Refused (417) for a day that is none."""
    if cast is day_key:
        return _day(value)
    if cast is stars:
        return plain(value)
    return cast(plain(value) if isinstance(value, (list, dict)) else value)


def _day(value: Any) -> str:
    day = day_key(value)
    if not is_date(day):
        raise throw(f"<strong>{plain(value)}</strong> is not a valid date string.", title="Invalid Date")
    return day
