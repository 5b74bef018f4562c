"""CRM objects: list, create, read, patch, archive. Source: facts section 4.

Not modelled: property history, merge, GDPR delete, the v1/v2 routes; each answers 501 naming itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fake_crm.hubspot.errors import (
    HubSpotError,
    invalid_associations,
    missing_attributes,
    not_found,
    not_modelled,
    not_numeric,
    validation,
)
from fake_crm.hubspot.model import association_types
from fake_crm.hubspot.model.account import Account, NewLink
from fake_crm.hubspot.model.stock import STOCK
from fake_crm.hubspot.model.types import ObjectType, resolve
from fake_crm.hubspot.wire import body_object, id_text, is_id, no_content, objects_in, ok, properties_in, wire_time
from harness.kit.call import Call, Reply
from harness.kit.records import Record

Wire = dict[str, Any]
LIST_MAX, LIST_MAX_WITH_HISTORY = 100, 50


@dataclass(frozen=True, slots=True)
class Asked:
    """What a read's query asks for. `properties` None means the type's default set."""

    properties: tuple[str, ...] | None = None
    associations: tuple[str, ...] = ()
    archived: bool = False
    id_property: str | None = None
    history: bool = False
    limit: str | None = None
    after: str | None = None


_NOTHING = Asked()
_asked_before: dict[str, Asked] = {}  # queries repeat: parsing is a pure function of their text
_ASKED_MAX = 4096


def asked(call: Call) -> Asked:
    """The query of a read. Lists come comma-separated, repeated, or both."""
    if not call.query:
        return _NOTHING
    known = _asked_before.get(call.query)
    if known is None:
        if len(_asked_before) >= _ASKED_MAX:
            _asked_before.clear()
        known = _asked_before[call.query] = _parse(call)
    return known


def _parse(call: Call) -> Asked:
    lists: dict[str, list[str]] = {"properties": [], "associations": [], "propertiesWithHistory": []}
    single: dict[str, str] = {}
    for name, value in call.query_pairs():
        if name in lists:
            lists[name] += [part for part in value.split(",") if part]
        else:
            single[name] = value
    return Asked(
        properties=tuple(dict.fromkeys(lists["properties"])) or None,
        associations=tuple(dict.fromkeys(lists["associations"])),
        archived=single.get("archived", "").lower() == "true",
        id_property=single.get("idProperty") or None,
        history=bool(lists["propertiesWithHistory"]),
        limit=single.get("limit"),
        after=single.get("after"),
    )


# -- shapes -----------------------------------------------------------------------------------------------------------


def as_object(account: Account, kind: ObjectType, record: Record, names: tuple[str, ...] | None) -> Wire:
    """A record as a read shows it: what was asked, and the system properties. Defined but unset ones are null."""
    fields = record.fields
    if names is None:
        properties = {name: fields.get(name) or None for name in kind.defaults}
    else:
        properties = {}
        stock, find, plural = STOCK[kind.plural], account.definitions.find, kind.plural
        for name in sorted({*names, *kind.system}):
            if name in stock or find(plural, name) is not None:
                properties[name] = fields.get(name) or None
    return envelope(account, kind, record, properties)


def envelope(account: Account, kind: ObjectType, record: Record, properties: Wire) -> Wire:
    fields = record.fields
    body = {
        "id": record.id,
        "properties": properties,
        "createdAt": fields["createdate"],
        "updatedAt": fields["hs_lastmodifieddate"],
        "archived": record.archived,
        "url": f"https://app.hubspot.com/contacts/{account.portal_id}/record/{kind.type_id}/{record.id}",
    }
    if record.archived_at is not None:
        body["archivedAt"] = wire_time(record.archived_at)
    return body


def with_associations(account: Account, kind: ObjectType, record: Record, body: Wire, names: tuple[str, ...]) -> Wire:
    """Add `associations`: only the asked types that have any; a primary company appears twice, as the vendor's do."""
    found: Wire = {}
    for name in names:
        target = resolve(name)
        rows = [
            {"id": link.fields["to_id"], "type": association_types.BY_ID[each].name}
            for link in account.links.of(kind, record.id, target)
            for each in sorted(link.fields["types"])
        ]
        if rows:
            found[target.links_key] = {"results": rows}
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


# -- inline associations ----------------------------------------------------------------------------------------------


def links_in(account: Account, kind: ObjectType, body: Wire) -> list[NewLink]:
    """The `associations` of a create, checked: types of the right direction, live targets. Raises HubSpotError 400."""
    if not body.get("associations"):
        return []
    links: list[NewLink] = []
    missing: dict[str, list[str]] = {}
    for row in objects_in(body, "associations"):
        target = row.get("to")
        if not isinstance(target, dict) or "id" not in target:
            raise missing_attributes(["to"])
        other_id = id_text(target["id"])
        for link in types_in(row.get("types")):
            if link.source is not kind:
                raise wrong_direction(kind, link)
            if account.live(link.target, other_id) is None:
                missing.setdefault(link.target.label, []).append(other_id)
            links.append((link, other_id))
    for label, ids in missing.items():
        raise invalid_associations(label, ids)
    return links


