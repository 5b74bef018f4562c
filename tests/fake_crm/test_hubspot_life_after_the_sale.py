"""Sales people after the deal is won: changed and removed lines, bins, merges, corrected companies and contacts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hubspot_portal import Portal

from harness.kit.people import Company, Contact, Deal, Line, NotPossible, SalesDesk

ACME = Company("Acme GmbH", "Acme.de", "+49 30 1", "Hauptstraße 1", "Berlin", "10115", "Germany")
ANVIL, BOLT = Line("A-1", "Anvil", Decimal(3), Decimal("10.00")), Line("B-2", "Bolt", Decimal(4), Decimal("0.50"))


@pytest.fixture
def anna(portal: Portal) -> SalesDesk:
    return portal.fake.sales_desk("anna")


@pytest.fixture
def won(anna: SalesDesk) -> str:
    company = anna.add_company(ACME)
    contact = anna.add_contact(Contact("Jo", "Doe", "jo@acme.de"), company)
    deal = anna.open_deal(Deal("Big one", company, contact, (ANVIL, BOLT), date(2026, 4, 1)))
    anna.move_deal(deal, "won")
    return deal


def test_the_amount_follows_every_change_of_the_lines(portal: Portal, anna: SalesDesk, won: str) -> None:
    anna.change_price(won, "A-1", Decimal("9.90"))
    assert portal.read("deals", won)["amount"] == "31.7"
    anna.add_line(won, Line("C-3", "Chain", Decimal(2), Decimal("1.15")))
    assert portal.read("deals", won)["amount"] == "34.0"
    anna.remove_line(won, "B-2")
    assert portal.read("deals", won)["amount"] == "32.0"
    assert portal.read("deals", won)["dealstage"] == "closedwon"
    with pytest.raises(NotPossible, match="no line item with SKU B-2"):
        anna.remove_line(won, "B-2")


def test_a_won_deal_is_reopened_and_won_again(portal: Portal, anna: SalesDesk, won: str) -> None:
    for word, stage in (("quoted", "contractsent"), ("won", "closedwon")):
        anna.move_deal(won, word)
        assert portal.read("deals", won)["dealstage"] == stage


def test_a_deal_goes_into_the_bin_and_comes_back(portal: Portal, anna: SalesDesk, won: str) -> None:
    anna.archive("deal", won)
    with pytest.raises(NotPossible):
        anna.move_deal(won, "lost")
    anna.restore("deal", won)
    assert portal.read("deals", won)["dealstage"] == "closedwon"


def test_two_companies_become_one_and_either_id_leads_to_it(anna: SalesDesk) -> None:
    first, second = anna.add_company(ACME), anna.add_company(Company("Acme", "", "+49 30 2", "", "", "", ""))
    merged = anna.merge_companies(first, second)
    assert anna.company_field(merged, "name") == "Acme GmbH"
    assert [anna.company_field(each, "phone") for each in (first, second)] == ["+49 30 1", "+49 30 1"]


def test_fields_are_cleared_and_contacts_corrected(portal: Portal, anna: SalesDesk) -> None:
    company = anna.add_company(ACME)
    contact = anna.add_contact(Contact("Jo", "Doe", "jo@acme.de"), company)
    anna.edit_company(company, {"phone": "", "city": "Bonn"})
    assert (anna.company_field(company, "phone"), anna.company_field(company, "city")) == ("", "Bonn")
    with pytest.raises(NotPossible):
        anna.edit_company(company, {"no_such_field": "x"})
    anna.edit_contact(contact, {"last_name": "Roe"})
    assert portal.read("contacts", contact, "lastname")["lastname"] == "Roe"
