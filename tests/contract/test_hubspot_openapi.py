"""Every successful answer of the HubSpot fake fits the vendor's own OpenAPI documents, and its status is a declared one.

The documents are not part of this repository: they are looked for in `$SYNCPROOF_CONTRACTS/hubspot/openapi`, or in
`../shared/contracts` beside the checkout; without them these tests are skipped by name.

Where the live service was seen to differ from its own documents, the fake follows the service: rows of `errors` in a batch leave
out most keys, `subCategory` is text, and an unset property is null. Associations are tested on the dated paths, where ids are
text as the documents say.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from hubspot_portal import OBJECTS, Portal, link_to, where

from harness.kit.call import Reply

BESIDE = Path(__file__).resolve().parents[2].parent / "shared" / "contracts"
DOCUMENTS = Path(os.environ.get("SYNCPROOF_CONTRACTS", BESIDE)) / "hubspot" / "openapi"


@cache
def document(name: str) -> dict[str, Any]:
    path = DOCUMENTS / f"{name}.json"
    if not path.exists():
        pytest.skip(f"the vendor's document hubspot/openapi/{name}.json is not here (set SYNCPROOF_CONTRACTS)")
    found: dict[str, Any] = msgspec.json.decode(path.read_bytes())
    return found


def as_json_schema(node: Any) -> Any:
    """OpenAPI 3.0 to JSON Schema: `nullable` becomes a type of its own, as are maps of text (a record's unset properties)."""
    if isinstance(node, list):
        return [as_json_schema(each) for each in node]
    if not isinstance(node, dict):
        return node
    made = {key: as_json_schema(value) for key, value in node.items() if key not in ("example", "nullable")}
    if made.get("additionalProperties") == {"type": "string"}:
        made["additionalProperties"] = {"type": ["string", "null"]}
    return {"anyOf": [{"type": "null"}, made]} if node.get("nullable") is True else made


@cache
def schema_of(name: str, method: str, path: str, status: int) -> dict[str, Any] | None:
    """The schema of a declared answer, or None where it has no body. Fails for a status that is not declared."""
    responses = document(name)["paths"][path][method.lower()]["responses"]
    assert str(status) in responses, f"{method} {path} answered {status}, declared are {sorted(responses)}"
    content = responses[str(status)].get("content")
    if not content:
        return None
    schema = next(iter(content.values()))["schema"]
    components = as_json_schema(document(name)["components"])
    error = components["schemas"].get("StandardError", {"properties": {}})
    error.pop("required", None)
    error["properties"].pop("subCategory", None)
    return {"components": components, "allOf": [as_json_schema(schema)]}


def fits(reply: Reply, name: str, method: str, path: str) -> None:
    """The answer is a declared one: its status, and its body by the schema."""
    schema = schema_of(name, method, path, reply.status)
    if schema is None:
        assert reply.body == b""
        assert "content-type" not in reply.headers
        return
    assert reply.headers["content-type"] == "application/json;charset=utf-8"
    jsonschema.Draft7Validator(schema).validate(reply.json())


PARAMETER = {
    "deals": "{dealId}",
    "companies": "{companyId}",
    "contacts": "{contactId}",
    "line_items": "{lineItemId}",
    "products": "{productId}",
}
SAMPLE: dict[str, dict[str, Any]] = {
    "deals": {"dealname": "one", "amount": "5"},
    "companies": {"name": "Acme", "domain": "acme.com"},
    "contacts": {"email": "jo@acme.com"},
    "line_items": {"name": "Bolt", "price": "2", "quantity": "3"},
    "products": {"name": "Anvil", "price": "19.90", "hs_sku": "A-1"},
}


@pytest.mark.parametrize("kind", SAMPLE)
def test_single_records(kind: str) -> None:
    portal, base = Portal(), f"{OBJECTS}/{'0-3' if kind == 'deals' else kind}"
    one = f"{base}/{PARAMETER[kind]}"
    document(kind)
    made = portal.post(f"{OBJECTS}/{kind}", {"properties": SAMPLE[kind]})
    fits(made, kind, "POST", base)
    path = f"{OBJECTS}/{kind}/{made.json()['id']}"
    fits(portal.get(path, "associations=deals"), kind, "GET", one)
    fits(portal.call("PATCH", path, {"properties": SAMPLE[kind]}), kind, "PATCH", one)
    fits(portal.get(f"{OBJECTS}/{kind}", "limit=1"), kind, "GET", base)
    portal.add(kind, **{**SAMPLE[kind], **({"email": "al@acme.com"} if kind == "contacts" else {})})
    fits(portal.get(f"{OBJECTS}/{kind}", "limit=1"), kind, "GET", base)
    fits(portal.call("DELETE", path), kind, "DELETE", one)
    fits(portal.get(path, "archived=true"), kind, "GET", one)


@pytest.mark.parametrize("kind", SAMPLE)
def test_batches_and_search(kind: str) -> None:
    portal, base = Portal(), f"{OBJECTS}/{'0-3' if kind == 'deals' else kind}"
    document(kind)

    def batch(verb: str, inputs: list[dict[str, Any]], status: int) -> Reply:
        reply = portal.post(f"{OBJECTS}/{kind}/batch/{verb}", {"inputs": inputs})
        assert reply.status == status, reply.body
        fits(reply, kind, "POST", f"{base}/batch/{verb}")
        return reply

    bad = {"properties": {"nonsense": "1"}, "objectWriteTraceId": "t2"}
    made = batch("create", [{"properties": SAMPLE[kind]}], 201).json()["results"][0]["id"]
    batch(
        "create",
        [{"properties": {"description" if kind in ("deals", "products") else "nothing": "x"}, "objectWriteTraceId": "t1"}, bad],
        207,
    )
    batch("read", [{"id": made}], 200)
    batch("read", [{"id": made}, {"id": "999"}], 207)
    batch("update", [{"id": made, "properties": SAMPLE[kind]}], 200)
    batch("update", [{"id": made, "properties": SAMPLE[kind]}, {"id": "999", "properties": SAMPLE[kind]}], 207)
    if kind in ("deals", "companies"):
        portal.define(kind, "erp_id", unique=True)
        batch("upsert", [{"id": "E1", "idProperty": "erp_id", "properties": SAMPLE[kind]}], 200)
    portal.wait(5)
    fits(portal.search(kind, where("hs_object_id", "HAS_PROPERTY"), limit=1), kind, "POST", f"{base}/search")
    batch("archive", [{"id": made}], 204)


def test_associations() -> None:
    portal, name = Portal(), "associations_v4"
    document(name)
    company, deal = portal.add("companies", name="Acme"), portal.add("deals", dealname="one")
    spec = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 341}]
    pair, batch = (
        "/crm/v4/objects/{objectType}/{objectId}/associations/{toObjectType}",
        "/crm/v4/associations/{fromObjectType}/{toObjectType}/batch",
    )
    dated, rows = f"/crm/objects/2026-03/deals/{deal}/associations", [{"from": {"id": deal}, **link_to(company, 341)}]
    fits(portal.call("PUT", f"{dated}/companies/{company}", spec), name, "PUT", f"{pair}/{{toObjectId}}")
    default = "/crm/v4/objects/{fromObjectType}/{fromObjectId}/associations/default/{toObjectType}/{toObjectId}"
    fits(portal.call("PUT", f"{dated}/default/companies/{company}"), name, "PUT", default)
    calls = "/crm/associations/2026-03/deals/companies/batch"
    fits(portal.post(f"{calls}/create", {"inputs": rows}), name, "POST", f"{batch}/create")
    fits(portal.post(f"{calls}/associate/default", {"inputs": rows}), name, "POST", f"{batch}/associate/default")
    fits(portal.call("DELETE", f"{dated}/companies/{company}"), name, "DELETE", f"{pair}/{{toObjectId}}")
    fits(
        portal.post(f"{calls}/archive", {"inputs": [{"from": {"id": deal}, "to": [{"id": company}]}]}),
        name,
        "POST",
        f"{batch}/archive",
    )


