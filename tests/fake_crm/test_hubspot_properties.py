"""Definitions of properties and the groups they stand in: what an administrator may change, and what stays (facts 10.1)."""

from __future__ import annotations

from typing import Any

import pytest
from hubspot_portal import Portal

DEALS = "/crm/v3/properties/deals"
GROUPS = f"{DEALS}/groups"
ROW: dict[str, Any] = {
    "name": "erp_order_id",
    "label": "ERP order",
    "type": "string",
    "fieldType": "text",
    "groupName": "dealinformation",
}


@pytest.fixture
def portal() -> Portal:
    return Portal()


@pytest.fixture
def erp(portal: Portal) -> Portal:
    """An account with a group of its own."""
    assert portal.post(GROUPS, {"name": "erp", "label": "ERP", "displayOrder": 3}).status == 201
    return portal


# -- groups -----------------------------------------------------------------------------------------------------------


def test_a_group_is_renamed_and_moved(erp: Portal) -> None:
    changed = erp.call("PATCH", f"{GROUPS}/erp", {"label": "Enterprise", "displayOrder": 5})
    assert changed.json() == {"name": "erp", "label": "Enterprise", "displayOrder": 5, "archived": False}
    assert erp.call("PATCH", f"{GROUPS}/erp", {"displayOrder": 6}).json()["label"] == "Enterprise"
    assert erp.get(f"{GROUPS}/erp").json()["displayOrder"] == 6
    assert erp.call("PATCH", f"{GROUPS}/none", {"label": "X"}).status == 404


def test_an_empty_group_is_archived_and_its_name_can_be_used_again(erp: Portal) -> None:
    assert erp.call("DELETE", f"{GROUPS}/erp").status == 204
    assert erp.get(f"{GROUPS}/erp").status == 404
    assert [row["name"] for row in erp.get(GROUPS).json()["results"]] == ["dealinformation"]
    assert erp.post(DEALS, {**ROW, "groupName": "erp"}).status == 400
    assert erp.post(GROUPS, {"name": "erp", "label": "ERP again"}).status == 201
    assert erp.get(f"{GROUPS}/erp").json()["label"] == "ERP again"


def test_a_group_with_properties_stays_until_they_are_elsewhere(erp: Portal) -> None:
    assert erp.post(DEALS, {**ROW, "groupName": "erp"}).status == 201
    assert "erp_order_id" in erp.call("DELETE", f"{GROUPS}/erp").json()["message"]
    assert erp.call("PATCH", f"{DEALS}/erp_order_id", {"groupName": "nowhere"}).status == 400
    assert erp.call("PATCH", f"{DEALS}/erp_order_id", {"groupName": "dealinformation"}).status == 200
    assert erp.call("DELETE", f"{GROUPS}/erp").status == 204


def test_the_vendors_own_group_cannot_be_changed(portal: Portal) -> None:
    assert portal.call("PATCH", f"{GROUPS}/dealinformation", {"label": "X"}).status == 400
    assert portal.call("DELETE", f"{GROUPS}/dealinformation").status == 400


@pytest.mark.parametrize("order", [2**31, -(2**31) - 1, "first", True, 1.5])
def test_an_order_is_a_whole_number_of_32_bits_everywhere(erp: Portal, order: Any) -> None:
    assert erp.post(GROUPS, {"name": "other", "label": "Other", "displayOrder": order}).status == 400
    assert erp.call("PATCH", f"{GROUPS}/erp", {"displayOrder": order}).status == 400
    assert erp.post(DEALS, {**ROW, "displayOrder": order}).status == 400
    option = {"label": "Open", "value": "open", "displayOrder": order}
    assert erp.post(DEALS, {**ROW, "type": "enumeration", "fieldType": "select", "options": [option]}).status == 400


# -- definitions ------------------------------------------------------------------------------------------------------


