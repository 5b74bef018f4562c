"""The properties API: definitions and groups. Source: facts section 10.1.

Not modelled: sensitive data, locales, deleting groups.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fake_crm.hubspot.api.batch import complete, inputs_of
from fake_crm.hubspot.api.query import asked
from fake_crm.hubspot.errors import HubSpotError, missing_attributes, validation, value_taken
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.model.standard_types import ObjectType
from fake_crm.hubspot.model.stock import STOCK, definition_row, group_of, option_rows
from fake_crm.hubspot.paths import PROPERTIES
from fake_crm.hubspot.wire import body_object, no_content, objects_in, ok, order_in
from harness.kit.call import Call, Reply
from harness.kit.records import UniqueConflict
from harness.kit.routing import Route

Wire = dict[str, Any]
GROUP_KIND = "property_groups"
UNIQUE_MAX = 10
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_REQUIRED = ("name", "label", "type", "fieldType", "groupName")
_FIELD_TYPES = {
    "bool": ("booleancheckbox", "calculation_equation"),
    "enumeration": ("booleancheckbox", "checkbox", "radio", "select", "calculation_equation"),
    "date": ("date",),
    "datetime": ("date",),
    "string": ("text", "textarea", "html", "file", "phonenumber", "calculation_equation"),
    "phone_number": ("phonenumber",),
    "number": ("number", "calculation_equation"),
}


def routes() -> Iterator[Route]:
    for base in PROPERTIES:
        yield Route("GET", f"{base}/{{type}}", list_properties, "list_properties")
        yield Route("POST", f"{base}/{{type}}", create_property, "create_property")
        yield Route("GET", f"{base}/{{type}}/groups", list_groups, "list_property_groups")
        yield Route("POST", f"{base}/{{type}}/groups", create_group, "create_property_group")
        yield Route("GET", f"{base}/{{type}}/groups/{{name}}", read_group, "read_property_group")
        yield Route("GET", f"{base}/{{type}}/{{name}}", read_property, "read_property")
        yield Route("PATCH", f"{base}/{{type}}/{{name}}", update_property, "update_property")
        yield Route("DELETE", f"{base}/{{type}}/{{name}}", archive_property, "archive_property")
        yield Route("POST", f"{base}/{{type}}/batch/read", batch_read, "batch_read_properties")
        yield Route("POST", f"{base}/{{type}}/batch/create", batch_create, "batch_create_properties")
        yield Route("POST", f"{base}/{{type}}/batch/archive", batch_archive, "batch_archive_properties")


def list_properties(account: Account, call: Call) -> Reply:
    kind = account.resolve(call.params["type"])
    return ok({"results": account.definitions.rows(kind.plural, archived=asked(call).archived)})


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
    """200 with the definition. Name, type of value and uniqueness stay; options are replaced as a whole."""
    kind, name = account.resolve(call.params["type"]), call.params["name"]
    body = body_object(call)
    row = account.definitions.row(kind.plural, name)
    if row is None or row["archived"]:
        raise no_property(name)
    changed = {**row, "updatedAt": account.now()}
    for key in ("label", "description", "groupName", "fieldType", "type"):
        if isinstance(body.get(key), str):
            changed[key] = body[key]
    for key in ("hidden", "formField"):
        if isinstance(body.get(key), bool):
            changed[key] = body[key]
    if "options" in body:
        changed["options"] = _options(body)
    _check_types(changed)
    account.definitions.put(kind.plural, changed)
    return ok(changed)


def archive_property(account: Account, call: Call) -> Reply:
    """204. Stored values stay and are not shown any more; writes of the name are refused."""
    kind, name = account.resolve(call.params["type"]), call.params["name"]
    _archive(account, kind, name)
    return no_content()


# -- batches ----------------------------------------------------------------------------------------------------------


def batch_read(account: Account, call: Call) -> Reply:
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
            errors.append(refused.entry(name=[str(each.get("name"))]))
    return complete(account, results, errors, 201)


def batch_archive(account: Account, call: Call) -> Reply:
    kind = account.resolve(call.params["type"])
    names = [_text(each, "name") for each in inputs_of(body_object(call))]
    with account.store.transaction():
        for name in names:
            _archive(account, kind, name)
    return no_content()


# -- groups -----------------------------------------------------------------------------------------------------------


def list_groups(account: Account, call: Call) -> Reply:
    kind = account.resolve(call.params["type"])
    return ok({"results": _groups(account, kind)})


def read_group(account: Account, call: Call) -> Reply:
    kind, name = account.resolve(call.params["type"]), call.params["name"]
    for row in _groups(account, kind):
        if row["name"] == name:
            return ok(row)
    raise HubSpotError(404, f"Property group '{name}' does not exist", "OBJECT_NOT_FOUND")  # the text is our guess


def create_group(account: Account, call: Call) -> Reply:
    """201; 409 when the name exists (our guess at the body)."""
    kind, body = account.resolve(call.params["type"]), body_object(call)
    name, label = _text(body, "name"), _text(body, "label")
    if any(row["name"] == name for row in _groups(account, kind)):
        raise HubSpotError(409, f"A property group named '{name}' already exists.", "OBJECT_ALREADY_EXISTS")
    row = {"name": name, "label": label, "displayOrder": order_in(body, -1), "archived": False}
    account.store.insert(GROUP_KIND, f"{kind.plural}/{name}", {"object": kind.plural, "group": row})
    return ok(row, 201)


def _groups(account: Account, kind: ObjectType) -> list[Wire]:
    stock = {
        "name": group_of(kind.plural),
        "label": f"{kind.singular.replace('_', ' ').capitalize()} information",
        "displayOrder": 0,
    }
    own = [record.fields["group"] for record in account.store.all(GROUP_KIND) if record.fields["object"] == kind.plural]
    return [{**stock, "archived": False}, *own]


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
    missing = [key for key in _REQUIRED if not isinstance(body.get(key), str) or not body[key]]
    if missing:
        raise missing_attributes(missing)
    name = body["name"]
    if not _NAME.fullmatch(name):
        raise validation(f"Property name '{name}' is invalid: use lower-case letters, digits and underscores.")  # our guess
    old = account.definitions.row(kind.plural, name)
    if old is not None and not old["archived"]:
        raise HubSpotError(409, f"A property named '{name}' already exists.", "OBJECT_ALREADY_EXISTS")
    group = body["groupName"]
    if all(row["name"] != group for row in _groups(account, kind)):
        raise validation(f"Property group '{group}' does not exist.")  # our guess
    options = _options(body)
    row = definition_row(
        name, body["label"], body["type"], body["fieldType"], group, options, read_only=False, custom=True, at=account.now()
    )
    row["description"] = body["description"] if isinstance(body.get("description"), str) else ""
    row["hasUniqueValue"] = body.get("hasUniqueValue") is True
    for key in ("hidden", "formField"):
        row[key] = body.get(key) is True
    _check_types(row)
    if row["hasUniqueValue"]:
        _check_unique(account, kind)
    try:
        with account.store.transaction():
            account.definitions.put(kind.plural, row)
    except UniqueConflict as taken:  # an archived unique property comes back over values that clash by now
        raise value_taken(account.portal_id, kind.label, name, str(taken.value), taken.holder, taken.holder) from None
    return row


def _check_types(row: Wire) -> None:
    allowed = _FIELD_TYPES.get(row["type"])
    if allowed is None:
        raise validation(f"Property type '{row['type']}' is not one of [{', '.join(_FIELD_TYPES)}].")  # our guess
    if row["fieldType"] not in allowed:
        raise validation(
            f"fieldType '{row['fieldType']}' does not fit type '{row['type']}'; allowed: [{', '.join(allowed)}]."
        )  # our guess
    if row["type"] == "bool" and {option["value"] for option in row["options"]} != {"true", "false"}:
        raise validation("A bool property needs the options true and false.")  # our guess


def _check_unique(account: Account, kind: ObjectType) -> None:
    own = [row for row in account.definitions.rows(kind.plural) if row["hasUniqueValue"] and not row["hubspotDefined"]]
    if len(own) >= UNIQUE_MAX:
        raise validation(f"An object can have at most {UNIQUE_MAX} unique properties.")  # our guess


def _options(body: Wire) -> list[Wire]:
    options = objects_in(body, "options")
    values = [(_text(each, "label"), _text(each, "value")) for each in options]
    if len({value for _, value in values}) < len(values):
        raise validation("Property options must have distinct values.")  # our guess
    return option_rows([{**each, "displayOrder": order_in(each, position)} for position, each in enumerate(options)])


def _archive(account: Account, kind: ObjectType, name: str) -> None:
    row = account.definitions.row(kind.plural, name)
    if row is None or row["archived"]:
        raise no_property(name)
    if name in STOCK[kind.plural]:
        raise validation(f"Property '{name}' is defined by HubSpot and cannot be archived.")  # our guess
    account.definitions.archive(kind.plural, name)
