"""Webhooks: verified, written down, acknowledged. They are hints to look; no value of an event is ever copied to the other side."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

from sync_engine.context import Context
from sync_engine.polling import ERP_POLL
from sync_engine.signatures import is_from_frappe, is_from_hubspot
from sync_engine.wire import NotJson, read_json, write_text

DOORBELL_DELAY = timedelta(milliseconds=500)  # one document's events come in threes: one look for all of them


class Triggers:
    """Turns webhook calls into work. Never talks to a vendor."""

    def __init__(self, context: Context) -> None:
        self.c = context
        self._order, self._customer = context.dictionary.entity("order"), context.dictionary.entity("customer")
        self._own_fields = {field.crm.field for field in self._order.fields if field.owner == "erp"} | {
            self._order.crm.link_field,
            self._order.error_field,
        }
        self._company_fields = {field.crm.field for field in self._customer.fields if field.owner == "crm"}

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
            for event in events:
                if isinstance(event, dict) and c.store.keep_event(_key(event), "crm", c.clock.now(), write_text(event)):
                    self._look_at(event)
        return 204

    def _look_at(self, event: Mapping[str, Any]) -> None:
        kind, _, what = str(event.get("subscriptionType", event.get("eventType", ""))).partition(".")
        record = str(event.get("newObjectId") or event.get("objectId") or "")
        if not record:
            return
        if kind == "deal":
            self._look_at_deal(record, what, str(event.get("propertyName", "")), str(event.get("propertyValue", "")))
        elif kind == "company" and what in ("propertyChange", "merge", "restore"):
            name = str(event.get("propertyName", ""))
            link = self.c.store.linked("customer", record)
            if link is None and what == "merge":
                return  # its deals will bring it; `hs_merged_object_ids` leads back to the customer
            if (link is not None or self.c.store.is_intended("customer", record)) and (not name or name in self._company_fields):
                self.c.queue.put("sync", "customer", record)

    def _look_at_deal(self, record: str, what: str, name: str, value: str) -> None:
        c = self.c
        if what in ("creation", "deletion"):
            return  # a deal is not won on creation; polling sees those that are
        link = c.store.linked("order", record)
        if link is not None:
            echo = what == "propertyChange" and (name not in self._own_fields or (link.shadow or {}).get(name) == value)
            if not echo and what in ("propertyChange", "restore", "merge"):
                c.queue.put("order", "order", record)
            return
        if what == "propertyChange":
            if name in self._own_fields:
                return
            if name in self._order.when:
                wanted = self._order.when[name] == value
            else:
                letter = c.store.dead_letter(f"crm {self._order.crm.kind} {record}")
                wanted = letter is not None and letter.status == "open"
            if not wanted:
                return
        c.queue.put("order", "order", record)

    def _from_erp(self, headers: Mapping[str, str], body: bytes) -> int:
        c = self.c
        if not is_from_frappe(c.settings.webhook_secret, headers, body):
            return 401
        now = c.clock.now()
        with c.store.transaction():
            c.store.keep_event(f"erp {now.isoformat()} {sha256(body).hexdigest()}", "erp", now, body.decode("utf-8", "replace"))
            if not self._is_known(body):
                c.queue.put(*ERP_POLL, DOORBELL_DELAY)
        return 204

    def _is_known(self, body: bytes) -> bool:
        """Whether the call names a version that was handled already: an echo, a repetition, one of several events of a save."""
        try:
            said = read_json(body)
        except NotJson:
            return False
        if not isinstance(said, dict) or not said.get("doctype"):
            return False
        if said["doctype"] == self._customer.erp.kind:
            return True  # the CRM owns what we carry to customers; the regular poll looks after edits in the ERP
        version = (str(said.get("name", "")), str(said.get("modified", "")))
        return bool(version[1]) and not self.c.store.unseen(str(said["doctype"]), [version])


def _key(event: Mapping[str, Any]) -> str:
    """One change has one key, however often and in whatever batch it is delivered; `eventId` alone is not unique."""
    names = ("subscriptionType", "eventId", "subscriptionId", "objectId", "propertyName", "propertyValue", "occurredAt")
    return "crm " + " ".join(str(event.get(name, "")) for name in names)
