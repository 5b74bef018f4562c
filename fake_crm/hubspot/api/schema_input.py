"""From the body of a request to a custom object's definition. Source: facts section 10.4, the vendor's document `schemas`.

Name, labels and lists of properties are checked as documented; the texts of all refusals are our guess.
"""

from __future__ import annotations

import re
from typing import Any

from fake_crm.hubspot.api.property_input import check_room, new_definition
from fake_crm.hubspot.errors import HubSpotError, missing_attributes, validation, wrong_shape
from fake_crm.hubspot.model import schemas
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.model.standard_types import ObjectType
from fake_crm.hubspot.model.stock import STOCK, group_of
from fake_crm.hubspot.model.types import custom_type
from fake_crm.hubspot.wire import names_in, objects_in, text_in

Wire = dict[str, Any]
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
_LISTS = ("requiredProperties", "searchableProperties", "secondaryDisplayProperties")
_DISPLAYED = ("primaryDisplayProperty", *_LISTS)


def new_schema(account: Account, body: Wire) -> Wire:
    """The definition a creation asks for, without an id yet. Raises HubSpotError 400, 409."""
    name, labels = text_in(body, "name"), body.get("labels")
    missing = [key for key, value in (("name", name), ("labels", labels)) if not value]
    if name is None or missing:
        raise missing_attributes(missing)
    if not _NAME.fullmatch(name):
        raise validation(f"Object type name '{name}' is invalid: use letters, digits and underscores, first a letter.")
    full = f"p{account.portal_id}_{name}"
    for archived in (False, True):
        if schemas.find(account, full, archived=archived) is not None:
            raise HubSpotError(409, f"An object type named '{name}' already exists.", "OBJECT_ALREADY_EXISTS")
    at = account.now()
    row: Wire = {
        "id": "",
        "objectTypeId": "",
        "fullyQualifiedName": full,
        "name": name,
        "labels": {},
        "requiredProperties": [],
        "searchableProperties": [],
        "secondaryDisplayProperties": [],
        "allowsSensitiveProperties": False,
        "archived": False,
        "createdAt": at,
        "updatedAt": at,
    }
    row = _merged(row, body)
    empty = [f"labels.{each}" for each in ("singular", "plural") if each not in row["labels"]]
    if empty:
        raise missing_attributes(empty)
    return row


def changed_schema(account: Account, row: Wire, body: Wire) -> Wire:
    """The definition after an update; its name stays. Raises HubSpotError 400."""
    changed = _merged({**row, "updatedAt": account.now()}, body)
    if body.get("clearDescription") is True:
        changed.pop("description", None)
    known = {each["name"] for each in account.definitions.rows(row["fullyQualifiedName"])}
    check_names(changed, known)
    return changed


def new_properties(account: Account, row: Wire, body: Wire) -> list[Wire]:
    """The definitions of a new type's properties: text unless said otherwise, in the type's own group. Raises HubSpotError 400."""
    kind = custom_type({**row, "requiredProperties": [], "searchableProperties": []})
    found: list[Wire] = []
    for each in objects_in(body, "properties"):
        filled = {"type": "string", "fieldType": "text", "groupName": group_of(kind.plural)}
        filled |= {key: value for key, value in each.items() if value is not None}
        made = new_definition(account, kind, filled)
        if made["name"] in STOCK[kind.plural] or any(made["name"] == other["name"] for other in found):
            raise validation(f"Property '{made['name']}' is defined twice.")
        check_room(account, kind, made, found)
        found.append(made)
    check_names(row, {*STOCK[kind.plural], *(each["name"] for each in found)})
    return found


def targets_in(account: Account, body: Wire) -> list[ObjectType]:
    """The other types a new one is to be associated with, each once. Raises HubSpotError 400, 501."""
    return list(dict.fromkeys(account.resolve(name) for name in names_in(body, "associatedObjects")))


def check_names(row: Wire, known: set[str]) -> None:
    """Whether all properties a definition names are its own. Raises HubSpotError 400."""
    for key in _DISPLAYED:
        names = row.get(key, [])
        for name in [names] if isinstance(names, str) else names:
            if name not in known:
                raise validation(f"{key} names the property '{name}', which does not exist.")


def _merged(row: Wire, body: Wire) -> Wire:
    labels = body.get("labels")
    if labels is not None:
        if not isinstance(labels, dict):
            raise wrong_shape("Cannot deserialize value of type `ObjectTypeDefinitionLabels` at `labels`")
        given = {key: text for key in ("singular", "plural") if (text := text_in(labels, key))}
        row["labels"] = {**row["labels"], **given}
    for key in ("description", "primaryDisplayProperty"):
        text = text_in(body, key)
        if text is not None:
            row[key] = text
    for key in _LISTS:
        if body.get(key) is not None:
            row[key] = names_in(body, key)
    if isinstance(body.get("allowsSensitiveProperties"), bool):
        row["allowsSensitiveProperties"] = body["allowsSensitiveProperties"]
    return row
