"""Definitions of properties, and the groups they stand in."""

from __future__ import annotations

from typing import Any

from fake_crm.hubspot.contract.examples import GROUP, PROPERTY
from fake_crm.hubspot.contract.shapes import (
    ABSENT,
    BAD,
    FLAG,
    INSTANT,
    ORDER,
    PARTLY,
    TAKEN,
    TEXT,
    batch,
    closed,
    given,
    inputs,
    listed,
    of,
    ref,
)
from harness.kit.contract import Answer, Confidence, Example, Link, Operation, Param, Schema

AREA = "properties"
SOURCE = "facts 10.1; the vendor's document properties"
KINDS = {  # type → what may edit it
    "bool": ["booleancheckbox"],
    "enumeration": ["booleancheckbox", "checkbox", "radio", "select"],
    "date": ["date"],
    "datetime": ["date"],
    "string": ["text", "textarea", "html", "file", "phonenumber"],
    "phone_number": ["phonenumber"],
    "number": ["number"],
}
FIELD_TYPES = sorted({each for field_types in KINDS.values() for each in field_types})
INTERNAL_NAME: Schema = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,99}$"}
GROUP_NAME: Schema = {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,100}$"}
SOME: Schema = {"type": "string", "minLength": 1}
_DEALS = {"type": "deals"}
_ONE = {"type": "deals", "name": PROPERTY}
_GROUP = {"type": "deals", "name": GROUP}
_NEW: dict[str, Any] = {
    "name": "erp_status",
    "label": "ERP status",
    "type": "enumeration",
    "fieldType": "select",
    "groupName": "dealinformation",
    "options": [{"label": "Open", "value": "open", "displayOrder": 0}, {"label": "Billed", "value": "billed", "displayOrder": 1}],
}
_TYPE = {"type": "$request.path.type"}
_SAME = {**_TYPE, "name": "$response.body#/name"}
_AS_INPUT = {"inputs": [{"name": "$response.body#/name"}]}
_ARCHIVED = Param(FLAG, "Only archived definitions, instead of only those in use.")
_OPTION = closed({"label": TEXT, "value": TEXT, "displayOrder": ORDER, "hidden": FLAG}, {"description": TEXT})
_GIVEN_OPTION = given({"label": SOME, "value": SOME}, {"displayOrder": ORDER, "hidden": FLAG, "description": TEXT})
_RESTRICTIONS = closed({"archivable": FLAG, "readOnlyDefinition": FLAG, "readOnlyValue": FLAG}, {"readOnlyOptions": FLAG})
_FREE: dict[str, Schema] = {"description": TEXT, "hidden": FLAG, "formField": FLAG}
_YES_OR_NO: Schema = {
    "const": [{"label": "Yes", "value": "true", "displayOrder": 0}, {"label": "No", "value": "false", "displayOrder": 1}]
}


def _creation(kind: str) -> Schema:
    """A new property of this type. A bool names its two options."""
    options = {"options": _YES_OR_NO if kind == "bool" else of(_GIVEN_OPTION)}
    needed: dict[str, Schema] = {
        "name": INTERNAL_NAME,
        "label": SOME,
        "type": {"const": kind},
        "fieldType": {"enum": KINDS[kind]},
        "groupName": SOME,
        **(options if kind == "bool" else {}),
    }
    return given(needed, {**_FREE, **options, "hasUniqueValue": FLAG, "displayOrder": ORDER})


SCHEMAS: dict[str, Schema] = {
    "NewProperty": {"anyOf": [_creation(kind) for kind in KINDS]},
    "Property": closed(
        {
            "name": TEXT,
            "label": TEXT,
            "type": TEXT,
            "fieldType": TEXT,
            "groupName": TEXT,
            "description": TEXT,
            "options": of(_OPTION),
            "displayOrder": ORDER,
            "calculated": FLAG,
            "externalOptions": FLAG,
            "hasUniqueValue": FLAG,
            "hidden": FLAG,
            "hubspotDefined": FLAG,
            "formField": FLAG,
            "archived": FLAG,
            "modificationMetadata": _RESTRICTIONS,
        },
        {
            "dataSensitivity": TEXT,
            "createdAt": INSTANT,
            "updatedAt": INSTANT,
            "archivedAt": INSTANT,
            "createdUserId": TEXT,
            "updatedUserId": TEXT,
            "referencedObjectType": TEXT,
            "showCurrencySymbol": FLAG,
            "currencyPropertyName": TEXT,
        },
    ),
    "PropertyGroup": closed({"name": TEXT, "label": TEXT, "displayOrder": ORDER, "archived": FLAG}),
}

