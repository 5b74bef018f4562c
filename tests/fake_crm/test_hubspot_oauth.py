"""OAuth: from the address a person opens to tokens, their end and their return (facts 2.1, 2.2)."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from hubspot_app import BACK, FORM, SCOPES, App
from hubspot_portal import OBJECTS, Portal

from harness.kit.call import Outcome, Reply

OpenPortal = Callable[..., Portal]
VERSIONS = ("v1", "v3", "2026-03", "2026-09")
NO_APP_PROOF = "00000000-dead-beef-0000-000000000000"


@pytest.fixture
def app(portal: Portal) -> App:
    return App(portal)


def refused(reply: Reply, status: str) -> dict[str, Any]:
    """A refusal of the token endpoint: its status says what was wrong, its text stands in it twice."""
    body: dict[str, Any] = reply.json()
    assert (reply.status, reply.outcome, body["status"]) == (400, Outcome.NOT_APPLIED, status)
    assert body["message"] == body["error_description"]
    return body


# -- getting in -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
def test_from_the_address_to_a_call_with_the_token(portal: Portal, version: str) -> None:
    app = App(portal, version)
    page = app.authorize(state="a b&c")
    assert (page.status, page.body) == (302, b"")
    back = urlsplit(page.headers["location"])
    assert f"{back.scheme}://{back.netloc}{back.path}" == BACK
    answer = parse_qs(back.query)
    assert answer["state"] == ["a b&c"]

    tokens = app.exchange(answer["code"][0]).json()
    assert {name: tokens[name] for name in ("token_type", "expires_in", "hub_id", "token_use", "scopes")} == {
        "token_type": "bearer",
        "expires_in": 1800,
        "hub_id": 48211907,
        "token_use": "access_token",
        "scopes": SCOPES.split(),
    }
    assert isinstance(tokens["user_id"], int)
    assert 40 < len(tokens["access_token"]) <= 512
    assert app.list_deals().status == 200


def test_equal_seeds_give_equal_tokens_and_each_token_is_another() -> None:
    first, again = App(Portal()), App(Portal())
    assert first.install() == again.install()
    assert first.refresh().json()["access_token"] != again.access_token


def test_the_redirect_keeps_the_query_of_the_app(app: App) -> None:
    location = app.authorize(redirect_uri="http://localhost:3000/cb?tenant=7#top").headers["location"]
    assert location.startswith("http://localhost:3000/cb?tenant=7&code=")
    assert location.endswith("#top")
    assert "state" not in location


def test_optional_scopes_are_given_as_far_as_the_account_has_them(open_portal: OpenPortal) -> None:
    app = App(open_portal(oauth_scopes=["crm.objects.deals.read", "crm.objects.contacts.read"]))
    tokens = app.install(scope="oauth crm.objects.deals.read", optional_scope="crm.objects.contacts.read automation")
    assert tokens["scopes"] == ["oauth", "crm.objects.deals.read", "crm.objects.contacts.read"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"client_id": NO_APP_PROOF}, "client_id"),
        ({"redirect_uri": ""}, "redirect_uri"),
        ({"redirect_uri": "javascript:alert(1)"}, "redirect_uri"),
        ({"redirect_uri": "http://[broken"}, "redirect_uri"),
        ({"redirect_uri": "http://x.test/\r\nset-cookie: a=b"}, "redirect_uri"),
        ({"redirect_uri": "https://elsewhere.test"}, "redirect URLs"),
        ({"scope": "crm.objects.deals.read"}, "scope oauth"),
        ({"scope": "oauth <b>"}, "&lt;b&gt;"),
        ({"code_challenge": "x", "code_challenge_method": "md5"}, "code_challenge_method"),
    ],
)
def test_what_is_wrong_with_an_address_is_told_on_a_page(open_portal: OpenPortal, query: dict[str, str], words: str) -> None:
    app = App(open_portal(redirect_uris=[BACK], oauth_scopes=["crm.objects.deals.read", "crm.objects.deals.write"]))
    reply = app.authorize(**query)
    assert reply.status == 400
    assert reply.headers["content-type"].startswith("text/html")
    assert words in reply.body.decode()
    assert app.authorize().status == 302


def test_a_code_is_good_once_and_for_ten_minutes(app: App) -> None:
    code, late = app.code(), app.code()
    assert app.exchange(code).status == 200
    refused(app.exchange(code), "BAD_AUTH_CODE")
    app.portal.wait(600)
    refused(app.exchange(late), "BAD_AUTH_CODE")


def test_a_code_with_a_challenge_needs_its_verifier(app: App) -> None:
    challenge = urlsafe_b64encode(sha256(b"only the app knows").digest()).decode().rstrip("=")
    code = app.code(code_challenge=challenge, code_challenge_method="S256")
    refused(app.exchange(code), "BAD_CODE_VERIFIER")
    refused(app.exchange(code, code_verifier="a guess"), "BAD_CODE_VERIFIER")
    assert app.exchange(code, code_verifier="only the app knows").status == 200


# -- refusals, byte for byte -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("fields", "status", "error", "message"),
    [
        ({"grant_type": "refresh_token"}, "BAD_REFRESH_TOKEN", "invalid_grant", "refresh token is invalid, expired or revoked"),
        ({"code": "na1-made-up"}, "BAD_AUTH_CODE", "invalid_grant", "missing or invalid auth code"),
        ({"client_id": NO_APP_PROOF}, "BAD_CLIENT_ID", "invalid_client", "missing or invalid client id"),
        ({"client_secret": ""}, "BAD_CLIENT_SECRET", "invalid_client", "missing or invalid client secret"),
        ({"redirect_uri": "https://other.test"}, "BAD_REDIRECT_URI", "invalid_request", "missing or mismatched redirect uri"),
        ({"grant_type": "password"}, "BAD_GRANT_TYPE", "unsupported_grant_type", "missing or unknown grant type"),
    ],
)
def test_the_refusals_of_the_token_endpoint(
    portal: Portal, version: str, fields: dict[str, str], status: str, error: str, message: str
) -> None:
    app = App(portal, version)
    code = app.code()
    reply = app.exchange(code, **fields)
    body = refused(reply, status)
    assert body.pop("correlationId") == reply.headers["x-hubspot-correlation-id"]
    assert body == {"status": status, "message": message, "error": error, "error_description": message}
    assert app.exchange(code).status == 200, "a refused exchange uses no code up"


def test_an_account_that_is_gone_is_an_unknown_hub(open_portal: OpenPortal) -> None:
    app = App(open_portal(oauth_hub_known=False))
    body = refused(app.exchange(app.code()), "BAD_HUB")
    assert (body["error"], body["message"]) == ("access_denied", "missing or unknown hub id")


def test_a_form_is_a_form(app: App) -> None:
    """Our guess: JSON is refused by its content type; a form that says nothing about itself is read."""
    path, code = f"/oauth/{app.version}/token", app.code()
    fields = f"grant_type=authorization_code&client_id={app.proof['client_id']}&client_secret={app.proof['client_secret']}"
    form = f"{fields}&redirect_uri={quote(BACK, safe='')}&code={code}".encode()
    reply = app.portal.call("POST", path, form, **{"content-type": "application/json"})
    assert (reply.status, reply.body) == (415, b"")
    assert app.portal.call("POST", path, form).status == 200
    refused(app.portal.call("POST", path, b"\xff=&&=;\x00", **{"content-type": FORM}), "BAD_GRANT_TYPE")


# -- keeping in ------------------------------------------------------------------------------------------------------------------


def test_a_refresh_gives_a_new_access_token_and_the_same_refresh_token(app: App) -> None:
    first = app.install()
    app.portal.wait(900)
    second = app.refresh(redirect_uri="ignored, as singer sends it").json()
    assert second["refresh_token"] == first["refresh_token"]
    assert second["access_token"] != first["access_token"]
    assert second["scopes"] == first["scopes"]
    app.access_token = first["access_token"]
    assert app.list_deals().status == 200, "the first lives on until it ends"


def test_v1_takes_secret_and_refresh_token_from_the_query(portal: Portal) -> None:
    app = App(portal, "v1")
    app.install()
    query = f"client_secret={app.proof['client_secret']}&refresh_token={app.refresh_token}"
    body = f"grant_type=refresh_token&client_id={app.proof['client_id']}".encode()
    assert portal.call("POST", "/oauth/v1/token", body, query).status == 200
    refused(portal.call("POST", "/oauth/v3/token", body, query), "BAD_CLIENT_SECRET")


def test_a_second_authorization_keeps_the_refresh_token_and_takes_the_new_scopes(app: App) -> None:
    first = app.install()
    second = app.install(scope="oauth crm.objects.contacts.read")
    assert second["refresh_token"] == first["refresh_token"]
    assert app.refresh().json()["scopes"] == ["oauth", "crm.objects.contacts.read"]


@pytest.mark.parametrize("version", ["v1", "v3", "2026-03"])
def test_a_client_gets_a_token_of_its_own_which_opens_no_account(portal: Portal, version: str) -> None:
    app = App(portal, version)
    reply = app.form(f"/oauth/{version}/token", grant_type="client_credentials", scope="developers-read")
    tokens = reply.json()
    app.access_token = tokens.pop("access_token")
    assert tokens == {
        "token_type": "bearer",
        "expires_in": 1800,
        "scopes": ["developers-read"],
        "token_use": "client_credentials",
    }
    for path in (f"{OBJECTS}/deals", "/account-info/v3/details"):
        assert app.call("GET", path).json()["category"] == "MISSING_SCOPES"
    refused(app.form(f"/oauth/{version}/token", grant_type="client_credentials", scope="crm.objects.deals.read"), "BAD_SCOPES")


def test_client_credentials_are_gone_in_september_2026(portal: Portal) -> None:
    refused(App(portal).form("/oauth/2026-09/token", grant_type="client_credentials"), "BAD_GRANT_TYPE")


# -- looking up and getting out --------------------------------------------------------------------------------------------------


def test_v1_tells_what_a_token_is(portal: Portal) -> None:
    app = App(portal)
    app.install()
    portal.wait(600)
    info = portal.call("GET", f"/oauth/v1/access-tokens/{app.access_token}", authorization="").json()
    assert {name: info[name] for name in ("token", "token_type", "expires_in", "hub_id", "app_id", "scopes", "user")} == {
        "token": app.access_token,
        "token_type": "access",
        "expires_in": 1200,
        "hub_id": 48211907,
        "app_id": 1344071,
        "scopes": SCOPES.split(),
        "user": "anna.berg@syncproof.example",
    }
    assert info["signed_access_token"]["hubId"] == 48211907
    refresh = portal.call("GET", f"/oauth/v1/refresh-tokens/{app.refresh_token}", authorization="").json()
    assert (refresh["token"], refresh["token_type"], refresh["client_id"]) == (
        app.refresh_token,
        "refresh",
        app.proof["client_id"],
    )
    portal.wait(1200)
    assert portal.get(f"/oauth/v1/access-tokens/{app.access_token}").status == 404
    assert portal.get("/oauth/v1/refresh-tokens/made-up").status == 404


def test_a_deleted_refresh_token_is_good_no_more_and_access_tokens_live_on(app: App) -> None:
    app.install()
    path = f"/oauth/v1/refresh-tokens/{app.refresh_token}"
    reply = app.portal.call("DELETE", path, authorization="")
    assert (reply.status, reply.body) == (204, b"")
    assert app.portal.call("DELETE", path, authorization="").status == 204
    refused(app.refresh(), "BAD_REFRESH_TOKEN")
    assert app.list_deals().status == 200
    gone = app.refresh_token
    assert app.install()["refresh_token"] != gone


@pytest.mark.parametrize("version", VERSIONS[1:])
def test_introspection_and_revocation(portal: Portal, version: str) -> None:
    app = App(portal, version)
    app.install()
    where, revoke = f"/oauth/{version}/token/introspect", f"/oauth/{version}/token/revoke"
    access = app.form(where, token=app.access_token, token_type_hint="access_token").json()
    assert (access["active"], access["token_use"], access["hub_id"]) == (True, "access_token", 48211907)
    refresh = app.form(where, token=app.refresh_token).json()
    assert (refresh["active"], refresh["token_use"]) == (True, "refresh_token")
    assert app.form(where, token="made up").json() == {"active": False}
    refused(app.form(where, token=app.access_token, client_secret="wrong"), "BAD_CLIENT_SECRET")
    refused(app.form(revoke, token=app.refresh_token, client_id="wrong"), "BAD_CLIENT_ID")

    reply = app.form(revoke, token=app.refresh_token)
    assert (reply.status, reply.body) == (200, b"")
    assert app.form(revoke, token=app.refresh_token).status == 200
    assert app.form(where, token=app.refresh_token).json() == {"active": False}
    refused(app.refresh(), "BAD_REFRESH_TOKEN")
    assert app.list_deals().status == 200, "an access token lives on"
    app.form(revoke, token=app.access_token)
    assert app.list_deals().status == 401


@pytest.mark.parametrize("version", ["v3", "2026-03", "2026-09"])
def test_an_app_leaves_the_account(portal: Portal, version: str) -> None:
    app = App(portal)
    app.install()
    path = f"/appinstalls/{version}/external-install"
    assert portal.call("DELETE", path).json()["category"] == "MISSING_SCOPES", "a private app is not installed by OAuth"
    assert app.call("DELETE", path).status == 204
    assert app.list_deals().json()["category"] == "INVALID_AUTHENTICATION"
    refused(app.refresh(), "BAD_REFRESH_TOKEN")
    assert app.install()["scopes"] == SCOPES.split()


def test_what_a_private_app_token_may_do(open_portal: OpenPortal) -> None:
    portal = open_portal(apps={"pat-na1-small": ["crm.objects.deals.read"]})
    path = "/oauth/v2/private-apps/get/access-token-info"
    small = portal.post(path, {"tokenKey": "pat-na1-small"}).json()
    assert (small["hubId"], small["appId"], small["scopes"]) == (48211907, 1344071, ["crm.objects.deals.read"])
    everything = portal.post(path, {"tokenKey": portal.fake.credentials()["token"]}).json()["scopes"]
    assert {"oauth", "tickets", "crm.schemas.custom.write", "crm.objects.commercepayments.read"} <= set(everything)
    assert portal.post(path, {"tokenKey": "pat-na1-unknown"}).status == 401
    assert portal.post(path, {"tokenKey": ["a list"]}).status == 401
    assert portal.post(path, {}).status == 400


def test_a_remembered_state_takes_back_what_was_granted(app: App) -> None:
    before = app.portal.fake.remember()
    app.install()
    installed = app.portal.fake.remember()
    app.portal.fake.put_back(before)
    assert app.list_deals().status == 401
    refused(app.refresh(), "BAD_REFRESH_TOKEN")
    app.portal.fake.put_back(installed)
    assert app.list_deals().status == 200
    assert app.refresh().status == 200


# -- secrets ---------------------------------------------------------------------------------------------------------------------


def test_no_code_token_or_secret_enters_the_journal(open_portal: OpenPortal) -> None:
    secrets = {"token": "pat-na1-5ecre7", "client_secret": "c11en7-5ecre7", "developer_key": "hap1-5ecre7"}
    portal = open_portal(**secrets)
    app, seen = App(portal, "v1"), set(secrets.values())
    for version in VERSIONS:
        app.version = version
        code = app.code(state="s7a7e-5ecre7", code_challenge="cha11enge-5ecre7")
        app.exchange(code, code_verifier="cha11enge-5ecre7")
        app.refresh()
        seen |= {code, "s7a7e-5ecre7", "cha11enge-5ecre7", app.access_token, app.refresh_token}
        for verb in ("introspect", "revoke"):
            app.form(f"/oauth/{version}/token/{verb}", token=app.refresh_token)
            app.form(f"/oauth/{version}/token/{verb}", token=app.access_token, client_secret="wr0ng-5ecre7")
    app.version = "v1"
    app.install()
    seen |= {app.access_token, app.refresh_token, "wr0ng-5ecre7"}
    for path in (f"access-tokens/{app.access_token}", f"refresh-tokens/{app.refresh_token}", f"access-tokens/{app.access_token}/x"):
        for method in ("GET", "DELETE", "PUT"):
            portal.call(method, f"/oauth/v1/{path}")
            portal.call(method, f"//oauth/v3/{path}")
    portal.post("/oauth/v2/private-apps/get/access-token-info", {"tokenKey": secrets["token"]})
    portal.call("POST", "/oauth/v3/token", {"client_secret": secrets["client_secret"]})
    spelt = f"client%5Fsecret={secrets['client_secret']}&{secrets['client_secret']}&c%6fde={secrets['token']}".encode()
    portal.call("POST", "/oauth/v3/token", spelt, spelt.decode(), **{"content-type": FORM})
    for path in ("/webhooks/v3/1/settings", "/app-webhooks/2025-09/1/settings", f"{OBJECTS}/deals"):
        portal.call("GET", path, query=f"limit=1&hapikey={secrets['developer_key']}", authorization="")
        portal.call("GET", path, query=f"limit=1&HAPIKEY={secrets['developer_key']}", authorization="")
    portal.call("GET", "/webhooks/v3/1/settings", query=f"hapi%6Bey={secrets['developer_key']}", authorization="")
    app.list_deals()

    journal = portal.journal.to_bytes().decode()
    assert [each for each in seen if each in journal] == []
    assert "5ecre7" not in journal
    assert "grant_type=refresh_token" in journal, "what is no secret stays readable"
    assert quote(BACK, safe="") in journal
    assert '"expires_in":1800' in journal.replace("\\", "")
