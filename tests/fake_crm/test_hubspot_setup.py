"""What an installer does: properties, groups, pipelines, owners, account details (facts 10)."""

from __future__ import annotations

from typing import Any

import pytest
from hubspot_portal import OBJECTS, Portal

PROPERTIES = "/crm/v3/properties"
ROW: dict[str, Any] = {
    "name": "erp_order_id",
    "label": "ERP order",
    "type": "string",
    "fieldType": "text",
    "groupName": "dealinformation",
}


def test_a_new_property_can_be_written_at_once(portal: Portal) -> None:
    reply = portal.post(f"{PROPERTIES}/deals", {**ROW, "hasUniqueValue": True})
    body = reply.json()
    assert reply.status == 201
    assert (body["hubspotDefined"], body["hasUniqueValue"], body["archived"]) == (False, True, False)
    assert body["modificationMetadata"]["archivable"] is True
    deal = portal.add("deals", erp_order_id="SO-1")
    assert portal.get(f"{OBJECTS}/deals/SO-1", "idProperty=erp_order_id").json()["id"] == deal
    assert portal.get(f"{PROPERTIES}/deals/erp_order_id").json() == body
    assert body in portal.get(f"{PROPERTIES}/deals").json()["results"]


def test_a_name_is_taken_once_and_comes_back_after_archiving(portal: Portal) -> None:
    portal.post(f"{PROPERTIES}/deals", ROW)
    again = portal.post(f"{PROPERTIES}/deals", ROW)
    assert (again.status, again.json()["category"]) == (409, "OBJECT_ALREADY_EXISTS")
    assert again.json()["message"] == "A property named 'erp_order_id' already exists."

    deal = portal.add("deals", erp_order_id="SO-1")
    assert portal.call("DELETE", f"{PROPERTIES}/deals/erp_order_id").status == 204
    assert portal.get(f"{PROPERTIES}/deals/erp_order_id").status == 404
    assert portal.get(f"{PROPERTIES}/deals/erp_order_id", "archived=true").json()["archived"] is True
    assert "erp_order_id" not in portal.read("deals", deal, "erp_order_id")
    assert portal.patch("deals", deal, erp_order_id="SO-2").json()["errors"][0]["code"] == "PROPERTY_DOESNT_EXIST"

    assert portal.post(f"{PROPERTIES}/deals", ROW).status == 201
    assert portal.read("deals", deal, "erp_order_id")["erp_order_id"] == "SO-1"


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Upper"},
        {"name": "with space"},
        {"type": "text"},
        {"fieldType": "number"},
        {"groupName": "nowhere"},
        {"type": "bool", "fieldType": "booleancheckbox"},
        {"type": "enumeration", "fieldType": "select", "options": [{"label": "A", "value": "a"}, {"label": "B", "value": "a"}]},
        {"label": ""},
        {"name": 5},
    ],
)
def test_a_definition_that_makes_no_sense_is_a_400(portal: Portal, change: dict[str, Any]) -> None:
    assert portal.post(f"{PROPERTIES}/deals", {**ROW, **change}).status == 400
    assert portal.get(f"{PROPERTIES}/deals/erp_order_id").status == 404


def test_at_most_ten_properties_are_unique(portal: Portal) -> None:
    for number in range(10):
        portal.define("deals", f"key_{number}", unique=True)
    assert portal.post(f"{PROPERTIES}/deals", {**ROW, "hasUniqueValue": True}).status == 400


def test_removing_an_option_leaves_stored_values_behind(portal: Portal) -> None:
    options = [{"label": "Open", "value": "open"}, {"label": "Done", "value": "done"}]
    portal.define("deals", "erp_status", type="enumeration", fieldType="select", options=options)
    deal = portal.add("deals", erp_status="open")
    reply = portal.call("PATCH", f"{PROPERTIES}/deals/erp_status", {"options": options[1:]})
    assert [option["value"] for option in reply.json()["options"]] == ["done"]
    assert portal.read("deals", deal, "erp_status")["erp_status"] == "open"
    assert portal.patch("deals", deal, erp_status="open").status == 400, "it may be read, but not written any more"


def test_a_stock_property_cannot_be_archived_and_may_get_options(portal: Portal) -> None:
    assert portal.call("DELETE", f"{PROPERTIES}/deals/amount").status == 400
    options = [{"label": "Renewal", "value": "renewal"}]
    assert portal.call("PATCH", f"{PROPERTIES}/deals/dealtype", {"options": options}).status == 200
    assert portal.add("deals", dealtype="renewal")


def test_property_batches(portal: Portal) -> None:
    rows = [ROW, {**ROW, "name": "Bad Name"}]
    reply = portal.post(f"{PROPERTIES}/deals/batch/create", {"inputs": rows})
    assert (reply.status, len(reply.json()["results"]), reply.json()["numErrors"]) == (207, 1, 1)
    reply = portal.post(f"{PROPERTIES}/deals/batch/read", {"inputs": [{"name": "erp_order_id"}, {"name": "amount"}]})
    assert [row["name"] for row in reply.json()["results"]] == ["erp_order_id", "amount"]
    assert portal.post(f"{PROPERTIES}/deals/batch/archive", {"inputs": [{"name": "erp_order_id"}]}).status == 204
    assert portal.get(f"{PROPERTIES}/deals/erp_order_id").status == 404


