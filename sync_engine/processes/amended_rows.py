"""From the positions of a deal to the rows of an order that exists already. Pure. Source: ERPNext facts 4.3, update items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sync_engine.mapping.values import ZERO, number, number_text

ITEM, QUANTITY, RATE = "item_code", "qty", "rate"
KEPT = ("uom", "conversion_factor", "delivery_date")  # a row that is sent without these loses them
Row = Mapping[str, Any]


def amended_rows(current: Sequence[Row], wanted: Sequence[Row], delivery_date: Any) -> list[dict[str, Any]] | None:
    """The rows to send so that the order has the wanted positions; None when it has them already.

    A row that stays is named, all others are taken out by the call: an item of a row cannot be changed. Equal rows are matched
    first, then rows of one item in order, so that what was shipped of a row stays with it.
    """
    left = list(current)
    matched: list[Row | None] = [_take(left, row, QUANTITY, RATE) for row in wanted]
    if not left and all(row is not None for row in matched):
        return None
    matched = [found if found is not None else _take(left, row) for found, row in zip(matched, wanted, strict=True)]
    return [_row(number_, row, found, delivery_date) for number_, (row, found) in enumerate(zip(wanted, matched, strict=True), 1)]


def differ_otherwise(current: Sequence[Row], wanted: Sequence[Row], columns: Sequence[str]) -> bool:
    """Whether positions differ in columns that an order's rows cannot be given once it is submitted: it takes a new order."""
    left = list(current)
    pairs = [(row, _take(left, row, QUANTITY, RATE)) for row in wanted]
    found = [(row, match if match is not None else _take(left, row)) for row, match in pairs]
    return any(_text(row.get(name)) != _text((match or {}).get(name)) for row, match in found for name in columns)


def _text(value: Any) -> str:
    try:
        return number_text(number(value) or ZERO) if value not in (None, "") else ""
    except ValueError:
        return str(value).strip()


def _take(rows: list[Row], wanted: Row, *columns: str) -> Row | None:
    for row in rows:
        if row.get(ITEM) == wanted.get(ITEM) and all(_equal(row.get(name), wanted.get(name)) for name in columns):
            rows.remove(row)
            return row
    return None


def _equal(left: Any, right: Any) -> bool:
    return (number(left) or ZERO) == (number(right) or ZERO)


def _row(place: int, wanted: Row, found: Row | None, delivery_date: Any) -> dict[str, Any]:
    row: dict[str, Any] = {"idx": place, ITEM: wanted[ITEM], QUANTITY: wanted[QUANTITY], RATE: wanted[RATE]}
    if found is None:
        return {**row, "delivery_date": delivery_date, "conversion_factor": 1}
    return {**row, "docname": found["name"], "name": found["name"], **{name: found.get(name) for name in KEPT}}
