"""The values a property had, newest first. Source: facts section 4.3 (`propertiesWithHistory`), 13 (length, equal values).

Kept is only what changes of records replaced: what a record was created with is read back from there. So a record that never
changed costs nothing, a change some 0.3 KiB. The changes of a record are a chain of pairs (change, earlier ones), which snapshots
share.
Not kept: links, so sums over line items show the present value alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace as with_fields

from fake_crm.hubspot.model.computed import COMPUTED
from fake_crm.hubspot.model.owners import user_id_of
from fake_crm.hubspot.model.standard_types import ObjectType
from fake_crm.hubspot.model.types import is_object_kind
from harness.kit.records import DELETED, UPDATED, Change, Fields, Record

if TYPE_CHECKING:
    from fake_crm.hubspot.model.account import Account


class Revision(msgspec.Struct, frozen=True, gc=False):
    """One change: the version of the record that it made, what it changed and the values before (None: there was none)."""

    at: datetime
    by: str
    version: int
    names: tuple[str, ...]
    before: tuple[str | None, ...]

    @property
    def old(self) -> dict[str, str | None]:
        return dict(zip(self.names, self.before, strict=True))


Chain = tuple[Revision, "Chain | None"]
State = dict[tuple[str, str], Chain]
MERGED = "MERGE_OBJECTS"  # our guess at the vendor's name for values that came with a merge


@dataclass(frozen=True, slots=True)
class Past:
    """One value. A cleared one is the empty text. `user_id` is set where somebody wrote it at the vendor's screens."""

    value: str
    at: datetime
    source: str
    source_id: str | None = None
    label: str | None = None
    user_id: int | None = None


class History:
    """Of all records of one account, fed by the store's commits."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._chains: State = {}
        self._names: dict[tuple[str, ...], tuple[str, ...]] = {}  # records change the same properties again and again
        account.store.on_commit(self._committed)

    def of(self, kind: ObjectType, record: Record, name: str) -> list[Past] | None:
        """The values of a property, newest first; empty when it never had one, None when nobody defined it."""
        prop = self._account.definitions.find(kind.plural, name)
        if prop is None:
            return None
        compute = COMPUTED.get(kind.plural, {}).get(name)
        if compute is not None:
            found = [replace(past, value=compute(self._account, then)) for past, then in self._states(kind, record)]
            return _without_repeats(found)
        found = list(self._own(kind, record, prop.stored_as))
        found += self._before_merging(kind, record, prop.stored_as)
        return [_calculated(past) if prop.read_only and past.source != MERGED else past for past in found]

    def changes(self, record: Record) -> Iterator[Revision]:
        """What changed in a record up to its version, latest first."""
        chain = self._chains.get((record.kind, record.id))
        while chain is not None:
            change, chain = chain
            if change.version <= record.version:
                yield change

    def state(self) -> State:
        return dict(self._chains)

    def restore(self, state: State) -> None:
        self._chains = dict(state)

    # -- inside ---------------------------------------------------------------------------------------------------

    def _committed(self, changes: list[Change]) -> None:
        chains = self._chains
        for change in changes:
            if change.action == UPDATED:
                if is_object_kind(change.kind):
                    key, old = (change.kind, change.id), change.old
                    names = tuple(old)
                    names = self._names.setdefault(names, names)
                    revision = Revision(change.at, change.by, change.version, names, tuple(old.values()))
                    chains[key] = (revision, chains.get(key))
            elif change.action == DELETED:
                chains.pop((change.kind, change.id), None)

    def _own(self, kind: ObjectType, record: Record, name: str) -> Iterator[Past]:
        value = record.fields.get(name) or ""
        for change in self.changes(record):
            if name in change.names:
                yield self._written(change, value)
                value = change.before[change.names.index(name)] or ""
        if value:
            yield self._created(kind, record, value)

    def _states(self, kind: ObjectType, record: Record) -> Iterator[tuple[Past, Record]]:
        """The record as it was after each change, latest first, and at last as it was created."""
        fields: Fields = record.fields
        for change in self.changes(record):
            yield _calculated(self._written(change, "")), with_fields(record, fields=fields)
            fields = {**fields, **change.old}
        yield _calculated(self._created(kind, record, "")), with_fields(record, fields=fields)

    def _before_merging(self, kind: ObjectType, record: Record, name: str) -> list[Past]:
        """What a merged record's value was in the record that it came from (our guess)."""
        origin = self._account.merging.origin(kind, record, name)
        return [] if origin is None else self.of(kind, origin, name) or []

    def _written(self, change: Revision, value: str) -> Past:
        if "hs_merged_object_ids" in change.names:
            return Past(value, change.at, MERGED)
        role, _, person = change.by.partition(":")
        if role == "person":
            user_id = user_id_of(person)
            return Past(value, change.at, "CRM_UI", f"userId:{user_id}", "CRM_UI", user_id)
        if change.by == "system:import":
            return Past(value, change.at, "IMPORT")
        if role == "system":
            return Past(value, change.at, "CRM")
        return Past(value, change.at, "INTEGRATION", str(self._account.settings.app_id), "INTEGRATION")

    def _created(self, kind: ObjectType, record: Record, value: str) -> Past:
        fields, at = record.fields, record.created_at
        if self._account.merging.came_of_merge(kind, record.id):
            return Past(value, at, MERGED)
        source_id: str | None = fields.get("hs_object_source_id")
        user = int(source_id[7:]) if source_id is not None and source_id.startswith("userId:") else None
        return Past(value, at, fields.get("hs_object_source", "IMPORT"), source_id, fields.get("hs_object_source_label"), user)


def _calculated(past: Past) -> Past:
    return Past(past.value, past.at, "CALCULATED")


def _without_repeats(newest_first: list[Past]) -> list[Past]:
    """Each value once where it stayed the same, at the time it first was so; nothing before the first value."""
    value = ""
    kept: list[Past] = []
    for past in reversed(newest_first):
        if past.value != value:
            value = past.value
            kept.append(past)
    return kept[::-1]
