"""Associations v4: list, put, delete, batches. Source: facts section 9. Labels and limits have files of their own.

`toObjectId` and the ids of a PUT's answer are JSON numbers on v4 paths and strings on dated ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fake_crm.hubspot.api.batch import INPUTS_MAX, complete, inputs_of
from fake_crm.hubspot.api.inline_links import types_in, wrong_direction
from fake_crm.hubspot.api.query import asked, page_limit
from fake_crm.hubspot.errors import HubSpotError, invalid_associations, missing_attributes, not_numeric, validation
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.model.association_types import AssociationType
from fake_crm.hubspot.model.standard_types import ObjectType
from fake_crm.hubspot.paths import ASSOCIATIONS, DATES, LINKED_OBJECTS
from fake_crm.hubspot.wire import body_list, body_object, id_text, is_id, no_content, objects_in, ok
from harness.kit.call import Call, Reply
from harness.kit.records import Record
from harness.kit.routing import Route

Wire = dict[str, Any]
_V4 = ("/crm/v4/", "/crm/associations/v4/")
PAGE_MAX, READ_MAX, CREATE_MAX = 500, 1000, 2000


def routes() -> Iterator[Route]:
    for base in LINKED_OBJECTS:
        one = f"{base}/{{type}}/{{id}}/associations"
        yield Route("GET", f"{one}/{{to}}", read_associations, "read_associations")
        yield Route("PUT", f"{one}/{{to}}/{{to_id}}", put_association, "associate")
        yield Route("DELETE", f"{one}/{{to}}/{{to_id}}", delete_association, "archive_association")
        yield Route("PUT", f"{one}/default/{{to}}/{{to_id}}", put_default, "associate_default")
    for base in ASSOCIATIONS:
        pair = f"{base}/{{type}}/{{to}}"
        yield Route("POST", f"{pair}/batch/read", batch_read, "batch_read_associations")
        yield Route("POST", f"{pair}/batch/create", batch_create, "batch_create_associations")
        yield Route("POST", f"{pair}/batch/associate/default", batch_default, "batch_associate_default")
        yield Route("POST", f"{pair}/batch/archive", batch_archive, "batch_archive_associations")


@dataclass(frozen=True, slots=True)
class Page:
    """Some links of one record; `paging` is empty on the last page."""

    links: list[Record]
    paging: Wire


def page_of(account: Account, links: list[Record], after: Any, path: str, limit: int = PAGE_MAX) -> Page:
    """From the link to record `after` on; an unknown cursor finds nothing (our guess). `path` reads the same links."""
    if after is not None and after != "":
        cursor = id_text(after)
        position = next((place for place, link in enumerate(links) if link.fields["to_id"] == cursor), len(links))
        links = links[position:]
    if len(links) <= limit:
        return Page(links, {})
    following = links[limit].fields["to_id"]
    link = f"{account.base_url}{path}?limit={limit}&after={following}"
    return Page(links[:limit], {"paging": {"next": {"after": following, "link": link}}})


def ends(account: Account, call: Call) -> tuple[ObjectType, ObjectType]:
    return account.resolve(call.params["type"]), account.resolve(call.params["to"])


def wire_id(call: Call, record_id: str) -> int | str:
    """Ids are numbers on the v4 paths, strings on the dated ones."""
    return int(record_id) if call.path.startswith(_V4) else record_id


def _link_row(account: Account, call: Call, link: Record, source: ObjectType, target: ObjectType) -> Wire:
    types = set(link.fields["types"])
    return {
        "toObjectId": wire_id(call, link.fields["to_id"]),
        "associationTypes": [
            {"category": each.category, "typeId": each.id, "label": each.label}
            for each in sorted(account.association_types.of(source, target), key=lambda each: each.id)
            if each.id in types
        ],
    }


def page_in(account: Account, call: Call, source: ObjectType, target: ObjectType) -> Page:
    """The page of one record's links that a call asks for. An unknown record has none; an id that is no number is a 404."""
    wanted = asked(call)
    if not is_id(call.params["id"]):
        raise not_numeric(call.params["id"])
    limit = page_limit(wanted.limit, PAGE_MAX, PAGE_MAX)
    links = account.replica.links(source, present_id(account, source, call.params["id"]), target)
    return page_of(account, links, wanted.after, call.path, limit)


def read_associations(account: Account, call: Call) -> Reply:
    """200 with a page of links of one record; `paging` is absent on the last."""
    source, target = ends(account, call)
    page = page_in(account, call, source, target)
    return ok({"results": [_link_row(account, call, link, source, target) for link in page.links], **page.paging})


def put_association(account: Account, call: Call) -> Reply:
    """201 with both ends: the labels in the body replace those of the pair. 400 for a wrong type, direction or record."""
    source, target = ends(account, call)
    types = types_in(account, body_list(call))
    check_direction(source, target, types)
    from_id, to_id = call.params["id"], call.params["to_id"]
    check_alive(account, source, from_id)
    check_alive(account, target, to_id)
    account.link(source, from_id, target, to_id, [each.id for each in types])
    body = {
        "fromObjectTypeId": source.type_id,
        "fromObjectId": wire_id(call, from_id),
        "toObjectTypeId": target.type_id,
        "toObjectId": wire_id(call, to_id),
        "labels": [each.label for each in types if each.label is not None],
    }
    return ok(body, 201)


def put_default(account: Account, call: Call) -> Reply:
    """200 with the plain association, both directions."""
    source, target = ends(account, call)
    return complete(account, _link_default(account, source, target, call.params["id"], call.params["to_id"]), [])


