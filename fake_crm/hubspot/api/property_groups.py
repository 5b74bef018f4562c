"""Groups of properties: one of the vendor's own for each type, and the account's. Source: facts section 10.1.

Groups live in the store under `deals/erp`. Which refusals there are, and their texts, is our guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fake_crm.hubspot.errors import HubSpotError, missing_attributes, validation
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.model.standard_types import ObjectType
from fake_crm.hubspot.model.stock import group_of
from fake_crm.hubspot.paths import PROPERTIES
from fake_crm.hubspot.wire import body_object, no_content, ok, order_in, text_in
from harness.kit.call import Call, Reply
from harness.kit.routing import Route

Wire = dict[str, Any]
KIND = "property_groups"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")  # a path can hold it


def routes() -> Iterator[Route]:
    for base in PROPERTIES:
        groups = f"{base}/{{type}}/groups"
        yield Route("GET", groups, list_groups, "list_property_groups")
        yield Route("POST", groups, create_group, "create_property_group")
        yield Route("GET", f"{groups}/{{name}}", read_group, "read_property_group")
        yield Route("PATCH", f"{groups}/{{name}}", update_group, "update_property_group")
        yield Route("DELETE", f"{groups}/{{name}}", archive_group, "archive_property_group")


def list_groups(account: Account, call: Call) -> Reply:
    return ok({"results": groups_of(account, account.resolve(call.params["type"]))})


def read_group(account: Account, call: Call) -> Reply:
    kind = account.resolve(call.params["type"])
    return ok(_group(account, kind, call.params["name"]))


def create_group(account: Account, call: Call) -> Reply:
    """201; 409 when the name exists. An archived group of the name comes back with the new label."""
    kind, body = account.resolve(call.params["type"]), body_object(call)
    name, label = text_in(body, "name"), text_in(body, "label")
    missing = [key for key, value in (("name", name), ("label", label)) if not value]
    if missing:
        raise missing_attributes(missing)
    if not _NAME.fullmatch(str(name)):
        raise validation(f"Property group name '{str(name)[:100]}' is invalid: use letters, digits, hyphens and underscores.")
    if any(row["name"] == name for row in groups_of(account, kind)):
        raise HubSpotError(409, f"A property group named '{name}' already exists.", "OBJECT_ALREADY_EXISTS")
    row = {"name": name, "label": label, "displayOrder": order_in(body, -1), "archived": False}
    key, store = f"{kind.plural}/{name}", account.store
    with store.transaction():
        if store.get(KIND, key) is None:
            store.insert(KIND, key, {"object": kind.plural, "group": row})
        else:
            store.restore_record(KIND, key)
            store.update(KIND, key, {"group": row})
    return ok(row, 201)


def update_group(account: Account, call: Call) -> Reply:
    """200 with the new label or place. The vendor's own group stays as it is."""
    kind, body = account.resolve(call.params["type"]), body_object(call)
    row = _own(account, kind, call.params["name"])
    label = text_in(body, "label")
    if label == "":
        raise missing_attributes(["label"])
    changed = {**row, "label": label or row["label"], "displayOrder": order_in(body, row["displayOrder"])}
    account.store.update(KIND, f"{kind.plural}/{row['name']}", {"group": changed})
    return ok(changed)


def archive_group(account: Account, call: Call) -> Reply:
    """204. Refused while properties stand in the group."""
    kind = account.resolve(call.params["type"])
    row = _own(account, kind, call.params["name"])
    inside = [each["name"] for each in account.definitions.rows(kind.plural) if each["groupName"] == row["name"]]
    if inside:
        raise validation(f"Property group '{row['name']}' still holds properties: [{', '.join(inside[:20])}].")
    account.store.archive(KIND, f"{kind.plural}/{row['name']}")
    return no_content()


# -- for others -------------------------------------------------------------------------------------------------------


def groups_of(account: Account, kind: ObjectType) -> list[Wire]:
    """The live groups of a type, the vendor's own first."""
    words = kind.label if kind.is_custom else kind.singular.replace("_", " ").capitalize()
    stock = {"name": group_of(kind.plural), "label": f"{words} information", "displayOrder": 0, "archived": False}
    own = (record for record in account.store.all(KIND) if record.fields["object"] == kind.plural and not record.archived)
    return [stock, *(record.fields["group"] for record in own)]


def check_group(account: Account, kind: ObjectType, name: str) -> None:
    if all(row["name"] != name for row in groups_of(account, kind)):
        raise validation(f"Property group '{name}' does not exist.")


def _group(account: Account, kind: ObjectType, name: str) -> Wire:
    for row in groups_of(account, kind):
        if row["name"] == name:
            return row
    raise HubSpotError(404, f"Property group '{name}' does not exist", "OBJECT_NOT_FOUND")


def _own(account: Account, kind: ObjectType, name: str) -> Wire:
    row = _group(account, kind, name)
    if name == group_of(kind.plural):
        raise validation(f"Property group '{name}' is defined by HubSpot and cannot be changed.")
    return row
