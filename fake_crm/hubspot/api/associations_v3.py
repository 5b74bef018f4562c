"""Associations v3: links by type name. Source: facts section 9.2."""

from __future__ import annotations

from collections.abc import Iterator

from fake_crm.hubspot.api.associations import CREATE_MAX, READ_MAX, check_alive, check_direction, end, ends, id_of, no_associations
from fake_crm.hubspot.api.batch import complete, inputs_of
from fake_crm.hubspot.api.inline_links import types_in
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.wire import body_object, no_content, ok
from harness.kit.call import Call, Reply
from harness.kit.routing import Route


def routes() -> Iterator[Route]:
    pair = "/crm/v3/associations/{type}/{to}"
    yield Route("POST", f"{pair}/batch/read", batch_read_v3, "batch_read_associations", "batch_read_associations_v3")
    yield Route("POST", f"{pair}/batch/create", batch_create_v3, "batch_create_associations", "batch_create_associations_v3")
    yield Route("POST", f"{pair}/batch/archive", batch_archive_v3, "batch_archive_associations", "batch_archive_associations_v3")
    yield Route("GET", f"{pair}/types", read_types_v3, "read_association_types")


def read_types_v3(account: Account, call: Call) -> Reply:
    source, target = ends(account, call)
    return ok({"results": [{"id": str(each.id), "name": each.name} for each in account.association_types.of(source, target)]})


def batch_read_v3(account: Account, call: Call) -> Reply:
    """200 or 207 with `to: [{id, type}]`; towards companies only the primary one."""
    source, target = ends(account, call)
    results, errors = [], []
    names = {each.id: each for each in account.association_types.of(source, target)}
    has_primary = any(each.label == "Primary" for each in names.values()) and target.plural == "companies"
    for each in inputs_of(body_object(call), READ_MAX):
        record_id = id_of(each)
        rows = [
            {"id": link.fields["to_id"], "type": names[number].name}
            for link in account.links.of(source, record_id, target)
            for number in link.fields["types"]
            if not has_primary or names[number].label == "Primary"
        ]
        if rows:
            results.append({"from": {"id": record_id}, "to": rows})
        else:
            errors.append(no_associations(source, target, record_id))
    return complete(account, results, errors)


def batch_create_v3(account: Account, call: Call) -> Reply:
    """201 with the inputs echoed; `type` is a name such as `deal_to_company` or its id."""
    source, target = ends(account, call)
    results = []
    with account.store.transaction():
        for row in inputs_of(body_object(call), CREATE_MAX):
            name = row.get("type")
            link = account.association_types.named(name) if isinstance(name, str) else None
            types = [link] if link is not None else types_in(account, [{"associationTypeId": name}])
            check_direction(source, target, types)
            from_id, to_id = end(row, "from"), end(row, "to")
            check_alive(account, source, from_id)
            check_alive(account, target, to_id)
            account.link(source, from_id, target, to_id, [types[0].id], keep=True)
            results.append({"from": {"id": from_id}, "to": {"id": to_id}, "type": types[0].name})
    return complete(account, results, [], 201)


def batch_archive_v3(account: Account, call: Call) -> Reply:
    source, target = ends(account, call)
    with account.store.transaction():
        for row in inputs_of(body_object(call), CREATE_MAX):
            account.links.delete(source, end(row, "from"), target, end(row, "to"))
    return no_content()
