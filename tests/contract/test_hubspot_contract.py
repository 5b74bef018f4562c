"""The HubSpot fake's own contract: a valid document, complete in both directions, and true of every example and refusal."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from contract_checks import check_links, examples_of, shown
from hubspot_examples import PreparedAccount, judge, the_contract, the_document
from openapi_spec_validator import OpenAPIV31SpecValidator

from harness.kit.call import Call
from harness.kit.contract import Example, Operation, undocumented, unrouted
from harness.kit.routing import Route

CONTRACT = the_contract()
ENTRIES = {name: CONTRACT.operations[name] for name in CONTRACT.served() if name in CONTRACT.operations}


@pytest.fixture(scope="module")
def account() -> PreparedAccount:
    return PreparedAccount()


@pytest.mark.parametrize("version", CONTRACT.versions)
def test_the_document_is_valid_openapi_3_1(version: str) -> None:
    problems = [
        f"{list(error.absolute_path)}: {error.message}" for error in OpenAPIV31SpecValidator(the_document(version)).iter_errors()
    ]

    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("version", CONTRACT.versions)
def test_every_reference_of_a_document_is_to_something_in_it(version: str) -> None:
    made = the_document(version)
    used = set(re.findall(r"'#/components/schemas/(\w+)'", str(made)))

    assert used <= made["components"]["schemas"].keys()


def test_every_route_that_is_modelled_is_documented_and_every_entry_is_routed() -> None:
    assert undocumented(CONTRACT) == []
    assert unrouted(CONTRACT) == []


def test_no_version_is_only_a_copy_of_names() -> None:
    """Each document has paths of its own shape, and none of another's."""
    for version in CONTRACT.versions[1:]:
        dated = [path for path in the_document(version)["paths"] if version in path]
        assert len(dated) == len(the_document(version)["paths"]) > 20


def test_links_lead_to_entries_and_fill_parameters_that_exist() -> None:
    check_links(CONTRACT)


def test_every_operation_shows_an_example() -> None:
    assert [name for name, operation in ENTRIES.items() if not operation.examples] == []


@pytest.mark.parametrize(("entry", "example"), examples_of(CONTRACT), ids=shown)
def test_an_example_is_accepted_on_every_path_and_answered_as_documented(
    entry: str, example: Example, account: PreparedAccount
) -> None:
    operation = ENTRIES[entry]
    for route in CONTRACT.served()[entry]:
        reply = account.send(route, operation, example)

        assert reply.status == next(iter(operation.answers)), f"{route.method} {route.template}: {reply.status} {reply.body!r}"
        judge(reply, route)


# -- refusals are documented as well --------------------------------------------------------------------------------------------


def first_route(entry: str) -> tuple[Route, Operation, Example]:
    return CONTRACT.served()[entry][0], ENTRIES[entry], ENTRIES[entry].examples[0]


@pytest.mark.parametrize("entry", [name for name, each in ENTRIES.items() if each.security is None])
def test_without_a_token_and_without_a_scope(entry: str, account: PreparedAccount) -> None:
    route, operation, example = first_route(entry)

    refused = account.send(route, operation, example, authorization="Bearer nobody")

    assert refused.status == 401
    judge(refused, route)


@pytest.mark.parametrize("entry", [name for name, each in ENTRIES.items() if "type" in CONTRACT.served()[name][0].parameters])
def test_of_an_object_type_that_nobody_knows(entry: str, account: PreparedAccount) -> None:
    route, operation, example = first_route(entry)

    refused = account.send(route, operation, Example({**example.path, "type": "widgets"}, example.query, example.body))

    assert refused.status == 400
    judge(refused, route)


BODIES = (b"{", b"null", b"[]", b"{}", b'{"inputs": {}}', b'{"inputs": []}', b'{"inputs": [{}]}', b"\xff")


@pytest.mark.parametrize("entry", [name for name, each in ENTRIES.items() if each.body is not None])
def test_a_body_that_is_not_what_is_asked_for_is_answered_as_documented(entry: str, account: PreparedAccount) -> None:
    route, operation, example = first_route(entry)
    path = route.template
    for name, value in example.path.items():
        path = path.replace(f"{{{name}}}", account.own(value))

    headers = {**account.credentials(operation), "content-type": operation.media}
    for body in BODIES:
        judge(account.portal.call(route.method, path, body, urlencode(account.key(operation)), **headers), route)


@pytest.mark.parametrize("template", CONTRACT.not_modelled())
def test_what_is_not_modelled_answers_501_and_names_itself(template: str, account: PreparedAccount) -> None:
    path = re.sub(r"{\w+}", "deals", template)
    for method in CONTRACT.not_modelled()[template]:
        reply = account.portal.fake.handle(Call(method, path, headers=dict(account.portal.headers)))

        assert reply.status == 501
        assert f"{method} {path}" in reply.json()["message"]
