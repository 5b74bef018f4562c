"""How `/api/v2` writes what the first version writes: other envelopes and other errors. Source: facts 2.9."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fake_erp.erpnext.contract.shapes import CHECK, TEXT, closed, of, ref
from harness.kit.contract import Answer, Link, Operation, Schema

FIRST, SECOND = "v1", "v2"
VERSIONS = (FIRST, SECOND)
NOT_READ = ("limit_page_length", "as_dict", "debug")  # of a list under /api/v2
AS_IT_IS = "x-keeps-message"  # marks a body whose `message` stays one in every version: the login's
_NOTICE = closed(
    {"message": {"type": ["string", "array"]}},
    {"title": TEXT, "indicator": TEXT, "alert": CHECK, "raise_exception": CHECK, "__frappe_exc_id": TEXT, "as_list": CHECK,
     "as_table": CHECK, "primary_action": {}, "wide": {}},
)  # fmt: skip
_OWN = {"exception": TEXT, "message": {"type": ["string", "array"]}, "title": TEXT, "indicator": TEXT}
SCHEMAS_SECOND: Mapping[str, Schema] = {
    "Notice": _NOTICE,
    "Error": closed(
        {"errors": {**of(closed({"type": TEXT}, _OWN)), "minItems": 1}},
        {"messages": of(ref("Notice")), "session_expired": {"const": 1}},
    ),
}


def version_of(template: str) -> str:
    return SECOND if template.startswith("/api/v2/") else FIRST


def restated(version: str, operation: Operation) -> Operation:
    """The operation as this version of the paths has it."""
    if version == FIRST:
        return operation
    query = {name: param for name, param in operation.query.items() if name not in NOT_READ}
    answers = {status: _answer(each) for status, each in operation.answers.items()}
    links = {key: _link(link) for key, link in operation.links.items()}
    return replace(operation, answers=answers, query=query, links=links)


def _answer(answer: Answer) -> Answer:
    return answer if answer.schema is None else replace(answer, schema=_second(answer.schema))


def _link(link: Link) -> Link:
    return replace(link, parameters={key: _moved(value) for key, value in link.parameters.items()}, body=_moved(link.body))


def _moved(value: Any) -> Any:
    """A runtime expression that looks for the function's result where it is now."""
    if isinstance(value, Mapping):
        return {key: _moved(each) for key, each in value.items()}
    return value.replace("$response.body#/message", "$response.body#/data") if isinstance(value, str) else value


def _second(schema: Schema) -> Schema:
    """`message` becomes `data`, what people are told a list of objects, and the kind of an error stands in it."""
    if "anyOf" in schema:
        return {**schema, "anyOf": [_second(each) for each in schema["anyOf"]]}
    if "allOf" in schema and schema["allOf"][0] == ref("Error"):
        kinds = schema["allOf"][1]["properties"]["exc_type"]
        of_these = {"errors": {"items": {"properties": {"type": kinds}}}}
        return {"allOf": [ref("Error"), {"properties": of_these}]}
    properties = schema.get("properties", {})
    if "_server_messages" not in properties:
        return schema
    moves = {} if AS_IT_IS in schema else {"message": "data"}
    written: dict[str, Any] = {
        moves.get(key, key): value for key, value in properties.items() if key not in ("_server_messages", "_debug_messages")
    }
    written["messages"] = of(ref("Notice"))
    required = [moves.get(key, key) for key in schema.get("required", ())]
    return {**schema, "properties": written, **({"required": required} if required else {})}
