"""The request pipeline in its order, the forms an error takes, and what versions 14 to 16 do differently.

Source: facts 2.1, 2.10, 2.11, 9.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from erpnext_site import TOKEN, ErpSite, messages_of, refused
from msgspec import structs

from harness.kit.call import Call, Reply

JSON = {"content-type": "application/json"}
WHO = "/api/method/frappe.auth.get_logged_user"


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


def raw(site: ErpSite, method: str, path: str, body: bytes = b"", **headers: str) -> Reply:
    sent = {**TOKEN, **JSON, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return site.fake.handle(Call(method, path, "", sent, body, host=headers.get("host", "")))


# -- before the site ------------------------------------------------------------------------------------------------------


def test_a_site_is_found_by_its_name_only_where_the_settings_say_so(site: ErpSite) -> None:
    assert raw(site, "GET", WHO, host="127.0.0.1:8000").status == 200
    strict = ErpSite(site_by_host=True, site_name="erp.example.com")
    assert raw(strict, "GET", WHO, host="erp.example.com:443").status == 200
    assert raw(strict, "GET", WHO, host="10.0.0.1", x_frappe_site_name="erp.example.com").status == 200
    lost = raw(strict, "GET", WHO, host="shop.example.com")
    assert (lost.status, lost.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert b"shop.example.com does not exist" in lost.body


def in_maintenance(**switches: Any) -> ErpSite:
    """A site that was put into maintenance after it had been set up."""
    site = ErpSite()
    site.fake.settings = structs.replace(site.fake.settings, maintenance_mode=True, **switches)
    return site


def test_maintenance_answers_everything_with_503() -> None:
    site = in_maintenance()
    for method in ("GET", "POST"):
        refused(site.send(method, "/api/resource/Customer", headers={}), 503, "SessionStopped")
    page = site.send("GET", "/app", headers={"accept": "text/html"})
    assert (page.status, page.headers["content-type"]) == (503, "text/html; charset=utf-8")


def test_a_site_that_only_reads_refuses_what_writes() -> None:
    site = in_maintenance(allow_reads_during_maintenance=True)
    assert site.send("GET", "/api/resource/Customer").status == 200
    assert site.call("frappe.client.get_count", doctype="Customer").status == 200, "a POST that only reads"
    refused(site.put("Customer", "ACME", tax_id="DE1"), 503, "InReadOnlyMode")
    assert "tax_id" not in site.get("Customer", "ACME")


def test_bodies_beyond_the_limits(site: ErpSite) -> None:
    megabyte = 1024 * 1024
    small = ErpSite(body_megabytes_max=1)
    assert raw(small, "POST", "/api/resource/Customer", b" " * (megabyte + 1)).status == 413
    assert b"nginx" not in raw(small, "POST", "/api/resource/Customer", b" " * (megabyte + 1)).body
    assert b"nginx" in raw(small, "POST", "/api/resource/Customer", b" " * (50 * megabyte + 1)).body
    assert raw(site, "POST", "/api/resource/Customer", b" " * (megabyte + 1)).status != 413


# -- bodies ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b'"text"', b"5", b"null", b"true"])
def test_a_scalar_is_no_body(site: ErpSite, body: bytes) -> None:
    reply = raw(site, "POST", "/api/method/frappe.client.get", body)
    assert refused(reply, 417, "ValidationError") == "Invalid request arguments"


def test_a_list_is_the_argument_data_and_no_document(site: ErpSite) -> None:
    reply = raw(site, "POST", "/api/resource/Customer", b"[]")
    assert refused(reply, 500, "AttributeError") == "AttributeError: 'list' object has no attribute 'get'"


@pytest.mark.parametrize(("version", "status", "exc_type"), [(15, 500, "JSONDecodeError"), (16, 417, "DataError")])
def test_broken_json_is_told_before_bad_credentials(version: int, status: int, exc_type: str) -> None:
    site = ErpSite(version=version)
    reply = raw(site, "POST", "/api/resource/Customer", b"{bad", authorization="token a:b")
    assert (reply.status, reply.json()["exc_type"]) == (status, exc_type)
    if version == 16:
        assert messages_of(reply)[0]["message"] == "Invalid request body"


def test_json_without_its_content_type_is_a_document_but_no_arguments(site: ErpSite) -> None:
    body = json.dumps({"customer_name": "Raw", "customer_type": "Company"}).encode()
    made = site.fake.handle(Call("POST", "/api/resource/Customer", "", dict(TOKEN), body))
    assert made.json()["data"]["name"] == "Raw"
    asked = site.fake.handle(Call("POST", "/api/method/frappe.client.get_count", "", dict(TOKEN), b'{"doctype":"Customer"}'))
    refused(asked, 500, "TypeError")


def test_the_key_underscore_is_nobodys_argument(site: ErpSite) -> None:
    assert site.send("GET", "/api/resource/Customer", _="1700000000").status == 200


# -- verbs and paths ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("PATCH", "/api/resource/Customer/ACME", 405, "DELETE, GET, HEAD, POST, PUT"),
        ("PUT", "/api/resource/Customer", 405, "GET, HEAD, POST"),
        ("GET", "/api/nothing/here", 404, None),
        ("PUT", "/api/nothing/here", 404, None),
        ("DELETE", "/app", 404, None),
    ],
)
def test_paths_and_verbs_nobody_serves_are_pages_of_the_framework(
    site: ErpSite, method: str, path: str, status: int, allow: str | None
) -> None:
    reply = site.send(method, path)
    assert (reply.status, reply.headers.get("allow")) == (status, allow)
    assert reply.body.startswith(b"<!doctype html>\n<html lang=en>\n<title>")


def test_a_head_is_answered_like_its_get(site: ErpSite) -> None:
    assert site.send("HEAD", "/api/resource/Customer/ACME").status == 200
    assert site.send("HEAD", "/api/resource/Customer/NOPE").status == 404


def test_options_is_empty_and_lets_an_origin_in_where_it_may(site: ErpSite) -> None:
    asks = {"origin": "https://shop.example", "access-control-request-method": "POST"}
    for path in ("/api/resource/Customer", "/anything"):
        reply = site.send("OPTIONS", path, headers=asks)
        assert (reply.status, reply.body, "access-control-allow-origin" in reply.headers) == (200, b"", False)
    open_site = ErpSite(allow_cors="https://shop.example")
    let_in = open_site.send("OPTIONS", "/api/resource/Customer", headers=asks)
    assert let_in.headers["access-control-allow-origin"] == "https://shop.example"
    assert let_in.headers["access-control-allow-methods"] == "POST"
    stranger = open_site.send("GET", WHO, headers={**TOKEN, "origin": "https://evil.example"})
    assert "access-control-allow-origin" not in stranger.headers


@pytest.mark.parametrize(
    ("headers", "content_type"),
    [
        ({"accept": "text/html,application/xhtml+xml"}, "text/html; charset=utf-8"),
        ({"accept": "text/html", "x-requested-with": "XMLHttpRequest"}, "application/json"),
        ({}, "application/json"),
        ({"accept": "text/plain, application/json"}, "application/json"),
    ],
)
def test_the_form_of_an_error_follows_what_is_accepted(site: ErpSite, headers: dict[str, str], content_type: str) -> None:
    reply = site.send("GET", "/api/resource/Customer/NOPE", headers={"authorization": TOKEN["authorization"], **headers})
    assert (reply.status, reply.headers["content-type"]) == (404, content_type)


def test_a_front_door_call_gets_a_page_unless_it_asks_for_json(site: ErpSite) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    body = b"cmd=login&usr=Administrator&pwd=wrong"
    assert site.fake.handle(Call("POST", "/", "", form, body)).headers["content-type"].startswith("text/html")
    told = site.fake.handle(Call("POST", "/", "", {**form, "accept": "application/json"}, body))
    assert told.json()["message"] == "Invalid login credentials"


# -- bodies of errors by version ------------------------------------------------------------------------------------------


def keys_of(reply: Reply) -> list[str]:
    return sorted(reply.json())


def test_a_site_may_keep_its_traces_to_itself() -> None:
    quiet = ErpSite(allow_error_traceback=False)
    assert keys_of(quiet.order(delivery_date=None)) == ["_server_messages", "exc_type"]
    assert keys_of(quiet.send("GET", WHO, headers={"authorization": "token a:b"})) == ["exc_type"]


def test_version_14_names_the_type_of_what_was_thrown_only() -> None:
    old = ErpSite(version=14)
    assert old.order(delivery_date=None).json()["exc_type"] == "ValidationError"
    assert "exc_type" not in old.send("GET", "/api/resource/Customer", fields="name").json()


def test_version_14_shows_nulls_in_the_answer_of_a_create() -> None:
    order = {"po_no": None}
    assert ErpSite(version=14).order(**order).json()["data"]["po_no"] is None
    assert "po_no" not in ErpSite().order(**order).json()["data"]


def test_version_16_shows_traces_to_users_of_the_system_only() -> None:
    portal: dict[str, Any] = {"email": "p@example.com", "api_key": "p", "api_secret": "s", "user_type": "Website User"}
    new = ErpSite(version=16, users=[portal])
    assert "exc" in new.order(delivery_date=None).json()
    assert "exc" not in new.send("GET", "/api/resource/Customer", headers={"authorization": "token p:s"}).json()


@pytest.mark.parametrize(("version", "written"), [(14, b"M\\u00fcller"), (15, b"M\\u00fcller"), (16, "Müller".encode())])
def test_letters_beyond_ascii(version: int, written: bytes) -> None:
    site = ErpSite(version=version)
    assert written in site.post("Customer", customer_name="Müller", customer_type="Company").body


def test_version_16_does_not_say_what_a_call_used() -> None:
    limited = {"rate_limit_seconds": 5.0}
    assert "x-ratelimit-used" in ErpSite(**limited).send("GET", WHO).headers
    headers = ErpSite(version=16, **limited).send("GET", WHO).headers
    assert "x-ratelimit-used" not in headers
    assert "x-ratelimit-remaining" in headers


def test_the_site_says_which_version_it_is() -> None:
    for version, branch, number in ((14, "version-14", "14."), (15, "version-15", "15.54.1"), (16, "version-16", "16.")):
        told = ErpSite(version=version).call("frappe.utils.change_log.get_versions").json()["message"]
        assert (told["frappe"]["branch"], told["frappe"]["version"].startswith(number)) == (branch, True)
    assert (
        ErpSite(frappe_version="15.99.0").call("frappe.utils.change_log.get_versions").json()["message"]["frappe"]["version"]
        == "15.99.0"
    )
