"""The check of every answer has been seen to catch: wrong fields, types, formats, statuses, headers, and what no document knows.

The document here is a small one of our own, so that these tests run without the vendor's.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hubspot_portal import Portal
from vendor_contract.documents import Documents
from vendor_contract.judge import JSON, Judge
from vendor_contract.watch import WATCH

from fake_crm.hubspot import HubSpotFake
from harness.kit.call import Call, Reply
from harness.kit.fake import FakeSetup
from harness.kit.faults import AnyEffect, CutBody, Fault, LoseReply, ProxyPage, RefuseConnection, TruncatedJson
from harness.kit.routing import Route

TEXT = {"type": "string"}
TEAM = {"type": "object", "required": ["id"], "properties": {"id": TEXT, "primary": {"type": "boolean"}}}
OWNER = {
    "type": "object",
    "required": ["id", "type", "createdAt"],
    "properties": {
        "id": TEXT,
        "type": {"type": "string", "enum": ["PERSON", "QUEUE"]},
        "createdAt": {"type": "string", "format": "date-time"},
        "userId": {"type": "integer", "format": "int32"},
        "firstName": {"type": "string", "nullable": True},
        "teams": {"type": "array", "items": {"$ref": "#/components/schemas/Team"}},
        "custom": {"type": "object", "additionalProperties": TEXT},
        "score": {"type": "number"},
    },
}
ERROR = {
    "type": "object",
    "required": ["category", "correlationId", "message"],
    "properties": {"category": TEXT, "correlationId": {"type": "string", "format": "uuid"}, "message": TEXT},
}
PATH = "/crm/v3/owners/{ownerId}"
DOCUMENT: dict[str, Any] = {
    "paths": {
        PATH: {
            "get": {
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Owner"}}}},
                    "default": {"$ref": "#/components/responses/Error"},
                }
            },
            "delete": {"responses": {"204": {}, "default": {"$ref": "#/components/responses/Error"}}},
        }
    },
    "components": {"schemas": {"Owner": OWNER, "Team": TEAM, "Error": ERROR}},
}
GOOD: dict[str, Any] = {"id": "7", "type": "PERSON", "createdAt": "2026-05-02T08:11:09Z", "userId": 7, "teams": [{"id": "1"}]}
CALL = Call("GET", "/crm/v3/owners/7", operation="read_owner")


def judge() -> Judge:
    return Judge(Documents({"owners": DOCUMENT}))


def answer(body: Any, status: int = 200, kind: str | None = JSON) -> Reply:
    raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return Reply(status, raw, {} if kind is None else {"content-type": kind})


@pytest.mark.parametrize(
    "body", [GOOD, {**GOOD, "firstName": None}, {**GOOD, "custom": {"any": "text"}}, {**GOOD, "score": 1}, {**GOOD, "teams": []}]
)
def test_an_answer_of_the_document_is_let_through(body: dict[str, Any]) -> None:
    judged = judge()

    assert judged.verdict(CALL, answer(body)) is None
    assert judged.counts == {f"GET {PATH}": 1}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({**GOOD, "nickname": "Al"}, "Object contains unknown field `nickname`"),
        ({**GOOD, "teams": [{"id": "1", "size": 3}]}, "Object contains unknown field `size` - at `$.teams[0]`"),
        ({"id": "7", "createdAt": GOOD["createdAt"]}, "Object missing required field `type`"),
        ({**GOOD, "teams": [{}]}, "Object missing required field `id` - at `$.teams[0]`"),
        ({**GOOD, "id": 7}, "Expected `str`, got `int` - at `$.id`"),
        ({**GOOD, "id": None}, "Expected `str`, got `null` - at `$.id`"),
        ({**GOOD, "userId": "7"}, "Expected `int`, got `str` - at `$.userId`"),
        ({**GOOD, "userId": None}, "Expected `int`, got `null` - at `$.userId`"),
        ({**GOOD, "userId": 2**31}, "Expected `int` <= 2147483647 - at `$.userId`"),
        ({**GOOD, "userId": True}, "Expected `int`, got `bool` - at `$.userId`"),
        ({**GOOD, "type": "ROBOT"}, "Invalid enum value 'ROBOT' - at `$.type`"),
        ({**GOOD, "createdAt": "yesterday"}, "Invalid RFC3339 encoded datetime - at `$.createdAt`"),
        ({**GOOD, "custom": {"any": 1}}, "Expected `str`, got `int` - at `$.custom[...]`"),
        ({**GOOD, "teams": {}}, "Expected `array`, got `object` - at `$.teams`"),
        ([], "Expected `object`, got `array`"),
        (b'{"id": "7"', "Input data was truncated"),
        (b"", "Input data was truncated"),
    ],
)
def test_a_wrong_body_is_caught(body: Any, reason: str) -> None:
    assert judge().verdict(CALL, answer(body)) == f"read_owner: GET /crm/v3/owners/7 -> 200: {reason}"


@pytest.mark.parametrize(
    ("call", "reply", "reason"),
    [
        (CALL, answer(GOOD, 201), f"owners declares 200, default for GET {PATH}"),
        (CALL, answer(GOOD, kind="application/json"), "the content type is application/json"),
        (CALL, answer(GOOD, kind=None), "the content type is None"),
        (Call("DELETE", CALL.path), answer(b"", 204), "the document declares no body"),
        (Call("DELETE", CALL.path), answer({}, 204, None), "the document declares no body"),
        (CALL, answer({"message": "no", "correlationId": "7"}, 400), "Invalid UUID - at `$.correlationId`"),
        (CALL, answer({"message": "no"}, 400), "Object missing required field `correlationId`"),
        (CALL, answer(b"<html>", 404, "text/html;charset=utf-8"), "the content type is text/html;charset=utf-8"),
        (CALL, answer(b"", 404, None), "the content type is None"),
        (CALL, answer(b"", 414), f"there is a content type ({JSON}) and no body"),
        (
            Call("GET", "/crm/v3/secrets"),
            answer({}),
            "no document has this operation, and the table of those that none has does not list it",
        ),
    ],
)
def test_wrong_statuses_headers_and_operations_are_caught(call: Call, reply: Reply, reason: str) -> None:
    assert (judge().verdict(call, reply) or "").endswith(f"-> {reply.status}: {reason}")


class Careless(HubSpotFake):
    """Answers with a field that the document does not know."""

    def answer(self, call: Call, route: Route) -> Reply:
        reply = super().answer(call, route)
        reply.body = reply.body.replace(b'"email":', b'"mail":')
        return reply


def test_a_fake_that_is_called_is_judged() -> None:
    portal = Portal()
    setup = FakeSetup("crm", portal.clock, portal.fake.setup.seed, portal.journal, "https://api.hubapi.com")
    careless = Careless(setup)

    with WATCH.aside(judge()) as seen:
        careless.handle(Call("GET", "/crm/v3/owners/30551208", headers=portal.headers))
        [wrong] = seen.take()

    assert wrong.startswith("read_owner: GET /crm/v3/owners/30551208 -> 200: Object contains unknown field `")


@pytest.mark.parametrize("effect", [TruncatedJson(), ProxyPage(502, applied=True), LoseReply(), CutBody(), RefuseConnection()])
def test_what_a_fault_destroyed_is_not_judged(effect: AnyEffect) -> None:
    portal = Portal()
    with WATCH.aside(judge()) as seen:
        portal.fake.faults.inject(Fault("crm.read_owner", effect))
        portal.get("/crm/v3/owners/30551208")
        assert seen.take() == []

        portal.get("/crm/v3/owners/30551208")
        assert len(seen.take()) == 1


@pytest.mark.xfail(raises=pytest.fail.Exception, strict=True, reason="an answer that differs fails the test that caused it")
def test_a_wrong_answer_fails_its_test() -> None:
    WATCH.note("an answer that differs on purpose")
