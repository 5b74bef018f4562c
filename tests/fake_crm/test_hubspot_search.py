"""Search: what matches, what is refused, and the index that lags behind (facts 8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hubspot_portal import OBJECTS, Portal, where
from hypothesis import given
from hypothesis import strategies as st

OpenPortal = Callable[..., Portal]


def found(portal: Portal, kind: str, *filters: dict[str, Any], **more: Any) -> list[str]:
    reply = portal.search(kind, *filters, **more)
    assert reply.status == 200, reply.body
    return [row["id"] for row in reply.json()["results"]]


# -- the lag ----------------------------------------------------------------------------------------------------------


def test_a_contact_made_a_second_ago_is_not_found_and_cannot_be_made_again(portal: Portal) -> None:
    """Pitfall 1: search-then-create without handling the 409 loses data."""
    contact = portal.add("contacts", email="jo@acme.com")
    portal.wait(1)
    assert portal.search("contacts", where("email", "EQ", "jo@acme.com")).json() == {"total": 0, "results": []}
    again = portal.post(f"{OBJECTS}/contacts", {"properties": {"email": "jo@acme.com"}})
    assert again.json()["message"] == f"Contact already exists. Existing ID: {contact}"
    portal.wait(4)
    assert found(portal, "contacts", where("email", "EQ", "JO@acme.com")) == [contact]


def test_the_same_race_on_companies_makes_two(portal: Portal) -> None:
    """Pitfall 2."""
    portal.add("companies", domain="acme.com")
    assert found(portal, "companies", where("domain", "EQ", "acme.com")) == []
    portal.add("companies", domain="acme.com")
    portal.wait(5)
    assert len(found(portal, "companies", where("domain", "EQ", "acme.com"))) == 2


def test_within_the_lag_an_old_value_matches_and_the_new_one_is_shown(portal: Portal) -> None:
    """Pitfall 3."""
    deal = portal.add("deals", dealname="old name")
    portal.wait(5)
    portal.patch("deals", deal, dealname="new name")
    row = portal.search("deals", where("dealname", "EQ", "old name")).json()["results"][0]
    assert row["properties"]["dealname"] == "new name"
    portal.wait(5)
    assert found(portal, "deals", where("dealname", "EQ", "old name")) == []


def test_an_archived_record_is_found_until_the_index_knows(portal: Portal) -> None:
    deal = portal.add("deals", dealname="one")
    portal.wait(5)
    portal.call("DELETE", f"{OBJECTS}/deals/{deal}")
    assert found(portal, "deals") == [deal]
    portal.wait(5)
    assert found(portal, "deals") == []


def test_the_lag_is_a_setting(open_portal: OpenPortal) -> None:
    portal = open_portal(index_lag_s=0)
    deal = portal.add("deals", dealname="one")
    assert found(portal, "deals") == [deal]
    spread = open_portal(index_lag_s=0, index_lag_s_max=60)
    for number in range(20):
        spread.add("deals", dealname=str(number))
    spread.wait(60)
    assert spread.search("deals").json()["total"] == 20


# -- what matches -----------------------------------------------------------------------------------------------------


@pytest.fixture
def shop(portal: Portal) -> Portal:
    portal.add("deals", dealname="Ash Tree", amount="100.00", closedate="2026-04-01", dealtype="newbusiness")
    portal.add("deals", dealname="Birch Wood", amount="200", closedate="2026-05-01", dealstage="closedwon")
    portal.add("deals", dealname="cedar-tree", amount="1e3")
    portal.wait(10)
    return portal


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        (where("dealname", "EQ", "ash tree"), ["Ash Tree"]),
        (where("dealname", "NEQ", "ash tree"), ["Birch Wood", "cedar-tree"]),
        (where("amount", "EQ", "100"), ["Ash Tree"]),
        (where("amount", "GT", 100), ["Birch Wood", "cedar-tree"]),
        (where("amount", "GTE", "100"), ["Ash Tree", "Birch Wood", "cedar-tree"]),
        (where("amount", "LT", "200"), ["Ash Tree"]),
        (where("amount", "BETWEEN", "100", highValue="200"), ["Ash Tree", "Birch Wood"]),
        (where("closedate", "LTE", 1775001600000), ["Ash Tree"]),
        (where("closedate", "GT", "2026-04-01T00:00:00Z"), ["Birch Wood"]),
        (where("dealstage", "EQ", "closedwon"), ["Birch Wood"]),
        (where("dealstage", "EQ", "ClosedWon"), []),
        (where("dealstage", "IN", values=["closedwon", "closedlost"]), ["Birch Wood"]),
        (where("dealname", "IN", values=["ash tree"]), ["Ash Tree"]),
        (where("dealname", "IN", values=["Ash Tree"]), []),
        (where("dealname", "NOT_IN", values=["ash tree"]), ["Birch Wood", "cedar-tree"]),
        (where("dealtype", "HAS_PROPERTY"), ["Ash Tree"]),
        (where("dealtype", "NOT_HAS_PROPERTY"), ["Birch Wood", "cedar-tree"]),
        (where("dealtype", "NEQ", "existingbusiness"), ["Ash Tree"]),
        (where("dealname", "CONTAINS_TOKEN", "tree"), ["Ash Tree", "cedar-tree"]),
        (where("dealname", "CONTAINS_TOKEN", "bir*"), ["Birch Wood"]),
        (where("dealname", "NOT_CONTAINS_TOKEN", "tree"), ["Birch Wood"]),
    ],
)
def test_an_operator_matches_what_the_vendor_says_it_does(shop: Portal, condition: dict[str, Any], names: list[str]) -> None:
    """Pitfall 32 among them: IN on text with upper case finds nothing."""
    rows = shop.search("deals", condition, properties=["dealname"]).json()["results"]
    assert [row["properties"]["dealname"] for row in rows] == names


def test_groups_are_alternatives_and_a_query_looks_into_text(shop: Portal) -> None:
    groups = [{"filters": [where("amount", "EQ", "100")]}, {"filters": [where("amount", "EQ", "200")]}]
    assert shop.post(f"{OBJECTS}/deals/search", {"filterGroups": groups}).json()["total"] == 2
    assert shop.post(f"{OBJECTS}/deals/search", {"filters": [where("amount", "EQ", "100")]}).json()["total"] == 1
    assert shop.post(f"{OBJECTS}/deals/search", {"query": "TREE"}).json()["total"] == 2
    assert shop.post(f"{OBJECTS}/line_items/search", {"query": "tree"}).json()["total"] == 0
    assert shop.post(f"{OBJECTS}/deals/search", {}).json()["total"] == 3


@pytest.mark.parametrize(
    ("sorts", "names"),
    [
        (["amount"], ["Ash Tree", "Birch Wood", "cedar-tree"]),
        (["-amount"], ["cedar-tree", "Birch Wood", "Ash Tree"]),
        ([{"propertyName": "dealname", "direction": "DESCENDING"}], ["cedar-tree", "Birch Wood", "Ash Tree"]),
        ([{"propertyName": "closedate", "direction": "ASCENDING"}], ["Ash Tree", "Birch Wood", "cedar-tree"]),
    ],
)
def test_one_sort_rule_is_honoured(shop: Portal, sorts: list[Any], names: list[str]) -> None:
    rows = shop.search("deals", sorts=sorts, properties=["dealname"]).json()["results"]
    assert [row["properties"]["dealname"] for row in rows] == names


def test_deals_of_a_company_are_found_by_association(portal: Portal) -> None:
    company = portal.add("companies", name="Acme")
    deal = portal.add("deals", [(company, 341)], dealname="one")
    portal.add("deals", dealname="other")
    portal.wait(5)
    assert found(portal, "deals", where("associations.company", "EQ", company)) == [deal]
    assert found(portal, "deals", where("associations.companies", "IN", values=[company, "1"])) == [deal]


def test_a_link_is_found_as_late_as_a_record_and_kept_as_long(portal: Portal) -> None:
    company, deal = portal.add("companies", name="Acme"), portal.add("deals", dealname="one")
    portal.wait(5)
    path, of_acme = f"/crm/v4/objects/deals/{deal}/associations", where("associations.company", "EQ", company)
    assert portal.call("PUT", f"{path}/default/companies/{company}").status == 200
    assert found(portal, "deals", of_acme) == []
    portal.wait(5)
    assert found(portal, "deals", of_acme) == [deal]
    portal.call("DELETE", f"{path}/companies/{company}")
    assert found(portal, "deals", of_acme) == [deal]
    portal.wait(5)
    assert found(portal, "deals", of_acme) == []


def test_a_window_of_modification_times_finds_the_latest_writes(portal: Portal) -> None:
    deals = []
    for number in range(30):
        deals.append(portal.add("deals", dealname=str(number)))
        portal.wait(10)
    portal.patch("deals", deals[0], amount="1")
    portal.wait(10)
    since = where("hs_lastmodifieddate", "GTE", "2026-03-02T08:04:40Z")
    rows = found(portal, "deals", since, sorts=["hs_lastmodifieddate"])
    assert rows == [deals[28], deals[29], deals[0]]


def test_contacts_are_modified_under_a_name_of_their_own(portal: Portal) -> None:
    contact = portal.add("contacts", email="jo@acme.com")
    portal.wait(5)
    assert found(portal, "contacts", where("lastmodifieddate", "GTE", "1772438400000")) == [contact]


# -- paging and refusals ----------------------------------------------------------------------------------------------


@given(count=st.integers(0, 40), size=st.integers(1, 15))
def test_paging_returns_each_record_once(count: int, size: int) -> None:
    """Invariant: following `after` to its end returns every match exactly once, in the order of creation."""
    portal = Portal(search_limit=1000)
    made = [portal.add("deals", dealname=str(number)) for number in range(count)]
    portal.wait(5)
    seen: list[str] = []
    after: str | None = "0"
    while after is not None:
        page = portal.search("deals", limit=size, after=after).json()
        assert page["total"] == count
        seen += [row["id"] for row in page["results"]]
        after = page.get("paging", {}).get("next", {}).get("after")
    assert seen == made


def test_nothing_is_reached_beyond_the_ten_thousandth_match(portal: Portal) -> None:
    """Pitfall 4."""
    for after in (10_000, "9991", 9_900):
        reply = portal.search("deals", after=after, limit=101 if after == 9_900 else 10)
        assert (reply.status, reply.json()["message"]) == (400, "There was a problem with the request.")
    assert portal.search("deals", after="9990", limit=10).status == 200


@pytest.mark.parametrize(
    "body",
    [
        {"filterGroups": [{"filters": [where("nonsense", "EQ", "1")]}]},
        {"filterGroups": [{"filters": [where("amount", "EQUALS", "1")]}]},
        {"filterGroups": [{"filters": [where("amount", "EQ")]}]},
        {"filterGroups": [{"filters": [where("amount", "EQ", "x")]}]},
        {"filterGroups": [{"filters": [where("amount", "IN", "1")]}]},
        {"filterGroups": [{"filters": [where("closedate", "GT", "soon")]}]},
        {"filterGroups": [{"filters": [where("closedate", "NOT_HAS_PROPERTY", "1")]}]},
        {"filterGroups": [{"filters": [where("associations.widget", "EQ", "1")]}]},
        {"filterGroups": [{"filters": [{"operator": "EQ"}]}]},
        {"filterGroups": [{"filters": [where("amount", "HAS_PROPERTY")] * 4}] * 5},
        {"sorts": ["nonsense"]},
        {"sorts": [5]},
        {"limit": 201},
        {"limit": "ten"},
        {"after": "x"},
        {"query": "x" * 3000},
    ],
)
def test_any_mistake_is_the_same_vague_400(portal: Portal, body: dict[str, Any]) -> None:
    """Pitfalls 30 and 31."""
    reply = portal.post(f"{OBJECTS}/deals/search", body)
    answer = reply.json()
    assert reply.status == 400
    assert set(answer) == {"status", "message", "correlationId"}
    assert answer["message"] == "There was a problem with the request."


def test_too_many_groups_and_filters_are_named(portal: Portal) -> None:
    one = where("amount", "HAS_PROPERTY")
    groups = portal.post(f"{OBJECTS}/deals/search", {"filterGroups": [{"filters": [one]}] * 6}).json()
    assert groups["message"] == "Invalid input JSON: too many filterGroups (count: 6, max allowed: 5)"
    filters = portal.search("deals", *([one] * 7)).json()
    assert filters["message"] == "Invalid input JSON: too many filters per filterGroup (count: 7, max allowed: 6)"
