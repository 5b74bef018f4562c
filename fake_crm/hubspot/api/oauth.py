"""OAuth tokens: exchange, refresh, look up, revoke. No bearer token is needed here and no call is counted (our guess).

Bodies are forms, as facts 2.2 and the vendor's documents say. Our guesses: the order of the checks, which is that of
`_authenticated` and `_TAKERS`, and the answers to a look-up of an unknown token. Client assertions are not modelled.
"""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl

from fake_crm.hubspot.access.refusals import bad_token_request
from fake_crm.hubspot.access.scopes import granted_scopes
from fake_crm.hubspot.access.tokens import DEVELOPER_SCOPES, Caller, Code, Install
from fake_crm.hubspot.errors import NO_CREDENTIALS, HubSpotError, missing_attributes, not_found
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.paths import TOKEN_VERSIONS
from fake_crm.hubspot.wire import body_object, no_content, ok
from harness.kit.call import Call, Reply
from harness.kit.clock import epoch_ms
from harness.kit.routing import Route

FORMS = frozenset({"exchange_token", "introspect_token", "revoke_token"})  # operations whose body is a form
OPEN = FORMS | {"read_access_token", "read_refresh_token", "archive_refresh_token", "read_private_app_token", "authorize"}
Form = dict[str, str]


def routes() -> Iterator[Route]:
    for version in TOKEN_VERSIONS:
        entry = "exchange_token_2026_09" if version == "2026-09" else ""
        yield Route("POST", f"/oauth/{version}/token", exchange, "exchange_token", entry)
        if version != "v1":
            yield Route("POST", f"/oauth/{version}/token/introspect", introspect, "introspect_token")
            yield Route("POST", f"/oauth/{version}/token/revoke", revoke, "revoke_token")
    yield Route("GET", "/oauth/v1/access-tokens/{token}", read_access_token, "read_access_token")
    yield Route("GET", "/oauth/v1/refresh-tokens/{token}", read_refresh_token, "read_refresh_token")
    yield Route("DELETE", "/oauth/v1/refresh-tokens/{token}", delete_refresh_token, "archive_refresh_token")
    yield Route("POST", "/oauth/v2/private-apps/get/access-token-info", read_private_app_token, "read_private_app_token")


# -- giving tokens --------------------------------------------------------------------------------------------------------------


def exchange(account: Account, call: Call) -> Reply:
    """200 with tokens for `grant_type` authorization_code, refresh_token or client_credentials; 400 of facts 2.2."""
    form = _form(call)
    taker = _TAKERS.get(form.get("grant_type", ""))
    if taker is None or (taker is _by_client and "/2026-09/" in call.path):
        raise bad_token_request("BAD_GRANT_TYPE")
    _authenticated(account, form)
    if not account.settings.oauth_hub_known:
        raise bad_token_request("BAD_HUB")
    return ok(taker(account, form))


def _by_code(account: Account, form: Form) -> dict[str, Any]:
    text, tokens = form.get("code", ""), account.tokens
    code = tokens.code(text)
    if code is None:
        raise bad_token_request("BAD_AUTH_CODE")
    if form.get("redirect_uri") != code.redirect_uri:
        raise bad_token_request("BAD_REDIRECT_URI")
    if not _verified(code, form.get("code_verifier", "")):
        raise bad_token_request("BAD_CODE_VERIFIER")
    caller, install = tokens.redeem(text)
    return _for_account(account, caller, install)


def _verified(code: Code, verifier: str) -> bool:
    """Whether the verifier fits the challenge of the authorization, if there was one (RFC 7636)."""
    if not code.challenge:
        return True
    if code.method == "S256":
        verifier = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
    return verifier == code.challenge


def _by_refresh_token(account: Account, form: Form) -> dict[str, Any]:
    """The same refresh token comes back. A `redirect_uri`, which some clients send, is ignored."""
    install = account.tokens.installed(form.get("refresh_token", ""))
    if install is None:
        raise bad_token_request("BAD_REFRESH_TOKEN")
    return _for_account(account, account.tokens.new_access_token(install), install)


def _by_client(account: Account, form: Form) -> dict[str, Any]:
    """A token of the app itself, of no account: no refresh token, no hub."""
    scopes = tuple(form.get("scope", "").split())
    if not all(each.startswith(DEVELOPER_SCOPES) for each in scopes):
        raise bad_token_request("BAD_SCOPES")
    return _issued(account, account.tokens.new_client_token(scopes))


_TAKERS: dict[str, Callable[[Account, Form], dict[str, Any]]] = {
    "authorization_code": _by_code,
    "refresh_token": _by_refresh_token,
    "client_credentials": _by_client,
}


def _issued(account: Account, caller: Caller) -> dict[str, Any]:
    return {
        "token_type": "bearer",
        "access_token": caller.token,
        "expires_in": account.settings.access_token_s,
        "scopes": list(caller.scopes or ()),
        "token_use": caller.use,
    }


def _for_account(account: Account, caller: Caller, install: Install) -> dict[str, Any]:
    row = {**_issued(account, caller), "refresh_token": install.refresh_token}
    return {**row, "hub_id": account.portal_id, "user_id": _installer(account)["userId"]}


