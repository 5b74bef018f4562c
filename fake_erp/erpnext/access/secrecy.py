"""What the journal may keep of texts and records: no keys, passwords, tokens or sessions."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote_plus

from fake_erp.erpnext.access.people import AUTH
from harness.kit.call import Call
from harness.kit.records import Fields
from harness.kit.redact import HIDDEN, may_hold_credentials, without_credentials

_FIELDS: Final = {
    "Webhook": ("webhook_secret", "webhook_headers"),
    "Webhook Request Log": ("headers",),
    "OAuth Client": ("client_secret",),
    "User": ("api_secret", "new_password"),
    AUTH: ("password",),
}
# A document may come as text, JSON within JSON (`doc`, `docs`, `filters`) or within a form, and a filter names its column as one
# value of a list: what the shared redaction of names and values does not see.
_NAMES: Final = ("secret", "password", "pwd", "webhook_headers", "_token")
_QUOTED: Final = r'"(?:[a-z_]*secret|(?:new_)?password|pwd|webhook_headers|[a-z]+_token)"\s*'
_IN_LIST: Final = re.compile(_QUOTED + ",")
_NAMED: Final = re.compile(_QUOTED + "[:,]")


def text_for_journal(text: str, call: Call) -> str:
    """Texts that hold secrets under names of their own are not kept at all. Every call's two bodies are looked through here, so
    nothing is looked for twice, and nothing that a shorter look has ruled out."""
    path = call.path
    if "oauth2." in path or "Webhook Request Log" in path or "oauth2." in text or ("=" in text and "sid=" in text):
        return HIDDEN
    headers = "headers" in text
    if headers and ('"headers"' in text or '"webhook_headers"' in text):
        return HIDDEN
    if not headers and not may_hold_credentials(text):
        return text
    if "new_password" in text or "csrf_token" in text or ("secret" in text and '"fieldname"' in text):
        return HIDDEN
    if _holds_wrapped_secret(text):
        return HIDDEN
    return without_credentials(text)


def _holds_wrapped_secret(text: str) -> bool:
    if not any(name in text for name in _NAMES):
        return False
    if "%22" in text:
        return _NAMED.search(unquote_plus(text).replace("\\", "")) is not None
    if '\\"' in text and _NAMED.search(text.replace("\\", "")):
        return True
    return _IN_LIST.search(text) is not None


def fields_for_journal(kind: str, fields: Fields) -> Fields:
    secrets = _FIELDS.get(kind)
    if secrets is None or not fields:
        return fields
    return {name: HIDDEN if name in secrets and value else value for name, value in fields.items()}
