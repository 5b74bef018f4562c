"""CRM objects: list, create, read, patch, archive. Source: facts section 4."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from fake_crm.hubspot.access.scopes import linked_type
from fake_crm.hubspot.api.inline_links import links_in
from fake_crm.hubspot.api.query import Asked, asked, page_limit
from fake_crm.hubspot.api.shapes import created, patched, read, with_associations
from fake_crm.hubspot.errors import HubSpotError, not_found, not_numeric, validation
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.model.standard_types import ObjectType
from fake_crm.hubspot.paths import OBJECTS
from fake_crm.hubspot.wire import body_object, is_id, no_content, ok, properties_in
from harness.kit.call import Call, Reply
from harness.kit.records import Record
from harness.kit.routing import Route

Wire = dict[str, Any]
LIST_MAX, LIST_MAX_WITH_HISTORY = 100, 50


def routes() -> Iterator[Route]:
    for base in OBJECTS:
        yield Route("GET", f"{base}/{{type}}", list_objects, "list_{many}")
        yield Route("POST", f"{base}/{{type}}", create_object, "create_{one}")
        yield Route("GET", f"{base}/{{type}}/{{id}}", read_object, "read_{one}")
        yield Route("PATCH", f"{base}/{{type}}/{{id}}", update_object, "update_{one}")
        yield Route("DELETE", f"{base}/{{type}}/{{id}}", archive_object, "archive_{one}")


def record_for(account: Account, kind: ObjectType, call: Call, wanted: Asked, *, to_read: bool = False) -> Record:
    """The record a path names, by id or by the value of `idProperty`. An id that went under in a merge stands for what it has
    become (on PATCH as well: our guess). Raises HubSpotError 404."""
    key = call.params["id"]
    if wanted.id_property is not None and wanted.id_property != "hs_object_id":
        record = account.find(kind, key, wanted.id_property)
    else:
        record = account.store.get(kind.plural, key)
        if record is None and not is_id(key):
            raise not_numeric(key)
    if to_read and account.replica.lags and record is not None:
        record = account.replica.record(record)
    if record is not None and record.archived and (survivor := account.merging.survivor(kind, record.id)) is not None:
        record = survivor
    if record is None or not is_shown(account, kind, record, wanted.archived):
        raise not_found()
    return record


def is_shown(account: Account, kind: ObjectType, record: Record, archived: bool) -> bool:
    """Whether a read of live records, or of those in the bin, shows this one."""
    return record.archived is archived and (not archived or account.bin.holds(kind, record))


def read_object(account: Account, call: Call) -> Reply:
    """200 with the record; 404 when it is absent or in the bin (with `archived=true`: when it is not)."""
    kind, wanted = account.resolve(call.params["type"]), asked(call)
    record = record_for(account, kind, call, wanted, to_read=True)
    body = read(account, kind, record, wanted.properties, wanted.history)
    if wanted.associations:
        with_associations(account, kind, record, body, wanted.associations)
    return ok(body)


def create_object(account: Account, call: Call) -> Reply:
    """201 with the new record and its address; 400 for bad values, 409 for a contact's taken e-mail: nothing written."""
    kind, body = account.resolve(call.params["type"]), body_object(call)
    links = links_in(account, kind, body)
    given = body.get("properties")
    record = account.create(kind, properties_in(body) if given is not None or not links else {}, links)
    reply = ok(created(account, kind, record), 201)
    reply.headers["location"] = f"{account.base_url}/crm/v3/objects/{kind.plural}/{record.id}"
    return reply


def update_object(account: Account, call: Call) -> Reply:
    """200 with what changed; 400, 404 or 409, and then nothing of the request is applied."""
    kind, wanted = account.resolve(call.params["type"]), asked(call)
    given = properties_in(body_object(call))
    if not given:
        raise HubSpotError(400, "No properties found to update, please provide at least one.")
    record = record_for(account, kind, call, wanted)
    values = account.patch(kind, record, given)
    return ok(patched(account, kind, record, values))


def archive_object(account: Account, call: Call) -> Reply:
    """204, also for an unknown or archived id or one that went under in a merge (our guess); 404 for an id that is no number."""
    kind, key = account.resolve(call.params["type"]), call.params["id"]
    if not is_id(key):
        raise not_numeric(key)
    account.archive(kind, key)
    return no_content()


def list_objects(account: Account, call: Call) -> Reply:
    """200 with a page of records, ids ascending; `paging` is absent on the last one. `after` is the next record's id."""
    kind, wanted = account.resolve(call.params["type"]), asked(call)
    limit = page_limit(wanted.limit, 10, LIST_MAX_WITH_HISTORY if wanted.history else LIST_MAX)
    for name in wanted.associations:  # an unknown type is refused whether there are records or not
        linked_type(account, name)
    records, following = _page(account, kind, wanted, limit)
    results = []
    for record in records:
        row = read(account, kind, record, wanted.properties, wanted.history)
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
        if record is not None and account.replica.lags:
            record = account.replica.record(record)
        if record is None or record.archived is not wanted.archived or (record.archived and not account.bin.holds(kind, record)):
            continue
        if len(page) == limit:
            return page, record.id
        page.append(record)
    return page, None
