"""Filters of lists: every operator, on every kind of column, and what is no filter at all. Source: facts 2.3.1."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from erpnext_site import ErpSite, refused

from fake_erp.erpnext.lists.filters import OPERATORS
from fake_erp.erpnext.lists.timespans import timespan


@pytest.fixture(scope="module")
def shop() -> ErpSite:
    """Customers, groups and dated orders; tests only read. The clock stands at 2 March 2026, a Monday."""
    site = ErpSite()
    for name, above in (("Shops", "Commercial Trade"), ("Kiosks", "Shops")):
        if above == "Commercial Trade":
            site.add("Customer Group", customer_group_name=above, is_group=1, parent_customer_group="All Customer Groups")
        site.add("Customer Group", customer_group_name=name, is_group=int(name == "Shops"), parent_customer_group=above)
    site.add("Warehouse", warehouse_name="Cellar", company="Acme GmbH", parent_warehouse="All Warehouses - ACM")
    site.add("Customer", customer_name="Kiosk 24", customer_group="Kiosks", territory="Germany")
    site.add("Customer", customer_name="50% off", customer_group="Individual", tax_id="a_b")
    for day in ("2025-03-15", "2025-12-31", "2026-02-22", "2026-03-01", "2026-03-02", "2026-04-01", "2026-10-01"):
        site.draft_order(transaction_date=day, delivery_date="2027-01-01")
    return site


def names(site: ErpSite, doctype: str, filters: Any, **query: Any) -> list[str]:
    return [row["name"] for row in site.rows(doctype, filters=filters, limit="0", **query)]


def days(site: ErpSite, *condition: Any) -> list[str]:
    """Transaction dates that a filter on them finds."""
    rows = site.rows("Sales Order", filters=[["transaction_date", *condition]], fields=["transaction_date"])
    return [row["transaction_date"] for row in rows]


# -- trees --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operator", "node", "found"),
    [
        ("descendants of", "Commercial Trade", ["Kiosks", "Shops"]),
        ("Descendants Of (inclusive)", "commercial trade", ["Commercial Trade", "Kiosks", "Shops"]),
        ("ancestors of", "Kiosks", ["All Customer Groups", "Commercial Trade", "Shops"]),
        ("not ancestors of", "Shops", ["Commercial", "Government", "Individual", "Kiosks", "Non Profit", "Shops"]),
        ("not descendants of", "All Customer Groups", ["All Customer Groups"]),
        ("descendants of", "Kiosks", []),
        ("descendants of", "Nowhere", []),
        ("ancestors of", "All Customer Groups", []),
    ],
)
def test_tree_operators_find_what_is_above_and_below(shop: ErpSite, operator: str, node: str, found: list[str]) -> None:
    assert names(shop, "Customer Group", [["name", operator, node]]) == found


def test_tree_operators_reach_through_links(shop: ErpSite) -> None:
    assert names(shop, "Customer", [["customer_group", "descendants of", "Commercial Trade"]]) == ["Kiosk 24"]
    assert names(shop, "Customer", {"customer_group": ["descendants of (inclusive)", "Individual"]}) == ["50% off"]
    assert names(shop, "Customer", {"territory": ["descendants of", "All Territories"], "name": ["like", "k%"]}) == ["Kiosk 24"]
    assert "Cellar - ACM" in names(shop, "Warehouse", [["name", "descendants of", "All Warehouses - ACM"]])
    assert names(shop, "Item", [["item_group", "ancestors of", "Products"]]) == []


def test_a_tree_operator_on_what_is_no_tree_is_a_database_error(shop: ErpSite) -> None:
    reply = shop.send("GET", "/api/resource/Customer", filters=[["default_currency", "descendants of", "EUR"]])
    assert "1054" in refused(reply, 500, "OperationalError")


# -- periods ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("today", ["2026-03-02"]),
        ("yesterday", ["2026-03-01"]),
        ("this week", ["2026-03-01", "2026-03-02"]),
        ("last week", ["2026-02-22"]),
        ("this month", ["2026-03-01", "2026-03-02"]),
        ("last month", ["2026-02-22"]),
        ("next month", ["2026-04-01"]),
        ("this quarter", ["2026-02-22", "2026-03-01", "2026-03-02"]),
        ("last quarter", ["2025-12-31"]),
        ("last 6 months", ["2025-12-31"]),
        ("next 6 months", ["2026-04-01"]),
        ("last year", ["2025-03-15", "2025-12-31"]),
        ("this year", ["2026-02-22", "2026-03-01", "2026-03-02", "2026-04-01", "2026-10-01"]),
        ("last 14 days", ["2026-02-22", "2026-03-01", "2026-03-02"]),
        ("next 30 days", ["2026-03-02", "2026-04-01"]),
    ],
)
def test_timespans_say_periods_in_words(shop: ErpSite, words: str, found: list[str]) -> None:
    assert days(shop, "timespan", words) == found


def test_previous_and_next_are_whole_calendar_periods(shop: ErpSite) -> None:
    assert days(shop, "previous", "1 week") == ["2026-02-22"]
    assert days(shop, "previous", "3 months") == ["2025-12-31"]
    assert days(shop, "next", "1 month") == ["2026-04-01"]
    assert days(shop, "next", "1 year") == []
    reply = shop.send("GET", "/api/resource/Sales Order", filters=[["transaction_date", "previous", "2 weeks"]])
    refused(reply, 500, "KeyError")


def test_periods_of_every_day_of_some_years_are_in_order() -> None:
    for number in range(0, 1500, 7):
        day = date(2024, 1, 1) + timedelta(days=number)
        for unit in ("week", "month", "quarter", "year"):
            last, this, following = (timespan(f"{which} {unit}", day) for which in ("last", "this", "next"))
            assert this[0] <= day <= this[1]
            assert last[1] + timedelta(days=1) == this[0]
            assert this[1] + timedelta(days=1) == following[0]


# -- days and times -----------------------------------------------------------------------------------------------------


def test_days_compare_as_days(shop: ErpSite) -> None:
    assert days(shop, "=", "2026-3-2") == ["2026-03-02"]
    assert days(shop, "<=", "2025-12-31 08:00:00") == ["2025-03-15", "2025-12-31"]
    assert days(shop, "between", ["2026-03-01", "2026-04-01"]) == ["2026-03-01", "2026-03-02", "2026-04-01"]
    assert days(shop, "between", ["2026-04-01"]) == [], "a missing end is today"
    words = refused(shop.send("GET", "/api/resource/Sales Order", filters={"transaction_date": "soon"}), 417, "ValidationError")
    assert words == "<strong>soon</strong> is not a valid date string."


def test_a_day_as_the_end_of_a_time_is_the_whole_day(shop: ErpSite) -> None:
    stamp = shop.get("Customer", "ACME")["modified"]
    day = stamp[:10]
    assert "ACME" in names(shop, "Customer", [["modified", "between", [day, day]]])
    assert names(shop, "Customer", [["modified", "between", [f"{day} 00:00:00", f"{day} 00:00:01"]]]) == []
    assert names(shop, "Customer", [["creation", "timespan", "today"]]) == names(shop, "Customer", [])
    assert names(shop, "Customer", {"modified": stamp.replace(" ", "T")}) == ["ACME"]
    assert names(shop, "Customer", {"modified": [">", "not a time"]}) == []


# -- texts --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("%24", ["Kiosk 24"]),
        ("K%s% 2_", ["Kiosk 24"]),
        ("KIÓSK%", ["Kiosk 24"]),
        ("50\\%%", ["50% off"]),
        ("%\\_%", []),
        ("_CME", ["ACME"]),
        ("ACME ", []),
        ("", []),
        ("%%", ["50% off", "ACME", "Kiosk 24"]),
        ("%a%a%", []),
        ("acme%acme", []),
    ],
)
def test_like_takes_the_databases_patterns(shop: ErpSite, pattern: str, found: list[str]) -> None:
    assert names(shop, "Customer", [["name", "like", pattern]]) == found
    rest = names(shop, "Customer", [["name", "not like", pattern]])
    assert sorted([*found, *rest]) == ["50% off", "ACME", "Kiosk 24"]


def test_a_long_pattern_is_answered_at_once(shop: ErpSite) -> None:
    site = ErpSite()
    site.add("Customer", customer_name="a" * 140)
    assert names(site, "Customer", [["name", "like", "%a" * 60 + "%b"]]) == []


def test_null_empty_and_zero_are_told_apart_by_is_only(shop: ErpSite) -> None:
    assert names(shop, "Customer", {"tax_id": ["is", "set"]}) == ["50% off"]
    assert names(shop, "Customer", {"tax_id": None}) == names(shop, "Customer", {"tax_id": ""}) == ["ACME", "Kiosk 24"]
    assert names(shop, "Customer", {"is_frozen": ["is", "set"]}) == ["50% off", "ACME", "Kiosk 24"]
    assert names(shop, "Customer", {"is_frozen": "abc"}) == ["50% off", "ACME", "Kiosk 24"], "no number is 0"
    assert names(shop, "Customer", {"tax_id": ["in", []]}) == ["ACME", "Kiosk 24"]
    refused(shop.send("GET", "/api/resource/Customer", filters={"tax_id": ["is", "maybe"]}), 500, "ProgrammingError")


# -- what is no filter --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filters", "fields", "status", "exc_type", "words"),
    [
        (["name", "=", "ACME"], None, 500, "ProgrammingError", "1064"),
        (["name", "=", "ACME"], ["name"], 417, "DataError", "Field not permitted in query: ="),
        ([["name", "ACME"]], None, 417, "ValidationError", "Filter must have 4 values (doctype, fieldname, operator, value)"),
        ([["name"]], None, 417, "ValidationError", "Filter must have 4 values"),
        ([[]], None, 417, "ValidationError", "Filter must have 4 values"),
        ([7], None, 417, "ValidationError", "Filter must be a tuple or list (in a list)"),
        (7, None, 500, "TypeError", "'int' object is not iterable"),
        ({"name": []}, None, 500, "IndexError", "list index out of range"),
        ({"name": ["="]}, None, 500, "IndexError", "list index out of range"),
        ({"name": [1, 2]}, None, 500, "AttributeError", "'int' object has no attribute 'lower'"),
        ({"name": ["in", 5]}, None, 500, "TypeError", "'int' object is not iterable"),
        ([["Nope", "name", "=", "x"]], None, 404, "DoesNotExistError", "DocType Nope not found"),
        ([["Item", "item_code", "=", "x"]], None, 500, "OperationalError", "Unknown column 'tabItem.parent' in 'on clause'"),
        ([["Item", "nope", "=", "x"]], None, 417, "DataError", "Field not permitted in query: nope"),
        ([["parent", "=", "x"]], None, 500, "OperationalError", "Unknown column 'tabCustomer.parent' in 'where clause'"),
        ({"accounts": "x"}, None, 500, "OperationalError", "Unknown column 'tabCustomer.accounts' in 'where clause'"),
        ([["customer_group.name", "=", "x"]], None, 417, "DataError", "Field not permitted in query: customer_group.name"),
        ("nonsense", None, 500, "JSONDecodeError", ""),
    ],
)
def test_what_is_no_filter_is_answered_as_the_vendor_does(
    shop: ErpSite, filters: Any, fields: Any, status: int, exc_type: str, words: str
) -> None:
    query = {"filters": filters} | ({"fields": fields} if fields else {})
    assert words in refused(shop.send("GET", "/api/resource/Customer", **query), status, exc_type)


def test_an_unknown_operator_is_told_all_that_there_are(shop: ErpSite) -> None:
    words = refused(shop.send("GET", "/api/resource/Customer", filters=[["name", "~", "x"]]), 417, "ValidationError")
    assert words == f"Operator must be one of {', '.join(OPERATORS)}"
    assert words.startswith("Operator must be one of =, !=, ")


def test_filters_reach_rows_of_child_doctypes(shop: ErpSite) -> None:
    site = ErpSite()
    first = site.draft_order(("SKU-1", 3, 5.0), ("SKU-2", 1, 7.0))
    second = site.draft_order(("SKU-2", 4, 7.0))
    two = [["Sales Order Item", "item_code", "=", "sku-2"], ["Sales Order Item", "qty", ">", 2]]
    assert names(site, "Sales Order", two) == [second], "both speak of one row"
    assert names(site, "Sales Order", [["items.item_code", "=", "SKU-1"]]) == [first]
    either = site.rows("Sales Order", or_filters=[["Sales Order Item", "qty", "=", 4], ["name", "=", first]])
    assert [row["name"] for row in either] == [first, first, second]
    assert names(site, "Sales Order", [["Sales Taxes and Charges", "idx", "is", "not set"]]) == [first, second], "a left join"
    assert names(site, "Sales Order", [["Contact Email", "email_id", "=", "x@y.z"]]) == []


def test_a_password_is_stars_for_filters_too() -> None:
    site = ErpSite()
    hook = {"webhook_doctype": "Customer", "webhook_docevent": "on_update", "request_url": "https://x.example", "name": "Hook"}
    site.add("Webhook", **hook, enable_security=1, webhook_secret="s3cret")
    row = site.rows("Webhook", fields=["webhook_secret"])
    assert row == [{"webhook_secret": "******"}]
    assert names(site, "Webhook", {"webhook_secret": ["like", "s3%"]}) == []
    assert names(site, "Webhook", {"webhook_secret": ["=", "s3cret"]}) == []
    assert names(site, "Webhook", {"webhook_secret": ["is", "set"]}) == ["Hook"]


def test_polling_by_modified_loses_rows_of_one_instant_unless_it_asks_for_them_again() -> None:
    site = ErpSite()
    every = {f"P{number:02}" for number in range(45)}
    for name in sorted(every):
        site.send("POST", "/api/resource/Customer", {"customer_name": name})
        if int(name[1:]) % 3 == 2:
            site.wait(1)
    assert every - polled(site, ">"), "a page ended between rows of one instant"
    assert every <= polled(site, ">=")


def polled(site: ErpSite, operator: str) -> set[str]:
    """What a client sees that asks, page after page, for what changed since the last row it saw."""
    since, seen = "2026-01-01", set[str]()
    while True:
        filters = [["modified", operator, since]]
        rows = site.rows("Customer", filters=filters, fields=["name", "modified"], order_by="modified asc")
        if {row["name"] for row in rows} <= seen:
            return seen
        seen |= {row["name"] for row in rows}
        since = rows[-1]["modified"]
