"""Values that do not arrive whole: types, places, lengths, maps and picklists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from sync_engine.dictionary.lint.findings import Report
from sync_engine.dictionary.model import Entity, FieldMap, Side, System
from sync_engine.mapping.conversion import ConversionError
from sync_engine.mapping.notation import NUMBERS
from sync_engine.mapping.values import carried

TEXTS: Final = frozenset({"text", "choice"})
_FRACTIONS: Final = frozenset({"decimal", "percent", "float"})
_MAY_CUT: Final = ("map", "expression")  # what they give is known only when they give it
_LISTED_MAX: Final = 5


def fields_of(entity: Entity) -> Iterator[FieldMap]:
    """The entity's fields and those of its lines."""
    yield from entity.fields
    if entity.lines is not None:
        yield from entity.lines.fields


def check_conversions(report: Report) -> None:
    for entity in report.dictionary.entities:
        for field in fields_of(entity):
            for source, target in directions(field):
                _types(report, entity, field, field.side(source), field.side(target))
            if field.both_ways and (field.transform == "expression" or field.derived):
                why = "an expression has no inverse" if field.transform == "expression" else "one side computes the value itself"
                report.field("not-invertible", entity, field, why)
            _maps(report, entity, field)
            _choices(report, entity, field)
            _default(report, entity, field)


def directions(field: FieldMap) -> list[tuple[System, System]]:
    """(source, target): one, or both for a field that people edit on both sides."""
    other: System = "erp" if field.owner == "crm" else "crm"
    return [(field.owner, other), (other, field.owner)] if field.both_ways else [(field.owner, other)]


def _types(report: Report, entity: Entity, field: FieldMap, source: Side, target: Side) -> None:
    way = f"{source.field} ({source.type}) → {target.field} ({target.type})"
    exact = source.type in ("decimal", "percent", "integer")
    if exact and target.type == "float" and field.transform != "map":
        report.field("decimal-to-float", entity, field, way)
    if field.transform in _MAY_CUT:
        return
    if source.type in _FRACTIONS and target.type == "integer" and field.rounding is None:
        report.field("fraction-cut", entity, field, way)
    elif source.type in NUMBERS and target.type in NUMBERS:
        _places(report, entity, field, source, target)
    if source.type == "datetime" and target.type == "date":
        report.field("time-cut", entity, field, way)
    if {source.type, target.type} == {"date", "datetime"} and not (source.zone or target.zone):
        report.field("day-without-zone", entity, field, way)
    if source.type in TEXTS and target.type not in TEXTS:
        report.field("text-to-typed", entity, field, way)
    if source.type in TEXTS and target.type in TEXTS:
        _length(report, entity, field, source, target)
    if target.required and not source.required and field.when_empty() != "default" and not field.derived:
        report.field("required-may-be-empty", entity, field, f"{target.field} is required, {source.field} is not")


def _places(report: Report, entity: Entity, field: FieldMap, source: Side, target: Side) -> None:
    if target.places is None or field.rounding is not None or source.type == "integer":
        return
    if source.places is None or source.places > target.places:
        have = "any number of" if source.places is None else str(source.places)
        report.field("places-cut", entity, field, f"{source.field} has {have} places, {target.field} holds {target.places}")


def _length(report: Report, entity: Entity, field: FieldMap, source: Side, target: Side) -> None:
    if target.length_max is None or (source.length_max is not None and source.length_max <= target.length_max):
        return
    if source.choices and all(len(each) <= target.length_max for each in source.choices):
        return
    have = "any number of" if source.length_max is None else f"up to {source.length_max}"
    report.field("text-cut", entity, field, f"{source.field} has {have} characters, {target.field} takes {target.length_max}")


def _maps(report: Report, entity: Entity, field: FieldMap) -> None:
    if field.transform != "map":
        return
    keys = defaultdict(list)
    for key, value in field.values.items():
        keys[value].append(key)
    for value, several in keys.items():
        if len(several) > 1:
            rule = "not-invertible" if field.both_ways else "map-collapses"
            report.field(rule, entity, field, f"{listed(several)} all become {value!r}")


def _choices(report: Report, entity: Entity, field: FieldMap) -> None:
    source, target = field.source(), field.target()
    compare_choices(report, entity, field, source.choices, target.choices)


def compare_choices(
    report: Report, entity: Entity, field: FieldMap, source: tuple[str, ...], target: tuple[str, ...], where: str = ""
) -> None:
    """`source`, `target`: every value of the two picklists, empty where it is not known."""
    mapped = field.transform == "map"
    if mapped and source:
        if missing := [each for each in source if each not in field.values and field.default is None]:
            report.field("choice-without-counterpart", entity, field, f"{listed(missing)} of {field.source().field}{where}")
        if unknown := [each for each in field.values if each not in source]:
            report.field("choice-unknown", entity, field, f"{field.source().field}{where} has no {listed(unknown)}")
    if not target:
        return
    results = list(dict.fromkeys(field.values.values())) if mapped else list(source) if field.transform == "same" else []
    if field.default is not None:
        results.append(field.default)
    if missing := [each for each in results if each not in target]:
        report.field("choice-without-counterpart", entity, field, f"{field.target().field}{where} has no {listed(missing)}")
    if field.both_ways:
        back = set(field.values.values()) if mapped else set(source)
        if back and (missing := [each for each in target if each not in back]):
            what = f"{listed(missing)} of {field.target().field}{where} cannot be brought back"
            report.field("choice-without-counterpart", entity, field, what)


def _default(report: Report, entity: Entity, field: FieldMap) -> None:
    if not field.default or field.transform == "expression":
        return
    try:
        carried(field, None)
    except ConversionError as error:
        if "none of the values" not in str(error):  # that is the picklist's rule
            report.field("default-unreadable", entity, field, str(error))


def listed(names: list[str]) -> str:
    shown = ", ".join(map(repr, names[:_LISTED_MAX]))
    return shown if len(names) <= _LISTED_MAX else f"{shown} and {len(names) - _LISTED_MAX} more"
