"""Associations v3: links by the name of their type. Classic paths only."""

from __future__ import annotations

from fake_crm.hubspot.contract.associations import END, GIVEN_END
from fake_crm.hubspot.contract.examples import COMPANY, DEAL, SECOND_COMPANY, SECOND_DEAL
from fake_crm.hubspot.contract.objects import AFTER, limit
from fake_crm.hubspot.contract.shapes import ABSENT, BAD, ID, PARTLY, TEXT, batch, closed, given, inputs, listed, of, paged, ref
from harness.kit.contract import Answer, Confidence, Example, Operation, Param, Schema

AREA = "associations v3"
SOURCE = "facts 9.2; the vendor's document associations_v3"
_PAIR = {"type": "deals", "to": "companies"}
_ENDS = {"from": {"id": SECOND_DEAL}, "to": {"id": SECOND_COMPANY}}

_NAMED = closed({"id": ID, "type": TEXT})
_TYPE = {"name": Param(TEXT, "The name of the type of link, or its id.")}

SCHEMAS: dict[str, Schema] = {
    "NamedLink": closed({"from": END, "to": END, "type": TEXT}),
    "NamedLinksOfOne": closed({"from": END, "to": of(_NAMED)}, {"paging": ref("Paging")}),
}

OPERATIONS = {
    "batch_read_associations_v3": Operation(
        "The links of up to 1,000 records; towards companies only the primary one.",
        AREA,
        {200: Answer(batch(ref("NamedLinksOfOne"))), 207: Answer(batch(ref("NamedLinksOfOne")), PARTLY), **BAD},
        SOURCE,
        Confidence.DOCUMENTED,
        body=inputs(given({"id": ref("AnyId")}), 1000),
        examples=[Example(_PAIR, body={"inputs": [{"id": DEAL}]})],
    ),
    "batch_create_associations_v3": Operation(
        "Links for up to 2,000 pairs, by the name or number of their type.",
        AREA,
        {201: Answer(batch(ref("NamedLink"))), 207: Answer(batch(ref("NamedLink")), PARTLY), **BAD},
        SOURCE,
        Confidence.DOCUMENTED,
        body=inputs(given({"from": GIVEN_END, "to": GIVEN_END, "type": TEXT}), 2000),
        examples=[
            Example(
                _PAIR, body={"inputs": [{"from": {"id": SECOND_DEAL}, "to": {"id": SECOND_COMPANY}, "type": "deal_to_company"}]}
            )
        ],
    ),
    "batch_archive_associations_v3": Operation(
        "Remove every link of up to 2,000 pairs.",
        AREA,
        {204: Answer(), **BAD},
        SOURCE,
        Confidence.DOCUMENTED,
        body=inputs(given({"from": GIVEN_END, "to": GIVEN_END}, {"type": TEXT}), 2000),
        examples=[
            Example(_PAIR, body={"inputs": [{"from": {"id": DEAL}, "to": {"id": COMPANY}, "type": "deal_to_company"}]}),
        ],
        deviations="the whole link goes, whatever `type` says",
    ),
    "read_association_types": Operation(
        "Names and numbers of the types of link from one object type to another.",
        AREA,
        {200: Answer(listed(closed({"id": TEXT, "name": TEXT}))), **BAD},
        "facts 9.2; the vendor's document associations_schema_v3",
        Confidence.DOCUMENTED,
        examples=[Example(_PAIR)],
    ),
    "read_associations_v3": Operation(
        "A page of the links of one record, a row for each type: a primary company appears twice.",
        AREA,
        {200: Answer(paged(_NAMED)), **BAD, **ABSENT},
        "facts 4.1, 9.3",
        Confidence.MEASURED,
        query={"limit": limit(500, 500), "after": AFTER},
        examples=[Example({**_PAIR, "id": DEAL})],
    ),
    "associate_v3": Operation(
        "Link a record to another by the name of a type; the record comes back with its links.",
        AREA,
        {200: Answer(ref("Record")), **BAD, **ABSENT},
        "facts 4.1",
        Confidence.MEASURED,
        path=_TYPE,
        examples=[Example({**_PAIR, "id": SECOND_DEAL, "to_id": SECOND_COMPANY, "name": "deal_to_company"})],
    ),
    "archive_association_v3": Operation(
        "Take a type from the link of two records.",
        AREA,
        {204: Answer(), **BAD},
        "facts 4.1",
        Confidence.MEASURED,
        path=_TYPE,
        examples=[Example({**_PAIR, "id": DEAL, "to_id": COMPANY, "name": "deal_to_company"})],
        deviations="after a label is taken the two stay linked, as with v4 (our guess)",
    ),
}
