"""What the two taps do in one run, request by request, as their sources show it (facts 14.3, 14.4).

Each test drives the account as the client's own loop does: with its parameters, and nothing but its way to see the end of a walk.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from hubspot_app import App
from hubspot_portal import OBJECTS, Portal

from harness.kit.call import Reply
from harness.kit.clock import epoch_ms

Row = dict[str, Any]
SEARCH_END = 10_000
_START = datetime(1970, 1, 1, tzinfo=UTC)


def good(reply: Reply) -> Any:
    """What a client that raises for every other status goes on with."""
    assert reply.status == 200, reply.body
    return reply.json()


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


# -- the singer tap -------------------------------------------------------------------------------------------------------------


class SingerTap:
    """A full run: properties first, then each stream; every page's offset goes back under the same name."""

    def __init__(self, portal: Portal) -> None:
        self.app = App(portal, "2026-03")
        types = ("deals", "companies", "contacts", "owners", "custom")
        scopes = ["oauth", "tickets", "crm.schemas.custom.read", *(f"crm.objects.{each}.read" for each in types)]
        self.app.install(scope=" ".join(scopes))
        assert self.app.refresh(redirect_uri="https://app.test/back").status == 200  # it sends a redirect_uri here as well

    def get(self, path: str, **params: Any) -> Any:
        return good(self.app.call("GET", path, query=urlencode(params, doseq=True)))

    def pages(self, path: str, rows: str, more: str, params: Row) -> list[Row]:
        found: list[Row] = []
        while True:
            page = self.get(path, **params)
            found += page[rows]
            if not page.get(more, False):
                return found
            params = {**params, "offset": page["offset"]}

    def v3_pages(self, path: str, params: Row) -> list[Row]:
        found: list[Row] = []
        while True:
            page = self.get(path, **params)
            found += page["results"]
            after = page.get("paging", {}).get("next", {}).get("after")
            if after is None:
                return found
            params = {**params, "after": after}


def companies_of(tap: SingerTap) -> list[Row]:
    columns = {row["name"]: row["type"] for row in tap.get("/companies/v2/properties")}
    assert columns["hs_lastmodifieddate"] == "datetime"
    params = {"limit": 250, "properties": ["createdate", "hs_lastmodifieddate"]}
    walked = tap.pages("/companies/v2/companies/paged", "companies", "has-more", params)
    bookmark = max(row["properties"]["hs_lastmodifieddate"]["timestamp"] / 1000.0 for row in walked)
    assert bookmark == tap.app.portal.clock.now().timestamp()
    detail = tap.get(f"/companies/v2/companies/{walked[0]['companyId']}")
    assert detail["properties"]["domain"]["value"] == "c0.com"
    assert set(detail["properties"]) <= set(columns)  # a column the tap was not told of would be lost
    return walked


def deals_of(tap: SingerTap) -> list[Row]:
    assert "amount" in {row["name"] for row in tap.get("/properties/v1/deals/properties")}
    params = {"limit": 100, "includeAllProperties": True, "allPropertiesFetchMode": "latest_version", "properties": []}
    listed = tap.pages("/deals/v1/deal/paged", "deals", "hasMore", params)
    assert listed[0]["properties"]["amount"]["value"] == "10.50"
    first = [{"id": str(row["dealId"])} for row in listed[:100]]
    read = good(tap.app.call("POST", f"{OBJECTS}/deals/batch/read", {"inputs": first, "properties": ["hs_date_entered_closedwon"]}))
    assert len(read["results"]) == 100
    stages = {stage["stageId"] for pipeline in tap.get("/deals/v1/pipelines") for stage in pipeline["stages"]}
    assert {row["properties"]["dealstage"]["value"] for row in listed} <= stages
    return listed


def people_of(tap: SingerTap) -> list[Row]:
    for kind in ("contacts", "deals", "tickets"):
        assert {"name", "type"} <= set(tap.get(f"/crm/v3/properties/{kind}")["results"][0])
    return tap.v3_pages(f"{OBJECTS}/contacts", {"limit": 100, "associations": "tickets,companies,deals", "properties": "email"})


def define_rentals(portal: Portal) -> None:
    rental = {"name": "rental", "labels": {"singular": "Rental", "plural": "Rentals"}, "requiredProperties": ["title"]}
    title = {"name": "title", "label": "Title", "type": "string", "fieldType": "text"}
    assert portal.post("/crm/v3/schemas", {**rental, "primaryDisplayProperty": "title", "properties": [title]}).status == 201


