"""A real HTTP client with a cookie jar at a served site: login, CSRF, a token beside the jar, logout. Source: facts 1.3, 1.5."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from background_server import served

from fake_erp.erpnext import SPEC

TOKEN = {"Authorization": "token syncproof:syncproof"}
WHO = "/api/method/frappe.auth.get_logged_user"


@pytest.fixture
def browser() -> Iterator[httpx.Client]:
    with (
        served(SPEC, {}) as fake,
        httpx.Client(base_url=fake.base_url, headers={"Accept": "application/json"}, trust_env=False) as client,
    ):
        yield client


def test_a_jar_keeps_the_session_from_login_to_logout(browser: httpx.Client) -> None:
    assert browser.get(WHO).status_code == 403
    assert browser.cookies["sid"] == "Guest"
    reply = browser.post("/api/method/login", json={"usr": "Administrator", "pwd": "admin"})
    assert reply.json()["full_name"] == "Administrator"
    assert sorted(browser.cookies) == ["full_name", "sid", "system_user", "user_id", "user_image"]
    assert browser.get(WHO).json() == {"message": "Administrator"}
    browser.get("/api/method/logout")
    assert "sid" not in browser.cookies
    assert browser.get(WHO).status_code == 403


def test_a_token_works_beside_a_guests_cookies_but_not_beside_those_of_the_desk(browser: httpx.Client) -> None:
    new = {"customer_name": "Jar", "customer_type": "Company"}
    for _ in range(2):
        assert browser.post("/api/resource/Customer", json=new, headers=TOKEN).status_code == 200
    browser.post("/api/method/login", data={"usr": "Administrator", "pwd": "admin"})
    page = browser.get("/app").text
    assert browser.post("/api/resource/Customer", json=new, headers=TOKEN).status_code == 400
    token = re.findall(r'csrf_token = "(\w+)"', page)[0]
    assert browser.post("/api/resource/Customer", json=new, headers={"X-Frappe-CSRF-Token": token}).status_code == 200


def test_a_client_that_follows_the_redirect_loses_its_post(browser: httpx.Client) -> None:
    path = "/api/method/frappe.client.get_count/"
    assert browser.post(path, json={"doctype": "Customer"}, headers=TOKEN).status_code == 301
    followed = browser.post(path, json={"doctype": "Customer"}, headers=TOKEN, follow_redirects=True)
    assert followed.request.method == "GET"
    assert followed.json()["exc_type"] == "TypeError", "the arguments were in the body that is gone"


def test_a_file_goes_up_as_a_browser_sends_it_and_comes_down_again(browser: httpx.Client) -> None:
    content = bytes(range(256)) * 3
    files = {"file": ("scan.bin", content, "application/octet-stream")}
    reply = browser.post("/api/method/upload_file", files=files, data={"is_private": "1"}, headers=TOKEN)
    url = reply.json()["message"]["file_url"]
    assert browser.get(url, headers=TOKEN).content == content
    assert browser.get(url).status_code == 403


def test_a_head_has_the_length_of_its_get(browser: httpx.Client) -> None:
    got, asked = (browser.request(method, "/api/resource/Customer", headers=TOKEN) for method in ("GET", "HEAD"))
    assert (asked.status_code, asked.content, asked.headers["content-length"]) == (200, b"", str(len(got.content)))
