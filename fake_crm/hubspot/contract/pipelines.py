"""Pipelines and their stages."""

from __future__ import annotations

from typing import Any

from fake_crm.hubspot.contract.examples import PIPELINE, STAGE
from fake_crm.hubspot.contract.shapes import ABSENT, BAD, FLAG, INSTANT, ORDER, TEXT, closed, given, listed, of, ref
from harness.kit.contract import Answer, Confidence, Example, Link, Operation, Param, Schema

AREA = "pipelines"
SOURCE = "facts 10.2; the vendor's document pipelines"
LOWER: Schema = {"type": "string", "pattern": "^[a-z0-9_-]{1,40}$"}
_CHECKED = {
    "validateReferencesBeforeDelete": Param(
        FLAG, "Refuse while records stand in what would go; on dated paths from 2026-09 on the rule."
    ),
    "validateDealStageUsagesBeforeDelete": Param(FLAG, "The same."),
}
LABEL: Schema = {"type": "string", "minLength": 1}
METADATA: Schema = {
    **given(
        {},
        {
            "probability": {"enum": [f"{tenth / 10:.1f}" for tenth in range(11)]},
            "ticketState": {"enum": ["OPEN", "CLOSED"]},
            "state": {"enum": ["OPEN", "CLOSED"]},
        },
    ),
    "description": "What a stage means: a deal's needs `probability`; a ticket may have `ticketState`, an order `state`.",
}
STAGE_BODY = given({"label": LABEL, "displayOrder": ORDER, "metadata": METADATA}, {"stageId": LOWER})
_PATH = {"id": Param(TEXT, "A pipeline's id, such as `default`.")}
_DEALS = {"type": "deals"}
_ONE = {"type": "deals", "id": PIPELINE}
_STAGE = {**_ONE, "stage_id": STAGE}
_NEW_STAGE: dict[str, Any] = {"label": "Ordered", "displayOrder": 1, "metadata": {"probability": "0.9"}}
_SAME = {"type": "$request.path.type", "id": "$response.body#/id"}
_REPLACE = {"label": "Renewals", "displayOrder": 2, "stages": [_NEW_STAGE]}
_OF_PIPELINE = {"type": "$request.path.type", "id": "$request.path.id", "stage_id": "$response.body#/id"}

SCHEMAS: dict[str, Schema] = {
    "Stage": closed(
        {
            "id": TEXT,
            "label": TEXT,
            "displayOrder": ORDER,
            "metadata": {"type": "object", "additionalProperties": TEXT},
            "createdAt": INSTANT,
            "updatedAt": INSTANT,
            "archived": FLAG,
            "writePermissions": TEXT,
        },
        {"archivedAt": INSTANT},
    ),
    "Pipeline": closed(
        {
            "id": TEXT,
            "label": TEXT,
            "displayOrder": ORDER,
            "stages": of(ref("Stage")),
            "createdAt": INSTANT,
            "updatedAt": INSTANT,
            "archived": FLAG,
        },
        {"archivedAt": INSTANT},
    ),
    "AuditedChange": closed(
        {
            "action": {"enum": ["CREATE", "UPDATE", "DELETE"]},
            "identifier": TEXT,
            "portalId": {"type": "integer"},
            "timestamp": INSTANT,
            "rawObject": {"anyOf": [ref("Pipeline"), ref("Stage")]},
        },
        {"fromUserId": {"type": "integer"}, "message": TEXT},
    ),
}

