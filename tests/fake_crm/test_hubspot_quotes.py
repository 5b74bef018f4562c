"""Quotes: drafted from a deal, published, locked, and what they take with them."""

from __future__ import annotations

from typing import Any

import pytest
from hubspot_portal import OBJECTS, Portal, link_to

from harness.kit.call import Reply

TO_DEAL, TO_LINE, TO_TEMPLATE, TO_CONTACT, TO_SIGNER, TO_COMPANY = 64, 67, 286, 69, 702, 71


class Sale:
    """A deal over two saws, and whatever a quote for it needs."""

    def __init__(self, portal: Portal, **deal: Any) -> None:
        self.portal = portal
        self.deal = portal.add("deals", dealname="Saws", **deal)
        self.line = portal.add("line_items", [(self.deal, 20)], name="Saw", price="25.50", quantity="2")
        self.template = portal.add("quote_templates", hs_name="House style")
        self.contact = portal.add("contacts", email="anna@acme.com")

    def quote(self, links: list[tuple[str, int]] | None = None, **properties: Any) -> Reply:
        wanted = self.complete if links is None else links
        values = {"hs_title": "Two saws", "hs_expiration_date": "2026-12-31", **properties}
        rows = [link_to(other, number) for other, number in wanted]
        return self.portal.post(f"{OBJECTS}/quotes", {"properties": values, "associations": rows})

    @property
    def complete(self) -> list[tuple[str, int]]:
        return [(self.deal, TO_DEAL), (self.line, TO_LINE), (self.template, TO_TEMPLATE)]


@pytest.fixture
def sale(portal: Portal) -> Sale:
    return Sale(portal, deal_currency_code="EUR", hubspot_owner_id="30551208")


def test_a_quote_needs_a_title_and_an_end(portal: Portal) -> None:
    refused = portal.post(f"{OBJECTS}/quotes", {"properties": {"hs_title": "Two saws"}})
    assert refused.status == 400
    assert refused.json()["message"] == "Error creating QUOTE. Some required properties were not set."
    assert refused.json()["context"] == {"properties": ["hs_expiration_date"]}


def test_a_minimal_quote_is_a_draft_without_a_status_and_stays_open_to_change(sale: Sale) -> None:
    made = sale.quote(links=[])
    assert made.status == 201
    assert "hs_status" not in made.json()["properties"]
    assert sale.portal.patch("quotes", made.json()["id"], hs_title="Three saws").status == 200


def test_publishing_fills_in_totals_links_and_what_the_deal_says(sale: Sale) -> None:
    quote = sale.quote(hs_status="APPROVAL_NOT_NEEDED", hs_payment_enabled="true").json()["id"]
    names = (
        "hs_quote_amount",
        "hs_currency",
        "hubspot_owner_id",
        "hs_locked",
        "hs_quote_link",
        "hs_quote_number",
        "hs_payment_status",
    )
    read = sale.portal.read("quotes", quote, *names)
    assert (read["hs_quote_amount"], read["hs_currency"], read["hubspot_owner_id"]) == ("51", "EUR", "30551208")
    assert (read["hs_locked"], read["hs_payment_status"]) == ("true", "PENDING")
    assert read["hs_quote_link"].startswith("https://")
    assert read["hs_quote_number"]


@pytest.mark.parametrize(("missing", "words"), [(0, "a deal"), (1, "a line item"), (2, "a quote template")])
def test_an_incomplete_quote_is_not_published_and_nothing_is_written(sale: Sale, missing: int, words: str) -> None:
    links = [each for position, each in enumerate(sale.complete) if position != missing]
    refused = sale.quote(links, hs_status="APPROVAL_NOT_NEEDED")
    assert (refused.status, refused.json()["category"]) == (400, "VALIDATION_ERROR")
    assert words in refused.json()["message"]
    assert sale.portal.fake.store.count("quotes") == 0


def test_a_cpq_quote_starts_as_a_draft_and_needs_a_contact_to_be_published(sale: Sale) -> None:
    quote = sale.quote(hs_template_type="CPQ_QUOTE").json()
    assert quote["properties"]["hs_status"] == "DRAFT"
    refused = sale.portal.patch("quotes", quote["id"], hs_status="APPROVAL_NOT_NEEDED")
    assert (refused.status, "a contact" in refused.json()["message"]) == (400, True)
    path = f"/crm/v4/objects/quotes/{quote['id']}/associations/default/contacts/{sale.contact}"
    assert sale.portal.call("PUT", path).status == 200
    assert sale.portal.patch("quotes", quote["id"], hs_status="APPROVAL_NOT_NEEDED").status == 200


def test_signers_are_counted_when_a_quote_is_signed_electronically(sale: Sale) -> None:
    links = [*sale.complete, (sale.contact, TO_SIGNER)]
    quote = sale.quote(links, hs_status="APPROVAL_NOT_NEEDED", hs_esign_enabled="true").json()
    assert quote["properties"]["hs_esign_num_signers_required"] == "1"


def test_only_the_buyer_accepts_a_quote(sale: Sale) -> None:
    quote = sale.quote(hs_status="APPROVAL_NOT_NEEDED").json()["id"]
    refused = sale.portal.patch("quotes", quote, hs_status="ACCEPTED")
    assert (refused.status, refused.json()["errors"][0]["code"]) == (400, "INVALID_OPTION")


def test_a_quote_has_one_deal_one_company_and_its_template_from_the_start(sale: Sale) -> None:
    portal, quote = sale.portal, sale.quote().json()["id"]
    other_deal, other_template = portal.add("deals", dealname="Drills"), portal.add("quote_templates", hs_name="Plain")
    one, two = portal.add("companies", name="Acme"), portal.add("companies", name="Globex")

    def link(kind: str, other: str) -> int:
        return portal.call("PUT", f"/crm/v4/objects/quotes/{quote}/associations/default/{kind}/{other}").status

    assert [link("deals", other_deal), link("quote_templates", other_template)] == [400, 400]
    assert [link("companies", one), link("companies", two)] == [200, 400]
    linked = portal.get(f"/crm/v4/objects/quotes/{quote}/associations/companies").json()["results"]
    assert [str(each["toObjectId"]) for each in linked] == [one]


def test_two_deals_on_a_new_quote_are_refused(sale: Sale) -> None:
    other = sale.portal.add("deals", dealname="Drills")
    assert sale.quote([*sale.complete, (other, TO_DEAL)]).status == 400
