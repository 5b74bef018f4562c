"""Records of any type, one at a time."""

from __future__ import annotations

from fake_crm.hubspot.contract.examples import COMPANY, CONTACT, DEAL
from fake_crm.hubspot.contract.shapes import ABSENT, BAD, FLAG, ID, INSTANT, TAKEN, TEXT, closed, given, of, paged, ref
from fake_crm.hubspot.model.standard_types import STANDARD
from harness.kit.contract import Answer, Confidence, Example, Link, Operation, Param, Schema

AREA = "objects"
PROPERTIES = Param(TEXT, "Names of properties to return, comma-separated or repeated; names nobody defined are ignored.")
WITH_HISTORY = Param(TEXT, "Like `properties`, with all earlier values.")
ASSOCIATIONS = Param(TEXT, "Object types whose links to return, comma-separated or repeated.")
ARCHIVED = Param(FLAG, "Only records in the bin, instead of only those outside.")
ID_PROPERTY = Param(TEXT, "The unique property that the id in the path is a value of.")
AFTER = Param(TEXT, "`paging.next.after` of the page before.")


def limit(most: int, usual: int) -> Param:
    return Param({"type": "integer", "minimum": 1, "maximum": most}, f"Rows of a page, {usual} where nothing is said.")


READING = {
    "properties": PROPERTIES,
    "propertiesWithHistory": WITH_HISTORY,
    "associations": ASSOCIATIONS,
    "archived": ARCHIVED,
}
ASSOCIATION_SPEC: Schema = given(
    {"associationTypeId": {"type": "integer", "minimum": 1}},
    {"associationCategory": {"enum": ["HUBSPOT_DEFINED", "USER_DEFINED", "INTEGRATOR_DEFINED"]}},
)
INLINE_LINKS: Schema = of(given({"to": given({"id": ref("AnyId")}), "types": of(ASSOCIATION_SPEC)}))
VALUES: Schema = {"type": "object", "additionalProperties": ref("PropertyInput")}
RECORD = {"id": ID, "properties": ref("Values"), "createdAt": INSTANT, "updatedAt": INSTANT, "archived": FLAG}
_MORE = {"archivedAt": INSTANT, "url": TEXT, "propertiesWithHistory": ref("History")}
_PAST = closed(
    {"value": TEXT, "timestamp": INSTANT, "sourceType": TEXT},
    {"sourceId": TEXT, "sourceLabel": TEXT, "updatedByUserId": {"type": "integer"}},
)
_LINKED = closed({"results": of(closed({"id": ID, "type": TEXT}))}, {"paging": ref("Paging")})

SCHEMAS: dict[str, Schema] = {
    "AnyId": {"anyOf": [{"type": "string", "pattern": "^[0-9]{1,17}$"}, {"type": "integer", "minimum": 1}]},
    "ObjectTypeName": {
        "anyOf": [
            {"enum": [name for kind in STANDARD for name in (kind.plural, kind.singular, kind.type_id)]},
            {"type": "string", "pattern": "^(2-[0-9]{1,9}|p[0-9]*_[a-z][a-z0-9_]{0,60})$"},
        ]
    },
    "PropertyInput": {"type": ["string", "number", "boolean", "null"]},
    "Values": {"type": "object", "additionalProperties": {"type": ["string", "null"]}},
    "History": {"type": "object", "additionalProperties": of(_PAST)},
    "Record": closed(RECORD, {**_MORE, "associations": {"type": "object", "additionalProperties": _LINKED}}),
    "BatchRecord": closed(RECORD, {**_MORE, "objectWriteTraceId": TEXT}),
    "UpsertedRecord": closed({**RECORD, "new": FLAG}, {**_MORE, "objectWriteTraceId": TEXT}),
}

