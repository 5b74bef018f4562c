"""Filters of list calls: their three syntaxes, the operators, and how values compare. Source: facts 2.3.1."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fake_erp.erpnext.errors import throw
from fake_erp.erpnext.framework.meta import DocType, is_number
from fake_erp.erpnext.wire import date_of, fold, number_of

OPERATORS = ("=", "!=", ">", "<", ">=", "<=", "like", "not like", "in", "not in", "is", "between")
_NOT_MODELLED = ("timespan", "previous", "next", "descendants of", "ancestors of", "not descendants of", "not ancestors of")


@dataclass(slots=True)
class Filter:
    """One condition. `bind` tells it which column it speaks of; text compares without case, accents and trailing spaces."""

    doctype: str
    fieldname: str
    operator: str
    value: Any
    table: str = ""
    cast_value: Any = None
    members: list[Any] = field(default_factory=list)
    test: Callable[[Mapping[str, Any]], bool] = lambda fields: True

    def bind(self, meta: DocType, table: str) -> None:
        self.table = table
        column = meta.columns.get(self.fieldname)
        numeric = is_number(meta, self.fieldname) or self.fieldname in ("docstatus", "idx")
        day = column is not None and column.fieldtype == "Date"
        cast: Callable[[Any], Any] = number_of if numeric else _day if day else _text
        if self.operator in ("in", "not in", "between"):
            raw = (
                self.value.split(",")
                if isinstance(self.value, str)
                else self.value
                if isinstance(self.value, list)
                else [self.value]
            )
            self.members = [item.strip() if isinstance(item, str) else item for item in raw]
        self.cast_value = cast(self.value) if not isinstance(self.value, (list, dict)) else None
        self.test = _test(self.operator, self.fieldname, cast, self, numeric)


def _text(value: Any) -> str:
    """As the database compares it; null is the empty text."""
    return str(fold(value if isinstance(value, str) else "" if value is None else str(value)))


def _day(value: Any) -> str:
    """Null is the earliest date, so `<` finds it [P35]."""
    return date_of(value) or "0001-01-01"


def _test(operator: str, name: str, cast: Callable[[Any], Any], f: Filter, numeric: bool) -> Callable[[Mapping[str, Any]], bool]:
    wanted = f.cast_value
    match operator:
        case "=":
            return lambda fields: cast(fields.get(name)) == wanted
        case "!=":
            return lambda fields: cast(fields.get(name)) != wanted
        case ">":
            return lambda fields: bool(cast(fields.get(name)) > wanted)
        case "<":
            return lambda fields: bool(cast(fields.get(name)) < wanted)
        case ">=":
            return lambda fields: bool(cast(fields.get(name)) >= wanted)
        case "<=":
            return lambda fields: bool(cast(fields.get(name)) <= wanted)
        case "in" | "not in":
            members, negate = {cast(item) for item in f.members}, operator == "not in"
            return lambda fields: (cast(fields.get(name)) in members) is not negate
        case "like" | "not like":
            pattern, negate = _like(str(f.value)), operator == "not like"
            return lambda fields: bool(pattern.match(_text(fields.get(name)))) is not negate
        case "is":
            empty = str(f.value).lower() == "not set"
            return lambda fields: (fields.get(name) in (None, "")) is empty
    low, high = _range(f, cast, numeric)
    return lambda fields: bool(low <= cast(fields.get(name)) <= high)


def _like(text: str) -> re.Pattern[str]:
    parts = (".*" if c == "%" else "." if c == "_" else re.escape(c) for c in _text(text))
    return re.compile("".join(parts) + r"\Z", re.DOTALL)


def _range(f: Filter, cast: Callable[[Any], Any], numeric: bool) -> tuple[Any, Any]:
    if len(f.members) != 2:
        raise throw(f"Filter between on {f.fieldname} wants two values")
    low, high = f.members
    if not numeric and f.fieldname in ("creation", "modified") and len(str(high)) == 10:
        high = f"{high} 23:59:59.999999"
    return cast(low), cast(high)


def parse_filters(value: Any) -> list[Filter]:
    """Filters from a dictionary, a list of triples or a list of quadruples. Raises Refused for anything else."""
    if not value:
        return []
    if isinstance(value, dict):
        return [_from_pair(name, given) for name, given in value.items()]
    if isinstance(value, list):
        return [_from_list(item) for item in value]
    raise throw(f"Invalid filter: {value}")


def _from_pair(name: str, given: Any) -> Filter:
    if isinstance(given, list) and len(given) == 2 and isinstance(given[0], str):
        return _make("", name, given[0], given[1])
    return _make("", name, "=", given)


def _from_list(item: Any) -> Filter:
    if isinstance(item, dict) and len(item) == 1:
        return _from_pair(*next(iter(item.items())))
    if not isinstance(item, list) or not all(isinstance(part, str) for part in item[:2]):
        raise throw(f"Invalid filter: {item}", "DataError")
    if len(item) >= 4:
        return _make(item[0], item[1], item[2], item[3])
    if len(item) == 3:
        return _make("", item[0], item[1], item[2])
    if len(item) == 2:
        return _make("", item[0], "=", item[1])
    raise throw(f"Filter must have 4 values (doctype, fieldname, operator, value): {item}")


def _make(doctype: str, name: str, operator: Any, value: Any) -> Filter:
    word = str(operator).strip().lower()
    if word in _NOT_MODELLED:
        raise throw(f"Operator {word}: Not supported by fake")
    if word not in OPERATORS:
        raise throw(f"Operator must be one of {', '.join((*OPERATORS, *_NOT_MODELLED))}")
    if word in ("in", "not in", "between"):
        value = value if isinstance(value, (str, list)) else [value]
    elif isinstance(value, (list, dict)):
        raise throw(f"Invalid filter value for {name}: {value}", "DataError")
    return Filter(doctype, name, word, value)
