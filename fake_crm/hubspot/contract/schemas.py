"""Custom objects: their definitions, and what they are associated with."""

from __future__ import annotations

from typing import Any

from fake_crm.hubspot.contract.examples import SCHEMA, SCHEMA_ASSOCIATION
from fake_crm.hubspot.contract.properties import INTERNAL_NAME, SOME
from fake_crm.hubspot.contract.shapes import (
    ABSENT,
    BAD,
    FLAG,
    INSTANT,
    NUMBER,
    ORDER,
    TAKEN,
    TEXT,
    TEXTS,
    closed,
    given,
    listed,
    of,
    ref,
)
from harness.kit.contract import Answer, Confidence, Example, Link, Operation, Param, Schema

AREA = "schemas"
SOURCE = "facts 10.4; the vendor's document schemas"
NAME: Schema = {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]{0,99}$"}
LABELS = closed({"singular": TEXT, "plural": TEXT})
_GIVEN_LABELS = given({"singular": SOME, "plural": SOME})
_PATH = {"schema": Param(TEXT, "A custom object's id, its full name, or its full name without the portal's number.")}
_PARTS = {
    "includePropertyDefinitions": Param(FLAG, "False: `properties` stays empty."),
    "includeAssociationDefinitions": Param(FLAG, "False: `associations` stays empty."),
    "includeAuditMetadata": Param(FLAG, "Ignored: who made what is not known here."),
}
_FREE: dict[str, Schema] = {"description": TEXT, "hidden": FLAG, "formField": FLAG}
_PROPERTY = given(
    {"name": INTERNAL_NAME, "label": SOME},
    {**_FREE, "type": SOME, "fieldType": SOME, "groupName": SOME, "hasUniqueValue": FLAG, "displayOrder": ORDER},
)
_DISPLAYED: dict[str, Schema] = {
    "description": TEXT,
    "primaryDisplayProperty": TEXT,
    "secondaryDisplayProperties": TEXTS,
    "searchableProperties": TEXTS,
    "allowsSensitiveProperties": FLAG,
}
_ALONE: dict[str, Schema] = {
    "objectTypeId": TEXT,
    "fullyQualifiedName": TEXT,
    "createdAt": INSTANT,
    "updatedAt": INSTANT,
    "archived": FLAG,
    **_DISPLAYED,
}
_ALWAYS: dict[str, Schema] = {"id": TEXT, "name": TEXT, "labels": LABELS, "requiredProperties": TEXTS}
_SERIAL = {"name": "serial", "label": "Serial number", "hasUniqueValue": True}
NEW: dict[str, Any] = {
    "name": "vehicle",
    "labels": {"singular": "Vehicle", "plural": "Vehicles"},
    "primaryDisplayProperty": "serial",
    "requiredProperties": ["serial"],
    "searchableProperties": ["serial"],
    "properties": [_SERIAL],
    "associatedObjects": ["CONTACT", "DEAL"],
}
_SAME = {"schema": "$response.body#/objectTypeId"}

SCHEMAS: dict[str, Schema] = {
    "CustomObject": closed(
        {**_ALWAYS, "associations": of(ref("AssociationDefinition")), "properties": of(ref("Property"))}, _ALONE
    ),
    "CustomObjectAlone": closed(_ALWAYS, {**_ALONE, "portalId": NUMBER}),
    "AssociationDefinition": closed(
        {"id": TEXT, "name": TEXT, "fromObjectTypeId": TEXT, "toObjectTypeId": TEXT}, {"createdAt": INSTANT, "updatedAt": INSTANT}
    ),
}

