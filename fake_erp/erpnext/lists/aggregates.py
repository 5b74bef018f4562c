"""`count`, `sum`, `avg`, `min` and `max` over the rows of a group. Source: facts 2.3 (field expressions).

Of no rows: count is 0, the others are null. An average has four decimals more than its column, of which the database keeps nine
(our guess, as is that other functions are refused).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.lists.columns import Column, Row
from fake_erp.erpnext.wire import exact, number_of

FUNCTIONS: Final = frozenset({"count", "sum", "avg", "min", "max"})
_PLACES: Final = Decimal(1).scaleb(-13)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One function over a column; without a column it counts rows."""

    function: str
    column: Column | None
    distinct: bool = False

    def of(self, site: Site, rows: Sequence[Row]) -> Any:
        if self.column is None:
            return len(rows)
        cast = self.column.cast
        values = [value for row in rows if (value := self.column.value(site, row)) is not None]
        if self.distinct:
            values = list({cast(value): value for value in values}.values())
        if self.function == "count":
            return len(values)
        if not values:
            return None
        if self.function in ("min", "max"):
            return (min if self.function == "min" else max)(values, key=cast)
        total = sum(map(number_of, values), Decimal(0))
        return exact(total) if self.function == "sum" else exact((total / len(values)).quantize(_PLACES))


Expression = Column | Aggregate


def value_of(site: Site, expression: Expression, rows: Sequence[Row]) -> Any:
    """Of a group of rows; a plain column is taken from the first one, as the vendor's database does."""
    if isinstance(expression, Aggregate):
        return expression.of(site, rows)
    return expression.value(site, rows[0]) if rows else None
