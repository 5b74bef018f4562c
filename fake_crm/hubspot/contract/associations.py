"""Associations v4: links between records. Ids are JSON numbers under `/crm/v4`, text on the dated paths."""

from __future__ import annotations

from typing import Any

from fake_crm.hubspot.contract.examples import COMPANY, DEAL, SECOND_COMPANY, SECOND_DEAL
from fake_crm.hubspot.contract.objects import AFTER, ASSOCIATION_SPEC, limit
from fake_crm.hubspot.contract.shapes import (
    ABSENT,
    BAD,
    ID,
    NUMBER,
    PARTLY,
    TEXT,
    batch,
    closed,
    given,
    inputs,
    of,
    paged,
    ref,
)
from harness.kit.contract import Answer, Confidence, Example, Link, Operation, Schema

AREA = "associations"
SOURCE = "facts 9.1, 9.4; the vendor's document associations_v4"
CATEGORY: Schema = {"enum": ["HUBSPOT_DEFINED", "USER_DEFINED", "INTEGRATOR_DEFINED"]}
LABEL: Schema = {"type": ["string", "null"]}
END = closed({"id": ID})
GIVEN_END = given({"id": ref("AnyId")})
_PAIR = {"type": "deals", "to": "companies"}
_SPEC = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 341}]
_ENDS: dict[str, Any] = {"from": {"id": SECOND_DEAL}, "to": {"id": SECOND_COMPANY}}
_SAME = {"type": "$request.path.type", "to": "$request.path.to", "id": "$request.path.id"}
_BOTH = {**_SAME, "to_id": "$request.path.to_id"}
_TYPES = {"type": "$request.path.type", "to": "$request.path.to"}
_FROM_PATH = {"from": {"id": "$request.path.id"}, "to": {"id": "$request.path.to_id"}}
_AFTER = {
    "read": Link("read_associations", _SAME),
    "archive": Link("archive_association", _BOTH),
    "label": Link("associate", _BOTH),
    "readInBatch": Link("batch_read_associations", _TYPES, {"inputs": [{"id": "$request.path.id"}]}),
    "linkInBatch": Link("batch_associate_default", _TYPES, {"inputs": [_FROM_PATH]}),
    "archiveInBatch": Link(
        "batch_archive_associations",
        _TYPES,
        {"inputs": [{"from": {"id": "$request.path.id"}, "to": [{"id": "$request.path.to_id"}]}]},
    ),
    "readByName": Link("batch_read_associations_v3", _TYPES, {"inputs": [{"id": "$request.path.id"}]}),
    "archiveByName": Link("batch_archive_associations_v3", _TYPES, {"inputs": [_FROM_PATH]}),
}

SCHEMAS: dict[str, Schema] = {
    "LinkedId": {"type": "integer", "minimum": 1},
    "AssociationType": closed({"category": CATEGORY, "typeId": NUMBER, "label": LABEL}),
    "Link": closed({"toObjectId": ref("LinkedId"), "associationTypes": of(ref("AssociationType"))}),
    "LabelledLink": closed(
        {
            "fromObjectTypeId": TEXT,
            "fromObjectId": ref("LinkedId"),
            "toObjectTypeId": TEXT,
            "toObjectId": ref("LinkedId"),
            "labels": of(TEXT),
        }
    ),
    "DefaultLink": closed(
        {
            "from": END,
            "to": END,
            "associationSpec": closed({"associationCategory": CATEGORY, "associationTypeId": NUMBER}),
        }
    ),
    "LinksOfOne": closed({"from": END, "to": of(ref("Link"))}, {"paging": ref("Paging")}),
}
SCHEMAS_DATED: dict[str, Schema] = {"LinkedId": ID}

OPERATIONS = {
    "read_associations": Operation(
        "A page of the links of one record to records of one type.",
        AREA,
        {200: Answer(paged(ref("Link"))), **BAD, **ABSENT},
        SOURCE,
        Confidence.MEASURED,
        query={"limit": limit(500, 500), "after": AFTER},
        examples=[Example({**_PAIR, "id": DEAL})],
        deviations="an unknown record has no links, and is no error; the order is that of linking",
    ),
    "associate": Operation(
        "Give a pair these labels, instead of those it had.",
        AREA,
        {201: Answer(ref("LabelledLink")), **BAD},
        SOURCE,
        Confidence.DOCUMENTED,
        body=of(ASSOCIATION_SPEC),
        examples=[Example({**_PAIR, "id": SECOND_DEAL, "to_id": SECOND_COMPANY}, body=_SPEC)],
        links=_AFTER,
    ),
    "associate_default": Operation(
        "Link a pair without a label, in both directions.",
        AREA,
        {200: Answer(batch(ref("DefaultLink"))), **BAD},
        SOURCE,
        Confidence.DOCUMENTED,
        examples=[Example({**_PAIR, "id": SECOND_DEAL, "to_id": SECOND_COMPANY})],
        links=_AFTER,
        deviations="the first company of a contact or deal becomes its primary one (our guess, a setting)",
    ),
    "archive_association": Operation(
        "Remove every link between a pair, in both directions.",
        AREA,
        {204: Answer(), **BAD},
        SOURCE,
        Confidence.DOCUMENTED,
        examples=[Example({**_PAIR, "id": DEAL, "to_id": COMPANY})],
    ),
    "batch_read_associations": Operation(
        "The links of up to 1,000 records; those without any are named in a 207.",
        AREA,
        {200: Answer(batch(ref("LinksOfOne"))), 207: Answer(batch(ref("LinksOfOne")), PARTLY), **BAD},
        SOURCE,
        Confidence.MEASURED,
        body=inputs(given({"id": ref("AnyId")}, {"after": TEXT}), 1000),
        examples=[Example(_PAIR, body={"inputs": [{"id": DEAL}]})],
        deviations="a page has 500 links of a record (our guess)",
    ),
    "batch_create_associations": Operation(
        "Labels for up to 2,000 pairs.",
        AREA,
        {201: Answer(batch(ref("LabelledLink"))), 207: Answer(batch(ref("LabelledLink")), PARTLY), **BAD},
        SOURCE,
        Confidence.DOCUMENTED,
        body=inputs(given({"from": GIVEN_END, "to": GIVEN_END, "types": of(ASSOCIATION_SPEC)}), 2000),
        examples=[Example(_PAIR, body={"inputs": [{**_ENDS, "types": _SPEC}]})],
        deviations="a missing record, or a link too many, is one error of a 207, a wrong type or direction refuses all (our guess)",
    ),
    "batch_associate_default": Operation(
        "Links without a label for up to 2,000 pairs.",
        AREA,
        {200: Answer(batch(ref("DefaultLink"))), 207: Answer(batch(ref("DefaultLink")), PARTLY), **BAD},
        SOURCE,
        Confidence.DOCUMENTED,
        body=inputs(given({"from": GIVEN_END, "to": GIVEN_END}), 2000),
        examples=[Example(_PAIR, body={"inputs": [_ENDS]})],
        deviations="a missing record is one error of a 207 (our guess)",
    ),
    "batch_archive_associations": Operation(
        "Remove every link between up to 100 records and others.",
        AREA,
        {204: Answer(), **BAD},
        SOURCE,
        Confidence.DOCUMENTED,
        body=inputs(given({"from": GIVEN_END, "to": of(GIVEN_END)}), 100),
        examples=[Example(_PAIR, body={"inputs": [{"from": {"id": DEAL}, "to": [{"id": COMPANY}]}]})],
    ),
}
