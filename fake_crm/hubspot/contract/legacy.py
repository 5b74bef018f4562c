"""The v1 and v2 routes of deals, companies and contacts that clients still call."""

from __future__ import annotations

from collections.abc import Mapping

from fake_crm.hubspot.contract.examples import COMPANY, CONTACT, DEAL
from fake_crm.hubspot.contract.shapes import FLAG, ID, NUMBER, TEXT, TEXTS, closed, given, of, ref
from harness.kit.contract import Answer, Confidence, Example, Operation, Param, Schema

AREA = "legacy"
SOURCE = "facts 14.3, 14.5, 15; requests of the n8n node and the singer tap"
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
_IDS = of(NUMBER)
_VALUE: Schema = {"type": ["string", "number", "boolean", "null"]}
_NAMED = given({"properties": of(given({"name": TEXT}, {"value": _VALUE}))})
_OF_CONTACT = given({"properties": of(given({"property": TEXT}, {"value": _VALUE}))})
_LINKED: Schema = {"type": "object", "properties": {"associatedCompanyIds": _IDS, "associatedVids": _IDS}}
_NEW_DEAL = given({"properties": _NAMED["properties"]["properties"]}, {"associations": _LINKED})
_BY_DOMAIN = given(
    {},
    {
        "limit": {"type": "integer", "minimum": 1},
        "requestOptions": given({}, {"properties": TEXTS}),
        "offset": given({}, {"companyId": {"type": "integer", "minimum": 0, "maximum": 10**17}, "isPrimary": FLAG}),
    },
)
_NATURAL: Schema = {"type": "integer", "minimum": 0, "maximum": 10**17}
_COUNT = Param(_NATURAL, "How many; above the maximum (250 of paged lists, else 100) it is cut down.")
_PAGED = {
    "limit": _COUNT,
    "offset": Param(_NATURAL, "What the page before gave."),
    "properties": Param(TEXT, "Names, comma-separated or repeated; without them only ids come."),
    "propertiesWithHistory": Param(TEXT, "The same, with whole histories."),
    "includeAllProperties": Param(FLAG),
    "allPropertiesFetchMode": Param({"enum": ["latest_version", "all_versions"]}),
}
_RECENT = {"count": _COUNT, "offset": _PAGED["offset"], "since": Param(_NATURAL, "Epoch milliseconds.")}
_MODE = Param({"enum": ["value_only", "value_and_history"]}, "Whether values come with their versions.")
_CONTACTS = {"count": _COUNT, "vidOffset": _PAGED["offset"], "property": Param(TEXT), "propertyMode": _MODE}
_VERSIONS = Param(FLAG, "Whole histories instead of the present values.")
_EMAIL = {"email": Param(TEXT, "A contact's e-mail address, in any case.")}
_ID = {"id": Param(ID, "A record's id.")}

_VERSION = closed({"name": TEXT, "value": TEXT, "timestamp": NUMBER, "source": TEXT, "sourceVid": _IDS}, {"sourceId": TEXT})
_HELD = closed({"value": TEXT, "timestamp": NUMBER, "source": TEXT, "sourceId": TEXT_OR_NULL, "versions": of(_VERSION)})
_CONTACT_VERSION = closed(
    {
        "value": TEXT,
        "source-type": TEXT,
        "source-id": TEXT_OR_NULL,
        "source-label": TEXT_OR_NULL,
        "timestamp": NUMBER,
        "selected": FLAG,
    }
)
_IDENTITY = closed({"value": TEXT, "type": TEXT, "timestamp": NUMBER}, {"isPrimary": FLAG})
_HYPHENED = closed({"value": TEXT, "type": TEXT, "timestamp": NUMBER}, {"is-primary": FLAG})
_PROFILE = closed({"vid": NUMBER, "saved-at-timestamp": NUMBER, "deleted-changed-timestamp": NUMBER, "identities": of(_HYPHENED)})
_CONFLICT = closed(
    {
        "vid": NUMBER,
        "identity": of(_IDENTITY),
        "linkedVid": _IDS,
        "isContact": FLAG,
        "isCanonicalProfile": FLAG,
        "savedAtTimestamp": NUMBER,
        "promotedToContact": FLAG,
    }
)
_RESULT = closed({"isValid": FLAG, "message": TEXT, "error": TEXT, "name": TEXT})


def _values(schema: Schema) -> Schema:
    return {"type": "object", "additionalProperties": schema}


