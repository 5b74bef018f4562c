"""Every refusal the fake models, byte for byte where the facts give the bytes (sections 2.3, 3.3, 3.4, 3.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hubspot_portal import OBJECTS, Portal, link_to

from harness.kit.call import Outcome, Reply
from harness.kit.faults import Fault, Refuse

OpenPortal = Callable[..., Portal]


def refused(reply: Reply, status: int) -> dict[str, Any]:
    """The body of a refusal without its correlation id, which the header repeats."""
    assert (reply.status, reply.outcome) == (status, Outcome.NOT_APPLIED), reply.body
    body: dict[str, Any] = reply.json()
    correlation = body.pop("correlationId")
    assert reply.headers["x-hubspot-correlation-id"] == correlation
    assert correlation[14] == "7", "a UUIDv7"
    return body


def test_a_call_without_a_known_token(portal: Portal) -> None:
    for header in ("", "Bearer pat-na1-unknown", "Basic abc"):
        body = refused(portal.call("GET", f"{OBJECTS}/deals", authorization=header), 401)
        assert body == {
            "status": "error",
            "message": "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more "
            "details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
            "category": "INVALID_AUTHENTICATION",
        }


def test_a_missing_scope(open_portal: OpenPortal) -> None:
    portal = open_portal(scopes=["crm.objects.deals.read", "crm.objects.deals.write"])
    assert portal.add("deals", dealname="allowed")
    body = refused(portal.get(f"{OBJECTS}/contacts"), 403)
    assert body["category"] == "MISSING_SCOPES"
    assert body["message"].startswith("This app hasn't been granted all required scopes to make this call.")
    assert body["errors"] == [
        {
            "message": "One or more of the following scopes are required.",
            "context": {"requiredGranularScopes": ["crm.objects.contacts.read"]},
        }
    ]
    assert refused(portal.get(f"{OBJECTS}/widgets"), 400)["message"] == "Unable to infer object type from: widgets"


def test_a_property_installer_without_the_schema_scope(open_portal: OpenPortal) -> None:
    """Pitfall 39."""
    portal = open_portal(scopes=["crm.objects.deals.write"])
    body = refused(portal.post("/crm/v3/properties/deals", {"name": "x"}), 403)
    assert body["errors"][0]["context"] == {"requiredGranularScopes": ["crm.schemas.deals.write"]}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("widgets", "Unable to infer object type from: widgets"),
        ("0-9999", "Invalid object or event type id: 0-9999"),
    ],
)
def test_an_object_type_nobody_knows(portal: Portal, name: str, message: str) -> None:
    for reply in (portal.get(f"{OBJECTS}/{name}"), portal.get(f"{OBJECTS}/{name}/1"), portal.search(name)):
        assert refused(reply, 400) == {"status": "error", "message": message}


def test_an_object_type_that_is_not_modelled_says_so(portal: Portal) -> None:
    assert "communications (0-18)" in refused(portal.get(f"{OBJECTS}/0-18"), 501)["message"]
    assert "object type contracts" in refused(portal.get(f"{OBJECTS}/contracts/1"), 501)["message"]
    for path in ("/crm/v3/lists", "/crm/lists/2026-03", "/crm/imports/2026-09/1/errors"):
        assert f"GET {path}" in refused(portal.get(path), 501)["message"]


def test_a_route_that_does_not_exist_is_an_html_page(portal: Portal) -> None:
    reply = portal.get("/crm/v3/nothing/here")
    assert reply.status == 404
    assert b"<title>Error 404 Not Found</title>" in reply.body
    assert reply.headers["content-type"].startswith("text/html")
    assert portal.call("PUT", f"{OBJECTS}/deals").status == 405


def test_a_body_that_is_no_json(portal: Portal) -> None:
    body = refused(portal.call("POST", f"{OBJECTS}/deals", b'{"properties": nope}'), 400)
    assert body["message"].startswith("Invalid input JSON on line 1, column 20: ")
    assert "category" not in body


@pytest.mark.parametrize(
    "body", [[], "text", 5, None, {"properties": []}, {"properties": "x"}, {"associations": 5, "properties": {}}]
)
def test_a_body_of_the_wrong_shape(portal: Portal, body: Any) -> None:
    raw = msgspec.json.encode(body)
    assert refused(portal.call("POST", f"{OBJECTS}/deals", raw), 400)["message"].startswith("Invalid input JSON")


def test_a_body_without_properties(portal: Portal) -> None:
    message = "Invalid input JSON on line 1, column 2. Some required fields were not set: [properties]"
    assert refused(portal.post(f"{OBJECTS}/deals", {}), 400)["message"] == message


def test_a_patch_of_nothing(portal: Portal) -> None:
    deal = portal.add("deals", dealname="one")
    body = refused(portal.call("PATCH", f"{OBJECTS}/deals/{deal}", {"properties": {}}), 400)
    assert body["message"] == "No properties found to update, please provide at least one."


def test_a_record_that_does_not_exist(portal: Portal) -> None:
    for reply in (portal.get(f"{OBJECTS}/deals/424242"), portal.patch("deals", "424242", amount="1")):
        assert refused(reply, 404) == {"status": "error", "message": "resource not found"}


def test_an_id_that_is_no_number(portal: Portal) -> None:
    for reply in (portal.get(f"{OBJECTS}/deals/abc"), portal.call("DELETE", f"{OBJECTS}/deals/abc")):
        assert refused(reply, 404) == {
            "status": "error",
            "message": "Object not found.  objectId are usually numeric.",
            "category": "OBJECT_NOT_FOUND",
            "context": {"id": ["abc"]},
        }


def test_a_missing_required_property(portal: Portal) -> None:
    body = refused(portal.post(f"{OBJECTS}/products", {"properties": {"price": "5"}}), 400)
    assert body["message"] == "Error creating PRODUCT. Some required properties were not set."
    assert body["context"] == {"properties": ["name"]}


def test_an_unknown_property_is_told_twice_in_text_and_in_rows(portal: Portal) -> None:
    body = refused(portal.post(f"{OBJECTS}/deals", {"properties": {"po_ref": "1"}}), 400)
    assert body == {
        "status": "error",
        "message": 'Property values were not valid: [{"isValid":false,"message":"Property \\"po_ref\\" does not exist",'
        '"error":"PROPERTY_DOESNT_EXIST","name":"po_ref","localizedErrorMessage":"Property \\"po_ref\\" does not exist",'
        '"portalId":48211907}]',
        "errors": [
            {
                "message": 'Property "po_ref" does not exist',
                "code": "PROPERTY_DOESNT_EXIST",
                "context": {"propertyName": ["po_ref"]},
            }
        ],
        "category": "VALIDATION_ERROR",
    }


def test_all_bad_properties_are_named_and_the_good_ones_are_not_written(portal: Portal) -> None:
    deal = portal.add("deals", dealname="one")
    body = refused(portal.patch("deals", deal, dealname="two", po_ref="1", amount="x", dealstage="nope"), 400)
    assert [row["code"] for row in body["errors"]] == ["PROPERTY_DOESNT_EXIST", "INVALID_INTEGER", "INVALID_OPTION"]
    assert portal.read("deals", deal)["dealname"] == "one"


ON_DAY = {"type": "date", "fieldType": "date"}
YES_NO = {
    "type": "bool",
    "fieldType": "booleancheckbox",
    "options": [{"label": "Yes", "value": "true"}, {"label": "No", "value": "false"}],
}


@pytest.mark.parametrize(
    ("definition", "value", "code", "message"),
    [
        (YES_NO, "yes", "INVALID_OPTION", "yes was not one of the allowed options: [true, false]"),
        (ON_DAY, 1757856300000, "INVALID_DATE", "1757856300000 is at 13:25:0.0 UTC, not midnight!"),
        (ON_DAY, "31.12.2026", "INVALID_LONG", "31.12.2026 was not a valid long."),
        (ON_DAY, " 2026-12-31", "INVALID_LONG", " 2026-12-31 was not a valid long."),
        ({"type": "number", "fieldType": "number"}, "1,000.00", "INVALID_INTEGER", "probe was not a valid number"),
        ({"type": "number", "fieldType": "number"}, "12 ", "INVALID_INTEGER", "probe was not a valid number"),
        ({"type": "number", "fieldType": "number"}, "nan", "INVALID_INTEGER", "probe was not a valid number"),
    ],
)
def test_a_value_that_does_not_fit_its_type(
    portal: Portal, definition: dict[str, Any], value: Any, code: str, message: str
) -> None:
    """Pitfalls 26 and 27."""
    portal.define("deals", "probe", **definition)
    body = refused(portal.post(f"{OBJECTS}/deals", {"properties": {"probe": value}}), 400)
    assert body["errors"] == [{"message": message, "code": code, "context": {"propertyName": ["probe"]}}]


def test_microseconds_are_no_date(portal: Portal) -> None:
    """Pitfall 27."""
    body = refused(portal.post(f"{OBJECTS}/deals", {"properties": {"closedate": "2026-05-13T12:05:53.602759Z"}}), 400)
    assert body["errors"][0]["message"] == "2026-05-13T12:05:53.602759Z was not a valid long."


def test_an_option_by_its_label_or_in_another_case_is_refused(portal: Portal) -> None:
    """Pitfall 25."""
    for value in ("New Business", "NEWBUSINESS", " newbusiness"):
        body = refused(portal.post(f"{OBJECTS}/deals", {"properties": {"dealtype": value}}), 400)
        expected = f"{value} was not one of the allowed options: [newbusiness, existingbusiness]"
        assert body["errors"][0] == {"message": expected, "code": "INVALID_OPTION", "context": {"propertyName": ["dealtype"]}}


def test_an_owner_is_known_by_id_not_by_user_id(portal: Portal) -> None:
    """Pitfall 33."""
    owner = portal.get("/crm/v3/owners/", "limit=500").json()["results"][0]
    assert portal.add("deals", dealname="one", hubspot_owner_id=owner["id"])
    body = refused(portal.post(f"{OBJECTS}/deals", {"properties": {"hubspot_owner_id": owner["userId"]}}), 400)
    assert body["errors"][0]["code"] == "INVALID_OPTION"
    definition = portal.get("/crm/v3/properties/deals/hubspot_owner_id").json()
    assert (definition["externalOptions"], definition["options"]) == (True, [])


@pytest.mark.parametrize("name", ["hs_object_id", "createdate", "hs_lastmodifieddate", "hs_is_closed_won"])
def test_what_the_account_calculates_cannot_be_written(portal: Portal, name: str) -> None:
    body = refused(portal.post(f"{OBJECTS}/deals", {"properties": {name: "1"}}), 400)
    assert body["errors"][0]["code"] == "READ_ONLY_VALUE"
    assert body["errors"][0]["message"] == f'"{name}" is a calculated property; its value cannot be set.'


@pytest.mark.parametrize("email", ["nobody", "a@b", "someone@site.badtld", "a b@acme.com"])
def test_an_e_mail_that_cannot_be(portal: Portal, email: str) -> None:
    body = refused(portal.post(f"{OBJECTS}/contacts", {"properties": {"email": email}}), 400)
    assert body["errors"][0]["message"] == f"Email address {email} is invalid"
    assert body["errors"][0]["code"] == "INVALID_EMAIL"


def test_a_taken_e_mail_names_its_holder(portal: Portal) -> None:
    """Pitfalls 1 and 13."""
    holder = portal.add("contacts", email="jo@acme.com")
    other = portal.add("contacts", email="al@acme.com", firstname="Al")
    expected = {"status": "error", "message": f"Contact already exists. Existing ID: {holder}", "category": "CONFLICT"}
    assert refused(portal.post(f"{OBJECTS}/contacts", {"properties": {"email": "JO@acme.com"}}), 409) == expected
    assert refused(portal.patch("contacts", other, email="jo@acme.com", firstname="Bo"), 409) == expected
    assert portal.read("contacts", other)["firstname"] == "Al", "nothing of the request was applied"


def test_a_taken_unique_value_names_a_ghost_and_its_holder(portal: Portal) -> None:
    """Pitfall 14."""
    portal.define("deals", "erp_order_id", unique=True)
    holder = portal.add("deals", erp_order_id="SO-1044")
    body = refused(portal.post(f"{OBJECTS}/deals", {"properties": {"erp_order_id": "SO-1044"}}), 400)
    start, end = (
        "Cannot set PropertyValueCoordinates{portalId=48211907, objectTypeId=ObjectTypeId{legacyObjectType=DEAL}, "
        "propertyName=erp_order_id, value=SO-1044} on ",
        f". {holder} already has that value.",
    )
    assert body["message"].startswith(start)
    assert body["message"].endswith(end)
    ghost = body["message"][len(start) : -len(end)]
    assert portal.get(f"{OBJECTS}/deals/{ghost}").status == 404
    assert body["category"] == "VALIDATION_ERROR"


def test_a_stage_belongs_to_its_pipeline(portal: Portal) -> None:
    """Pitfall 42."""
    stages = [{"label": "New", "displayOrder": 0, "metadata": {"probability": "0.1"}, "stageId": "renewal_new"}]
    made = portal.post("/crm/v3/pipelines/deals", {"label": "Renewals", "displayOrder": 1, "stages": stages}).json()
    body = refused(portal.post(f"{OBJECTS}/deals", {"properties": {"pipeline": made["id"], "dealstage": "closedwon"}}), 400)
    assert body["errors"][0]["message"] == "closedwon was not one of the allowed options: [renewal_new]"
    deal = portal.add("deals", pipeline=made["id"])
    assert portal.read("deals", deal)["dealstage"] == "renewal_new"


def test_an_inline_association_with_a_missing_record(portal: Portal) -> None:
    body = refused(portal.post(f"{OBJECTS}/deals", {"properties": {}, "associations": [link_to("424242", 3)]}), 400)
    assert body["message"] == "One or more associations are invalid"
    assert body["context"] == {
        "INVALID_OBJECT_IDS": ["CONTACT=424242 is not valid"],
        "objectId": ["424242"],
        "objectType": ["CONTACT"],
    }


def test_an_inline_association_in_the_wrong_direction_creates_nothing(portal: Portal) -> None:
    """Pitfall 21."""
    contact = portal.add("contacts", email="jo@acme.com")
    body = refused(portal.post(f"{OBJECTS}/deals", {"properties": {}, "associations": [link_to(contact, 4)]}), 400)
    assert "invalid from object type 0-3 for associations to be created. expected: 0-1" in body["message"]
    assert portal.get(f"{OBJECTS}/deals").json()["results"] == []


@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten", "9" * 40])
def test_a_page_size_out_of_range(portal: Portal, limit: str) -> None:
    assert refused(portal.get(f"{OBJECTS}/deals", f"limit={limit}"), 400)["category"] == "VALIDATION_ERROR"


def test_an_address_longer_than_16_kib(portal: Portal) -> None:
    """Pitfall 40."""
    names = ",".join(f"a_verbose_custom_property_{number}" for number in range(150))
    assert portal.get(f"{OBJECTS}/deals", f"properties={names}").status == 200
    assert portal.get(f"{OBJECTS}/deals", f"properties={names * 5}").status == 414


@pytest.mark.parametrize(
    ("kind", "status"), [("server_error", 500), ("throttled", 429), ("locked", 423), ("conflict", 409), ("maintenance", 503)]
)
def test_the_vendors_own_refusals_of_a_fault(portal: Portal, kind: str, status: int) -> None:
    portal.fake.faults.inject(Fault(on="crm.create_deal", effect=Refuse(kind)))
    assert refused(portal.post(f"{OBJECTS}/deals", {"properties": {"dealname": "x"}}), status)["status"] == "error"
    assert portal.get(f"{OBJECTS}/deals").json()["results"] == []
