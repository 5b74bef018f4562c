"""Conditions of webhooks: checked against an empty document when they are saved, evaluated in every save. Source: facts 6.2.

The vendor evaluates the condition of every enabled webhook of a DocType at every event of its documents, also at those that the
webhook does not tell: a condition that fails for a new document keeps it from being made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from fake_erp.erpnext.errors import python_error, throw
from fake_erp.erpnext.events.expressions import FAILURES, BadExpression, read_expression
from fake_erp.erpnext.events.views import Before, DocView, Utils
from fake_erp.erpnext.framework.drafts import new_document
from fake_erp.erpnext.framework.meta import STANDARD, DocType
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.framework.whole import whole
from fake_erp.erpnext.wire import int_of, number_of

Condition = Callable[[Mapping[str, Any], Before], bool]


def check_condition(site: Site, meta: DocType, text: str) -> None:
    """Evaluate it for a document that was just opened. Raises Refused (417)."""
    blank = DocView({**dict.fromkeys(STANDARD), **whole(site, new_document(site, meta, {}))}, new=True)
    try:
        read_expression(text)({"doc": blank, "utils": utils_of(site)})
    except (BadExpression, *FAILURES) as error:
        raise throw(f"Invalid Condition: {error}") from None


def view_of(site: Site, fields: Mapping[str, Any], before: Before) -> DocView:
    """A document with every column it can have, now and before."""

    def was() -> Mapping[str, Any] | None:
        old = before()
        return None if old is None else whole(site, {"doctype": fields.get("doctype"), **old})

    return DocView(whole(site, fields), was)


def condition_of(site: Site, text: str) -> Condition:
    """What it says of a document. The condition raises Refused (500) where the vendor's Python stumbles: the save fails."""
    utils = utils_of(site)

    def holds(fields: Mapping[str, Any], before: Before) -> bool:
        try:
            return bool(read_expression(text)({"doc": view_of(site, fields, before), "utils": utils}))
        except (BadExpression, *FAILURES) as error:
            kind = "SyntaxError" if isinstance(error, BadExpression) else type(error).__name__
            raise python_error(kind, str(error)) from None

    return holds


def utils_of(site: Site) -> Utils:
    return Utils(
        {
            "flt": _flt,
            "cint": lambda value=0, default=0: int_of(value) or default,
            "cstr": lambda value="": "" if value is None else str(value),
            "today": site.time.today,
            "nowdate": site.time.today,
            "now": site.time.stamp,
            "add_days": lambda day, days: (date.fromisoformat(str(day)[:10]) + timedelta(days=int_of(days))).isoformat(),
        }
    )


def _flt(value: Any = 0, precision: Any = None) -> float:
    number = number_of(value)
    if precision is None:
        return float(number)
    return float(number.quantize(Decimal(1).scaleb(-max(0, min(9, int_of(precision)))), ROUND_HALF_EVEN))
