"""Loading HubSpot's own exports: all of a file or nothing of it."""

from __future__ import annotations

import pytest
from hubspot_portal import OBJECTS, Portal


def test_companies_then_deals_with_their_ids_stages_and_companies(portal: Portal) -> None:
    companies = [
        {"Record ID": "501", "Company name": "Acme", "Company Domain Name": "ACME.com", "Phone Number": "1", "City": "Berlin"},
        {"Record ID": "502", "Company name": "Bolt & Co", "Company Domain Name": "", "Phone Number": "", "City": ""},
    ]
    assert portal.fake.import_export("companies", companies) == []
    deals = [
        {
            "Record ID": "501",
            "Deal Name": "Big one",
            "Deal Stage": "Closed Won",
            "Pipeline": "Sales Pipeline",
            "Amount": "1500.00",
            "Close Date": "2026-03-31 14:30",
            "Create Date": "2025-01-01 10:00",
            "Deal owner": "Anna Berg",
            "Associated Company": "Bolt & Co",
        }
    ]
    assert portal.fake.import_export("deals", deals) == []

    read = portal.get(
        f"{OBJECTS}/deals/501", "properties=dealname,dealstage,amount,closedate,hubspot_owner_id&associations=companies"
    )
    properties = read.json()["properties"]
    assert properties["dealstage"] == "closedwon"
    assert (properties["amount"], properties["closedate"]) == ("1500.00", "2026-03-31T14:30:00Z")
    assert properties["hubspot_owner_id"] == "30551208"
    assert read.json()["associations"]["companies"]["results"][0]["id"] == "502"
    assert portal.read("companies", "501")["domain"] == "acme.com"
    assert int(portal.add("deals", dealname="next")) > 501


def test_the_same_id_may_be_a_contact_a_company_and_a_deal(portal: Portal) -> None:
    """Pitfalls 48 and 49: ids are per type, and longer than 32 bits."""
    for number in ("501", "37765128953", "12877907025123456"):
        for kind in ("contacts", "companies", "deals"):
            assert portal.fake.import_export(kind, [{"Record ID": number}]) == []
            assert portal.get(f"{OBJECTS}/{kind}/{number}").json()["id"] == number


def test_products_by_the_columns_of_the_library(portal: Portal) -> None:
    rows = [{"Record ID": "7", "Name": "Anvil", "SKU": "A-1", "Price": "19.90"}, {"Name": "Bolt", "SKU": "B-2", "Price": "1"}]
    assert portal.fake.import_export("products", rows) == []
    assert portal.read("products", "7", "hs_sku", "price")["price"] == "19.90"
    portal.wait(5)
    assert portal.search("products").json()["total"] == 2


def test_internal_names_in_any_case_are_columns_too(portal: Portal) -> None:
    assert portal.fake.import_export("companies", [{"NAME": "Acme", "domain": "acme.com"}]) == []
    columns = portal.fake.export_columns("companies")
    assert {"Record ID", "Company name", "Company Domain Name", "Phone Number", "City", "name"} <= set(columns)
    assert {"Deal Name", "Associated Company", "Associated Company IDs"} <= set(portal.fake.export_columns("deals"))


@pytest.mark.parametrize(
    ("kind", "row", "column", "reason"),
    [
        ("companies", {"Compny name": "B"}, "Compny name", "did you mean Company name?"),
        ("companies", {"name": "B", "Company name": "B"}, "Company name", "means name, and so does 'name'"),
        ("companies", {"Record ID": "abc"}, "Record ID", "a whole number"),
        ("companies", {"Record ID": "1", "name": "B"}, "Record ID", "company 1 exists already"),
        ("deals", {"Amount": "1,000"}, "Amount", "amount was not a valid number"),
        ("deals", {"Deal Stage": "Nope"}, "Deal Stage", "Nope was not one of the allowed options"),
        ("deals", {"Close Date": "31.12.2026"}, "Close Date", "31.12.2026 was not a valid long."),
        ("deals", {"Associated Company": "Nobody"}, "Associated Company", "no company 'Nobody' is loaded"),
        ("deals", {"Associated Company": "Twins"}, "Associated Company", "2 companies are named 'Twins'"),
        ("products", {"SKU": "A-1"}, "name", "Some required properties were not set."),
        ("contacts", {"Email": "jo@acme.com"}, "Email", "Contact already exists."),
    ],
)
def test_a_bad_row_is_told_with_its_column_and_nothing_is_loaded(
    portal: Portal, kind: str, row: dict[str, str], column: str, reason: str
) -> None:
    portal.fake.import_export("companies", [{"Record ID": "1", "name": "Twins"}, {"name": "Twins"}])
    portal.add("contacts", email="jo@acme.com")
    good = {"companies": {"name": "A"}, "deals": {"dealname": "A"}, "products": {"name": "A"}, "contacts": {"firstname": "A"}}
    before = portal.fake.store.count(kind)

    problems = portal.fake.import_export(kind, [good[kind], row])

    assert [(position, told) for position, told, _ in problems] == [(1, column)]
    assert reason in problems[0][2]
    assert portal.fake.store.count(kind) == before


def test_every_bad_row_is_told(portal: Portal) -> None:
    rows = [{"Amount": "x", "Deal Name": "a"}, {"Amount": "5"}, {"Record ID": "-1", "Amount": "y", "Deal Stage": "Nope"}]
    told = [(position, column) for position, column, _ in portal.fake.import_export("deals", rows)]
    assert told == [(0, "Amount"), (2, "Record ID"), (2, "Amount"), (2, "Deal Stage")]


def test_a_kind_nobody_loads(portal: Portal) -> None:
    with pytest.raises(LookupError, match="cannot load 'tickets'"):
        portal.fake.import_export("tickets", [])
