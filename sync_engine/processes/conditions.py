"""`only_if`: whether the ERP's document is still in a state in which a step is allowed, and what blocks it, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sync_engine.dictionary import Action, Entity
from sync_engine.mapping.values import ZERO, number, number_text

SHIPPED, BILLED = "per_delivered", "per_billed"  # percentages of an order


def blockers(entity: Entity, action: Action, order: Mapping[str, Any]) -> list[str]:
    """What stands in the way of the action, one text for each condition that the order does not meet."""
    return [
        _words(entity, name, order.get(name), wanted, order)
        for name, wanted in action.only_if.items()
        if not _equal(order.get(name), wanted)
    ]


def _equal(held: Any, wanted: Any) -> bool:
    try:
        return (number(held) or ZERO) == (number(wanted) or ZERO)
    except ValueError:
        return str(held or "") == str(wanted or "")


def _words(entity: Entity, name: str, held: Any, wanted: Any, order: Mapping[str, Any]) -> str:
    rows = order.get(entity.lines.erp_table) if entity.lines is not None else None
    if name == SHIPPED and isinstance(rows, Sequence) and rows:
        done, ordered = (sum((number(row.get(column)) or ZERO for row in rows), ZERO) for column in ("delivered_qty", "qty"))
        if done:
            return f"{number_text(done)} of {number_text(ordered)} were shipped"
    if name in (SHIPPED, BILLED):
        share = number(held) or ZERO
        return f"{number_text(round(share, 2))} % was {'shipped' if name == SHIPPED else 'invoiced'}"
    label = next((field.name for field in entity.fields if field.erp.field == name), name)
    return f"{label} is {held if held not in (None, '') else 'empty'} instead of {wanted}"
