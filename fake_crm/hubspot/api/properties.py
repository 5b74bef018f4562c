"""The properties API: definitions of properties. Source: facts section 10.1.

What a definition may be is told by `property_input.py`. Not modelled: locales (ignored), calculated properties of an account's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fake_crm.hubspot.api.batch import complete, inputs_of
from fake_crm.hubspot.api.property_input import changed_definition, check_room, exists_already, new_definition
from fake_crm.hubspot.api.query import asked
from fake_crm.hubspot.errors import HubSpotError, missing_attributes, validation, value_taken
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.model.standard_types import ObjectType
from fake_crm.hubspot.model.stock import STOCK
from fake_crm.hubspot.paths import PROPERTIES
from fake_crm.hubspot.wire import body_object, no_content, ok
from harness.kit.call import Call, Reply
from harness.kit.records import UniqueConflict
from harness.kit.routing import Route

Wire = dict[str, Any]
PLAIN = "non_sensitive"


def routes() -> Iterator[Route]:
    for base in PROPERTIES:
        yield Route("GET", f"{base}/{{type}}", list_properties, "list_properties")
        yield Route("POST", f"{base}/{{type}}", create_property, "create_property")
        yield Route("GET", f"{base}/{{type}}/{{name}}", read_property, "read_property")
        yield Route("PATCH", f"{base}/{{type}}/{{name}}", update_property, "update_property")
        yield Route("DELETE", f"{base}/{{type}}/{{name}}", archive_property, "archive_property")
        yield Route("POST", f"{base}/{{type}}/batch/read", batch_read, "batch_read_properties")
        yield Route("POST", f"{base}/{{type}}/batch/create", batch_create, "batch_create_properties")
        yield Route("POST", f"{base}/{{type}}/batch/archive", batch_archive, "batch_archive_properties")


def list_properties(account: Account, call: Call) -> Reply:
    """200 with all definitions of one sensitivity, live ones unless `archived=true`."""
    kind, wanted = account.resolve(call.params["type"]), call.query_dict().get("dataSensitivity") or PLAIN
    rows = account.definitions.rows(kind.plural, archived=asked(call).archived)
    return ok({"results": [row for row in rows if row["dataSensitivity"] == wanted]})


def read_property(account: Account, call: Call) -> Reply:
    """200 with the definition; 404 when it is absent, or archived and not asked for."""
    kind, name = account.resolve(call.params["type"]), call.params["name"]
    row = account.definitions.row(kind.plural, name)
    if row is None or row["archived"] is not asked(call).archived:
        raise no_property(name)
    return ok(row)


def create_property(account: Account, call: Call) -> Reply:
    """201 with the definition; 409 when the name exists; 400 for a bad name, type or options. An archived one comes back."""
    kind = account.resolve(call.params["type"])
    return ok(_create(account, kind, body_object(call)), 201)


def update_property(account: Account, call: Call) -> Reply:
    """200 with the definition. Name and uniqueness stay; options are replaced as a whole."""
    kind, name = account.resolve(call.params["type"]), call.params["name"]
    row = account.definitions.row(kind.plural, name)
    if row is None or row["archived"]:
        raise no_property(name)
    changed = changed_definition(account, kind, row, body_object(call))
    account.definitions.put(kind.plural, changed)
    return ok(changed)


def archive_property(account: Account, call: Call) -> Reply:
    """204. Stored values stay and are not shown any more; writes of the name are refused."""
    kind, name = account.resolve(call.params["type"]), call.params["name"]
    _archive(account, kind, name)
    return no_content()


# -- batches ----------------------------------------------------------------------------------------------------------


def batch_read(account: Account, call: Call) -> Reply:
    """200, or 207 with an error for each name that is not defined."""
    kind, body = account.resolve(call.params["type"]), body_object(call)
    results, errors = [], []
    for each in inputs_of(body):
        name = _text(each, "name")
        row = account.definitions.row(kind.plural, name)
        if row is None or row["archived"] is not (body.get("archived") is True):
            errors.append(no_property(name).entry(name=[name]))
        else:
            results.append(row)
    return complete(account, results, errors)


def batch_create(account: Account, call: Call) -> Reply:
    """201, or 207 with an error for each definition that was refused."""
    kind = account.resolve(call.params["type"])
    results, errors = [], []
    for each in inputs_of(body_object(call)):
        try:
            results.append(_create(account, kind, each))
        except HubSpotError as refused:
            if refused.status == 501:
                raise
            errors.append(refused.entry(name=[str(each.get("name"))]))
    return complete(account, results, errors, 201)


def batch_archive(account: Account, call: Call) -> Reply:
    """204; one bad name refuses all."""
    kind = account.resolve(call.params["type"])
    names = [_text(each, "name") for each in inputs_of(body_object(call))]
    with account.store.transaction():
        for name in names:
            _archive(account, kind, name)
    return no_content()


# -- inside -----------------------------------------------------------------------------------------------------------


def no_property(name: str) -> HubSpotError:
    text = f'Property "{name}" does not exist'  # the text is our guess, the subcategory was seen
    return HubSpotError(404, text, "OBJECT_NOT_FOUND", subCategory="PROPERTY_DOESNT_EXIST")


def _text(row: Wire, key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value:
        raise missing_attributes([key])
    return value


def _create(account: Account, kind: ObjectType, body: Wire) -> Wire:
    row = new_definition(account, kind, body)
    name = row["name"]
    old = account.definitions.row(kind.plural, name)
    if old is not None and not old["archived"]:
        raise exists_already(name)
    check_room(account, kind, row)
    try:
        with account.store.transaction():
            account.definitions.put(kind.plural, row)
    except UniqueConflict as taken:  # an archived unique property comes back over values that clash by now
        raise value_taken(account.portal_id, kind.label, name, str(taken.value), taken.holder, taken.holder) from None
    return row


def _archive(account: Account, kind: ObjectType, name: str) -> None:
    row = account.definitions.row(kind.plural, name)
    if row is None or row["archived"]:
        raise no_property(name)
    if row["hubspotDefined"] or name in STOCK[kind.plural]:
        raise validation(f"Property '{name}' is defined by HubSpot and cannot be archived.")  # our guess
    account.definitions.archive(kind.plural, name)