def delete_association(account: Account, call: Call) -> Reply:
    """204: every type between the two is gone, both directions."""
    source, target = ends(account, call)
    with account.store.transaction():
        account.links.delete(source, call.params["id"], target, call.params["to_id"])
    return no_content()


# -- batches ----------------------------------------------------------------------------------------------------------


def batch_read(account: Account, call: Call) -> Reply:
    """200, or 207: records without such links are absent from `results` and named in `errors`, one entry each."""
    source, target = ends(account, call)
    results, errors = [], []
    for each in inputs_of(body_object(call), READ_MAX):
        record_id = present_id(account, source, id_of(each))
        links = account.replica.links(source, record_id, target)
        if links:
            page = page_of(
                account,
                links,
                each.get("after"),
                f"{_objects_base(call)}/{source.type_id}/{record_id}/associations/{target.type_id}",
            )
            rows = [_link_row(account, call, link, source, target) for link in page.links]
            results.append({"from": {"id": record_id}, "to": rows, **page.paging})
        else:
            errors.append(no_associations(source, target, record_id))
    return complete(account, results, errors)


def _objects_base(call: Call) -> str:
    """Where the links of one record are read, in the version of the batch's own path."""
    version = next((part for part in call.path.split("/") if part in DATES), "")
    return f"/crm/objects/{version}" if version else "/crm/v4/objects"


def no_associations(source: ObjectType, target: ObjectType, record_id: str) -> Wire:
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": f"No {target.singular} is associated with {source.singular} {record_id}.",
        "context": {"fromObjectId": [record_id], "fromObjectType": [source.singular], "toObjectType": [target.singular]},
    }


def batch_create(account: Account, call: Call) -> Reply:
    """201, or 207 with one error per input whose records are missing or have too many links."""
    source, target = ends(account, call)
    results, errors = [], []
    with account.store.transaction():
        for row in inputs_of(body_object(call), CREATE_MAX):
            types = types_in(account, row.get("types"))
            check_direction(source, target, types)
            from_id, to_id = end(row, "from"), end(row, "to")
            try:
                check_alive(account, source, from_id)
                check_alive(account, target, to_id)
                account.link(source, from_id, target, to_id, [each.id for each in types])
            except HubSpotError as refused:
                errors.append(refused.entry())
                continue
            results.append(
                {
                    "fromObjectTypeId": source.type_id,
                    "fromObjectId": wire_id(call, from_id),
                    "toObjectTypeId": target.type_id,
                    "toObjectId": wire_id(call, to_id),
                    "labels": [each.label for each in types if each.label is not None],
                }
            )
    return complete(account, results, errors, 201)


def batch_default(account: Account, call: Call) -> Reply:
    """200 with the plain associations, both directions of each; 207 with the inputs whose records are missing."""
    source, target = ends(account, call)
    results, errors = [], []
    with account.store.transaction():
        for row in inputs_of(body_object(call), CREATE_MAX):
            try:
                results += _link_default(account, source, target, end(row, "from"), end(row, "to"))
            except HubSpotError as refused:
                errors.append(refused.entry())
    return complete(account, results, errors)


def batch_archive(account: Account, call: Call) -> Reply:
    source, target = ends(account, call)
    with account.store.transaction():
        for row in inputs_of(body_object(call), INPUTS_MAX):
            for other in objects_in(row, "to"):
                account.links.delete(source, end(row, "from"), target, id_of(other))
    return no_content()


# -- inside -----------------------------------------------------------------------------------------------------------


def id_of(row: Wire) -> str:
    if "id" not in row:
        raise missing_attributes(["id"])
    return id_text(row["id"])


def present_id(account: Account, kind: ObjectType, record_id: str) -> str:
    """The id, or that of what its record has become in a merge: reads of links follow as reads of records do (our guess)."""
    if account.live(kind, record_id) is None and (survivor := account.merging.survivor(kind, record_id)) is not None:
        return survivor.id
    return record_id


def end(row: Wire, key: str) -> str:
    end = row.get(key)
    if not isinstance(end, dict):
        raise missing_attributes([key])
    return id_of(end)


def check_alive(account: Account, kind: ObjectType, record_id: str) -> None:
    if account.live(kind, record_id) is None:
        raise invalid_associations(kind.label, [record_id])


def check_direction(source: ObjectType, target: ObjectType, types: list[AssociationType]) -> None:
    for each in types:
        if each.source.type_id != source.type_id:
            raise wrong_direction(source, each)
        if each.target.type_id != target.type_id:
            text = f"Association type {each.id} invalid to object type {target.type_id} for associations to be created. "
            raise validation(f"{text}expected: {each.target.type_id}")


def _link_default(account: Account, source: ObjectType, target: ObjectType, from_id: str, to_id: str) -> list[Wire]:
    plain = account.association_types.plain(source, target)
    if plain is None:
        raise validation(f"No default association type exists from {source.type_id} to {target.type_id}.")  # our guess
    check_alive(account, source, from_id)
    check_alive(account, target, to_id)
    account.link(source, from_id, target, to_id, [plain.id], keep=True)
    return [
        {
            "from": {"id": one},
            "to": {"id": other},
            "associationSpec": {"associationCategory": plain.category, "associationTypeId": number},
        }
        for one, other, number in ((from_id, to_id, plain.id), (to_id, from_id, plain.inverse))
    ]
