"""The ERPNext fake's own contract: a valid document, complete in both directions, and true of every example and refusal."""

from __future__ import annotations

import json
import re
from urllib.parse import unquote

import pytest
from contract_checks import check_links, examples_of, shown
from erpnext_examples import PreparedSite, judge, the_contract, the_document
from openapi_spec_validator import OpenAPIV31SpecValidator

from fake_erp.erpnext.api.methods import METHODS, RENAMED
from fake_erp.erpnext.contract import examples as known
from fake_erp.erpnext.contract.doctypes import all_doctypes, component, needs
from fake_erp.erpnext.contract.routes import REFUSES
from fake_erp.erpnext.routes import SiteRouter, routes
from fake_erp.erpnext.settings import Settings
from harness.kit.call import Call, Reply
from harness.kit.contract import Example, Operation, undocumented, unrouted
from harness.kit.routing import NOT_MODELLED, Route

CONTRACT = the_contract()
ENTRIES = {name: CONTRACT.operations[name] for name in CONTRACT.served() if name in CONTRACT.operations}
GENERAL = {name: each for name, each in ENTRIES.items() if not each.case_of}


@pytest.fixture(scope="module")
def prepared() -> PreparedSite:
    return PreparedSite()


@pytest.mark.parametrize("version", CONTRACT.versions)
def test_the_document_is_valid_openapi_3_1(version: str) -> None:
    made = the_document(version)
    if version != CONTRACT.versions[0]:  # the same DocTypes again: one of them will do
        cases = {name for name, each in ENTRIES.items() if each.case_of and not name.endswith("_sales_order")}
        kept = {
            path: node for path, node in made["paths"].items() if all(each["operationId"] not in cases for each in node.values())
        }
        made = {**made, "paths": kept}
    problems = [f"{list(error.absolute_path)}: {error.message}" for error in OpenAPIV31SpecValidator(made).iter_errors()]

    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("version", CONTRACT.versions)
def test_every_reference_of_a_document_is_to_something_in_it(version: str) -> None:
    made = the_document(version)
    used = set(re.findall(r"'#/components/schemas/(\w+)'", str(made)))
    answers = set(re.findall(r"'#/components/responses/(\w+)'", str(made)))

    assert used <= made["components"]["schemas"].keys()
    assert answers == made["components"]["responses"].keys()


# -- complete in both directions ------------------------------------------------------------------------------------------------


def test_every_route_that_is_modelled_is_documented_and_every_entry_is_routed() -> None:
    assert undocumented(CONTRACT) == []
    assert unrouted(CONTRACT) == []


def test_what_is_documented_is_what_the_site_routes() -> None:
    """Every documented path and verb reaches the handler that the documented route names, and every routed one is documented."""
    site, reached = SiteRouter(routes(Settings())), set()
    for route in CONTRACT.routes:
        hit = site.match(route.method, re.sub(r"{\w+}", "x", unquote(route.template)))

        assert hit is not None, f"{route.method} {route.template}"
        assert hit[0].handler is route.handler, f"{route.method} {route.template}"
        reached.add((hit[0].method, hit[0].template))
    pages = {(route.method, route.template) for route in site.routes if route.operation == "page"}
    acts = ("GET", "/api/v2/document/{doctype}/{id:path}")  # answers methods too, and copies in version 16
    assert {(route.method, route.template) for route in site.routes} - reached <= pages | {acts}


def test_every_function_and_every_doctype_is_documented() -> None:
    current = {path for path in METHODS if not RENAMED.get(path)}
    assert current - set(REFUSES) == {name for name in ENTRIES if name in METHODS}
    schemas = the_document("v1")["components"]["schemas"]
    for meta in all_doctypes().values():
        assert {component(meta.name), f"{component(meta.name)}Values"} <= schemas.keys()
        if not meta.child:
            assert {f"list_{meta.slug}", f"read_{meta.slug}"} <= ENTRIES.keys()


def test_links_lead_to_entries_and_fill_parameters_that_exist() -> None:
    check_links(CONTRACT)


# -- examples are true ----------------------------------------------------------------------------------------------------------


def test_every_operation_shows_an_example() -> None:
    assert [name for name, operation in ENTRIES.items() if not operation.examples] == []


@pytest.mark.parametrize(("entry", "example"), examples_of(CONTRACT), ids=shown)
def test_an_example_is_accepted_on_every_path_and_answered_as_documented(
    entry: str, example: Example, prepared: PreparedSite
) -> None:
    operation = ENTRIES[entry]
    for route in CONTRACT.served()[entry]:
        reply = prepared.send(route, operation, example)

        assert reply.status == next(iter(operation.answers)), f"{route.method} {route.template}: {reply.status} {reply.body!r}"
        judge(reply, route)