OPERATIONS = {
    "list_pipelines": Operation(
        "All pipelines of an object type, with their stages.",
        AREA,
        {200: Answer(listed(ref("Pipeline"))), **BAD},
        SOURCE,
        Confidence.DOCUMENTED,
        examples=[Example(_DEALS)],
    ),
    "create_pipeline": Operation(
        "A pipeline with stages.",
        AREA,
        {201: Answer(ref("Pipeline")), **BAD},
        SOURCE,
        Confidence.DOCUMENTED,
        body=given({"label": LABEL, "displayOrder": ORDER, "stages": of(STAGE_BODY)}, {"pipelineId": LOWER}),
        examples=[Example(_DEALS, body={"label": "Renewals", "displayOrder": 1, "stages": [_NEW_STAGE]})],
        links={
            "read": Link("read_pipeline", _SAME),
            "update": Link("update_pipeline", _SAME),
            "replace": Link("replace_pipeline", _SAME),
            "audit": Link("read_pipeline_audit", _SAME),
            "addStage": Link("create_stage", _SAME),
            "archive": Link("archive_pipeline", _SAME),
        },
        deviations="what is refused in which words is our guess",
    ),
    "read_pipeline": Operation(
        "One pipeline with its stages.",
        AREA,
        {200: Answer(ref("Pipeline")), **BAD, **ABSENT},
        SOURCE,
        Confidence.DOCUMENTED,
        path=_PATH,
        examples=[Example({"type": "deals", "id": "default"})],
    ),
    "update_pipeline": Operation(
        "Rename or move a pipeline, or bring an archived one back with `archived: false`.",
        AREA,
        {200: Answer(ref("Pipeline")), **BAD, **ABSENT},
        SOURCE,
        Confidence.DOCUMENTED,
        path=_PATH,
        body=given({}, {"label": LABEL, "displayOrder": ORDER, "archived": {"const": False}}),
        examples=[Example(_ONE, body={"label": "Renewals of old contracts"})],
        links={"read": Link("read_pipeline", _SAME)},
    ),
    "archive_pipeline": Operation(
        "Remove a pipeline; records in it are stranded.",
        AREA,
        {204: Answer(), **BAD, **ABSENT},
        SOURCE,
        Confidence.DOCUMENTED,
        path=_PATH,
        query=_CHECKED,
        examples=[Example(_ONE)],
        deviations="that the last pipeline of a type stays is our guess",
    ),
    "list_stages": Operation(
        "The stages of a pipeline.",
        AREA,
        {200: Answer(listed(ref("Stage"))), **BAD, **ABSENT},
        SOURCE,
        Confidence.DOCUMENTED,
        path=_PATH,
        examples=[Example(_ONE)],
    ),
    "create_stage": Operation(
        "One more stage.",
        AREA,
        {201: Answer(ref("Stage")), **BAD, **ABSENT},
        SOURCE,
        Confidence.DOCUMENTED,
        path=_PATH,
        body=STAGE_BODY,
        examples=[Example(_ONE, body=_NEW_STAGE)],
        links={
            "read": Link("read_stage", _OF_PIPELINE),
            "update": Link("update_stage", _OF_PIPELINE),
            "replace": Link("replace_stage", _OF_PIPELINE),
            "audit": Link("read_stage_audit", _OF_PIPELINE),
            "archive": Link("archive_stage", _OF_PIPELINE),
        },
    ),
    "read_stage": Operation(
        "One stage.",
        AREA,
        {200: Answer(ref("Stage")), **BAD, **ABSENT},
        SOURCE,
        Confidence.DOCUMENTED,
        path=_PATH,
        examples=[Example(_STAGE)],
    ),
    "update_stage": Operation(
        "Rename or move a stage, or say what it means; its id stays.",
        AREA,
        {200: Answer(ref("Stage")), **BAD, **ABSENT},
        SOURCE,
        Confidence.DOCUMENTED,
        path=_PATH,
        body=given({}, {"label": LABEL, "displayOrder": ORDER, "metadata": METADATA}),
        examples=[Example(_STAGE, body={"label": "In delivery"})],
        links={"read": Link("read_stage", _OF_PIPELINE)},
    ),
    "archive_stage": Operation(
        "Remove a stage; records in it are stranded.",
        AREA,
        {204: Answer(), **BAD, **ABSENT},
        SOURCE,
        Confidence.DOCUMENTED,
        path=_PATH,
        query=_CHECKED,
        examples=[Example(_STAGE)],
    ),
    "replace_pipeline": Operation(
        "A pipeline as the body says: stages with a known `stageId` stay, others are new, the rest goes.",
        AREA,
        {200: Answer(ref("Pipeline")), **BAD, **ABSENT},
        SOURCE,
        Confidence.DOCUMENTED,
        path=_PATH,
        query=_CHECKED,
        body=given({"label": LABEL, "displayOrder": ORDER, "stages": of(STAGE_BODY)}),
        examples=[Example(_ONE, body=_REPLACE)],
        links={"read": Link("read_pipeline", _SAME)},
    ),
    "replace_stage": Operation(
        "A stage as the body says; its id stays.",
        AREA,
        {200: Answer(ref("Stage")), **BAD, **ABSENT},
        SOURCE,
        Confidence.DOCUMENTED,
        path=_PATH,
        body=given({"label": LABEL, "displayOrder": ORDER, "metadata": METADATA}),
        examples=[Example(_STAGE, body=_NEW_STAGE)],
        links={"read": Link("read_stage", _OF_PIPELINE)},
    ),
    "read_pipeline_audit": Operation(
        "All changes of a pipeline, of a deleted one too; the newest first.",
        AREA,
        {200: Answer(listed(ref("AuditedChange"))), **BAD, **ABSENT},
        SOURCE,
        Confidence.DOCUMENTED,
        path=_PATH,
        examples=[Example(_ONE)],
        deviations="names of actions and the order are our guess",
    ),
    "read_stage_audit": Operation(
        "All changes of a stage, of a deleted one too; the newest first.",
        AREA,
        {200: Answer(listed(ref("AuditedChange"))), **BAD, **ABSENT},
        SOURCE,
        Confidence.DOCUMENTED,
        path=_PATH,
        examples=[Example(_STAGE)],
        deviations="names of actions and the order are our guess",
    ),
}
