"""Up to 100 records in one call."""

from __future__ import annotations

from typing import Any

from fake_crm.hubspot.contract.examples import DEAL, ORDER_NUMBER, PROPERTY
from fake_crm.hubspot.contract.objects import ARCHIVED, INLINE_LINKS, VALUES
from fake_crm.hubspot.contract.shapes import ABSENT, BAD, PARTLY, TAKEN, TEXT, TEXTS, batch, given, inputs, ref
from harness.kit.contract import Answer, Confidence, Example, Link, Operation, Schema

AREA = "batches"
SOURCE = "facts 4.1, 4.4; the vendor's document of each type"
INPUTS_MAX = 100
_DEALS = {"type": "deals"}
_TRACE = {"objectWriteTraceId": TEXT}
_RESULT = {"type": "$request.path.type", "id": "$response.body#/results/0/id"}
_LINKS = {"readFirst": Link("read_{one}", _RESULT), "archiveFirst": Link("archive_{one}", _RESULT)}
_UPDATES = {"inputs": [{"id": DEAL, "properties": {"amount": "1600"}}]}
_CREATES = {"inputs": [{"properties": {"dealname": "one"}}, {"properties": {"dealname": "two", "amount": 12.5}}]}
_UPSERTS = {"inputs": [{"id": ORDER_NUMBER, "idProperty": PROPERTY, "properties": {"amount": "99"}}]}


def _answers(status: int, row: str) -> dict[int, Answer]:
    return {status: Answer(batch(ref(row))), 207: Answer(batch(ref(row)), PARTLY), **BAD}


def _write(summary: str, answers: dict[int, Answer], row: Schema, body: Any, deviations: str = "") -> Operation:
    return Operation(
        summary,
        AREA,
        answers,
        SOURCE,
        Confidence.MEASURED,
        body=inputs(row, INPUTS_MAX),
        examples=[Example(_DEALS, body=body)],
        links=_LINKS,
        deviations=deviations,
    )


OPERATIONS = {
    "batch_read_{many}": Operation(
        "Records by id or by the value of a unique property.",
        AREA,
        {**_answers(200, "BatchRecord"), **ABSENT},
        SOURCE,
        Confidence.MEASURED,
        query={"archived": ARCHIVED},
        body=inputs(
            given({"id": ref("AnyKey")}), INPUTS_MAX, {"properties": TEXTS, "propertiesWithHistory": TEXTS, "idProperty": TEXT}
        ),
        examples=[
            Example(_DEALS, body={"inputs": [{"id": DEAL}], "properties": ["dealname", "amount"]}),
            Example(_DEALS, body={"inputs": [{"id": ORDER_NUMBER}], "idProperty": PROPERTY}, name="byUniqueProperty"),
        ],
        deviations="when every id is missing the answer is 207; the setting `all_missing_status` makes it 404",
    ),
    "batch_create_{many}": _write(
        "New records: all or none, unless every input has its own `objectWriteTraceId`.",
        {**_answers(201, "BatchRecord"), **TAKEN},
        given({"properties": VALUES}, {"associations": INLINE_LINKS, **_TRACE}),
        _CREATES,
    ),
    "batch_update_{many}": _write(
        "Changes of records by id or by a unique property; a missing one is named in a 207.",
        {**_answers(200, "BatchRecord"), **ABSENT, **TAKEN},
        given({"id": ref("AnyKey"), "properties": VALUES}, {"idProperty": TEXT, **_TRACE}),
        _UPDATES,
        "a missing id without trace ids answers 207; the setting `missing_update_status` makes it 404 for all",
    ),
    "batch_upsert_{many}": _write(
        "Records found by one unique property are changed, the others made; `new` says which.",
        {**_answers(200, "UpsertedRecord"), **TAKEN},
        given({"id": ref("AnyKey"), "idProperty": TEXT, "properties": VALUES}, _TRACE),
        _UPSERTS,
        "results come in a seeded order; contacts by e-mail must all set the same properties, refused in our words",
    ),
    "batch_archive_{many}": Operation(
        "Move records to the bin.",
        AREA,
        {204: Answer(), **BAD},
        SOURCE,
        Confidence.INFERRED,
        body=inputs(given({"id": ref("AnyKey")}), INPUTS_MAX),
        examples=[Example(_DEALS, body={"inputs": [{"id": DEAL}]})],
        deviations="unknown ids are passed over in silence (our guess)",
    ),
}

SCHEMAS: dict[str, Schema] = {"AnyKey": {"type": ["string", "integer"], "description": "An id or a value of `idProperty`."}}
