"""Pitfalls of records and batches, numbered as in facts section 16: what an integration meets, step by step."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hubspot_portal import OBJECTS, Portal, link_to, where

from harness.kit.call import Outcome, Reply
from harness.kit.faults import Fault, ProxyPage

OpenPortal = Callable[..., Portal]
CONTACT_TO_DEAL = 4


def batch(portal: Portal, verb: str, kind: str, *inputs: dict[str, Any], **more: Any) -> Reply:
    return portal.post(f"{OBJECTS}/{kind}/batch/{verb}", {"inputs": list(inputs), **more})


def create(portal: Portal, kind: str, **properties: Any) -> Reply:
    return portal.post(f"{OBJECTS}/{kind}", {"properties": properties})


def total(portal: Portal, kind: str, *filters: dict[str, Any]) -> int:
    answer: int = portal.search(kind, *filters).json()["total"]
    return answer


def listed(portal: Portal, kind: str) -> list[str]:
    return [row["id"] for row in portal.get(f"{OBJECTS}/{kind}", "limit=100").json()["results"]]


# -- the search index lags ----------------------------------------------------------------------------------------------


def test_pitfall_01_a_contact_made_a_second_ago_is_not_found_and_cannot_be_made_again(portal: Portal) -> None:
    contact = portal.add("contacts", email="jo@acme.com")
    portal.wait(1)
    assert total(portal, "contacts", where("email", "EQ", "jo@acme.com")) == 0
    again = create(portal, "contacts", email="jo@acme.com")
    assert again.status == 409
    found = re.search(r"Existing ID: (\d+)", again.json()["message"])  # the way out, for who handles the 409
    assert found is not None
    assert found[1] == contact


def test_pitfall_02_the_same_race_on_deals_and_companies_makes_two_records(portal: Portal) -> None:
    for kind, name, value in (("deals", "dealname", "Renewal"), ("companies", "domain", "acme.com")):
        portal.add(kind, **{name: value})
        portal.wait(1)
        assert total(portal, kind, where(name, "EQ", value)) == 0
        assert create(portal, kind, **{name: value}).status == 201
        portal.wait(6)
        assert total(portal, kind, where(name, "EQ", value)) == 2


# -- batches -------------------------------------------------------------------------------------------------------------


def test_pitfall_05_a_batch_read_with_one_unknown_key_is_a_207_with_rows(portal: Portal) -> None:
    deal = portal.add("deals", dealname="one")
    reply = batch(portal, "read", "deals", {"id": deal}, {"id": "998"})
    body = reply.json()
    assert reply.status == 207
    assert [row["id"] for row in body["results"]] == [deal]
    assert (body["numErrors"], body["errors"][0]["context"]) == (1, {"ids": ["998"]})


def test_pitfall_06_an_upsert_with_trace_ids_and_a_bad_number_looks_like_success(portal: Portal) -> None:
    portal.define("deals", "erp_order_id", unique=True)
    rows = [
        {"id": f"SO-{number}", "idProperty": "erp_order_id", "objectWriteTraceId": f"t{number}", "properties": {"amount": amount}}
        for number, amount in enumerate(("1", "one"))
    ]
    reply = batch(portal, "upsert", "deals", *rows)
    body = reply.json()
    assert reply.status == 207
    assert [row["objectWriteTraceId"] for row in body["results"]] == ["t0"]
    assert body["errors"][0]["context"]["objectWriteTraceId"] == ["t1"]
    assert batch(portal, "upsert", "deals", rows[1]).json()["results"] == []


def test_pitfall_07_one_duplicate_among_a_hundred_creates_nothing_and_only_the_first_is_named(portal: Portal) -> None:
    first, second = (portal.add("contacts", email=f"c{number}@acme.com") for number in (7, 50))
    reply = batch(portal, "create", "contacts", *({"properties": {"email": f"c{number}@acme.com"}} for number in range(100)))
    assert (reply.status, reply.json()["message"]) == (409, f"Contact already exists. Existing ID: {first}")
    assert listed(portal, "contacts") == [first, second]


def test_pitfall_08_one_unknown_top_level_domain_rejects_a_hundred_rows(portal: Portal) -> None:
    rows = [{"properties": {"email": f"c{number}@acme.com"}} for number in range(99)]
    reply = batch(portal, "create", "contacts", *rows, {"properties": {"email": "someone@site.badtld"}})
    assert (reply.status, reply.json()["errors"][0]["code"]) == (400, "INVALID_EMAIL")
    assert "Email address someone@site.badtld is invalid" in reply.json()["message"]
    assert listed(portal, "contacts") == []


def test_pitfall_09_a_batch_update_keyed_by_an_e_mail_is_a_200_that_did_nothing(portal: Portal) -> None:
    contact = portal.add("contacts", email="jo@acme.com", firstname="Jo")
    row = {"id": "jo@acme.com", "properties": {"firstname": "Bo"}}
    silent = batch(portal, "update", "contacts", row)
    assert (silent.status, silent.json()["results"], "errors" in silent.json()) == (200, [], False)
    named = batch(portal, "update", "contacts", {**row, "idProperty": "email"})
    assert (named.status, "by non-unique 0-1 property email" in named.json()["message"]) == (400, True)
    assert portal.read("contacts", contact)["firstname"] == "Jo"


@pytest.mark.parametrize("verb", ["update", "upsert"])
def test_pitfall_10_the_record_id_is_no_id_property(portal: Portal, verb: str) -> None:
    deal = portal.add("deals", dealname="one")
    row: dict[str, Any] = {"id": deal, "properties": {"amount": "5"}}
    reply = batch(portal, verb, "deals", {**row, "idProperty": "hs_object_id"})
    expected = "Unable to perform update/upsert by non-unique 0-3 property hs_object_id in portal ID 48211907"
    assert (reply.status, reply.json()["message"], reply.json()["category"]) == (400, expected, "VALIDATION_ERROR")
    assert batch(portal, "update", "deals", row).status == 200


def test_pitfall_11_the_same_id_twice_in_one_batch_is_refused(portal: Portal) -> None:
    portal.define("deals", "erp_order_id", unique=True)
    deal = portal.add("deals", erp_order_id="SO-1")
    for verb, row in (("update", {"id": deal}), ("upsert", {"id": "SO-1", "idProperty": "erp_order_id"})):
        reply = batch(portal, verb, "deals", *({**row, "properties": {"amount": amount}} for amount in ("1", "2")))
        expected = f"Duplicate IDs found in batch input: [{row['id']}]. IDs must be unique"
        assert (reply.status, reply.json()["message"], reply.json()["context"]) == (400, expected, {"ids": [row["id"]]})
    people = ({"id": each, "idProperty": "email", "properties": {"city": "Bonn"}} for each in ("Jo@acme.com", "jo@acme.com"))
    assert batch(portal, "upsert", "contacts", *people).status == 400
    assert portal.read("deals", deal)["amount"] is None


def test_pitfall_12_a_batch_read_of_histories_takes_fifty_records(portal: Portal) -> None:
    inputs = [{"id": portal.add("products", name="Bolt")} for _ in range(51)]
    reply = batch(portal, "read", "products", *inputs, propertiesWithHistory=["name"])
    assert (reply.status, reply.json()["message"]) == (
        400,
        "The maximum number of inputs supported in a batch request for property histories is 50. "
        "Please reduce the number of items and try again",
    )
    rows = batch(portal, "read", "products", *inputs[:50], propertiesWithHistory=["name"]).json()["results"]
    assert [len(row["propertiesWithHistory"]["name"]) for row in rows] == [1] * 50
    assert batch(portal, "read", "products", *inputs, properties=["name"]).status == 200


# -- unique values -------------------------------------------------------------------------------------------------------


def test_pitfall_13_a_patch_to_somebody_elses_e_mail_is_a_409_and_nothing_of_it_is_applied(portal: Portal) -> None:
    holder = portal.add("contacts", email="jo@acme.com")
    contact = portal.add("contacts", email="bo@acme.com", firstname="Bo")
    reply = portal.patch("contacts", contact, email="jo@acme.com", firstname="Jo")
    assert (reply.status, reply.json()["category"]) == (409, "CONFLICT")
    assert reply.json()["message"] == f"Contact already exists. Existing ID: {holder}"
    read = portal.read("contacts", contact)
    assert (read["email"], read["firstname"]) == ("bo@acme.com", "Bo")


def test_pitfall_14_a_taken_unique_value_is_a_400_that_names_a_record_which_was_never_made(portal: Portal) -> None:
    portal.define("deals", "erp_order_id", unique=True)
    holder = portal.add("deals", erp_order_id="SO-1044")
    reply = create(portal, "deals", erp_order_id="SO-1044")
    assert (reply.status, reply.json()["category"]) == (400, "VALIDATION_ERROR")
    found = re.fullmatch(
        r"Cannot set PropertyValueCoordinates\{portalId=48211907, objectTypeId=ObjectTypeId\{legacyObjectType=DEAL\}, "
        r"propertyName=erp_order_id, value=SO-1044\} on (\d+)\. (\d+) already has that value\.",
        reply.json()["message"],
    )
    assert found is not None
    ghost, named = found.groups()
    assert named == holder
    assert portal.get(f"{OBJECTS}/deals/{ghost}").status == 404


# -- pages instead of answers --------------------------------------------------------------------------------------------


def test_pitfall_19_a_502_page_in_html_after_which_a_write_may_have_happened(portal: Portal) -> None:
    for applied in (False, True):
        portal.fake.faults.inject(Fault("crm.create_deal", ProxyPage(502, applied=applied)))
        reply = create(portal, "deals", dealname="one")
        assert (reply.status, reply.headers["content-type"], reply.outcome) == (502, "text/html", Outcome.UNKNOWN)
        assert b"<title>502 Bad Gateway</title>" in reply.body
        assert len(listed(portal, "deals")) == int(applied)


@pytest.mark.parametrize(("status", "words"), [(520, b"unknown error"), (524, b"A timeout occurred")])
def test_pitfall_20_a_retry_after_the_pages_of_a_content_network_makes_a_second_deal(
    portal: Portal, status: int, words: bytes
) -> None:
    portal.fake.faults.inject(Fault("crm.create_deal", ProxyPage(status, applied=True)))
    reply = create(portal, "deals", dealname="one")
    assert (reply.status, reply.headers["content-type"], words in reply.body) == (status, "text/html", True)
    assert create(portal, "deals", dealname="one").status == 201
    assert len(listed(portal, "deals")) == 2


# -- links, ids, what an account demands ---------------------------------------------------------------------------------


def test_pitfall_21_an_inline_link_of_the_wrong_direction_creates_nothing_and_a_dropped_one_no_link(portal: Portal) -> None:
    contact = portal.add("contacts", email="jo@acme.com")
    body = {"properties": {"dealname": "one"}, "associations": [link_to(contact, CONTACT_TO_DEAL)]}
    reply = portal.post(f"{OBJECTS}/deals", body)
    assert reply.status == 400
    assert "invalid from object type 0-3 for associations to be created. expected: 0-1" in reply.json()["message"]
    assert listed(portal, "deals") == []
    deal = portal.post(f"{OBJECTS}/deals", {"properties": {"dealname": "one"}}).json()["id"]
    assert "associations" not in portal.get(f"{OBJECTS}/deals/{deal}", "associations=contacts").json()


def test_pitfall_29_a_merge_leads_old_ids_to_a_new_one_and_batches_drop_them_without_a_word(portal: Portal) -> None:
    first, second = (portal.add("contacts", email=f"{name}@acme.com") for name in ("a", "b"))
    body = {"primaryObjectId": first, "objectIdToMerge": second}
    new = portal.post(f"{OBJECTS}/contacts/merge", body).json()["id"]
    assert new not in (first, second)
    assert {portal.get(f"{OBJECTS}/contacts/{old}").json()["id"] for old in (first, second)} == {new}
    reply = batch(portal, "update", "contacts", {"id": first, "properties": {"city": "Bonn"}})
    assert (reply.status, reply.json()["results"]) == (200, [])
    assert portal.read("contacts", new, "city")["city"] is None


def test_pitfall_41_the_last_page_has_no_paging_at_all(portal: Portal) -> None:
    portal.add("deals", dealname="one")
    portal.wait(6)
    for page in (portal.get(f"{OBJECTS}/deals"), portal.search("deals"), portal.get(f"{OBJECTS}/companies")):
        assert "paging" not in page.json()
    portal.add("deals", dealname="two")
    assert portal.get(f"{OBJECTS}/deals", "limit=1").json()["paging"]["next"]["after"]


def test_pitfall_47_an_account_that_requires_more_refuses_every_creation_by_api(open_portal: OpenPortal) -> None:
    portal = open_portal(required_properties={"deals": ["hs_next_step"]})
    refused = create(portal, "deals", dealname="one")
    assert refused.status == 400
    assert refused.json()["message"] == "Error creating DEAL. Some required properties were not set."
    assert refused.json()["context"] == {"properties": ["hs_next_step"]}
    assert batch(portal, "create", "deals", {"properties": {"dealname": "one"}}).status == 400
    assert create(portal, "deals", dealname="one", hs_next_step="call").status == 201


def test_pitfall_49_ids_need_more_than_32_bits_and_more_than_a_float_keeps(portal: Portal) -> None:
    assert int(portal.add("contacts", email="jo@acme.com")) > 2**31
    long = "90071992547409931"
    assert portal.fake.import_export("deals", [{"Record ID": long, "Deal Name": "one"}]) == []
    assert portal.get(f"{OBJECTS}/deals/{long}").json()["id"] == long
    corrupted = str(int(float(long)))
    assert corrupted != long
    assert portal.get(f"{OBJECTS}/deals/{corrupted}").status == 404
