"""What a dictionary must hold to be used at all; what is merely unwise is for `lint`."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from sync_engine.dictionary.expression_values import ExpressionError
from sync_engine.dictionary.expressions import compiled
from sync_engine.dictionary.model import Dictionary, DictionaryError, Entity, FieldMap, Process, nearest

PLACES_MAX: Final = 20


def check(dictionary: Dictionary, source: str) -> None:
    names = [entity.name for entity in dictionary.entities]
    for entity in dictionary.entities:
        where = f"{source}: entity {entity.name!r}"
        if names.count(entity.name) > 1:
            raise DictionaryError(f"{where} is defined twice; give each entity a name of its own")
        for other in entity.belongs_to:
            if other not in names:
                raise DictionaryError(f"{where}: belongs_to names {other!r}, which is no entity{nearest(other, names)}")
        written: dict[str, str] = {}
        for field in entity.fields:
            _check_field(dictionary, entity, field, where)
            target = f"{'erp' if field.owner == 'crm' else 'crm'}.{field.target().field}"
            if target in written:
                raise DictionaryError(
                    f"{where}: {field.name!r} and {written[target]!r} both write {target}; a field has one system of record"
                )
            written[target] = field.name
        for field in entity.lines.fields if entity.lines is not None else ():
            _check_field(dictionary, entity, field, f"{where}, lines")
        known = [field.name for field in entity.fields]
        for name in (name for match in entity.match for name in match.fields):
            if name not in known:
                raise DictionaryError(f"{where}: match names {name!r}, which is no field of it{nearest(name, known)}")
    for process in dictionary.processes:
        _check_process(dictionary, process, source, names)


def _check_field(dictionary: Dictionary, entity: Entity, field: FieldMap, where: str) -> None:
    for side in (field.crm, field.erp):
        if side.of is not None and side.of not in entity.related:
            near = nearest(side.of, list(entity.related))
            raise DictionaryError(f"{where}: field {field.name!r} sums over {side.of!r}, which is not in 'related'{near}")
    if field.table and field.table not in dictionary.tables:
        near = nearest(field.table, list(dictionary.tables))
        raise DictionaryError(f"{where}: field {field.name!r} names the table {field.table!r}, which does not exist{near}")
    if field.transform == "map" and not field.values and not field.table:
        raise DictionaryError(
            f"{where}: field {field.name!r} has transform 'map' but no 'values'; list each source value and its counterpart"
        )
    if field.transform == "expression" and not field.expression:
        raise DictionaryError(f"{where}: field {field.name!r} has transform 'expression' but no 'expression'; write one")
    if field.when_empty() == "default" and field.default is None:
        raise DictionaryError(f"{where}: field {field.name!r} has empty 'default' but no 'default'; write one")
    _check_notation(field, where)
    if field.target().of is not None:
        raise DictionaryError(f"{where}: field {field.name!r} would write a sum; only the system of record's side may have 'of'")


def _check_notation(field: FieldMap, where: str) -> None:
    """Expressions and zones: what only their own readers can judge."""
    if field.transform == "expression":
        try:
            compiled(field.expression)
        except ExpressionError as error:
            raise DictionaryError(f"{where}: field {field.name!r}: the expression {error}") from None
    for side in (field.crm, field.erp):
        try:
            if side.zone:
                ZoneInfo(side.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            near = nearest(side.zone, sorted(available_timezones()))
            near = near if "did you mean" in near else "; write an IANA name such as Europe/Berlin"
            raise DictionaryError(f"{where}: field {field.name!r}: there is no time zone {side.zone!r}{near}") from None
        if side.places is not None and not 0 <= side.places <= PLACES_MAX:
            raise DictionaryError(f"{where}: field {field.name!r}: {side.places} places; write 0 to {PLACES_MAX}")
    if field.rounding is not None and abs(field.rounding.places) > PLACES_MAX:
        raise DictionaryError(f"{where}: field {field.name!r}: rounding to {field.rounding.places} places; at most {PLACES_MAX}")


def _check_process(dictionary: Dictionary, process: Process, source: str, entities: list[str]) -> None:
    where = f"{source}: process {process.name!r}"
    if [each.name for each in dictionary.processes].count(process.name) > 1:
        raise DictionaryError(f"{where} is defined twice; give each process a name of its own")
    for place, name in (("trigger", process.trigger.entity), *((f"action {each.do!r}", each.entity) for each in process.actions)):
        if name not in entities:
            raise DictionaryError(f"{where}: {place} names the entity {name!r}, which does not exist{nearest(name, entities)}")
    entity = dictionary.entity(process.trigger.entity)
    known = [field.name for field in entity.fields] + (["Lines"] if entity.lines is not None else [])
    for name in process.trigger.fields:
        if name not in known:
            raise DictionaryError(f"{where}: the trigger's field {name!r} is no field of {entity.name!r}{nearest(name, known)}")
    if process.trigger.related and process.trigger.related not in entity.related:
        near = nearest(process.trigger.related, list(entity.related))
        raise DictionaryError(f"{where}: the trigger's related {process.trigger.related!r} is not in 'related'{near}")
    if not process.actions:
        raise DictionaryError(f"{where} does nothing; list at least one action")
