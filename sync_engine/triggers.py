"""Webhooks: verified, written down, acknowledged. They are hints to look; no value of an event is ever copied to the other side."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

from sync_engine.context import Context
from sync_engine.polling import ERP_POLL
from sync_engine.polling.watch import heard_cursor
from sync_engine.polling.watches import doorbells
from sync_engine.processes.details import is_about_details, is_contact_property
from sync_engine.processes.flows import flows_of, follows_details, follows_merges
from sync_engine.processes.hints import DealHints
from sync_engine.processes.merge import merging, news
from sync_engine.signatures import is_from_frappe, is_from_hubspot
from sync_engine.store import Link
from sync_engine.wire import NotJson, read_json, write_text

ADDRESS_PROPERTIES = frozenset({"address", "city", "zip", "country"})
DOORBELL_DELAY = timedelta(milliseconds=500)  # one document's events come in threes: one look for all of them


class Triggers:
    """Turns webhook calls into work. Never talks to a vendor."""

    def __init__(self, context: Context) -> None:
        self.c = context
        self._customer = context.dictionary.entity("customer")
        self._deals = DealHints(context)
        dictionary, flows = context.dictionary, flows_of(context.dictionary, self._customer)
        self._company_fields = flows.heard(merging(self._customer.fields), "crm")
        self._follows_details = follows_details(dictionary)
        self._follows = {
            "propertyChange": bool(self._company_fields) or self._follows_details,
            "merge": follows_merges(dictionary),
            "restore": bool(self._company_fields) or self._follows_details,
            "deletion": bool(dictionary.processes_of("crm", "customer", "disappears")),
        }
        self._doorbells = doorbells(context.dictionary)

    def receive(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> int:
        """The status to answer: 204 once the events are safe, 401 for a bad signature, 400 or 404 for what is no webhook."""
        lowered = {name.lower(): value for name, value in headers.items()}
        tail = path.partition("?")[0].rstrip("/").rpartition("/")[2]
        if tail == "crm":
            return self._from_crm(method, lowered, body)
        if tail == "erp":
            return self._from_erp(lowered, body)
        return 404

    def _from_crm(self, method: str, headers: Mapping[str, str], body: bytes) -> int:
        c, settings = self.c, self.c.settings
        uri = settings.webhook_url.rstrip("/") + "/crm"
        if not is_from_hubspot(settings.webhook_secret, method, uri, headers, body, c.clock.now()):
            return 401
        try:
            events = read_json(body)
        except NotJson:
            return 400
        if not isinstance(events, list):
            return 400
        with c.store.transaction():
            c.store.set_cursor(heard_cursor("crm"), c.clock.now().isoformat())
            for event in events:
                if isinstance(event, dict) and c.store.keep_event(_key(event), "crm", c.clock.now(), write_text(event)):
                    self._look_at(event)
        return 204

    def _look_at(self, event: Mapping[str, Any]) -> None:
        kind, _, what = str(event.get("subscriptionType", event.get("eventType", ""))).partition(".")
        if what == "associationChange":
            self._deals.look_at_association(event)
            return
        record = str(event.get("newObjectId") or event.get("objectId") or "")
        if not record:
            return
        if kind == "deal":
            self._deals.look_at(record, what, str(event.get("propertyName", "")), str(event.get("propertyValue", "")))
        elif kind == "line_item":
            self._deals.look_at_line(record)
        elif kind == "company" and self._follows.get(what, False):
            self._look_at_company(event, record, what)
        elif (
            kind == "contact"
            and self._follows_details
            and (what != "propertyChange" or is_contact_property(str(event.get("propertyName", ""))))
        ):
            for id in _absorbed(event, record):
                if self.c.store.linked("contact", id) is not None:
                    self.c.queue.put("sync", "contact", id)

    def _look_at_company(self, event: Mapping[str, Any], record: str, what: str) -> None:
        """An unknown survivor of a merge is brought by its parts, which know their customers."""
        store, name = self.c.store, str(event.get("propertyName", ""))
        for id in _absorbed(event, record):
            link = store.linked("customer", id)
            if link is None and not (what == "propertyChange" and store.is_intended("customer", id)):
                continue
            if what == "propertyChange" and link is not None and not self._is_company_news(link, name, event):
                continue
            self.c.queue.put("sync", "customer", id)

    def _is_company_news(self, link: Link, name: str, event: Mapping[str, Any]) -> bool:
        """Addresses have no shadow here: a look decides. Our own writes come back with the values that were agreed."""
        if name in ADDRESS_PROPERTIES:
            about = f"crm {self._customer.crm.kind} {link.crm_id}"
            return self._follows_details or is_about_details(self.c, about)
        return news(self._company_fields, link.shadow, "crm", {name: event.get("propertyValue")}) and any(
            field.crm.field == name for field in self._company_fields
        )

    def _from_erp(self, headers: Mapping[str, str], body: bytes) -> int:
        c = self.c
        if not is_from_frappe(c.settings.webhook_secret, headers, body):
            return 401
        now = c.clock.now()
        with c.store.transaction():
            c.store.set_cursor(heard_cursor("erp"), now.isoformat())
            c.store.keep_event(f"erp {now.isoformat()} {sha256(body).hexdigest()}", "erp", now, body.decode("utf-8", "replace"))
            for what in self._rings(body):
                c.queue.put("poll", "erp", what, DOORBELL_DELAY)
        return 204

    def _rings(self, body: bytes) -> tuple[str, ...]:
        """What to look at: nothing for a version handled before, be it an echo, a repetition, or another event of the same save."""
        try:
            said = read_json(body)
        except NotJson:
            said = None
        if not isinstance(said, dict) or not said.get("doctype"):
            return (ERP_POLL[2],)
        kind, version = str(said["doctype"]), (str(said.get("name", "")), str(said.get("modified", "")))
        if version[1] and not self.c.store.unseen(kind, [version]):
            return ()
        return self._doorbells.get(kind, (ERP_POLL[2],))


def _absorbed(event: Mapping[str, Any], record: str) -> list[str]:
    """The records an event is about: its own and, of a merge, those that became part of it."""
    merged = event.get("mergedObjectIds")
    others = [*(merged if isinstance(merged, list) else ()), event.get("primaryObjectId")]
    return list(dict.fromkeys([record, *(str(id) for id in others if id)]))


def _key(event: Mapping[str, Any]) -> str:
    """One change has one key, however often and in whatever batch it is delivered; `eventId` alone is not unique."""
    names = ("subscriptionType", "eventId", "subscriptionId", "objectId", "propertyName", "propertyValue", "occurredAt")
    return "crm " + " ".join(str(event.get(name, "")) for name in names)