OPERATIONS = {
    "list_properties": Operation(
        "All definitions of an object type at once.",
        AREA,
        {200: Answer(listed(ref("Property"))), **BAD},
        SOURCE,
        Confidence.DOCUMENTED,
        query={"archived": _ARCHIVED},
        examples=[Example(_DEALS)],
        deviations="the stock definitions are those a quote-to-cash flow meets, not the vendor's hundreds",
    ),
    "create_property": Operation(
        "A custom property; an archived one of the same name comes back.",
        AREA,
        {201: Answer(ref("Property")), **BAD, **TAKEN},
        SOURCE,
        Confidence.DOCUMENTED,
        body=ref("NewProperty"),
        examples=[Example(_DEALS, body=_NEW)],
        links={
            "read": Link("read_property", _SAME),
            "update": Link("update_property", _SAME),
            "archive": Link("archive_property", _SAME),
            "readInBatch": Link("batch_read_properties", _TYPE, _AS_INPUT),
            "archiveInBatch": Link("batch_archive_properties", _TYPE, _AS_INPUT),
        },
        deviations="texts of refusals are our guess; at once visible to records; values of sensitive ones are no secret",
    ),
    "read_property": Operation(
        "One definition.",
        AREA,
        {200: Answer(ref("Property")), **BAD, **ABSENT},
        SOURCE,
        Confidence.DOCUMENTED,
        query={"archived": _ARCHIVED},
        examples=[Example(_ONE)],
    ),
    "update_property": Operation(
        "Change a definition; options are replaced as a whole.",
        AREA,
        {200: Answer(ref("Property")), **BAD, **ABSENT},
        SOURCE,
        Confidence.DOCUMENTED,
        body=given(
            {},
            {
                "label": TEXT,
                "groupName": TEXT,
                "type": {"enum": list(KINDS)},
                "fieldType": {"enum": FIELD_TYPES},
                "options": of(_GIVEN_OPTION),
                **_FREE,
            },
        ),
        examples=[Example(_ONE, body={"label": "ERP order"})],
        links={"read": Link("read_property", _SAME)},
    ),
    "archive_property": Operation(
        "Archive a custom property; stored values are kept and not shown.",
        AREA,
        {204: Answer(), **BAD, **ABSENT},
        SOURCE,
        Confidence.DOCUMENTED,
        examples=[Example(_ONE)],
    ),
    "batch_read_properties": Operation(
        "Definitions by name.",
        AREA,
        {200: Answer(batch(ref("Property"))), 207: Answer(batch(ref("Property")), PARTLY), **BAD},
        SOURCE,
        Confidence.DOCUMENTED,
        body=given(
            {"inputs": {"type": "array", "items": given({"name": SOME}), "minItems": 1, "maxItems": 100}}, {"archived": FLAG}
        ),
        examples=[Example(_DEALS, body={"archived": False, "inputs": [{"name": PROPERTY}]})],
    ),
    "batch_create_properties": Operation(
        "Up to 100 custom properties, each on its own.",
        AREA,
        {201: Answer(batch(ref("Property"))), 207: Answer(batch(ref("Property")), PARTLY), **BAD},
        SOURCE,
        Confidence.DOCUMENTED,
        body=inputs(ref("NewProperty"), 100),
        examples=[Example(_DEALS, body={"inputs": [_NEW]})],
    ),
    "batch_archive_properties": Operation(
        "Archive custom properties by name.",
        AREA,
        {204: Answer(), **BAD, **ABSENT},
        SOURCE,
        Confidence.DOCUMENTED,
        body=inputs(given({"name": SOME}), 100),
        examples=[Example(_DEALS, body={"inputs": [{"name": PROPERTY}]})],
    ),
    "list_property_groups": Operation(
        "All groups of an object type.",
        AREA,
        {200: Answer(listed(ref("PropertyGroup"))), **BAD},
        SOURCE,
        Confidence.DOCUMENTED,
        examples=[Example(_DEALS)],
        deviations="one stock group a type",
    ),
    "create_property_group": Operation(
        "A group for custom properties.",
        AREA,
        {201: Answer(ref("PropertyGroup")), **BAD, **TAKEN},
        SOURCE,
        Confidence.DOCUMENTED,
        body=given({"name": GROUP_NAME, "label": SOME}, {"displayOrder": ORDER}),
        examples=[Example(_DEALS, body={"name": "billing", "label": "Billing"})],
        links={
            "read": Link("read_property_group", _SAME),
            "update": Link("update_property_group", _SAME),
            "archive": Link("archive_property_group", _SAME),
        },
        deviations="which names are refused is our guess",
    ),
    "read_property_group": Operation(
        "One group.",
        AREA,
        {200: Answer(ref("PropertyGroup")), **BAD, **ABSENT},
        SOURCE,
        Confidence.DOCUMENTED,
        examples=[Example(_GROUP)],
    ),
    "update_property_group": Operation(
        "Rename or move a group.",
        AREA,
        {200: Answer(ref("PropertyGroup")), **BAD, **ABSENT},
        SOURCE,
        Confidence.DOCUMENTED,
        body=given({}, {"label": SOME, "displayOrder": ORDER}),
        examples=[Example(_GROUP, body={"label": "Enterprise resources"})],
        links={"read": Link("read_property_group", _SAME)},
        deviations="the vendor's own group stays as it is (our guess)",
    ),
    "archive_property_group": Operation(
        "Archive a group.",
        AREA,
        {204: Answer(), **BAD, **ABSENT},
        SOURCE,
        Confidence.DOCUMENTED,
        examples=[Example(_GROUP)],
        deviations="refused while properties stand in it (our guess)",
    ),
}
