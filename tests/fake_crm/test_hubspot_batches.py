"""Batches: whole-request refusals, partial success, and the rows that vanish without a word (facts 4.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hubspot_portal import OBJECTS, Portal, link_to

OpenPortal = Callable[..., Portal]


def batch(portal: Portal, verb: str, kind: str, *inputs: dict[str, Any], **more: Any) -> Any:
    return portal.post(f"{OBJECTS}/{kind}/batch/{verb}", {"inputs": list(inputs), **more})


def test_a_batch_read_with_a_missing_id_is_a_207_with_rows_and_one_error(portal: Portal) -> None:
    """Pitfall 5."""
    deal = portal.add("deals", dealname="one")
    reply = batch(portal, "read", "deals", {"id": deal}, {"id": "998"}, {"id": 999}, properties=["dealname"])
    body = reply.json()
    assert reply.status == 207
    assert [row["properties"]["dealname"] for row in body["results"]] == ["one"]
    assert (body["status"], body["numErrors"]) == ("COMPLETE", 1)
    assert body["errors"] == [
        {
            "status": "error",
            "category": "OBJECT_NOT_FOUND",
            "message": "Could not get some DEAL objects, they may be deleted or not exist. Check that ids are valid.",
            "context": {"ids": ["998", "999"]},
        }
    ]


def test_a_batch_read_of_only_missing_ids_is_207_or_404_as_the_account_is_switched(open_portal: OpenPortal) -> None:
    assert batch(open_portal(), "read", "deals", {"id": "1"}).status == 207
    assert batch(open_portal(all_missing_status=404), "read", "deals", {"id": "1"}).status == 404


def test_a_complete_batch_read_has_no_errors_key(portal: Portal) -> None:
    deal = portal.add("deals", dealname="one")
    reply = batch(portal, "read", "deals", {"id": deal})
    assert reply.status == 200
    assert "errors" not in reply.json()


def test_contacts_are_read_by_e_mail(portal: Portal) -> None:
    contact = portal.add("contacts", email="jo@acme.com")
    reply = batch(portal, "read", "contacts", {"id": "Jo@Acme.com"}, idProperty="email")
    assert [row["id"] for row in reply.json()["results"]] == [contact]


def test_a_history_of_51_records_is_too_much(portal: Portal) -> None:
    """Pitfall 12."""
    inputs = [{"id": str(number)} for number in range(1, 52)]
    reply = batch(portal, "read", "deals", *inputs, propertiesWithHistory=["amount"])
    assert reply.status == 400
    assert reply.json()["message"] == (
        "The maximum number of inputs supported in a batch request for property histories is 50. "
        "Please reduce the number of items and try again"
    )
    assert batch(portal, "read", "deals", *inputs[:50], propertiesWithHistory=["amount"]).status == 207


def test_more_than_100_inputs_and_none_at_all(portal: Portal) -> None:
    for verb in ("read", "create", "update", "archive"):
        too_many = batch(portal, verb, "deals", *({"id": str(number), "properties": {}} for number in range(101)))
        assert (too_many.status, too_many.json()["category"]) == (400, "VALIDATION_ERROR")
        assert batch(portal, verb, "deals").json()["message"] == "Batch input provided should have at least one object."
    reply = portal.post(f"{OBJECTS}/deals/batch/update", {})
    assert (reply.status, reply.json()["results"]) == (200, [])


def test_a_batch_create_links_its_records(portal: Portal) -> None:
    deal = portal.add("deals", dealname="one")
    rows = [{"properties": {"name": name, "price": "2"}, "associations": [link_to(deal, 20)]} for name in ("a", "b")]
    reply = batch(portal, "create", "line_items", *rows)
    assert reply.status == 201
    links = portal.get(f"{OBJECTS}/deals/{deal}", "associations=line_items").json()["associations"]["line items"]["results"]
    assert [each["id"] for each in links] == [row["id"] for row in reply.json()["results"]]


def test_one_duplicate_among_many_creates_nothing(portal: Portal) -> None:
    """Pitfall 7."""
    holder = portal.add("contacts", email="c7@acme.com")
    rows = [{"properties": {"email": f"c{number}@acme.com"}} for number in range(100)]
    reply = batch(portal, "create", "contacts", *rows)
    assert reply.status == 409
    assert reply.json()["message"] == f"Contact already exists. Existing ID: {holder}"
    assert len(portal.get(f"{OBJECTS}/contacts", "limit=100").json()["results"]) == 1


def test_two_of_the_same_e_mail_in_one_batch_create_nothing(portal: Portal) -> None:
    row = {"properties": {"email": "jo@acme.com"}}
    assert batch(portal, "create", "contacts", row, row).status == 409
    assert portal.get(f"{OBJECTS}/contacts").json()["results"] == []


def test_one_impossible_e_mail_rejects_the_whole_batch(portal: Portal) -> None:
    """Pitfall 8."""
    rows = [{"properties": {"email": f"c{number}@acme.com"}} for number in range(99)]
    reply = batch(portal, "create", "contacts", *rows, {"properties": {"email": "x@site.badtld"}})
    assert (reply.status, reply.json()["errors"][0]["code"]) == (400, "INVALID_EMAIL")
    assert portal.get(f"{OBJECTS}/contacts").json()["results"] == []


def test_with_trace_ids_good_rows_are_written_and_bad_ones_listed(portal: Portal) -> None:
    """Pitfall 6."""
    good = {"objectWriteTraceId": "t1", "properties": {"dealname": "good", "amount": "1"}}
    bad = {"objectWriteTraceId": "t2", "properties": {"dealname": "bad", "amount": "one"}}
    reply = batch(portal, "create", "deals", good, bad)
    body = reply.json()
    assert reply.status == 207
    assert [row["objectWriteTraceId"] for row in body["results"]] == ["t1"]
    assert body["errors"][0]["context"]["objectWriteTraceId"] == ["t2"]
    assert len(portal.get(f"{OBJECTS}/deals").json()["results"]) == 1


def test_a_trace_id_on_only_some_rows_does_not_help(portal: Portal) -> None:
    good = {"objectWriteTraceId": "t1", "properties": {"dealname": "good"}}
    assert batch(portal, "create", "deals", good, {"properties": {"amount": "one"}}).status == 400
    assert portal.get(f"{OBJECTS}/deals").json()["results"] == []


def test_an_update_of_a_missing_id_is_listed_and_the_rest_is_written(portal: Portal) -> None:
    deal = portal.add("deals", dealname="one")
    reply = batch(
        portal, "update", "deals", {"id": deal, "properties": {"amount": "5"}}, {"id": "999", "properties": {"amount": "5"}}
    )
    assert reply.status == 207
    assert [row["id"] for row in reply.json()["results"]] == [deal]
    assert reply.json()["errors"][0]["context"] == {"ids": ["999"]}
    assert portal.read("deals", deal)["amount"] == "5"


def test_missing_ids_of_an_update_share_one_error_unless_they_carry_a_trace_id(portal: Portal) -> None:
    deal = portal.add("deals", dealname="one")
    rows = [{"id": each, "properties": {"amount": "5"}} for each in ("998", deal, "999")]
    body = batch(portal, "update", "deals", *rows).json()
    assert (body["numErrors"], body["errors"][0]["context"]) == (1, {"ids": ["998", "999"]})
    body = batch(portal, "update", "deals", {**rows[0], "objectWriteTraceId": "t1"}, *rows[1:]).json()
    assert [each["context"] for each in body["errors"]] == [{"ids": ["998"], "objectWriteTraceId": ["t1"]}, {"ids": ["999"]}]
    assert [row["id"] for row in body["results"]] == [deal]


def test_an_update_by_a_unique_value_nobody_has_is_refused_whole(portal: Portal) -> None:
    portal.define("deals", "erp_order_id", unique=True)
    known = portal.add("deals", erp_order_id="ACME")
    rows = [{"id": value, "idProperty": "erp_order_id", "properties": {"amount": "5"}} for value in ("ACME", "NONE")]
    reply = batch(portal, "update", "deals", *rows)
    missing = reply.json()["context"]["missingObjectPropertyValueCoordinates"]
    assert (reply.status, [each.rpartition(":")[2] for each in missing]) == (404, ["NONE"])
    assert portal.read("deals", known)["amount"] is None
    assert batch(portal, "update", "deals", rows[0]).json()["results"][0]["id"] == known


def test_an_update_with_an_invalid_value_writes_nothing(portal: Portal) -> None:
    one, two = portal.add("deals", dealname="one"), portal.add("deals", dealname="two")
    reply = batch(portal, "update", "deals", {"id": one, "properties": {"amount": "5"}}, {"id": two, "properties": {"amount": "x"}})
    assert reply.status == 400
    assert portal.read("deals", one)["amount"] is None


def test_an_update_keyed_by_an_e_mail_vanishes(portal: Portal) -> None:
    """Pitfall 9."""
    portal.add("contacts", email="jo@acme.com", firstname="Jo")
    row = {"id": "jo@acme.com", "properties": {"firstname": "Bo"}}
    reply = batch(portal, "update", "contacts", row)
    assert (reply.status, reply.json()["results"]) == (200, [])
    reply = batch(portal, "update", "contacts", {**row, "idProperty": "email"})
    assert reply.status == 400
    assert reply.json()["message"] == "Unable to perform update/upsert by non-unique 0-1 property email in portal ID 48211907"


def test_the_record_id_is_no_unique_property(portal: Portal) -> None:
    """Pitfall 10."""
    deal = portal.add("deals", dealname="one")
    for verb in ("update", "upsert"):
        reply = batch(portal, verb, "deals", {"id": deal, "idProperty": "hs_object_id", "properties": {"amount": "5"}})
        expected = "Unable to perform update/upsert by non-unique 0-3 property hs_object_id in portal ID 48211907"
        assert (reply.status, reply.json()["message"]) == (400, expected)


def test_the_same_id_twice_is_refused(portal: Portal) -> None:
    """Pitfall 11."""
    deal = portal.add("deals", dealname="one")
    row = {"id": deal, "properties": {"amount": "5"}}
    body = batch(portal, "update", "deals", row, row).json()
    assert body["message"] == f"Duplicate IDs found in batch input: [{deal}]. IDs must be unique"
    assert body["context"] == {"ids": [deal]}


def test_an_upsert_creates_then_updates_by_a_unique_property(portal: Portal) -> None:
    portal.define("deals", "erp_order_id", unique=True)
    row = {"id": "SO-1", "idProperty": "erp_order_id", "properties": {"dealname": "one"}}
    first = batch(portal, "upsert", "deals", row).json()["results"][0]
    second = batch(portal, "upsert", "deals", {**row, "properties": {"amount": "5"}}).json()["results"][0]
    assert (first["new"], second["new"]) == (True, False)
    assert first["id"] == second["id"]
    assert portal.read("deals", first["id"], "erp_order_id", "dealname", "amount")["erp_order_id"] == "SO-1"


def test_an_upsert_of_contacts_answers_the_e_mail_in_lower_case(portal: Portal) -> None:
    row = {"id": "Jo@Acme.com", "idProperty": "email", "properties": {"firstname": "Jo"}}
    result = batch(portal, "upsert", "contacts", row).json()["results"][0]
    assert (result["new"], result["properties"]["email"]) == (True, "jo@acme.com")


def test_an_upsert_answers_in_an_order_of_its_own_that_is_the_same_each_time(open_portal: OpenPortal) -> None:
    rows = [
        {"id": f"c{number}@acme.com", "idProperty": "email", "objectWriteTraceId": f"t{number}", "properties": {"city": "Bonn"}}
        for number in range(10)
    ]
    orders = []
    for _ in range(2):
        results = batch(open_portal(), "upsert", "contacts", *rows).json()["results"]
        assert all(row["properties"]["email"] == f"c{row['objectWriteTraceId'][1:]}@acme.com" for row in results)
        orders.append([row["objectWriteTraceId"] for row in results])
    assert orders[0] == orders[1]
    assert orders[0] != sorted(orders[0]) == [row["objectWriteTraceId"] for row in rows]


def test_a_partial_upsert_of_contacts_is_refused_by_e_mail_and_taken_by_a_property_of_ones_own(portal: Portal) -> None:
    portal.define("contacts", "erp_id", unique=True)
    for name, status in (("email", 400), ("erp_id", 200)):
        keys = ("a@acme.com", "b@acme.com")
        rows = [{"id": key, "idProperty": name, "properties": {each: "x"}} for key, each in zip(keys, ("city", "zip"), strict=True)]
        assert batch(portal, "upsert", "contacts", *rows).status == status


def test_an_upsert_needs_one_id_property_for_all(portal: Portal) -> None:
    portal.define("deals", "erp_order_id", unique=True)
    portal.define("deals", "shop_id", unique=True)
    rows: list[dict[str, Any]] = [{"id": name, "idProperty": name, "properties": {}} for name in ("erp_order_id", "shop_id")]
    assert batch(portal, "upsert", "deals", *rows).status == 400
    assert batch(portal, "upsert", "deals", {"id": "x", "properties": {}}).status == 400


def test_archiving_unknown_ids_is_a_204(portal: Portal) -> None:
    deal = portal.add("deals", dealname="one")
    assert batch(portal, "archive", "deals", {"id": deal}, {"id": "999"}).status == 204
    assert portal.get(f"{OBJECTS}/deals/{deal}").status == 404
