"""The site as an OAuth 2 provider: clients, codes and tokens. Source: facts 1.7; what they leave open is our guess.

A client is an `OAuth Client` document; codes and tokens are kept here and not as documents, so that none of them reaches the
journal. A code lives ten minutes and works once; refreshing gives both tokens anew and ends the old ones.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

import msgspec

from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.settings import Settings
from harness.kit.records import Record

CODE_LIFE: Final = timedelta(minutes=10)
_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class OAuthError(Exception):
    """An error in the words of RFC 6749, such as `invalid_grant`."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


@dataclass(slots=True)
class Grant:
    """A code that waits to be exchanged."""

    client: str
    user: str
    scope: str
    redirect_uri: str
    challenge: str
    method: str
    nonce: str
    until: datetime


@dataclass(slots=True)
class Token:
    """An access token and the refresh token that came with it."""

    access: str
    refresh: str
    client: str
    user: str
    scope: str
    until: datetime
    active: bool = True


class OAuthServer:
    def __init__(self, site: Site, settings: Settings, random: Random) -> None:
        self._site, self._random = site, random
        self._clock = site.time.clock
        self._life = timedelta(seconds=settings.oauth_token_seconds)
        self.grants: dict[str, Grant] = {}
        self.tokens: dict[str, Token] = {}
        self._by_refresh: dict[str, str] = {}

    def client(self, client_id: str) -> Record | None:
        return self._site.store.get("OAuth Client", client_id) if client_id else None

    def redirect_of(self, client: Record, wanted: str) -> str:
        """Where the browser goes afterwards. Raises OAuthError for an address the client did not register."""
        known = str(client.fields.get("redirect_uris") or "").split()
        default = str(client.fields.get("default_redirect_uri") or "")
        if not wanted:
            return default
        if wanted not in (*known, default):
            raise OAuthError("invalid_request")
        return wanted

    def scope_of(self, client: Record, wanted: str) -> str:
        """Raises OAuthError for a scope the client may not ask for."""
        allowed = str(client.fields.get("scopes") or "").split()
        asked = wanted.split() or allowed
        if not set(asked) <= set(allowed):
            raise OAuthError("invalid_scope")
        return " ".join(asked)

    def grant(self, client: Record, user: str, args: dict[str, str]) -> tuple[str, str]:
        """After the user has agreed: the redirect address and the code. Raises OAuthError."""
        uri = self.redirect_of(client, args.get("redirect_uri", ""))
        scope = self.scope_of(client, args.get("scope", ""))
        code = self._secret()
        method = (args.get("code_challenge_method") or "plain").lower()
        self.grants[code] = Grant(
            client.id,
            user,
            scope,
            uri,
            args.get("code_challenge", ""),
            method,
            args.get("nonce", ""),
            self._clock.now() + CODE_LIFE,
        )
        return uri, code

    def exchange(self, args: dict[str, str]) -> dict[str, Any]:
        """`grant_type=authorization_code`. Raises OAuthError."""
        client = self._caller(args)
        grant = self.grants.get(args.get("code", ""))
        if grant is None or grant.client != client.id or grant.until < self._clock.now():
            raise OAuthError("invalid_grant")
        if args.get("redirect_uri", grant.redirect_uri) != grant.redirect_uri or not _proves(grant, args.get("code_verifier", "")):
            raise OAuthError("invalid_grant")
        del self.grants[args["code"]]
        return self._issue(client, grant.user, grant.scope, grant.nonce)

    def refresh(self, args: dict[str, str]) -> dict[str, Any]:
        """`grant_type=refresh_token`. Raises OAuthError."""
        client = self._caller(args)
        old = self.tokens.get(self._by_refresh.get(args.get("refresh_token", ""), ""))
        if old is None or not old.active or old.client != client.id:
            raise OAuthError("invalid_grant")
        old.active = False
        return self._issue(client, old.user, old.scope, "")

    def password(self, args: dict[str, str], user: str) -> dict[str, Any]:
        """`grant_type=password`, for a user whose password was right. Raises OAuthError."""
        client = self._caller(args)
        return self._issue(client, user, self.scope_of(client, args.get("scope", "")), "")

    def user_of(self, access: str) -> str | None:
        token = self.token(access)
        return token.user if token is not None else None

    def token(self, access: str) -> Token | None:
        """The token while it is good."""
        token = self.tokens.get(access)
        return token if token is not None and token.active and token.until > self._clock.now() else None

    def revoke(self, text: str) -> None:
        """Ends a token by its access or refresh token; an unknown one is no error."""
        token = self.tokens.get(text) or self.tokens.get(self._by_refresh.get(text, ""))
        if token is not None:
            token.active = False

    def _caller(self, args: dict[str, str]) -> Record:
        """The client; its secret is looked at when it is sent."""
        client = self.client(args.get("client_id", ""))
        if client is None or ("client_secret" in args and args["client_secret"] != client.fields.get("client_secret")):
            raise OAuthError("invalid_client")
        return client

    def _issue(self, client: Record, user: str, scope: str, nonce: str) -> dict[str, Any]:
        access, refresh = self._secret(), self._secret()
        self.tokens[access] = Token(access, refresh, client.id, user, scope, self._clock.now() + self._life)
        self._by_refresh[refresh] = access
        shown: dict[str, Any] = {
            "access_token": access,
            "expires_in": int(self._life.total_seconds()),
            "token_type": "Bearer",
            "scope": scope,
            "refresh_token": refresh,
        }
        if "openid" in scope.split():
            shown["id_token"] = self._id_token(client, user, access, nonce)
        return shown

    def _id_token(self, client: Record, user: str, access: str, nonce: str) -> str:
        """A JWT signed with the client's secret."""
        now = int(self._clock.now().timestamp())
        half = hashlib.sha256(access.encode()).digest()[:16]
        claims: dict[str, Any] = {
            "aud": client.id,
            "iat": now,
            "at_hash": _base64url(half),
            "sub": user,
            "iss": f"https://{self._site.settings.site_name}",
            "exp": now + int(self._life.total_seconds()),
        }
        if nonce:
            claims["nonce"] = nonce
        parts = [_base64url(msgspec.json.encode(part)) for part in ({"typ": "JWT", "alg": "HS256"}, claims)]
        signed = ".".join(parts)
        key = str(client.fields.get("client_secret") or "").encode()
        return f"{signed}.{_base64url(hmac.new(key, signed.encode(), hashlib.sha256).digest())}"

    def _secret(self) -> str:
        return "".join(self._random.choice(_ALPHABET) for _ in range(30))

    # -- going back ---------------------------------------------------------------------------------------------------

    def state(self) -> Any:
        grants = {code: replace(grant) for code, grant in self.grants.items()}
        return grants, {access: replace(token) for access, token in self.tokens.items()}

    def restore(self, state: Any) -> None:
        grants, tokens = state
        self.grants = {code: replace(grant) for code, grant in grants.items()}
        self.tokens = {access: replace(token) for access, token in tokens.items()}
        self._by_refresh = {token.refresh: access for access, token in self.tokens.items()}


def _proves(grant: Grant, verifier: str) -> bool:
    """PKCE: whoever exchanges the code is who asked for it."""
    if not grant.challenge:
        return True
    if grant.method == "s256":
        return _base64url(hashlib.sha256(verifier.encode()).digest()) == grant.challenge
    return verifier == grant.challenge


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
