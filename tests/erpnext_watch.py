"""Holds every answer that an ERPNext fake gives while tests run against the fake's own contract: its status, the keys around the
document, and the kind of a refusal. What is inside a document is judged by tests/contract alone.

Sites of the contract's version only; faults that were injected may answer anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from harness.kit.call import Call, Reply
from harness.kit.contract import Answer, Contract, Schema
from harness.kit.fake import Fake

DIALECT = "fake_erp.erpnext.dialect"  # by name: tests that never call an ERP need not import one
JSON = "application/json"
NOT_MODELLED = 501
STAND_FOR = {"list": "list_{doctype}", "create": "create_{doctype}", "read": "read_{doctype}", "update": "update_{doctype}",
             "delete": "delete_{doctype}", "meta_of": "meta_of_{doctype}", "count": "count_{doctype}"}  # fmt: skip
Shape = tuple[frozenset[str], frozenset[str]]  # keys that must be there, and all that may


class ContractWatch:
    """Judges answers and keeps the verdicts until a test asks for them."""

    def __init__(self) -> None:
        self._wrong: dict[str, None] = {}
        self._shapes: dict[tuple[str, str, int], list[Shape] | None] = {}
        self._kinds: dict[tuple[str, str, int], frozenset[str]] = {}

    def look(self, fake: Any, call: Call, reply: Reply) -> None:
        reason = self.reason(fake, call, reply)
        if reason is not None:
            self._wrong[f"{call.operation}: {call.method} {call.path} -> {reply.status}: {reason}"] = None

    def take(self) -> list[str]:
        """What has been wrong since the last time, each line once."""
        wrong, self._wrong = list(self._wrong), {}
        return wrong

    def reason(self, fake: Any, call: Call, reply: Reply) -> str | None:
        """What is wrong with an answer, or None."""
        entry = entry_of(fake, call)
        if entry is None or reply.headers.get("content-type") != JSON or reply.status == NOT_MODELLED:
            return None
        version = "v2" if call.path.startswith("/api/v2/") else "v1"
        shapes = self._shapes_of(version, entry, reply.status)
        if shapes is None:
            return "the contract has no such status"
        body = msgspec.json.decode(reply.body)
        keys = frozenset(body) if isinstance(body, dict) else None
        if keys is None or not any(needed <= keys <= known for needed, known in shapes):
            return f"the keys are {sorted(body)}" if isinstance(body, dict) else "the body is no object"
        kind = str(body["errors"][0]["type"] if "errors" in body else body.get("exc_type", ""))
        kinds = self._kinds[version, entry, reply.status]
        return f"{kind} is not documented" if kinds and kind not in kinds else None

    def _shapes_of(self, version: str, entry: str, status: int) -> list[Shape] | None:
        key = (version, entry, status)
        if key not in self._shapes:
            answer = the_contract().as_written(version, entry).answers.get(status)
            self._shapes[key] = None if answer is None else _shapes(version, answer)
            self._kinds[key] = _kinds(answer)
        return self._shapes[key]


WATCH = ContractWatch()


@cache
def the_contract() -> Contract:
    from fake_erp.erpnext.contract import contract

    return contract()


def entry_of(fake: Any, call: Call) -> str | None:
    """The contract's entry of a call, or None where it has none: pages, unknown functions, functions by `cmd`, broken calls."""
    if call.operation in ("gate", "wrong_method", "unknown_route") or "cmd" in call.query or b"cmd" in call.body:
        return None
    if "method" in call.params:
        path = call.params["method"].strip("/").split("/")[0]
        return path if path in the_contract().operations else None
    if "id" in call.params and ("/method/" in call.params["id"] or "run_method" in call.query):
        return None  # a method by its path, or by the query
    operation = fake.router.match(call.method, call.path)[0].operation
    if operation == "run_method_of":
        return "run_method_of_{doctype}"
    return STAND_FOR.get(operation)


def _shapes(version: str, answer: Answer) -> list[Shape]:
    components: Mapping[str, Any] = _components(version)

    def of(schema: Schema) -> list[Shape]:
        if "$ref" in schema:
            return of(components[schema["$ref"].rpartition("/")[2]])
        if "allOf" in schema:
            return of(schema["allOf"][0])
        if "anyOf" in schema:
            return [shape for each in schema["anyOf"] for shape in of(each)]
        return [(frozenset(schema.get("required", ())), frozenset(schema.get("properties", ())))]

    return of(answer.schema or {})


@cache
def _components(version: str) -> Mapping[str, Any]:
    return the_contract().components(version)


def _kinds(answer: Answer | None) -> frozenset[str]:
    """The exceptions that an answer may tell; none: it is no refusal."""
    parts = (answer.schema or {}).get("allOf", ()) if answer is not None else ()
    if len(parts) < 2:
        return frozenset()
    told = parts[1]["properties"]
    kind = told["errors"]["items"]["properties"]["type"] if "errors" in told else told.get("exc_type", {})
    return frozenset(kind.get("enum", ()))


@cache
def _is_erpnext(kind: type) -> bool:
    return any(each.__module__ == DIALECT for each in kind.__mro__)


def install() -> None:
    """From now on every answer of every ERPNext fake of this process is looked at."""
    handle, disturbed = Fake.handle, Fake._disturbed

    def watched(self: Fake, call: Call) -> Reply:
        reply = handle(self, call)
        faulted = self.__dict__.pop("_faulted", False)
        if _is_erpnext(type(self)) and not faulted and reply.disruption is None and self.settings.version == 15:  # type: ignore[attr-defined]
            WATCH.look(self, call, reply)
        return reply

    def noted(self: Fake, call: Call, route: Any, effect: Any) -> tuple[Reply, str]:
        self.__dict__["_faulted"] = True
        return disturbed(self, call, route, effect)

    Fake.handle, Fake._disturbed = watched, noted  # type: ignore[method-assign]
