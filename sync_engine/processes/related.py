"""Documents of the ERP that belong to one of its records, for the sums that the dictionary asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sync_engine.context import Context
from sync_engine.dictionary import Entity
from sync_engine.vendors.erpnext import Doc


async def related_of(context: Context, entity: Entity, name: str) -> dict[str, list[Doc]]:
    """The documents that the entity's sums need of one ERP record. Relations through a child table have a module of their own."""
    found: dict[str, list[Doc]] = {}
    wanted = {each.erp.of for each in entity.fields if each.erp.of is not None}
    for relation in sorted(wanted):
        related = entity.related[relation]
        columns = {column for each in entity.fields if each.erp.of == relation for column in (each.erp.field, each.erp.minus)}
        found[relation] = list(
            await context.erp.list_of(
                related.kind,
                ["name", *sorted(column for column in columns if column)],
                related.through,
                name,
                list(conditions(related.where, submitted=related.submitted)),
            )
        )
    return found


def conditions(where: Mapping[str, Any], *, submitted: bool) -> Iterable[list[Any]]:
    """The filters that a relation's `where` and `submitted` stand for."""
    found = [[column, "=", value] for column, value in where.items()]
    return [*found, ["docstatus", "=", 1]] if submitted else found
