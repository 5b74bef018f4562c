"""Associations v3: links by the name of their type, in batches and on the path of an object. Source: facts sections 4.1 and 9.2.

Our guess: a page has 500 links; taking a labelled type from a pair leaves it linked, as with labels of v4.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fake_crm.hubspot.api.associations import (
    CREATE_MAX,
    READ_MAX,
    check_alive,
    check_direction,
    end,
    ends,
    id_of,
    no_associations,
    page_in,
    page_of,
    present_id,
)
from fake_crm.hubspot.api.batch import complete, inputs_of
from fake_crm.hubspot.api.shapes import as_object, with_associations
from fake_crm.hubspot.errors import HubSpotError, not_found, not_numeric, validation
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.model.association_types import AssociationType
from fake_crm.hubspot.model.standard_types import ObjectType
from fake_crm.hubspot.wire import body_object, is_id, no_content, ok
from harness.kit.call import Call, Reply
from harness.kit.records import Record
from harness.kit.routing import Route

Wire = dict[str, Any]


def routes() -> Iterator[Route]:
    pair = "/crm/v3/associations/{type}/{to}"
    yield Route("POST", f"{pair}/batch/read", batch_read_v3, "batch_read_associations", "batch_read_associations_v3")
    yield Route("POST", f"{pair}/batch/create", batch_create_v3, "batch_create_associations", "batch_create_associations_v3")
    yield Route("POST", f"{pair}/batch/archive", batch_archive_v3, "batch_archive_associations", "batch_archive_associations_v3")
    yield Route("GET", f"{pair}/types", read_types_v3, "read_association_types")
    links = "/crm/v3/objects/{type}/{id}/associations/{to}"
    yield Route("GET", links, read_links, "read_associations", "read_associations_v3")
    yield Route("PUT", f"{links}/{{to_id}}/{{name}}", put_link, "associate", "associate_v3")
    yield Route("DELETE", f"{links}/{{to_id}}/{{name}}", delete_link, "archive_association", "archive_association_v3")


def read_types_v3(account: Account, call: Call) -> Reply:
    source, target = ends(account, call)
    return ok({"results": [{"id": str(each.id), "name": each.name} for each in account.association_types.of(source, target)]})


# -- on an object's path ----------------------------------------------------------------------------------------------


def read_links(account: Account, call: Call) -> Reply:
    """200 with a row for every type of every link: a primary company appears twice."""
    source, target = ends(account, call)
    page = page_in(account, call, source, target)
    return ok({"results": _rows(account, source, target, page.links), **page.paging})


def put_link(account: Account, call: Call) -> Reply:
    """200 with the object and its links to this type; 404 for an unknown object, 400 for an unknown target or type."""
    source, target = ends(account, call)
    kind = _named(account, source, target, call.params["name"])
    record = account.live(source, call.params["id"])
    if record is None:
        raise not_found() if is_id(call.params["id"]) else not_numeric(call.params["id"])
    check_alive(account, target, call.params["to_id"])
    account.link(source, record.id, target, call.params["to_id"], [kind.id], keep=True)
    return ok(with_associations(account, source, record, as_object(account, source, record, None), (target.plural,)))


def delete_link(account: Account, call: Call) -> Reply:
    """204, whether there was such a link or not. Without its plain type nothing of a link is left (facts 9.4)."""
    source, target = ends(account, call)
    kind = _named(account, source, target, call.params["name"])
    with account.store.transaction():
        account.links.drop(source, call.params["id"], target, call.params["to_id"], [kind.id])
    return no_content()


# -- batches ----------------------------------------------------------------------------------------------------------


def batch_read_v3(account: Account, call: Call) -> Reply:
    """200 or 207 with `to: [{id, type}]`; towards companies only the primary one."""
    source, target = ends(account, call)
    results, errors = [], []
    primary = account.association_types.primary(source, target) if target.plural == "companies" else None
    for each in inputs_of(body_object(call), READ_MAX):
        record_id = present_id(account, source, id_of(each))
        links = account.replica.links(source, record_id, target)
        if primary is not None:
            links = [link for link in links if primary.id in link.fields["types"]]
        page = page_of(account, links, None, f"/crm/v3/objects/{source.type_id}/{record_id}/associations/{target.type_id}")
        rows = _rows(account, source, target, page.links)
        if primary is not None:
            rows = [row for row in rows if row["type"] == primary.name]
        if rows:
            results.append({"from": {"id": record_id}, "to": rows, **page.paging})
        else:
            errors.append(no_associations(source, target, record_id))
    return complete(account, results, errors)


def batch_create_v3(account: Account, call: Call) -> Reply:
    """201 with the inputs echoed, or 207 with an error for each that was refused; `type` is a name or the id of one."""
    source, target = ends(account, call)
    results, errors = [], []
    with account.store.transaction():
        for row in inputs_of(body_object(call), CREATE_MAX):
            from_id, to_id, name = end(row, "from"), end(row, "to"), row.get("type")
            try:
                kind = _named(account, source, target, str(name)[:200])
                check_alive(account, source, from_id)
                check_alive(account, target, to_id)
                account.link(source, from_id, target, to_id, [kind.id], keep=True)
            except HubSpotError as refused:
                errors.append(refused.entry())
                continue
            results.append({"from": {"id": from_id}, "to": {"id": to_id}, "type": kind.name})
    return complete(account, results, errors, 201)


def batch_archive_v3(account: Account, call: Call) -> Reply:
    """204: the pairs are not linked any more, whatever `type` says (our guess)."""
    source, target = ends(account, call)
    with account.store.transaction():
        for row in inputs_of(body_object(call), CREATE_MAX):
            account.links.delete(source, end(row, "from"), target, end(row, "to"))
    return no_content()


# -- inside -----------------------------------------------------------------------------------------------------------


def _rows(account: Account, source: ObjectType, target: ObjectType, links: list[Record]) -> list[Wire]:
    names = {each.id: each.name for each in account.association_types.of(source, target)}
    return [
        {"id": link.fields["to_id"], "type": names[number]} for link in links for number in link.fields["types"] if number in names
    ]


def _named(account: Account, source: ObjectType, target: ObjectType, name: str) -> AssociationType:
    """The type of this direction with this name or id; types of custom objects have one name in both. Raises HubSpotError 400."""
    for each in account.association_types.of(source, target):
        if name in (each.name, str(each.id)):
            return each
    other = account.association_types.named(name)
    if other is None:
        raise validation(f"No association type with id {name} exists.")  # the text is our guess
    check_direction(source, target, [other])
    return other
