"""Custom objects: an account's own types, from their schema to the last of their records (facts 5.1, 10.4)."""

from __future__ import annotations

from typing import Any

import pytest
from hubspot_portal import OBJECTS, Portal, link_to, where

SCHEMAS = "/crm/v3/schemas"
RENTAL: dict[str, Any] = {
    "name": "Rental",
    "labels": {"singular": "Rental", "plural": "Rentals"},
    "description": "What a customer has at home",
    "primaryDisplayProperty": "serial",
    "secondaryDisplayProperties": ["deposit"],
    "requiredProperties": ["serial"],
    "searchableProperties": ["serial"],
    "properties": [
        {"name": "serial", "label": "Serial number", "hasUniqueValue": True},
        {"name": "deposit", "label": "Deposit", "type": "number", "fieldType": "number"},
    ],
    "associatedObjects": ["CONTACT", "deals"],
}
NAME = "p48211907_Rental"


@pytest.fixture
def portal() -> Portal:
    return Portal(index_lag_s=0.0)


@pytest.fixture
def rentals(portal: Portal) -> Portal:
    assert portal.post(SCHEMAS, RENTAL).status == 201
    return portal


def test_a_schema_gets_an_id_a_full_name_text_properties_and_associations_both_ways(portal: Portal) -> None:
    reply = portal.post(SCHEMAS, RENTAL)
    row = reply.json()
    assert reply.status == 201
    assert row["fullyQualifiedName"] == NAME
    assert row["objectTypeId"].startswith("2-")
    assert len(row["objectTypeId"]) == 9
    assert row["id"] == row["objectTypeId"].removeprefix("2-")
    serial = next(each for each in row["properties"] if each["name"] == "serial")
    assert (serial["type"], serial["fieldType"], serial["groupName"]) == ("string", "text", "Rental_information")
    assert serial["hasUniqueValue"] is True
    ends = {(each["fromObjectTypeId"], each["toObjectTypeId"]) for each in row["associations"]}
    own = row["objectTypeId"]
    assert ends == {(own, "0-1"), ("0-1", own), (own, "0-3"), ("0-3", own)}
    assert {each["name"] for each in row["associations"]} == {"Rental_to_contact", "Rental_to_deal"}


@pytest.mark.parametrize("name", [NAME, NAME.lower(), "p_Rental", "id"])
def test_a_custom_object_answers_to_its_id_and_its_full_names(rentals: Portal, name: str) -> None:
    known = rentals.get(SCHEMAS).json()["results"][0]["objectTypeId"] if name == "id" else name
    assert rentals.post(f"{OBJECTS}/{known}", {"properties": {"serial": "A-1"}}).status == 201
    assert rentals.get(f"{OBJECTS}/{known}").json()["results"][0]["properties"]["hs_object_id"]
    assert rentals.get(f"{SCHEMAS}/{known}").json()["fullyQualifiedName"] == NAME


def test_the_bare_name_is_refused_and_the_list_has_custom_objects_only(rentals: Portal) -> None:
    assert rentals.get(f"{OBJECTS}/Rental").json()["message"] == "Unable to infer object type from: Rental"
    assert rentals.get(f"{SCHEMAS}/Rental").status == 400
    assert [row["fullyQualifiedName"] for row in rentals.get(SCHEMAS).json()["results"]] == [NAME]
    assert rentals.get(f"{SCHEMAS}/deals").json()["objectTypeId"] == "0-3", "but the vendor's own can be read"


@pytest.mark.parametrize("base", ["/crm/v3/schemas", "/crm-object-schemas/v3/schemas", "/crm-object-schemas/2026-09/schemas"])
def test_all_paths_reach_the_same_schemas(rentals: Portal, base: str) -> None:
    assert rentals.get(base).json()["results"][0]["name"] == "Rental"
    found = rentals.post(f"{base}/batch/read", {"inputs": [NAME, "2-99"], "includePropertyDefinitions": False}).json()
    assert [(row["name"], row["properties"]) for row in found["results"]] == [("Rental", [])]


