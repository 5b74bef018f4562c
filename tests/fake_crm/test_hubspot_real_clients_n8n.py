"""What the n8n node and its trigger do, request by request, as their source shows it (facts 14.5)."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from hubspot_developer import Developer
from hubspot_portal import OBJECTS, Portal

from harness.kit.call import Reply
from harness.kit.clock import epoch_ms
from harness.kit.webhooks import DeliveryResult

Row = dict[str, Any]


def good(reply: Reply) -> Any:
    """What a client that raises for every other status goes on with."""
    assert reply.status == 200, reply.body
    return reply.json()


# -- the n8n node ---------------------------------------------------------------------------------------------------------------


class N8n:
    """The node's requests: a body on every call, GET included, and one loop for all lists."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal

    def call(self, method: str, path: str, body: Any = None, query: Row | None = None) -> Reply:
        return self.portal.call(method, path, {} if body is None else body, urlencode(query or {}, doseq=True))

    def all(self, rows: str, method: str, path: str, body: Row | None = None, query: Row | None = None) -> list[Row]:
        body, query = {**(body or {}), "limit": (body or {}).get("limit", 100)}, {**(query or {}), "limit": 250, "count": 100}
        found: list[Row] = []
        while True:
            page = good(self.call(method, path, body, query))
            query.update({key: page[name] for key, name in (("offset", "offset"), ("vidOffset", "vid-offset")) if name in page})
            if page.get("paging"):
                body["after"] = page["paging"]["next"]["after"]
            found += page[rows]
            if not (page.get("hasMore") or page.get("has-more") or page.get("paging")):
                return found


def named(**values: Any) -> list[Row]:
    return [{"name": name, "value": value} for name, value in values.items()]


def form_choices(node: N8n) -> tuple[str, int]:
    """What the form offers: stages, deal types, the account's own properties, owners, pipelines. The first stage and owner."""
    stage = good(node.call("GET", "/crm-pipelines/v1/pipelines/deals"))["results"][0]["stages"][0]
    assert (stage["stageId"], stage["label"]) == ("appointmentscheduled", "Appointment Scheduled")
    assert good(node.call("GET", "/properties/v1/deals/properties/named/dealtype"))["options"][0]["label"]
    own = [row["name"] for row in good(node.call("GET", "/properties/v2/deals/properties")) if row["hubspotDefined"] is None]
    assert own == ["erp_order_id"]
    assert good(node.call("GET", "/crm/v3/pipelines/deals"))["results"][0]["id"] == "default"
    return stage["stageId"], int(good(node.call("GET", "/crm/v3/owners"))["results"][0]["id"])


def test_a_workflow_of_the_n8n_node() -> None:
    portal = Portal()
    portal.define("deals", "erp_order_id")
    node = N8n(portal)
    stage, owner = form_choices(node)

    upsert = "/contacts/v1/contact/createOrUpdate/email/anna@acme.com"
    anna = good(node.call("POST", upsert, {"properties": [{"property": "firstname", "value": "Anna"}]}))
    assert anna["isNew"] is True
    shown = good(node.call("GET", f"/contacts/v1/contact/vid/{anna['vid']}/profile", query={"property": ["firstname", "email"]}))
    assert shown["properties"]["email"]["value"] == "anna@acme.com"
    fields = named(name="Acme", domain="acme.com", numberofemployees=40)
    acme = good(node.call("POST", "/companies/v2/companies", {"properties": fields}))["companyId"]
    by_domain = {"requestOptions": {"properties": ["name"]}, "limit": 1}
    assert good(node.call("POST", "/companies/v2/domains/acme.com/companies", by_domain))["results"][0]["companyId"] == acme
    values = named(dealstage=stage, dealname="Renewal", closedate=1790769600000, amount="1500", hubspot_owner_id=owner)
    body = {
        "properties": [*values, *named(erp_order_id="SO-1")],
        "associations": {"associatedCompanyIds": [acme], "associatedVids": [anna["vid"]]},
    }
    deal = good(node.call("POST", "/deals/v1/deal", body))["dealId"]
    moved = good(node.call("PUT", f"/deals/v1/deal/{deal}", {"properties": named(dealstage="closedwon")}))
    assert moved["properties"]["hs_is_closed_won"]["value"] == "true"
    assert good(node.call("GET", f"/deals/v1/deal/{deal}"))["associations"]["associatedVids"] == [anna["vid"]]

    assert node.call("DELETE", f"/deals/v1/deal/{deal}").body == b""
    assert good(node.call("DELETE", f"/contacts/v1/contact/vid/{anna['vid']}"))["deleted"] is True
    assert node.call("DELETE", f"{OBJECTS}/companies/{acme}").status == 204  # companies go by v3


