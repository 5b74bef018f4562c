"""The data dictionary: its file format, and what can be done with one."""

from sync_engine.dictionary.model import (
    Action,
    Binding,
    Dictionary,
    DictionaryError,
    Entity,
    FieldMap,
    FieldType,
    Lines,
    Match,
    Process,
    Related,
    Rounding,
    Side,
    System,
    Transform,
    Trigger,
)
from sync_engine.dictionary.reading import json_schema, load, parse

__all__ = [
    "Action",
    "Binding",
    "Dictionary",
    "DictionaryError",
    "Entity",
    "FieldMap",
    "FieldType",
    "Lines",
    "Match",
    "Process",
    "Related",
    "Rounding",
    "Side",
    "System",
    "Transform",
    "Trigger",
    "json_schema",
    "load",
    "parse",
]
