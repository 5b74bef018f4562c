"""Associations as the store keeps them: both directions of every link, each a record of the kind `associations`.

A record's id is `0-3:123>0-2:456`; its fields are `pair` (`0-3:123>0-2`, indexed), `from_id`, `to_id` and `types` (ids, ascending).
Every link carries its plain type; a primary company is one more type, and at most one per contact or deal. Source: facts 9.4.
"""

from __future__ import annotations

from collections.abc import Iterable

from fake_crm.hubspot.model.association_types import AssociationType, AssociationTypes
from fake_crm.hubspot.model.link_limits import LinkLimits
from fake_crm.hubspot.model.standard_types import BY_KIND, COMPANIES, ObjectType
from fake_crm.hubspot.settings import Settings
from fake_crm.hubspot.wire import wire_time
from harness.kit.clock import Clock
from harness.kit.records import Record, RecordStore

KIND = "associations"
Linked = dict[tuple[ObjectType, str], frozenset[int]]  # types of links by what stands at their other end
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
        self.limits = LinkLimits(store, types)
        store.define(KIND, indexes=("pair",))

    # -- reading --------------------------------------------------------------------------------------------------

    def of(self, source: ObjectType, source_id: str, target: ObjectType) -> list[Record]:
        """Links from one record to live records of a type, oldest first. Costs as many steps as the record has such links."""
        store, kind = self._store, target.plural
        found = store.where(KIND, "pair", f"{source.type_id}:{source_id}>{target.type_id}")
        return [link for link in found if (other := store.get(kind, link.fields["to_id"])) is not None and not other.archived]

    def between(self, source: ObjectType, source_id: str, target: ObjectType, target_id: str) -> Record | None:
        return self._store.get(KIND, f"{source.type_id}:{source_id}>{target.type_id}:{target_id}")

    def all_of(self, source: ObjectType, source_id: str, targets: Iterable[ObjectType]) -> Linked:
        """Every link of a record, those to archived ones included, oldest first within a type."""
        return {
            (target, link.fields["to_id"]): frozenset(link.fields["types"])
            for target in targets
            for link in self._store.where(KIND, "pair", f"{source.type_id}:{source_id}>{target.type_id}")
        }

    # -- writing --------------------------------------------------------------------------------------------------

    def put(self, source: ObjectType, source_id: str, target: ObjectType, target_id: str, types: Iterable[int]) -> None:
        """Link two live records with exactly these types and the plain one. Repeating changes nothing.

        Raises HubSpotError 400, and nothing is changed, where the account limits how many there may be.
        """
        plain = self._types.plain(source, target)
        wanted = set(types) if plain is None else {plain.id, *types}
        primary = self._types.primary(source, target)
        if primary is not None and primary.id not in wanted and self._becomes_primary(source, source_id, target, target_id):
            wanted.add(primary.id)
        if self.limits:
            self._check_limits(source, source_id, target, target_id, wanted)
        if primary is not None and primary.id in wanted:
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

    def put_all(self, source: ObjectType, source_id: str, linked: Linked) -> None:
        for (target, target_id), types in linked.items():
            self.put(source, source_id, target, target_id, types)

    def delete_all(self, source: ObjectType, source_id: str, linked: Linked) -> None:
        for target, target_id in linked:
            self.delete(source, source_id, target, target_id)

    # -- records that go to the bin and come back -----------------------------------------------------------------

    def left(self, kind: ObjectType, record_id: str) -> None:
        """A record is about to be archived: those it is linked to have one fewer."""
        for owner in _COUNTED_BY.get(kind.plural, ()):
            for link in self.of(kind, record_id, owner):
                self._add(owner, link.fields["to_id"], COUNTS[(owner.plural, kind.plural)], -1)

    def came_back(self, kind: ObjectType, record_id: str) -> None:
        """A record is live again: counts follow, and nobody has two primary companies."""
        for owner in _COUNTED_BY.get(kind.plural, ()):
            for link in self.of(kind, record_id, owner):
                self._add(owner, link.fields["to_id"], COUNTS[(owner.plural, kind.plural)], +1)
        own = {counted: name for (owner_kind, counted), name in COUNTS.items() if owner_kind == kind.plural}
        record = self._store.get(kind.plural, record_id)
        for counted, name in own.items():
            missing = len(self.of(kind, record_id, BY_KIND[counted])) - int((record and record.fields.get(name)) or "0")
            if missing:
                self._add(kind, record_id, name, missing)
        if kind is COMPANIES:
            self._yield_primary(record_id)

    def _yield_primary(self, company_id: str) -> None:
        """Whoever found another primary company meanwhile keeps that one (our guess)."""
        for owner in BY_KIND.values():
            primary = self._types.primary(owner, COMPANIES)
            for link in self.of(COMPANIES, company_id, owner) if primary is not None and owner is not COMPANIES else ():
                others = self.of(owner, link.fields["to_id"], COMPANIES)
                if primary is not None and sum(primary.id in each.fields["types"] for each in others) > 1:
                    types = set(link.fields["types"]) - {primary.inverse}
                    self._write(COMPANIES, company_id, owner, link.fields["to_id"], types)
                    back = {self._types.inverse(each) for each in types}
                    self._write(owner, link.fields["to_id"], COMPANIES, company_id, back)

    # -- inside ---------------------------------------------------------------------------------------------------

    def drop(self, source: ObjectType, source_id: str, target: ObjectType, target_id: str, types: Iterable[int]) -> None:
        """Take types from a link; without its plain one it is gone. Nothing happens to types it does not have (facts 9.4)."""
        link = self.between(source, source_id, target, target_id)
        if link is None:
            return
        left, plain = set(link.fields["types"]) - set(types), self._types.plain(source, target)
        if not left or (plain is not None and plain.id not in left):
            self.delete(source, source_id, target, target_id)
        elif len(left) < len(link.fields["types"]):
            self._write(source, source_id, target, target_id, left)
            if (source, source_id) != (target, target_id):
                self._write(target, target_id, source, source_id, {self._types.inverse(each) for each in left})

    def forget(self, kind: AssociationType) -> None:
        """Take a type from all links: before it is removed. Costs as many steps as there are links."""
        start, end = f"{kind.source.type_id}:", f">{kind.target.type_id}"
        for link in list(self._store.all(KIND)):
            pair = link.fields["pair"]
            if pair.startswith(start) and pair.endswith(end) and kind.id in link.fields["types"]:
                self.drop(kind.source, link.fields["from_id"], kind.target, link.fields["to_id"], [kind.id])

    def _write(self, source: ObjectType, source_id: str, target: ObjectType, target_id: str, types: set[int]) -> bool:
        pair = f"{source.type_id}:{source_id}>{target.type_id}"
        key = f"{pair}:{target_id}"
        if self._store.get(KIND, key) is not None:
            self._store.update(KIND, key, {"types": sorted(types)})
            return False
        self._store.insert(KIND, key, {"pair": pair, "from_id": source_id, "to_id": target_id, "types": sorted(types)})
        return True

    def _check_limits(self, source: ObjectType, source_id: str, target: ObjectType, target_id: str, wanted: set[int]) -> None:
        """Look at both directions before anything is written."""
        back = {self._types.inverse(each) for each in wanted}
        for one, one_id, other, other_id, types in (
            (source, source_id, target, target_id, wanted),
            (target, target_id, source, source_id, back),
        ):
            self.limits.check(one, other, other_id, types, self.of(one, one_id, other))

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
        """Only live records count, and are counted."""
        for owner, owner_id, counted, counted_id in (
            (source, source_id, target, target_id),
            (target, target_id, source, source_id),
        ):
            name = COUNTS.get((owner.plural, counted.plural))
            other = self._store.get(counted.plural, counted_id) if name is not None else None
            if name is not None and other is not None and not other.archived:
                self._add(owner, owner_id, name, step)

    def _add(self, owner: ObjectType, owner_id: str, name: str, step: int) -> None:
        record = self._store.get(owner.plural, owner_id)
        if record is not None and not record.archived and self._settings.count_associations:
            count = int(record.fields.get(name) or "0") + step
            touched = dict.fromkeys(("hs_lastmodifieddate", owner.modified), wire_time(self._clock.now()))
            self._store.update(owner.plural, owner_id, {name: str(count), **touched})


_COUNTED_BY: dict[str, list[ObjectType]] = {}
for _owner, _counted in COUNTS:
    _COUNTED_BY.setdefault(_counted, []).append(BY_KIND[_owner])
