"""`order_by` and `group_by`. Source: facts 2.3; the texts of refusals follow the vendor's public source, their kinds are our guess.

Nulls come first. Rows that are equal in all that is asked for come by name, or in no order at all under `shuffle_unsorted_lists`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fake_erp.erpnext.errors import operational, throw
from fake_erp.erpnext.lists.aggregates import FUNCTIONS, Expression, value_of
from fake_erp.erpnext.lists.columns import Column, Row, Scope
from fake_erp.erpnext.lists.fields import Selection, aggregate, column_of
from fake_erp.erpnext.lists.refusals import syntax_error, unknown_column
from fake_erp.erpnext.wire import number_of

Group = Sequence[Row]
_ILLEGAL: Final = re.compile(r"[^\w\-\s,`'\".()*]|--")
_CLAUSE: Final = re.compile(r"((?:`[^`]*`|[\w.]|\([^()]*\))+)(?:\s+(asc|desc))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing to sort by."""

    expression: Expression
    down: bool

    @property
    def cast(self) -> Callable[[Any], Any]:
        if isinstance(self.expression, Column):
            return self.expression.cast
        column = self.expression.column
        return column.cast if self.expression.function in ("min", "max") and column is not None else number_of


def order_of(scope: Scope, text: str, chosen: Selection) -> list[Clause]:
    """Empty for no order. Raises Refused: 417 for what looks like a query, 500 for unknown columns and broken syntax."""
    if not text.strip():
        return []
    _check(scope, text)
    clauses = []
    for part in text.split(","):
        hit = _CLAUSE.fullmatch(part.strip())
        if hit is None:
            raise syntax_error(part.strip())
        clauses.append(Clause(_expression(scope, hit[1], chosen, "order clause"), (hit[2] or "").lower() == "desc"))
    return clauses


def groups_of(scope: Scope, text: str, chosen: Selection) -> list[Expression]:
    """What rows are gathered by. Raises as `order_of`."""
    if not text.strip():
        return []
    _check(scope, text)
    found = [_expression(scope, part.strip(), chosen, "group statement") for part in text.split(",")]
    if not all(isinstance(expression, Column) for expression in found):
        raise operational(1056, f"Can't group on '{text}'")
    return found


def sort(scope: Scope, groups: list[Group], clauses: list[Clause]) -> list[Group]:
    """A stable sort, last clause first."""
    site = scope.site
    for clause in reversed(clauses):
        cast, expression = clause.cast, clause.expression
        keys = {id(group): _key(value_of(site, expression, group), cast) for group in groups}
        groups = sorted(groups, key=lambda group, keys=keys: keys[id(group)], reverse=clause.down)  # type: ignore[misc]
    return groups


def _key(value: Any, cast: Callable[[Any], Any]) -> tuple[bool, Any]:
    return (value is not None, cast(value))


def _check(scope: Scope, text: str) -> None:
    lower = text.lower()
    if "select" in lower and "from" in lower:
        raise throw("Cannot use sub-query in order by")
    if _ILLEGAL.search(text):
        raise throw("Illegal SQL Query")
    for part in lower.split(","):
        function = part.strip().partition("(")[0].strip()
        if "(" in part and function not in FUNCTIONS:
            raise throw(f"Cannot use {function} in order/group by")


def _expression(scope: Scope, text: str, chosen: Selection, clause: str) -> Expression:
    """An alias of the selection, a column, or a function."""
    plain = text.strip("`")
    for alias, expression in chosen.columns:
        if alias == plain:
            return expression
    if "(" in text:
        return aggregate(scope, text)
    table, dot, _ = text.replace("`", "").partition(".")
    doctype = table.removeprefix("tab") if dot and table.startswith("tab") else ""
    if doctype and doctype != scope.meta.name and doctype not in scope.joins:
        raise throw(f"Please select atleast 1 column from {doctype} to sort/group")  # noqa: S608
    column = column_of(scope, text) if doctype or not dot else None
    if column is None:
        raise unknown_column(text.replace("`", "") if dot else plain, clause)
    return column
