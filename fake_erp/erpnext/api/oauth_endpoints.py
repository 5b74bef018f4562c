"""`frappe.integrations.oauth2.*`: RFC shapes without the `message` wrapper. Source: facts 1.7; words of pages are our guess.

The way of a person: authorize (login, consent page) → approve → 302 to the client with a code → get_token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from fake_erp.erpnext.access.oauth import OAuthError
from fake_erp.erpnext.access.sessions import GUEST
from fake_erp.erpnext.api.functions import Function, Raw, function
from fake_erp.erpnext.api.html import page, redirect
from fake_erp.erpnext.errors import Refused
from fake_erp.erpnext.wire import encode
from harness.kit.call import Call, Outcome, Reply

if TYPE_CHECKING:
    from fake_erp.erpnext.dialect import ErpNextFake

Args = dict[str, Any]
POST = frozenset({"POST"})
BASE = "frappe.integrations.oauth2"
ASKED = (
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "nonce",
)


def authorize(fake: ErpNextFake, call: Call, args: Args) -> Reply:
    """The consent page; for a guest the login page first. A client that skips authorization goes on at once."""
    asked = _asked(args)
    query = urlencode(asked)
    if fake.site.user == GUEST:
        back = urlencode({"redirect-to": f"/api/method/{BASE}.authorize?{query}"})
        return redirect(f"/login?{back}")
    try:
        client = _client(fake, asked)
        uri = fake.oauth.redirect_of(client, asked.get("redirect_uri", ""))
        fake.oauth.scope_of(client, asked.get("scope", ""))
        if asked.get("response_type", "code") != "code":
            raise OAuthError("unsupported_response_type")
    except OAuthError as error:
        return _error(error)
    approve = f"/api/method/{BASE}.approve?{query}"
    if client.fields.get("skip_authorization"):
        return redirect(approve)
    deny = f"{uri}{'&' if '?' in uri else '?'}error=access_denied"
    return page(200, "Confirm Access", f'<a href="{_safe(approve)}">Allow</a> <a href="{_safe(deny)}">Deny</a>')


def approve(fake: ErpNextFake, call: Call, args: Args) -> Reply:
    """The person agreed: back to the client with a code."""
    asked = _asked(args)
    try:
        uri, code = fake.oauth.grant(_client(fake, asked), fake.site.user, asked)
    except OAuthError as error:
        return _error(error)
    answer = {"code": code, **({"state": asked["state"]} if asked.get("state") else {})}
    return redirect(f"{uri}{'&' if '?' in uri else '?'}{urlencode(answer)}")


def get_token(fake: ErpNextFake, call: Call, args: Args) -> Raw | Reply:
    given = {key: str(value) for key, value in args.items()}
    try:
        match given.get("grant_type"):
            case "authorization_code":
                return Raw(fake.oauth.exchange(given))
            case "refresh_token":
                return Raw(fake.oauth.refresh(given))
            case "password":
                return Raw(fake.oauth.password(given, _password_user(fake, given)))
            case None:
                raise OAuthError("invalid_request")
            case _:
                raise OAuthError("unsupported_grant_type")
    except OAuthError as error:
        return _error(error)


def _password_user(fake: ErpNextFake, given: dict[str, str]) -> str:
    try:
        return fake.sessions.authenticate(given.get("username", ""), given.get("password", ""))
    except Refused as refused:
        if refused.status != 401:
            raise
        raise OAuthError("invalid_grant") from None


def revoke_token(fake: ErpNextFake, call: Call, args: Args) -> Raw:
    """Always a 200, as RFC 7009 wants it."""
    fake.oauth.revoke(str(args.get("token") or ""))
    return Raw({})


def introspect_token(fake: ErpNextFake, call: Call, args: Args) -> Raw:
    token = fake.oauth.token(str(args.get("token") or ""))
    if token is None:
        return Raw({"active": False})
    shown: dict[str, Any] = {
        "client_id": token.client,
        "trusted_client": 0,
        "active": True,
        "exp": int(token.until.timestamp()),
        "scope": token.scope,
    }
    return Raw({**shown, **_profile(fake, token.user)} if "openid" in token.scope.split() else shown)


def openid_profile(fake: ErpNextFake, call: Call, args: Args) -> Raw:
    return Raw(_profile(fake, fake.site.user))


def _profile(fake: ErpNextFake, user: str) -> dict[str, Any]:
    fields = fake.site.fetch("User", user).fields
    shown = {
        "sub": user,
        "name": fields["full_name"],
        "given_name": fields["first_name"],
        "family_name": fields.get("last_name"),
        "iss": fake.base_url,
        "roles": sorted(fake.permissions.roles(user) or ("Administrator",)),
        "email": fields["email"],
        "picture": fields.get("user_image"),
    }
    return {key: value for key, value in shown.items() if value is not None}


def well_known(fake: ErpNextFake) -> Reply:
    """RFC 8414; version 16 only."""
    base = f"{fake.base_url}/api/method/{BASE}"
    body = {
        "issuer": fake.base_url,
        "authorization_endpoint": f"{base}.authorize",
        "token_endpoint": f"{base}.get_token",
        "revocation_endpoint": f"{base}.revoke_token",
        "introspection_endpoint": f"{base}.introspect_token",
        "userinfo_endpoint": f"{base}.openid_profile",
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
    }
    return Reply(200, encode(body), {"content-type": "application/json"})


def _asked(args: Args) -> dict[str, str]:
    return {name: str(args[name]) for name in ASKED if args.get(name)}


def _client(fake: ErpNextFake, asked: dict[str, str]) -> Any:
    client = fake.oauth.client(asked.get("client_id", ""))
    if client is None:
        raise OAuthError("invalid_client")
    return client


def _error(error: OAuthError) -> Reply:
    return Reply(400, encode({"error": error.error}), {"content-type": "application/json"}, Outcome.NOT_APPLIED)


def _safe(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


METHODS: dict[str, Function] = {
    f"{BASE}.authorize": function(authorize, "authorize", guest=True),
    f"{BASE}.approve": function(approve, "approve"),
    f"{BASE}.get_token": function(get_token, "get_token", verbs=POST, guest=True),
    f"{BASE}.revoke_token": function(revoke_token, "revoke_token", verbs=POST, guest=True),
    f"{BASE}.introspect_token": function(introspect_token, "introspect_token", verbs=POST, guest=True),
    f"{BASE}.openid_profile": function(openid_profile, "openid_profile"),
}
