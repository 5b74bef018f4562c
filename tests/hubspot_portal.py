"""A HubSpot account at a desk: a fake with a clock that moves when told to, and verbs for calling it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from fake_crm.hubspot import SPEC, HubSpotFake
from harness.kit.call import Call, Reply
from harness.kit.clock import ManualClock
from harness.kit.fake import FakeSetup
from harness.kit.journal import Journal
from harness.kit.seed import Seed

OBJECTS = "/crm/v3/objects"


class Portal:
    """One account and an app that calls it. It may define custom objects, on whatever tier."""

    def __init__(self, **settings: Any) -> None:
        settings = {"custom_objects_on_any_tier": True, **settings}
        self.clock = ManualClock()
        self.journal = Journal()
        fake = SPEC.create(FakeSetup("crm", self.clock, Seed(7), self.journal, SPEC.default_host, settings))
        assert isinstance(fake, HubSpotFake)
        self.fake = fake
        self.headers = {"authorization": f"Bearer {fake.credentials()['token']}"}

    def call(self, method: str, path: str, body: Any = None, query: str = "", **headers: str) -> Reply:
        raw = body if isinstance(body, bytes) else msgspec.json.encode(body) if body is not None else b""
        return self.fake.handle(Call(method, path, query, {**self.headers, **headers}, raw, caller="engine"))

    def get(self, path: str, query: str = "") -> Reply:
        return self.call("GET", path, query=query)

    def post(self, path: str, body: Any, query: str = "") -> Reply:
        return self.call("POST", path, body, query)

    def patch(self, kind: str, record_id: str, **properties: Any) -> Reply:
        return self.call("PATCH", f"{OBJECTS}/{kind}/{record_id}", {"properties": properties})

    def add(self, kind: str, links: list[tuple[str, int]] | None = None, **properties: Any) -> str:
        """Create a record that must be accepted; its id."""
        body: dict[str, Any] = {"properties": properties}
        if links:
            body["associations"] = [link_to(other, number) for other, number in links]
        reply = self.post(f"{OBJECTS}/{kind}", body)
        assert reply.status == 201, reply.body
        record_id: str = reply.json()["id"]
        return record_id

    def read(self, kind: str, record_id: str, *names: str) -> dict[str, Any]:
        reply = self.get(f"{OBJECTS}/{kind}/{record_id}", f"properties={','.join(names)}" if names else "")
        assert reply.status == 200, reply.body
        properties: dict[str, Any] = reply.json()["properties"]
        return properties

    def search(self, kind: str, *filters: dict[str, Any], **more: Any) -> Reply:
        groups = [{"filters": list(filters)}] if filters else []
        return self.post(f"{OBJECTS}/{kind}/search", {"filterGroups": groups, **more})

    def define(self, kind: str, name: str, *, unique: bool = False, **more: Any) -> None:
        groups = {"contacts": "contactinformation", "companies": "companyinformation", "deals": "dealinformation"}
        row = {
            "name": name,
            "label": name,
            "type": "string",
            "fieldType": "text",
            "groupName": groups[kind],
            "hasUniqueValue": unique,
        }
        assert self.post(f"/crm/v3/properties/{kind}", {**row, **more}).status == 201

    def wait(self, seconds: float) -> None:
        self.clock.advance(timedelta(seconds=seconds))


def link_to(other_id: str, number: int) -> dict[str, Any]:
    return {"to": {"id": other_id}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": number}]}


def where(name: str, operator: str, value: Any = None, **more: Any) -> dict[str, Any]:
    row = {"propertyName": name, "operator": operator, **more}
    return row if value is None else {**row, "value": value}
