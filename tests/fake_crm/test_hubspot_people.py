"""A sales person at HubSpot's screens."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hubspot_portal import OBJECTS, Portal

from harness.kit.journal import Received
from harness.kit.people import Company, Contact, Deal, Line, NotPossible, Product, SalesDesk

ACME = Company("Acme GmbH", "Acme.de", "+49 30 1", "Hauptstraße 1", "Berlin", "10115", "Germany", "DE123456789")


@pytest.fixture
def anna(portal: Portal) -> SalesDesk:
    return portal.fake.sales_desk("anna")


def open_deal(desk: SalesDesk, *lines: Line) -> tuple[str, str]:
    company = desk.add_company(ACME)
    contact = desk.add_contact(Contact("Jo", "Doe", "jo@acme.de"), company)
    return company, desk.open_deal(Deal("Big one", company, contact, lines, date(2026, 4, 1)))


def test_a_deal_has_its_lines_its_company_its_contact_and_their_sum(portal: Portal, anna: SalesDesk) -> None:
    product = anna.add_product(Product("A-1", "Anvil", Decimal("19.90"), "heavy"))
    company, deal = open_deal(
        anna, Line("A-1", "Anvil", Decimal(3), Decimal("18.50")), Line("X-9", "Custom bolt", Decimal(2), Decimal("0.35"))
    )

    body = portal.get(f"{OBJECTS}/deals/{deal}", "associations=line_items,companies,contacts").json()
    assert body["properties"]["amount"] == "56.20"
    assert body["properties"]["dealstage"] == "appointmentscheduled"
    assert body["properties"]["closedate"] == "2026-04-01T00:00:00Z"
    assert {row["id"] for row in body["associations"]["companies"]["results"]} == {company}
    assert len(body["associations"]["contacts"]["results"]) == 1
    names = ("name", "hs_sku", "price", "quantity", "amount", "hs_product_id", "description")
    lines = [portal.read("line_items", row["id"], *names) for row in body["associations"]["line items"]["results"]]
    assert [(each["hs_sku"], each["price"], each["amount"], each["hs_product_id"]) for each in lines] == [
        ("A-1", "18.50", "55.5", product),
        ("X-9", "0.35", "0.7", None),
    ]
    assert lines[0]["description"] == "heavy", "copied from the product"


def test_a_changed_quantity_changes_the_deals_amount(portal: Portal, anna: SalesDesk) -> None:
    _, deal = open_deal(anna, Line("A-1", "Anvil", Decimal(3), Decimal("10")), Line("B-2", "Bolt", Decimal(1), Decimal("0.5")))
    anna.change_quantity(deal, "A-1", Decimal(5))
    assert portal.read("deals", deal)["amount"] == "50.5"
    with pytest.raises(NotPossible, match="no line item with SKU C-3"):
        anna.change_quantity(deal, "C-3", Decimal(1))


@pytest.mark.parametrize(("word", "stage"), [("quoted", "contractsent"), ("won", "closedwon"), ("lost", "closedlost")])
def test_a_deal_moves_through_the_default_pipeline(portal: Portal, anna: SalesDesk, word: str, stage: str) -> None:
    _, deal = open_deal(anna)
    anna.move_deal(deal, word)
    assert portal.read("deals", deal)["dealstage"] == stage


def test_the_tax_id_is_filled_in_once_the_property_exists(portal: Portal, anna: SalesDesk) -> None:
    without = anna.add_company(ACME)
    with pytest.raises(NotPossible, match="PROPERTY_DOESNT_EXIST"):
        anna.edit_company(without, {"tax_id": "DE1"})
    portal.define("companies", "tax_id")
    company = anna.add_company(ACME)
    anna.edit_company(company, {"street": "Nebenweg 2", "name": "Acme AG"})
    read = portal.read("companies", company, "tax_id", "address", "name", "domain")
    assert (read["tax_id"], read["address"], read["name"], read["domain"]) == ("DE123456789", "Nebenweg 2", "Acme AG", "acme.de")


def test_what_the_vendor_refuses_is_not_possible_in_the_vendors_words(anna: SalesDesk) -> None:
    company, _ = open_deal(anna)
    with pytest.raises(NotPossible, match="Contact already exists"):
        anna.add_contact(Contact("Jo", "Doe", "jo@acme.de"), company)
    with pytest.raises(NotPossible, match="resource not found"):
        anna.move_deal("424242", "won")


def test_everything_a_person_does_is_in_the_journal_under_their_name(portal: Portal, anna: SalesDesk) -> None:
    open_deal(anna, Line("A-1", "Anvil", Decimal(3), Decimal("10")))
    assert {entry.caller for entry in portal.journal.of(Received)} == {"person:anna"}
    assert {change.by for change in portal.fake.store.changes} == {"person:anna"}
