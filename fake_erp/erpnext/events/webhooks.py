"""Webhooks: which events a save queues, when the job for one runs, when it tries again. Source: facts 6.1, 6.4.

A save notes its events; the commit hands them to background workers, the last event of each (webhook, document) only, with the
document as it is then. The job reads the webhook, makes address, headers and body once, and tries up to three times: at once
after a read timeout, 1 and 4 seconds after other failures. Then the event is gone for good. Events come in no order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from fake_erp.erpnext.events.conditions import Condition, condition_of, utils_of, view_of
from fake_erp.erpnext.events.log import error_of, write_log
from fake_erp.erpnext.events.payload import ALWAYS, CannotRender, body_of, data_of, headers_of, url_of
from fake_erp.erpnext.events.views import as_json
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.framework.whole import whole
from harness.kit.journal import Journal
from harness.kit.records import Change, Fields, Record
from harness.kit.seed import Seed
from harness.kit.webhooks import Delivery, DeliveryResult, NothingToSend, RetrySchedule, WebhookQueue

# From April 2026 on (pull request 38913): the vendor tries again in jobs of their own, after read timeouts as well.
BACKOFF_MINUTES: Final = (5, 30, 120, 300, 600, 600)
_MAYBE_OLD: Final = ("before_save", "value_changed")  # a template that asks for the document as it was


@dataclass(frozen=True, slots=True)
class Hook:
    """An enabled webhook, as the vendor keeps it in its cache."""

    name: str
    event: str
    condition: Condition | None


@dataclass(slots=True)
class Sent:
    """One event on its way, with its copy of the document; `body` and `headers` are made when the job runs."""

    hook: str
    doc: Fields
    before: Mapping[str, Any] | None
    user: str
    body: bytes | None = None
    headers: dict[str, str] | None = None
    data: Any = None


@dataclass(frozen=True, slots=True)
class _Noted:
    """One event of the transaction in hand. `doc` may still change until the commit, as the vendor's does."""

    event: str
    doctype: str
    doc: Mapping[str, Any]
    before: Mapping[str, Any] | None