def test_properties_and_groups() -> None:
    portal, name, base = Portal(), "properties", "/crm/v3/properties/{objectType}"
    document(name)
    calls = "/crm/v3/properties/deals"
    row = {"name": "erp_id", "label": "ERP", "type": "string", "fieldType": "text", "groupName": "dealinformation"}
    fits(portal.get(calls), name, "GET", base)
    fits(portal.post(calls, row), name, "POST", base)
    fits(portal.get(f"{calls}/erp_id"), name, "GET", f"{base}/{{propertyName}}")
    fits(portal.call("PATCH", f"{calls}/erp_id", {"label": "ERP id"}), name, "PATCH", f"{base}/{{propertyName}}")
    fits(portal.call("DELETE", f"{calls}/erp_id"), name, "DELETE", f"{base}/{{propertyName}}")
    fits(portal.post(f"{calls}/batch/create", {"inputs": [{**row, "name": "two"}]}), name, "POST", f"{base}/batch/create")
    fits(portal.post(f"{calls}/batch/create", {"inputs": [{**row, "name": "two"}]}), name, "POST", f"{base}/batch/create")
    fits(portal.post(f"{calls}/batch/read", {"inputs": [{"name": "two"}, {"name": "no"}]}), name, "POST", f"{base}/batch/read")
    fits(portal.post(f"{calls}/batch/archive", {"inputs": [{"name": "two"}]}), name, "POST", f"{base}/batch/archive")
    fits(portal.post(f"{calls}/groups", {"name": "erp", "label": "ERP"}), name, "POST", f"{base}/groups")
    fits(portal.get(f"{calls}/groups"), name, "GET", f"{base}/groups")
    fits(portal.get(f"{calls}/groups/erp"), name, "GET", f"{base}/groups/{{groupName}}")


