"""Names of a query as columns: of the DocType itself, of child DocTypes that are joined, and through links.

A row of a query is a tuple: the document's fields first, then one row of each joined child DocType. Joins are left joins: a
document without rows is there once, with nulls; one with many is there as often [P34]. Source: facts 2.3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from fake_erp.erpnext.framework.meta import OPTIONAL, PARENTAGE, STANDARD, DocType, Field
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.lists.refusals import too_many_rows
from fake_erp.erpnext.lists.values import cast_of, stars

Row = tuple[Mapping[str, Any], ...]
_STANDARD: Final = frozenset((*STANDARD, *OPTIONAL))
_CHILD: Final = frozenset(PARENTAGE)
_NOTHING: Final[Mapping[str, Any]] = {}
_JOINED_MAX: Final = 1_000_000  # rows that one document may become


@dataclass(frozen=True, slots=True)
class Column:
    """One column: which part of the row it is in, its name there, and the link it is reached through, if any."""

    slot: int
    name: str
    field: Field | None
    link: Field | None = None

    def value(self, site: Site, row: Row) -> Any:
        if self.link is None:
            found = row[self.slot].get(self.name, self.absent)
        else:
            found = site.value(self.link.options, row[self.slot].get(self.link.fieldname, self.link.absent), self.name)
        return stars(found) or None if self.field is not None and self.field.fieldtype == "Password" else found

    @property
    def absent(self) -> Any:
        """What the column holds in documents that do not have it."""
        return self.field.absent if self.field is not None and self.field.sparse else None

    @property
    def cast(self) -> Callable[[Any], Any]:
        return cast_of(self.field, self.name)


class Scope:
    """What the names of one query can mean. Naming a column of a child DocType joins it."""

    def __init__(self, site: Site, meta: DocType, parent: str = "") -> None:
        self.site, self.meta = site, meta
        self._holder = parent or meta.name  # whose permission levels count
        self.joins: list[str] = []

    def doctype(self, name: str) -> DocType:
        """The DocType of the list itself, or another. Raises Refused (404)."""
        return self.meta if name.casefold() == self.meta.name.casefold() else self.site.meta(name)

    def own(self, name: str) -> Column | None:
        return Column(0, name, self.meta.columns.get(name)) if has_column(self.meta, name) else None

    def of(self, doctype: str, name: str) -> Column | None:
        """A column of the DocType itself, or of a child DocType. Raises Refused (404) for an unknown DocType."""
        meta = self.doctype(doctype)
        if meta is self.meta:
            return self.own(name)
        if not meta.child or not has_column(meta, name):
            return None
        if meta.name not in self.joins:
            self.joins.append(meta.name)
        return Column(self.joins.index(meta.name) + 1, name, meta.columns.get(name))

    def through(self, fieldname: str, name: str) -> Column | None:
        """`customer.customer_group` through a link, `items.item_code` into a table."""
        if fieldname in self.meta.tables:
            return self.of(self.meta.tables[fieldname], name)
        link = self.meta.columns.get(fieldname)
        target = self.site.doctypes.get(link.options) if link is not None and link.fieldtype == "Link" else None
        if target is None or not has_column(target, name):
            return None
        return Column(0, name, target.columns.get(name), link)

    def visible(self, column: Column) -> bool:
        """Whether the user of the call has the permission level of a column."""
        if column.field is None or not column.field.permlevel:
            return True
        doctype = column.link.options if column.link is not None else self._holder
        return self.site.may_write_level(doctype, column.field.permlevel)

    def rows(self, fields: Mapping[str, Any]) -> Iterator[Row]:
        """A document with every combination of the joined rows."""
        if not self.joins:
            yield (fields,)
            return
        parts = [self._rows_of(fields, child) for child in self.joins]
        count = 1
        for part in parts:
            count *= len(part)
        if count > _JOINED_MAX:
            raise too_many_rows()
        for combination in product(*parts):
            yield (fields, *combination)

    def _rows_of(self, fields: Mapping[str, Any], child: str) -> list[Mapping[str, Any]]:
        rows = [row for table, kind in self.meta.tables.items() if kind == child for row in fields.get(table) or ()]
        return rows or [_NOTHING]


def has_column(meta: DocType, name: str) -> bool:
    return name in meta.columns or name in _STANDARD or (meta.child and name in _CHILD)


def is_never_a_column(meta: DocType, name: str) -> bool:
    """Known names without a column behind them: tables, `doctype`, and the parent's names on a DocType that is no child."""
    return name in meta.tables or name == "doctype" or name in _CHILD
