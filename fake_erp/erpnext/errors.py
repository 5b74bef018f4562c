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
    "StockOverReturnError": "erpnext.controllers.sales_and_purchase_return",
    "InvalidWarehouseCompany": "erpnext.stock.utils",
    "ItemPriceDuplicateItem": "erpnext.stock.doctype.item_price.item_price",
}
_BARE: Final = frozenset(  # Python's own, which have no module
    (
        *("AttributeError", "IndexError", "KeyError", "NotImplementedError", "OverflowError", "RecursionError"),
        *("SyntaxError", "TypeError", "ValueError", "ZeroDivisionError"),
    )
)
_MODULES: Final = {
    **dict.fromkeys(("OperationalError", "ProgrammingError", "DataTooBig"), "pymysql.err"),
    "Error": "binascii",
    "JSONDecodeError": "json.decoder",
    "ConnectionError": "redis.exceptions",
    **_ERPNEXT,
}


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
        self.silent = False  # raised without a traceback

    @property
    def module(self) -> str:
        """Where the exception is defined. There are two DataErrors: the framework's own (417) and the database driver's (500)."""
        if self.exc_type == "DataError" and self.status == 500:
            return "pymysql.err"
        return _MODULES.get(self.exc_type, "frappe.exceptions")

    @property
    def line(self) -> str:
        """The exception as Python's last line tells it."""
        bare = self.exc_type in _BARE or (self.exc_type == "NameError" and self.status == 500)  # the framework has one too, a 409
        path = self.exc_type if bare else f"{self.module}.{self.exc_type}"
        return f"{path}: {self.text}" if self.text else path

    @property
    def trace(self) -> str:
        return f"{_TRACE}{self.line}\n"

    def body(self, notices: list[Message], random: Random, *, version: int = 15, traceback: bool = True) -> dict[str, Any]:
        """The reply's JSON. Without `traceback`, and for a 404 or CSRF's 400, it tells neither `exception` nor `exc`."""
        told = traceback and self.status != 404 and not self.silent
        shown: dict[str, Any] = {"exception": self.line} if told else {}
        if version >= 15 or self.messages:  # version 14 names the type of what was thrown with words only
            shown["exc_type"] = self.exc_type
        if told:
            if self.exc_type in _ERPNEXT:
                shown["_exc_source"] = "erpnext (app)"
            shown["exc"] = json.dumps([self.trace])
        shown.update(self.extra)
        messages = [*notices, *self.messages]
        if messages:
            shown["_server_messages"] = server_messages(messages, random)
        return shown

    def second_body(self, notices: list[Message], *, traceback: bool = True) -> dict[str, Any]:
        """The reply's JSON under `/api/v2`: the error with its own message, other messages beside it."""
        error: dict[str, Any] = {"type": self.exc_type}
        if traceback and self.status != 404 and not self.silent:
            error["exception"] = self.trace
        messages = [*notices, *self.messages]
        own = next((message for message in reversed(messages) if message.get("raise_exception")), None)
        if own is not None:
            error.update({key: own[key] for key in ("message", "title", "indicator") if key in own})
        shown: dict[str, Any] = {"errors": [error]}
        others = [message for message in messages if message is not own]
        if others:
            shown["messages"] = others
        if "session_expired" in self.extra:
            shown["session_expired"] = self.extra["session_expired"]
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


def stale(database: str, now: str, whose: str = "Document") -> Refused:
    """The optimistic lock's refusal: what is stored, and the time of this save. Version 16 says `whose` document it is."""
    return throw(
        f"Error: {whose} has been modified after you have opened it ({database}, {now}). "
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


def database_refuses(code: int, text: str) -> Refused:
    """A value its column cannot hold."""
    return Refused(500, "DataError", f'({code}, "{text}")')


def operational(code: int, text: str) -> Refused:
    return Refused(500, "OperationalError", f'({code}, "{text}")')


def python_error(exc_type: str, text: str) -> Refused:
    return Refused(500, exc_type, text)