def test_a_full_run_of_the_singer_tap() -> None:
    portal = Portal(burst_limit=2_000, oauth_burst=2_000)
    companies = [portal.add("companies", name=f"c{number}", domain=f"c{number}.com") for number in range(253)]
    deals = [portal.add("deals", [(companies[0], 341)], dealname=f"d{number}", amount="10.50") for number in range(103)]
    contacts = [portal.add("contacts", [(companies[0], 279)], email=f"p{number}@c0.com") for number in range(3)]
    define_rentals(portal)
    portal.add("p_rental", title="Excavator")
    tap = SingerTap(portal)

    assert [row["companyId"] for row in companies_of(tap)] == [int(each) for each in companies]
    assert [row["dealId"] for row in deals_of(tap)] == [int(each) for each in deals]
    people = people_of(tap)
    assert [row["id"] for row in people] == contacts
    assert people[0]["associations"]["companies"]["results"][0]["id"] == companies[0]
    body = {"inputs": [{"id": companies[0]}]}
    linked = good(tap.app.call("POST", "/crm/v3/associations/company/contact/batch/read", body))
    assert {row["id"] for row in linked["results"][0]["to"]} == set(contacts)
    assert tap.v3_pages("/crm/v4/objects/tickets", {"limit": 100}) == []
    assert len(tap.get("/crm/v3/owners/", limit=500)["results"]) >= 3
    schema = tap.get("/crm/v3/schemas")["results"][0]
    assert [row["name"] for row in schema["properties"] if not row.get("hubspotDefined")] == ["title"]
    rentals = tap.v3_pages(f"{OBJECTS}/p_{schema['name']}", {"limit": 100, "properties": "title"})
    assert [row["properties"]["title"] for row in rentals] == ["Excavator"]


# -- the Meltano tap ------------------------------------------------------------------------------------------------------------


class MeltanoTap:
    """One stream: a walk over the list at first, then a search from the bookmark on, started again where search ends."""

    def __init__(self, portal: Portal, stream: str, replication_key: str) -> None:
        self.portal, self.stream, self.key = portal, stream, replication_key
        self.properties = [row["name"] for row in good(portal.get(f"/crm/v3/properties/{stream}"))["results"]]
        self.bookmark = ""

    def full(self) -> list[Row]:
        rows: list[Row] = []
        after = None
        while True:
            params = {"properties": ",".join(self.properties), "sort": "asc", "order_by": self.key}
            page = good(self.portal.get(f"{OBJECTS}/{self.stream}", urlencode({**params, **({"after": after} if after else {})})))
            rows += self._noted(page["results"])
            paging = page.get("paging")
            if paging is None:
                return rows
            after = paging["next"]["after"]

    def incremental(self, after: str | None = None) -> list[Row]:
        rows: list[Row] = []
        since = self.bookmark
        while True:
            body: Row = {}
            if after is not None and int(after) + 100 >= SEARCH_END:
                since = self.bookmark  # as far as it came; `after` is left out
            elif after is not None:
                body["after"] = after
            ms = epoch_ms(_instant(since))
            condition = {"propertyName": self.key, "operator": "GTE", "value": str(ms)}
            body |= {"filterGroups": [{"filters": [condition]}], "limit": 100, "properties": self.properties}
            body["sorts"] = [{"propertyName": self.key, "direction": "ASCENDING"}]
            self.portal.wait(0.25)
            page = good(self.portal.post(f"{OBJECTS}/{self.stream}/search", body))
            rows += self._noted(page["results"])
            paging = page.get("paging")
            if paging is None:
                return rows
            after = paging["next"]["after"]

    def _noted(self, rows: list[Row]) -> list[Row]:
        """Every row must carry the replication key; the latest becomes the bookmark."""
        self.bookmark = max(
            [self.bookmark, *(row["properties"][self.key] for row in rows)], key=lambda each: _instant(each) if each else _START
        )
        return rows


def test_two_runs_of_the_meltano_tap() -> None:
    portal = Portal(burst_limit=2_000)
    people = [portal.add("contacts", email=f"p{number}@acme.com") for number in range(25)]
    tap = MeltanoTap(portal, "contacts", "lastmodifieddate")
    assert [row["id"] for row in tap.full()] == people  # ten a page: it sends no limit
    portal.wait(60)
    changed = people[3:8]
    for each in changed:
        assert portal.patch("contacts", each, firstname="changed").status == 200
        portal.wait(1)
    portal.wait(10)
    assert {row["id"] for row in tap.incremental()} >= set(changed)
    again = tap.incremental()
    assert [row["id"] for row in again] == changed[-1:]  # GTE: the last one comes again


def test_the_meltano_tap_starts_its_search_again_near_ten_thousand() -> None:
    portal = Portal(burst_limit=20_000)
    tap = MeltanoTap(portal, "companies", "hs_lastmodifieddate")
    tap.bookmark = "2026-01-01T00:00:00Z"
    made: list[str] = []
    for _ in range(102):
        batch = portal.post(f"{OBJECTS}/companies/batch/create", {"inputs": [{"properties": {"name": "x"}}] * 100})
        made += [row["id"] for row in batch.json()["results"]]
        portal.wait(1)
    portal.wait(10)
    tap.properties = ["name", "hs_lastmodifieddate"]
    rows = [row["id"] for row in tap.incremental(after="9700")]  # as if it had come that far
    assert set(rows) == set(made[9700:])
    assert len(rows) > len(made[9700:])  # what was written at the instant of the new start comes twice
