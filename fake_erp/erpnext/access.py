"""Who calls: API keys, Basic, and cookie sessions. Source: facts 1. CSRF tokens are not modelled: no desk page is ever rendered."""

from __future__ import annotations

import base64
import binascii
from random import Random

from fake_erp.erpnext.errors import Refused, bad_credentials
from fake_erp.erpnext.masters import ADMIN, ADMIN_PASSWORD, API_KEY, API_SECRET, API_USER
from harness.kit.call import Call

GUEST = "Guest"
_BAD_BASIC = "Failed to decode token, please provide a valid base64-encoded token."


class Access:
    """Sessions of one site. The API key belongs to the integration user."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.sessions: dict[str, str] = {}

    def user_of(self, call: Call) -> str:
        """Who the request acts as; a valid session wins over the header. Raises Refused (401, 400)."""
        session = _cookie(call, "sid")
        if session and session in self.sessions:
            return self.sessions[session]
        header = call.headers.get("authorization")
        if not header:
            return GUEST
        parts = header.split(" ")
        if len(parts) != 2:
            return GUEST  # the vendor ignores a header that is not exactly two words
        scheme, token = parts[0].lower(), parts[1]
        if scheme == "basic":
            try:
                token = base64.b64decode(token, validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                raise Refused(400, "InvalidAuthorizationToken", _BAD_BASIC) from None
        elif scheme != "token":
            raise bad_credentials()
        if token != f"{API_KEY}:{API_SECRET}":
            raise bad_credentials()
        return API_USER

    def log_in(self, user: str, password: str) -> str:
        """A new session id. Raises Refused (401)."""
        if not user or not password:
            raise bad_credentials()
        if (user.strip().casefold(), password) != (ADMIN.casefold(), ADMIN_PASSWORD):
            raise bad_credentials()
        session = f"{self._random.getrandbits(224):056x}"
        self.sessions[session] = ADMIN
        return session

    def log_out(self, call: Call) -> None:
        self.sessions.pop(_cookie(call, "sid"), None)


def _cookie(call: Call, name: str) -> str:
    for part in call.headers.get("cookie", "").split(";"):
        key, _, value = part.strip().partition("=")
        if key == name:
            return value
    return ""
