"""Associations as the store keeps them: both directions of every link, each a record of the kind `associations`.

A record's id is `0-3:123>0-2:456`; its fields are `pair` (`0-3:123>0-2`, indexed), `from_id`, `to_id` and `types` (ids, ascending).
Every link carries its plain type; a primary company is one more type, and at most one per contact or deal. Source: facts 9.4.
"""

from __future__ import annotations

from collections.abc import Iterable

from fake_crm.hubspot.model.association_types import AssociationTypes
from fake_crm.hubspot.model.standard_types import COMPANIES, ObjectType
from fake_crm.hubspot.settings import Settings
from fake_crm.hubspot.wire import wire_time
from harness.kit.clock import Clock
from harness.kit.records import Record, RecordStore

KIND = "associations"
# (owner, counted) → the owner's property: a change of it moves the owner's modification time and nothing else one can see
COUNTS = {
    ("deals", "contacts"): "num_associated_contacts",
    ("deals", "line_items"): "hs_num_of_associated_line_items",
    ("companies", "contacts"): "num_associated_contacts",
    ("companies", "deals"): "num_associated_deals",
    ("contacts", "deals"): "num_associated_deals",
}


class Links:
    def __init__(self, store: RecordStore, clock: Clock, settings: Settings, types: AssociationTypes) -> None:
        self._store, self._clock, self._settings, self._types = store, clock, settings, types
        store.define(KIND, indexes=("pair",))

    # -- reading --------------------------------------------------------------------------------------------------

    def of(self, source: ObjectType, source_id: str, target: ObjectType) -> list[Record]:
        """Links from one record to live records of a type, oldest first. Costs as many steps as the record has such links."""
        store, kind = self._store, target.plural
        found = store.where(KIND, "pair", f"{source.type_id}:{source_id}>{target.type_id}")
        return [link for link in found if (other := store.get(kind, link.fields["to_id"])) is not None and not other.archived]

    def between(self, source: ObjectType, source_id: str, target: ObjectType, target_id: str) -> Record | None:
        return self._store.get(KIND, f"{source.type_id}:{source_id}>{target.type_id}:{target_id}")

    # -- writing --------------------------------------------------------------------------------------------------

    def put(self, source: ObjectType, source_id: str, target: ObjectType, target_id: str, types: Iterable[int]) -> None:
        """Link two live records with exactly these types and the plain one. Repeating changes nothing."""
        plain = self._types.plain(source, target)
        wanted = set(types) if plain is None else {plain.id, *types}
        primary = self._types.primary(source, target)
        if primary is not None:
            if primary.id not in wanted and self._becomes_primary(source, source_id, target, target_id):
                wanted.add(primary.id)
            if primary.id in wanted:
                self._demote_others(source, source_id, target, target_id)
        is_new = self._write(source, source_id, target, target_id, wanted)
        if (source, source_id) != (target, target_id):
            self._write(target, target_id, source, source_id, {self._types.inverse(each) for each in wanted})
        if is_new:
            self._count(source, source_id, target, target_id, +1)

    def delete(self, source: ObjectType, source_id: str, target: ObjectType, target_id: str) -> None:
        """Remove every type between the pair, both directions; nothing happens when there is none."""
        for one, one_id, other, other_id in ((source, source_id, target, target_id), (target, target_id, source, source_id)):
            link = self.between(one, one_id, other, other_id)
            if link is not None:
                self._store.delete(KIND, link.id)
                if one is source:
                    self._count(source, source_id, target, target_id, -1)

    def _write(self, source: ObjectType, source_id: str, target: ObjectType, target_id: str, types: set[int]) -> bool:
        pair = f"{source.type_id}:{source_id}>{target.type_id}"
        key = f"{pair}:{target_id}"
        if self._store.get(KIND, key) is not None:
            self._store.update(KIND, key, {"types": sorted(types)})
            return False
        self._store.insert(KIND, key, {"pair": pair, "from_id": source_id, "to_id": target_id, "types": sorted(types)})
        return True

    def _becomes_primary(self, source: ObjectType, source_id: str, target: ObjectType, target_id: str) -> bool:
        """Our guess: the first company of a contact or deal becomes its primary one, and stays it when written again."""
        if not self._settings.first_company_is_primary:
            return False
        owner, owner_id, company_id = (source, source_id, target_id) if target is COMPANIES else (target, target_id, source_id)
        primary = self._types.primary(owner, COMPANIES)
        links = self.of(owner, owner_id, COMPANIES)
        return primary is not None and not any(
            primary.id in link.fields["types"] and link.fields["to_id"] != company_id for link in links
        )

    def _demote_others(self, source: ObjectType, source_id: str, target: ObjectType, target_id: str) -> None:
        owner, owner_id, company_id = (source, source_id, target_id) if target is COMPANIES else (target, target_id, source_id)
        primary = self._types.primary(owner, COMPANIES)
        assert primary is not None
        for link in self.of(owner, owner_id, COMPANIES):
            types, other_id = set(link.fields["types"]), link.fields["to_id"]
            if other_id != company_id and primary.id in types:
                types.discard(primary.id)
                self._write(owner, owner_id, COMPANIES, other_id, types)
                self._write(COMPANIES, other_id, owner, owner_id, {self._types.inverse(each) for each in types})

    def _count(self, source: ObjectType, source_id: str, target: ObjectType, target_id: str, step: int) -> None:
        if not self._settings.count_associations:
            return
        for owner, owner_id, counted in ((source, source_id, target), (target, target_id, source)):
            name = COUNTS.get((owner.plural, counted.plural))
            record = self._store.get(owner.plural, owner_id) if name is not None else None
            if name is not None and record is not None:
                count = int(record.fields.get(name) or "0") + step
                touched = dict.fromkeys(("hs_lastmodifieddate", owner.modified), wire_time(self._clock.now()))
                self._store.update(owner.plural, owner_id, {name: str(count), **touched})
