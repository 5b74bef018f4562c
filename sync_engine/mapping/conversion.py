"""A field of the dictionary, compiled: what a value of one side is on the other, in both directions. Pure.

The way of a value: read as the source side's type → nothing? the rule for empty values → transform → days shifted → turned into
the target's type (an instant becomes the civil date of its zone) → rounded and cut to what the target holds → written in the
target's notation.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta, tzinfo
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any, Final

from sync_engine.dictionary import FieldMap, Rounding, Side, System, nearest
from sync_engine.dictionary.expression_values import ExpressionError, Value
from sync_engine.dictionary.expressions import Expression, compiled
from sync_engine.mapping.notation import NUMBERS, Typed, notation_of, number, read, utc, write, zone_named

MODES: Final = {"half_even": ROUND_HALF_EVEN, "half_up": ROUND_HALF_UP, "down": ROUND_DOWN}
WIDE: Final = Context(prec=400)  # wide enough that only what the dictionary says is rounded
DOUBLE: Final = Context(prec=15)  # the digits that survive in an IEEE 754 double
_SHOWN: Final = 80


class ConversionError(ValueError):
    """A value has no counterpart. The text names field and value; `hint` says what a person can do."""

    def __init__(self, field: str, problem: str, hint: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.hint = hint


class Path:
    """One direction of a field."""

    def __init__(self, field: FieldMap, source: System, target: System, mapping: Mapping[str, str], shift: int) -> None:
        self.field, self.source_system, self.target_system = field, source, target
        self.source, self.target = field.side(source), field.side(target)
        self._owner = source == field.owner
        self._mapping = {self._key(key): value for key, value in mapping.items()}
        self._shift = timedelta(days=shift)
        self._expression: Expression | None = compiled(field.expression) if field.transform == "expression" else None

    def carry(self, value: Any, record: Mapping[str, Any] | None = None) -> str | None:
        """The target's text; the empty text clears; None leaves the target as it is. Raises ConversionError."""
        try:
            found = self._step(value, record or {})
            return self._when_empty() if found is None or found == "" else self._fitted(found)
        except ConversionError:
            raise
        except ExpressionError as error:
            raise ConversionError(self.field.name, f"the expression: {error}", "Correct the record or the expression.") from None
        except (ValueError, OverflowError) as error:
            raise ConversionError(self.field.name, str(error), "Correct the value.") from None

    def same(self, left: Any, right: Any) -> bool:
        """Whether two values of the target are equal there."""
        return same_at(self.target_system, self.target, left, right)

    def _key(self, text: str) -> str:
        """A key of the map as the source would write it: `1` and `true` are one truth."""
        try:
            return write(self.source_system, self.source, read(self.source_system, self.source, text))
        except ValueError:
            return text

    def _step(self, raw: Any, record: Mapping[str, Any]) -> Typed | None:
        value = read(self.source_system, self.source, raw)
        transform = self.field.transform
        if self._expression is not None:
            if not self._owner:
                raise ExpressionError("works in one direction only, so an edit of the other side cannot be carried back")
            found: Value = self._expression.evaluate(record, value, self._zone())
            return self._typed(found)
        if value is None:
            return None
        if transform == "map":
            return self._looked_up(value)
        if transform in ("trim", "lower", "upper") and isinstance(value, str):
            value = value.strip()
            value = value.lower() if transform == "lower" else value.upper() if transform == "upper" else value
        return self._typed(self._shifted(value))

    def _shifted(self, value: Typed) -> Typed:
        """Calendar days later: an instant keeps its time of day in the owner's zone, and what becomes a date is one first."""
        if isinstance(value, datetime):
            if self.target.type == "date":
                return value.astimezone(self._zone()).date() + self._shift
            owner, other = (self.source, self.target) if self._owner else (self.target, self.source)
            return utc(value.astimezone(zone_named(owner.zone or other.zone)) + self._shift) if self._shift else value
        return value + self._shift if isinstance(value, date) else value

    def _looked_up(self, value: Typed) -> Typed | None:
        text = write(self.source_system, self.source, value)
        if text in self._mapping:
            found = self._mapping[text]
        elif self._owner and self.field.default is not None:
            found = self.field.default
        else:
            found = text
        return read(self.target_system, self.target, found)

    def _typed(self, value: Value) -> Typed | None:
        """The value as the target's type."""
        kind = self.target.type
        if value is None or value == "":
            return None
        if kind == "boolean":
            return value != 0 if isinstance(value, Decimal) else read(self.target_system, self.target, value)
        if kind == "datetime" and isinstance(value, date) and not isinstance(value, datetime):
            return utc(datetime(value.year, value.month, value.day, tzinfo=self._zone()))
        if kind == "date" and isinstance(value, datetime):
            return value.astimezone(self._zone()).date()
        if kind in NUMBERS and isinstance(value, date):
            raise ValueError(f"{value.isoformat()} is a date, and the target holds numbers")
        return read(self.target_system, self.target, value)

    def _zone(self) -> tzinfo:
        """Where instants have their day: the zone of the side that states civil dates, else the other's."""
        first, second = (self.target, self.source) if self.target.type == "date" else (self.source, self.target)
        return zone_named(first.zone or second.zone)

    def _when_empty(self) -> str | None:
        rule = self.field.when_empty()
        if rule == "keep":
            return None
        if rule == "default" and self._owner:
            return self._fitted(read(self.target_system, self.target, self.field.default)) if self.field.default else ""
        return ""

    def _fitted(self, value: Typed | None) -> str:
        side = self.target
        if isinstance(value, Decimal):
            value = self._rounded(value)
        text = write(self.target_system, side, value)
        if side.choices and text not in side.choices:
            problem = f"{text[:_SHOWN]!r} is none of the values that {self.target_system}.{side.field} accepts"
            hint = f"Choose another value, or give it a counterpart in the dictionary{nearest(text, list(side.choices))}."
            raise ConversionError(self.field.name, problem, hint)
        length = side.length_max
        return text[:length].rstrip() if length is not None and len(text) > length else text

    def _rounded(self, value: Decimal) -> Decimal:
        rule, places = self.field.rounding, self.target.places
        if self.target.type == "integer":
            places = 0
        for step in (rule, None if places is None else Rounding(places, rule.mode if rule is not None else "half_up")):
            if step is not None:
                value = _quantized(value, step)
        return value


