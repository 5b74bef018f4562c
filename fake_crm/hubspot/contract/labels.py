"""Kinds of link between two object types: the vendor's and an account's own, and how many links of a kind there may be."""

from __future__ import annotations

from fake_crm.hubspot.contract.associations import CATEGORY, GIVEN_END
from fake_crm.hubspot.contract.examples import COMPANY, DEAL, LABEL, LIMITED
from fake_crm.hubspot.contract.objects import ASSOCIATION_SPEC
from fake_crm.hubspot.contract.shapes import ABSENT, BAD, NUMBER, PARTLY, TEXT, batch, closed, given, inputs, listed, of, ref
from harness.kit.contract import Answer, Confidence, Example, Link, Operation, Param, Schema

AREA = "association labels"
SOURCE = "facts 9.1, 9.4; the vendor's document associations_schema_v4"
SOME: Schema = {"type": "string", "minLength": 1}
NAME: Schema = {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]{0,99}$"}
TYPE_ID: Schema = {"type": "integer", "minimum": 1}
MOST: Schema = {"type": "integer", "minimum": 1, "maximum": 50000}
_PAIR = {"type": "deals", "to": "companies"}
_ENDS = {"type": "$request.path.type", "to": "$request.path.to"}
_ID = {"name": Param(TEXT, "The id of the type, in the direction of the path.")}
_SPEC = given({"category": CATEGORY, "typeId": TYPE_ID})
_LIMIT = given({"category": CATEGORY, "typeId": TYPE_ID, "maxToObjectIds": MOST})
_PLAIN = {"category": "HUBSPOT_DEFINED", "typeId": 341}
_HELD = {"category": "USER_DEFINED", "typeId": LIMITED}

SCHEMAS: dict[str, Schema] = {
    "AssociationLimit": closed({"category": CATEGORY, "typeId": NUMBER, "userEnforcedMaxToObjectIds": NUMBER}, {"label": TEXT}),
}


def _limits(summary: str, status: int, body: dict[str, object]) -> Operation:
    return Operation(
        summary,
        AREA,
        {status: Answer(batch(ref("AssociationLimit"))), 207: Answer(batch(ref("AssociationLimit")), PARTLY), **BAD},
        SOURCE,
        Confidence.DOCUMENTED,
        body=inputs(_LIMIT, 100),
        examples=[Example(_PAIR, body={"inputs": [body]})],
        deviations="a link too many is a 400, in our words; a label's limit must fit the plain type's, as the vendor's "
        "changelog has it; the most a subscription allows is our guess",
    )


OPERATIONS = {
    "read_association_labels": Operation(
        "The types of link from one object type to another.",
        AREA,
        {200: Answer(listed(ref("AssociationType"))), **BAD},
        "facts 9.1, 9.5; the vendor's document associations_schema_v4",
        Confidence.DOCUMENTED,
        examples=[Example(_PAIR)],
    ),
    "create_association_label": Operation(
        "A label of the account's own: an id in each direction.",
        AREA,
        {200: Answer(listed(ref("AssociationType"))), **BAD},
        SOURCE,
        Confidence.DOCUMENTED,
        body=given({"name": NAME, "label": SOME}, {"inverseLabel": SOME}),
        examples=[Example(_PAIR, body={"name": "billed_by", "label": "Billed by", "inverseLabel": "Bills"})],
        links={"archive": Link("archive_association_label", {**_ENDS, "name": "$response.body#/results/0/typeId"})},
        deviations="ids are numbers that none of the vendor's types has; texts of refusals are our guess",
    ),
    "update_association_label": Operation(
        "Rename a label of the account's own.",
        AREA,
        {204: Answer(), **BAD, **ABSENT},
        SOURCE,
        Confidence.DOCUMENTED,
        body=given({"associationTypeId": TYPE_ID, "label": SOME}, {"inverseLabel": SOME}),
        examples=[Example(_PAIR, body={"associationTypeId": LABEL, "label": "Invoiced by"})],
    ),
    "archive_association_label": Operation(
        "Remove a label of the account's own in both directions; records that had it stay linked.",
        AREA,
        {204: Answer(), **BAD, **ABSENT},
        SOURCE,
        Confidence.DOCUMENTED,
        path=_ID,
        examples=[Example({**_PAIR, "name": str(LABEL)})],
    ),
    "batch_archive_association_labels": Operation(
        "Take labels from pairs; without the plain type nothing is left of a link.",
        AREA,
        {204: Answer(), **BAD},
        SOURCE,
        Confidence.DOCUMENTED,
        body=inputs(given({"from": GIVEN_END, "to": GIVEN_END, "types": of(ASSOCIATION_SPEC)}), 2000),
        examples=[
            Example(
                _PAIR,
                body={
                    "inputs": [
                        {
                            "from": {"id": DEAL},
                            "to": {"id": COMPANY},
                            "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 5}],
                        }
                    ]
                },
            )
        ],
    ),
    "list_association_limits": Operation(
        "All limits of the account.",
        AREA,
        {200: Answer(listed(ref("AssociationLimit"))), **BAD},
        SOURCE,
        Confidence.DOCUMENTED,
        examples=[Example()],
    ),
    "read_association_limits": Operation(
        "The limits from one object type to another.",
        AREA,
        {200: Answer(listed(ref("AssociationLimit"))), **BAD},
        SOURCE,
        Confidence.DOCUMENTED,
        examples=[Example(_PAIR)],
    ),
    "batch_create_association_limits": _limits(
        "Say how many records one record may be linked to by these types.", 201, {**_PLAIN, "maxToObjectIds": 100}
    ),
    "batch_update_association_limits": _limits("Change such limits.", 200, {**_HELD, "maxToObjectIds": 7}),
    "batch_purge_association_limits": Operation(
        "Lift such limits.",
        AREA,
        {204: Answer(), **BAD},
        SOURCE,
        Confidence.DOCUMENTED,
        body=inputs(_SPEC, 100),
        examples=[Example(_PAIR, body={"inputs": [_HELD]})],
    ),
}
