"""What a value looks like on the other side, and when two values are the same: the dictionary's fields as functions. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sync_engine.dictionary import Entity, FieldMap, System
from sync_engine.dictionary.expressions import compiled
from sync_engine.mapping.conversion import ConversionError, Converter, same_at
from sync_engine.mapping.notation import NUMBERS, number, number_text

__all__ = [
    "NUMBERS",
    "ZERO",
    "ConversionError",
    "carried",
    "carried_back",
    "converter",
    "counterparts",
    "delivery_date",
    "fields_read",
    "number",
    "number_text",
    "same",
    "same_on",
    "sum_of",
    "written_by_engine",
]
ZERO = Decimal(0)
_CONVERTERS_MAX = 4_000
_converters: dict[int, tuple[FieldMap, Converter]] = {}  # by identity: fields hold dicts, which cannot be hashed


def converter(field: FieldMap) -> Converter:
    """The compiled field. Raises ExpressionError, which reading the dictionary has excluded."""
    found = _converters.get(id(field))
    if found is not None:
        return found[1]
    if len(_converters) >= _CONVERTERS_MAX:
        _converters.clear()
    made = Converter(field)
    _converters[id(field)] = (field, made)  # keeps the field, so that its id stays its own
    return made


def carried(field: FieldMap, value: Any, record: Mapping[str, Any] | None = None) -> str:
    """The target's value as text for a value of the system of record. An empty text clears (or keeps; see `counterparts`).

    `record`: the source record, which an expression reads. Raises ConversionError.
    """
    return converter(field).forward.carry(value, record) or ""


def carried_back(field: FieldMap, value: Any) -> str:
    """The inverse: what the system of record holds for a value that people wrote on the other side of a `both_ways` field."""
    return converter(field).back.carry(value) or ""


def counterparts(
    fields: Iterable[FieldMap], record: Mapping[str, Any], related: Mapping[str, Sequence[Mapping[str, Any]]] | None = None
) -> dict[str, str]:
    """The target's fields as they should be for this source record. Fields that keep their value when the source is empty are
    left out then. `related`: name → documents that `of` sums over. Raises ConversionError."""
    values: dict[str, str] = {}
    for field in fields:
        side = field.source()
        value = record.get(side.field) if side.of is None else sum_of(field, (related or {}).get(side.of, ()))
        text = converter(field).forward.carry(value, record)
        if text is not None:
            values[field.target().field] = text
    return values


def same(field: FieldMap, left: Any, right: Any) -> bool:
    """Whether two values of the target are equal: see `same_on`. Numbers in a text field are compared as numbers."""
    if field.source().type in NUMBERS and field.target().type in ("text", "choice") and field.transform == "same":
        try:
            return number(left) == number(right)
        except ValueError:
            return False
    return converter(field).forward.same(left, right)


def same_on(field: FieldMap, system: System, left: Any, right: Any) -> bool:
    """Whether two values of that system's side are equal: numbers by value, dates as dates, instants as instants, texts exactly;
    null and the empty text are one nothing, which equals zero where the vendor has no null."""
    return same_at(system, field.side(system), left, right)


def sum_of(field: FieldMap, rows: Iterable[Mapping[str, Any]]) -> Decimal:
    """A `related` value: the sum of `field` over the documents, less the sum of `minus`."""
    side = field.source()
    total = ZERO
    for row in rows:
        total += number(row.get(side.field)) or ZERO
        if side.minus is not None:
            total -= number(row.get(side.minus)) or ZERO
    return total


def written_by_engine(entity: Entity, owner: str, *, creating: bool = False) -> list[FieldMap]:
    """Fields that the engine writes into the other system for this owner."""
    return [
        field
        for field in entity.fields
        if field.owner == owner and not field.derived and (creating or not field.frozen_after_create)
    ]


def fields_read(fields: Iterable[FieldMap], system: System) -> list[str]:
    """The names to ask that system's record for: both ends of the mappings there, and what expressions read. Sums are not part."""
    names: dict[str, None] = {}
    for field in fields:
        side = field.side(system)
        if side.of is None:
            names[side.field] = None
        if field.owner == system and field.transform == "expression":
            names.update(dict.fromkeys(compiled(field.expression).names))
    return list(names)


def delivery_date(close_date: str | None, today: date, days: int) -> date:
    """`days` after the close date, and never before tomorrow: a site east of us may already have the next day.

    `close_date` is `2026-09-30` or an ISO instant; its UTC date counts (the account's zone is not on the record; our guess).
    """
    earliest = today + timedelta(days=1)
    if not close_date:
        return max(today + timedelta(days=days), earliest)
    try:
        closed = datetime.fromisoformat(close_date.replace("Z", "+00:00")).date()
    except ValueError:
        return max(today + timedelta(days=days), earliest)
    return max(closed + timedelta(days=days), earliest)
