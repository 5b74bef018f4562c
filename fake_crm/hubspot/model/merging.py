"""Merging two records into one, and what became of the ids that went under. Source: facts section 4.5.

Contacts and companies become a third record with a new id, deals, tickets and custom objects keep the primary's; both are
settings. The records that went under stay in the store, archived, and the kind `merged_ids` says what each became: its record
`contacts/501` has the fields `into` (`contacts/733`, indexed), `primary` and `new`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fake_crm.hubspot.errors import HubSpotError, validation
from fake_crm.hubspot.events import merges
from fake_crm.hubspot.model.links import COUNTS, Linked
from fake_crm.hubspot.model.standard_types import COMPANIES, CONTACTS, DEALS, TICKETS, ObjectType
from fake_crm.hubspot.wire import ms_of
from harness.kit.clock import epoch_ms
from harness.kit.records import Record

if TYPE_CHECKING:
    from fake_crm.hubspot.model.account import Account

KIND = "merged_ids"
IDENTITIES_MAX = 250
MERGED_IDS, MERGED_VIDS, OTHER_EMAILS = "hs_merged_object_ids", "hs_calculated_merged_vids", "hs_additional_emails"
# what a record has of its own and never takes from another
_OWN = frozenset(
    {
        "hs_object_id", "createdate", "hs_createdate", "lastmodifieddate", "hs_lastmodifieddate", "hs_object_source",
        "hs_object_source_id", "hs_object_source_label", "hs_ticket_id", MERGED_IDS, MERGED_VIDS, OTHER_EMAILS, *COUNTS.values(),
    }
)  # fmt: skip
_MERGEABLE = (CONTACTS, COMPANIES, DEALS, TICKETS)


class Merging:
    """Merges of one account."""

    def __init__(self, account: Account) -> None:
        self._account, self._store = account, account.store
        account.store.define(KIND, indexes=("into",))

    # -- what became of an id -------------------------------------------------------------------------------------

    def is_gone(self, kind: ObjectType, record_id: str) -> bool:
        """Whether the record went under in a merge."""
        return self._store.get(KIND, f"{kind.plural}/{record_id}") is not None

    def survivor(self, kind: ObjectType, record_id: str) -> Record | None:
        """What a record that went under has become, through further merges as well; None for any other id."""
        key: str = f"{kind.plural}/{record_id}"
        found = self._store.get(KIND, key)
        if found is None:
            return None
        while found is not None:
            key = found.fields["into"]
            found = self._store.get(KIND, key)
        return self._store.get(kind.plural, key.rpartition("/")[2])

    def came_of_merge(self, kind: ObjectType, record_id: str) -> bool:
        """Whether the record was made by a merge."""
        return any(row.fields["new"] for row in self._parts(kind, record_id))

    def origin(self, kind: ObjectType, record: Record, name: str) -> Record | None:
        """The record that went under from which this one has a value, or None."""
        parts = sorted(self._parts(kind, record.id), key=lambda row: not row.fields["primary"])
        gone = (self._store.get(kind.plural, row.id.rpartition("/")[2]) for row in parts)
        return next((each for each in gone if each is not None and name in each.fields and name not in _OWN), None)

    def _parts(self, kind: ObjectType, record_id: str) -> list[Record]:
        return self._store.where(KIND, "into", f"{kind.plural}/{record_id}")

    # -- merging --------------------------------------------------------------------------------------------------

    def check_type(self, kind: ObjectType) -> None:
        """Raises HubSpotError 400 for types without such an operation in the vendor's documents; the text is our guess."""
        if not (kind in _MERGEABLE or kind.is_custom):
            raise validation(f"Records of object type {kind.type_id} cannot be merged.")

    def merge(self, kind: ObjectType, primary: Record, other: Record) -> Record:
        """Make one of two live records; returns it. Raises HubSpotError, and then nothing was changed."""
        if primary.id == other.id:
            raise validation(f"Cannot merge record {primary.id} into itself.")  # our guess
        kept = self._keeps_id(kind)
        with self._store.transaction():
            return self._merge(kind, primary, other, kept)

    def absorb(self, kind: ObjectType, primary: Record, other: Record) -> None:
        """Merge a record into another, which keeps its id whatever the settings. Part of a transaction of the caller's."""
        self._merge(kind, primary, other, kept=True)

    def forget(self, kind: ObjectType, record: Record) -> None:
        """Delete a record for good, live or archived, with its links, and all that went into it."""
        account, store = self._account, self._store
        with store.transaction():
            for part in self._parts(kind, record.id):
                gone = store.get(kind.plural, part.id.rpartition("/")[2])
                store.delete(KIND, part.id)
                if gone is not None:
                    self.forget(kind, gone)
            account.links.delete_all(kind, record.id, account.links.all_of(kind, record.id, account.types.all()))
            account.emails.forget(record.fields.get(OTHER_EMAILS) or "")
            store.delete(kind.plural, record.id)

    def _keeps_id(self, kind: ObjectType) -> bool:
        settings = self._account.settings
        return settings.merge_keeps_contact_id if kind in (CONTACTS, COMPANIES) else settings.merge_keeps_deal_id

    def _merge(self, kind: ObjectType, primary: Record, other: Record, kept: bool) -> Record:
        account, store = self._account, self._store
        moved = _moved(kind, primary.fields, other.fields)
        told = self._told(kind, primary, other, [other.id] if kept else [primary.id, other.id])
        linked = self._take_links(kind, primary, other)
        record_id = primary.id if kept else account.ids.next(kind.plural)
        gone = (other,) if kept else (primary, other)
        for each in gone:
            store.archive(kind.plural, each.id)
            row = {"into": f"{kind.plural}/{record_id}", "primary": each is primary, "new": not kept}
            store.insert(KIND, f"{kind.plural}/{each.id}", row)
        if kept:
            account.set_by_system(kind, primary, {**moved, **told})
        else:
            own = {name: value for name, value in primary.fields.items() if value != "" and name not in _OWN}
            store.insert(kind.plural, record_id, {**own, **moved, **self._new(kind, primary, other, record_id), **told})
        account.emails.belong_to(record_id, told.get(OTHER_EMAILS, ""))
        account.links.put_all(kind, record_id, linked)
        merged = store.get(kind.plural, record_id)
        assert merged is not None
        if kind is DEALS and account.settings.deal_amount_from_lines:
            account.sum_lines(merged)
        merges.note(store, kind, primary.id, [other.id], record_id, len(moved))
        return merged

    def _new(self, kind: ObjectType, primary: Record, other: Record, record_id: str) -> dict[str, str]:
        """What a third record has of its own: the older of the two create dates (our guess)."""
        now = self._account.now()
        older = min(primary, other, key=lambda each: ms_of(each.fields.get(kind.created, "")) or 0)
        values = {"hs_createdate": now, kind.created: older.fields.get(kind.created, now), "hs_object_id": record_id}
        values["hs_object_source"], values["hs_object_source_id"], values["hs_object_source_label"] = self._account.source()
        return {**values, "hs_lastmodifieddate": now, kind.modified: now}

    def _told(self, kind: ObjectType, primary: Record, other: Record, gone: list[str]) -> dict[str, str]:
        """Ids and addresses of what went under. Raises HubSpotError 414 for too many of a contact."""
        ids = [*_list(primary, MERGED_IDS), *_list(other, MERGED_IDS), *gone]
        told = {MERGED_IDS: ";".join(dict.fromkeys(ids))}
        if kind is CONTACTS:
            at = epoch_ms(self._account.clock.now())
            vids = [*_list(primary, MERGED_VIDS), *_list(other, MERGED_VIDS), *(f"{each}:{at}" for each in gone)]
            first = primary.fields.get("email") or other.fields.get("email") or ""
            both = [*_list(primary, OTHER_EMAILS), other.fields.get("email") or "", *_list(other, OTHER_EMAILS)]
            emails = [each for each in dict.fromkeys(both) if each and each != first]
            if max(len(vids), len(emails) + 1) > IDENTITIES_MAX:
                raise HubSpotError(414, "Cannot have more than 250 identities on a profile")
            told[MERGED_VIDS] = ";".join(vids)
            if emails:
                told[OTHER_EMAILS] = ";".join(emails)
        return told

    def _take_links(self, kind: ObjectType, primary: Record, other: Record) -> Linked:
        """Take the links of both away and return their union. What the primary has as its company stays the primary company."""
        links, types = self._account.links, self._account.association_types
        kinds = list(self._account.types.all())
        ours, theirs = links.all_of(kind, primary.id, kinds), links.all_of(kind, other.id, kinds)
        first_company = types.primary(kind, COMPANIES) if kind is not COMPANIES else None
        has_company = first_company is not None and any(first_company.id in each for each in ours.values())
        united: Linked = {}
        for key, numbers in (*ours.items(), *theirs.items()):
            if key[0] is kind and key[1] in (primary.id, other.id):
                continue
            if has_company and key not in ours and first_company is not None:
                numbers = numbers - {first_company.id}
            united[key] = united.get(key, frozenset()) | numbers
        if has_company and first_company is not None:
            for key in ours.keys() & theirs.keys():
                if key in united and first_company.id not in ours[key]:
                    united[key] -= {first_company.id}
        links.delete_all(kind, primary.id, ours)
        links.delete_all(kind, other.id, theirs)
        return united


def _moved(kind: ObjectType, ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, str]:
    """Values the primary lacks and the other has. A stage goes with its pipeline, so it stays the primary's."""
    staged = kind.pipeline or ()
    return {
        name: value for name, value in theirs.items() if value and not ours.get(name) and name not in _OWN and name not in staged
    }


def _list(record: Record, name: str) -> list[str]:
    text: str = record.fields.get(name) or ""
    return text.split(";") if text else []
