"""Periods in words: `last week`, `this month`, `next 6 months`; `previous` and `next` with a length. Source: facts 2.3.1.

Weeks begin on Sunday, as on a site where nobody chose another day; that `last 6 months` are the two last quarters, and what
`previous` and `next` mean, follows the vendor's public source.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

Span = tuple[date, date]
LENGTHS: Final = {"1 week": "week", "1 month": "month", "3 months": "quarter", "6 months": "6 months", "1 year": "year"}


def timespan(words: str, today: date) -> Span:
    """First and last day. Words nobody knows mean today (our guess after the vendor's source)."""
    found = _SPANS.get(words)
    if found is not None:
        return found(today)
    parts = words.split()
    if len(parts) == 3 and parts[2] == "days" and parts[1] in ("7", "14", "30", "90"):
        reach = timedelta(days=int(parts[1]))
        if parts[0] == "last":
            return today - reach, today
        if parts[0] == "next" and parts[1] != "90":
            return today, today + reach
    return today, today


def _week(day: date) -> Span:
    first = day - timedelta(days=(day.weekday() + 1) % 7)
    return first, first + timedelta(days=6)


def _month(day: date) -> Span:
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def _quarter(day: date) -> Span:
    first = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return first, _month(_months(first, 2))[1]


def _year(day: date) -> Span:
    return date(day.year, 1, 1), date(day.year, 12, 31)


def _months(day: date, count: int) -> date:
    """So many months later; the last day of a shorter month when the day does not exist there."""
    month = day.year * 12 + day.month - 1 + count
    year, month = divmod(month, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


_SPANS: Final[dict[str, Callable[[date], Span]]] = {
    "last week": lambda day: _week(day - timedelta(days=7)),
    "last month": lambda day: _month(_months(day, -1)),
    "last quarter": lambda day: _quarter(_months(day, -3)),
    "last 6 months": lambda day: (_quarter(_months(day, -6))[0], _quarter(_months(day, -3))[1]),
    "last year": lambda day: _year(_months(day, -12)),
    "yesterday": lambda day: (day - timedelta(days=1), day - timedelta(days=1)),
    "today": lambda day: (day, day),
    "tomorrow": lambda day: (day + timedelta(days=1), day + timedelta(days=1)),
    "this week": _week,
    "this month": _month,
    "this quarter": _quarter,
    "this year": _year,
    "next week": lambda day: _week(day + timedelta(days=7)),
    "next month": lambda day: _month(_months(day, 1)),
    "next quarter": lambda day: _quarter(_months(day, 3)),
    "next 6 months": lambda day: (_quarter(_months(day, 3))[0], _quarter(_months(day, 6))[1]),
    "next year": lambda day: _year(_months(day, 12)),
}
