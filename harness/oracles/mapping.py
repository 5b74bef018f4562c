"""What the data dictionary demands of two values, evaluated by code of its own: an engine's mapping bug cannot hide here.

Tolerances, all ours: surrounding blanks never count where a transform trims or lowers; an empty number is zero; a percentage
agrees within a hundredth; a decimal with more than two places agrees when it rounds to the same cent either way; a text may be
cut at `length_max`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from harness.kit.money import CENT, decimal_of, round_half_even, round_half_up
from harness.kit.records import Change, Record
from harness.oracles.relations import SUBMITTED
from harness.oracles.view import Key, View
from sync_engine.dictionary import Entity, FieldMap, Related, Side

ZERO: Final = Decimal(0)
_TRUE: Final = frozenset({"true", "1", "yes"})
_MODES: Final = {"half_even": ROUND_HALF_EVEN, "half_up": ROUND_HALF_UP, "down": ROUND_DOWN}
_DAY_MS_DIGITS: Final = 11  # a date as epoch milliseconds has at least so many digits


def value_at(view: View, entity: Entity, side: Side, record: Record) -> Any:
    """The value of one end of a mapping: a field of the record, or the sum over the related documents that count."""
    if side.of is None:
        return record.fields.get(side.field)
    return sum_of(side, (document.fields for document in counted(view, entity, side.of, record.id)))


def counted(view: View, entity: Entity, name: str, erp_id: str) -> list[Record]:
    """The documents of a related set that its declaration counts."""
    relation = entity.related[name]
    return [each for each in view.related(entity, name, erp_id) if not each.archived and counts(relation, each.fields)]


def counts(relation: Related, fields: Mapping[str, Any]) -> bool:
    """Whether a document in this state is part of the set: in the books if it has to be, and with the values it must have."""
    if relation.submitted and fields.get("docstatus") != SUBMITTED:
        return False
    return all(plain(fields.get(name)) == plain(value) for name, value in relation.where.items())


def plain(value: Any) -> str:
    """A value to compare by: `1`, `1.0`, `True` and `"1"` are one thing, and so are nothing, zero and an empty text."""
    number = decimal_of(int(value) if isinstance(value, bool) else value)
    if number is not None:
        return f"{number.normalize() + ZERO:f}" if number else ""
    return "" if value is None else str(value)


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
    if field.transform in ("trim", "lower", "upper"):
        text = text.strip()
    if field.transform in ("lower", "upper"):
        return text.lower() if field.transform == "lower" else text.upper()
    if field.transform == "map":
        return field.values.get(_as_key(field, text, value), field.default if field.default is not None else text)
    return text if text or field.default is None else field.default


def _as_key(field: FieldMap, text: str, value: Any) -> str:
    """Truth is written in many ways; a table of it has one of them."""
    if field.source().type != "boolean" or text in field.values:
        return text
    words = ("1", "true", "yes") if str(value).lower() in _TRUE else ("0", "false", "no", "")
    return next((each for each in words if each in field.values), text)


def agree(field: FieldMap, source: Any, target: Any) -> bool:
    """Whether the target's value is what the system of record's value demands. What an expression makes is not judged here."""
    kind = field.target().type
    if field.transform == "expression" or (field.empty == "keep" and source in (None, "")):
        return True
    if field.transform == "map":
        return translate(field, source) == ("" if target is None else str(target))
    if field.default is not None and source in (None, ""):
        source = field.default
    if kind in ("decimal", "integer", "percent", "float"):
        return _same_number(field, decimal_of(source), decimal_of(target), target)
    if kind == "date":
        return _shifted(_day(source, field.source().zone), field.shift_days) == _day(target, "")
    if kind == "datetime":
        return _instant(source, field.source().zone, field.shift_days) == _instant(target, field.target().zone, 0)
    if kind == "boolean":
        return (str(source).lower() in _TRUE) == (str(target).lower() in _TRUE)
    return _same_text(field, translate(field, source), "" if target is None else str(target))


def _same_text(field: FieldMap, expected: str, found: str) -> bool:
    if field.transform in ("trim", "lower", "upper"):
        found = found.strip()
    if expected == found:
        return True
    length = field.target().length_max
    return length is not None and len(expected) > length and expected[:length].rstrip() == found.rstrip()


def _same_number(field: FieldMap, source: Decimal | None, target: Decimal | None, raw: Any) -> bool:
    if target is None and raw not in (None, ""):
        return False  # a text that is no number agrees with nothing
    one, other = source or ZERO, target or ZERO
    if field.rounding is not None:
        return other == one.quantize(Decimal(1).scaleb(-field.rounding.places), _MODES[field.rounding.mode])
    if one == other:
        return True
    if field.target().type in ("percent", "float"):
        return abs(one - other) < CENT
    return other in (round_half_even(one), round_half_up(one)) and one != round_half_even(one)


def _day(value: Any, zone: str) -> str:
    """The civil date; of an instant, the date that it is in `zone` (UTC where none is said)."""
    text = "" if value is None else str(value)
    if text.isdigit() and len(text) >= _DAY_MS_DIGITS:
        return datetime.fromtimestamp(int(text) // 1000, UTC).astimezone(ZoneInfo(zone or "UTC")).date().isoformat()
    if zone and ("T" in text or " " in text):
        instant = _instant(text, zone, 0)
        return instant.astimezone(ZoneInfo(zone)).date().isoformat() if instant is not None else text[:10]
    return text[:10]


def _shifted(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat() if day and days else day


def _instant(value: Any, zone: str, days: int) -> datetime | None:
    """The moment, to the second: not every vendor keeps more. A text without offset is a civil time in `zone`."""
    text = "" if value is None else str(value)
    if not text:
        return None
    if text.isdigit() and len(text) >= _DAY_MS_DIGITS:
        found = datetime.fromtimestamp(int(text) // 1000, UTC)
    else:
        found = datetime.fromisoformat(text.replace("Z", "+00:00")).replace(microsecond=0)
    civil = found if found.tzinfo is not None else found.replace(tzinfo=ZoneInfo(zone or "UTC"))
    return (civil + timedelta(days=days)).astimezone(UTC)


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
    relation = entity.related[side.of]
    documents = view.related(entity, side.of, erp_id)
    changes = sorted(
        (c for each in documents for c in view.changes.get(("erp", relation.kind, each.id), ())), key=lambda c: c.sequence
    )
    states: dict[str, dict[str, Any]] = {}
    found: list[tuple[Change, Any]] = []
    for change in changes:
        states[change.id] = {**states.get(change.id, {}), **change.new}
        total = sum_of(side, (fields for fields in states.values() if counts(relation, fields)))
        if not found or found[-1][1] != total:
            found.append((change, total))
    return found
