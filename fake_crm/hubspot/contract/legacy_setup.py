"""What v1 and v2 tell about the setup: property definitions, pipelines, tax rates."""

from __future__ import annotations

from fake_crm.hubspot.contract.shapes import ABSENT, BAD, FLAG, INSTANT, NUMBER, TEXT, closed, listed, of, paged, ref
from harness.kit.contract import Answer, Confidence, Example, Operation, Param, Schema

AREA = "legacy"
SOURCE = "facts 14.3, 15; requests of the n8n node; the vendor's v1 documentation"
_NUMBER_OR_NULL: Schema = {"type": ["integer", "null"]}
_NEVER: Schema = {"type": "null"}
_DECIMAL: Schema = {"type": "number"}
_OPTION = closed(
    {
        "label": TEXT,
        "value": TEXT,
        "displayOrder": NUMBER,
        "hidden": FLAG,
        "description": TEXT,
        "readOnly": FLAG,
        "doubleData": _DECIMAL,
    }
)
_STAGE = closed(
    {
        "stageId": TEXT,
        "label": TEXT,
        "probability": _DECIMAL,
        "active": FLAG,
        "displayOrder": NUMBER,
        "closedWon": FLAG,
    }
)
_CRM_STAGE = closed(
    {
        "stageId": TEXT,
        "label": TEXT,
        "displayOrder": NUMBER,
        "metadata": {"type": "object", "additionalProperties": TEXT},
        "active": FLAG,
        "createdAt": NUMBER,
        "updatedAt": NUMBER,
    }
)
_CRM_PIPELINE = closed(
    {
        "pipelineId": TEXT,
        "label": TEXT,
        "objectType": TEXT,
        "objectTypeId": TEXT,
        "displayOrder": NUMBER,
        "active": FLAG,
        "default": FLAG,
        "createdAt": NUMBER,
        "updatedAt": NUMBER,
        "stages": of(_CRM_STAGE),
    }
)
_TAX_RATE = closed(
    {
        "id": TEXT,
        "name": TEXT,
        "label": TEXT,
        "percentageRate": _DECIMAL,
        "active": FLAG,
        "createdAt": INSTANT,
        "updatedAt": INSTANT,
    }
)
SCHEMAS: dict[str, Schema] = {
    "LegacyProperty": closed(
        {
            **dict.fromkeys(("name", "label", "description", "groupName", "type", "fieldType", "displayMode"), TEXT),
            **dict.fromkeys(("displayOrder", "favoritedOrder"), NUMBER),
            **dict.fromkeys(("formField", "hidden", "calculated", "externalOptions", "readOnlyValue", "readOnlyDefinition"), FLAG),
            **dict.fromkeys(("mutableDefinitionNotDeletable", "deleted", "favorited"), FLAG),
            "hubspotDefined": {"enum": [True, None]},
            "options": of(_OPTION),
            **dict.fromkeys(("createdAt", "updatedAt"), _NUMBER_OR_NULL),
            **dict.fromkeys(("createdUserId", "updatedUserId"), _NEVER),
        }
    ),
    "LegacyPipeline": closed({"pipelineId": TEXT, "label": TEXT, "active": FLAG, "displayOrder": NUMBER, "stages": of(_STAGE)}),
}
_DEALS = Example({"type": "deals"})
_DEALTYPE = Example({"type": "deals", "name": "dealtype"})
_PAGE: Schema = {"type": "integer", "minimum": 0, "maximum": 10**17}


def _properties(example: Example) -> Operation:
    text = "All property definitions of a type, as an array; `hubspotDefined` is null on the account's own."
    answers = {200: Answer(of(ref("LegacyProperty"))), **BAD}
    return Operation(text, AREA, answers, SOURCE, Confidence.MEASURED, examples=[example])


def _property() -> Operation:
    answers = {200: Answer(ref("LegacyProperty")), **BAD, **ABSENT}
    return Operation("One property definition.", AREA, answers, SOURCE, Confidence.MEASURED, examples=[_DEALTYPE])


OPERATIONS = {
    "list_company_properties_v2": _properties(Example()),
    "list_properties_v1": _properties(_DEALS),
    "list_properties_v2": _properties(_DEALS),
    "read_property_v1": _property(),
    "read_property_v2": _property(),
    "list_pipelines_v1": Operation(
        "The pipelines of deals, as an array.",
        AREA,
        {200: Answer(of(ref("LegacyPipeline")))},
        "facts 15",
        Confidence.MEASURED,
        examples=[Example()],
    ),
    "read_pipeline_v1": Operation(
        "One pipeline of deals.",
        AREA,
        {200: Answer(ref("LegacyPipeline")), **ABSENT},
        "facts 15",
        Confidence.INFERRED,
        path={"id": Param(TEXT, "A pipeline's id, such as `default`.")},
        examples=[Example({"id": "default"})],
    ),
    "list_crm_pipelines_v1": Operation(
        "The pipelines of a type, as n8n reads them.",
        AREA,
        {200: Answer(listed(_CRM_PIPELINE)), **BAD},
        SOURCE,
        Confidence.INFERRED,
        examples=[_DEALS],
        deviations="clients were seen to read ids and labels only; the other keys are our guess",
    ),
    "list_tax_rates_v1": Operation(
        "The account's tax rates.",
        AREA,
        {200: Answer(paged(_TAX_RATE)), **BAD},
        "facts 7.2",
        Confidence.DOCUMENTED,
        query={"limit": Param(_PAGE), "after": Param(_PAGE, "The id of the next rate.")},
        examples=[Example()],
        deviations="three rates that cannot be changed; no scope is asked for",
    ),
}
