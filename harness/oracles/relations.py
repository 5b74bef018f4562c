"""The records of both systems and what belongs to what: link fields, documents that refer to documents, associations.

Each index is built when it is first asked for, in one pass over the records of one kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from harness.kit.records import Record
from harness.oracles.history import History
from sync_engine.dictionary import Entity

CANCELLED: Final = 2
SUBMITTED: Final = 1


def is_live(record: Record) -> bool:
    """Neither archived nor cancelled."""
    return not record.archived and record.fields.get("docstatus", 0) != CANCELLED


def oldest_first(index: Mapping[Any, list[Record]]) -> None:
    """Sort each list by age, so that nothing depends on the order in which a store lists its records."""
    for records in index.values():
        if len(records) > 1:
            records.sort(key=lambda record: (record.created_at, record.id))


class LinkedRecords:
    """The records of one history as they stand at its end, found by what they refer to."""

    def __init__(self, history: History) -> None:
        self.history = history
        self._links: dict[str, dict[str, list[Record]]] = {}
        self._related: dict[tuple[str, str], dict[str, list[Record]]] = {}
        self._associations: dict[tuple[str, str], list[tuple[str, str]]] | None = None

    def all(self, system: str, kind: str) -> Iterable[Record]:
        return self.history.records.get(system, {}).get(kind, {}).values()

    def get(self, system: str, kind: str, record_id: str) -> Record | None:
        return self.history.records.get(system, {}).get(kind, {}).get(record_id)

    def linked(self, entity: Entity, crm_id: str) -> list[Record]:
        """Live ERP records whose link field holds this CRM id, oldest first."""
        index = self._links.get(entity.name)
        if index is None:
            index = self._links[entity.name] = {}
            for record in self.all("erp", entity.erp.kind):
                value = record.fields.get(entity.erp.link_field)
                if value not in (None, "") and is_live(record):
                    index.setdefault(str(value), []).append(record)
            oldest_first(index)
        return index.get(crm_id, [])

    def linked_ids(self, entity: Entity) -> dict[str, list[Record]]:
        """All live ERP records that carry a CRM id, by that id."""
        self.linked(entity, "")
        return self._links[entity.name]

    def related(self, entity: Entity, name: str, erp_id: str) -> list[Record]:
        """All documents of a related set (drafts and cancelled ones too), oldest first; each once, however many rows refer here."""
        relation = entity.related[name]
        index = self._related.get((entity.name, name))
        if index is None:
            index = self._related[(entity.name, name)] = {}
            for document in self.all("erp", relation.kind):
                for value in dict.fromkeys(_values_at(document, relation.through)):
                    index.setdefault(value, []).append(document)
            oldest_first(index)
        return index.get(erp_id, [])

    def associated(self, kind: str, record_id: str, other_kind: str) -> list[Record]:
        """Live CRM records of `other_kind` associated with this one, in the order of their ids."""
        if self._associations is None:
            self._associations = _read_associations(self)
        found = (
            self.get("crm", other_kind, other)
            for name, other in self._associations.get((kind, record_id), ())
            if name == other_kind
        )
        live = {record.id: record for record in found if record is not None and not record.archived}
        return [live[record_id] for record_id in sorted(live, key=_id_order)]


def _values_at(document: Record, through: str) -> Iterator[str]:
    """The texts at `items.sales_order` (a column of a child table) or `sales_order` (a field)."""
    table, dot, column = through.partition(".")
    if not dot:
        value = document.fields.get(table)
        if value not in (None, ""):
            yield str(value)
        return
    for row in document.fields.get(table) or ():
        value = row.get(column)
        if value not in (None, ""):
            yield str(value)


def _id_order(record_id: str) -> tuple[int, str]:
    """Numbers in numeric order before texts."""
    return (int(record_id), "") if record_id.isdigit() else (1 << 62, record_id)


# HubSpot names both ends of an association by type id; other vendors' links would be read here too.
_KIND_OF_TYPE: Final = {"0-1": "contacts", "0-2": "companies", "0-3": "deals", "0-7": "products", "0-8": "line_items"}


def _read_associations(records: LinkedRecords) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Links by (kind, id). A link is a record of the kind `associations` with an id such as `0-3:123>0-8:456`."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for link in records.all("crm", "associations"):
        if link.archived:
            continue
        source, _, target = link.id.partition(">")
        source_type, _, source_id = source.partition(":")
        target_type, _, target_id = target.partition(":")
        kind = _KIND_OF_TYPE.get(source_type, source_type)
        found.setdefault((kind, source_id), []).append((_KIND_OF_TYPE.get(target_type, target_type), target_id))
    return found