_SAME = {"type": "$request.path.type", "id": "$response.body#/id"}
_AS_INPUT = {"inputs": [{"id": "$response.body#/id"}]}
_AS_UPDATE = {"inputs": [{"id": "$response.body#/id", "properties": "$request.body#/properties"}]}
_TYPE = {"type": "$request.path.type"}
_LINKS = {
    "read": Link("read_{one}", _SAME),
    "update": Link("update_{one}", _SAME),
    "archive": Link("archive_{one}", _SAME),
    "readInBatch": Link("batch_read_{many}", _TYPE, _AS_INPUT),
    "updateInBatch": Link("batch_update_{many}", _TYPE, _AS_UPDATE),
    "archiveInBatch": Link("batch_archive_{many}", _TYPE, _AS_INPUT),
    "listLinks": Link("read_associations", _SAME),
    "linkFrom": Link("associate_default", _SAME),
    "linkTo": Link("associate_default", {"to": "$request.path.type", "to_id": "$response.body#/id"}),
}

OPERATIONS = {
    "list_{many}": Operation(
        "A page of records, ids ascending.",
        AREA,
        {200: Answer(paged(ref("Record"))), **BAD},
        "facts 4.1, 4.2; the vendor's document of each type",
        Confidence.DOCUMENTED,
        query={"limit": limit(100, 10), "after": AFTER, **READING},
        examples=[Example({"type": "deals"}, {"limit": "2", "properties": "dealname,amount", "associations": "companies"})],
        deviations="the order is our guess; a `limit` above 100 is refused in our words",
    ),
    "create_{one}": Operation(
        "A new record, with links to others if wanted.",
        AREA,
        {201: Answer(ref("Record")), **BAD, **TAKEN},
        "facts 4.1, 4.3, 5.3; the vendor's document of each type",
        Confidence.DOCUMENTED,
        body=given({"properties": VALUES}, {"associations": INLINE_LINKS}),
        examples=[
            Example(
                {"type": "deals"},
                body={
                    "properties": {"dealname": "ACME renewal", "amount": "1520.50", "closedate": "2026-09-30T12:00:00Z"},
                    "associations": [
                        {
                            "to": {"id": COMPANY},
                            "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 341}],
                        }
                    ],
                },
            )
        ],
        links=_LINKS,
        deviations="contacts, companies and deals need no property at all",
    ),
    "read_{one}": Operation(
        "One record, by id or by the value of a unique property.",
        AREA,
        {200: Answer(ref("Record")), **BAD, **ABSENT},
        "facts 4.1 to 4.3, 5.2; the vendor's document of each type",
        Confidence.DOCUMENTED,
        query={**READING, "idProperty": ID_PROPERTY},
        examples=[
            Example({"type": "deals", "id": DEAL}, {"associations": "companies"}),
            Example({"type": "contacts", "id": "jo@acme.com"}, {"idProperty": "email"}, name="byEmail"),
        ],
        path={"id": Param(TEXT, "A record's id, or a value of `idProperty`.")},
    ),
    "update_{one}": Operation(
        "Change values of one record; the answer shows what changed.",
        AREA,
        {200: Answer(ref("Record")), **BAD, **ABSENT, **TAKEN},
        "facts 4.1, 4.3, 6; the vendor's document of each type",
        Confidence.DOCUMENTED,
        query={"idProperty": ID_PROPERTY},
        body=given({"properties": VALUES}),
        examples=[Example({"type": "contacts", "id": CONTACT}, body={"properties": {"firstname": "Jo"}})],
        path={"id": Param(TEXT, "A record's id, or a value of `idProperty`.")},
        links={"read": Link("read_{one}", _SAME), "archive": Link("archive_{one}", _SAME)},
        deviations="which system properties come along is our guess",
    ),
    "archive_{one}": Operation(
        "Move a record to the bin.",
        AREA,
        {204: Answer(), **BAD, **ABSENT},
        "facts 4.1, 4.6; the vendor's document of each type",
        Confidence.DOCUMENTED,
        examples=[Example({"type": "deals", "id": DEAL})],
        links={"readFromBin": Link("read_{one}", {"type": "$request.path.type", "id": "$request.path.id"})},
        deviations="an unknown numeric id, or one that went under in a merge, answers 204 as well (our guess)",
    ),
}
