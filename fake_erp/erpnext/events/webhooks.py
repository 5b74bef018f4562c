"""Webhooks: which events a save queues, what a delivery says, how it is signed, when it is tried again. Source: facts 6.

Within one transaction only the last event per (webhook, document) is sent. Three attempts, at once after a timeout, 1, 4 and 7
seconds after other failures, then it is gone for good.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from itertools import chain, count
from typing import Any

from jinja2 import Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from fake_erp.erpnext.business.masters import ADMIN
from fake_erp.erpnext.errors import throw
from fake_erp.erpnext.events.conditions import parse_condition
from fake_erp.erpnext.framework.documents import insert, update
from fake_erp.erpnext.framework.site import Site
from harness.kit.journal import Journal
from harness.kit.records import Change, Fields, Record
from harness.kit.seed import Seed
from harness.kit.webhooks import Delivery, DeliveryResult, RetrySchedule, WebhookQueue

LOG = "Webhook Request Log"
SIGNATURE = "X-Frappe-Webhook-Signature"
_SAME = ("request_url", "webhook_doctype", "webhook_docevent", "webhook_json")
# What an integration of quote-to-cash wants to hear of, as an administrator would set it up.
WANTED: tuple[tuple[str, str], ...] = (
    ("Customer", "on_update"),
    ("Sales Order", "on_submit"),
    ("Sales Order", "on_cancel"),
    ("Sales Order", "on_change"),
    ("Delivery Note", "on_submit"),
    ("Delivery Note", "on_cancel"),
    ("Sales Invoice", "on_submit"),
    ("Sales Invoice", "on_cancel"),
    ("Sales Invoice", "on_change"),
    ("Payment Entry", "on_submit"),
    ("Payment Entry", "on_cancel"),
)


class Webhooks:
    """The outgoing side of one site. `queue` is the kit's; events of the request in hand wait in `_events` until it commits."""

    def __init__(self, site: Site, seed: Seed, journal: Journal, system: str) -> None:
        self._site = site
        self._random = seed.stream("webhook latency")
        self._events: dict[tuple[str, str], tuple[str, Fields]] = {}
        self._by_event: dict[tuple[str, str], list[Record]] | None = None
        site.emit = self.emit
        site.store.on_commit(self._watch)
        self.queue = WebhookQueue(
            system,
            site.time.clock,
            seed.stream("webhook weather"),
            journal,
            retry=RetrySchedule(tuple(timedelta(seconds=s) for s in site.settings.webhook_retry_seconds)),
            prepare=self._prepare,
            succeeded=self._succeeded,
            retry_wait=self._retry_wait,
        )

    # -- while a request runs ---------------------------------------------------------------------------------------

    def emit(self, event: str, doctype: str, fields: Mapping[str, Any]) -> None:
        """Note an event for every enabled webhook whose condition holds. A condition that fails makes the save fail."""
        hooks = self._hooks().get((doctype, event))
        if not hooks:
            return
        for hook in hooks:
            condition = hook.fields.get("condition")
            if condition and not self._holds(condition, fields):
                continue
            key = (hook.id, str(fields["name"]))
            self._events.pop(key, None)
            self._events[key] = (event, {**fields, "doctype": doctype})

    def _holds(self, condition: str, fields: Mapping[str, Any]) -> bool:
        try:
            return bool(parse_condition(condition)(fields))
        except (TypeError, ArithmeticError, ValueError) as error:
            raise throw(f"Compilation Error: {error}", type(error).__name__, status=500) from None

    def _hooks(self) -> dict[tuple[str, str], list[Record]]:
        if self._by_event is None:
            self._by_event = {}
            for hook in self._site.store.all("Webhook"):
                if hook.fields["enabled"]:
                    self._by_event.setdefault((hook.fields["webhook_doctype"], hook.fields["webhook_docevent"]), []).append(hook)
        return self._by_event

    def _watch(self, changes: list[Change]) -> None:
        if any(change.kind == "Webhook" for change in changes):
            self._by_event = None

    def forget(self) -> None:
        """The request was rolled back: nothing is sent."""
        self._events.clear()
        self._by_event = None

    def flush(self) -> None:
        """The request is committed: hand its events to the background workers."""
        if not self._events:
            return
        events, self._events = self._events, {}
        low, high = self._site.settings.webhook_latency_ms
        now = self._site.time.clock.now()
        for (hook_name, name), (event, doc) in events.items():
            hook = self._site.store.get("Webhook", hook_name)
            if hook is None:
                continue
            fields, due = hook.fields, now + timedelta(milliseconds=self._random.uniform(low, high))
            body = body_of(fields, doc)
            if body is None:
                self._log(hook_name, doc, fields["request_url"], error="Webhook data is not valid JSON")
                continue
            subject = f"{doc['doctype']} {event} {name}"
            timeout = timedelta(seconds=fields["timeout"] or 5)
            sent = Sent(hook_name, body, doc)
            self.queue.put(fields["request_url"], subject, [sent], due, timeout=timeout, method=fields["request_method"])

    # -- deliveries -------------------------------------------------------------------------------------------------

    def _prepare(self, delivery: Delivery) -> None:
        sent: Sent = delivery.events[0]
        hook = self._site.store.get("Webhook", sent.hook)
        fields: Mapping[str, Any] = hook.fields if hook is not None else {}
        delivery.body = sent.body
        headers = {"User-Agent": "python-requests/2.32.3", "Accept-Encoding": "gzip, deflate", "Accept": "*/*"}
        for row in fields.get("webhook_headers") or ():
            if row.get("key"):
                headers[row["key"]] = row.get("value") or ""
        if fields.get("enable_security"):
            secret = "a wrong secret" if delivery.forged else fields.get("webhook_secret") or ""
            headers[SIGNATURE] = sign(secret, delivery.body)
        delivery.headers = headers
        shown = {key: value for key, value in headers.items() if key != SIGNATURE}
        log = self._log(sent.hook, sent.doc, delivery.url, headers=json.dumps(shown), data=delivery.body.decode())
        delivery.join_key = log

    def _log(self, hook: str, doc: Mapping[str, Any], url: str, **texts: str) -> str:
        """Every attempt leaves a Webhook Request Log, also one that succeeds. Its name, or nothing where logs are off."""
        if not self._site.settings.webhook_request_log:
            return ""
        site, stamp, name = self._site, self._site.time.stamp(), self._site.random_name()
        standard = {
            "name": name,
            "owner": ADMIN,
            "creation": stamp,
            "modified": stamp,
            "modified_by": ADMIN,
            "docstatus": 0,
            "idx": 0,
        }
        values = {
            "webhook": hook,
            "reference_document": doc["name"],
            "url": url,
            "user": doc.get("modified_by"),
            "response": None,
            "error": None,
            "doctype": LOG,
        }
        site.store.insert(LOG, name, {**standard, "headers": None, "data": None, **values, **texts})
        return name

    def _succeeded(self, result: DeliveryResult) -> bool:
        return result.status is not None and result.status < 400

    def _retry_wait(self, delivery: Delivery, result: DeliveryResult) -> timedelta | None:
        waits = self._site.settings.webhook_retry_seconds
        if delivery.join_key and self._site.store.get(LOG, delivery.join_key) is not None:
            self._site.store.update(LOG, delivery.join_key, {"error": f"Webhook failed: {result.text}"})
        if delivery.attempt >= len(waits):
            return None
        return timedelta(0) if result.failure == "timeout" else timedelta(seconds=waits[delivery.attempt - 1])


