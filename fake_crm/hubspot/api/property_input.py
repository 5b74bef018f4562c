"""From the body of a request to a property's definition: what a property may be. Source: facts section 10.1.

The texts of all refusals here are our guess. Not modelled: calculated properties of the account's own (501).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from fake_crm.hubspot.api.property_groups import check_group
from fake_crm.hubspot.errors import HubSpotError, missing_attributes, not_modelled, validation, wrong_shape
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.model.standard_types import ObjectType
from fake_crm.hubspot.model.stock import definition_row, option_rows
from fake_crm.hubspot.wire import objects_in, order_in, text_in

Wire = dict[str, Any]
UNIQUE_MAX, CUSTOM_MAX = 10, 1000  # of one object type
REQUIRED = ("name", "label", "type", "fieldType", "groupName")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_FIELD_TYPES = {
    "bool": ("booleancheckbox", "calculation_equation"),
    "enumeration": ("booleancheckbox", "checkbox", "radio", "select", "calculation_equation"),
    "date": ("date",),
    "datetime": ("date",),
    "string": ("text", "textarea", "html", "file", "phonenumber", "calculation_equation"),
    "phone_number": ("phonenumber",),
    "number": ("number", "calculation_equation"),
}
_CHOICES = {
    "dataSensitivity": ("non_sensitive", "sensitive", "highly_sensitive"),
    "numberDisplayHint": ("currency", "duration", "formatted", "percentage", "probability", "unformatted"),
    "textDisplayHint": (
        "domain_name", "email", "ip_address", "multi_line", "phone_number", "physical_address", "postal_code",
        "unformatted_single_line",
    ),
}  # fmt: skip
_FLAGS = ("hidden", "formField", "externalOptions", "showCurrencySymbol")
_TEXTS = ("label", "description", "groupName", "fieldType", "type", "currencyPropertyName", "referencedObjectType")
_KEPT = ("externalOptions", "referencedObjectType", "dataSensitivity")  # an update does not know them


def new_definition(account: Account, kind: ObjectType, body: Wire) -> Wire:
    """The definition a creation asks for, checked against itself and its group. Raises HubSpotError 400, 501."""
    missing = [key for key in REQUIRED if not isinstance(body.get(key), str) or not body[key]]
    if missing:
        raise missing_attributes(missing)
    name = body["name"]
    if not _NAME.fullmatch(name):
        raise validation(f"Property name '{name}' is invalid: use lower-case letters, digits and underscores.")
    row = definition_row(
        name,
        body["label"],
        body["type"],
        body["fieldType"],
        body["groupName"],
        [],
        read_only=False,
        custom=True,
        at=account.now(),
    )
    row["hasUniqueValue"] = body.get("hasUniqueValue") is True
    for key in _KEPT:
        if key in body:
            row[key] = body[key]
    return _completed(account, kind, row, body)


def changed_definition(account: Account, kind: ObjectType, row: Wire, body: Wire) -> Wire:
    """The definition after an update; name and uniqueness stay, options are replaced as a whole. Raises HubSpotError 400."""
    _check_editable(row, body)
    return _completed(account, kind, {**row, "updatedAt": account.now()}, {k: v for k, v in body.items() if k not in _KEPT})


def check_room(account: Account, kind: ObjectType, row: Wire, more: Sequence[Wire] = ()) -> None:
    """Whether the type takes one more custom property beside its own and those about to be made. Raises HubSpotError 400."""
    own = [each for each in (*account.definitions.rows(kind.plural), *more) if not each["hubspotDefined"]]
    if len(own) >= CUSTOM_MAX:
        raise validation(f"An object can have at most {CUSTOM_MAX} custom properties.")
    if row["hasUniqueValue"] and sum(each["hasUniqueValue"] for each in own) >= UNIQUE_MAX:
        raise validation(f"An object can have at most {UNIQUE_MAX} unique properties.")


# -- inside -----------------------------------------------------------------------------------------------------------


def _completed(account: Account, kind: ObjectType, row: Wire, body: Wire) -> Wire:
    for key in _TEXTS:
        text = text_in(body, key)
        if text is not None:
            row[key] = text
    for key in _FLAGS:
        if isinstance(body.get(key), bool):
            row[key] = body[key]
    for key, allowed in _CHOICES.items():
        value = text_in(body, key)
        if value is not None and value not in allowed:
            raise wrong_shape(f"Cannot deserialize value of `{key}` from `{value[:40]}`: not one of [{', '.join(allowed)}]")
        if value is not None:
            row[key] = value
    row["displayOrder"] = order_in(body, row["displayOrder"])
    if "options" in body:
        row["options"] = _options(body)
    _check_types(row)
    check_group(account, kind, row["groupName"])
    return row


def _check_types(row: Wire) -> None:
    allowed = _FIELD_TYPES.get(row["type"])
    if allowed is None:
        raise validation(f"Property type '{row['type']}' is not one of [{', '.join(_FIELD_TYPES)}].")
    if row["fieldType"] not in allowed:
        raise validation(f"fieldType '{row['fieldType']}' does not fit type '{row['type']}'; allowed: [{', '.join(allowed)}].")
    if row["fieldType"] == "calculation_equation":
        raise not_modelled("calculated properties of an account's own")
    if row["externalOptions"]:
        if row["hubspotDefined"]:
            return
        if row["type"] != "enumeration" or row.get("referencedObjectType") != "OWNER":
            raise validation("externalOptions needs the type enumeration and referencedObjectType OWNER.")
        if row["options"]:
            raise validation("A property with externalOptions has no options of its own.")
    elif row["type"] == "bool" and {option["value"] for option in row["options"]} != {"true", "false"}:
        raise validation("A bool property needs the options true and false.")


def _check_editable(row: Wire, body: Wire) -> None:
    """Of the vendor's own properties the definition stays, and of some the options as well."""
    limits = row["modificationMetadata"]
    given = [key for key in (*_TEXTS, *_FLAGS, "displayOrder") if body.get(key) is not None and body[key] != row.get(key)]
    if limits["readOnlyDefinition"] and given:
        raise validation(f"Property '{row['name']}' is defined by HubSpot; {given[0]} cannot be changed.")
    if "options" in body and limits["readOnlyOptions"]:
        raise validation(f"The options of property '{row['name']}' cannot be changed.")


def _options(body: Wire) -> list[Wire]:
    options = objects_in(body, "options")
    values = [(_named(each, "label"), _named(each, "value")) for each in options]
    if len({value for _, value in values}) < len(values):
        raise validation("Property options must have distinct values.")
    return option_rows([{**each, "displayOrder": order_in(each, position)} for position, each in enumerate(options)])


def _named(row: Wire, key: str) -> str:
    text = text_in(row, key)
    if not text:
        raise missing_attributes([key])
    return text


def exists_already(name: str) -> HubSpotError:
    return HubSpotError(409, f"A property named '{name}' already exists.", "OBJECT_ALREADY_EXISTS")
