"""Associations v3: links by the name of their type. Classic paths only."""

from __future__ import annotations

from fake_crm.hubspot.contract.associations import END, GIVEN_END
from fake_crm.hubspot.contract.examples import COMPANY, DEAL, SECOND_COMPANY, SECOND_DEAL
from fake_crm.hubspot.contract.shapes import BAD, ID, PARTLY, TEXT, batch, closed, given, inputs, listed, of, ref
from harness.kit.contract import Answer, Confidence, Example, Operation, Schema

AREA = "associations v3"
SOURCE = "facts 9.2; the vendor's document associations_v3"
_PAIR = {"type": "deals", "to": "companies"}
_ENDS = {"from": {"id": SECOND_DEAL}, "to": {"id": SECOND_COMPANY}}

SCHEMAS: dict[str, Schema] = {
    "NamedLink": closed({"from": END, "to": END, "type": TEXT}),
    "NamedLinksOfOne": closed({"from": END, "to": of(closed({"id": ID, "type": TEXT}))}),
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
        {201: Answer(batch(ref("NamedLink"))), **BAD},
        SOURCE,
        Confidence.DOCUMENTED,
        body=inputs(given({"from": GIVEN_END, "to": GIVEN_END, "type": TEXT}), 2000),
        examples=[
            Example(
                _PAIR, body={"inputs": [{"from": {"id": SECOND_DEAL}, "to": {"id": SECOND_COMPANY}, "type": "deal_to_company"}]}
            )
        ],
        deviations="all or none: a missing record refuses the call, never a 207",
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
}
