"""Logins, their cookies and their end; CSRF tokens; keys, users and who may act as whom. Source: facts 1."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
from erpnext_site import TOKEN, ErpSite, messages_of, refused

from harness.kit.call import Call, Reply

WHO = "/api/method/frappe.auth.get_logged_user"
LOGIN = "/api/method/login"
ADMIN = {"usr": "Administrator", "pwd": "admin"}
ANNA = {
    "email": "anna@example.com",
    "full_name": "Anna Ä",
    "roles": ["Sales User"],
    "password": "pa55",
    "api_key": "anna",
    "api_secret": "secret",
}
PORTAL = {"email": "portal@example.com", "full_name": "Portal", "password": "pa55", "user_type": "Website User"}


@pytest.fixture
def site() -> ErpSite:
    return ErpSite(users=[ANNA, PORTAL])


def log_in(site: ErpSite, user: str = "Administrator", password: str = "admin") -> dict[str, str]:
    """The headers of a browser that has logged in."""
    reply = site.send("POST", LOGIN, {"usr": user, "pwd": password}, headers={})
    assert reply.status == 200, reply.body
    return {"cookie": "; ".join(cookie.split(";")[0] for cookie in reply.cookies)}


def cookies_of(reply: Reply) -> dict[str, str]:
    return dict(cookie.split(";")[0].split("=", 1) for cookie in reply.cookies)


# -- cookies --------------------------------------------------------------------------------------------------------------


def test_a_login_sets_five_cookies_and_the_session_outlives_the_browser(site: ErpSite) -> None:
    reply = site.send("POST", LOGIN, {"usr": "ANNA@example.com", "pwd": "pa55"}, headers={})
    assert reply.json() == {"message": "Logged In", "home_page": "/app", "full_name": "Anna Ä"}
    cookies = cookies_of(reply)
    assert len(cookies.pop("sid")) == 56
    assert cookies == {
        "system_user": "yes",
        "full_name": "Anna%20%C3%84",
        "user_id": "anna%40example.com",
        "user_image": "",
    }
    assert "HttpOnly; Path=/; SameSite=Lax" in reply.cookies[0]
    assert "Max-Age=612000" in reply.cookies[0]
    assert "HttpOnly" not in reply.cookies[1]


def test_a_website_user_has_no_app(site: ErpSite) -> None:
    reply = site.send("POST", LOGIN, {"usr": "portal@example.com", "pwd": "pa55"}, headers={})
    assert (reply.json()["message"], reply.json()["home_page"]) == ("No App", "/me")
    assert cookies_of(reply)["system_user"] == "no"


def test_the_home_page_of_version_16_is_the_desk() -> None:
    assert ErpSite(version=16).send("POST", LOGIN, ADMIN, headers={}).json()["home_page"] == "/desk"


@pytest.mark.parametrize("headers", [TOKEN, {}])
def test_calls_without_a_session_get_the_cookies_of_a_guest(site: ErpSite, headers: dict[str, str]) -> None:
    cookies = cookies_of(site.send("GET", "/api/method/ping", headers=headers))
    assert cookies == {"sid": "Guest", "system_user": "no", "full_name": "Guest", "user_id": "Guest", "user_image": ""}


def test_a_401_and_a_logout_take_all_cookies_back(site: ErpSite) -> None:
    for reply in (
        site.send("GET", WHO, headers={"authorization": "token a:b"}),
        site.send("GET", "/api/method/logout", headers=log_in(site)),
    ):
        assert cookies_of(reply) == dict.fromkeys(("full_name", "user_id", "sid", "user_image", "system_user"), "")
        assert all("Max-Age=0" in cookie for cookie in reply.cookies)


def test_cookies_are_secure_where_the_site_is(site: ErpSite) -> None:
    assert site.fake.base_url.startswith("https")
    assert all("Secure" in cookie for cookie in site.send("GET", "/api/method/ping").cookies)


# -- the life of a session ------------------------------------------------------------------------------------------------


def test_an_idle_session_ends_after_170_hours_and_a_used_one_does_not(site: ErpSite) -> None:
    used, idle = log_in(site), log_in(site, "anna@example.com", "pa55")
    for _ in range(3):
        site.wait(100 * 3600)
        assert site.send("GET", WHO, headers=used).json() == {"message": "Administrator"}
    reply = site.send("GET", WHO, headers=idle)
    refused(reply, 403, "PermissionError")
    assert reply.json()["session_expired"] == 1


def test_last_updated_moves_at_most_every_ten_minutes(site: ErpSite) -> None:
    browser = log_in(site)
    site.wait(9 * 60)
    site.send("GET", WHO, headers=browser)  # does not count as use yet
    site.wait(170 * 3600 - 5 * 60)
    assert site.send("GET", WHO, headers=browser).status == 403


def test_the_session_may_come_in_the_query(site: ErpSite) -> None:
    sid = log_in(site)["cookie"].split(";")[0].removeprefix("sid=")
    assert site.send("GET", WHO, headers={}, sid=sid).json() == {"message": "Administrator"}
    form = {"content-type": "application/x-www-form-urlencoded", "cookie": "sid=gone"}
    assert site.fake.handle(Call("POST", WHO, "", form, f"sid={sid}".encode())).json() == {"message": "Administrator"}
    assert sid.encode() not in site.fake.journal.to_bytes()


def test_two_people_have_two_sessions_and_logging_out_ends_one(site: ErpSite) -> None:
    one, two = log_in(site), log_in(site, "anna@example.com", "pa55")
    site.send("POST", "/api/method/logout", headers=one)
    assert site.send("GET", WHO, headers=one).status == 403
    assert site.send("GET", WHO, headers=two).json() == {"message": "anna@example.com"}


def test_version_16_logs_out_by_post_only() -> None:
    site = ErpSite(version=16)
    browser = log_in(site)
    assert site.send("GET", "/api/method/logout", headers=browser).status == 403
    assert site.send("POST", "/api/method/logout", headers=browser).json() == {}


def test_the_lock_counts_for_each_user_and_says_how_long_it_lasts() -> None:
    site = ErpSite(users=[ANNA], login_attempts_max=3, login_lock_seconds=5)
    for _ in range(3):
        site.send("POST", LOGIN, {"usr": "anna@example.com", "pwd": "wrong"}, headers={})
    words = "Your account has been locked and will resume after 5 seconds"
    locked = site.send("POST", LOGIN, {"usr": "anna@example.com", "pwd": "pa55"}, headers={})
    assert refused(locked, 500, "SecurityException") == words
    assert log_in(site)
    site.wait(6)
    assert log_in(site, "anna@example.com", "pa55")


def test_a_disabled_user_with_the_right_password_is_told(site: ErpSite) -> None:
    site.put("User", "anna@example.com", enabled=0)
    reply = site.send("POST", LOGIN, {"usr": "anna@example.com", "pwd": "pa55"}, headers={})
    refused(reply, 401, "AuthenticationError")
    assert reply.json()["message"] == "User disabled or missing"


def test_disabling_a_user_ends_their_sessions(site: ErpSite) -> None:
    browser = log_in(site, "anna@example.com", "pa55")
    site.put("User", "anna@example.com", last_name="Berg")
    assert site.send("GET", WHO, headers=browser).status == 200
    site.put("User", "anna@example.com", enabled=0)
    assert site.send("GET", WHO, headers=browser).json()["session_expired"] == 1


def test_an_old_client_logs_in_at_the_front_door(site: ErpSite) -> None:
    form = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
    reply = site.fake.handle(Call("POST", "/", "", form, b"cmd=login&usr=Administrator&pwd=admin"))
    assert reply.json()["message"] == "Logged In"
    browser = {**form, "cookie": reply.cookies[0].split(";")[0]}
    count = site.fake.handle(Call("POST", "/", "", browser, b"cmd=frappe.client.get_count&doctype=Customer"))
    assert count.json() == {"message": 1}
    anywhere = site.fake.handle(Call("GET", "/some/page", "cmd=ping", {}))
    assert anywhere.json() == {"message": "pong"}


# -- CSRF -----------------------------------------------------------------------------------------------------------------


def token_of(site: ErpSite, browser: dict[str, str], path: str = "/app") -> str:
    page = site.send("GET", path, headers=browser)
    found = re.search(rb'frappe.csrf_token = "(\w+)"', page.body)
    assert found is not None, page.body
    return found[1].decode()


def test_a_page_makes_the_token_once_and_every_write_must_show_it(site: ErpSite) -> None:
    browser = log_in(site)
    token = token_of(site, browser)
    assert token_of(site, browser, "/") == token
    new = {"customer_name": "New", "customer_type": "Company"}
    for method, path in (("POST", "/api/resource/Customer"), ("PUT", "/api/resource/Customer/ACME")):
        refused(site.send(method, path, new, headers=browser), 400, "CSRFTokenError")
        refused(site.send(method, path, new, headers={**browser, "x-frappe-csrf-token": "wrong"}), 400, "CSRFTokenError")
    refused(site.send("DELETE", "/api/resource/Customer/ACME", headers=browser), 400, "CSRFTokenError")
    shown = {**browser, "x-frappe-csrf-token": token}
    assert site.send("POST", "/api/resource/Customer", new, headers=shown).status == 200
    in_body = {"doctype": "Customer", "csrf_token": token}
    assert site.send("POST", "/api/method/frappe.client.get_count", in_body, headers=browser).json() == {"message": 2}
    assert token.encode() not in site.fake.journal.to_bytes()


def test_a_script_that_never_opens_a_page_never_needs_the_token(site: ErpSite) -> None:
    browser = log_in(site)
    for _ in range(3):
        assert site.send("PUT", "/api/resource/Customer/ACME", {"tax_id": "DE1"}, headers=browser).status == 200


def test_csrf_can_be_ignored_or_forgiven_by_referrer() -> None:
    body = {"tax_id": "DE1"}
    for switches, referrer, status in (
        ({"ignore_csrf": True}, "", 200),
        ({"version": 16, "allowed_referrers": ["shop.example"]}, "https://shop.example/cart", 200),
        ({"version": 16, "allowed_referrers": ["shop.example"]}, "https://evil.example/", 400),
        ({"allowed_referrers": ["shop.example"]}, "https://shop.example/cart", 400),
    ):
        site = ErpSite(**switches)
        browser = log_in(site)
        token_of(site, browser, site.fake.settings.desk)
        headers = {**browser, "referer": referrer}
        assert site.send("PUT", "/api/resource/Customer/ACME", body, headers=headers).status == status, switches


def test_the_desk_is_for_users_of_the_system(site: ErpSite) -> None:
    guest = site.send("GET", "/app/sales-order", headers={})
    assert (guest.status, guest.headers["location"]) == (302, "/login?redirect-to=%2Fapp%2Fsales-order")
    assert site.send("GET", "/app", headers=log_in(site, "portal@example.com", "pa55")).status == 403
    assert site.send("GET", "/nowhere", headers={}).status == 404


# -- keys -----------------------------------------------------------------------------------------------------------------


def test_each_user_acts_under_their_own_name(site: ErpSite) -> None:
    key = {"authorization": "token anna:secret", "accept": "application/json"}
    assert site.send("GET", WHO, headers=key).json() == {"message": "anna@example.com"}
    made = site.send("POST", "/api/resource/Customer", {"customer_name": "Hers", "customer_type": "Company"}, headers=key)
    assert made.json()["data"]["owner"] == "anna@example.com"
    basic = base64.b64encode(b"anna:secret").decode()
    assert site.send("GET", WHO, headers={"authorization": f"Basic {basic}"}).json() == {"message": "anna@example.com"}


@pytest.mark.parametrize("token", ["anna", "anna:", ":secret", "anna:secret:", "anna:wrong", "nobody:secret"])
def test_what_is_no_key_and_secret_is_a_401(site: ErpSite, token: str) -> None:
    refused(site.send("GET", WHO, headers={"authorization": f"token {token}"}), 401, "AuthenticationError")


@pytest.mark.parametrize(("version", "status"), [(14, 200), (15, 200), (16, 401)])
def test_the_key_of_a_disabled_user_works_until_version_16(version: int, status: int) -> None:
    site = ErpSite(version=version, users=[{**ANNA, "enabled": False}])
    reply = site.send("GET", WHO, headers={"authorization": "token anna:secret"})
    assert reply.status == status
    assert ("www-authenticate" in reply.headers) == (status == 401)


def test_an_administrator_makes_users_and_their_keys_and_the_secret_is_told_once(site: ErpSite) -> None:
    user = {"email": "New@Example.com", "first_name": "New", "last_name": "User", "roles": [{"role": "Stock User"}]}
    made = site.add("User", **user, new_password="h1dden-w0rd")
    assert (made["name"], made["full_name"]) == ("new@example.com", "New User")
    assert "h1dden-w0rd" not in str(site.get("User", "new@example.com"))
    secret = site.call("frappe.core.doctype.user.user.generate_keys", user="new@example.com").json()["message"]["api_secret"]
    stored = site.get("User", "new@example.com")
    assert (len(secret), stored["api_secret"]) == (15, "*" * 15)
    header = {"authorization": f"token {stored['api_key']}:{secret}"}
    assert site.send("GET", WHO, headers=header).json() == {"message": "new@example.com"}
    assert log_in(site, "new@example.com", "h1dden-w0rd")
    again = site.call("frappe.core.doctype.user.user.generate_keys", user="new@example.com").json()["message"]["api_secret"]
    assert site.send("GET", WHO, headers=header).status == 401
    journal = site.fake.journal.to_bytes()
    for hidden in (secret, again, "h1dden-w0rd"):
        assert hidden.encode() not in journal


def test_only_a_system_manager_makes_keys(site: ErpSite) -> None:
    key = {"authorization": "token anna:secret"}
    path = "/api/method/frappe.core.doctype.user.user.generate_keys"
    reply = site.send("POST", path, {"user": "Administrator"}, headers=key)
    assert refused(reply, 403, "PermissionError") == "This action is only allowed for <strong>System Manager</strong>"
    assert messages_of(reply)[0]["title"] == "Not Permitted"


def test_a_key_kept_in_another_doctype(site: ErpSite) -> None:
    for name in ("api_key", "api_secret", "user"):
        site.add("Custom Field", dt="Customer", label=name, fieldname=name, fieldtype="Data")
    site.put("Customer", "ACME", api_key="shop", api_secret="word", user="anna@example.com")
    header: dict[str, Any] = {"authorization": "token shop:word", "frappe-authorization-source": "Customer"}
    assert site.send("GET", WHO, headers=header).json() == {"message": "anna@example.com"}
    assert site.send("GET", WHO, headers={**header, "authorization": "token shop:no"}).status == 401
    refused(site.send("GET", WHO, headers={**header, "frappe-authorization-source": "Nope"}), 500, "ProgrammingError")
    refused(site.send("GET", WHO, headers={**header, "frappe-authorization-source": "Item"}), 500, "OperationalError")