SCHEMAS: dict[str, Schema] = {
    "LegacyDeal": closed(
        {
            "portalId": NUMBER,
            "dealId": NUMBER,
            "isDeleted": FLAG,
            "associations": closed({"associatedVids": _IDS, "associatedCompanyIds": _IDS, "associatedDealIds": _IDS}),
            "properties": _values(_HELD),
            "imports": of({}),
            "stateChanges": of({}),
        },
        {"associationCreateFailures": of(closed({"objectType": TEXT, "objectId": TEXT, "message": TEXT}))},
    ),
    "LegacyCompany": closed(
        {
            "portalId": NUMBER,
            "companyId": NUMBER,
            "isDeleted": FLAG,
            "properties": _values(_HELD),
            "additionalDomains": of({}),
            "stateChanges": of({}),
            "mergeAudits": of({}),
        }
    ),
    "LegacyContact": closed(
        {
            "vid": NUMBER,
            "canonical-vid": NUMBER,
            "merged-vids": _IDS,
            "portal-id": NUMBER,
            "is-contact": FLAG,
            "profile-url": TEXT,
            "properties": _values(closed({"value": TEXT}, {"versions": of(_CONTACT_VERSION)})),
            "form-submissions": of({}),
            "identity-profiles": of(_PROFILE),
            "merge-audits": of({}),
        },
        {"addedAt": NUMBER, "list-memberships": of({})},
    ),
    "LegacyError": closed(
        {"status": {"const": "error"}, "message": TEXT, "correlationId": {"type": "string", "format": "uuid"}},
        {
            "category": TEXT,
            "context": {"type": "object", "additionalProperties": TEXTS},
            "validationResults": of(_RESULT),
            "error": TEXT,
            "errors": of(closed({"message": TEXT}, {"in": TEXT})),
            "identityProfile": _CONFLICT,
        },
    ),
}
_BAD = {400: Answer(ref("LegacyError"), "Something in the request does not fit; nothing was written.")}
_ABSENT = {404: Answer(ref("LegacyError"), "No such record.")}
_TAKEN = {409: Answer(ref("LegacyError"), "The e-mail belongs to another contact, whose identity is told; nothing was written.")}
_FROM_N8N = "answers to failed associations have our own keys"
_STOPS = "no page may pass 10,000 records: 400"


def _operation(
    summary: str,
    answer: Answer,
    more: Mapping[int, Answer],
    *,
    query: Mapping[str, Param] | None = None,
    path: Mapping[str, Param] | None = None,
    body: Schema | None = None,
    example: Example | None = None,
    status: int = 200,
    deviations: str = "",
) -> Operation:
    return Operation(
        summary,
        AREA,
        {status: answer, **more},
        SOURCE,
        Confidence.MEASURED,
        query=query or {},
        path=path or {},
        body=body,
        examples=[example or Example()],
        deviations=deviations,
    )


def _recent(schema: Schema) -> Answer:
    return Answer(closed({"results": of(schema), "hasMore": FLAG, "offset": NUMBER, "total": NUMBER}))


_DEAL, _COMPANY, _CONTACT = ref("LegacyDeal"), ref("LegacyCompany"), ref("LegacyContact")
_LISTED = {"contacts": of(_CONTACT), "has-more": FLAG, "vid-offset": NUMBER}
_NAME = {"properties": [{"name": "name", "value": "Acme"}]}
_DEALNAME = {"properties": [{"name": "dealname", "value": "Renewal"}]}
_FIRST = {"properties": [{"property": "firstname", "value": "Anna"}]}
_SOMEBODY = {"properties": [{"property": "email", "value": "new.one@acme.com"}]}
_DEAL_ID, _COMPANY_ID, _CONTACT_ID = Example({"id": DEAL}), Example({"id": COMPANY}), Example({"id": CONTACT})

