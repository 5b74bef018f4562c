"""Pitfalls of the v1 and v2 routes, numbered as in facts section 16."""

from __future__ import annotations

import re

import pytest
from hubspot_portal import OBJECTS, Portal

RECENT_STOP = "Cannot fetch more than 10000 total records for this endpoint"


def test_pitfall_15_the_v1_conflict_of_a_contact_is_not_the_one_of_v3() -> None:
    portal = Portal()
    holder = portal.add("contacts", email="lee@acme.com", firstname="Lee")
    v3 = portal.post(f"{OBJECTS}/contacts", {"properties": {"email": "Lee@acme.com"}})
    v1 = portal.post("/contacts/v1/contact", {"properties": [{"property": "email", "value": "Lee@acme.com"}]})
    assert v3.status == v1.status == 409
    old, new = v1.json(), v3.json()
    assert old["message"] == new["message"] == f"Contact already exists. Existing ID: {holder}"
    assert new["category"] == "CONFLICT"
    assert set(new) == {"status", "message", "category", "correlationId"}
    assert (old["category"], old["error"], old["status"]) == ("OBJECT_ALREADY_EXISTS", "CONTACT_EXISTS", "error")
    assert old["errors"] == [{"message": f"A contact with email lee@acme.com already exists. Existing ID: {holder}", "in": "email"}]
    profile = old["identityProfile"]
    assert profile["vid"] == int(holder)
    assert next(each for each in profile["identity"] if each.get("isPrimary"))["value"] == "lee@acme.com"
    assert profile["linkedVid"] == []
    found = re.search(r"Existing ID: (\d+)", old["message"])  # what integrations of both versions rely on
    assert found is not None
    assert found[1] == holder


@pytest.mark.parametrize(
    ("path", "kind", "name"),
    [("/deals/v1/deal/recent", "deals", "dealname"), ("/companies/v2/companies/recent", "companies", "name")],
)
def test_pitfall_46_recent_endpoints_stop_at_ten_thousand_records(path: str, kind: str, name: str) -> None:
    portal = Portal(burst_limit=10_000)
    for start in range(0, 10_001, 100):
        inputs = [{"properties": {name: f"n{number}"}} for number in range(start, min(start + 100, 10_001))]
        assert portal.post(f"{OBJECTS}/{kind}/batch/create", {"inputs": inputs}).status == 201
    for which in ("modified", "created"):
        last = portal.get(f"{path}/{which}", "count=100&offset=9900").json()
        assert (len(last["results"]), last["hasMore"], last["offset"], last["total"]) == (100, True, 10_000, 10_001)
        stopped = portal.get(f"{path}/{which}", f"count=100&offset={last['offset']}")
        assert (stopped.status, stopped.json()["message"]) == (400, RECENT_STOP)
    paged = "/deals/v1/deal/paged" if kind == "deals" else "/companies/v2/companies/paged"
    rows, offset, more = 0, 0, True
    while more:  # the way out: the walk by id has no such end
        page = portal.get(paged, f"limit=250&offset={offset}").json()
        rows, offset, more = rows + len(page[kind]), page["offset"], page.get("hasMore", page.get("has-more"))
    assert rows == 10_001