@pytest.mark.parametrize(
    "change",
    [
        {"name": "9lives"},
        {"name": "with space"},
        {"name": None},
        {"labels": {"singular": "Rental"}},
        {"labels": 5},
        {"primaryDisplayProperty": "nobody"},
        {"requiredProperties": ["nobody"]},
        {"searchableProperties": "serial"},
        {"properties": [{"name": "serial"}]},
        {"properties": [{"name": "serial", "label": "S"}, {"name": "serial", "label": "S"}]},
        {"properties": [{"name": "serial", "label": "S", "type": "colour"}]},
        {"properties": [{"name": "hs_object_id", "label": "S"}]},
        {"associatedObjects": ["WIDGET"]},
    ],
)
def test_a_schema_that_makes_no_sense_is_a_400_and_leaves_nothing_behind(portal: Portal, change: dict[str, Any]) -> None:
    assert portal.post(SCHEMAS, {**RENTAL, **change}).status == 400
    assert portal.get(SCHEMAS).json()["results"] == []
    assert portal.get(f"{OBJECTS}/{NAME}").status == 400


def test_a_name_is_taken_until_its_schema_is_purged(rentals: Portal) -> None:
    assert rentals.post(SCHEMAS, {**RENTAL, "name": "rental"}).status == 409, "whatever its case"
    assert rentals.call("DELETE", f"{SCHEMAS}/{NAME}").status == 204
    assert rentals.get(f"{OBJECTS}/{NAME}").status == 400
    assert [row["archived"] for row in rentals.get(SCHEMAS, "archived=true").json()["results"]] == [True]
    assert rentals.post(SCHEMAS, RENTAL).status == 409, "the bin still has it"
    assert rentals.call("DELETE", f"{SCHEMAS}/{NAME}", query="archived=true").status == 204
    assert rentals.post(SCHEMAS, RENTAL).status == 201
    assert rentals.add(NAME, serial="A-1")


def test_a_schema_with_records_cannot_be_deleted(rentals: Portal) -> None:
    rental = rentals.add(NAME, serial="A-1")
    assert rentals.call("DELETE", f"{SCHEMAS}/{NAME}").status == 400
    assert rentals.call("DELETE", f"{SCHEMAS}/{NAME}", query="archived=true").status == 400
    assert rentals.call("DELETE", f"{OBJECTS}/{NAME}/{rental}").status == 204
    assert rentals.call("DELETE", f"{SCHEMAS}/{NAME}").status == 204


def test_a_patch_changes_what_is_required_and_answers_with_the_definition_alone(rentals: Portal) -> None:
    reply = rentals.call("PATCH", f"{SCHEMAS}/{NAME}", {"requiredProperties": ["deposit"], "clearDescription": True, "name": "x"})
    row = reply.json()
    assert (row["name"], row["requiredProperties"], row["portalId"]) == ("Rental", ["deposit"], 48211907)
    assert "properties" not in row
    assert "description" not in row
    assert rentals.post(f"{OBJECTS}/{NAME}", {"properties": {"serial": "A-1"}}).status == 400
    assert rentals.add(NAME, deposit="10")
    assert rentals.call("PATCH", f"{SCHEMAS}/{NAME}", {"requiredProperties": ["nobody"]}).status == 400
    assert rentals.call("PATCH", f"{SCHEMAS}/deals", {"requiredProperties": []}).status == 400


def test_a_record_without_a_required_property_is_refused_in_the_objects_own_name(rentals: Portal) -> None:
    body = rentals.post(f"{OBJECTS}/{NAME}", {"properties": {"deposit": "10"}}).json()
    assert body["message"] == "Error creating Rental. Some required properties were not set."
    assert body["context"] == {"properties": ["serial"]}


