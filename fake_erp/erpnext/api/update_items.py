"""`update_child_qty_rate`: the call behind the desk's "Update Items". Source: facts 4.3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fake_erp.erpnext.api.requests import as_object
from fake_erp.erpnext.business.update_items import CHANGEABLE, update_items
from fake_erp.erpnext.errors import python_error, throw
from harness.kit.call import Call

if TYPE_CHECKING:
    from fake_erp.erpnext.dialect import ErpNextFake


def update_child_qty_rate(fake: ErpNextFake, call: Call, args: dict[str, Any]) -> None:
    """Returns nothing, so the reply is `{}`. `child_docname` is always `items` here."""
    doctype, name, rows = str(args["parent_doctype"]), str(args["parent_doctype_name"]), rows_sent(args["trans_items"])
    if doctype in CHANGEABLE:
        fields = fake.site.fetch(doctype, name).fields
        adds = any(row.get("item_code") and not row.get("docname") for row in rows)
        for right, verb in (("write", "update"), ("create", "add")) if adds else (("write", "update"),):
            if not fake.permissions.may(doctype, right, fields):
                raise throw(f"You do not have permissions to {verb} items in a {doctype}.", title="Insufficient Permissions")
    update_items(fake.site, doctype, name, rows)


def rows_sent(trans_items: Any) -> list[dict[str, Any]]:
    """The rows in `trans_items`, which must be JSON text. Raises Refused (500) for whatever the vendor's code trips over."""
    if not isinstance(trans_items, str):
        kind = type(trans_items).__name__
        raise python_error("TypeError", f"the JSON object must be str, bytes or bytearray, not {kind}")
    value = as_object(trans_items)
    if not isinstance(value, (list, dict, str)):
        raise python_error("TypeError", f"'{type(value).__name__}' object is not iterable")
    for row in value:
        if not isinstance(row, dict):
            raise python_error("AttributeError", f"'{type(row).__name__}' object has no attribute 'get'")
    return list(value) if isinstance(value, list) else []
