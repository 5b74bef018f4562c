"""From a file to a checked dictionary. YAML (`docs/reference/dictionary.md`), described by the JSON Schema of `json_schema`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import msgspec.inspect
import yaml
from msgspec.structs import replace

from sync_engine.dictionary import model
from sync_engine.dictionary.bindings import bound
from sync_engine.dictionary.checking import check
from sync_engine.dictionary.model import Dictionary, DictionaryError, Entity, FieldMap, nearest
from sync_engine.dictionary.places import line_of

DEPTH_MAX = 50
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
        raise DictionaryError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    return parse(text, str(path), crm, erp)


def parse(text: str, source: str = "dictionary", crm: str | None = None, erp: str | None = None) -> Dictionary:
    try:
        _check_depth(text, source)
        data = yaml.load(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{source}:{mark.line + 1}" if mark is not None else source
        problem = getattr(error, "problem", None) or " ".join(str(error).split())
        raise DictionaryError(f"{where}: not valid YAML: {problem}") from None
    except DictionaryError:
        raise
    except (ValueError, RecursionError) as error:  # a date that is none, a value that contains itself
        raise DictionaryError(f"{source}: not valid YAML: {error}") from None
    try:
        dictionary = msgspec.convert(data, Dictionary)
    except msgspec.ValidationError as error:
        line = line_of(text, str(error))
        where = f"{source}:{line}" if line else source
        raise DictionaryError(f"{where}: {error}{_hint(str(error))}") from None
    dictionary = bound(dictionary, crm, erp, source)
    check(dictionary, source)
    return replace(dictionary, entities=tuple(_with_tables(entity, dictionary.tables) for entity in dictionary.entities))


def _check_depth(text: str, source: str) -> None:
    """The parser takes one step at a time, but building values goes down with them, and would take the whole process along."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEPTH_MAX:
                line = event.start_mark.line + 1 if event.start_mark is not None else 1
                raise DictionaryError(f"{source}:{line}: nested more than {DEPTH_MAX} deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the file format, for editors."""
    return msgspec.json.schema(Dictionary)


def _with_tables(entity: Entity, tables: Mapping[str, Mapping[str, str]]) -> Entity:
    """Fields that name a table get its pairs; what they say themselves goes before it."""

    def filled(fields: tuple[FieldMap, ...]) -> tuple[FieldMap, ...]:
        return tuple(replace(each, values={**tables[each.table], **each.values}) if each.table else each for each in fields)

    lines = replace(entity.lines, fields=filled(entity.lines.fields)) if entity.lines is not None else None
    return replace(entity, fields=filled(entity.fields), lines=lines)


def _hint(message: str) -> str:
    """What msgspec's message leaves out: the nearest known key or word, and what YAML does with bare words."""
    if message.startswith("Invalid enum value"):
        return _known_words(message)
    if "Expected `str" in message and "`, got" in message:
        return (
            "; YAML reads a bare yes, no, on, off, true or false as a truth value, 10 as a number and 2026-09-30 as a date:"
            " put quotes around it where a text is meant"
        )
    if "unknown field" not in message:
        return ""
    name = message.split("`")[1]
    kinds = [each for each in vars(model).values() if isinstance(each, type) and issubclass(each, msgspec.Struct)]
    return nearest(name, sorted({field for kind in kinds for field in kind.__struct_fields__}))


def _known_words(message: str) -> str:
    """The words that the key takes whose place ends the message; of all keys with that name, the one whose words come nearest."""
    value, key = message.split("'")[1], re.sub(r"\[[^]]*\]", "", message.rpartition("`$")[2].rstrip("`")).rpartition(".")[2]
    kinds = [each for each in vars(model).values() if isinstance(each, type) and issubclass(each, msgspec.Struct)]
    fields = [each for kind in kinds for each in msgspec.inspect.type_info(kind).fields if each.name == key]  # type: ignore[attr-defined]
    words: set[str] = set()
    for each in fields:
        of = each.type.types if isinstance(each.type, msgspec.inspect.UnionType) else (each.type,)
        words |= {str(word) for one in of if isinstance(one, msgspec.inspect.LiteralType) for word in one.values}
    return nearest(value, sorted(words)) if words else ""