def sign(secret: str, body: bytes) -> str:
    """The signature header: base64 of the raw HMAC-SHA256 of exactly the bytes sent."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


@dataclass(frozen=True, slots=True)
class Sent:
    """One event on its way. The body is made at the commit, address and headers are read again at every attempt."""

    hook: str
    body: bytes
    doc: Mapping[str, Any]


def body_of(hook: Mapping[str, Any], doc: Mapping[str, Any]) -> bytes | None:
    """JSON with Python's default separators, whatever the structure is called [P26]; None when a template renders none."""
    if hook.get("request_structure") == "JSON" and hook.get("webhook_json"):
        try:
            data = json.loads(_template(hook["webhook_json"]).render(doc=doc))
        except (TemplateError, ValueError, TypeError, ArithmeticError, LookupError, AttributeError, RecursionError):
            return None
    else:
        data = {row["key"]: doc.get(row["fieldname"]) for row in hook.get("webhook_data") or () if row.get("key")}
    return json.dumps(data, default=float).encode()


class _Templates(ImmutableSandboxedEnvironment):
    """`doc.items` is the table of that name, as in the vendor's documents, and no method of a dictionary."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, dict) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


_JINJA = _Templates()
_JINJA.policies["json.dumps_kwargs"] = {"sort_keys": True, "default": float}


@lru_cache(maxsize=128)
def _template(text: str) -> Template:
    return _JINJA.from_string(text)


def subscribe(site: Site, url: str, secret: str) -> None:
    """Set up what an integration at `url` wants to hear. A Webhook that says the same there already only gets the secret."""
    there = {tuple(hook.fields[name] for name in _SAME): hook.id for hook in site.store.all("Webhook")}
    for document in subscriptions(url, secret):
        known = there.get(tuple(document[name] for name in _SAME))
        if known is None:
            insert(site, "Webhook", {**document, "name": _free_name(site, document["name"])})
        else:
            signed = {name: document[name] for name in ("enable_security", "webhook_secret")}
            update(site, "Webhook", known, {"enabled": 1, **signed})


def _free_name(site: Site, name: str) -> str:
    """`customer-update`, and `customer-update-2` for the second address that hears of it."""
    numbered = (f"{name}-{number}" for number in count(2))
    return next(free for free in chain([name], numbered) if site.find("Webhook", free) is None)


def subscriptions(url: str, secret: str) -> list[dict[str, Any]]:
    """The Webhook documents an administrator would create for an integration at `url`."""
    documents = []
    for doctype, event in WANTED:
        what = f'"doctype": "{doctype}", "event": "{event}"'
        body = f'{{{what}, "name": {{{{ doc.name | tojson }}}}, "modified": "{{{{ doc.modified }}}}"}}'
        documents.append(
            {
                "name": f"{doctype.lower().replace(' ', '-')}-{event.removeprefix('on_')}",
                "webhook_doctype": doctype,
                "webhook_docevent": event,
                "request_url": url,
                "request_structure": "JSON",
                "enable_security": 1 if secret else 0,
                "webhook_secret": secret,
                "webhook_headers": [{"key": "Content-Type", "value": "application/json"}],
                "webhook_json": body,
            }
        )
    return documents
