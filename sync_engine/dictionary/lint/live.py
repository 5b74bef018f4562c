"""The dictionary against what the live systems say of themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sync_engine.dictionary.expressions import compiled
from sync_engine.dictionary.lint.conversions import compare_choices, directions, fields_of
from sync_engine.dictionary.lint.findings import Report
from sync_engine.dictionary.lint.flows import kind_of
from sync_engine.dictionary.metadata import LiveField, Metadata
from sync_engine.dictionary.model import Entity, FieldMap, Side, System, nearest

_SYSTEMS: Final[tuple[System, ...]] = ("crm", "erp")
_FILLED_BY_SETTINGS: Final = {
    "price_list": ("selling_price_list",),
    "warehouse": ("set_warehouse", "warehouse"),
    "delivery_days": ("delivery_date",),
}
_CHILD: Final = "."


def check_live(report: Report, metadata: Metadata) -> None:
    for system in _SYSTEMS:
        if metadata.asks(system):
            for entity in report.dictionary.entities:
                _System(report, metadata, system).check(entity)


class _System:
    def __init__(self, report: Report, metadata: Metadata, system: System) -> None:
        self._report, self._metadata, self._system = report, metadata, system

    def check(self, entity: Entity) -> None:
        kind = entity.binding(self._system).kind
        live = self._metadata.fields(self._system, kind)
        if live is None:
            self._report.entity("kind-missing", entity, f"{self._system.upper()} {kind!r}", detail=kind)
            return
        for field in fields_of(entity):
            self._field(entity, field)
        self._when(entity, live)
        self._conditions(entity, live)
        if self._system == "erp" and entity.origin == "crm":
            self._required(entity, live)

    # -- one field ------------------------------------------------------------------------------------------------

    def _field(self, entity: Entity, field: FieldMap) -> None:
        side = field.side(self._system)
        if side.of is not None:
            self._sum(entity, field, side)
            return
        kind = kind_of(entity, field, self._system)
        columns = self._columns(kind)
        if columns is None:
            self._report.field("kind-missing", entity, field, f"{self._system.upper()} {kind!r}")
            return
        found = self._find(columns, side.field)
        if found is None:
            if not side.custom:
                self._missing(entity, field, kind, side.field, columns)
            return
        self._compare(entity, field, side, found)
        if field.transform == "expression" and field.owner == self._system:
            for name in compiled(field.expression).names:
                if name not in columns:
                    self._missing(entity, field, kind, name, columns)

    def _columns(self, kind: str) -> Mapping[str, LiveField] | None:
        """The fields of a kind, or of a table of it (`Sales Order.items`)."""
        parent, dot, table = kind.partition(_CHILD)
        columns = self._metadata.fields(self._system, parent)
        if not dot or columns is None:
            return columns
        row = columns.get(table)
        return self._metadata.fields(self._system, row.table) if row is not None and row.table else None

    def _find(self, columns: Mapping[str, LiveField], name: str) -> LiveField | None:
        """A dotted name is a field of a table's rows."""
        first, dot, rest = name.partition(_CHILD)
        found = columns.get(first)
        if not dot or found is None:
            return found
        rows = self._metadata.fields(self._system, found.table) if found.table else None
        return rows.get(rest) if rows is not None else None

    def _missing(self, entity: Entity, field: FieldMap, kind: str, name: str, columns: Mapping[str, LiveField]) -> None:
        near = nearest(name, list(columns))
        hint = near if "did you mean" in near else ""
        self._report.field("field-missing", entity, field, f"{self._system.upper()} {kind}.{name}{hint}")

    def _sum(self, entity: Entity, field: FieldMap, side: Side) -> None:
        related = entity.related[side.of or ""]
        columns = self._metadata.fields("erp", related.kind)
        if columns is None:
            self._report.field("kind-missing", entity, field, f"ERP {related.kind!r}")
            return
        for name in (side.field, side.minus, related.through, *related.where):
            if name and self._find(columns, name) is None:
                self._missing(entity, field, related.kind, name, columns)

    def _compare(self, entity: Entity, field: FieldMap, side: Side, live: LiveField) -> None:
        what = f"{self._system.upper()} {side.field}: the dictionary says {side.type}, the system {live.type}"
        if live.types and side.type not in live.types:
            self._report.field("type-differs", entity, field, what)
        is_target = any(target == self._system for _, target in directions(field))
        if is_target and live.read_only and not field.derived:
            self._report.field("target-read-only", entity, field, f"{self._system.upper()} {side.field}")
        if is_target and live.length_max is not None and (side.length_max is None or side.length_max > live.length_max):
            says = "nothing" if side.length_max is None else str(side.length_max)
            what = f"{self._system.upper()} {side.field} takes {live.length_max} characters, `length_max` says {says}"
            if field.source().type in ("text", "choice") and field.transform != "map":
                self._report.field("text-cut", entity, field, what, f"State length_max: {live.length_max}")
        if live.choices and not side.choices:
            where, is_source = f" in the live {self._system.upper()}", field.owner == self._system
            ends = (live.choices, field.target().choices) if is_source else (field.source().choices, live.choices)
            compare_choices(self._report, entity, field, *ends, where)

    # -- the entity around its fields -----------------------------------------------------------------------------

    def _when(self, entity: Entity, live: Mapping[str, LiveField]) -> None:
        for name, value in entity.when.items() if entity.origin == self._system else ():
            found = live.get(name)
            if found is None:
                what = f"'when' names {self._system.upper()} {name!r}{nearest(name, list(live))}"
                self._report.entity("field-missing", entity, what, detail=name)
            elif found.choices and value not in found.choices:
                what = f"'when' waits for {name} = {value!r}{nearest(value, list(found.choices))}"
                self._report.entity("choice-without-counterpart", entity, what, detail=name)

    def _conditions(self, entity: Entity, live: Mapping[str, LiveField]) -> None:
        for process in self._report.dictionary.processes:
            for action in process.actions:
                if (action.entity, action.system) == (entity.name, self._system):
                    for name in action.only_if:
                        if self._find(live, name) is None:
                            near = nearest(name, list(live))
                            what = f"{self._system.upper()} has no {name!r}{near if 'did you mean' in near else ''}"
                            self._report.process("only-if-unknown", process, what)

    def _required(self, entity: Entity, live: Mapping[str, LiveField]) -> None:
        filled = self._filled(entity)
        for name, found in live.items():
            if found.required and not found.filled and name not in filled:
                what = f"ERP {entity.erp.kind}.{name} ({found.type})"
                self._report.entity("required-unmapped", entity, what, detail=name)

    def _filled(self, entity: Entity) -> set[str]:
        settings: Mapping[str, Any] = self._report.dictionary.settings
        names = {field.erp.field.partition(_CHILD)[0] for field in entity.fields}
        names |= {entity.erp.link_field, *entity.erp.constants, *entity.belongs_to.values(), *settings}
        names |= {name for setting in settings for name in _FILLED_BY_SETTINGS.get(setting, ())}
        names.add(entity.currency_fields.get("erp", "currency"))
        if entity.lines is not None:
            names.add(entity.lines.erp_table)
        return names