class Converter:
    """A field in both directions: `forward` from the system of record, `back` from the other system."""

    def __init__(self, field: FieldMap) -> None:
        other: System = "erp" if field.owner == "crm" else "crm"
        self.forward = Path(field, field.owner, other, field.values, field.shift_days)
        self.back = Path(field, other, field.owner, inverted(field.values), -field.shift_days)


def inverted(values: Mapping[str, str]) -> dict[str, str]:
    """Counterpart → value; of two values with one counterpart the first counts (`lint` calls that an error)."""
    found: dict[str, str] = {}
    for key, value in values.items():
        found.setdefault(value, key)
    return found


def same_at(system: System, side: Side, left: Any, right: Any) -> bool:
    """Whether two values of one side are equal: numbers by value, dates as dates, instants as instants, the rest as text.

    Frappe's numbers and checks are never null: there nothing equals zero.
    """
    try:
        one, other = read(system, side, left), read(system, side, right)
    except ValueError:
        return _text(left) == _text(right)
    if notation_of(system, side) == "frappe" and (side.type in NUMBERS or side.type == "boolean"):
        one, other = one or Decimal(0), other or Decimal(0)
    if isinstance(one, Decimal) and isinstance(other, Decimal) and side.type == "float":
        return DOUBLE.plus(one) == DOUBLE.plus(other)
    return one == other


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _quantized(value: Decimal, rounding: Rounding) -> Decimal:
    try:
        return value.quantize(Decimal(1).scaleb(-rounding.places), MODES[rounding.mode], WIDE)
    except InvalidOperation:
        raise ValueError(f"{number(value)} is too large to be rounded") from None
