"""Pitfalls of the data model by their numbers in section 16 of the facts: associations, owners, pipelines, ids."""

from __future__ import annotations

from typing import Any

import pytest
from hubspot_portal import OBJECTS, Portal

from fake_crm.hubspot.model.owners import OWNERS


@pytest.fixture
def portal() -> Portal:
    return Portal()


def test_pitfall_22_line_items_come_back_under_a_key_with_a_space_and_not_at_all_where_there_are_none(portal: Portal) -> None:
    deal, empty = portal.add("deals", dealname="ACME"), portal.add("deals", dealname="Empty")
    line = portal.add("line_items", [(deal, 20)], name="Anvil", price="10")

    full = portal.get(f"{OBJECTS}/deals/{deal}", "associations=line_items").json()

    assert full["associations"] == {"line items": {"results": [{"id": line, "type": "deal_to_line_item"}]}}
    assert "associations" not in portal.get(f"{OBJECTS}/deals/{empty}", "associations=line_items").json()


def test_pitfall_23_a_primary_company_appears_twice_and_need_not_be_the_first(portal: Portal) -> None:
    deal = portal.add("deals", dealname="ACME")
    first, second = portal.add("companies", name="Acme"), portal.add("companies", name="Bolt")
    links = f"{OBJECTS}/deals/{deal}/associations/companies"
    for company in (first, second):
        assert portal.call("PUT", f"/crm/v4/objects/deals/{deal}/associations/default/companies/{company}").status == 200
    primary = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 5}]
    assert portal.call("PUT", f"/crm/v4/objects/deals/{deal}/associations/companies/{second}", primary).status == 201

    rows = portal.get(links).json()["results"]

    assert rows == portal.get(f"{OBJECTS}/deals/{deal}", "associations=companies").json()["associations"]["companies"]["results"]
    assert [(row["id"], row["type"]) for row in rows] == [
        (first, "deal_to_company_unlabeled"),
        (second, "deal_to_company"),
        (second, "deal_to_company_unlabeled"),
    ]
    assert len(rows) == 3, "of two companies"
    v4 = portal.get(f"/crm/v4/objects/deals/{deal}/associations/companies").json()["results"]
    assert v4[0]["toObjectId"] == int(first), "the first in the list is not the primary one"
    assert [kind["label"] for kind in v4[0]["associationTypes"]] == [None]


def test_pitfall_24_a_deal_without_company_is_absent_from_a_batch_read_and_named_in_its_errors(portal: Portal) -> None:
    company = portal.add("companies", name="Acme")
    linked, alone = portal.add("deals", [(company, 341)], dealname="ACME"), portal.add("deals", dealname="Alone")

    reply = portal.post("/crm/v4/associations/deals/companies/batch/read", {"inputs": [{"id": linked}, {"id": alone}]})

    assert reply.status == 207
    body = reply.json()
    assert [row["from"] for row in body["results"]] == [{"id": linked}], "a text"
    assert body["results"][0]["to"][0]["toObjectId"] == int(company), "a number"
    assert (body["numErrors"], body["errors"][0]["subCategory"]) == (1, "crm.associations.NO_ASSOCIATIONS_FOUND")
    assert body["errors"][0]["message"] == f"No company is associated with deal {alone}."


def test_pitfall_33_the_owner_property_lists_no_options_and_takes_owner_ids_only(portal: Portal) -> None:
    definition = portal.get("/crm/v3/properties/deals/hubspot_owner_id").json()
    assert (definition["type"], definition["options"], definition["externalOptions"]) == ("enumeration", [], True)
    assert definition["referencedObjectType"] == "OWNER"
    owner = next(iter(OWNERS.values()))

    assert portal.add("deals", dealname="ACME", hubspot_owner_id=owner["id"])
    refused = portal.post(f"{OBJECTS}/deals", {"properties": {"dealname": "ACME", "hubspot_owner_id": str(owner["userId"])}})

    assert refused.status == 400
    assert refused.json()["errors"][0]["code"] == "INVALID_OPTION"


def test_pitfall_42_stage_ids_are_those_of_one_pipeline_in_one_account_and_lower_case(portal: Portal) -> None:
    def stage(label: str, **more: Any) -> dict[str, Any]:
        return {"label": label, "displayOrder": 0, "metadata": {"probability": "1.0"}, **more}

    def pipeline(*stages: dict[str, Any]) -> int:
        return portal.post("/crm/v3/pipelines/deals", {"label": "Renewals", "displayOrder": 1, "stages": list(stages)}).status

    assert pipeline(stage("Closed Won", stageId="ClosedWon")) == 400, "upper case"
    made = portal.post("/crm/v3/pipelines/deals", {"label": "Renewals", "displayOrder": 1, "stages": [stage("Closed Won")]}).json()
    won = made["stages"][0]["id"]
    other = Portal(portal_id=48211908)
    other.post("/crm/v3/pipelines/deals", {"label": "First", "displayOrder": 1, "stages": [stage("Asked")]})
    elsewhere = other.post(
        "/crm/v3/pipelines/deals", {"label": "Renewals", "displayOrder": 2, "stages": [stage("Closed Won")]}
    ).json()

    assert won.isdigit(), "the label says closed won, the id does not"
    assert elsewhere["stages"][0]["id"] != won
    refused = portal.post(f"{OBJECTS}/deals", {"properties": {"pipeline": made["id"], "dealstage": "closedwon"}})
    assert refused.status == 400
    assert refused.json()["errors"][0] == {
        "message": f"closedwon was not one of the allowed options: [{won}]",
        "code": "INVALID_OPTION",
        "context": {"propertyName": ["dealstage"]},
    }
    assert portal.post(f"{OBJECTS}/deals", {"properties": {"dealstage": "ClosedWon"}}).status == 400
    assert portal.add("deals", dealname="ACME", pipeline=made["id"], dealstage=won)


def test_pitfall_48_ids_are_unique_per_type_only(portal: Portal) -> None:
    portal.fake.import_export("contacts", [{"Record ID": "501", "Email": "anna@acme.com"}])
    portal.fake.import_export("companies", [{"Record ID": "501", "Company name": "Acme"}])

    assert portal.read("contacts", "501", "email")["email"] == "anna@acme.com"
    assert portal.read("companies", "501", "name")["name"] == "Acme"
    deal = portal.add("deals", [("501", 3), ("501", 341)], dealname="ACME")
    found = portal.get(f"{OBJECTS}/deals/{deal}", "associations=contacts,companies").json()["associations"]
    assert {key: rows["results"][0]["id"] for key, rows in found.items()} == {"contacts": "501", "companies": "501"}
    assert portal.call("DELETE", f"{OBJECTS}/companies/501").status == 204
    assert portal.get(f"{OBJECTS}/contacts/501").status == 200
