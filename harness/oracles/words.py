"""How findings name things: vendors, records, and what a vendor said when it refused. For people who never saw the code."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any, Final

from harness.kit.clock import iso_ms
from harness.oracles.view import Key, Request, View

_TITLES: Final = {
    "hubspot": "HubSpot",
    "erpnext": "ERPNext",
    "salesforce": "Salesforce",
    "business_central": "Business Central",
}
_TAGS: Final = re.compile(r"<[^>]+>")
_TEXT_MAX: Final = 200


def vendor(view: View, system: str) -> str:
    dictionary = view.history.dictionary
    name = dictionary.crm if system == "crm" else dictionary.erp
    return _TITLES.get(name, name.replace("_", " ").title())


def singular(kind: str) -> str:
    """`companies` → `company`, `Sales Order` → `sales order`."""
    name = kind.lower().replace("_", " ")
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name


def called(key: Key) -> str:
    return f"{singular(key[1])} {key[2]}"


def record_name(key: Key) -> str:
    """The form of `Finding.record` and of an engine's open errors: `crm deals 123`."""
    return " ".join(key)


def moment(instant: datetime) -> str:
    return iso_ms(instant)


def complaint(view: View, request: Request) -> str:
    """`ERPNext answered 417 LinkValidationError: Could not find …`, or what happened instead of an answer."""
    name = vendor(view, request.system)
    if request.refused:
        return f"{name} answered {request.status}{_said(request.answer)}"
    if request.seen == "refused":
        return f"{name} could not be reached"
    applied = ", although it had applied the call" if request.number in view.changed_by_request else ""
    return f"{name}'s answer to {request.method} {request.path} never arrived ({request.seen or 'lost'}){applied}"


def _said(answer: str) -> str:
    """The vendor's own words from an error body: a type and a message where there are any."""
    if not answer:
        return ""
    try:
        body = json.loads(answer)
    except ValueError:
        return " with a page that is not JSON" if "<" in answer[:200] else f": {_clean(answer)}"
    if not isinstance(body, dict):
        return f": {_clean(answer)}"
    kind = body.get("exc_type") or body.get("category") or body.get("errorCode") or ""
    message = _server_message(body) or body.get("message") or body.get("exception") or body.get("error") or ""
    if isinstance(message, dict):
        message = message.get("message", "")
    return (f" {kind}" if kind else "") + (f": {_clean(str(message))}" if message else "")


def _server_message(body: dict[str, Any]) -> str:
    """The message of a body whose `_server_messages` is a JSON list of JSON texts, with the message in each."""
    try:
        return str(json.loads(json.loads(body["_server_messages"])[-1])["message"])
    except (KeyError, IndexError, TypeError, ValueError):
        return ""


def _clean(text: str) -> str:
    plain = " ".join(_TAGS.sub("", text).split())
    return plain if len(plain) <= _TEXT_MAX else plain[: _TEXT_MAX - 1] + "…"
