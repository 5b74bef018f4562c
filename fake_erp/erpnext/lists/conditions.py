"""Filters with a meaning: which column each speaks of, and a test for a row. Source: facts 2.3.1."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from fake_erp.erpnext.errors import python_error
from fake_erp.erpnext.lists.columns import Column, Row, Scope, is_never_a_column
from fake_erp.erpnext.lists.filters import Filter
from fake_erp.erpnext.lists.patterns import like
from fake_erp.erpnext.lists.refusals import not_permitted, syntax_error, unknown_column
from fake_erp.erpnext.lists.timespans import LENGTHS, timespan
from fake_erp.erpnext.lists.trees import relatives
from fake_erp.erpnext.lists.values import END_OF_DAY, Cast, day_key, instant_key, is_instant, plain, stars, text_key, wanted_of

Test = Callable[[Mapping[str, Any]], bool]
_COMPARE: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter, bound to its column. `wanted` is a value, a set of values (in), or a pair (between), ready to be compared."""

    column: Column
    operator: str
    wanted: Any
    test: Test

    @property
    def own(self) -> bool:
        """Whether it speaks of the document itself, where indexes help."""
        return self.column.slot == 0


def bind(scope: Scope, f: Filter) -> Condition:
    """Raises Refused: unknown columns and DocTypes, values that an operator cannot take."""
    column = _column(scope, f)
    match f.operator:
        case "in" | "not in":
            return _membership(column, f.operator, _members(f.value))
        case "like" | "not like":
            return _pattern(column, f)
        case "is":
            return _presence(column, f)
        case "between":
            return _between(scope, column, f.value)
        case "timespan" | "previous" | "next":
            return _between(scope, column, _period(scope, f))
        case word if word in _COMPARE:
            return _comparison(column, word, f.value)
    return _relatives(scope, column, f)


def matches(conditions: list[Condition], either: list[Condition], row: Row) -> bool:
    """All conditions, and one of `either` if there are any."""
    for condition in conditions:
        if not condition.test(row[condition.column.slot]):
            return False
    return not either or any(condition.test(row[condition.column.slot]) for condition in either)


def _column(scope: Scope, f: Filter) -> Column:
    name = f.fieldname.strip("`")
    column = scope.of(f.doctype, name) if f.doctype else _dotted(scope, name) if "." in name else scope.own(name)
    if column is not None:
        return column
    meta = scope.doctype(f.doctype) if f.doctype else scope.meta
    if meta is not scope.meta and not meta.child and name in (*meta.columns, "name"):
        raise unknown_column(f"tab{meta.name}.parent", "on clause")
    if is_never_a_column(meta, name):
        raise unknown_column(f"tab{meta.name}.{name}", "where clause")
    raise not_permitted(f.fieldname)


def _dotted(scope: Scope, name: str) -> Column | None:
    """`` `tabX`.`column` `` and `items.item_code`; links are not followed in filters (our guess after the vendor's source)."""
    table, _, column = name.partition(".")
    table, column = table.strip("`"), column.strip("`")
    if table in scope.meta.tables:
        return scope.through(table, column)
    known = table.removeprefix("tab")
    return scope.of(known, column) if known != table and known in scope.site.doctypes else None


def _comparison(column: Column, word: str, value: Any) -> Condition:
    cast, name, compare = column.cast, column.name, _COMPARE[word]
    absent = column.absent
    wanted = wanted_of(cast, value)
    return Condition(column, word, wanted, lambda fields: bool(compare(cast(fields.get(name, absent)), wanted)))


def _members(value: Any) -> list[Any]:
    """A list, or text with commas; nothing is the empty text. Raises Refused (500) for a number."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")]
    if value is None or value == []:
        return [""]
    if not isinstance(value, (list, dict)):
        raise python_error("TypeError", f"'{type(value).__name__}' object is not iterable")
    return [item.strip() if isinstance(item, str) else item for item in value]


def _membership(column: Column, word: str, members: list[Any]) -> Condition:
    cast, name, negate = column.cast, column.name, word == "not in"
    absent = column.absent
    take = cast if cast is not stars else plain
    wanted = frozenset(take(plain(item) if isinstance(item, (list, dict)) else item) for item in members)
    return Condition(column, word, wanted, lambda fields: (cast(fields.get(name, absent)) in wanted) is not negate)


def _pattern(column: Column, f: Filter) -> Condition:
    found, name, negate = like(plain(f.value)), column.name, f.operator == "not like"
    absent = column.absent
    show: Cast = stars if column.cast is stars else plain
    return Condition(column, f.operator, None, lambda fields: found(show(fields.get(name, absent))) is not negate)


def _presence(column: Column, f: Filter) -> Condition:
    word, name, absent = plain(f.value).strip().lower(), column.name, column.absent
    if word not in ("set", "not set"):
        raise syntax_error(f"is {plain(f.value)!r}")
    empty = word == "not set"
    return Condition(column, f"is {word}", None, lambda fields: (fields.get(name, absent) in (None, "")) is empty)


def _between(scope: Scope, column: Column, value: Any) -> Condition:
    """Both ends belong to it; a day as the end of a time runs to its last microsecond. Missing ends are today."""
    today = scope.site.time.today()
    ends = value if isinstance(value, list) else []
    low, high = ends[0] if ends else today, ends[1] if len(ends) > 1 else today
    cast, name, absent = column.cast, column.name, column.absent
    if is_instant(column.field, name) and len(plain(high).strip()) == 10:
        high = plain(high).strip() + END_OF_DAY
    first, last = wanted_of(cast, low), wanted_of(cast, high)
    return Condition(column, "between", (first, last), lambda fields: bool(first <= cast(fields.get(name, absent)) <= last))


def _period(scope: Scope, f: Filter) -> list[str]:
    words, today = plain(f.value).strip().lower(), date.fromisoformat(scope.site.time.today())
    if f.operator != "timespan":
        if words not in LENGTHS:
            raise python_error("KeyError", repr(plain(f.value)))
        words = f"{'last' if f.operator == 'previous' else 'next'} {LENGTHS[words]}"
    return [day.isoformat() for day in timespan(words, today)]


def _relatives(scope: Scope, column: Column, f: Filter) -> Condition:
    """Tree operators become `in` and `not in` of the names they find; of none, they speak of the empty value."""
    link = column.field
    doctype = link.options if link is not None else scope.doctype(f.doctype or scope.meta.name).name
    found = relatives(scope.site, doctype, plain(f.value), f.operator)
    return _membership(column, "not in" if f.operator.startswith("not ") else "in", found or [""])


IndexKey = str | None


def index_key(condition: Condition) -> IndexKey:
    """The text that an equality or a list of one asks for, when it is text and not empty."""
    if condition.own and condition.operator == "=" and condition.column.cast is text_key and condition.wanted:
        return str(condition.wanted)
    return None


def time_range(condition: Condition) -> tuple[str, str]:
    """The earliest and latest `modified` that a condition leaves, as texts; empty where it does not say."""
    if not condition.own or condition.column.cast not in (instant_key, day_key):
        return "", ""
    name, word, wanted = condition.column.name, condition.operator, condition.wanted
    if name not in ("modified", "creation"):
        return "", ""
    low = wanted if word in (">", ">=", "=") else wanted[0] if word == "between" else ""
    if name == "creation":
        return low, ""  # nothing is created after its last change
    high = wanted if word in ("<", "<=", "=") else wanted[1] if word == "between" else ""
    return low, high
