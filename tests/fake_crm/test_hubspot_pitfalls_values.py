"""Pitfalls of property values and of what follows from them, numbered as in facts section 16."""

from __future__ import annotations

from typing import Any

import pytest
from hubspot_portal import OBJECTS, Portal, link_to

from harness.kit.call import Reply

QUOTE_TO_DEAL, QUOTE_TO_LINE, QUOTE_TO_TEMPLATE, LINE_TO_DEAL = 64, 67, 286, 20


def code_of(reply: Reply) -> str:
    """The one code a write was refused with."""
    assert reply.status == 400, reply.body
    (only,) = reply.json()["errors"]
    code: str = only["code"]
    return code


@pytest.mark.parametrize("written", ["Contract Sent", "ContractSent", "shipped_by_erp"])
def test_pitfall_25_a_label_another_case_or_a_new_status_of_the_erp_blocks_the_whole_record(portal: Portal, written: str) -> None:
    deal = portal.add("deals", dealname="one")
    reply = portal.patch("deals", deal, dealstage=written, amount="5")
    assert code_of(reply) == "INVALID_OPTION"
    assert f"{written} was not one of the allowed options: [" in reply.json()["message"]
    read = portal.read("deals", deal)
    assert (read["dealstage"], read["amount"]) == ("appointmentscheduled", None)
    assert code_of(portal.post(f"{OBJECTS}/contacts", {"properties": {"lifecyclestage": "Lead"}})) == "INVALID_OPTION"


@pytest.mark.parametrize(
    ("name", "value"), [("amount", " 5"), ("amount", "5 "), ("closedate", " 2026-03-02T08:00:00Z"), ("dealtype", "newbusiness ")]
)
def test_pitfall_26_a_space_around_anything_but_text_is_refused(portal: Portal, name: str, value: str) -> None:
    assert code_of(portal.post(f"{OBJECTS}/deals", {"properties": {name: value}})).startswith("INVALID_")
    assert portal.post(f"{OBJECTS}/deals", {"properties": {name: value.strip(), "dealname": " one "}}).status == 201


@pytest.mark.parametrize(
    ("name", "value", "code", "text"),
    [
        ("due", "1757856300000", "INVALID_DATE", "1757856300000 is at 13:25:0.0 UTC, not midnight!"),
        ("due", 1772402400000, "INVALID_DATE", "1772402400000 is at 22:0:0.0 UTC, not midnight!"),
        ("closedate", "2026-05-13T12:05:53.602759Z", "INVALID_LONG", "2026-05-13T12:05:53.602759Z was not a valid long."),
    ],
)
def test_pitfall_27_local_midnight_is_no_date_and_microseconds_are_no_time(
    portal: Portal, name: str, value: Any, code: str, text: str
) -> None:
    portal.define("deals", "due", type="date", fieldType="date")
    reply = portal.post(f"{OBJECTS}/deals", {"properties": {name: value}})
    assert (code_of(reply), reply.json()["errors"][0]["message"]) == (code, text)
    assert portal.post(f"{OBJECTS}/deals", {"properties": {"due": 1772409600000}}).status == 201


def test_pitfall_28_a_step_back_in_the_life_cycle_succeeds_and_changes_nothing(portal: Portal) -> None:
    contact = portal.add("contacts", email="jo@acme.com", lifecyclestage="customer")
    reply = portal.patch("contacts", contact, lifecyclestage="lead")
    assert reply.status == 200
    assert portal.read("contacts", contact, "lifecyclestage")["lifecyclestage"] == "customer"
    steps = [{"id": contact, "properties": {"lifecyclestage": stage}} for stage in ("", "lead")]
    assert portal.post(f"{OBJECTS}/contacts/batch/update", {"inputs": steps}).status == 400  # one batch cannot do both
    for stage in ("", "lead"):
        assert portal.patch("contacts", contact, lifecyclestage=stage).status == 200
    assert portal.read("contacts", contact, "lifecyclestage")["lifecyclestage"] == "lead"


def test_pitfall_34_the_modification_time_moves_although_nothing_one_reads_has_changed(portal: Portal) -> None:
    deal = portal.add("deals", dealname="one")
    before = portal.read("deals", deal)
    portal.wait(60)
    portal.add("line_items", [(deal, LINE_TO_DEAL)], name="Bolt")
    after = portal.read("deals", deal)
    assert after.pop("hs_lastmodifieddate") > before.pop("hs_lastmodifieddate")
    assert after == before


def publish(portal: Portal, deal: str, lines: list[str]) -> str:
    template = portal.add("quote_templates", hs_name="House style")
    links = [(deal, QUOTE_TO_DEAL), (template, QUOTE_TO_TEMPLATE), *((line, QUOTE_TO_LINE) for line in lines)]
    values = {"hs_title": "Saws", "hs_expiration_date": "2026-12-31", "hs_status": "APPROVAL_NOT_NEEDED"}
    body = {"properties": values, "associations": [link_to(other, number) for other, number in links]}
    reply = portal.post(f"{OBJECTS}/quotes", body)
    assert reply.status == 201, reply.body
    quote: str = reply.json()["id"]
    return quote


def test_pitfall_43_deleting_a_quote_that_reuses_a_deals_lines_deletes_them_from_the_deal(portal: Portal) -> None:
    deal = portal.add("deals", dealname="Saws")
    line = portal.add("line_items", [(deal, LINE_TO_DEAL)], name="Saw", price="25")
    quote = publish(portal, deal, [line])
    assert portal.call("DELETE", f"{OBJECTS}/quotes/{quote}").status == 204
    assert portal.get(f"{OBJECTS}/line_items/{line}").status == 404
    assert "associations" not in portal.get(f"{OBJECTS}/deals/{deal}", "associations=line_items").json()
    assert portal.get(f"{OBJECTS}/deals/{deal}").status == 200


def test_pitfall_44_a_published_quote_refuses_changes_until_it_is_a_draft_again(portal: Portal) -> None:
    deal = portal.add("deals", dealname="Saws")
    quote = publish(portal, deal, [portal.add("line_items", [(deal, LINE_TO_DEAL)], name="Saw", price="25")])
    refused = portal.patch("quotes", quote, hs_title="Other saws")
    assert (refused.status, refused.json()["category"]) == (400, "VALIDATION_ERROR")
    assert portal.read("quotes", quote)["hs_title"] == "Saws"
    assert portal.patch("quotes", quote, hs_status="DRAFT").status == 200
    assert portal.patch("quotes", quote, hs_title="Other saws").status == 200


def test_pitfall_45_a_new_price_of_a_product_leaves_its_line_items_alone(portal: Portal) -> None:
    product = portal.add("products", name="Saw", price="25")
    line = portal.add("line_items", hs_product_id=product, quantity="2")
    portal.patch("products", product, price="30")
    read = portal.read("line_items", line, "price", "amount")
    assert (read["price"], read["amount"]) == ("25", "50")