OPERATIONS = {
    "create_deal_v1": _operation(
        "A new deal, linked to companies and contacts.", Answer(_DEAL), _BAD,
        body=_NEW_DEAL, example=Example(body=_DEALNAME), deviations=_FROM_N8N,
    ),
    "list_deals_v1": _operation(
        "Deals by id, page by page.", Answer(closed({"deals": of(_DEAL), "hasMore": FLAG, "offset": NUMBER})), _BAD,
        query={**_PAGED, "includeAssociations": Param(FLAG)},
    ),
    "list_recently_modified_deals_v1": _operation(
        "Deals, the latest changed first.", _recent(_DEAL), _BAD,
        query={**_RECENT, "includePropertyVersions": _VERSIONS}, deviations=_STOPS,
    ),
    "list_recently_created_deals_v1": _operation(
        "Deals, the newest first.", _recent(_DEAL), _BAD,
        query={**_RECENT, "includePropertyVersions": _VERSIONS}, deviations=_STOPS,
    ),
    "read_deal_v1": _operation(
        "One deal with all its values.", Answer(_DEAL), _ABSENT,
        query={"includePropertyVersions": _VERSIONS}, path=_ID, example=_DEAL_ID,
    ),
    "update_deal_v1": _operation(
        "Change values of a deal.", Answer(_DEAL), {**_BAD, **_ABSENT},
        path=_ID, body=_NAMED, example=Example({"id": DEAL}, body=_DEALNAME), deviations="associations in the body are ignored",
    ),
    "archive_deal_v1": _operation("Put a deal into the bin.", Answer(), _ABSENT, path=_ID, example=_DEAL_ID, status=204),
    "create_company_v2": _operation(
        "A new company; an equal domain is no conflict.", Answer(_COMPANY), _BAD, body=_NAMED, example=Example(body=_NAME)
    ),
    "list_companies_v2": _operation(
        "Companies by id, page by page.", Answer(closed({"companies": of(_COMPANY), "has-more": FLAG, "offset": NUMBER})), _BAD,
        query=_PAGED,
    ),
    "list_recently_modified_companies_v2": _operation(
        "Companies, the latest changed first.", _recent(_COMPANY), _BAD, query=_RECENT, deviations=_STOPS
    ),
    "list_recently_created_companies_v2": _operation(
        "Companies, the newest first.", _recent(_COMPANY), _BAD, query=_RECENT, deviations=_STOPS
    ),
    "list_companies_of_domain_v2": _operation(
        "Companies with a domain.",
        Answer(closed({"results": of(_COMPANY), "hasMore": FLAG, "offset": closed({"companyId": NUMBER, "isPrimary": FLAG})})),
        _BAD,
        path={"domain": Param(TEXT, "A domain, in any case.")}, body=_BY_DOMAIN, example=Example({"domain": "acme.com"}, body={}),
        deviations="no index lag",
    ),
    "read_company_v2": _operation("One company with all its values.", Answer(_COMPANY), _ABSENT, path=_ID, example=_COMPANY_ID),
    "update_company_v2": _operation(
        "Change values of a company.", Answer(_COMPANY), {**_BAD, **_ABSENT},
        path=_ID, body=_NAMED, example=Example({"id": COMPANY}, body=_NAME),
    ),
    "archive_company_v2": _operation(
        "Put a company into the bin.", Answer(closed({"companyId": NUMBER, "deleted": FLAG})), _ABSENT,
        path=_ID, example=_COMPANY_ID,
    ),
    "list_contacts_v1": _operation("Contacts by id, page by page.", Answer(closed(_LISTED)), _BAD, query=_CONTACTS),
    "list_recently_updated_contacts_v1": _operation(
        "Contacts of the last 30 days, the latest changed first.", Answer(closed({**_LISTED, "time-offset": NUMBER})), _BAD,
        query={**_CONTACTS, "timeOffset": _PAGED["offset"]},
    ),
    "create_contact_v1": _operation(
        "A new contact.", Answer(_CONTACT), {**_BAD, **_TAKEN}, body=_OF_CONTACT, example=Example(body=_SOMEBODY)
    ),
    "upsert_contact_v1": _operation(
        "Create the contact with this e-mail, or change it.", Answer(closed({"vid": NUMBER, "isNew": FLAG})), {**_BAD, **_TAKEN},
        path=_EMAIL, body=_OF_CONTACT, example=Example({"email": "new.two@acme.com"}, body=_FIRST),
    ),
    "read_contact_v1": _operation(
        "One contact.", Answer(_CONTACT), _ABSENT,
        query={"property": Param(TEXT), "propertyMode": _MODE}, path=_ID, example=_CONTACT_ID,
        deviations="no profile token, no associated company, no lists, no form submissions",
    ),
    "read_contact_by_email_v1": _operation(
        "One contact, by e-mail.", Answer(_CONTACT), _ABSENT,
        query={"property": Param(TEXT), "propertyMode": _MODE}, path=_EMAIL, example=Example({"email": "jo@acme.com"}),
    ),
    "update_contact_v1": _operation(
        "Change values of a contact.", Answer(), {**_BAD, **_ABSENT, **_TAKEN},
        path=_ID, body=_OF_CONTACT, example=Example({"id": CONTACT}, body=_FIRST), status=204,
    ),
    "update_contact_by_email_v1": _operation(
        "Change values of a contact, by e-mail.", Answer(), {**_BAD, **_ABSENT, **_TAKEN},
        path=_EMAIL, body=_OF_CONTACT, example=Example({"email": "jo@acme.com"}, body=_FIRST), status=204,
    ),
    "archive_contact_v1": _operation(
        "Put a contact into the bin.", Answer(closed({"vid": NUMBER, "deleted": FLAG, "reason": TEXT})), _ABSENT,
        path=_ID, example=_CONTACT_ID,
    ),
}  # fmt: skip