def _authenticated(account: Account, form: Form) -> None:
    """The app proves who it is. Raises HubSpotError 400."""
    if form.get("client_id") != account.settings.client_id:
        raise bad_token_request("BAD_CLIENT_ID")
    if form.get("client_secret") != account.settings.client_secret:
        raise bad_token_request("BAD_CLIENT_SECRET")


def _form(call: Call) -> Form:
    """The fields of a form, the first of a repeated name. On v1 two of them may come in the query instead."""
    fields: Form = {}
    pairs = parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True)
    if call.path.strip("/").startswith("oauth/v1/"):
        pairs += [pair for pair in call.query_pairs() if pair[0] in ("client_secret", "refresh_token")]
    for name, value in pairs:
        fields.setdefault(name, value)
    return fields


# -- looking up and taking back -------------------------------------------------------------------------------------------------


def introspect(account: Account, call: Call) -> Reply:
    """200 with what an access or refresh token is, or `{"active": false}`. `token_type_hint` is not needed."""
    form = _form(call)
    _authenticated(account, form)
    text, tokens = form.get("token", ""), account.tokens
    app = {"active": True, "client_id": account.settings.client_id, "app_id": account.settings.app_id}
    caller = tokens.access_token(text)
    if caller is not None:
        return ok({**_access_token_row(account, caller), **app, "token_use": "access_token", "is_private_distribution": False})
    install = tokens.installed(text)
    if install is not None:
        return ok({**_refresh_token_row(account, install), **app, "token_use": "refresh_token"})
    return ok({"active": False})


def revoke(account: Account, call: Call) -> Reply:
    """200 without a body, whether or not the token was good."""
    form = _form(call)
    _authenticated(account, form)
    account.tokens.revoke(form.get("token", ""))
    return Reply(200)


def read_access_token(account: Account, call: Call) -> Reply:
    caller = account.tokens.access_token(call.params["token"])
    if caller is None:
        raise not_found()
    return ok(_access_token_row(account, caller))


def read_refresh_token(account: Account, call: Call) -> Reply:
    install = account.tokens.installed(call.params["token"])
    if install is None:
        raise not_found()
    return ok({**_refresh_token_row(account, install), "client_id": account.settings.client_id})


def delete_refresh_token(account: Account, call: Call) -> Reply:
    """204, also for a token nobody knows; access tokens already issued live on."""
    if account.tokens.installed(call.params["token"]) is not None:
        account.tokens.revoke(call.params["token"])
    return no_content()


def read_private_app_token(account: Account, call: Call) -> Reply:
    """200 with the account, the app and its scopes. The body `{"tokenKey": …}` is a guess of the facts, the 401 ours."""
    body = body_object(call)
    if "tokenKey" not in body:
        raise missing_attributes(["tokenKey"])
    key = body["tokenKey"]
    caller = account.tokens.callers.get(key) if isinstance(key, str) else None
    if caller is None or caller.use != "private_app":
        raise HubSpotError(401, NO_CREDENTIALS["message"], NO_CREDENTIALS["category"])
    row = {"userId": _installer(account)["userId"], "hubId": account.portal_id, "appId": account.settings.app_id}
    return ok({**row, "scopes": granted_scopes(caller.scopes)})


# -- rows -----------------------------------------------------------------------------------------------------------------------


def _installer(account: Account) -> dict[str, Any]:
    """Whoever said yes: the first of the account's owners."""
    return account.owners.rows()[0]


def _whose(account: Account) -> dict[str, Any]:
    person = _installer(account)
    hub = {"hub_id": account.portal_id, "hub_domain": f"{account.portal_id}.hs-sites.com"}
    return {**hub, "user": person["email"], "user_id": person["userId"]}


def _refresh_token_row(account: Account, install: Install) -> dict[str, Any]:
    row = {"token": install.refresh_token, "token_type": "refresh", "scopes": list(install.scopes)}
    return {**row, **_whose(account)}


def _access_token_row(account: Account, caller: Caller) -> dict[str, Any]:
    assert caller.ends is not None
    left = caller.ends - account.clock.now()
    row = {
        "token": caller.token,
        "token_type": "access",
        "expires_in": left // timedelta(seconds=1),
        "scopes": list(caller.scopes or ()),
        "app_id": account.settings.app_id,
        "signed_access_token": _signed(account, caller),
    }
    if caller.use == "client_credentials":
        return {**row, "hub_id": account.portal_id, "user_id": _installer(account)["userId"]}
    return {**row, **_whose(account)}


def _signed(account: Account, caller: Caller) -> dict[str, Any]:
    """The token taken apart. Every key of the vendor's document; the signatures are made up."""
    assert caller.ends is not None
    digest = sha256(caller.token.encode()).digest()
    user = _installer(account)["userId"]
    return {
        "expiresAt": epoch_ms(caller.ends),
        "scopes": b64encode(" ".join(caller.scopes or ()).encode()).decode(),
        "hubId": account.portal_id,
        "userId": user,
        "appId": account.settings.app_id,
        "signature": b64encode(digest[:20]).decode(),
        "scopeToScopeGroupPks": "",
        "newSignature": b64encode(digest).decode(),
        "hublet": "na1",
        "trialScopes": "",
        "trialScopeToScopeGroupPks": "",
        "isUserLevel": False,
        "installingUserId": user,
        "isServiceAccount": caller.use == "client_credentials",
        "isPrivateDistribution": False,
        "appInstallId": f"{account.settings.app_id}-{account.portal_id}",
        "audience": "",
    }
