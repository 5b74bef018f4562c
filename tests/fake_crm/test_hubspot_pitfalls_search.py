"""Pitfalls of search, numbered as in facts section 16; the first, of contacts made twice, is among those of records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hubspot_portal import OBJECTS, Portal, where

OpenPortal = Callable[..., Portal]
VAGUE = "There was a problem with the request."


def total(portal: Portal, kind: str, *filters: dict[str, Any]) -> int:
    answer: int = portal.search(kind, *filters).json()["total"]
    return answer


def test_pitfall_03_old_values_match_inside_the_lag_and_a_window_read_misses_late_rows_for_good(portal: Portal) -> None:
    deal = portal.add("deals", dealname="old")
    portal.wait(6)
    portal.patch("deals", deal, dealname="new")
    row = portal.search("deals", where("dealname", "EQ", "old")).json()["results"][0]
    assert row["properties"]["dealname"] == "new"
    assert total(portal, "deals", where("dealname", "EQ", "new")) == 0

    def changed_between(start: str, end: str) -> int:
        return total(portal, "deals", where("hs_lastmodifieddate", "BETWEEN", start, highValue=end))

    portal.wait(3)  # the reader's cursor moves to 08:00:09, the change of 08:00:06 is indexed at 08:00:11
    assert changed_between("2026-03-02T08:00:01Z", "2026-03-02T08:00:09Z") == 0
    portal.wait(60)
    assert changed_between("2026-03-02T08:00:09Z", "2026-03-02T08:01:09Z") == 0
    assert changed_between("2026-03-02T08:00:01Z", "2026-03-02T08:00:09Z") == 1


def test_pitfall_04_a_search_ends_at_ten_thousand_although_it_counts_more_and_date_windows_pass(open_portal: OpenPortal) -> None:
    portal = open_portal(burst_limit=10_000, search_limit=10_000)
    for _ in range(101):
        rows = [{"properties": {"name": "Bolt"}}] * 100
        assert portal.post(f"{OBJECTS}/products/batch/create", {"inputs": rows}).status == 201
        portal.wait(1)
    portal.wait(6)
    last = portal.search("products", limit=100, after="9900").json()
    assert (last["total"], last["paging"]["next"]["after"]) == (10_100, "10000")
    reply = portal.search("products", limit=100, after="10000")
    assert (reply.status, reply.json()["message"]) == (400, VAGUE)
    halves = [total(portal, "products", where("createdate", operator, "2026-03-02T08:00:50Z")) for operator in ("LT", "GTE")]
    assert halves == [5_000, 5_100]


@pytest.mark.parametrize("operator", ["HAS_PROPERTY", "NOT_HAS_PROPERTY"])
def test_pitfall_30_asking_for_a_property_with_a_value_is_a_400(portal: Portal, operator: str) -> None:
    assert portal.search("deals", where("closedate", operator)).status == 200
    assert portal.search("deals", where("closedate", operator, "")).status == 400
    assert portal.search("deals", where("closedate", operator, "1")).json()["message"] == VAGUE


@pytest.mark.parametrize(
    "mistake",
    [
        where("no_such_property", "EQ", "1"),
        where("amount", "IN", "1"),
        where("amount", "EQUALS", "1"),
        where("closedate", "GT", "x"),
    ],
    ids=["property", "operand", "operator", "date"],
)
def test_pitfall_31_any_mistake_in_a_search_is_the_same_opaque_400(portal: Portal, mistake: dict[str, Any]) -> None:
    reply = portal.search("deals", mistake)
    answer = reply.json()
    assert (reply.status, answer["message"]) == (400, VAGUE)
    assert set(answer) == {"status", "message", "correlationId"}


def test_pitfall_32_upper_case_values_of_in_find_nothing(portal: Portal) -> None:
    portal.add("companies", name="Acme")
    portal.wait(6)
    assert total(portal, "companies", where("name", "IN", values=["Acme"])) == 0
    assert total(portal, "companies", where("name", "IN", values=["acme"])) == 1
    assert total(portal, "companies", where("name", "EQ", "ACME")) == 1
