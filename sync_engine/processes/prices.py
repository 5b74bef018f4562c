"""Which of an item's prices in ERPNext counts for everybody today. Pure. Source: contracts erpnext/facts.md 4.3, 10.1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

ITEM_PRICE, ITEM_CODE = "Item Price", "item_code"
COLUMNS = ("customer", "valid_from", "valid_upto", "uom", "packing_unit")


def counting(rows: Iterable[Mapping[str, Any]], today: str) -> list[Mapping[str, Any]]:
    """The one price of each item that is valid on `today` (`2026-03-02`): no customer's own, the one that began last."""
    best: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        begins, ends = str(row.get("valid_from") or ""), str(row.get("valid_upto") or "9999")
        if row.get("customer") or begins > today or ends < today:
            continue
        held = best.get(str(row.get("item_code")))
        if held is None or (str(held.get("valid_from") or ""), str(held["name"])) < (begins, str(row["name"])):
            best[str(row.get("item_code"))] = row
    return list(best.values())
