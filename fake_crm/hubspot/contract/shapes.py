"""Short ways to write schemas and answers, and the schemas that every area uses.

Answers are closed (`additionalProperties: false`): a field that is not written down here is a violation. Requests are open, as
the vendor ignores keys it does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.kit.contract import Answer, Param, Schema

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
ORDER: Schema = {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1}  # where something stands among its like
FLAG: Schema = {"type": "boolean"}
INSTANT: Schema = {"type": "string", "format": "date-time"}
ID: Schema = {"type": "string", "pattern": "^[0-9]{1,17}$"}
TEXTS: Schema = {"type": "array", "items": TEXT}


def ref(name: str) -> Schema:
    """One of the document's named schemas."""
    return {"$ref": f"#/components/schemas/{name}"}


def of(schema: Schema) -> Schema:
    """A list of it."""
    return {"type": "array", "items": schema}


def closed(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """An object of an answer: these keys and no others."""
    made: dict[str, Any] = {"type": "object", "properties": {**required, **(optional or {})}, "additionalProperties": False}
    return {**made, "required": list(required)} if required else made


def given(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """An object of a request: further keys are ignored."""
    made: dict[str, Any] = {"type": "object", "properties": {**required, **(optional or {})}}
    return {**made, "required": list(required)} if required else made


def listed(schema: Schema) -> Schema:
    """`{results}`, never in pages."""
    return closed({"results": of(schema)})


def paged(schema: Schema, **more: Schema) -> Schema:
    """`{results, paging?}`: the whole key `paging` is absent on the last page."""
    return closed({**more, "results": of(schema)}, {"paging": ref("Paging")})


def batch(schema: Schema) -> Schema:
    """The envelope of a batch; `numErrors` and `errors` come with status 207 only."""
    head = {"status": {"const": "COMPLETE"}, "results": of(schema), "startedAt": INSTANT, "completedAt": INSTANT}
    return closed(head, {"numErrors": NUMBER, "errors": of(ref("BatchError"))})


def inputs(row: Schema, most: int, more: Mapping[str, Schema] | None = None) -> Schema:
    """The body of a batch: one to `most` rows, and what else may stand beside them."""
    return given({"inputs": {"type": "array", "items": row, "minItems": 1, "maxItems": most}}, more)


BAD = {400: Answer(ref("Error"), "Something in the request does not fit; nothing was written.")}
ABSENT = {404: Answer(ref("Error"), "No such record or definition.")}
TAKEN = {409: Answer(ref("Error"), "Taken by another one; nothing was written.")}
PARTLY = "Some inputs were refused: `errors` says which."

COMMON = {
    401: Answer(ref("Error"), "No token, or not a valid one."),
    403: Answer(ref("Error"), "The app lacks a scope; any one of those named would do."),
    414: Answer(None, "Path and query are longer than 16 KiB."),
    415: Answer(None, "The body calls itself something else than what is read here."),
    429: Answer(ref("Error"), "A limit: of the app in ten seconds, of the account in a day, of searches in a second."),
}

CONTEXT: Schema = {"type": "object", "additionalProperties": TEXTS}
_ERROR_DETAIL = closed({"message": TEXT}, {"code": TEXT, "in": TEXT, "subCategory": TEXT, "context": CONTEXT})
_ERROR_MORE: dict[str, Schema] = {
    "category": TEXT,
    "subCategory": TEXT,
    "context": CONTEXT,
    "links": {"type": "object", "additionalProperties": TEXT},
    "errors": of(_ERROR_DETAIL),
}

SCHEMAS: dict[str, Schema] = {
    "Error": closed(
        {"status": {"const": "error"}, "message": TEXT, "correlationId": {"type": "string", "format": "uuid"}},
        {**_ERROR_MORE, "errorType": TEXT, "policyName": TEXT},
    ),
    "BatchError": closed({"status": {"const": "error"}, "message": TEXT}, _ERROR_MORE),
    "Paging": closed({"next": closed({"after": TEXT}, {"link": TEXT})}),
}

PATH: dict[str, Param] = {
    "type": Param(ref("ObjectTypeName"), "An object type: plural, singular or id; a custom one by id or full name."),
    "to": Param(ref("ObjectTypeName"), "The object type at the other end."),
    "id": Param(ID, "A record's id, unique in its type only."),
    "to_id": Param(ID, "The id of the record at the other end."),
    "name": Param(TEXT, "The internal name."),
    "stage_id": Param(TEXT, "The id of a stage in this pipeline."),
}
