"""Merging: which id survives, whose values win, what becomes of links, addresses and the ids that went under (facts 4.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hubspot_portal import OBJECTS, Portal, link_to, where

from harness.kit.call import Reply

OpenPortal = Callable[..., Portal]
DEAL_TO_CONTACT, DEAL_TO_COMPANY, CONTACT_TO_COMPANY, PRIMARY = 3, 341, 279, 1


def merge(portal: Portal, kind: str, primary: str, other: str) -> Reply:
    return portal.post(f"{OBJECTS}/{kind}/merge", {"primaryObjectId": primary, "objectIdToMerge": other})


def merged(portal: Portal, kind: str, primary: str, other: str) -> str:
    reply = merge(portal, kind, primary, other)
    assert reply.status == 200, reply.body
    record_id: str = reply.json()["id"]
    return record_id


def linked(portal: Portal, kind: str, record_id: str, other: str) -> dict[int, set[str | None]]:
    rows = portal.get(f"/crm/v4/objects/{kind}/{record_id}/associations/{other}").json()["results"]
    return {row["toObjectId"]: {each["label"] for each in row["associationTypes"]} for row in rows}


@pytest.fixture
def pair(portal: Portal) -> tuple[str, str]:
    return (
        portal.add("contacts", email="jo@acme.com", firstname="Jo"),
        portal.add("contacts", email="joe@acme.com", firstname="Joe", phone="0301"),
    )


# -- ids ------------------------------------------------------------------------------------------------------------------


def test_merged_contacts_become_a_third_record_that_both_old_ids_stand_for(portal: Portal, pair: tuple[str, str]) -> None:
    new = merged(portal, "contacts", *pair)
    assert new not in pair
    for old in pair:
        body = portal.get(f"{OBJECTS}/contacts/{old}").json()
        assert (body["id"], body["properties"]["hs_object_id"]) == (new, new)
        assert portal.get(f"{OBJECTS}/contacts/{old}", "archived=true").status == 404
    for query in ("", "archived=true"):
        rows = portal.get(f"{OBJECTS}/contacts", query).json()["results"]
        assert [row["id"] for row in rows] == ([] if query else [new])
    read = portal.read("contacts", new, "hs_merged_object_ids", "hs_calculated_merged_vids")
    assert read["hs_merged_object_ids"] == ";".join(pair)
    assert read["hs_calculated_merged_vids"] == ";".join(f"{old}:1772438400000" for old in pair)


@pytest.mark.parametrize(("kind", "name"), [("companies", "name"), ("deals", "dealname"), ("tickets", "subject")])
def test_which_types_keep_the_id_of_the_primary(open_portal: OpenPortal, kind: str, name: str) -> None:
    stage = {"hs_pipeline_stage": "1"} if kind == "tickets" else {}
    for kept in (False, True):
        portal = open_portal(merge_keeps_contact_id=kept, merge_keeps_deal_id=kept)
        ids = [portal.add(kind, **{name: each}, **stage) for each in ("one", "two")]
        result = merged(portal, kind, *ids)
        assert (result == ids[0]) is kept
        assert portal.get(f"{OBJECTS}/{kind}/{ids[1]}").json()["id"] == result
        read = portal.read(kind, result, name, "hs_merged_object_ids")
        assert (read[name], read["hs_merged_object_ids"]) == ("one", ids[1] if kept else ";".join(ids))
    portal = open_portal()
    ids = [portal.add(kind, **{name: each}, **stage) for each in ("one", "two")]
    assert (merged(portal, kind, *ids) == ids[0]) is (kind != "companies")


def test_a_merge_of_merged_records_leads_all_old_ids_to_the_last(portal: Portal, pair: tuple[str, str]) -> None:
    third = portal.add("contacts", email="josef@acme.com")
    new = merged(portal, "contacts", *pair)
    newest = merged(portal, "contacts", third, pair[0])
    assert {portal.get(f"{OBJECTS}/contacts/{old}").json()["id"] for old in (*pair, new, third)} == {newest}
    ids = portal.read("contacts", newest, "hs_merged_object_ids")["hs_merged_object_ids"]
    assert set(ids.split(";")) == {*pair, new, third}


def test_what_old_ids_still_do(portal: Portal, pair: tuple[str, str]) -> None:
    """Batch updates drop them, deletions pass them over, reads and patches follow them."""
    new = merged(portal, "contacts", *pair)
    body = {"inputs": [{"id": old, "properties": {"city": "Bonn"}} for old in pair]}
    reply = portal.post(f"{OBJECTS}/contacts/batch/update", body)
    assert (reply.status, reply.json()["results"]) == (200, [])
    assert portal.read("contacts", new, "city")["city"] is None
    assert portal.call("DELETE", f"{OBJECTS}/contacts/{pair[0]}").status == 204
    assert portal.post(f"{OBJECTS}/contacts/batch/archive", {"inputs": [{"id": pair[1]}]}).status == 204
    rows = portal.post(f"{OBJECTS}/contacts/batch/read", {"inputs": [{"id": old} for old in (*pair, new)]}).json()["results"]
    assert [row["id"] for row in rows] == [new]
    assert portal.patch("contacts", pair[0], city="Bonn").json()["id"] == new


def test_once_the_survivor_is_archived_old_ids_lead_nowhere(portal: Portal, pair: tuple[str, str]) -> None:
    new = merged(portal, "contacts", *pair)
    other = portal.add("contacts", email="bo@acme.com")
    assert portal.call("DELETE", f"{OBJECTS}/contacts/{new}").status == 204
    old = pair[0]
    for reply in (
        portal.get(f"{OBJECTS}/contacts/{old}"),
        portal.patch("contacts", old, city="Bonn"),
        merge(portal, "contacts", other, old),
        portal.get(f"/contacts/v1/contact/vid/{old}/profile"),
    ):
        assert reply.status == 404, reply.body
    assert portal.post(f"{OBJECTS}/contacts/batch/read", {"inputs": [{"id": old}]}).json()["errors"][0]["context"] == {"ids": [old]}
    assert portal.get(f"{OBJECTS}/contacts/{old}", "archived=true").json()["id"] == new


# -- values ---------------------------------------------------------------------------------------------------------------


def test_the_primary_wins_where_it_has_a_value(portal: Portal, pair: tuple[str, str]) -> None:
    read = portal.read("contacts", merged(portal, "contacts", *pair), "email", "firstname", "phone", "hs_additional_emails")
    assert (read["email"], read["firstname"], read["phone"]) == ("jo@acme.com", "Jo", "0301")
    assert read["hs_additional_emails"] == "joe@acme.com"


def test_a_merged_company_is_as_old_as_the_older_one(portal: Portal) -> None:
    old = portal.add("companies", name="Old")
    portal.wait(60)
    young = portal.add("companies", domain="young.com")
    portal.wait(60)
    read = portal.read("companies", merged(portal, "companies", young, old), "name", "domain")
    assert (read["name"], read["domain"]) == ("Old", "young.com")
    assert (read["createdate"], read["hs_lastmodifieddate"]) == ("2026-03-02T08:00:00Z", "2026-03-02T08:02:00Z")


def test_a_merged_deal_keeps_the_primarys_stage_and_unique_value(portal: Portal) -> None:
    portal.define("deals", "erp_order_id", unique=True)
    lost = portal.add("deals", dealname="one", dealstage="closedlost", erp_order_id="SO-1")
    won = portal.add("deals", amount="100", dealstage="closedwon", erp_order_id="SO-2")
    read = portal.read("deals", merged(portal, "deals", lost, won), "amount", "dealstage", "hs_is_closed_won", "erp_order_id")
    assert (read["amount"], read["dealstage"], read["hs_is_closed_won"]) == ("100", "closedlost", "false")
    assert read["erp_order_id"] == "SO-1"
    assert portal.add("deals", erp_order_id="SO-2")


def test_both_addresses_find_the_contact_and_are_taken(portal: Portal, pair: tuple[str, str]) -> None:
    new = merged(portal, "contacts", *pair)
    for email in ("jo@acme.com", "JOE@acme.com"):
        assert portal.get(f"{OBJECTS}/contacts/{email}", "idProperty=email").json()["id"] == new
        reply = portal.post(f"{OBJECTS}/contacts", {"properties": {"email": email}})
        assert (reply.status, reply.json()["message"]) == (409, f"Contact already exists. Existing ID: {new}")
    other = portal.add("contacts", email="bo@acme.com")
    assert portal.patch("contacts", other, email="joe@acme.com").status == 409
    assert portal.read("contacts", other)["email"] == "bo@acme.com"
    row = {"id": "joe@acme.com", "idProperty": "email", "properties": {"city": "Bonn"}}
    result = portal.post(f"{OBJECTS}/contacts/batch/upsert", {"inputs": [row]}).json()["results"][0]
    assert (result["id"], result["new"]) == (new, False)


def test_a_further_address_can_become_the_first_one_and_goes_free_with_its_contact(portal: Portal, pair: tuple[str, str]) -> None:
    new = merged(portal, "contacts", *pair)
    assert portal.patch("contacts", new, email="joe@acme.com").status == 200
    read = portal.read("contacts", new, "email", "hs_additional_emails")
    assert (read["email"], read["hs_additional_emails"]) == ("joe@acme.com", None)
    assert portal.add("contacts", email="jo@acme.com")
    portal.call("DELETE", f"{OBJECTS}/contacts/{new}")
    assert portal.add("contacts", email="joe@acme.com")


def test_the_history_of_a_merged_record_goes_back_to_where_its_values_came_from(portal: Portal, pair: tuple[str, str]) -> None:
    portal.patch("contacts", pair[1], phone="0302")
    portal.wait(10)
    new = merged(portal, "contacts", *pair)
    portal.patch("contacts", new, firstname="Josefine")
    body = portal.get(f"{OBJECTS}/contacts/{new}", "propertiesWithHistory=firstname,phone").json()["propertiesWithHistory"]
    assert [(each["value"], each["sourceType"]) for each in body["firstname"]] == [
        ("Josefine", "INTEGRATION"),
        ("Jo", "MERGE_OBJECTS"),
        ("Jo", "INTEGRATION"),
    ]
    assert [each["value"] for each in body["phone"]] == ["0302", "0302", "0301"]


def test_search_finds_the_new_record_and_not_the_old_ones_once_the_index_knows(portal: Portal, pair: tuple[str, str]) -> None:
    portal.wait(6)
    new = merged(portal, "contacts", *pair)
    assert {row["id"] for row in portal.search("contacts").json()["results"]} == set(pair)
    portal.wait(6)
    assert [row["id"] for row in portal.search("contacts", where("phone", "EQ", "0301")).json()["results"]] == [new]
    assert portal.search("contacts").json()["total"] == 1


# -- links ----------------------------------------------------------------------------------------------------------------


def test_links_are_united_with_their_labels_and_only_the_primarys_company_is_primary(portal: Portal) -> None:
    companies = [portal.add("companies", name=name) for name in ("Acme", "Bolts", "Cogs")]
    jo = portal.add("contacts", [(companies[0], CONTACT_TO_COMPANY)], email="jo@acme.com")
    joe = portal.add("contacts", [(companies[1], CONTACT_TO_COMPANY)], email="joe@acme.com")
    for contact, company in ((jo, companies[1]), (joe, companies[2])):
        portal.call("PUT", f"/crm/v4/objects/contacts/{contact}/associations/default/companies/{company}")
    deals = [
        portal.add("deals", [(jo, DEAL_TO_CONTACT), (joe, DEAL_TO_CONTACT)], dealname="both"),
        portal.add("deals", [(joe, DEAL_TO_CONTACT)], dealname="hers"),
    ]
    new = merged(portal, "contacts", jo, joe)
    assert linked(portal, "contacts", new, "companies") == {
        int(companies[0]): {None, "Primary"},
        int(companies[1]): {None},
        int(companies[2]): {None},
    }
    assert linked(portal, "companies", companies[1], "contacts").keys() == {int(new)}
    assert {deal: set(linked(portal, "deals", deal, "contacts")) for deal in deals} == {deal: {int(new)} for deal in deals}
    counts = [portal.read("deals", deal, "num_associated_contacts")["num_associated_contacts"] for deal in deals]
    assert (counts, portal.read("contacts", new, "num_associated_deals")["num_associated_deals"]) == (["1", "1"], "2")


def test_a_merged_company_is_still_the_primary_one_of_its_contacts_and_deals(portal: Portal) -> None:
    acme, acme_inc = portal.add("companies", name="Acme"), portal.add("companies", name="Acme Inc")
    contact = portal.add("contacts", [(acme_inc, CONTACT_TO_COMPANY)], email="jo@acme.com")
    portal.call("PUT", f"/crm/v4/objects/contacts/{contact}/associations/default/companies/{acme}")
    deal = portal.add("deals", [(acme, DEAL_TO_COMPANY)], dealname="one")
    portal.call("PUT", f"/crm/v4/objects/companies/{acme}/associations/default/companies/{acme_inc}")
    new = int(merged(portal, "companies", acme, acme_inc))
    assert linked(portal, "contacts", contact, "companies") == {new: {None, "Primary"}}
    assert linked(portal, "deals", deal, "companies") == {new: {None, "Primary"}}
    assert linked(portal, "companies", str(new), "companies") == {}


def test_custom_objects_are_merged_with_their_links_and_keep_the_primarys_id(portal: Portal) -> None:
    schema = {
        "name": "Rental",
        "labels": {"singular": "Rental", "plural": "Rentals"},
        "primaryDisplayProperty": "serial",
        "requiredProperties": ["serial"],
        "searchableProperties": ["serial"],
        "properties": [{"name": "serial", "label": "Serial number", "hasUniqueValue": True}],
        "associatedObjects": ["CONTACT"],
    }
    kind = portal.post("/crm/v3/schemas", schema).json()["objectTypeId"]
    first, second = portal.add(kind, serial="A-1"), portal.add(kind, serial="A-2")
    contact = portal.add("contacts", email="jo@acme.com")
    portal.call("PUT", f"/crm/v4/objects/{kind}/{second}/associations/default/contacts/{contact}")
    assert merged(portal, kind, first, second) == first
    assert portal.get(f"{OBJECTS}/{kind}/{second}", "properties=serial").json()["properties"]["serial"] == "A-1"
    assert list(linked(portal, kind, first, "contacts")) == [int(contact)]
    assert list(linked(portal, "contacts", contact, kind)) == [int(first)]


def test_links_are_read_by_the_ids_that_went_under_as_well(portal: Portal, pair: tuple[str, str]) -> None:
    company = portal.add("companies", name="Acme")
    portal.call("PUT", f"/crm/v4/objects/contacts/{pair[1]}/associations/default/companies/{company}")
    survivor = merged(portal, "contacts", *pair)

    for old in pair:
        assert list(linked(portal, "contacts", old, "companies")) == [int(company)]
        rows = portal.get(f"{OBJECTS}/contacts/{old}/associations/companies").json()["results"]
        assert {row["id"] for row in rows} == {company}
        for version in ("v3", "v4"):
            reply = portal.post(f"/crm/{version}/associations/contacts/companies/batch/read", {"inputs": [{"id": old}]})
            assert (reply.status, reply.json()["results"][0]["from"]) == (200, {"id": survivor})


def test_going_back_to_a_remembered_state_undoes_a_merge(portal: Portal, pair: tuple[str, str]) -> None:
    before = portal.fake.remember()
    merged(portal, "contacts", *pair)
    portal.fake.put_back(before)
    assert [portal.get(f"{OBJECTS}/contacts/{old}").json()["id"] for old in pair] == list(pair)
    assert portal.get(f"{OBJECTS}/contacts/joe@acme.com", "idProperty=email").json()["id"] == pair[1]


# -- races ----------------------------------------------------------------------------------------------------------------


def test_racing_creations_of_a_contact_have_one_winner_or_are_merged(open_portal: OpenPortal) -> None:
    body: dict[str, Any] = {"properties": {"email": "jo@acme.com", "firstname": "Jo"}}
    portal = open_portal()
    assert [portal.post(f"{OBJECTS}/contacts", body).status for _ in range(2)] == [201, 409]
    portal = open_portal(racing_creates_s=2.0)
    company = portal.add("companies", name="Acme")
    first = portal.post(f"{OBJECTS}/contacts", body).json()["id"]
    late = {"properties": {"email": "jo@acme.com", "city": "Bonn"}}
    second = portal.post(f"{OBJECTS}/contacts", {**late, "associations": [link_to(company, CONTACT_TO_COMPANY)]})
    assert (second.status, second.json()["properties"]["email"]) == (201, "jo@acme.com")
    read = portal.get(f"{OBJECTS}/contacts/{second.json()['id']}", "properties=firstname,city,email").json()
    assert (read["id"], read["properties"]["firstname"], read["properties"]["city"]) == (first, "Jo", "Bonn")
    assert list(linked(portal, "contacts", first, "companies")) == [int(company)]
    portal.wait(3)
    assert portal.post(f"{OBJECTS}/contacts", body).status == 409
