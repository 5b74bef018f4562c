"""Webhooks: from committed changes to signed batches of events. Source: facts section 12.

Subscribed are creation, deletion, restore, associationChange and propertyChange of every property an API may write, custom ones
created later included. Events join batches of up to 100, leave 1 to 5 s after the first of them, and may change places with
neighbours up to 2 s away (our guesses). A batch is retried as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

from fake_crm.hubspot.events import signatures
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.model.owners import user_id_of
from fake_crm.hubspot.model.standard_types import ObjectType
from fake_crm.hubspot.model.types import is_object_kind
from fake_crm.hubspot.wire import encode, ms_of
from harness.kit.clock import epoch_ms
from harness.kit.journal import Journal
from harness.kit.records import ARCHIVED, CREATED, DELETED, RESTORED, UPDATED, Change
from harness.kit.webhooks import Delivery, RetrySchedule, WebhookQueue

Event = dict[str, Any]
EVENTS_MAX = 100
CONCURRENCY = 10
TIMEOUT = timedelta(seconds=5)
SHUFFLE_MS = 2000
RETRY = RetrySchedule(tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 180, 240, 300, 480)), jitter=0.2)
_LIFE = {CREATED: ("creation", "NEW"), ARCHIVED: ("deletion", "DELETED"), RESTORED: ("restore", "")}


class Webhooks:
    """The one webhook address of the account's app, its subscriptions and the queue of deliveries."""

    def __init__(self, account: Account, system: str, journal: Journal) -> None:
        self._account = account
        self._random: Random = account.stream("webhooks")
        self._order: Random = account.stream("webhook_order")
        self.queue = WebhookQueue(
            system,
            account.clock,
            account.stream("webhook_deliveries"),
            journal,
            retry=RETRY,
            prepare=self._prepare,
            succeeded=lambda result: result.status is not None and 200 <= result.status < 300,
            concurrency=CONCURRENCY,
        )
        self._url = ""
        self._secret = ""
        self._subscriptions: dict[tuple[str, str], int] = {}
        self._subscribed: dict[tuple[str, str], bool] = {}
        account.store.on_commit(self._committed)

    def connect(self, url: str, secret: str) -> None:
        """Deliver to `url` from now on, signed with `secret`; an earlier address is replaced, an app has one."""
        self._url, self._secret = url, secret

    # -- from changes to events -----------------------------------------------------------------------------------

    def _committed(self, changes: list[Change]) -> None:
        if not self._url:
            return
        for change in changes:
            if is_object_kind(change.kind):
                for event in self._record_events(change, self._account.resolve(change.kind)):
                    self._queue(change, event)
            elif change.kind == "associations":
                self._queue(change, self._association_event(change))

    def _queue(self, change: Change, event: Event) -> None:
        settings = self._account.settings
        wait = settings.webhook_latency_s_min
        wait += self._random.random() * (settings.webhook_latency_s_max - settings.webhook_latency_s_min)
        subject = f"{event['subscriptionType']} {event.get('objectId', event.get('fromObjectId'))}"
        due = change.at + timedelta(seconds=wait)
        self.queue.put_event(self._url, subject, event, due, batch_max=EVENTS_MAX, timeout=TIMEOUT)

    def _record_events(self, change: Change, kind: ObjectType) -> Iterator[Event]:
        life = _LIFE.get(change.action)
        if life is not None:
            event = self._event(change, f"{kind.singular}.{life[0]}", "")
            event["objectId"] = int(change.id)
            if life[1]:
                event["changeFlag"] = life[1]
            yield event
        if change.action == UPDATED or (change.action == CREATED and self._account.settings.property_events_on_create):
            for name, value in change.new.items():
                if self._is_subscribed(kind.plural, name):
                    event = self._event(change, f"{kind.singular}.propertyChange", name)
                    event["objectId"] = int(change.id)
                    event["propertyName"] = name
                    event["propertyValue"] = self._wire_value(kind.plural, name, value)
                    yield event

    def _is_subscribed(self, kind: str, name: str) -> bool:
        known = self._subscribed.get((kind, name))
        if known is None:
            prop = self._account.definitions.find(kind, name)
            known = prop is not None and not prop.read_only
            if prop is not None:
                self._subscribed[(kind, name)] = known
        return known

    def _wire_value(self, kind: str, name: str, value: str) -> str:
        """Instants travel as epoch milliseconds in text; a cleared value is the empty text."""
        prop = self._account.definitions.find(kind, name)
        if value and prop is not None and prop.type in ("datetime", "date"):
            at = ms_of(value)
            return value if at is None else str(at)
        return value or ""

    def _association_event(self, change: Change) -> Event:
        """One event per direction, as both are subscribed (our guess)."""
        (from_type, from_id), (to_type, to_id) = (end.split(":") for end in change.id.split(">"))
        source, target = self._account.resolve(from_type), self._account.resolve(to_type)
        types = (change.old if change.action == DELETED else change.new).get("types", ())
        event = self._event(change, f"{source.singular}.associationChange", "")
        event["associationType"] = f"{source.label}_TO_{target.label}"
        event["fromObjectId"], event["toObjectId"] = int(from_id), int(to_id)
        event["associationRemoved"] = change.action == DELETED
        get = self._account.association_types.get
        event["isPrimaryAssociation"] = any((known := get(each)) is not None and known.label == "Primary" for each in types)
        return event

    def _event(self, change: Change, subscription: str, name: str) -> Event:
        account, key = self._account, (subscription, name)
        number = self._subscriptions.get(key)
        if number is None:
            number = self._subscriptions[key] = len(self._subscriptions) + 1
        role, _, person = change.by.partition(":")
        source, source_id = "INTEGRATION", str(account.settings.app_id)
        if role == "person":
            source, source_id = "CRM_UI", f"userId:{user_id_of(person)}"
        elif role == "system":
            source, source_id = "CRM", ""
        return {
            "eventId": self._random.randrange(1, 2**32),
            "subscriptionId": number,
            "portalId": account.portal_id,
            "appId": account.settings.app_id,
            "occurredAt": epoch_ms(change.at),
            "subscriptionType": subscription,
            "changeSource": source,
            "sourceId": source_id,
        }

    # -- deliveries -----------------------------------------------------------------------------------------------

    def _prepare(self, delivery: Delivery) -> None:
        """Make body and headers of the next attempt: the attempt's number is in every event, the signature in the headers."""
        if delivery.attempt == 0 and len(delivery.events) > 1:
            order = self._order.random
            delivery.events.sort(key=lambda event: event["occurredAt"] + order() * SHUFFLE_MS)
        delivery.body = encode([{**event, "attemptNumber": delivery.attempt} for event in delivery.events])
        secret = f"not-{self._secret}" if delivery.forged else self._secret
        sent_at = epoch_ms(self._account.clock.now())
        delivery.headers = {
            "content-type": "application/json",
            "user-agent": "HubSpot Connect 2.0 (http://dev.hubspot.com/) (namespace: webhooks-nio-http-client)",
            "x-hubspot-signature": signatures.v1(secret, delivery.body),
            "x-hubspot-signature-version": "v1",
            "x-hubspot-signature-v3": signatures.v3(secret, delivery.method, delivery.url, delivery.body, sent_at),
            "x-hubspot-request-timestamp": str(sent_at),
        }
