"""The pitfalls of lists that the fact notes number: pages, order, what filters find. Source: facts 8."""

from __future__ import annotations

from typing import Any

import pytest
from erpnext_site import ErpSite


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


def customers(site: ErpSite, count: int) -> list[str]:
    for number in range(count):
        site.send("POST", "/api/resource/Customer", {"customer_name": f"C{number:04}"})
    return [f"C{number:04}" for number in range(count)]


def names(site: ErpSite, doctype: str = "Customer", **query: Any) -> list[str]:
    return [row["name"] for row in site.rows(doctype, **query)]


def pages(site: ErpSite, size: int, step: int, **query: Any) -> list[str]:
    """All names, page after page, until a page is empty."""
    found: list[str] = []
    for start in range(0, 10_000, step):
        page = names(site, limit_page_length=str(size), limit_start=str(start), **query)
        if not page:
            return found
        found += page
    raise AssertionError("the pages do not end")


def test_pitfall_p02_a_list_stops_at_twenty_rows_unless_told_otherwise(site: ErpSite) -> None:
    customers(site, 24)
    assert len(names(site)) == 20
    assert len(names(site, limit_page_length="0")) == 25
    assert len(names(site, limit="0")) == 25
    assert len(names(site, limit_page_length="0", limit_start="20")) == 25, "without a limit there is no offset either"
    assert len(names(site, limit="5", limit_page_length="7")) == 7


def test_pitfall_p03_unsorted_pages_repeat_and_skip_rows_sorted_ones_do_not() -> None:
    site = ErpSite(shuffle_unsorted_lists=True)
    every = customers(site, 30)
    unsorted = pages(site, 10, 10, filters=[["name", "like", "C%"]])
    assert len(unsorted) == 30
    assert len(set(unsorted)) < 30
    assert pages(site, 10, 10, filters=[["name", "like", "C%"]], order_by="name asc") == every


def test_pitfall_p03_ties_are_in_no_order_even_in_sorted_pages() -> None:
    site = ErpSite(shuffle_unsorted_lists=True)
    customers(site, 30)
    tied = pages(site, 10, 10, filters=[["name", "like", "C%"]], order_by="modified desc")
    assert len(set(tied)) < 30, "they were all made in one instant"
    settled = pages(site, 10, 10, filters=[["name", "like", "C%"]], order_by="modified desc, name asc")
    assert len(set(settled)) == 30


def test_pitfall_p04_steps_of_one_row_less_than_the_page_repeat_a_row_of_every_page(site: ErpSite) -> None:
    every = customers(site, 1500)
    found = pages(site, 1000, 999, filters=[["name", "like", "C%"]])
    assert sorted(set(found)) == every
    assert len(found) == 1501, "the last row of the first page is the first row of the second"
    assert found.count("C0999") == 2


def test_pitfall_p31_a_column_in_the_query_string_filters_nothing(site: ErpSite) -> None:
    customers(site, 3)
    assert len(site.rows("Customer", customer_name="C0001")) == 4
    assert names(site, filters={"customer_name": "C0001"}) == ["C0001"]


@pytest.mark.parametrize("asked", ["acme", "ACME", "Acmé", "acme  ", "ÂCME"])
def test_pitfall_p33_case_accents_and_trailing_spaces_make_no_difference(site: ErpSite, asked: str) -> None:
    assert site.get("Customer", asked.strip() if asked.endswith(" ") else asked)["name"] == "ACME"
    assert names(site, filters={"name": asked}) == ["ACME"]
    assert names(site, filters=[["customer_name", "in", [asked]]]) == ["ACME"]
    assert names(site, filters=[["customer_name", "!=", asked]]) == []
    assert names(site, filters=[["customer_name", "like", asked.strip() + "%"]]) == ["ACME"]


def test_pitfall_p34_a_filter_on_rows_lists_a_document_once_for_each_row(site: ErpSite) -> None:
    twice = site.order(("SKU-1", 1, 5.0), ("SKU-2", 1, 5.0)).json()["data"]["name"]
    site.order(("SKU-1", 2, 5.0))
    filters = [["Sales Order Item", "qty", "=", 1]]
    assert names(site, "Sales Order", filters=filters) == [twice, twice]
    assert names(site, "Sales Order", filters=filters, limit="1") == [twice]
    assert site.call("frappe.client.get_count", doctype="Sales Order", filters=filters).json()["message"] == 2
    assert names(site, "Sales Order", filters=filters, group_by="name") == [twice]
    assert names(site, "Sales Order", filters=filters, fields=["distinct name"]) == [twice]


def test_pitfall_p35_unlike_and_less_than_find_what_is_empty(site: ErpSite) -> None:
    empty = site.draft_order()
    filled = site.draft_order(po_date="2026-02-01", po_no="PO-1")
    assert names(site, "Sales Order", filters=[["po_no", "!=", "X"]]) == [empty, filled]
    assert names(site, "Sales Order", filters=[["po_no", "not in", ["PO-1"]]]) == [empty]
    assert names(site, "Sales Order", filters=[["po_no", "not like", "X%"]]) == [empty, filled]
    assert names(site, "Sales Order", filters=[["po_date", "<", "2027-01-01"]]) == [empty, filled]
    assert names(site, "Sales Order", filters=[["po_date", ">", "2020-01-01"]]) == [filled]
    assert names(site, "Sales Order", filters=[["po_date", "between", ["2020-01-01", "2027-01-01"]]]) == [filled]
