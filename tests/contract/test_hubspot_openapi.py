"""The HubSpot fake against the vendor's own OpenAPI documents: what of them it covers, and walks through what it covers.

What the walks answer is judged as every answer of the suite is: see `vendor_contract`. Without the documents this file is skipped
as a whole, by name, and nothing is judged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

import msgspec
import pytest
from hubspot_developer import TARGET, Developer
from hubspot_portal import OBJECTS, Portal, link_to, where
from vendor_contract import deviations
from vendor_contract.coverage import LEFT_OUT, covered, row_of
from vendor_contract.documents import FOLDER, MISSING, Documents
from vendor_contract.watch import WATCH

from harness.kit.call import Call, Reply

if not FOLDER.is_dir():
    pytest.skip(MISSING, allow_module_level=True)

Judged = Callable[[], dict[str, int]]
SHAPES = (
    OBJECTS,
    "/crm/objects/v3",
    "/crm/objects/2025-09",
    "/crm/objects/2026-03",
    "/crm/objects/2026-09",
    "/crm/objects/2026-09-beta",
)
SAMPLE: dict[str, dict[str, Any]] = {
    "deals": {"dealname": "one", "amount": "5"},
    "companies": {"name": "Acme", "domain": "acme.com"},
    "contacts": {"email": "jo@acme.com"},
    "line_items": {"name": "Bolt", "price": "2", "quantity": "3"},
    "products": {"name": "Anvil", "price": "19.90", "hs_sku": "A-1"},
    "quotes": {"hs_title": "Anvils", "hs_expiration_date": "2027-01-31"},
    "orders": {"hs_order_name": "SO-1"},
    "invoices": {"hs_currency": "EUR"},
    "commerce_payments": {"hs_initial_amount": "5", "hs_initiated_date": "2026-05-02"},
    "subscriptions": {"hs_name": "Anvils by the month"},
    "discounts": {"hs_label": "Spring", "hs_type": "PERCENT", "hs_value": "5"},
    "fees": {"hs_label": "Handling", "hs_type": "FIXED", "hs_value": "5"},
    "taxes": {"hs_label": "VAT", "hs_type": "PERCENT", "hs_value": "19"},
}
WEBHOOKS = ("/webhooks/v3", "/app-webhooks/2025-09", "/webhooks/2026-03", "/app-webhooks/2027-03-beta")


@pytest.fixture
def judged() -> Judged:
    """How many answers of each operation were judged since the test began."""
    judge = WATCH.judge
    assert judge is not None
    before = Counter(judge.counts)
    return lambda: dict(Counter(judge.counts) - before)


def documents() -> Documents:
    assert WATCH.judge is not None
    return WATCH.judge.documents


# -- the documents and the tables -------------------------------------------------------------------------------------


def test_all_documents_of_the_index_are_read() -> None:
    index = msgspec.json.decode((FOLDER / "index.json").read_bytes())["files"]

    found = Counter(each.document for each in documents().operations)

    assert found == {name: row["operations"] for name, row in index.items()}


def test_every_operation_of_the_documents_is_imitated_or_left_out_for_a_reason() -> None:
    portal = Portal()

    def send(method: str, path: str) -> tuple[Call, Reply]:
        portal.wait(10)
        call = Call(method, path, headers=portal.headers, body=b"{}" if method in ("POST", "PUT", "PATCH") else b"")
        return call, portal.fake.handle(call)

    answers = list(covered(documents(), send))
    lost = [f"{each.document}: {each.name}" for each, known in answers if not known and row_of(each) is None]
    gained = [
        f"{each.document}: {each.name} is imitated now, not {row_of(each)!r}" for each, known in answers if known and row_of(each)
    ]
    used = {row_of(each) for each, known in answers if not known}

    assert not lost, "not imitated, and not in LEFT_OUT:\n" + "\n".join(lost)
    assert not gained, "change LEFT_OUT:\n" + "\n".join(gained)
    assert set(LEFT_OUT) == used, "LEFT_OUT has rows that fit no operation"


def test_every_deviation_speaks_of_something_in_the_documents() -> None:
    contents, operations = documents().contents, documents().operations

    for shape in deviations.SHAPES:
        names = [name for name in contents if fnmatchcase(name, shape.document)] or [deviations.LEGACY]
        assert shape.document == deviations.LEGACY or any(
            shape.schema in contents[name]["components"]["schemas"] for name in names
        ), shape
        assert shape.facts, shape
    for status in deviations.STATUSES:
        fitting = [each for each in operations if fnmatchcase(each.name, status.operation)]
        assert fitting, status
        assert all(str(status.status) not in each.responses for each in fitting), status
    assert deviations.PASSED_OVER.keys() <= contents.keys()
    for undocumented in deviations.UNDOCUMENTED:
        assert not [each for each in operations if each.name == f"{undocumented.method} {undocumented.path}"], undocumented


@pytest.mark.parametrize(
    ("method", "path", "document", "parameters"),
    [
        ("GET", "/crm/v3/objects/deals/1", "deals", 1),
        ("GET", "/crm/v3/objects/DEAL/1/", "deals", 1),
        ("GET", "/crm/objects/v3/0-1", "contacts", 0),
        ("POST", "/crm/objects/2025-09/companies/search", "companies", 0),
        ("PATCH", "/crm/objects/2026-03/deals/1", "objects_2026_03", 2),
        ("GET", "/crm/v3/objects/2-77/1", "custom_objects", 2),
        ("POST", "/crm/v3/objects/taxes", "taxes", 0),
        ("PUT", "/crm/v4/objects/deals/1/associations/companies/2", "associations_v4_older", 4),
        ("PUT", "/crm/objects/2026-03/deals/1/associations/companies/2", "associations_v4", 4),
        ("GET", "/crm/properties/2026-09/deals/groups", "properties", 1),
        ("GET", "/crm/owners/2026-03", "owners", 0),
        ("GET", "/crm/v3/schemas/2-77", "schemas", 1),
        ("POST", "/oauth/2026-09/token", "oauth_2026_03", 0),
    ],
)
def test_a_call_is_found_under_every_shape_of_its_path(method: str, path: str, document: str, parameters: int) -> None:
    found = documents().of_call(method, path)[0]

    assert (found.document, found.method, found.path.count("{")) == (document, method, parameters)


# -- walks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("base", SHAPES)
@pytest.mark.parametrize("kind", SAMPLE)
def test_single_records(kind: str, base: str, judged: Judged) -> None:
    portal = Portal()
    made = portal.post(f"{base}/{kind}", {"properties": SAMPLE[kind]})
    assert made.status == 201, made.body
    path = f"{base}/{kind}/{made.json()['id']}"
    portal.get(path, "associations=deals&propertiesWithHistory=hs_object_id")
    portal.call("PATCH", path, {"properties": SAMPLE[kind]})
    portal.get(f"{base}/{kind}", "limit=1")
    portal.add(kind, **{**SAMPLE[kind], **({"email": "al@acme.com"} if kind == "contacts" else {})})
    assert "paging" in portal.get(f"{base}/{kind}", "limit=1").json()
    assert portal.call("DELETE", path).status == 204
    assert portal.get(path, "archived=true").status == 200
    assert portal.get(path).status == 404

    assert sum(judged().values()) == 9


@pytest.mark.parametrize("base", SHAPES)
@pytest.mark.parametrize("kind", SAMPLE)
def test_batches_and_search(kind: str, base: str, judged: Judged) -> None:
    portal = Portal()

    def batch(verb: str, inputs: list[dict[str, Any]], status: int) -> Reply:
        reply = portal.post(f"{base}/{kind}/batch/{verb}", {"inputs": inputs})
        assert reply.status == status, reply.body
        return reply

    fine, bad = (
        {"properties": SAMPLE[kind], "objectWriteTraceId": "t1"},
        {"properties": {"nonsense": "1"}, "objectWriteTraceId": "t2"},
    )
    made = batch("create", [fine, bad], 207).json()["results"][0]["id"]
    batch("create", [{"properties": {"nonsense": "1"}}], 400)
    batch("read", [{"id": made}], 200)
    batch("read", [{"id": made}, {"id": "999"}], 207)
    batch("update", [{"id": made, "properties": SAMPLE[kind]}], 200)
    batch("update", [{"id": made, "properties": SAMPLE[kind]}, {"id": "999", "properties": SAMPLE[kind]}], 207)
    if kind in ("deals", "companies"):
        portal.define(kind, "erp_id", unique=True)
        batch("upsert", [{"id": "E1", "idProperty": "erp_id", "properties": SAMPLE[kind]}], 200)
    portal.wait(5)
    found = portal.post(
        f"{base}/{kind}/search", {"filterGroups": [{"filters": [where("hs_object_id", "HAS_PROPERTY")]}], "limit": 1}
    )
    assert found.json()["total"] >= 1
    batch("archive", [{"id": made}], 204)

    assert sum(judged().values()) >= 8


@pytest.mark.parametrize("shape", ["/crm/v4/{}", "/crm/{}/2026-03"])
def test_associations(shape: str, judged: Judged) -> None:
    portal = Portal()
    company, deal = portal.add("companies", name="Acme"), portal.add("deals", dealname="one")
    spec, rows = [link_to(company, 341)["types"][0]], [{"from": {"id": deal}, **link_to(company, 341)}]
    pair, batch = f"{shape.format('objects')}/deals/{deal}/associations", f"{shape.format('associations')}/deals/companies/batch"

    assert portal.call("PUT", f"{pair}/companies/{company}", spec).status == 201
    assert portal.call("PUT", f"{pair}/default/companies/{company}").status == 200
    assert portal.get(f"{pair}/companies").status == 200
    assert portal.post(f"{batch}/read", {"inputs": [{"id": deal}]}).status == 200
    assert portal.post(f"{batch}/read", {"inputs": [{"id": deal}, {"id": "999"}]}).status == 207
    assert portal.post(f"{batch}/create", {"inputs": rows}).status == 201
    assert portal.post(f"{batch}/associate/default", {"inputs": rows}).status == 200
    assert portal.call("DELETE", f"{pair}/companies/{company}").status == 204
    assert portal.post(f"{batch}/archive", {"inputs": [{"from": {"id": deal}, "to": [{"id": company}]}]}).status == 204

    assert sum(judged().values()) == 11


@pytest.mark.parametrize("calls", ["/crm/v3/properties/deals", "/crm/properties/2026-09/0-3"])
def test_properties_and_groups(calls: str, judged: Judged) -> None:
    portal = Portal()
    row = {"name": "erp_id", "label": "ERP", "type": "string", "fieldType": "text", "groupName": "dealinformation"}

    assert portal.get(calls).status == 200
    assert portal.post(calls, row).status == 201
    assert portal.get(f"{calls}/erp_id").status == 200
    assert portal.call("PATCH", f"{calls}/erp_id", {"label": "ERP id"}).status == 200
    assert portal.call("DELETE", f"{calls}/erp_id").status == 204
    assert portal.get(f"{calls}/erp_id").status == 404
    assert portal.post(f"{calls}/batch/create", {"inputs": [{**row, "name": "two"}]}).status == 201
    assert portal.post(f"{calls}/batch/create", {"inputs": [{**row, "name": "two"}]}).status == 207
    assert portal.post(f"{calls}/batch/read", {"inputs": [{"name": "two"}, {"name": "no"}]}).status == 207
    assert portal.post(f"{calls}/batch/archive", {"inputs": [{"name": "two"}]}).status == 204
    assert portal.post(f"{calls}/groups", {"name": "erp", "label": "ERP"}).status == 201
    assert portal.get(f"{calls}/groups").status == 200
    assert portal.get(f"{calls}/groups/erp").status == 200

    assert sum(judged().values()) == 13


@pytest.mark.parametrize("calls", ["/crm/v3/pipelines/deals", "/crm/pipelines/2026-03/deals"])
def test_pipelines_and_stages(calls: str, judged: Judged) -> None:
    portal = Portal()
    stage = {"label": "New", "displayOrder": 0, "metadata": {"probability": "0.1"}}

    assert portal.get(calls).status == 200
    path = f"{calls}/{portal.post(calls, {'label': 'Renewals', 'displayOrder': 1, 'stages': [stage]}).json()['id']}"
    assert portal.get(path).status == 200
    assert portal.call("PATCH", path, {"label": "Renewed"}).status == 200
    assert portal.get(f"{path}/stages").status == 200
    added = portal.post(f"{path}/stages", {**stage, "label": "Won", "metadata": {"probability": "1.0"}})
    stage_path = f"{path}/stages/{added.json()['id']}"
    assert portal.get(stage_path).status == 200
    assert portal.call("PATCH", stage_path, {"label": "Done"}).status == 200
    assert portal.call("DELETE", stage_path).status == 204
    assert portal.call("DELETE", path).status == 204

    assert sum(judged().values()) == 10


@pytest.mark.parametrize("base", WEBHOOKS)
def test_webhook_settings_and_subscriptions(base: str, judged: Judged) -> None:
    developer = Developer(Portal(), base)
    assert developer.call("GET", "/settings").status == 404
    assert developer.call("PUT", "/settings", TARGET).status == 200
    one = f"/subscriptions/{developer.subscribe('deal.propertyChange', propertyName='dealstage')}"
    assert developer.call("GET", one).status == 200
    assert developer.call("PATCH", one, {"active": False}).status == 200
    assert developer.call("GET", "/subscriptions").status == 200
    assert developer.call("DELETE", one).status == 204
    assert developer.call("GET", "/settings").status == 200
    assert developer.call("DELETE", "/settings").status == 204

    assert sum(judged().values()) == 9


@pytest.mark.parametrize("base", SHAPES)
@pytest.mark.parametrize("kind", ["contacts", "companies", "deals"])
def test_merging(kind: str, base: str, judged: Judged) -> None:
    portal = Portal()
    first, second = portal.add(kind), portal.add(kind)
    merged = portal.post(f"{base}/{kind}/merge", {"primaryObjectId": first, "objectIdToMerge": second})
    assert merged.status == 200
    assert portal.get(f"{base}/{kind}/{second}").json()["id"] == merged.json()["id"]

    assert sum(judged().values()) == 4


def test_owners_and_account(judged: Judged) -> None:
    portal = Portal()

    assert portal.get("/crm/v3/owners/", "limit=2").status == 200
    assert portal.get("/crm/owners/2026-09/30551208").status == 200
    assert portal.get("/account-info/2026-03/details").status == 200
    assert portal.get("/account-info/v3/api-usage/daily/private-apps").status == 200

    assert judged() == {
        "GET /crm/v3/owners": 1,
        "GET /crm/v3/owners/{ownerId}": 1,
        "GET /account-info/v3/details": 1,
        "GET /account-info/v3/api-usage/daily/private-apps": 1,
    }
