"""Object types: the standard ones, and the custom ones of an account; what a path may call them.

Source: facts sections 5.1 (ids and names), 10.4 (custom objects). What each returns unasked and needs on creation is in
`standard_types.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fake_crm.hubspot.errors import HubSpotError, not_modelled
from fake_crm.hubspot.model.standard_types import (
    BY_NAME,
    NOT_MODELLED,
    NOT_MODELLED_BY_NAME,
    STANDARD,
    ObjectType,
)
from harness.kit.records import RecordStore

KIND = "schemas"  # the store's kind for custom object definitions: id `2-4410077`, field `schema` the wire row
_KNOWN = {name: f"{names[0]} ({type_id})" for type_id, names in NOT_MODELLED.items() for name in (type_id, *names)}
_KNOWN.update(dict.fromkeys(NOT_MODELLED_BY_NAME, NOT_MODELLED_BY_NAME[0]))
CUSTOM_DEFAULTS = ("hs_createdate", "hs_lastmodifieddate", "hs_object_id")


def is_object_kind(kind: str) -> bool:
    """Whether a kind of the store holds CRM objects: a standard type's plural, or a custom one's `p48211907_rental`."""
    return kind in BY_NAME or (kind[0] == "p" and kind[1:2].isdigit())


def custom_type(row: dict[str, Any]) -> ObjectType:
    """The type a schema defines. Its records are stored under the fully qualified name."""
    name = row["fullyQualifiedName"]
    return ObjectType(
        row["objectTypeId"],
        name,
        name,
        row["labels"]["singular"],
        name,
        "hs_lastmodifieddate",
        CUSTOM_DEFAULTS,
        required=tuple(row["requiredProperties"]),
        searchable=tuple(row["searchableProperties"]),
        created="hs_createdate",
        pipeline=("hs_pipeline", "hs_pipeline_stage"),
    )


class Types:
    """All types of one account. A custom type is one object as long as its schema stays the same."""

    def __init__(self, store: RecordStore) -> None:
        self._store = store
        self._custom: dict[str, tuple[dict[str, Any], ObjectType]] = {}
        store.define(KIND)

    def resolve(self, name: str) -> ObjectType:
        """The type a path segment names, singular or plural or id, in any case.

        Raises HubSpotError: 400 unknown, 501 not modelled. The bare name of a custom object is none (facts 4.2).
        """
        found = self.find(name)
        if found is not None:
            return found
        lowered = name.lower()
        if lowered in _KNOWN:
            raise not_modelled(f"the object type {_KNOWN[lowered]}")
        group, dash, number = name.partition("-")
        if dash and group.isdigit() and number.isdigit():
            raise HubSpotError(400, f"Invalid object or event type id: {name}")
        raise HubSpotError(400, f"Unable to infer object type from: {name}")

    def find(self, name: str) -> ObjectType | None:
        """Like `resolve`, but None instead of an error. Takes the store's kind of a type as well."""
        found = BY_NAME.get(name)
        if found is not None:
            return found
        lowered = name.lower()
        return BY_NAME.get(lowered) or self._find_custom(lowered)

    def custom(self) -> Iterator[ObjectType]:
        for record in self._store.all(KIND):
            if not record.archived:
                yield self._compiled(record.fields["schema"])

    def all(self) -> Iterator[ObjectType]:
        yield from STANDARD
        yield from self.custom()

    def _find_custom(self, name: str) -> ObjectType | None:
        record = self._store.get(KIND, name)
        if record is not None:
            return None if record.archived else self._compiled(record.fields["schema"])
        if name[:1] != "p":
            return None
        return next((each for each in self.custom() if name == each.plural.lower() or name == _short(each.plural)), None)

    def _compiled(self, row: dict[str, Any]) -> ObjectType:
        held = self._custom.get(row["objectTypeId"])
        if held is None or held[0] is not row:
            held = self._custom[row["objectTypeId"]] = (row, custom_type(row))
        return held[1]


def _short(name: str) -> str:
    """`p48211907_rental` as `p_rental`, the form without the portal's id."""
    return "p_" + name.partition("_")[2].lower()
