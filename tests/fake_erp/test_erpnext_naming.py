"""What documents are called: series, amendments, customers and items by setting. Source: facts 3.4, 3.7."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from erpnext_site import ErpSite, data_of, messages_of, refused

from fake_erp.erpnext.framework.naming import week_of


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


# -- series -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("series", "name"),
    [
        ("WEB-.YYYY.-", "WEB-2026-00001"),
        ("WEB", "WEB00001"),
        ("W.YY..MM..DD.-", "W260306-00001"),
        ("KW.WW./", "KW10/00001"),
        ("DAY-.JJJ.-.###", "DAY-065-001"),
        ("SO-.{customer}.-", "SO-ACME-00001"),
        ("SO-.customer.-.##", "SO-ACME-01"),
        ("SO-.{company}.-", "SO-Acme GmbH-00001"),
        ("SO-.{nothing}.-", "SO--00001"),
        ("SO-.nothing.-", "SO-nothing-00001"),
    ],
)
def test_a_series_is_made_of_dates_fields_and_a_counter(site: ErpSite, series: str, name: str) -> None:
    site.wait(4 * 24 * 3600)  # the site's clock begins on the second of March, a Monday
    assert site.draft_order(naming_series=series) == name


def test_a_counter_has_five_digits_and_grows_beyond_them(site: ErpSite) -> None:
    site.draft_order(naming_series="A-.#")
    for number in range(2, 11):
        assert site.draft_order(naming_series="A-.#") == f"A-{number}"


def test_every_prefix_counts_for_itself_and_a_new_year_begins_anew(site: ErpSite) -> None:
    assert site.draft_order() == "SAL-ORD-2026-00001"
    assert site.draft_order(naming_series="WEB-.YYYY.-") == "WEB-2026-00001"
    assert site.draft_order() == "SAL-ORD-2026-00002"
    site.clock.advance(timedelta(days=304, hours=14, minutes=45))
    new_year = {"delivery_date": "2027-04-01"}
    assert site.draft_order(**new_year) == "SAL-ORD-2026-00003"
    site.clock.advance(timedelta(minutes=30))  # midnight of the site, which is an hour before that of UTC
    assert site.draft_order(**new_year) == "SAL-ORD-2027-00001"


def test_signs_that_a_series_cannot_have(site: ErpSite) -> None:
    assert "not allowed in naming series" in refused(site.order(naming_series="A&B-"), 417, "ValidationError")


def test_weeks_grow_through_the_year() -> None:
    assert week_of(date(2027, 1, 1)) == "00"  # the ISO calendar says 53, of 2026
    assert week_of(date(2026, 1, 1)) == "01"
    assert week_of(date(2025, 12, 30)) == "53"  # the ISO calendar says 1, of 2026
    assert week_of(date(2026, 7, 1)) == "27"


def test_a_deleted_last_document_gives_its_number_back_once(site: ErpSite) -> None:
    first, second, third = site.draft_order(), site.draft_order(), site.draft_order()
    site.delete("Sales Order", second)
    assert site.draft_order() == "SAL-ORD-2026-00004"
    site.delete("Sales Order", "SAL-ORD-2026-00004")
    site.delete("Sales Order", third)
    assert site.draft_order() == third
    assert first == "SAL-ORD-2026-00001"


def test_a_number_that_is_taken_is_a_409(site: ErpSite) -> None:
    """Two series may make one name; the counter knows nothing of the other."""
    assert site.draft_order(naming_series="A-0.##") == "A-001"
    words = refused(site.order(naming_series="A-.###"), 409, "DuplicateEntryError")
    assert words == "Sales Order <strong>A-001</strong> already exists"


# -- names that cannot be -----------------------------------------------------------------------------------------


def test_names_that_no_document_may_have(site: ErpSite) -> None:
    item = {"item_group": "Products", "stock_uom": "Nos"}
    words = refused(site.post("Item", item_code="A<b>", **item), 409, "NameError")
    assert words == "Name cannot contain special characters like '<', '>'"
    assert refused(site.post("Item", item_code="Item", **item), 409, "NameError") == "Name of Item cannot be Item"
    refused(site.post("Item", item_code="New Item 1", **item), 409, "NameError")
    refused(site.post("Item", **item), 417, "ValidationError")
    reply = site.post("Item", item_code="x" * 141, **item)
    assert (reply.status, reply.json()["exception"]) == (
        500,
        "pymysql.err.DataError: (1406, \"Data too long for column 'name' at row 1\")",
    )


def test_names_are_the_same_in_any_case_and_without_accents(site: ErpSite) -> None:
    site.add("Item", item_code="Café", item_group="Products", stock_uom="Nos")
    refused(site.post("Item", item_code="CAFE ", item_group="Products", stock_uom="Nos"), 409, "DuplicateEntryError")
    assert site.get("Item", "cafe")["name"] == "Café"


def test_a_name_that_the_client_chooses_counts_only_where_the_doctype_asks_for_it(site: ErpSite) -> None:
    assert site.draft_order(name="MINE") == "SAL-ORD-2026-00001"
    hook = {"webhook_doctype": "Customer", "webhook_docevent": "on_update", "request_url": "http://example.com/"}
    assert site.add("Webhook", name="mine", **hook)["name"] == "mine"
    assert refused(site.post("Webhook", **hook), 417, "ValidationError") == "Please set the document name"
    price = site.add("Item Price", item_code="SKU-1", price_list="Standard Selling", price_list_rate=1, valid_from="2026-05-01")
    assert len(price["name"]) == 10


# -- customers and items ------------------------------------------------------------------------------------------


def test_the_number_of_a_duplicate_customer_follows_the_highest_there_is(site: ErpSite) -> None:
    for name in ("ACME - 1", "ACME - 2", "ACME - 3"):
        reply = site.post("Customer", customer_name="acme" if name.endswith("2") else "ACME", customer_type="Company")
        assert data_of(reply)["name"] in (name, name.lower())
    site.delete("Customer", "ACME - 1")
    reply = site.post("Customer", customer_name="ACME", customer_type="Company")
    assert messages_of(reply)[0]["message"] == "Changed customer name to 'ACME - 4' as 'ACME' already exists."


@pytest.mark.parametrize("rule", ["Naming Series", "Auto Name"])
def test_customers_may_be_numbered(rule: str) -> None:
    site = ErpSite(cust_master_name=rule)
    second = site.add("Customer", customer_name="ACME", customer_type="Company")
    assert (second["name"], second["customer_name"], second["naming_series"]) == ("CUST-2026-00002", "ACME", "CUST-.YYYY.-")
    assert site.add("Customer", customer_name="X", naming_series="K.###", customer_type="Company")["name"] == "K001"


def test_items_may_be_numbered_and_lose_their_code() -> None:
    site = ErpSite()
    numbered = ErpSite(item_naming_by="Naming Series")
    values = {"item_code": "ABC", "item_group": "Products", "stock_uom": "Nos"}
    assert site.add("Item", **values)["item_code"] == "ABC"
    item = numbered.add("Item", **values)
    assert item["name"] == item["item_code"] == "STO-ITEM-2026-00003"


def test_the_code_of_an_item_cannot_be_changed_by_a_put(site: ErpSite) -> None:
    assert data_of(site.put("Item", "SKU-1", item_code="OTHER"))["item_code"] == "SKU-1"


# -- amendments ---------------------------------------------------------------------------------------------------


def amended(site: ErpSite, name: str) -> str:
    """Cancel a document and put a copy in its place, submitted."""
    copy = site.get("Sales Order", name)
    assert site.put("Sales Order", name, docstatus=2).status == 200
    for row in copy["items"]:
        del row["name"]
    del copy["name"]
    return str(site.add("Sales Order", **{**copy, "docstatus": 1, "amended_from": name})["name"])


def test_amendments_are_counted_behind_the_first_name(site: ErpSite) -> None:
    first = amended(site, site.submitted_order())
    assert first == "SAL-ORD-2026-00001-1"
    assert amended(site, first) == "SAL-ORD-2026-00001-2"
    assert site.draft_order() == "SAL-ORD-2026-00002"


def test_only_what_is_cancelled_is_amended(site: ErpSite) -> None:
    name = site.submitted_order()
    reply = site.order(amended_from=name)
    words = refused(reply, 417, "ValidationError")
    link = f'<a href="https://erp.example.com/app/sales-order/{name}">{name}</a>'
    assert words == (
        f"{link} cannot be amended because it is not cancelled. Please cancel the document before creating an amendment."
    )
    assert messages_of(reply)[-1]["title"] == "Amendment Not Allowed"
    assert "Could not find" in refused(site.order(amended_from="SAL-ORD-2026-09999"), 417, "LinkValidationError")


def test_a_second_amendment_of_one_document_finds_its_name_taken(site: ErpSite) -> None:
    name = site.submitted_order()
    amended(site, name)
    words = refused(site.order(amended_from=name), 409, "DuplicateEntryError")
    assert words == f"Sales Order <strong>{name}-1</strong> already exists"


def test_amendments_may_be_numbered_like_any_other_document() -> None:
    site = ErpSite(amended_document_naming="Default Naming")
    assert amended(site, site.submitted_order()) == "SAL-ORD-2026-00002"
