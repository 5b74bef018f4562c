"""Who calls: API keys, Basic, and cookie sessions; the lock after too many wrong passwords. Source: facts 1.

CSRF tokens are not modelled: no desk page is ever rendered.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime, timedelta
from random import Random
from typing import Final

from fake_erp.erpnext.business.masters import ADMIN, ADMIN_PASSWORD, API_KEY, API_SECRET, API_USER
from fake_erp.erpnext.errors import Refused, bad_credentials, throw
from harness.kit.call import Call
from harness.kit.clock import Clock

GUEST = "Guest"
_BAD_BASIC = "Failed to decode token, please provide a valid base64-encoded token."
ATTEMPTS: Final = 10  # wrong passwords in a row, System Settings' default
LOCKED_FOR: Final = timedelta(seconds=60)


class Access:
    """Sessions of one site. The API key belongs to the integration user."""

    def __init__(self, random: Random, clock: Clock) -> None:
        self._random, self._clock = random, clock
        self.sessions: dict[str, str] = {}
        self.failures: dict[str, tuple[int, datetime]] = {}  # user → wrong passwords in a row, and when the last was tried

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
        """A new session id. Raises Refused: 401 with the login page's own message, 500 while the account is locked."""
        if not user or not password:
            raise bad_credentials("Incomplete login details")
        who = user.strip().casefold()
        self._check_lock(who)
        if (who, password) != (ADMIN.casefold(), ADMIN_PASSWORD):
            self.failures[who] = (self.failures.get(who, (0, self._clock.now()))[0] + 1, self._clock.now())
            raise bad_credentials("Invalid login credentials")
        self.failures.pop(who, None)
        session = f"{self._random.getrandbits(224):056x}"
        self.sessions[session] = ADMIN
        return session

    def _check_lock(self, who: str) -> None:
        count, last = self.failures.get(who, (0, self._clock.now()))
        if count < ATTEMPTS:
            return
        if self._clock.now() < last + LOCKED_FOR:
            raise throw("Your account has been locked and will resume after 60 seconds", "SecurityException", status=500)
        del self.failures[who]

    def expired(self, call: Call) -> bool:
        """Whether the call carries a session that is not known (any more)."""
        session = _cookie(call, "sid")
        return bool(session) and session != GUEST and session not in self.sessions

    def log_out(self, call: Call) -> None:
        self.sessions.pop(_cookie(call, "sid"), None)


def _cookie(call: Call, name: str) -> str:
    header = call.headers.get("cookie")
    for part in header.split(";") if header else ():
        key, _, value = part.strip().partition("=")
        if key == name:
            return value
    return ""
