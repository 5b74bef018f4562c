"""A contract as data: which routes it knows, what document it makes, and what it refuses to pass over in silence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from harness.kit.contract import Answer, Confidence, Contract, Example, Link, Operation, Param, merged, undocumented, unrouted
from harness.kit.openapi import document
from harness.kit.routing import NOT_MODELLED, Route, Router

TEXT = {"type": "string"}
NOTE = {"$ref": "#/components/schemas/Note"}


def nobody(*_: Any) -> None:
    """A handler that is never called here."""


ROUTER = Router(
    [
        Route("POST", "/old/notes/{type}", nobody, "create_{one}"),
        Route("POST", "/older/notes/{type}", nobody, "create_{one}"),
        Route("POST", "/2026/notes/{type}", nobody, "create_{one}"),
        Route("GET", "/old/notes/{type}/{id}", nobody, "read_{one}"),
        Route("GET", "/2026/notes/{type}/{id}", nobody, "read_{one}"),
        Route("GET", "/v1/note/{id}", nobody, "read_{one}", "read_note_v1"),
        Route("GET", "/old/secrets", nobody, NOT_MODELLED),
        Route("POST", "/old/secrets", nobody, NOT_MODELLED),
        Route("GET", "/old/secrets/{rest:path}", nobody, NOT_MODELLED),
    ]
)
CREATE = Operation(
    "A new note.",
    "notes",
    {201: Answer(NOTE, "Written."), 400: Answer(TEXT, media="text/plain")},
    "the notes guide",
    Confidence.DOCUMENTED,
    query={"loud": Param({"type": "boolean"}), "copies": Param({"type": "integer"}, "How many.", required=True)},
    body={"type": "object"},
    examples=[
        Example({"type": "memo"}, {"loud": "true", "copies": "2"}, {"text": "hello"}),
        Example({"type": "memo"}, body={}, name="empty"),
    ],
    links={
        "read": Link("read_{one}", {"type": "$request.path.type", "id": "$response.body#/id"}),
        "readOld": Link("read_note_v1", {"id": "$response.body#/id"}),
    },
    deviations="never full",
)
READ = Operation("One note.", "notes", {200: Answer(NOTE)}, "seen", Confidence.MEASURED)
CONTRACT = Contract(
    title="Notes",
    description="What the tiny fake serves.",
    state="2026",
    host="https://notes.example.com",
    routes=ROUTER.routes,
    operations={"create_{one}": CREATE, "read_{one}": READ, "read_note_v1": replace(READ, security=())},
    components=lambda version: {
        "Note": {"type": "object", "properties": {"id": {"type": "integer" if version == "old" else "string"}}}
    },
    path={"type": Param(TEXT, "Which kind."), "id": Param(TEXT)},
    common={401: Answer(TEXT, "Who are you?")},
    security_schemes={"token": {"type": "http", "scheme": "bearer"}},
    versions=("old", "2026"),
    version_of=lambda template: "2026" if "/2026/" in template else "old",
    words={"one": "note"},
    absent={"drawings": "501"},
)


@pytest.mark.parametrize("version", CONTRACT.versions)
def test_the_document_is_valid(version: str) -> None:
    assert list(OpenAPIV31SpecValidator(document(CONTRACT, version)).iter_errors()) == []


def test_an_operation_appears_once_and_tells_its_other_paths() -> None:
    made = document(CONTRACT, "old")

    assert list(made["paths"]) == ["/old/notes/{type}", "/old/notes/{type}/{id}", "/v1/note/{id}"]
    created = made["paths"]["/old/notes/{type}"]["post"]
    assert created["operationId"] == "create_note"
    assert created["x-also-at"] == ["/older/notes/{type}", "/2026/notes/{type}"]
    assert created["description"] == "Differs from the vendor: never full"
    assert (created["x-source"], created["x-confidence"]) == ("the notes guide", "documented")


def test_examples_stand_beside_their_parameters_with_the_types_of_their_schemas() -> None:
    created = document(CONTRACT, "old")["paths"]["/old/notes/{type}"]["post"]

    assert [(each["name"], each["in"], each["required"], each["example"]) for each in created["parameters"]] == [
        ("type", "path", True, "memo"),
        ("loud", "query", False, True),
        ("copies", "query", True, 2),
    ]
    assert created["requestBody"]["content"]["application/json"]["examples"] == {
        "usual": {"value": {"text": "hello"}},
        "empty": {"value": {}},
    }


def test_answers_are_its_own_and_those_of_every_call() -> None:
    responses = document(CONTRACT, "old")["paths"]["/old/notes/{type}"]["post"]["responses"]

    assert list(responses) == ["201", "400", "401"]
    assert responses["400"] == {"description": "Bad Request", "content": {"text/plain": {"schema": TEXT}}}


def test_a_link_to_what_this_version_does_not_have_is_left_out() -> None:
    def links(version: str, path: str) -> dict[str, Any]:
        found: dict[str, Any] = document(CONTRACT, version)["paths"][path]["post"]["responses"]["201"]["links"]
        return found

    assert list(links("old", "/old/notes/{type}")) == ["read", "readOld"]
    assert links("2026", "/2026/notes/{type}") == {
        "read": {"operationId": "read_note", "parameters": {"type": "$request.path.type", "id": "$response.body#/id"}}
    }


def test_versions_may_differ_in_the_details_of_a_schema() -> None:
    kinds = [
        document(CONTRACT, version)["components"]["schemas"]["Note"]["properties"]["id"]["type"] for version in ("old", "2026")
    ]

    assert kinds == ["integer", "string"]


def test_security_is_the_usual_one_unless_an_operation_says_otherwise() -> None:
    made = document(CONTRACT, "old")

    assert made["security"] == [{"token": []}]
    assert "security" not in made["paths"]["/old/notes/{type}/{id}"]["get"]
    assert made["paths"]["/v1/note/{id}"]["get"]["security"] == []


def test_what_is_missing_on_either_side_is_named() -> None:
    assert undocumented(CONTRACT) == unrouted(CONTRACT) == []
    less = replace(CONTRACT, operations={"create_{one}": CREATE, "read_{one}": READ, "drop_{one}": READ})

    assert undocumented(less) == ["GET /v1/note/{id} (read_note_v1)"]
    assert unrouted(less) == ["drop_{one}"]


def test_what_is_known_and_not_modelled_is_listed_once_with_its_methods() -> None:
    assert CONTRACT.not_modelled() == {"/old/secrets": ["GET", "POST"]}


def test_two_areas_cannot_claim_one_entry() -> None:
    with pytest.raises(ValueError, match=r"two entries 'read_\{one\}': notes and drawers"):
        merged({"read_{one}": READ}, {"read_{one}": replace(READ, area="drawers")})
