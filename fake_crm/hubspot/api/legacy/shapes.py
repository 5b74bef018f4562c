"""How v1 and v2 show records: every value an object with its versions, ids numbers, dates and times epoch milliseconds as text.

Source: facts section 15; the keys of a version and of an identity profile as in n8n's recorded answers. A property without a
value is absent, a cleared one is the empty text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from fake_crm.hubspot.api.legacy.reading import Wanted
from fake_crm.hubspot.api.legacy.versions import Version, versions_of
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.model.computed import COMPUTED
from fake_crm.hubspot.model.definitions import Property
from fake_crm.hubspot.model.standard_types import COMPANIES, CONTACTS, DEALS, ObjectType
from fake_crm.hubspot.wire import is_id, ms_of
from harness.kit.records import Record

Wire = dict[str, Any]


def deal(account: Account, record: Record, wanted: Wanted) -> Wire:
    """Ids of associated records only when asked (`includeAssociations`)."""
    linked = {"associatedVids": CONTACTS, "associatedCompanyIds": COMPANIES, "associatedDealIds": DEALS}
    return {
        "portalId": account.portal_id,
        "dealId": int(record.id),
        "isDeleted": False,
        "associations": {
            key: [int(link.fields["to_id"]) for link in account.links.of(DEALS, record.id, target)] if wanted.associations else []
            for key, target in linked.items()
        },
        "properties": _properties(account, DEALS, record, wanted),
        "imports": [],
        "stateChanges": [],
    }


def company(account: Account, record: Record, wanted: Wanted) -> Wire:
    return {
        "portalId": account.portal_id,
        "companyId": int(record.id),
        "isDeleted": False,
        "properties": _properties(account, COMPANIES, record, wanted),
        "additionalDomains": [],
        "stateChanges": [],
        "mergeAudits": [],
    }


def contact(account: Account, record: Record, wanted: Wanted) -> Wire:
    """Values alone, or with their versions, whose keys have hyphens on contacts."""
    vid = int(record.id)
    properties: Wire = {}
    for prop, value in _shown(account, CONTACTS, record, wanted):
        properties[prop.name] = {"value": value_text(prop, value)}
        if wanted.whole(prop.name):
            versions = versions_of(account, CONTACTS, record, prop.name, value)
            properties[prop.name]["versions"] = [_contact_version(prop, each) for each in versions]
    return {
        "vid": vid,
        "canonical-vid": vid,
        "merged-vids": [int(each) for each in record.fields.get("hs_merged_object_ids", "").split(";") if is_id(each)],
        "portal-id": account.portal_id,
        "is-contact": True,
        "profile-url": f"https://app.hubspot.com/contacts/{account.portal_id}/contact/{vid}",
        "properties": properties,
        "form-submissions": [],
        "identity-profiles": [
            {
                "vid": vid,
                "saved-at-timestamp": ms_of(record.fields["createdate"]),
                "deleted-changed-timestamp": 0,
                "identities": [
                    {("is-primary" if key == "isPrimary" else key): value for key, value in each.items()}
                    for each in identities(account, record)
                ],
            }
        ],
        "merge-audits": [],
    }


def identities(account: Account, record: Record) -> list[Wire]:
    """By what a contact is known: its address, and a GUID every contact has."""
    at = ms_of(record.fields["createdate"])
    guid = str(uuid5(NAMESPACE_OID, f"{account.portal_id}/{record.id}"))
    email = record.fields.get("email")
    known: list[Wire] = [{"value": guid, "type": "LEAD_GUID", "timestamp": at}]
    if email:
        known.append({"value": email, "type": "EMAIL", "timestamp": at, "isPrimary": True})
    return known


def value_text(prop: Property, value: str) -> str:
    """A value as v1 and v2 write it."""
    if value and prop.type in ("date", "datetime"):
        ms = ms_of(value)
        return value if ms is None else str(ms)
    return value


def _shown(account: Account, kind: ObjectType, record: Record, wanted: Wanted) -> Iterator[tuple[Property, str]]:
    """What was asked and has, or had, a value; calculated properties are worked out."""
    computed, find = COMPUTED.get(kind.plural, {}), account.definitions.find
    names = wanted.names
    if names is None:
        names = tuple(row["name"] for row in account.definitions.rows(kind.plural))
    for name in names:
        prop = find(kind.plural, name)
        if prop is None:
            continue
        value = computed[name](account, record) or None if name in computed else record.fields.get(prop.stored_as)
        if value is not None:
            yield prop, value


def _properties(account: Account, kind: ObjectType, record: Record, wanted: Wanted) -> Wire:
    found: Wire = {}
    for prop, value in _shown(account, kind, record, wanted):
        versions = versions_of(account, kind, record, prop.name, value)
        latest = versions[0]
        found[prop.name] = {
            "value": value_text(prop, value),
            "timestamp": latest.at_ms,
            "source": latest.source,
            "sourceId": latest.source_id,
            "versions": [_version(prop, each) for each in (versions if wanted.whole(prop.name) else versions[:1])],
        }
    return found


def _version(prop: Property, version: Version) -> Wire:
    row: Wire = {
        "name": prop.name,
        "value": value_text(prop, version.value),
        "timestamp": version.at_ms,
        "source": version.source,
        "sourceVid": [],
    }
    return row if version.source_id is None else {**row, "sourceId": version.source_id}


def _contact_version(prop: Property, version: Version) -> Wire:
    return {
        "value": value_text(prop, version.value),
        "source-type": version.source,
        "source-id": version.source_id,
        "source-label": version.source_label,
        "timestamp": version.at_ms,
        "selected": False,
    }
