"""`update_child_qty_rate`: the call behind the desk's "Update Items". Source: facts 4.3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fake_erp.erpnext.api.requests import as_object, required
from fake_erp.erpnext.business.update_items import update_items
from fake_erp.erpnext.errors import python_error
from harness.kit.call import Call

if TYPE_CHECKING:
    from fake_erp.erpnext.dialect import ErpNextFake


def update_child_qty_rate(fake: ErpNextFake, call: Call, args: dict[str, Any]) -> None:
    """Returns nothing, so the reply is `{}`. `child_docname` is always `items` here."""
    required(args, "update_child_qty_rate", "parent_doctype", "trans_items", "parent_doctype_name")
    rows = rows_sent(args["trans_items"])
    update_items(fake.site, str(args["parent_doctype"]), str(args["parent_doctype_name"]), rows)


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
