"""How records look in answers. Source: facts sections 4.3 and 9.3."""

from __future__ import annotations

from typing import Any

from fake_crm.hubspot.access.scopes import linked_type
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.model.computed import COMPUTED
from fake_crm.hubspot.model.history import Past
from fake_crm.hubspot.model.standard_types import ObjectType
from fake_crm.hubspot.model.stock import STOCK
from fake_crm.hubspot.wire import wire_time
from harness.kit.records import Record

Wire = dict[str, Any]
LINKS_MAX = 500  # links of one type in the read of a record


def as_object(account: Account, kind: ObjectType, record: Record, names: tuple[str, ...] | None) -> Wire:
    """A record as a read shows it: what was asked, and the system properties. Defined but unset ones are null."""
    fields = record.fields
    if names is None:
        properties = {name: fields.get(name) or None for name in kind.defaults}
    else:
        properties = {}
        stock, find, plural = STOCK[kind.plural], account.definitions.find, kind.plural
        for name in sorted({*names, *kind.system}):
            if name in stock:
                properties[name] = fields.get(name) or None
            elif (prop := find(plural, name)) is not None:
                properties[name] = fields.get(prop.stored_as) or None
        if computed := COMPUTED.get(plural):
            for name in computed.keys() & properties.keys():
                properties[name] = computed[name](account, record) or None
    return envelope(account, kind, record, properties)


def envelope(account: Account, kind: ObjectType, record: Record, properties: Wire) -> Wire:
    fields = record.fields
    body = {
        "id": record.id,
        "properties": properties,
        "createdAt": fields["hs_createdate"],
        "updatedAt": fields["hs_lastmodifieddate"],
        "archived": record.archived,
        "url": f"https://app.hubspot.com/contacts/{account.portal_id}/record/{kind.type_id}/{record.id}",
    }
    if record.archived_at is not None:
        body["archivedAt"] = wire_time(record.archived_at)
    return body


def read(account: Account, kind: ObjectType, record: Record, names: tuple[str, ...] | None, past: tuple[str, ...]) -> Wire:
    """A record with the earlier values of the properties in `past`, which are shown as properties as well (our guess)."""
    if not past:
        return as_object(account, kind, record, names)
    body = as_object(account, kind, record, (*(names or ()), *past))
    found = {name: account.history.of(kind, record, name) for name in past}
    body["propertiesWithHistory"] = {name: [_past(each) for each in values] for name, values in found.items() if values is not None}
    return body


def _past(past: Past) -> Wire:
    row: Wire = {"value": past.value, "timestamp": wire_time(past.at), "sourceType": past.source}
    more = {"sourceId": past.source_id, "sourceLabel": past.label, "updatedByUserId": past.user_id}
    return row | {name: value for name, value in more.items() if value is not None}


def with_associations(account: Account, kind: ObjectType, record: Record, body: Wire, names: tuple[str, ...]) -> Wire:
    """Add `associations`: only the asked types that have any; a primary company appears twice, as the vendor's do.

    Of many links the first 500 (our guess), and where the associations' own route goes on with them.
    """
    found: Wire = {}
    for name in names:
        target = linked_type(account, name)
        links = account.replica.links(kind, record.id, target)
        rows = [
            {"id": link.fields["to_id"], "type": named.name}
            for link in links[:LINKS_MAX]
            for each in sorted(link.fields["types"])
            if (named := account.association_types.get(each)) is not None
        ]
        if not rows:
            continue
        found[target.links_key] = {"results": rows}
        if len(links) > LINKS_MAX:
            after = links[LINKS_MAX].fields["to_id"]
            path = f"/crm/v3/objects/{kind.plural}/{record.id}/associations/{target.plural}"
            link = f"{account.base_url}{path}?limit={LINKS_MAX}&after={after}"
            found[target.links_key]["paging"] = {"next": {"after": after, "link": link}}
    if found:
        body["associations"] = found
    return body


def created(account: Account, kind: ObjectType, record: Record) -> Wire:
    """The answer to a create: everything that was submitted and everything that followed."""
    return envelope(account, kind, record, {name: value for name, value in record.fields.items() if value != ""})


def patched(account: Account, kind: ObjectType, record: Record, values: dict[str, str]) -> Wire:
    """The answer to an update: submitted values, those that followed and the system's; not the whole record."""
    properties: Wire = {name: value or None for name, value in values.items()}
    for name in kind.system:
        properties[name] = record.fields[name]
    return envelope(account, kind, record, properties)
