"""How many records one record may be linked to, where an account says so: per direction and association type.

The store's kind `association_limits` holds them under `0-3>0-1/341`. A limit of the plain type counts all links of a direction. The
text of the refusal, and that it is a 400, are our guess. Source: facts section 9.1, the vendor's document associations_schema_v4.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fake_crm.hubspot.errors import validation
from fake_crm.hubspot.model.association_types import AssociationType, AssociationTypes
from fake_crm.hubspot.model.standard_types import ObjectType
from harness.kit.records import Record, RecordStore

KIND = "association_limits"


class LinkLimits:
    def __init__(self, store: RecordStore, types: AssociationTypes) -> None:
        self._store, self._types = store, types
        store.define(KIND, indexes=("pair",))

    def get(self, kind: AssociationType) -> int | None:
        record = self._store.get(KIND, _key(kind))
        return None if record is None else int(record.fields["most"])

    def put(self, kind: AssociationType, most: int) -> None:
        fields: dict[str, Any] = {"pair": _pair(kind.source, kind.target), "type": kind.id, "most": most}
        if self._store.get(KIND, _key(kind)) is None:
            self._store.insert(KIND, _key(kind), fields)
        else:
            self._store.update(KIND, _key(kind), fields)

    def remove(self, kind: AssociationType) -> None:
        if self._store.get(KIND, _key(kind)) is not None:
            self._store.delete(KIND, _key(kind))

    def all(self) -> Iterator[tuple[AssociationType, int]]:
        """Every limit with its type, in the order they were set."""
        for record in self._store.all(KIND):
            kind = self._types.get(record.fields["type"])
            if kind is not None:
                yield kind, record.fields["most"]

    def of(self, source: ObjectType, target: ObjectType) -> list[tuple[AssociationType, int]]:
        """The limits of one direction."""
        found = []
        for record in self._store.where(KIND, "pair", _pair(source, target)):
            kind = self._types.get(record.fields["type"])
            if kind is not None:
                found.append((kind, int(record.fields["most"])))
        return found

    def check(self, source: ObjectType, target: ObjectType, target_id: str, types: set[int], links: list[Record]) -> None:
        """Whether one record, with these links, may get another with these types. Raises HubSpotError 400."""
        for kind, most in self.of(source, target):
            if kind.id in types and kind.label != "Primary":  # a new primary one takes the old one's place
                holders = {link.fields["to_id"] for link in links if kind.id in link.fields["types"]}
                if len(holders | {target_id}) > most:
                    words = f"label '{kind.label}'" if kind.label else f"records of type {target.type_id}"
                    raise validation(
                        f"A record of type {source.type_id} can be associated with at most {most} {words}.",
                        subCategory="crm.associations.ASSOCIATION_LIMIT_EXCEEDED",
                    )

    def __bool__(self) -> bool:
        return self._store.count(KIND) > 0


def _pair(source: ObjectType, target: ObjectType) -> str:
    return f"{source.type_id}>{target.type_id}"


def _key(kind: AssociationType) -> str:
    return f"{_pair(kind.source, kind.target)}/{kind.id}"
