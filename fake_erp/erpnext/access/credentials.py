"""The Authorization header: `token`, `Basic` with a key and its secret, `Bearer`. Source: facts 1.1, 1.2.

What a header means is remembered until a User document changes.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

from fake_erp.erpnext.access.oauth import OAuthServer
from fake_erp.erpnext.access.people import AUTH, secret_of
from fake_erp.erpnext.errors import Refused, bad_credentials, operational, throw
from fake_erp.erpnext.framework.site import Site
from harness.kit.call import Call
from harness.kit.records import Change

GUEST: Final = "Guest"
_BAD_BASIC = "Failed to decode token, please provide a valid base64-encoded token."
_KINDS = frozenset({"User", AUTH})


class Credentials:
    """Who a header stands for."""

    def __init__(self, site: Site, oauth: OAuthServer) -> None:
        self._site, self._oauth = site, oauth
        self._known: dict[str, str] = {}
        site.store.define("User", indexes=("api_key",))
        site.store.define(AUTH)
        site.store.on_commit(self._forget)

    def _forget(self, changes: list[Change]) -> None:
        if self._known and any(change.kind in _KINDS for change in changes):
            self._known.clear()

    def reset(self) -> None:
        self._known.clear()

    def user_of(self, call: Call) -> str:
        """Raises Refused: 401, or 400 for Basic that is no base64. A header that is not two words is no header."""
        header = call.headers.get("authorization")
        if not header:
            return GUEST
        source = call.headers.get("frappe-authorization-source")
        known = self._known.get(header) if source is None else None
        if known is not None:
            return known
        parts = header.split(" ")
        if len(parts) != 2:
            return GUEST
        user = self._user(parts[0].lower(), parts[1], source)
        if source is None and parts[0].lower() != "bearer":  # a bearer token ends by the clock
            self._known[header] = user
        return user

    def _user(self, scheme: str, token: str, source: str | None) -> str:
        if scheme == "bearer":
            user = self._oauth.user_of(token)
            if user is None:
                raise bad_credentials()
            return user
        if scheme == "basic":
            try:
                token = base64.b64decode(token, validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                raise throw(_BAD_BASIC, "InvalidAuthorizationToken", status=400) from None
        elif scheme != "token":
            raise bad_credentials()
        key, colon, secret = token.partition(":")
        if not colon or ":" in secret or not key or not secret:
            raise bad_credentials()
        return self._by_key(key, secret) if source in (None, "User") else self._by_source(str(source), key, secret)

    def _by_key(self, key: str, secret: str) -> str:
        for record in self._site.store.where("User", "api_key", key):
            disabled = self._site.settings.version >= 16 and not record.fields["enabled"]
            if not disabled and secret_of(self._site, record.id, "api_secret") == secret:
                return record.id
        raise bad_credentials()

    def _by_source(self, doctype: str, key: str, secret: str) -> str:
        """A key kept in another DocType, which needs columns for key, secret and user; what lacks them is the database's error
        (our guess)."""
        meta = self._site.doctypes.get(doctype)
        if meta is None:
            raise Refused(500, "ProgrammingError", f"(1146, \"Table '_site.tab{doctype}' doesn't exist\")")
        for column in ("api_key", "api_secret", "user"):
            if column not in meta.columns:
                raise operational(1054, f"Unknown column '{column}' in 'field list'")
        for record in self._site.store.all(doctype):
            if record.fields.get("api_key") == key and record.fields.get("api_secret") == secret and record.fields.get("user"):
                return str(record.fields["user"])
        raise bad_credentials()
