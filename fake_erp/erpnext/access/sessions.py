"""Cookie sessions: login, idle expiry, CSRF tokens; the lock after too many wrong passwords. Source: facts 1.2, 1.3, 1.5.

Not modelled: two factors, restrictions to addresses and hours, forced password resets; the lock counts for the user alone, because
a fake knows nobody's address.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final
from urllib.parse import urlsplit

from fake_erp.erpnext.access.people import ADMINISTRATOR, secret_of, user_named
from fake_erp.erpnext.api.requests import arguments
from fake_erp.erpnext.errors import Refused, bad_credentials, throw
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.settings import Settings
from harness.kit.call import Call
from harness.kit.records import DELETED, Change

GUEST: Final = "Guest"
CHECKED: Final = frozenset({"POST", "PUT", "DELETE", "PATCH"})
REFRESH: Final = timedelta(minutes=10)  # `last_updated` moves at most this often


@dataclass(slots=True)
class Session:
    """One login. `csrf_token` is empty until a page of the desk has been shown."""

    sid: str
    user: str
    last_updated: datetime
    csrf_token: str = ""


class Sessions:
    """The sessions of one site, by their id."""

    def __init__(self, site: Site, settings: Settings, random: Random) -> None:
        self._site, self._settings, self._random = site, settings, random
        self._clock = site.time.clock
        self.sessions: dict[str, Session] = {}
        site.store.on_commit(self._end_of_disabled)
        self.failures: dict[str, tuple[int, datetime]] = {}  # user → wrong passwords in a row, and when the last was tried

    # -- of a call ----------------------------------------------------------------------------------------------------

    def resume(self, call: Call) -> tuple[Session | None, bool]:
        """The session a call carries, and whether it carries one that is unknown or has been idle too long."""
        sid = _given(call) or cookie_of(call, "sid")
        if not sid or sid == GUEST:
            return None, False
        session = self.sessions.get(sid)
        now = self._clock.now()
        if session is None or now - session.last_updated > timedelta(hours=self._settings.session_hours):
            self.sessions.pop(sid, None)
            return None, True
        if now - session.last_updated > REFRESH:
            session.last_updated = now
        return session, False

    def check_csrf(self, call: Call, session: Session) -> None:
        """Raises Refused (400) for a writing verb without the token, once a page has made one."""
        if call.method not in CHECKED or not session.csrf_token or self._settings.ignore_csrf:
            return
        referrer = urlsplit(call.headers.get("referer", "")).hostname
        if self._settings.version >= 16 and referrer and referrer in self._settings.allowed_referrers:
            return
        given = call.headers.get("x-frappe-csrf-token")
        if given is None and b"csrf_token" in call.body:
            given = str(arguments(call).get("csrf_token"))
        if given != session.csrf_token:
            refused = throw("Invalid Request", "CSRFTokenError", status=400)
            refused.silent = True
            raise refused

    # -- in and out ---------------------------------------------------------------------------------------------------

    def log_in(self, name: str, password: str) -> Session:
        """Raises Refused: 401 with the login page's own message, 500 while the account is locked."""
        user = self.authenticate(name, password)
        session = Session(self._id(), user, self._clock.now())
        self.sessions[session.sid] = session
        return session

    def authenticate(self, name: str, password: str) -> str:
        """The user's name. Wrong passwords are counted. Raises as `log_in`."""
        if not name or not password:
            raise bad_credentials("Incomplete login details")
        record = user_named(self._site, name)
        who = record.id if record is not None else name.strip().casefold()
        self._check_lock(who)
        if record is None or record.id == GUEST or secret_of(self._site, who, "new_password") != password:
            raise self._failed(who, "Invalid login credentials")
        if who != ADMINISTRATOR and not record.fields["enabled"]:
            raise self._failed(who, "User disabled or missing")
        self.failures.pop(who, None)
        return who

    def log_out(self, call: Call) -> None:
        self.sessions.pop(cookie_of(call, "sid"), None)

    def _end_of_disabled(self, changes: list[Change]) -> None:
        """Disabling a user, or deleting one, logs them out everywhere."""
        users = [change for change in changes if change.kind == "User"]
        gone = {change.id for change in users if change.action == DELETED or change.new.get("enabled") == 0}
        if gone:
            self.sessions = {sid: session for sid, session in self.sessions.items() if session.user not in gone}

    def csrf_token_of(self, session: Session) -> str:
        """What a rendered page tells its scripts."""
        if not session.csrf_token:
            session.csrf_token = self._id()
        return session.csrf_token

    def _failed(self, who: str, message: str) -> Refused:
        self.failures[who] = (self.failures.get(who, (0, self._clock.now()))[0] + 1, self._clock.now())
        return bad_credentials(message)

    def _check_lock(self, who: str) -> None:
        count, last = self.failures.get(who, (0, self._clock.now()))
        if count < self._settings.login_attempts_max:
            return
        seconds = self._settings.login_lock_seconds
        if self._clock.now() < last + timedelta(seconds=seconds):
            text = f"Your account has been locked and will resume after {seconds} seconds"
            raise throw(text, "SecurityException", status=500)
        del self.failures[who]

    def _id(self) -> str:
        return f"{self._random.getrandbits(224):056x}"

    # -- going back ---------------------------------------------------------------------------------------------------

    def state(self) -> Any:
        return {sid: replace(session) for sid, session in self.sessions.items()}, dict(self.failures)

    def restore(self, state: Any) -> None:
        sessions, failures = state
        self.sessions = {sid: replace(session) for sid, session in sessions.items()}
        self.failures = dict(failures)


def _given(call: Call) -> str:
    """A session named in the query or a form: it wins over the cookie."""
    if "sid=" in call.query or (b"sid=" in call.body and "urlencoded" in call.headers.get("content-type", "")):
        return str(arguments(call).get("sid") or "")
    return ""


def cookie_of(call: Call, name: str) -> str:
    header = call.headers.get("cookie")
    for part in header.split(";") if header else ():
        key, _, value = part.strip().partition("=")
        if key == name:
            return value
    return ""
