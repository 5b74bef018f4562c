"""Two records become one, and a contact is deleted for good."""

from __future__ import annotations

from fake_crm.hubspot.contract.examples import COMPANY, CONTACT, SECOND_COMPANY
from fake_crm.hubspot.contract.shapes import ABSENT, BAD, TEXT, given, ref
from harness.kit.contract import Answer, Confidence, Example, Link, Operation

AREA = "objects"

OPERATIONS = {
    "merge_{many}": Operation(
        "Make one record of two contacts, companies, deals, tickets or custom objects.",
        AREA,
        {
            200: Answer(ref("Record")),
            **BAD,
            **ABSENT,
            414: Answer(ref("Error"), "The contact would have more than 250 identities."),
        },
        "facts 4.1, 4.5; the vendor's documents of contacts, companies, deals and custom objects",
        Confidence.DOCUMENTED,
        body=given({"primaryObjectId": ref("AnyId"), "objectIdToMerge": ref("AnyId")}),
        examples=[Example({"type": "companies"}, body={"primaryObjectId": COMPANY, "objectIdToMerge": SECOND_COMPANY})],
        links={"read": Link("read_{one}", {"type": "$request.path.type", "id": "$response.body#/id"})},
        deviations="contacts and companies become a third record, the others keep the primary's id (settings "
        "`merge_keeps_contact_id`, `merge_keeps_deal_id`); what may not be merged is a 400 in our words; patches and batch reads "
        "follow an old id as single reads do, deletions do not (our guesses)",
    ),
    "gdpr_delete_contact": Operation(
        "Delete a contact for good, and whatever was merged into it; an unknown e-mail address is blocked.",
        AREA,
        {204: Answer(), **BAD, **ABSENT},
        "facts 4.1; the vendor's document of contacts",
        Confidence.DOCUMENTED,
        body=given({"objectId": ref("AnyKey")}, {"idProperty": TEXT}),
        examples=[
            Example({}, body={"objectId": CONTACT}),
            Example({}, body={"objectId": "nobody@acme.com", "idProperty": "email"}, name="blocking"),
        ],
        deviations="an unknown id is a 404, a blocked address a 400 INVALID_EMAIL (our guesses)",
    ),
}