def test_groups_are_listed_created_and_used(portal: Portal) -> None:
    group = {"name": "erp", "label": "ERP"}
    assert portal.post(f"{PROPERTIES}/deals/groups", group).status == 201
    assert portal.post(f"{PROPERTIES}/deals/groups", group).status == 409
    assert [row["name"] for row in portal.get(f"{PROPERTIES}/deals/groups").json()["results"]] == ["dealinformation", "erp"]
    assert portal.get(f"{PROPERTIES}/deals/groups/erp").json()["label"] == "ERP"
    assert portal.post(f"{PROPERTIES}/deals", {**ROW, "groupName": "erp"}).status == 201


def test_the_default_pipeline(portal: Portal) -> None:
    rows = portal.get("/crm/v3/pipelines/deals").json()["results"]
    assert [(row["id"], row["label"]) for row in rows] == [("default", "Sales Pipeline")]
    stages = portal.get("/crm/v3/pipelines/deals/default/stages").json()["results"]
    assert [(each["id"], each["metadata"]["probability"], each["metadata"]["isClosed"]) for each in stages] == [
        ("appointmentscheduled", "0.2", "false"),
        ("qualifiedtobuy", "0.4", "false"),
        ("presentationscheduled", "0.6", "false"),
        ("decisionmakerboughtin", "0.8", "false"),
        ("contractsent", "0.9", "false"),
        ("closedwon", "1.0", "true"),
        ("closedlost", "0.0", "true"),
    ]


def test_a_renamed_stage_keeps_its_id(portal: Portal) -> None:
    stage = "/crm/v3/pipelines/deals/default/stages/closedwon"
    assert portal.call("PATCH", stage, {"label": "Gewonnen"}).status == 200
    assert portal.get(stage).json()["label"] == "Gewonnen"
    deal = portal.add("deals", dealname="one")
    portal.patch("deals", deal, dealstage="closedwon")
    assert portal.read("deals", deal, "hs_is_closed_won")["hs_is_closed_won"] == "true"


def test_a_removed_stage_strands_its_deals(portal: Portal) -> None:
    deal = portal.add("deals", dealstage="contractsent")
    assert portal.call("DELETE", "/crm/v3/pipelines/deals/default/stages/contractsent").status == 204
    assert portal.read("deals", deal)["dealstage"] == "contractsent"
    assert portal.post(f"{OBJECTS}/deals", {"properties": {"dealstage": "contractsent"}}).status == 400


def test_a_stage_needs_a_probability_in_steps_of_a_tenth(portal: Portal) -> None:
    stages = "/crm/v3/pipelines/deals/default/stages"
    for metadata in ({}, {"probability": "0.15"}, {"probability": "2"}, {"probability": "x"}, {"probability": "nan"}):
        assert portal.post(stages, {"label": "New", "displayOrder": 9, "metadata": metadata}).status == 400
    made = portal.post(stages, {"label": "Signed", "displayOrder": 9, "metadata": {"probability": "1.0"}})
    assert made.json()["metadata"] == {"isClosed": "true", "probability": "1.0"}


def test_owners_are_filtered_by_e_mail_and_read_by_either_id(portal: Portal) -> None:
    owners = portal.get("/crm/v3/owners/").json()["results"]
    assert len(owners) == 3
    one = owners[1]
    assert portal.get("/crm/v3/owners", f"email={one['email']}").json()["results"] == [one]
    assert portal.get(f"/crm/v3/owners/{one['id']}").json() == one
    assert portal.get(f"/crm/v3/owners/{one['userId']}", "idProperty=userId").json() == one
    assert portal.get(f"/crm/v3/owners/{one['userId']}").status == 404
    page = portal.get("/crm/v3/owners", "limit=2").json()
    assert portal.get("/crm/v3/owners", f"after={page['paging']['next']['after']}").json()["results"] == owners[2:]


def test_connection_tests_see_the_account(portal: Portal) -> None:
    assert portal.get("/integrations/v1/me").json()["portalId"] == 48211907
    details = portal.get("/account-info/v3/details").json()
    assert (details["timeZone"], details["utcOffset"], details["companyCurrency"]) == ("Europe/Berlin", "+01:00", "EUR")
    usage = portal.get("/account-info/v3/api-usage/daily/private-apps").json()["results"][0]
    assert (usage["usageLimit"], usage["currentUsage"], usage["resetsAt"]) == (625_000, 3, "2026-03-02T23:00:00Z")


def test_a_setting_nobody_knows_is_refused_with_the_nearest(open_portal: Any) -> None:
    with pytest.raises(ValueError, match="did you mean index_lag_s"):
        open_portal(index_lag=3)
    with pytest.raises(ValueError, match=r"Expected `float`, got `str` - at `\$.index_lag_s`"):
        open_portal(index_lag_s="five")
    with pytest.raises(ValueError, match="known: free, starter, professional, enterprise"):
        open_portal(tier="gold")
