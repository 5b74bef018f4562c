"""The data dictionary: every field that flows between the two systems, as data. This module only reads and checks it.

The file is YAML (`docs/reference/dictionary.md`; JSON Schema from `json_schema()`). Oracles read the same parsed dictionary
and evaluate it with code of their own, so that a mapping bug here cannot hide there.
"""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any, Literal

import msgspec
import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same safe subset, ten times as fast where libyaml is there

System = Literal["crm", "erp"]
FieldType = Literal["text", "decimal", "integer", "percent", "date", "boolean", "choice"]
Transform = Literal["same", "trim", "map", "lower"]


class DictionaryError(ValueError):
    """The file is not a data dictionary. The text says where, what was expected, the nearest known name and what to do."""


class Side(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One end of a mapping. `of` names a related set of the entity (`invoices`); the value is then the sum of `field`
    over it, less the sum of `minus` if that is given."""

    field: str
    type: FieldType = "text"
    of: str | None = None
    minus: str | None = None
    custom: bool = False  # the integration has to create this field
    label: str = ""
    length_max: int | None = None


class FieldMap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One value that flows. It flows from its `owner` (the system of record) to the other system.

    `derived`: the target computes the value itself (an order's total from its lines); the engine never writes it, and it must
    still agree. `frozen_after_create`: later changes in the owner are not carried over (they need a process of their own).
    """

    name: str
    owner: System
    crm: Side
    erp: Side
    transform: Transform = "same"
    values: dict[str, str] = {}
    default: str | None = None
    derived: bool = False
    frozen_after_create: bool = False

    def source(self) -> Side:
        return self.crm if self.owner == "crm" else self.erp

    def target(self) -> Side:
        return self.erp if self.owner == "crm" else self.crm


class Binding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where an entity lives in one system: the vendor's kind of record, and the field that holds the other system's id."""

    kind: str
    link_field: str
    link_label: str = ""
    constants: dict[str, Any] = {}


class Lines(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The positions of an entity: a kind of associated record in the CRM, a child table in the ERP, matched in order."""

    crm_kind: str
    erp_table: str
    fields: tuple[FieldMap, ...]


class Related(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Submitted ERP documents of the entity's ERP record: those whose `through` (`items.sales_order`) is its id."""

    kind: str
    through: str


class Entity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that exists in both systems. `when` says which CRM records have a counterpart at all (all, if empty).

    `error_field` is the CRM field in which the integration tells people that a record does not sync.
    """

    name: str
    crm: Binding
    erp: Binding
    fields: tuple[FieldMap, ...]
    when: dict[str, str] = {}
    lines: Lines | None = None
    related: dict[str, Related] = {}
    error_field: str = ""
    belongs_to: dict[str, str] = {}  # entity name → ERP field that refers to its record

    def field(self, name: str) -> FieldMap:
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)


class Dictionary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole dictionary. `settings` are constants of the ERP company (company, warehouse, tax rows, …)."""

    syncproof_dictionary: Literal[1]
    name: str
    crm: str
    erp: str
    currency: str
    entities: tuple[Entity, ...]
    settings: dict[str, Any] = {}

    def entity(self, name: str) -> Entity:
        for entity in self.entities:
            if entity.name == name:
                return entity
        known = [entity.name for entity in self.entities]
        raise DictionaryError(f"the dictionary {self.name!r} has no entity {name!r}{_nearest(name, known)}")


def load(path: Path) -> Dictionary:
    """Read and check a dictionary file. Raises DictionaryError with the file, the line where YAML knows one, and the place."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DictionaryError(f"{path}: there is no such file; name an existing data dictionary (YAML)") from None
    except (OSError, UnicodeDecodeError) as error:
        raise DictionaryError(f"{path}: cannot be read: {error}") from None
    return parse(text, str(path))


def parse(text: str, source: str = "dictionary") -> Dictionary:
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
                raise DictionaryError(f"{where}: belongs_to names {other!r}, which is no entity{_nearest(other, names)}")
        written: dict[str, str] = {}
        for field in entity.fields:
            _check_field(entity, field, where)
            target = f"{'erp' if field.owner == 'crm' else 'crm'}.{field.target().field}"
            if target in written:
                raise DictionaryError(
                    f"{where}: {field.name!r} and {written[target]!r} both write {target}; a field has one system of record"
                )
            written[target] = field.name


def _check_field(entity: Entity, field: FieldMap, where: str) -> None:
    for side in (field.crm, field.erp):
        if side.of is not None and side.of not in entity.related:
            near = _nearest(side.of, list(entity.related))
            raise DictionaryError(f"{where}: field {field.name!r} sums over {side.of!r}, which is not in 'related'{near}")
    if field.transform == "map" and not field.values:
        raise DictionaryError(
            f"{where}: field {field.name!r} has transform 'map' but no 'values'; list each source value and its counterpart"
        )
    if field.target().of is not None:
        raise DictionaryError(f"{where}: field {field.name!r} would write a sum; only the system of record's side may have 'of'")


def _nearest(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known: {', '.join(sorted(known)) or 'none'}"


def _hint(message: str) -> str:
    """Name the nearest known key for msgspec's 'unknown field' message."""
    if "unknown field" not in message:
        return ""
    name = message.split("`")[1]
    known = sorted(
        {field for kind in (Dictionary, Entity, FieldMap, Binding, Lines, Related, Side) for field in kind.__struct_fields__}
    )
    return _nearest(name, known)
