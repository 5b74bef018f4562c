"""The five cookies of the vendor, as texts of `set-cookie`. Source: facts 1.3; dates and the order of attributes are our guess."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from harness.kit.call import Reply

if TYPE_CHECKING:
    from fake_erp.erpnext.dialect import ErpNextFake

_NAMES: Final = ("full_name", "user_id", "sid", "user_image", "system_user")
_OVER: Final = "Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/"
CLEARED: Final[Sequence[str]] = tuple(f"{name}=; {_OVER}" for name in _NAMES)


def give(fake: ErpNextFake, reply: Reply) -> Reply:
    """The session's own, those of a guest, or none any more after a logout and a 401."""
    session, secure = fake.session, fake.base_url.startswith("https")
    if reply.status == 401 or fake.logged_out:
        reply.cookies = CLEARED
        if reply.status == 401 and fake.settings.version >= 16:
            reply.headers["www-authenticate"] = "Bearer"
    elif session is None:
        reply.cookies = of_guest(secure)
    else:
        record = fake.store.get("User", session.user)
        fields = record.fields if record is not None else {}
        life = timedelta(hours=fake.settings.session_hours)
        reply.cookies = of_session(session.sid, session.user, fields, fake.clock.now(), life, secure)
    return reply


@lru_cache(maxsize=2)
def of_guest(secure: bool) -> Sequence[str]:
    """What anonymous calls and calls with a token get too."""
    tail = _tail(secure)
    return (
        f"sid=Guest; {'Secure; ' if secure else ''}HttpOnly; Path=/; SameSite=Lax",
        *(f"{name}; {tail}" for name in ("system_user=no", "full_name=Guest", "user_id=Guest", "user_image=")),
    )


def of_session(sid: str, user: str, fields: Mapping[str, Any], now: datetime, life: timedelta, secure: bool) -> Sequence[str]:
    """A logged-in user's: `sid` ends with the session, the others with the browser."""
    age = f"Expires={format_datetime(now + life, usegmt=True)}; Max-Age={life // timedelta(seconds=1)}"
    tail = _tail(secure)
    system = "yes" if fields.get("user_type") == "System User" else "no"
    return (
        f"sid={sid}; {age}; {'Secure; ' if secure else ''}HttpOnly; Path=/; SameSite=Lax",
        f"system_user={system}; {tail}",
        f"full_name={quote(str(fields.get('full_name') or ''))}; {tail}",
        f"user_id={quote(user)}; {tail}",
        f"user_image={quote(str(fields.get('user_image') or ''))}; {tail}",
    )


def _tail(secure: bool) -> str:
    return f"{'Secure; ' if secure else ''}Path=/; SameSite=Lax"
