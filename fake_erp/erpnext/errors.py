"""The vendor's refusals: HTTP status, exc_type, message texts and the body around them.

    Refused          any error of this fake; `body()` is the JSON v15 sends
      throw()        frappe.throw in a controller: 417 with a red message
Source: facts 2.11 and 2.12. Statuses: 417 for what a document or query breaks, 409 for a taken name, 404, 403, 401, 500.
"""

from __future__ import annotations

import json
from random import Random
from typing import Any, Final

Message = dict[str, Any]

_ERPNEXT: Final = {
    "OverAllowanceError": "erpnext.controllers.status_updater",
    "NegativeStockError": "erpnext.stock.stock_ledger",
    "WarehouseRequired": "erpnext.selling.doctype.sales_order.sales_order",
    "InvalidQtyError": "erpnext.controllers.accounts_controller",
    "UOMMustBeIntegerError": "erpnext.utilities.transaction_base",
    "PartyDisabled": "erpnext.exceptions",
    "PartyFrozen": "erpnext.exceptions",
    "FiscalYearError": "erpnext.accounts.utils",
    "InvalidWarehouseCompany": "erpnext.stock.utils",
    "ItemPriceDuplicateItem": "erpnext.stock.doctype.item_price.item_price",
}
_BARE: Final = frozenset({"TypeError", "KeyError", "AttributeError", "NotImplementedError"})
_MODULES: Final = {"OperationalError": "pymysql.err", "DataTooBig": "pymysql.err", "JSONDecodeError": "json.decoder", **_ERPNEXT}


_TRACE: Final = (
    'Traceback (most recent call last):\n  File "apps/frappe/frappe/app.py", line 114, in application\n'
    "    response = frappe.api.handle(request)\n"
)


class Refused(Exception):
    """One refusal. `messages` are the entries of `_server_messages`; `text` is the exception's own text."""

    def __init__(
        self, status: int, exc_type: str, text: str = "", messages: list[Message] | None = None, extra: dict[str, Any] | None = None
    ) -> None:
        super().__init__(text)
        self.status, self.exc_type, self.text = status, exc_type, text
        self.messages = messages or []
        self.extra = extra or {}

    def body(self, notices: list[Message], random: Random) -> dict[str, Any]:
        """The reply's JSON. A 404 tells neither `exception` nor `exc`."""
        shown: dict[str, Any] = {}
        if self.status != 404:
            path = (
                self.exc_type if self.exc_type in _BARE else f"{_MODULES.get(self.exc_type, 'frappe.exceptions')}.{self.exc_type}"
            )
            line = f"{path}: {self.text}" if self.text else path
            shown["exception"] = line
        shown["exc_type"] = self.exc_type
        if self.status != 404:
            if self.exc_type in _ERPNEXT:
                shown["_exc_source"] = "erpnext (app)"
            trace = f"{_TRACE}{line}\n"
            shown["exc"] = json.dumps([trace])
        shown.update(self.extra)
        messages = [*notices, *self.messages]
        if messages:
            shown["_server_messages"] = server_messages(messages, random)
        return shown


def server_messages(messages: list[Message], random: Random) -> str:
    """A JSON text of a list of JSON texts, as the vendor nests it."""
    for message in messages:
        if message.get("raise_exception"):
            message["__frappe_exc_id"] = f"{random.getrandbits(224):056x}"
    return json.dumps([json.dumps(message) for message in messages])


def notice(message: str, title: str = "Message", indicator: str | None = None, *, alert: bool = False) -> Message:
    """A message that does not stop anything."""
    entry: Message = {"message": message, "title": title}
    if indicator:
        entry["indicator"] = indicator
    if alert:
        entry["alert"] = 1
    return entry


def throw(
    message: str, exc_type: str = "ValidationError", title: str = "Message", *, status: int = 417, indicator: str = "red"
) -> Refused:
    entry: Message = {"message": message, "title": title, "indicator": indicator, "raise_exception": 1}
    return Refused(status, exc_type, message, [entry])


def not_found(doctype: str, name: str) -> Refused:
    return throw(f"{doctype} {name} not found", "DoesNotExistError", status=404)


def unknown_doctype(doctype: str) -> Refused:
    return throw(f"DocType {doctype} not found", "DoesNotExistError", status=404)


def not_modelled(what: str) -> Refused:
    """The vendor has it and this fake has not."""
    return throw(f"{what}: Not supported by fake", "NotImplementedError", status=501)


def no_permission(user: str, doctype: str, error: str) -> Refused:
    message = (
        f"User <strong>{user}</strong> does not have doctype access via role permission for document <strong>{doctype}</strong>"
    )
    refused = throw(message, "PermissionError", status=403)
    refused.text = error
    refused.extra["_error_message"] = error
    return refused


def not_whitelisted(path: str) -> Refused:
    summary = "<details><summary>You are not permitted to access this resource.</summary>"
    message = f"{summary}Function <strong>{path}</strong> is not whitelisted.</details>"
    return throw(message, "PermissionError", "Method Not Allowed", status=403)


def bad_credentials(message: str = "") -> Refused:
    """`message` stands at the top of the body of a failed login, and only there."""
    return Refused(401, "AuthenticationError", extra={"message": message} if message else None)


def stale(database: str, now: str) -> Refused:
    return throw(
        f"Error: Document has been modified after you have opened it ({database}, {now}). "
        "Please refresh to get the latest document.",
        "TimestampMismatchError",
    )


def duplicate_name(doctype: str, name: str) -> Refused:
    text = f"('{doctype}', '{name}', IntegrityError(1062, \"Duplicate entry '{name}' for key 'PRIMARY'\"))"
    return Refused(
        409, "DuplicateEntryError", text, [notice(f"{doctype} <strong>{name}</strong> already exists", "Duplicate Name", "red")]
    )


def not_unique(doctype: str, name: str, fieldname: str, label: str, value: str) -> Refused:
    text = f"('{doctype}', '{name}', IntegrityError(1062, \"Duplicate entry '{value}' for key '{fieldname}'\"))"
    return Refused(417, "UniqueValidationError", text, [notice(f"{label} must be unique")])


def operational(code: int, text: str) -> Refused:
    return Refused(500, "OperationalError", f'({code}, "{text}")')


def python_error(exc_type: str, text: str) -> Refused:
    return Refused(500, exc_type, text)
