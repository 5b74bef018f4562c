"""From a file to a checked dictionary. YAML (`docs/reference/dictionary.md`), described by the JSON Schema of `json_schema`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import yaml

from sync_engine.dictionary import model
from sync_engine.dictionary.bindings import bound
from sync_engine.dictionary.model import Dictionary, DictionaryError, Entity, FieldMap, Process, nearest

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same safe subset, ten times as fast where libyaml is there


def load(path: Path, crm: str | None = None, erp: str | None = None) -> Dictionary:
    """Read and check a dictionary file, for the vendors that it names or for those that are asked for.

    Raises DictionaryError with the file, the line where YAML knows one, and the place.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DictionaryError(f"{path}: there is no such file; name an existing data dictionary (YAML)") from None
    except (OSError, UnicodeDecodeError) as error:
        raise DictionaryError(f"{path}: cannot be read: {error}") from None
    return parse(text, str(path), crm, erp)


def parse(text: str, source: str = "dictionary", crm: str | None = None, erp: str | None = None) -> Dictionary:
    try:
        data = yaml.load(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{source}:{mark.line + 1}" if mark is not None else source
        problem = getattr(error, "problem", None) or str(error)
        raise DictionaryError(f"{where}: not valid YAML: {problem}") from None
    try:
        dictionary = msgspec.convert(data, Dictionary)
    except msgspec.ValidationError as error:
        raise DictionaryError(f"{source}: {error}{_hint(str(error))}") from None
    dictionary = bound(dictionary, crm, erp, source)
    _check(dictionary, source)
    return dictionary


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the file format, for editors."""
    return msgspec.json.schema(Dictionary)


def _check(dictionary: Dictionary, source: str) -> None:
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
    if field.target().of is not None:
        raise DictionaryError(f"{where}: field {field.name!r} would write a sum; only the system of record's side may have 'of'")


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


def _hint(message: str) -> str:
    """Name the nearest known key for msgspec's 'unknown field' message."""
    if "unknown field" not in message:
        return ""
    name = message.split("`")[1]
    kinds = [each for each in vars(model).values() if isinstance(each, type) and issubclass(each, msgspec.Struct)]
    return nearest(name, sorted({field for kind in kinds for field in kind.__struct_fields__}))
