"""What a list shows: columns, aliases, links, child columns and functions, as text or (version 16) objects. Source: facts 2.3."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from fake_erp.erpnext.errors import python_error, throw
from fake_erp.erpnext.framework.meta import OPTIONAL, DocType
from fake_erp.erpnext.lists.aggregates import FUNCTIONS, Aggregate, Expression
from fake_erp.erpnext.lists.columns import Column, Scope, is_never_a_column
from fake_erp.erpnext.lists.refusals import not_permitted, restricted

_ALIAS: Final = re.compile(r"(.*\S)\s+as\s+[`'\"]?(\w+)[`'\"]?", re.IGNORECASE | re.DOTALL)
_NAME: Final = re.compile(r"(?:`tab([^`]+)`\.|tab([A-Z][\w ]*)\.|(\w+)\.)?`?(\w+)`?")
_FUNCTION: Final = re.compile(r"(\w+)\s*\(\s*(distinct\s+)?([^()]*?)\s*\)", re.IGNORECASE)
_DISTINCT: Final = re.compile(r"distinct\s+(.+)", re.IGNORECASE)
_QUOTED: Final = re.compile("`[^`]*`")
_LENGTH_MAX: Final = 500  # no column and no function has so long a name
# What the vendor takes for an attempt to bring a query of one's own.
_SUSPICIOUS: Final = re.compile(
    r"[();,'\"@#]|--|/\*|\s(?:union|from|where|join|having|limit|order\s+by|group\s+by|into|procedure)\s"
    r"|\b(?:select|insert|delete|update|drop|create|case|union)\s",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Selection:
    """The columns of an answer under their names; several may have one name, of which the last one shows."""

    columns: list[tuple[str, Expression]] = field(default_factory=list)
    distinct: bool = False

    @property
    def aggregated(self) -> bool:
        return any(isinstance(expression, Aggregate) for _, expression in self.columns)


def select(scope: Scope, fields: list[Any]) -> Selection:
    """Raises Refused for what is no column and for what looks like a query. Columns above the user's level are left out."""
    chosen = Selection()
    for item in _expanded(scope.meta, fields):
        if isinstance(item, Mapping):
            chosen.columns.append(_from_object(scope, item))
        elif isinstance(item, str):
            _add(scope, chosen, item.strip())
        else:
            raise python_error("TypeError", f"expected string or bytes-like object, got '{type(item).__name__}'")
    chosen.columns = [(alias, expression) for alias, expression in chosen.columns if _is_visible(scope, expression)]
    return chosen


def _is_visible(scope: Scope, expression: Expression) -> bool:
    column = expression.column if isinstance(expression, Aggregate) else expression
    return column is None or scope.visible(column)


def _expanded(meta: DocType, fields: list[Any]) -> list[Any]:
    """`*`: every column, never tables."""
    if "*" not in fields:
        return fields
    every = [*(name for name in meta.whole if name != "doctype"), *OPTIONAL]
    return [*every, *(name for name in fields if name != "*" and name not in every)]


def _add(scope: Scope, chosen: Selection, text: str) -> None:
    if len(text) > _LENGTH_MAX:
        raise not_permitted(text)
    hit = _DISTINCT.fullmatch(text)
    if hit:
        chosen.distinct, text = True, hit[1]
    alias = ""
    hit = _ALIAS.fullmatch(text)
    if hit:
        text, alias = hit[1], hit[2]
    if "(" in text:
        chosen.columns.append((alias or text, aggregate(scope, text)))
        return
    if _is_suspicious(text):
        raise restricted()
    found = _NAME.fullmatch(text)
    column = column_of(scope, text)
    if column is not None and found is not None:
        chosen.columns.append((alias or found[4], column))
    elif found is None or found[1] or found[2] or found[3] or not is_never_a_column(scope.meta, found[4]):
        raise not_permitted(text)


def _is_suspicious(text: str) -> bool:
    """Names of DocTypes stand between backquotes and may hold any word."""
    return _SUSPICIOUS.search(_QUOTED.sub("`", text) + " ") is not None


def column_of(scope: Scope, text: str) -> Column | None:
    """`name`, `` `tabX`.`name` ``, `link.name`, `table.name`; None for anything else."""
    hit = _NAME.fullmatch(text.strip())
    if hit is None:
        return None
    doctype = hit[1] or hit[2]
    if doctype:
        return scope.of(doctype, hit[4]) if doctype in scope.site.doctypes or doctype == scope.meta.name else None
    return scope.through(hit[3], hit[4]) if hit[3] else scope.own(hit[4])


def aggregate(scope: Scope, text: str) -> Aggregate:
    """`count(name)`, `sum(grand_total)`, `count(distinct customer)`. Raises Refused; version 16 takes no such text at all."""
    hit = _FUNCTION.fullmatch(text)
    if hit is None or hit[1].lower() not in FUNCTIONS:
        raise restricted()
    if scope.site.settings.version >= 16:
        raise throw(f"SQL functions are not allowed as strings in SELECT: {text}. Use dict syntax like {{'COUNT': '*'}} instead.")
    return _aggregate(scope, hit[1].lower(), hit[3], bool(hit[2]))


def _aggregate(scope: Scope, function: str, name: str, distinct: bool = False) -> Aggregate:
    if name == "*" and function == "count":
        return Aggregate(function, None)
    if _is_suspicious(name):
        raise restricted()
    column = column_of(scope, name)
    if column is None:
        raise not_permitted(name)
    return Aggregate(function, column, distinct)


def _from_object(scope: Scope, item: Mapping[str, Any]) -> tuple[str, Aggregate]:
    """`{"COUNT": "name", "as": "n"}`: version 16. Without `as` the key is our guess."""
    if scope.site.settings.version < 16:
        raise python_error("TypeError", "unhashable type: 'dict'")
    functions = [key for key in item if key.lower() not in ("as", "alias")]
    if len(functions) != 1 or functions[0].lower() not in FUNCTIONS or not isinstance(item[functions[0]], str):
        raise throw(f"Unsupported function or invalid field name: {functions[0] if functions else ''}")
    function, name = functions[0], item[functions[0]]
    alias = item.get("as") or item.get("alias")
    if alias and not re.fullmatch(r"\w+", str(alias)):
        raise throw(f"Invalid alias format: {alias}")
    return str(alias or f"{function.upper()}({name})"), _aggregate(scope, function.lower(), name)
