"""What the vendor says to those it does not let in. Source: facts 2.2 (token endpoint), 2.3 (data endpoints)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from fake_crm.hubspot.errors import HubSpotError
from fake_crm.hubspot.wire import wire_time

# `status` → `error` and the text that is both `message` and `error_description`; where a comment says so the facts name no value
_TOKEN_ERRORS = {
    "BAD_REFRESH_TOKEN": ("invalid_grant", "refresh token is invalid, expired or revoked"),
    "BAD_AUTH_CODE": ("invalid_grant", "missing or invalid auth code"),
    "BAD_CLIENT_ID": ("invalid_client", "missing or invalid client id"),  # our guess: the text
    "BAD_CLIENT_SECRET": ("invalid_client", "missing or invalid client secret"),  # our guess: both
    "BAD_REDIRECT_URI": ("invalid_request", "missing or mismatched redirect uri"),  # our guess: both
    "BAD_GRANT_TYPE": ("unsupported_grant_type", "missing or unknown grant type"),  # our guess: both
    "BAD_HUB": ("access_denied", "missing or unknown hub id"),
    "BAD_SCOPES": ("invalid_scope", "missing or invalid scopes"),  # our guess: both
    "BAD_CODE_VERIFIER": ("invalid_grant", "missing or invalid code verifier"),  # our guess: both
}


def bad_token_request(status: str) -> HubSpotError:
    """400 of the token endpoint, such as `BAD_REFRESH_TOKEN`."""
    error, text = _TOKEN_ERRORS[status]
    refused = HubSpotError(400, text, error=error, error_description=text)
    refused.body["status"] = status
    return refused


def expired(ended: datetime, now: datetime) -> dict[str, Any]:
    """The body of the 401 for a token that ended; the age is told in the largest unit that fits."""
    return {
        "status": "error",
        "message": f"The OAuth token used to make this call expired {_age(now - ended)} ago.",
        "category": "EXPIRED_AUTHENTICATION",
        "context": {"expire time": [wire_time(ended)]},
    }


def _age(passed: timedelta) -> str:
    seconds = max(0, passed // timedelta(seconds=1))
    for unit, length in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit}(s)"
    return f"{seconds} second(s)"