def test_the_one_loop_of_the_n8n_node_comes_to_the_end_of_every_list() -> None:
    portal = Portal(burst_limit=2_000)
    node = N8n(portal)
    acme = int(portal.add("companies", name="Acme"))
    for number in range(261):
        portal.add("deals", dealname=f"d{number}")
        portal.add("contacts", email=f"p{number}@acme.com")
    since = {"since": epoch_ms(portal.clock.now()) - 1000}
    assert len(node.all("deals", "GET", "/deals/v1/deal/paged", query={"properties": ["dealname"]})) == 261
    assert len(node.all("contacts", "GET", "/contacts/v1/lists/all/contacts/all", query={"property": ["email"]})) == 261
    assert len(node.all("contacts", "GET", "/contacts/v1/lists/recently_updated/contacts/recent")) == 261
    assert len(node.all("companies", "GET", "/companies/v2/companies/paged", query={"properties": ["name"]})) == 1
    assert len(node.all("results", "GET", "/deals/v1/deal/recent/created", query=since)) == 261
    recent = node.all("results", "GET", "/companies/v2/companies/recent/modified", query=since)
    assert [row["companyId"] for row in recent] == [acme]
    portal.wait(60)
    search = {
        "sorts": [{"propertyName": "createdate", "direction": "DESCENDING"}],
        "filterGroups": [{"filters": [{"propertyName": "dealname", "operator": "HAS_PROPERTY"}]}],
        "sortBy": "createdate",
    }
    assert len(node.all("results", "POST", f"{OBJECTS}/deals/search", search)) == 261


# -- the n8n trigger ------------------------------------------------------------------------------------------------------------


class N8nTrigger:
    """Its life: look whether somebody else has the app, clear away, set up, listen, clear away; the key is in the query."""

    HOOK = "https://n8n.example/webhook/6d5f/webhook"

    def __init__(self, portal: Portal) -> None:
        self.portal, self.developer = portal, Developer(portal)
        self.secret = portal.fake.credentials()["client_secret"]

    def check_exists(self) -> None:
        settings = self.developer.call("GET", "/settings", {})
        if settings.status == 404:
            return
        assert good(settings)["targetUrl"] == self.HOOK, "another app's address: the node gives up"
        self.remove()

    def create(self, events: list[Row]) -> None:
        assert self.developer.call("PUT", "/settings", {"targetUrl": self.HOOK, "maxConcurrentRequests": 5}).ok
        for event in events:
            body = {"eventType": event["name"], "active": True}
            if event["name"].endswith(".propertyChange"):
                body["propertyName"] = event["property"]
            assert self.developer.call("POST", "/subscriptions", body).ok

    def remove(self) -> None:
        for subscription in good(self.developer.call("GET", "/subscriptions", {}))["results"]:
            assert self.developer.call("DELETE", f"/subscriptions/{subscription['id']}", {}).ok
        assert self.developer.call("DELETE", "/settings", {}).ok

    def received(self) -> list[Row]:
        """Events whose signature is that of the body as written again; `objectId` gets the type's own name."""
        self.portal.wait(10)
        rows: list[Row] = []
        for delivery in self.portal.fake.webhooks.take_due():
            self.portal.fake.webhooks.settle(delivery, DeliveryResult(200))
            body = json.loads(delivery.body)
            again = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
            if sha256(f"{self.secret}{again}".encode()).hexdigest() != delivery.headers["x-hubspot-signature"]:
                continue
            for row in body:
                name = next(each for each in ("contact", "company", "deal") if each in row["subscriptionType"])
                rows.append({**row, f"{name}Id": row.pop("objectId")})
        return rows


def test_the_life_of_an_n8n_trigger() -> None:
    portal = Portal()
    trigger = N8nTrigger(portal)
    trigger.check_exists()  # nobody has the app yet
    trigger.create(
        [{"name": "deal.creation"}, {"name": "deal.propertyChange", "property": "dealstage"}, {"name": "company.creation"}]
    )
    deal = portal.add("deals", dealname="Verlängerung “2027” \U0001f600")
    acme = portal.add("companies", name="Acme")
    assert portal.patch("deals", deal, dealname="not asked for", dealstage="contractsent").status == 200
    told = {
        (row["subscriptionType"], row.get("dealId", row.get("companyId")), row.get("propertyValue")) for row in trigger.received()
    }
    assert told == {
        ("deal.creation", int(deal), None),
        ("company.creation", int(acme), None),
        ("deal.propertyChange", int(deal), "contractsent"),
    }
    trigger.check_exists()  # activated again: it clears away what it finds of its own
    trigger.create([{"name": "company.propertyChange", "property": "name"}])
    assert portal.patch("companies", acme, name="Größe & Söhne").status == 200
    assert [(row["companyId"], row["propertyValue"]) for row in trigger.received()] == [(int(acme), "Größe & Söhne")]
    trigger.remove()
    portal.add("companies", name="unheard")
    assert trigger.received() == []
