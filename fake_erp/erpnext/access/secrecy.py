"""What the journal may keep of texts and records: no keys, passwords, tokens or sessions."""

from __future__ import annotations

from typing import Final

from fake_erp.erpnext.access.people import AUTH
from harness.kit.call import Call
from harness.kit.records import Fields
from harness.kit.redact import HIDDEN, without_credentials

_FIELDS: Final = {
    "Webhook": ("webhook_secret", "webhook_headers"),
    "Webhook Request Log": ("headers",),
    "OAuth Client": ("client_secret",),
    "User": ("api_secret", "new_password"),
    AUTH: ("password",),
}
# Texts with one of these are not kept at all: they hold secrets under names of their own.
_HINTS: Final = ('"webhook_headers"', '"headers"', "new_password", "csrf_token", "sid=", "oauth2.")
_PATHS: Final = ("oauth2.", "Webhook Request Log")


def text_for_journal(text: str, call: Call) -> str:
    if (
        any(hint in text for hint in _HINTS)
        or any(hint in call.path for hint in _PATHS)
        or ('"fieldname"' in text and "secret" in text)
    ):
        return HIDDEN
    return without_credentials(text)


def fields_for_journal(kind: str, fields: Fields) -> Fields:
    secrets = _FIELDS.get(kind)
    if secrets is None or not fields:
        return fields
    return {name: HIDDEN if name in secrets and value else value for name, value in fields.items()}
