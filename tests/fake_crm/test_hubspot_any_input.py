"""Whatever a caller sends, the fake answers: it never raises, and its answer fits the protocol."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from bent_json import places, replaced
from hubspot_portal import Portal
from hypothesis import given, settings
from hypothesis import strategies as st

from fake_crm.hubspot.routes import ROUTER
from harness.kit.call import Call

NAMES = st.sampled_from(
    [
        "properties",
        "inputs",
        "id",
        "idProperty",
        "associations",
        "to",
        "from",
        "types",
        "associationTypeId",
        "filterGroups",
        "filters",
        "propertyName",
        "operator",
        "value",
        "values",
        "highValue",
        "sorts",
        "limit",
        "after",
        "query",
        "amount",
        "closedate",
        "dealstage",
        "name",
        "label",
        "type",
        "fieldType",
        "groupName",
        "options",
        "metadata",
        "probability",
        "stages",
        "objectWriteTraceId",
        "email",
    ]
)
WORDS = st.sampled_from(
    ["deals", "0-3", "contacts", "default", "line_items", "tickets", "EQ", "IN", "BETWEEN", "email", "amount", "1", ""]
)
LEAVES = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8) | WORDS
JSON: st.SearchStrategy[Any] = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=12
)
BODIES = JSON.map(msgspec.json.encode) | st.binary(max_size=40)
# half a surrogate pair is no character a decoded path can have
SEGMENTS = WORDS | st.text(st.characters(exclude_characters="/", exclude_categories=["Cs"]), max_size=6)


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """A call to some route, with path parameters, query and body made up."""
    route = draw(st.sampled_from(ROUTER.routes))
    parts = [draw(SEGMENTS) if part.startswith("{") else part for part in route.template.split("/")]
    pairs = draw(st.lists(st.tuples(NAMES, st.text(max_size=6)), max_size=3))
    query = "&".join(f"{name}={value}" for name, value in pairs)
    return Call(route.method, "/".join(parts), query, body=draw(BODIES))


LINK = {"to": {"id": "1"}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 341}]}
DEAL = {"properties": {"dealname": "x", "amount": 1, "closedate": "2026-01-01", "dealstage": "closedwon"}, "associations": [LINK]}
DEFINITION = {
    "name": "x", "label": "X", "type": "enumeration", "fieldType": "select", "groupName": "dealinformation",
    "options": [{"label": "A", "value": "a", "displayOrder": 1}], "hasUniqueValue": True,
}  # fmt: skip
STAGE = {"label": "S", "stageId": "s", "displayOrder": 1, "metadata": {"probability": "0.5"}}
RULE = {"propertyName": "amount", "operator": "BETWEEN", "value": "1", "highValue": "2", "values": ["1"]}
LIMITS = "/crm/associations/v4/definitions/configurations/deals/companies"
SCHEMA = {
    "name": "r", "labels": {"singular": "R", "plural": "Rs"}, "primaryDisplayProperty": "a", "requiredProperties": ["a"],
    "searchableProperties": ["a"], "secondaryDisplayProperties": ["b"], "associatedObjects": ["CONTACT"],
    "properties": [{"name": "a", "label": "A"}, {**DEFINITION, "name": "b", "groupName": None}],
}  # fmt: skip
GOOD: list[tuple[str, str, Any]] = [
    ("POST", "/crm/v3/objects/deals", DEAL),
    ("POST", "/crm/v3/objects/deals/batch/create", {"inputs": [{**DEAL, "objectWriteTraceId": "t"}]}),
    ("POST", "/crm/v3/objects/deals/batch/update", {"inputs": [{"id": "1", "properties": {"amount": 1}}]}),
    ("POST", "/crm/v3/objects/contacts/batch/upsert", {"inputs": [{"id": "a@b.co", "idProperty": "email", "properties": {}}]}),
    ("POST", "/crm/v3/objects/contacts/batch/read", {"inputs": [{"id": "a@b.co"}], "idProperty": "email", "properties": ["email"]}),
    ("POST", "/crm/v3/objects/line_items", {"properties": {"price": "1", "quantity": "2", "hs_discount_percentage": "3"}}),
    ("POST", "/crm/v3/objects/deals/search", {"filterGroups": [{"filters": [RULE]}], "sorts": ["-amount"], "limit": 5, "after": 0}),
    ("POST", "/crm/v4/associations/deals/companies/batch/create", {"inputs": [{"from": {"id": "1"}, **LINK}]}),
    ("POST", "/crm/v4/associations/deals/companies/batch/archive", {"inputs": [{"from": {"id": "1"}, "to": [{"id": "2"}]}]}),
    ("POST", "/crm/v3/properties/deals", DEFINITION),
    ("PATCH", "/crm/v3/properties/deals/dealtype", {"label": "T", "options": DEFINITION["options"]}),
    ("POST", "/crm/v3/pipelines/deals", {"label": "P", "pipelineId": "p", "displayOrder": 1, "stages": [STAGE]}),
    ("PUT", "/crm/v3/pipelines/deals/default", {"label": "P", "displayOrder": 1, "stages": [{**STAGE, "stageId": "closedwon"}]}),
    ("PATCH", "/crm/v3/pipelines/deals/default", {"label": "P", "displayOrder": 1, "archived": False}),
    ("PUT", "/crm/v3/pipelines/deals/default/stages/closedwon", STAGE),
    ("POST", "/crm/v3/properties/deals/groups", {"name": "g", "label": "G", "displayOrder": 1}),
    ("POST", "/crm/v4/associations/deals/companies/labels", {"name": "n", "label": "L", "inverseLabel": "I"}),
    ("PUT", "/crm/v4/associations/deals/companies/labels", {"associationTypeId": 21, "label": "L", "inverseLabel": "I"}),
    ("POST", "/crm/v4/associations/deals/companies/batch/labels/archive", {"inputs": [{"from": {"id": "1"}, **LINK}]}),
    ("POST", f"{LIMITS}/batch/create", {"inputs": [{"category": "HUBSPOT_DEFINED", "typeId": 341, "maxToObjectIds": 1}]}),
    (
        "POST",
        "/crm/v3/associations/deals/companies/batch/create",
        {"inputs": [{"from": {"id": "1"}, "to": {"id": "1"}, "type": "5"}]},
    ),
    ("POST", "/crm/v3/schemas", {**SCHEMA, "name": "s", "shouldCreateSameObjectAssociation": True}),
    ("PATCH", "/crm/v3/schemas/p_r", {"labels": {"singular": "S"}, "requiredProperties": ["a"], "clearDescription": True}),
    ("POST", "/crm/v3/schemas/p_r/associations", {"fromObjectTypeId": "p_r", "toObjectTypeId": "0-2", "name": "n"}),
    ("POST", "/crm/v3/schemas/batch/read", {"inputs": ["p_r"], "includePropertyDefinitions": False}),
    ("POST", "/crm/v3/objects/p_r", {"properties": {"a": "1", "b": 2}, "associations": [LINK]}),
]


@st.composite
def nearly_good_calls(draw: st.DrawFn) -> Call:
    """A good call with one part of its body replaced by something made up."""
    method, path, body = draw(st.sampled_from(GOOD))
    made_up = replaced(
        body, draw(st.sampled_from(places(body))), draw(JSON | st.sampled_from([10**4000, "9" * 400, "1e9999", -1e308]))
    )
    return Call(method, path, body=json.dumps(made_up).encode())


@settings(max_examples=400)
@given(sent=st.lists(calls() | nearly_good_calls(), min_size=1, max_size=4))
def test_no_call_makes_the_fake_raise(sent: list[Call]) -> None:
    """Invariant: every answer has a status of HTTP, JSON or HTML for a body, and a refusal changed no record."""
    portal = Portal()
    portal.add("deals", dealname="one")
    assert portal.post("/crm/v3/schemas", SCHEMA).status == 201
    for call in sent:
        call.headers = dict(portal.headers)
        changes = len(portal.fake.store.changes)
        reply = portal.fake.handle(call)
        assert 200 <= reply.status < 600
        assert reply.status != 500
        if reply.body and reply.headers["content-type"].startswith("application/json"):
            msgspec.json.decode(reply.body)
        if reply.status >= 400:
            assert len(portal.fake.store.changes) == changes
    portal.wait(5)
    assert portal.search("deals").status == 200


@given(body=JSON)
def test_no_search_makes_the_fake_raise(body: Any) -> None:
    """Invariant: a search answers 200, 400 or 429, never anything else."""
    portal = Portal()
    portal.add("deals", dealname="one", amount="5")
    portal.wait(5)
    filters = [
        {"propertyName": "amount", "operator": "EQ", "value": body},
        {"propertyName": "closedate", "operator": "GT", "value": body},
    ]
    for each in (body, *({"filters": [row]} for row in filters), {"sorts": body}, {"limit": body}, {"after": body}):
        portal.wait(1)
        assert portal.post("/crm/v3/objects/deals/search", each).status in (200, 400)
