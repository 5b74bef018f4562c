"""The site as an OAuth provider: consent, codes, tokens, what ends them. Source: facts 1.7."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from erpnext_site import ErpSite, refused

from harness.kit.call import Call, Reply

BASE = "/api/method/frappe.integrations.oauth2"
WHO = "/api/method/frappe.auth.get_logged_user"
BACK = "https://shop.example/callback"
ANNA = {"email": "anna@example.com", "full_name": "Anna", "roles": ["Sales User"], "password": "pa55"}
VERIFIER = "a-long-enough-verifier-for-pkce-0123456789"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


class Shop:
    """An app that Anna connects to the site."""

    def __init__(self, **client: Any) -> None:
        self.site = ErpSite(users=[ANNA])
        wanted = {"app_name": "Shop", "redirect_uris": BACK, "default_redirect_uri": BACK, "scopes": "all openid", **client}
        self.client = self.site.add("OAuth Client", **wanted)
        login = self.site.send("POST", "/api/method/login", {"usr": "anna@example.com", "pwd": "pa55"}, headers={})
        self.browser = {"cookie": login.cookies[0].split(";")[0]}

    def asked(self, **more: str) -> dict[str, str]:
        return {"client_id": self.client["name"], "response_type": "code", "redirect_uri": BACK, "scope": "all openid", **more}

    def visit(self, address: str, headers: dict[str, str] | None = None) -> Reply:
        path, _, query = address.partition("?")
        return self.site.fake.handle(Call("GET", path, query, headers or self.browser))

    def post(self, function: str, headers: dict[str, str] | None = None, **form: str) -> Reply:
        kind = {"content-type": "application/x-www-form-urlencoded", **(headers or {})}
        return self.site.fake.handle(Call("POST", f"{BASE}.{function}", "", kind, urlencode(form).encode()))

    def code(self, **more: str) -> str:
        page = self.visit(f"{BASE}.authorize?{urlencode(self.asked(**more))}")
        allow = re.search(rb'href="([^"]+)">Allow', page.body)
        assert allow is not None, page.body
        back = self.visit(allow[1].decode().replace("&amp;", "&"))
        assert back.status == 302, back.body
        return parse_qs(urlsplit(back.headers["location"]).query)["code"][0]

    def token(self, **more: str) -> dict[str, Any]:
        reply = self.post("get_token", grant_type="authorization_code", client_id=self.client["name"], code=self.code(), **more)
        assert reply.status == 200, reply.body
        return dict(reply.json())


@pytest.fixture
def shop() -> Shop:
    return Shop()


def bearer(token: dict[str, Any]) -> dict[str, str]:
    return {"authorization": f"Bearer {token['access_token']}", "accept": "application/json"}


def error_of(reply: Reply) -> str:
    assert reply.status == 400, reply.body
    return str(reply.json()["error"])


def test_a_guest_logs_in_first_and_comes_back_to_the_question(shop: Shop) -> None:
    reply = shop.visit(f"{BASE}.authorize?{urlencode(shop.asked())}", headers={"accept": "text/html"})
    assert reply.status == 302
    assert reply.headers["location"].startswith("/login?redirect-to=%2Fapi%2Fmethod%2Ffrappe.integrations.oauth2.authorize")


def test_consent_gives_a_code_and_the_state_comes_back_with_it(shop: Shop) -> None:
    page = shop.visit(f"{BASE}.authorize?{urlencode(shop.asked(state='x1'))}")
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    approve = f"{BASE}.approve?{urlencode(shop.asked(state='x1'))}"
    back = shop.visit(approve)
    assert back.headers["location"].startswith(f"{BACK}?code=")
    assert back.headers["location"].endswith("&state=x1")


def test_a_code_becomes_a_token_that_acts_as_the_user(shop: Shop) -> None:
    token = shop.token()
    assert (token["token_type"], token["expires_in"], token["scope"]) == ("Bearer", 3600, "all openid")
    assert shop.site.send("GET", WHO, headers=bearer(token)).json() == {"message": "anna@example.com"}
    assert shop.site.send("GET", "/api/resource/Customer", headers=bearer(token)).status == 200


def test_the_id_token_is_signed_with_the_clients_secret(shop: Shop) -> None:
    head, claims, signature = shop.token()["id_token"].split(".")
    key = shop.client["client_secret"].encode()
    expected = base64.urlsafe_b64encode(hmac.new(key, f"{head}.{claims}".encode(), hashlib.sha256).digest()).decode().rstrip("=")
    assert signature == expected
    told = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    assert (told["aud"], told["sub"]) == (shop.client["name"], "anna@example.com")


def test_a_code_works_once_for_its_client_and_its_address_and_ten_minutes(shop: Shop) -> None:
    client = shop.client["name"]
    code = shop.code()
    again = {"grant_type": "authorization_code", "client_id": client, "code": code}
    assert error_of(shop.post("get_token", **{**again, "client_id": "nobody"})) == "invalid_client"
    assert error_of(shop.post("get_token", **{**again, "client_secret": "wrong"})) == "invalid_client"
    assert error_of(shop.post("get_token", **{**again, "redirect_uri": "https://other.example"})) == "invalid_grant"
    assert shop.post("get_token", **again).status == 200
    assert error_of(shop.post("get_token", **again)) == "invalid_grant"
    late = shop.code()
    shop.site.wait(601)
    assert error_of(shop.post("get_token", **{**again, "code": late})) == "invalid_grant"


@pytest.mark.parametrize(("method", "challenge"), [("S256", CHALLENGE), ("plain", VERIFIER)])
def test_with_pkce_only_who_asked_can_exchange(shop: Shop, method: str, challenge: str) -> None:
    code = shop.code(code_challenge=challenge, code_challenge_method=method)
    form = {"grant_type": "authorization_code", "client_id": shop.client["name"], "code": code}
    assert error_of(shop.post("get_token", **form)) == "invalid_grant"
    assert error_of(shop.post("get_token", **form, code_verifier="guessed")) == "invalid_grant"
    assert shop.post("get_token", **form, code_verifier=VERIFIER).status == 200


def test_refreshing_ends_the_old_tokens(shop: Shop) -> None:
    old = shop.token()
    form = {"grant_type": "refresh_token", "client_id": shop.client["name"], "refresh_token": old["refresh_token"]}
    new = shop.post("get_token", **form).json()
    assert shop.site.send("GET", WHO, headers=bearer(old)).status == 401
    assert shop.site.send("GET", WHO, headers=bearer(new)).status == 200
    assert error_of(shop.post("get_token", **form)) == "invalid_grant"


def test_a_token_ends_by_the_clock_and_by_revoking(shop: Shop) -> None:
    one, two = shop.token(), shop.token()
    assert shop.post("revoke_token", token=one["access_token"]).status == 200
    refused(shop.site.send("GET", WHO, headers=bearer(one)), 401, "AuthenticationError")
    assert shop.post("introspect_token", token=one["access_token"]).json() == {"active": False}
    assert shop.post("introspect_token", token=two["access_token"]).json()["email"] == "anna@example.com"
    shop.site.wait(3601)
    assert shop.site.send("GET", WHO, headers=bearer(two)).status == 401
    assert shop.post("introspect_token", token=two["access_token"]).json() == {"active": False}
    assert shop.post("revoke_token", token="unknown").status == 200


def test_the_password_grant_wants_the_right_password(shop: Shop) -> None:
    form = {"grant_type": "password", "client_id": shop.client["name"], "username": "anna@example.com", "password": "pa55"}
    assert shop.site.send("GET", WHO, headers=bearer(shop.post("get_token", **form).json())).status == 200
    assert error_of(shop.post("get_token", **{**form, "password": "wrong"})) == "invalid_grant"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "magic"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "invalid_client"),
    ],
)
def test_what_a_token_request_gets_wrong(shop: Shop, form: dict[str, str], error: str) -> None:
    assert error_of(shop.post("get_token", **form)) == error


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"client_id": "nobody"}, "invalid_client"),
        ({"redirect_uri": "https://evil.example"}, "invalid_request"),
        ({"scope": "everything"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
    ],
)
def test_what_an_authorization_request_gets_wrong(shop: Shop, asked: dict[str, str], error: str) -> None:
    assert error_of(shop.visit(f"{BASE}.authorize?{urlencode(shop.asked(**asked))}")) == error


def test_the_profile_of_who_holds_the_token(shop: Shop) -> None:
    profile = shop.site.send("GET", f"{BASE}.openid_profile", headers=bearer(shop.token())).json()
    assert (profile["sub"], profile["name"], profile["email"]) == ("anna@example.com", "Anna", "anna@example.com")
    assert "Sales User" in profile["roles"]
    assert shop.site.send("GET", f"{BASE}.openid_profile", headers={}).status == 403


def test_a_trusted_client_is_not_asked_about() -> None:
    shop = Shop(skip_authorization=1)
    reply = shop.visit(f"{BASE}.authorize?{urlencode(shop.asked())}")
    assert (reply.status, reply.headers["location"].split("?")[0]) == (302, f"{BASE}.approve")


def test_tokens_are_asked_for_by_post(shop: Shop) -> None:
    assert refused(shop.visit(f"{BASE}.get_token?grant_type=password"), 403, "PermissionError") == "Not permitted"


def test_no_code_token_or_secret_reaches_the_journal_and_all_go_back_with_a_remembered_state(shop: Shop) -> None:
    before = shop.site.fake.remember()
    token = shop.token(client_secret=shop.client["client_secret"])
    journal = shop.site.fake.journal.to_bytes()
    for secret in (token["access_token"], token["refresh_token"], shop.client["client_secret"], token["id_token"]):
        assert secret.encode() not in journal
    state = shop.site.fake.remember()
    shop.site.fake.put_back(before)
    assert shop.site.send("GET", WHO, headers=bearer(token)).status == 401
    shop.site.fake.put_back(state)
    assert shop.site.send("GET", WHO, headers=bearer(token)).status == 200


def test_version_16_says_where_everything_is() -> None:
    path = "/.well-known/oauth-authorization-server"
    told = ErpSite(version=16).send("GET", path, headers={}).json()
    assert told["token_endpoint"].endswith("/api/method/frappe.integrations.oauth2.get_token")
    assert ErpSite().send("GET", path, headers={}).status == 404
