"""What the data dictionary demands of two values, evaluated by code of its own: an engine's mapping bug cannot hide here.

Tolerances, all ours: surrounding blanks never count where a transform trims or lowers; an empty number is zero; a percentage
agrees within a hundredth; a decimal with more than two places agrees when it rounds to the same cent either way; a text may be
cut at `length_max`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from harness.kit.money import CENT, decimal_of, round_half_even, round_half_up
from harness.kit.records import Change, Record
from harness.oracles.relations import SUBMITTED
from harness.oracles.view import Key, View
from sync_engine.dictionary import Entity, FieldMap, Side

ZERO: Final = Decimal(0)
_TRUE: Final = frozenset({"true", "1", "yes"})
_DAY_MS_DIGITS: Final = 11  # a date as epoch milliseconds has at least so many digits


def value_at(view: View, entity: Entity, side: Side, record: Record) -> Any:
    """The value of one end of a mapping: a field of the record, or the sum over its submitted related documents."""
    if side.of is None:
        return record.fields.get(side.field)
    return sum_of(side, (document.fields for document in submitted(view, entity, side.of, record.id)))


def submitted(view: View, entity: Entity, name: str, erp_id: str) -> list[Record]:
    return [each for each in view.related(entity, name, erp_id) if each.fields.get("docstatus") == SUBMITTED and not each.archived]


def sum_of(side: Side, documents: Iterable[dict[str, Any]]) -> Decimal:
    total = ZERO
    for fields in documents:
        total += decimal_of(fields.get(side.field)) or ZERO
        if side.minus is not None:
            total -= decimal_of(fields.get(side.minus)) or ZERO
    return total


def translate(field: FieldMap, value: Any) -> str:
    """The text that must stand on the target's side for this value of the system of record (types of the target)."""
    text = "" if value is None else str(value)
    if field.transform in ("trim", "lower"):
        text = text.strip()
    if field.transform == "lower":
        return text.lower()
    if field.transform == "map":
        return field.values.get(text, field.default if field.default is not None else text)
    return text if text or field.default is None else field.default


def agree(field: FieldMap, source: Any, target: Any) -> bool:
    """Whether the target's value is what the system of record's value demands."""
    kind = field.target().type
    if field.transform == "map":
        return translate(field, source) == ("" if target is None else str(target))
    if kind in ("decimal", "integer", "percent"):
        return _same_number(kind, decimal_of(source), decimal_of(target), target)
    if kind == "date":
        return _day(source) == _day(target)
    if kind == "boolean":
        return (str(source).lower() in _TRUE) == (str(target).lower() in _TRUE)
    return _same_text(field, translate(field, source), "" if target is None else str(target))


def _same_text(field: FieldMap, expected: str, found: str) -> bool:
    if field.transform in ("trim", "lower"):
        found = found.strip()
    if expected == found:
        return True
    length = field.target().length_max
    return length is not None and len(expected) > length and expected[:length].rstrip() == found.rstrip()


def _same_number(kind: str, source: Decimal | None, target: Decimal | None, raw: Any) -> bool:
    if target is None and raw not in (None, ""):
        return False  # a text that is no number agrees with nothing
    one, other = source or ZERO, target or ZERO
    if one == other:
        return True
    if kind == "percent":
        return abs(one - other) < CENT
    return other in (round_half_even(one), round_half_up(one)) and one != round_half_even(one)


def _day(value: Any) -> str:
    text = "" if value is None else str(value)
    if text.isdigit() and len(text) >= _DAY_MS_DIGITS:
        return datetime.fromtimestamp(int(text) // 1000, UTC).date().isoformat()
    return text[:10]


def shown(value: Any) -> str:
    """A value as a person reads it in a finding."""
    if value is None or value == "":
        return "nothing"
    return f"{value:f}" if isinstance(value, Decimal) else repr(value) if isinstance(value, str) else str(value)


def values_over_time(view: View, entity: Entity, side: Side, key: Key) -> list[tuple[Change, Any]]:
    """Every value this end of a mapping has had, oldest first, with the change that brought it."""
    if side.of is not None:
        return _sums_over_time(view, entity, side, key[2])
    return [(change, change.new[side.field]) for change in view.changes.get(key, ()) if side.field in change.new]


def _sums_over_time(view: View, entity: Entity, side: Side, erp_id: str) -> list[tuple[Change, Any]]:
    """Replay the related documents' changes in their order and add up after each; an order has a handful of them."""
    assert side.of is not None
    kind = entity.related[side.of].kind
    documents = view.related(entity, side.of, erp_id)
    changes = sorted((c for each in documents for c in view.changes.get(("erp", kind, each.id), ())), key=lambda c: c.sequence)
    states: dict[str, dict[str, Any]] = {}
    found: list[tuple[Change, Any]] = []
    for change in changes:
        states[change.id] = {**states.get(change.id, {}), **change.new}
        total = sum_of(side, (fields for fields in states.values() if fields.get("docstatus") == SUBMITTED))
        if not found or found[-1][1] != total:
            found.append((change, total))
    return found
