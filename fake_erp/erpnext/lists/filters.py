"""Filters of list calls in their three syntaxes, as they come: what they mean is told by `conditions.py`. Source: facts 2.3.1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fake_erp.erpnext.errors import Refused, python_error, throw
from fake_erp.erpnext.lists.refusals import not_permitted, syntax_error

COMPARISONS: Final = ("=", "!=", ">", "<", ">=", "<=", "like", "not like", "in", "not in", "is", "between")
PERIODS: Final = ("timespan", "previous", "next")
TREES: Final = ("descendants of", "ancestors of", "not descendants of", "not ancestors of", "descendants of (inclusive)")
OPERATORS: Final = (*COMPARISONS, *PERIODS, *TREES)


@dataclass(slots=True)
class Filter:
    """One condition; `doctype` is empty where the filter does not say it."""

    doctype: str
    fieldname: str
    operator: str
    value: Any


def parse_filters(value: Any, *, fields_given: bool = False) -> list[Filter]:
    """Filters from a dictionary, a list of triples or a list of quadruples. Raises Refused for anything else.

    A triple without its outer list is mistaken: for the fields when fields are given too, else for raw conditions.
    """
    if not value:
        return []
    if isinstance(value, Mapping):
        return [_from_pair(str(name), given) for name, given in value.items()]
    if not isinstance(value, list):
        raise python_error("TypeError", f"'{type(value).__name__}' object is not iterable")
    if isinstance(value[0], str):
        raise _bare_triple(value, fields_given)
    return [_from_list(item) for item in value]


def _bare_triple(texts: list[Any], fields_given: bool) -> Refused:
    if fields_given and len(texts) > 1:
        return not_permitted(texts[1])
    return syntax_error(" and ".join(str(text) for text in texts[1:]) or texts[0])


def _from_pair(name: str, given: Any) -> Filter:
    """`{"field": value}` or `{"field": [operator, value]}`; shorter lists are a mistake the vendor stumbles over."""
    if not isinstance(given, list):
        return _make("", name, "=", given)
    if len(given) < 2:
        raise python_error("IndexError", "list index out of range")
    return _make("", name, given[0], given[1])


def _from_list(item: Any) -> Filter:
    if isinstance(item, Mapping) and len(item) == 1:
        return _from_pair(*next(iter(item.items())))
    if not isinstance(item, list):
        raise throw("Filter must be a tuple or list (in a list)")
    if len(item) < 3:
        raise throw(f"Filter must have 4 values (doctype, fieldname, operator, value): {item}")
    doctype, name, operator, value = ("", *item) if len(item) == 3 else item[:4]
    if not isinstance(name, str):
        raise not_permitted(name)
    return _make(str(doctype or ""), name, operator, value)


def _make(doctype: str, name: str, operator: Any, value: Any) -> Filter:
    if not isinstance(operator, str):
        raise python_error("AttributeError", f"'{type(operator).__name__}' object has no attribute 'lower'")
    word = operator.strip().lower() or "="
    if word not in OPERATORS:
        raise throw(f"Operator must be one of {', '.join(OPERATORS)}")
    return Filter(doctype, name, word, value)
