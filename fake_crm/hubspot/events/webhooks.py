"""Webhooks on their way: batches of signed events, retried as a whole. Source: facts 12.3, 12.4.

Who gets which events is in `subscriptions.py`, what they say in `payloads.py`. Events join batches of up to 100, leave 1 to 5 s
after the first of them, and may change places with neighbours up to 2 s away (our guesses, settings). A batch keeps the address
it was made for (our guess); how many calls are on their way at once is up to the app, from the moment it says so.
"""

from __future__ import annotations

from datetime import timedelta
from random import Random

from fake_crm.hubspot.events import signatures
from fake_crm.hubspot.events.payloads import Event, Payloads
from fake_crm.hubspot.events.subscriptions import CONCURRENCY
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.wire import encode
from harness.kit.clock import epoch_ms
from harness.kit.journal import Journal
from harness.kit.records import Change
from harness.kit.webhooks import Delivery, RetrySchedule, WebhookQueue

EVENTS_MAX = 100
TIMEOUT = timedelta(seconds=5)
# a change of these is a change of what can be subscribed to
_DEFINITIONS = ("properties", "schemas", "pipelines")


class Webhooks:
    """The queue of deliveries of the account's app."""

    def __init__(self, account: Account, system: str, journal: Journal) -> None:
        self._account, self._subscriptions = account, account.subscriptions
        self._random: Random = account.stream("webhooks")
        self._order: Random = account.stream("webhook_order")
        self._payloads = Payloads(account, self._random, account.stream("webhook_event_ids"))
        settings = account.settings
        self.queue = WebhookQueue(
            system,
            account.clock,
            account.stream("webhook_deliveries"),
            journal,
            retry=RetrySchedule(
                tuple(timedelta(minutes=each) for each in settings.webhook_retry_minutes), settings.webhook_retry_jitter
            ),
            prepare=self._prepare,
            succeeded=lambda result: result.status is not None and 200 <= result.status < 300,
            concurrency=CONCURRENCY,
        )
        self._subscriptions.on_target = self._limit_concurrency
        account.store.on_commit(self._committed)

    def _limit_concurrency(self) -> None:
        target = self._subscriptions.target
        wanted = target.concurrency if target is not None else CONCURRENCY
        if self.queue.concurrency != wanted:
            self.queue.concurrency = wanted

    # -- from changes to batches --------------------------------------------------------------------------------------

    def _committed(self, changes: list[Change]) -> None:
        target = self._subscriptions.target
        if target is None:
            return
        for change in changes:
            if change.kind in _DEFINITIONS:
                self._subscriptions.definitions_changed()
        for change, event in self._payloads.of(changes):
            self._queue(target.url, change, event)

    def _queue(self, url: str, change: Change, event: Event) -> None:
        settings = self._account.settings
        wait = settings.webhook_latency_s_min
        wait += self._random.random() * (settings.webhook_latency_s_max - settings.webhook_latency_s_min)
        subject = f"{event['subscriptionType']} {event.get('objectId', event.get('fromObjectId'))}"
        due = change.at + timedelta(seconds=wait)
        self.queue.put_event(url, subject, event, due, batch_max=EVENTS_MAX, timeout=TIMEOUT)

    # -- deliveries ---------------------------------------------------------------------------------------------------

    def _prepare(self, delivery: Delivery) -> None:
        """Make body and headers of the next attempt: the attempt's number is in every event, the signature in the headers."""
        settings, now = self._account.settings, self._account.clock.now()
        shuffled = settings.webhook_shuffle_s and delivery.attempt == 0 and not delivery.twin
        if shuffled and len(delivery.events) > 1:
            order, spread = self._order.random, settings.webhook_shuffle_s * 1000
            delivery.events.sort(key=lambda event: event["occurredAt"] + order() * spread)
        delivery.body = encode([{**event, "attemptNumber": delivery.attempt} for event in delivery.events])
        secret = self._subscriptions.secret
        if delivery.forged:
            secret = f"not-{secret}"
        delivery.headers = {
            "content-type": "application/json",
            "user-agent": "HubSpot Connect 2.0 (http://dev.hubspot.com/) (namespace: webhooks-nio-http-client)",
            **signatures.headers(settings.webhook_signatures, secret, delivery.method, delivery.url, delivery.body, epoch_ms(now)),
        }
