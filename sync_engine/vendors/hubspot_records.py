"""Records of HubSpot as the engine knows them, and how they are read from replies (contract: hubspot/facts.md sections 4, 9)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sync_engine.outcomes import VendorError

Related = Mapping[str, Sequence[tuple[str, str]]]
PRIMARY = "primary"
DEFAULT_TYPES = {  # HUBSPOT_DEFINED association types without a label, facts 9.5
    ("contacts", "companies"): 279,
    ("companies", "contacts"): 280,
    ("deals", "contacts"): 3,
    ("contacts", "deals"): 4,
    ("deals", "companies"): 341,
    ("companies", "deals"): 342,
    ("deals", "line_items"): 19,
    ("line_items", "deals"): 20,
}

MERGED_IDS = "hs_merged_object_ids"


@dataclass(frozen=True, slots=True)
class CrmRecord:
    """One record. `id` may differ from the id asked for: the record was merged.

    `related`: kind → (id, association type), in id order. A type that is empty or ends with `_unlabeled` is not the primary one.
    """

    kind: str
    id: str
    properties: Mapping[str, str | None]
    related: Related

    @property
    def merged_ids(self) -> list[str]:
        """The ids of records that were merged into this one; only where MERGED_IDS was asked for."""
        return [id for text in self.get(MERGED_IDS).split(";") if (id := text.strip()) and id != self.id]

    def get(self, name: str) -> str:
        """The value, or an empty text."""
        return self.properties.get(name) or ""

    def ids(self, kind: str) -> list[str]:
        """Associated record ids without repetition: a primary company is listed twice."""
        return list(dict.fromkeys(id for id, _ in self.related.get(kind, ())))


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record to create; `related`: kind → ids to associate it with, by the plain association type."""

    properties: Mapping[str, str]
    related: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(slots=True)
class Written:
    """How a batch of writes ended, record by record: each id is in one of the two. NotFound: the record is gone."""

    done: dict[str, CrmRecord] = field(default_factory=dict)
    failed: dict[str, VendorError] = field(default_factory=dict)


def record_in(kind: str, row: Mapping[str, Any]) -> CrmRecord:
    related: dict[str, list[tuple[str, str]]] = {}
    for key, value in (row.get("associations") or {}).items():
        pairs = [(str(entry["id"]), str(entry.get("type", ""))) for entry in value.get("results", ())]
        related[key.replace(" ", "_")] = sorted(pairs, key=by_id)  # line items come back as "line items"
    return CrmRecord(kind, str(row["id"]), row.get("properties") or {}, related)


def by_id(pair: tuple[str, str]) -> tuple[int, str]:
    """Ids grow with creation: the order in which a person entered the positions. Lists have no stable order of their own."""
    return (int(pair[0]) if pair[0].isdigit() else 0, pair[1])


def links_in(rows: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """(id, type) of v4 association rows: `primary`, or empty; other labels are not told apart."""
    found = []
    for row in rows:
        labels = [each.get("label") for each in row.get("associationTypes", ()) if each.get("category") == "HUBSPOT_DEFINED"]
        found.append((str(row["toObjectId"]), PRIMARY if "Primary" in labels else ""))
    return found


def input_of(kind: str, new: NewRecord) -> dict[str, Any]:
    """The body of a create. Raises ValueError for a pair of kinds whose association type is not known."""
    links = []
    for other, ids in new.related.items():
        number = DEFAULT_TYPES.get((kind, other))
        if number is None:
            raise ValueError(f"no association type is known from {kind} to {other}")
        types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": number}]
        links += [{"to": {"id": id}, "types": types} for id in ids]
    return {"properties": dict(new.properties), "associations": links}


def has_more(row: Mapping[str, Any], kind: str) -> bool:
    """Whether the record's own reply shows only the first of its associations."""
    associations = row.get("associations") or {}
    block = associations.get(kind) or associations.get(kind.replace("_", " ")) or {}
    return bool((block.get("paging") or {}).get("next"))


def after_in(body: Mapping[str, Any]) -> str | None:
    """Where the next page starts."""
    following = (body.get("paging") or {}).get("next") or {}
    after = following.get("after")
    return str(after) if after is not None else None