def types_in(value: Any) -> list[association_types.AssociationType]:
    """`[{associationCategory, associationTypeId}]`, each known. Raises HubSpotError 400."""
    if not isinstance(value, list) or not value:
        raise missing_attributes(["types"])
    found = []
    for each in value:
        number = each.get("associationTypeId") if isinstance(each, dict) else None
        text = str(number) if isinstance(number, (int, str)) and len(str(number)[:12]) < 12 else ""
        known = association_types.BY_ID.get(int(text)) if is_id(text) else None
        if known is None:
            raise validation(f"No association type with id {text or 'null'} exists.")  # the text is our guess
        found.append(known)
    return found


def wrong_direction(kind: ObjectType, link: association_types.AssociationType) -> HubSpotError:
    text = f"Association type {link.id} invalid from object type {kind.type_id} for associations to be created."
    return validation(f"{text} expected: {link.source.type_id}")


# -- routes -----------------------------------------------------------------------------------------------------------


def record_for(account: Account, kind: ObjectType, call: Call, wanted: Asked) -> Record:
    """The record a path names, by id or by the value of `idProperty`. Raises HubSpotError 404."""
    key = call.params["id"]
    if wanted.id_property is not None and wanted.id_property != "hs_object_id":
        record = account.find(kind, key, wanted.id_property)
    else:
        record = account.store.get(kind.plural, key)
        if record is None and not is_id(key):
            raise not_numeric(key)
    if record is None or record.archived is not wanted.archived:
        raise not_found()
    return record


def read_object(account: Account, call: Call) -> Reply:
    """200 with the record; 404 when it is absent or in the bin (with `archived=true`: when it is not)."""
    kind, wanted = resolve(call.params["type"]), asked(call)
    if wanted.history:
        raise not_modelled("propertiesWithHistory")
    record = record_for(account, kind, call, wanted)
    body = as_object(account, kind, record, wanted.properties)
    if wanted.associations:
        with_associations(account, kind, record, body, wanted.associations)
    return ok(body)


def create_object(account: Account, call: Call) -> Reply:
    """201 with the new record and its address; 400 for bad values, 409 for a contact's taken e-mail: nothing written."""
    kind, body = resolve(call.params["type"]), body_object(call)
    links = links_in(account, kind, body)
    given = body.get("properties")
    record = account.create(kind, properties_in(body) if given is not None or not links else {}, links)
    reply = ok(created(account, kind, record), 201)
    reply.headers["location"] = f"{account.base_url}/crm/v3/objects/{kind.plural}/{record.id}"
    return reply


def update_object(account: Account, call: Call) -> Reply:
    """200 with what changed; 400, 404 or 409, and then nothing of the request is applied."""
    kind, wanted = resolve(call.params["type"]), asked(call)
    given = properties_in(body_object(call))
    if not given:
        raise HubSpotError(400, "No properties found to update, please provide at least one.")
    record = record_for(account, kind, call, wanted)
    values = account.patch(kind, record, given)
    return ok(patched(account, kind, record, values))


def archive_object(account: Account, call: Call) -> Reply:
    """204, also for an unknown or archived id (our guess); 404 for an id that is no number."""
    kind, key = resolve(call.params["type"]), call.params["id"]
    if not is_id(key):
        raise not_numeric(key)
    if account.live(kind, key) is not None:
        account.store.archive(kind.plural, key)
    return no_content()


def list_objects(account: Account, call: Call) -> Reply:
    """200 with a page of records, ids ascending; `paging` is absent on the last one. `after` is the next record's id."""
    kind, wanted = resolve(call.params["type"]), asked(call)
    limit = page_limit(wanted.limit, 10, LIST_MAX_WITH_HISTORY if wanted.history else LIST_MAX)
    if wanted.history:
        raise not_modelled("propertiesWithHistory")
    records, following = _page(account, kind, wanted, limit)
    results = []
    for record in records:
        row = as_object(account, kind, record, wanted.properties)
        results.append(with_associations(account, kind, record, row, wanted.associations) if wanted.associations else row)
    body: Wire = {"results": results}
    if following is not None:
        kept = [pair for pair in call.query_pairs() if pair[0] not in ("after", "limit")]
        query = urlencode([("limit", limit), ("after", following), *kept])
        body["paging"] = {"next": {"after": following, "link": f"{account.base_url}{call.path}?{query}"}}
    return ok(body)


def _page(account: Account, kind: ObjectType, wanted: Asked, limit: int) -> tuple[list[Record], str | None]:
    after = wanted.after or "0"
    if not is_id(after) or len(after) > 18:
        raise validation("Invalid paging cursor")  # the text is our guess
    page: list[Record] = []
    for number in account.search.ids_after(kind.plural, int(after)):
        record = account.store.get(kind.plural, str(number))
        if record is None or record.archived is not wanted.archived:
            continue
        if len(page) == limit:
            return page, record.id
        page.append(record)
    return page, None


def page_limit(text: str | None, default: int, limit_max: int) -> int:
    """The `limit` of a list. Raises HubSpotError 400 outside 1 to `limit_max`; the text is our guess."""
    if text is None or text == "":
        return default
    if not is_id(text) or len(text) > 9 or not 1 <= int(text) <= limit_max:
        raise validation(f"limit must be between 1 and {limit_max}, was {text[:40]}")
    return int(text)