@pytest.mark.parametrize("doctype", known.BODIES)
def test_a_document_without_what_it_needs_is_refused(doctype: str, prepared: PreparedSite) -> None:
    meta = all_doctypes()[doctype]
    entry, body = f"create_{meta.slug}", known.BODIES[doctype]
    route = CONTRACT.served()[entry][0]
    assert set(needs(meta)) <= body.keys()
    for field in needs(meta):
        less = {name: value for name, value in body.items() if name != field}
        reply = prepared.send(route, ENTRIES[entry], Example(body=less))

        assert reply.status in (404, 409, 417, 500), f"{doctype} without {field}: {reply.status}"
        judge(reply, route)


# -- refusals are documented as well --------------------------------------------------------------------------------------------


def first_route(entry: str) -> tuple[Route, Operation, Example]:
    return CONTRACT.served()[entry][0], ENTRIES[entry], ENTRIES[entry].examples[0]


GUARDED = [name for name, each in GENERAL.items() if each.security is None and each.area != "oauth" and name != "open_desk"]


@pytest.mark.parametrize("entry", GUARDED)
def test_with_wrong_credentials_and_with_none(entry: str, prepared: PreparedSite) -> None:
    route, operation, example = first_route(entry)

    refused = prepared.send(route, operation, example, authorization="token nobody:nothing")
    assert refused.status == 401
    judge(refused, route)

    guest = prepared.send(route, operation, example, authorization="")
    assert guest.status in (403, 404)
    judge(guest, route)


@pytest.mark.parametrize("entry", [name for name in GENERAL if name.endswith("{doctype}")])
def test_of_a_doctype_that_nobody_knows(entry: str, prepared: PreparedSite) -> None:
    for route in CONTRACT.served()[entry]:
        example = ENTRIES[entry].examples[0]
        refused = prepared.send(route, ENTRIES[entry], Example({**example.path, "doctype": "Widget"}, example.query, example.body))

        assert refused.status == 404
        judge(refused, route)


BODIES = (b"{", b"null", b"[]", b"{}", b'"text"', b'{"data": 3}', b'{"doc": []}', b'{"docs": {}}', b'{"doctype": 3}', b"\xff")


@pytest.mark.parametrize("entry", [name for name, each in GENERAL.items() if each.body is not None])
def test_a_body_that_is_not_what_is_asked_for_is_answered_as_documented(entry: str, prepared: PreparedSite) -> None:
    operation, example = ENTRIES[entry], ENTRIES[entry].examples[0]
    headers = {"authorization": "token syncproof:syncproof", "content-type": operation.media}
    for route in CONTRACT.served()[entry]:
        for body in BODIES:
            prepared.site.fake.put_back(prepared.ready)
            judge(prepared.site.fake.handle(Call(route.method, prepared.path(route, example), "", dict(headers), body)), route)


def test_a_500_is_the_vendors_own_only_where_its_exception_is_documented() -> None:
    def told(kind: str, *, v2: bool = False) -> Reply:
        body = {"errors": [{"type": kind}]} if v2 else {"exc_type": kind}
        return Reply(500, json.dumps(body).encode(), {"content-type": "application/json"})

    for route in CONTRACT.served()["frappe.client.get_value"]:
        v2 = CONTRACT.version_of(route.template) == "v2"
        judge(told("TypeError", v2=v2), route)
        with pytest.raises(AssertionError, match="ZeroDivisionError"):
            judge(told("ZeroDivisionError", v2=v2), route)


# -- what is left out -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("template", CONTRACT.not_modelled())
def test_what_is_not_modelled_answers_501_and_names_itself(template: str, prepared: PreparedSite) -> None:
    reply = prepared.site.send("POST", template, {})

    assert reply.status == 501
    assert template.rpartition("/")[2] in reply.json()["exception"]


@pytest.mark.parametrize("path", REFUSES)
def test_what_a_site_does_not_have_is_refused_in_words(path: str, prepared: PreparedSite) -> None:
    body = {"report_name": "Sales Register", "doc": {"doctype": "Sales Order"}, "action": "Approve"}

    assert prepared.site.send("POST", f"/api/method/{path}", body).status == 417
    assert all(route.entry != path or route.operation == NOT_MODELLED for route in CONTRACT.routes)