class Webhooks:
    """The outgoing side of one site. `queue` is the kit's; events of the request in hand wait in `_events` until it commits."""

    def __init__(self, site: Site, seed: Seed, journal: Journal, system: str) -> None:
        self._site = site
        self._utils = utils_of(site)
        self._random = seed.stream("webhook latency")
        self._events: dict[tuple[str, str], _Noted] = {}
        self._by_doctype: dict[str, list[Hook]] | None = None
        site.emit = self.emit
        site.store.on_commit(self._watch)
        settings = site.settings
        waits = [60.0 * minutes for minutes in BACKOFF_MINUTES] if settings.webhook_backoff else settings.webhook_retry_seconds[:-1]
        self._waits = [timedelta(seconds=wait) for wait in waits]
        self.queue = WebhookQueue(
            system,
            site.time.clock,
            seed.stream("webhook weather"),
            journal,
            retry=RetrySchedule(tuple(self._waits)),
            prepare=self._prepare,
            succeeded=lambda result: result.status is not None and result.status < 400,
            retry_wait=self._retry_wait,
            settled=self._settled,
        )

    # -- while a request runs ---------------------------------------------------------------------------------------

    def emit(self, event: str, doctype: str, fields: Mapping[str, Any]) -> None:
        """Note an event for every webhook of the DocType that wants it. All their conditions are evaluated, also those of
        webhooks for other events: one that fails makes the save fail."""
        hooks = self._hooks().get(doctype)
        if not hooks:
            return
        name = str(fields["name"])

        def before() -> Mapping[str, Any] | None:
            return None if event == "on_trash" else self._site.store.before(doctype, name)

        for hook in hooks:
            if hook.condition is not None and not hook.condition(_named(doctype, fields), before):
                continue
            if hook.event == event:
                key = (hook.name, name)
                self._events.pop(key, None)  # the last one counts, at its own place
                self._events[key] = _Noted(event, doctype, fields, before() if self._asks_for_old(hook.name) else None)

    def _asks_for_old(self, hook: str) -> bool:
        record = self._site.store.get("Webhook", hook)
        texts = (record.fields.get("webhook_json"), record.fields.get("request_url")) if record is not None else ()
        return any(word in text for text in texts if text for word in _MAYBE_OLD)

    def _hooks(self) -> dict[str, list[Hook]]:
        if self._by_doctype is None:
            self._by_doctype = {}
            for record in self._site.store.all("Webhook"):
                if record.fields["enabled"]:
                    self._by_doctype.setdefault(record.fields["webhook_doctype"], []).append(self._hook(record))
        return self._by_doctype

    def _hook(self, record: Record) -> Hook:
        text = record.fields.get("condition")
        return Hook(record.id, record.fields["webhook_docevent"], condition_of(self._site, text) if text else None)

    def _watch(self, changes: list[Change]) -> None:
        if any(change.kind == "Webhook" for change in changes):
            self._by_doctype = None

    def forget(self) -> None:
        """The request was rolled back, or the site put back: nothing is sent."""
        self._events.clear()
        self._by_doctype = None

    def flush(self) -> None:
        """The request is committed: hand its events to the background workers."""
        if not self._events:
            return
        events, self._events = self._events, {}
        low, high = self._site.settings.webhook_latency_ms
        now = self._site.time.clock.now()
        for (hook, name), noted in events.items():
            record = self._site.store.get("Webhook", hook)
            if record is None:
                continue
            sent = Sent(hook, dict(_named(noted.doctype, noted.doc)), noted.before, self._site.user)
            due = now + timedelta(milliseconds=self._random.uniform(low, high))
            self.queue.put(record.fields["request_url"], f"{noted.doctype} {noted.event} {name}", [sent], due)

    # -- the background job -----------------------------------------------------------------------------------------

    def _prepare(self, delivery: Delivery) -> None:
        """Raises NothingToSend: the webhook is gone, or a template renders nothing that could be sent, which leaves a log."""
        sent: Sent = delivery.events[0]
        if delivery.forged:  # a stranger's copy: what the vendor sends stays as it is
            sent = Sent(sent.hook, sent.doc, sent.before, sent.user)
            delivery.events = [sent]
        if sent.body is None:
            self._make(delivery, sent)
        if sent.body is None or sent.headers is None:
            raise NothingToSend
        delivery.body, delivery.headers = sent.body, sent.headers

    def _make(self, delivery: Delivery, sent: Sent) -> None:
        record = self._site.store.get("Webhook", sent.hook)
        if record is None:
            return
        hook, fields = record.fields, whole(self._site, sent.doc)
        doc = view_of(self._site, sent.doc, lambda: sent.before)
        try:
            delivery.url = url_of(hook, doc, self._utils)
            tables = {name: self._site.meta(child) for name, child in self._site.meta(sent.doc["doctype"]).tables.items()}
            sent.data = data_of(hook, fields, tables, doc, self._utils)
        except CannotRender as error:
            write_log(self._site, sent.hook, sent.doc, delivery.url, sent.user, error=str(error))
            return
        sent.body = body_of(sent.data)
        sent.headers = headers_of(hook, sent.body, forged=delivery.forged)
        delivery.method, delivery.timeout = hook["request_method"], timedelta(seconds=hook["timeout"] or 5)
        delivery.follows_redirects = True

    def _settled(self, delivery: Delivery, result: DeliveryResult) -> None:
        """Every attempt leaves a log; the network's own copies leave none."""
        if delivery.twin:
            return
        sent: Sent = delivery.events[0]
        own = {name: value for name, value in (sent.headers or {}).items() if name not in ALWAYS}
        failed = result.status is None or result.status >= 400
        error = error_of(result, delivery.url, int(delivery.timeout.total_seconds())) if failed else None
        write_log(
            self._site, sent.hook, sent.doc, delivery.url, sent.user,
            headers=as_json(own) if own else None, data=as_json(sent.data) if sent.data else None,
            response=result.body if result.status is not None else None, error=error,
        )  # fmt: skip

    def _retry_wait(self, delivery: Delivery, result: DeliveryResult) -> timedelta | None:
        if delivery.attempt > len(self._waits):
            return None
        if result.failure == "timeout" and not self._site.settings.webhook_backoff:
            return timedelta(0)
        return self._waits[delivery.attempt - 1]


def _named(doctype: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
    return fields if fields.get("doctype") == doctype else {**fields, "doctype": doctype}
