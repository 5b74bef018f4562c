"""A dictionary as a table: one row a field, in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final, NamedTuple

from sync_engine.dictionary.model import Dictionary, Entity, FieldMap, Side

_CONFLICTS: Final = {"owner": "the system of record wins", "newest": "the newest edit wins", "ask": "a person decides"}
_EMPTY: Final = {"clear": "", "keep": "nothing keeps the old value", "default": "nothing becomes {default!r}"}
_TRANSFORMS: Final = {"same": "", "trim": "outer blanks removed", "lower": "lower case", "upper": "upper case"}
_PAIRS_MAX: Final = 4


class Row(NamedTuple):
    """One field, in the words of a table."""

    entity: str
    field: str
    system_of_record: str
    direction: str
    crm_field: str
    crm_type: str
    erp_field: str
    erp_type: str
    transformation: str
    conflict: str


HEAD: Final = tuple(name.replace("_", " ").replace("crm", "CRM").replace("erp", "ERP") for name in Row._fields)


def rows(dictionary: Dictionary) -> Iterator[Row]:
    for entity in dictionary.entities:
        for field in entity.fields:
            yield _row(entity, field, entity.name)
        for field in entity.lines.fields if entity.lines is not None else ():
            yield _row(entity, field, f"{entity.name}, line")


def _row(entity: Entity, field: FieldMap, name: str) -> Row:
    arrow = "CRM ⇄ ERP" if field.both_ways else "CRM → ERP" if field.owner == "crm" else "CRM ← ERP"
    conflict = _CONFLICTS[field.conflict] if field.both_ways else ""
    ends = (_end(entity, field.crm), _type(field.crm), _end(entity, field.erp), _type(field.erp))
    return Row(name, field.name, field.owner.upper(), arrow, *ends, words(field), conflict)


def _end(entity: Entity, side: Side) -> str:
    if side.of is None:
        return side.field
    kind = entity.related[side.of].kind
    return f"sum of {kind}.{side.field}" + (f" − {side.minus}" if side.minus else "")


def _type(side: Side) -> str:
    extras = [
        f"{side.places} places" if side.places is not None else "",
        f"up to {side.length_max} characters" if side.length_max is not None else "",
        side.zone,
        "required" if side.required else "",
        "custom" if side.custom else "",
    ]
    found = ", ".join(each for each in extras if each)
    return f"{side.type} ({found})" if found else side.type


def words(field: FieldMap) -> str:
    """What happens to a value on its way."""
    parts = [_transform(field)]
    if field.shift_days:
        parts.append(f"{field.shift_days:+d} days")
    if field.rounding is not None:
        parts.append(f"rounded to {field.rounding.places} places ({field.rounding.mode.replace('_', ' ')})")
    parts.append(_EMPTY[field.when_empty()].format(default=field.default))
    if field.derived:
        parts.append("computed by the target, must agree")
    if field.frozen_after_create:
        parts.append("once, when it is created")
    return "; ".join(each for each in parts if each) or "as it is"


def _transform(field: FieldMap) -> str:
    if field.transform == "expression":
        return field.expression
    if field.transform != "map":
        return _TRANSFORMS[field.transform]
    pairs = [f"{key} → {value}" for key, value in field.values.items()]
    shown = ", ".join(pairs[:_PAIRS_MAX]) + (f" and {len(pairs) - _PAIRS_MAX} more" if len(pairs) > _PAIRS_MAX else "")
    return f"table {field.table}: {shown}" if field.table else shown


def as_markdown(dictionary: Dictionary) -> str:
    lines = ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
    for row in rows(dictionary):
        lines.append("| " + " | ".join(_cell(each) for each in row) + " |")
    return "\n".join(lines)


def _cell(text: str) -> str:
    for sign in "\\|<*_`":
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\n", " ")


def as_json(dictionary: Dictionary) -> str:
    return json.dumps([row._asdict() for row in rows(dictionary)], indent=2, ensure_ascii=False)
