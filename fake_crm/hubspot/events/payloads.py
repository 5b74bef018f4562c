"""From committed changes to the events of a webhook call. Source: facts 12.2.

A change goes once to each subscription that wants it: one named after the type (`deal.propertyChange`) and a generic one
(`object.propertyChange`) both get it. Our guesses: an association is told from each end; a generic subscription hears of every
association type that came or went; a cleared value is the empty text; a restored record has no change flag.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from fake_crm.hubspot.events import merges
from fake_crm.hubspot.events.subscriptions import GENERIC, PROPERTY_CHANGE, Subscription
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.model.merging import KIND as MERGED_IDS
from fake_crm.hubspot.model.owners import user_id_of
from fake_crm.hubspot.model.standard_types import ObjectType
from fake_crm.hubspot.model.types import is_object_kind
from fake_crm.hubspot.wire import ms_of
from harness.kit.clock import epoch_ms
from harness.kit.records import ARCHIVED, CREATED, DELETED, RESTORED, UPDATED, Change

Event = dict[str, Any]
_LIFE = {CREATED: ("creation", "NEW"), ARCHIVED: ("deletion", "DELETED"), RESTORED: ("restore", "")}
_SENSITIVE = ("sensitive", "highly_sensitive")


class Payloads:
    """Makes events. `ids` draws their numbers, `repeats` now and then gives two events the same one."""

    def __init__(self, account: Account, ids: Random, repeats: Random) -> None:
        self._account, self._subscriptions = account, account.subscriptions
        self._ids, self._repeats = ids, repeats
        self._last_id = 0

    def of(self, changes: Sequence[Change]) -> Iterator[tuple[Change, Event]]:
        """The events of one transaction, in the order of its changes."""
        quiet = _quiet_records(changes) if len(changes) > 1 else ()
        for change in changes:
            if is_object_kind(change.kind):
                kind = self._account.resolve(change.kind)
                if change.action == UPDATED:
                    yield from self._values(change, kind)
                elif (change.kind, change.id) not in quiet:
                    yield from self._life(change, kind)
            elif change.kind == "associations":
                yield from self._association(change)
            elif change.kind == merges.KIND and change.action == CREATED:
                yield from self._merge(change)

    # -- records ------------------------------------------------------------------------------------------------------

    def _life(self, change: Change, kind: ObjectType) -> Iterator[tuple[Change, Event]]:
        if change.action == DELETED:
            yield from self._privacy_deletion(change, kind)
            return
        what, flag = _LIFE[change.action]
        more = {"changeFlag": flag} if flag else {}
        for wish in self._subscriptions.wanting(kind, what):
            yield change, self._event(change, kind, wish, {"objectId": int(change.id), **more})
        if change.action == CREATED and self._account.settings.property_events_on_create:
            yield from self._values(change, kind)

    def _privacy_deletion(self, change: Change, kind: ObjectType) -> Iterator[tuple[Change, Event]]:
        """Nothing is left of the record; who wants ordinary deletions hears of it as well."""
        for what in ("privacyDeletion", "deletion"):
            for wish in self._subscriptions.wanting(kind, what):
                yield change, self._event(change, kind, wish, {"objectId": int(change.id), "changeFlag": "DELETED"})

    def _values(self, change: Change, kind: ObjectType) -> Iterator[tuple[Change, Event]]:
        for name, value in change.new.items():
            for wish in self._subscriptions.wanting(kind, PROPERTY_CHANGE, name):
                told = {"objectId": int(change.id), "propertyName": name, **self._value(kind, name, value)}
                yield change, self._event(change, kind, wish, told)

    def _value(self, kind: ObjectType, name: str, value: str | None) -> Event:
        """Instants travel as epoch milliseconds in text; sensitive values do not travel."""
        prop = self._account.definitions.find(kind.plural, name)
        if prop is not None and prop.row.get("dataSensitivity") in _SENSITIVE:
            return {"propertyValue": "REDACTED", "isSensitive": True}
        if value and prop is not None and prop.type in ("datetime", "date"):
            at = ms_of(value)
            return {"propertyValue": value if at is None else str(at)}
        return {"propertyValue": value or ""}

    def _merge(self, change: Change) -> Iterator[tuple[Change, Event]]:
        told = change.new
        kind = self._account.resolve(told["kind"])
        for wish in self._subscriptions.wanting(kind, "merge"):
            more = {
                "objectId": int(told["result"]),
                "primaryObjectId": int(told["primary"]),
                "mergedObjectIds": [int(each) for each in told["merged"]],
                "newObjectId": int(told["result"]),
                "numberOfPropertiesMoved": told["properties_moved"],
            }
            yield change, self._event(change, kind, wish, more)

    # -- associations -------------------------------------------------------------------------------------------------

    def _association(self, change: Change) -> Iterator[tuple[Change, Event]]:
        (from_type, from_id), (to_type, to_id) = (end.split(":") for end in change.id.split(">"))
        source, target = self._account.resolve(from_type), self._account.resolve(to_type)
        ends = {
            "associationType": f"{source.label}_TO_{target.label}",
            "fromObjectId": int(from_id),
            "toObjectId": int(to_id),
        }
        for wish in self._subscriptions.wanting(source, "associationChange"):
            for told in self._generic(change) if _is_generic(wish) else self._plain(change):
                if _is_generic(wish):
                    told |= {"fromObjectTypeId": source.type_id, "toObjectTypeId": target.type_id}
                yield change, self._event(change, source, wish, {**ends, **told})

    def _plain(self, change: Change) -> Iterator[Event]:
        removed = change.action == DELETED
        types = (change.old if removed else change.new).get("types", ())
        yield {"associationRemoved": removed, "isPrimaryAssociation": any(self._is_primary(each) for each in types)}

    def _generic(self, change: Change) -> Iterator[Event]:
        old, new = set(change.old.get("types") or ()), set(change.new.get("types") or ())
        for number in sorted(old ^ new):
            known = self._account.association_types.get(number)
            yield {
                "associationRemoved": number in old,
                "isPrimaryAssociation": self._is_primary(number),
                "associationTypeId": number,
                "associationCategory": known.category if known is not None else "USER_DEFINED",
            }

    def _is_primary(self, number: int) -> bool:
        known = self._account.association_types.get(number)
        return known is not None and known.label == "Primary"

    # -- what all have in common --------------------------------------------------------------------------------------

    def _event(self, change: Change, kind: ObjectType, wish: Subscription, more: Event) -> Event:
        settings = self._account.settings
        event = {
            "eventId": self._event_id(settings.webhook_event_id_repeats),
            "subscriptionId": wish.id,
            "portalId": settings.portal_id,
            "appId": settings.app_id,
            "occurredAt": epoch_ms(change.at),
            "subscriptionType": wish.event_type,
            "attemptNumber": 0,
            **more,
        }
        event["changeSource"], event["sourceId"] = self._source(change.by)
        if _is_generic(wish):
            event["objectTypeId"] = kind.type_id
        return event

    def _event_id(self, repeats: float) -> int:
        fresh = self._ids.randrange(1, 2**32)
        if self._repeats.random() >= repeats or not self._last_id:
            self._last_id = fresh
        return self._last_id

    def _source(self, by: str) -> tuple[str, str]:
        """Who made a change, and its id. The app's own writes come back to it like anybody's (facts 12.2)."""
        role, _, person = by.partition(":")
        if role == "person":
            return "CRM_UI", f"userId:{user_id_of(person)}"
        if role == "system":
            return "CRM", ""
        settings = self._account.settings
        return settings.webhook_echo_source, str(settings.app_id)


def _quiet_records(changes: Sequence[Change]) -> set[tuple[str, str]]:
    """Kind and id of the records whose coming and going is part of a merge among these changes; and those that went under in one
    before and are now deleted for good with their survivor."""
    found: set[tuple[str, str]] = set()
    for change in changes:
        if change.kind == merges.KIND and change.action == CREATED:
            told = change.new
            found.update((told["kind"], each) for each in (told["primary"], *told["merged"], told["result"]))
        elif change.kind == MERGED_IDS and change.action == DELETED:
            kind, _, record_id = change.id.rpartition("/")
            found.add((kind, record_id))
    return found


def _is_generic(wish: Subscription) -> bool:
    return wish.event_type.startswith(f"{GENERIC}.")