def test_records_of_a_custom_object_go_through_every_object_route(rentals: Portal) -> None:
    one = rentals.add(NAME, serial="A-1", deposit="10")
    batch = f"{OBJECTS}/{NAME}/batch"
    made = rentals.post(f"{batch}/create", {"inputs": [{"properties": {"serial": "A-2"}}]})
    assert made.status == 201
    upsert = {"inputs": [{"id": "A-2", "idProperty": "serial", "properties": {"deposit": "20"}}]}
    assert [row["new"] for row in rentals.post(f"{batch}/upsert", upsert).json()["results"]] == [False]
    assert rentals.post(f"{batch}/read", {"inputs": [{"id": "A-1"}], "idProperty": "serial"}).json()["results"][0]["id"] == one
    assert rentals.patch(NAME, one, deposit="15").status == 200
    taken = rentals.post(f"{OBJECTS}/{NAME}", {"properties": {"serial": "A-1"}})
    assert taken.status == 400
    assert "already has that value" in taken.json()["message"]
    assert rentals.search(NAME, where("deposit", "EQ", "20")).json()["total"] == 1
    assert rentals.search(NAME, query="a-1").json()["total"] == 1, "searchable properties are looked into"
    assert rentals.call("DELETE", f"{OBJECTS}/{NAME}/{one}").status == 204
    assert rentals.get(f"{OBJECTS}/{NAME}/{one}").status == 404
    assert rentals.get(f"{OBJECTS}/{NAME}", "archived=true").json()["results"][0]["id"] == one


def test_a_rental_is_linked_to_a_contact_by_the_types_its_schema_made(rentals: Portal) -> None:
    contact = rentals.add("contacts", email="anna@acme.com")
    forth = rentals.get(f"/crm/v4/associations/{NAME}/contacts/labels").json()["results"]
    assert [(row["category"], row["label"]) for row in forth] == [("USER_DEFINED", None)]
    link = {**link_to(contact, forth[0]["typeId"])}
    link["types"][0]["associationCategory"] = "USER_DEFINED"
    made = rentals.post(f"{OBJECTS}/{NAME}", {"properties": {"serial": "A-1"}, "associations": [link]}).json()
    row = rentals.get(f"{OBJECTS}/contacts/{contact}", f"associations={NAME}").json()
    assert row["associations"] == {NAME: {"results": [{"id": made["id"], "type": "Rental_to_contact"}]}}
    other = rentals.add(NAME, serial="A-2")
    path = f"/crm/v4/objects/{NAME}/{other}/associations"
    assert rentals.call("PUT", f"{path}/default/contacts/{contact}").status == 200
    assert rentals.get(f"{path}/contacts").json()["results"][0]["toObjectId"] == int(contact)
    company = rentals.add("companies", name="Acme")
    assert rentals.call("PUT", f"{path}/default/companies/{company}").status == 400, "nobody said they can be linked"


def test_associations_of_a_schema_come_and_go(rentals: Portal) -> None:
    own = rentals.get(f"{SCHEMAS}/{NAME}").json()["objectTypeId"]
    made = rentals.post(f"{SCHEMAS}/{NAME}/associations", {"fromObjectTypeId": own, "toObjectTypeId": "0-2"})
    assert (made.status, made.json()["name"], made.json()["toObjectTypeId"]) == (201, "Rental_to_company", "0-2")
    company, rental = rentals.add("companies", name="Acme"), rentals.add(NAME, serial="A-1")
    assert rentals.call("PUT", f"/crm/v4/objects/companies/{company}/associations/default/{own}/{rental}").status == 200
    assert rentals.call("DELETE", f"{SCHEMAS}/{NAME}/associations/{made.json()['id']}").status == 204
    assert rentals.get(f"/crm/v4/objects/companies/{company}/associations/{own}").json()["results"] == []
    assert rentals.call("DELETE", f"{SCHEMAS}/{NAME}/associations/{made.json()['id']}").status == 404
    foreign = {"fromObjectTypeId": "0-1", "toObjectTypeId": "0-2"}
    assert rentals.post(f"{SCHEMAS}/{NAME}/associations", foreign).status == 400


