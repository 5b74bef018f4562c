"""The developer of a HubSpot app, who says where its webhooks go, and what then arrives there."""

from __future__ import annotations

from typing import Any

import msgspec
from hubspot_portal import Portal

from fake_crm.hubspot.settings import DEFAULT_DEVELOPER_KEY
from harness.kit.call import Reply
from harness.kit.webhooks import DeliveryResult

APP = "1344071"
URL = "https://app.example/hook"
TARGET = {"targetUrl": URL, "throttling": {"maxConcurrentRequests": 10}}
KEY = f"hapikey={DEFAULT_DEVELOPER_KEY}"


class Developer:
    """The developer of the account's app, with the developer key."""

    def __init__(self, portal: Portal, base: str = "/webhooks/v3", app: str = APP) -> None:
        self.portal, self.app = portal, f"{base}/{app}"

    def call(self, method: str, path: str, body: Any = None) -> Reply:
        return self.portal.call(method, f"{self.app}{path}", body, query=KEY, authorization="")

    def subscribe(self, event_type: str, **more: Any) -> str:
        reply = self.call("POST", "/subscriptions", {"eventType": event_type, "active": True, **more})
        assert reply.status == 201, reply.body
        number: str = reply.json()["id"]
        return number

    def listed(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.call("GET", "/subscriptions").json()["results"]
        return rows


def events(portal: Portal) -> list[dict[str, Any]]:
    """What is told within the next six seconds."""
    portal.wait(6)
    told = []
    for each in portal.fake.webhooks.take_due():
        portal.fake.webhooks.settle(each, DeliveryResult(204))
        told += msgspec.json.decode(each.body)
    return told