def test_what_a_definition_says_comes_back(portal: Portal) -> None:
    body = {
        **ROW,
        "type": "number",
        "fieldType": "number",
        "displayOrder": 7,
        "formField": True,
        "hidden": True,
        "description": "Sum of the order",
        "showCurrencySymbol": True,
        "currencyPropertyName": "deal_currency_code",
        "numberDisplayHint": "currency",
    }
    row = portal.post(DEALS, body).json()
    assert {key: row[key] for key in body} == body
    changed = portal.call("PATCH", f"{DEALS}/erp_order_id", {"displayOrder": 8, "hidden": False, "hasUniqueValue": True}).json()
    assert (changed["displayOrder"], changed["hidden"], changed["hasUniqueValue"]) == (8, False, False), "unique only at creation"


def test_money_properties_name_their_currency(portal: Portal) -> None:
    row = portal.get(f"{DEALS}/amount").json()
    assert (row["showCurrencySymbol"], row["currencyPropertyName"]) == (True, "deal_currency_code")
    assert "showCurrencySymbol" not in portal.get(f"{DEALS}/dealname").json()


def test_a_property_may_refer_to_owners_and_takes_nothing_else(portal: Portal) -> None:
    engineer = {**ROW, "name": "engineer", "type": "enumeration", "fieldType": "select", "externalOptions": True}
    assert portal.post(DEALS, engineer).status == 400, "to whom?"
    row = portal.post(DEALS, {**engineer, "referencedObjectType": "OWNER"}).json()
    assert (row["options"], row["externalOptions"], row["referencedObjectType"]) == ([], True, "OWNER")
    owner = portal.get("/crm/v3/owners").json()["results"][0]
    deal = portal.add("deals", dealname="ACME", engineer=owner["id"])
    assert portal.patch("deals", deal, engineer=str(owner["userId"])).status == 400
    assert portal.patch("deals", deal, engineer="nobody").status == 400


def test_sensitive_properties_are_listed_apart(portal: Portal) -> None:
    assert portal.post(DEALS, {**ROW, "dataSensitivity": "sensitive"}).status == 201
    assert portal.post(DEALS, {**ROW, "name": "other", "dataSensitivity": "secret"}).status == 400
    plain = {row["name"] for row in portal.get(DEALS, "locale=de").json()["results"]}
    assert "erp_order_id" not in plain
    assert "amount" in plain
    assert [row["name"] for row in portal.get(DEALS, "dataSensitivity=sensitive").json()["results"]] == ["erp_order_id"]


def test_the_vendors_own_definitions_stay_and_some_of_their_options_too(portal: Portal) -> None:
    assert portal.call("PATCH", f"{DEALS}/amount", {"label": "Sum"}).status == 400
    assert portal.call("PATCH", f"{DEALS}/amount", {"label": "Amount"}).status == 200, "what changes nothing is no change"
    for name in ("lifecyclestage", "hs_lead_status"):
        options = [{"label": "Mine", "value": "mine"}]
        assert portal.call("PATCH", f"/crm/v3/properties/contacts/{name}", {"options": options}).status == 400


def test_an_archived_definition_says_since_when(portal: Portal) -> None:
    portal.post(DEALS, ROW)
    portal.wait(60)
    assert portal.call("DELETE", f"{DEALS}/erp_order_id").status == 204
    row = portal.get(f"{DEALS}/erp_order_id", "archived=true").json()
    assert row["archived"] is True
    assert row["archivedAt"] > row["createdAt"]
    assert portal.post(f"{DEALS}/batch/read", {"archived": True, "inputs": [{"name": "erp_order_id"}]}).json()["results"] == [row]
    back = portal.post(DEALS, ROW).json()
    assert "archivedAt" not in back


def test_calculated_properties_of_an_account_say_that_they_are_not_modelled(portal: Portal) -> None:
    body = {**ROW, "type": "number", "fieldType": "calculation_equation", "calculationFormula": "amount * 2"}
    assert portal.post(DEALS, body).status == 501
    assert portal.get(f"{DEALS}/erp_order_id").status == 404


def test_a_type_takes_a_thousand_custom_properties(portal: Portal) -> None:
    for start in range(0, 1000, 100):
        rows = [{**ROW, "name": f"field_{number}"} for number in range(start, start + 100)]
        assert portal.post(f"{DEALS}/batch/create", {"inputs": rows}).status == 201
    assert "1000" in portal.post(DEALS, ROW).json()["message"]
    assert portal.call("DELETE", f"{DEALS}/field_7").status == 204
    assert portal.post(DEALS, ROW).status == 201