def test_pipelines_and_stages() -> None:
    portal, name, base = Portal(), "pipelines", "/crm/v3/pipelines/{objectType}"
    document(name)
    calls, one, stages = "/crm/v3/pipelines/deals", f"{base}/{{pipelineId}}", f"{base}/{{pipelineId}}/stages"
    stage = {"label": "New", "displayOrder": 0, "metadata": {"probability": "0.1"}}
    fits(portal.get(calls), name, "GET", base)
    made = portal.post(calls, {"label": "Renewals", "displayOrder": 1, "stages": [stage]})
    fits(made, name, "POST", base)
    path = f"{calls}/{made.json()['id']}"
    fits(portal.get(path), name, "GET", one)
    fits(portal.call("PATCH", path, {"label": "Renewed"}), name, "PATCH", one)
    fits(portal.get(f"{path}/stages"), name, "GET", stages)
    added = portal.post(f"{path}/stages", {**stage, "label": "Won", "metadata": {"probability": "1.0"}})
    fits(added, name, "POST", stages)
    stage_path = f"{path}/stages/{added.json()['id']}"
    fits(portal.get(stage_path), name, "GET", f"{stages}/{{stageId}}")
    fits(portal.call("PATCH", stage_path, {"label": "Done"}), name, "PATCH", f"{stages}/{{stageId}}")
    fits(portal.call("DELETE", stage_path), name, "DELETE", f"{stages}/{{stageId}}")
    fits(portal.call("DELETE", path), name, "DELETE", one)


def test_owners_and_account() -> None:
    portal = Portal()
    document("owners"), document("account_info")
    fits(portal.get("/crm/v3/owners/", "limit=2"), "owners", "GET", "/crm/v3/owners")
    fits(portal.get("/crm/v3/owners/30551208"), "owners", "GET", "/crm/v3/owners/{ownerId}")
    for path in ("/account-info/v3/details", "/account-info/v3/api-usage/daily/private-apps"):
        fits(portal.get(path), "account_info", "GET", path)