OPERATIONS = {
    "list_schemas": Operation(
        "All custom objects; never the vendor's own types.",
        AREA,
        {200: Answer(listed(ref("CustomObject"))), **BAD},
        SOURCE,
        Confidence.DOCUMENTED,
        query={"archived": Param(FLAG, "Only archived ones, instead of only those in use."), **_PARTS},
        examples=[Example()],
    ),
    "create_schema": Operation(
        "A custom object with its properties and associations; its records are there at once.",
        AREA,
        {201: Answer(ref("CustomObject")), **BAD, **TAKEN},
        SOURCE,
        Confidence.DOCUMENTED,
        body=given(
            {"name": NAME, "labels": _GIVEN_LABELS},
            {
                **_DISPLAYED,
                "requiredProperties": TEXTS,
                "properties": of(_PROPERTY),
                "associatedObjects": TEXTS,
                "shouldCreateSameObjectAssociation": FLAG,
            },
        ),
        examples=[Example(body=NEW)],
        links={
            "read": Link("read_schema", _SAME),
            "update": Link("update_schema", _SAME),
            "archive": Link("archive_schema", _SAME),
            "addRecord": Link("create_{one}", {"type": "$response.body#/objectTypeId"}),
        },
        deviations="no associations with activities (mails, calls, notes, tasks, meetings); no limit on how many custom objects "
        "there are; texts of refusals are our guess",
    ),
    "read_schema": Operation(
        "One custom object with its properties and associations.",
        AREA,
        {200: Answer(ref("CustomObject")), **BAD},
        SOURCE,
        Confidence.DOCUMENTED,
        path=_PATH,
        query=_PARTS,
        examples=[Example({"schema": SCHEMA})],
        deviations="the vendor's own types can be read too; an unknown one is a 400 (our guess)",
    ),
    "update_schema": Operation(
        "Change labels, description, and which properties are shown, required or searched; the name stays.",
        AREA,
        {200: Answer(ref("CustomObjectAlone")), **BAD},
        SOURCE,
        Confidence.DOCUMENTED,
        path=_PATH,
        body=given({}, {"labels": given({}, {"singular": SOME, "plural": SOME}), "requiredProperties": TEXTS, **_DISPLAYED}),
        examples=[Example({"schema": SCHEMA}, body={"description": "Who was where"})],
        links={"read": Link("read_schema", _SAME)},
    ),
    "archive_schema": Operation(
        "Archive a custom object without records; with `archived=true` it is gone for good and its name free.",
        AREA,
        {204: Answer(), **BAD},
        SOURCE,
        Confidence.DOCUMENTED,
        path=_PATH,
        query={"archived": Param(FLAG, "Whether to purge instead.")},
        examples=[Example({"schema": SCHEMA}), Example({"schema": SCHEMA}, {"archived": "true"}, name="for good")],
        deviations="only records stand in the way, not properties and associations",
    ),
    "batch_read_schemas": Operation(
        "Custom objects by id or full name.",
        AREA,
        {200: Answer(listed(ref("CustomObject"))), **BAD},
        SOURCE,
        Confidence.DOCUMENTED,
        body=given({"inputs": {"type": "array", "items": TEXT, "maxItems": 100}}, dict.fromkeys(_PARTS, FLAG)),
        examples=[Example(body={"inputs": [SCHEMA], "includePropertyDefinitions": True, "includeAssociationDefinitions": False})],
        deviations="unknown ones are left out (our guess)",
    ),
    "create_schema_association": Operation(
        "Let records of a custom object be linked to those of another type, both directions at once.",
        AREA,
        {201: Answer(ref("AssociationDefinition")), **BAD},
        SOURCE,
        Confidence.DOCUMENTED,
        path=_PATH,
        body=given({"fromObjectTypeId": TEXT, "toObjectTypeId": TEXT}, {"name": TEXT}),
        examples=[
            Example({"schema": SCHEMA}, body={"fromObjectTypeId": SCHEMA, "toObjectTypeId": "0-1", "name": "visit_by_contact"})
        ],
        links={
            "archive": Link("archive_schema_association", {"schema": "$request.path.schema", "name": "$response.body#/id"}),
        },
    ),
    "archive_schema_association": Operation(
        "Take an association away, from all links as well.",
        AREA,
        {204: Answer(), **BAD, **ABSENT},
        SOURCE,
        Confidence.DOCUMENTED,
        path={**_PATH, "name": Param(TEXT, "The association's id, or its name.")},
        examples=[Example({"schema": SCHEMA, "name": SCHEMA_ASSOCIATION})],
    ),
}