def test_a_custom_object_may_be_linked_to_itself_when_it_says_so(portal: Portal) -> None:
    assert portal.post(SCHEMAS, {**RENTAL, "shouldCreateSameObjectAssociation": True}).status == 201
    one, other = portal.add(NAME, serial="A-1"), portal.add(NAME, serial="A-2")
    assert portal.call("PUT", f"/crm/v4/objects/{NAME}/{one}/associations/default/{NAME}/{other}").status == 200
    assert portal.get(f"/crm/v4/objects/{NAME}/{other}/associations/{NAME}").json()["results"][0]["toObjectId"] == int(one)


def test_properties_and_pipelines_belong_to_a_custom_object_like_to_any_other(rentals: Portal) -> None:
    row = {"name": "colour", "label": "Colour", "type": "string", "fieldType": "text", "groupName": "Rental_information"}
    assert rentals.post(f"/crm/v3/properties/{NAME}", row).status == 201
    stage = {"label": "Handed out", "displayOrder": 0, "metadata": {"ticketState": "OPEN"}}
    made = rentals.post(f"/crm/v3/pipelines/{NAME}", {"label": "Handling", "displayOrder": 1, "stages": [stage]}).json()
    rental = rentals.add(NAME, serial="A-1", colour="red", hs_pipeline=made["id"])
    assert rentals.read(NAME, rental, "hs_pipeline_stage")["hs_pipeline_stage"] == made["stages"][0]["id"]
    bad = rentals.patch(NAME, rental, hs_pipeline_stage="closedwon")
    assert "was not one of the allowed options" in bad.json()["message"]


def test_a_snapshot_brings_schemas_records_and_unique_values_back(rentals: Portal) -> None:
    rental = rentals.add(NAME, serial="A-1")
    before = rentals.fake.remember()
    assert rentals.call("DELETE", f"{OBJECTS}/{NAME}/{rental}").status == 204
    assert rentals.call("DELETE", f"{SCHEMAS}/{NAME}", query="archived=true").status == 204
    rentals.fake.put_back(before)
    assert rentals.read(NAME, rental, "serial")["serial"] == "A-1"
    assert rentals.post(f"{OBJECTS}/{NAME}", {"properties": {"serial": "A-1"}}).status == 400, "still unique"
    assert rentals.search(NAME, where("serial", "EQ", "A-1")).json()["total"] == 1


def test_an_account_forgets_a_schema_that_came_after_its_snapshot(portal: Portal) -> None:
    before = portal.fake.remember()
    assert portal.post(SCHEMAS, RENTAL).status == 201
    portal.add(NAME, serial="A-1")
    portal.fake.put_back(before)
    assert portal.get(f"{OBJECTS}/{NAME}").status == 400
    plain = [{"name": "serial", "label": "Serial number"}]
    assert portal.post(SCHEMAS, {**RENTAL, "properties": plain, "secondaryDisplayProperties": []}).status == 201
    assert portal.add(NAME, serial="A-1") != portal.add(NAME, serial="A-1"), "the new one is not unique"


@pytest.mark.parametrize(("tier", "status"), [("starter", 403), ("professional", 403), ("enterprise", 201)])
def test_only_the_largest_tier_has_custom_objects(tier: str, status: int) -> None:
    portal = Portal(tier=tier, custom_objects_on_any_tier=False)
    schema = {"name": "rental", "labels": {"singular": "Rental", "plural": "Rentals"}, "primaryDisplayProperty": "serial"}
    schema |= {"requiredProperties": ["serial"], "properties": [{"name": "serial", "label": "Serial"}], "associatedObjects": []}
    reply = portal.post("/crm/v3/schemas", schema)
    assert reply.status == status
    if status == 403:
        assert reply.json()["errors"][0]["context"] == {"requiredGranularScopes": ["crm.schemas.custom.write"]}
    assert portal.get("/crm/v3/schemas").status == 200
