"""Who writes what: two writers on one field, and values that come back to where they started."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from sync_engine.dictionary.expressions import compiled
from sync_engine.dictionary.lint.conversions import directions, fields_of
from sync_engine.dictionary.lint.findings import Report
from sync_engine.dictionary.model import Entity, FieldMap, System

Place = tuple[str, str, str]  # system, kind, field


@dataclass(frozen=True, slots=True)
class Writer:
    """Something in the dictionary that writes a place. `field` is None for what the integration writes for itself."""

    words: str
    entity: Entity
    field: FieldMap | None = None


def kind_of(entity: Entity, field: FieldMap, system: System) -> str:
    """The kind of record on which a field of the entity stands."""
    if entity.lines is not None and any(field is each for each in entity.lines.fields):
        return entity.lines.crm_kind if system == "crm" else f"{entity.erp.kind}.{entity.lines.erp_table}"
    return entity.binding(system).kind


def place_of(entity: Entity, field: FieldMap, system: System) -> Place:
    side = field.side(system)
    return system, entity.related[side.of].kind if side.of is not None else kind_of(entity, field, system), side.field


def check_writers(report: Report) -> None:
    written: dict[Place, list[Writer]] = defaultdict(list)
    for entity in report.dictionary.entities:
        for place, writer in _writers(entity):
            written[place].append(writer)
    for (system, kind, name), writers in written.items():
        for writer in writers[1:]:
            first = writers[0]
            what = f"{writer.words} and {first.words} of {first.entity.name!r} both write {system} {kind}.{name}"
            if writer.field is not None:
                report.field("two-writers", writer.entity, writer.field, what)
            else:
                report.entity("two-writers", writer.entity, what, detail=name)


def _writers(entity: Entity) -> Iterator[tuple[Place, Writer]]:
    systems: tuple[System, ...] = ("crm", "erp")
    for system in systems:
        binding = entity.binding(system)
        if binding.link_field:
            yield (system, binding.kind, binding.link_field), Writer("the link field", entity)
        for name in binding.constants:
            yield (system, binding.kind, name), Writer("the constant", entity)
    if entity.error_field:
        yield ("crm", entity.crm.kind, entity.error_field), Writer("the error field", entity)
    for field in fields_of(entity):
        if not field.derived:
            for _, target in directions(field):
                yield place_of(entity, field, target), Writer(f"the field {field.name!r}", entity, field)


def check_loops(report: Report) -> None:
    """A circle of two or more fields. A field that goes both ways is no loop: the last agreed values end it."""
    flows: dict[Place, list[tuple[Place, Entity, FieldMap]]] = defaultdict(list)
    for entity in report.dictionary.entities:
        for field in fields_of(entity):
            for source, target in directions(field):
                end = place_of(entity, field, target)
                for start in _starts(entity, field, source):
                    flows[start].append((end, entity, field))
    told: set[frozenset[int]] = set()
    for start in list(flows):
        for entity, field, path in _circles(flows, start):
            members = frozenset(id(each) for each in path)
            if members not in told:
                told.add(members)
                names = " → ".join(repr(each.name) for each in path)
                report.field("loop", entity, field, f"{start[0]} {start[1]}.{start[2]} comes back through {names}")


def _starts(entity: Entity, field: FieldMap, source: System) -> Iterator[Place]:
    yield place_of(entity, field, source)
    if field.transform == "expression" and source == field.owner:
        for name in compiled(field.expression).names:
            yield source, kind_of(entity, field, source), name


def _circles(
    flows: dict[Place, list[tuple[Place, Entity, FieldMap]]], start: Place
) -> Iterator[tuple[Entity, FieldMap, list[FieldMap]]]:
    """(entity and field that close the circle, the fields on the way). Depth first over places not yet seen from here."""
    stack: list[tuple[Place, list[FieldMap]]] = [(start, [])]
    seen: set[Place] = set()
    while stack:
        place, path = stack.pop()
        for end, entity, field in flows.get(place, ()):
            if path and field is path[-1]:
                continue  # the same field's way back
            if end == start and path and len({id(each) for each in (*path, field)}) > 1:
                yield entity, field, [*path, field]
            elif end not in seen and end != start:
                seen.add(end)
                stack.append((end, [*path, field]))
