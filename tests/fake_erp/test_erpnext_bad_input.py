"""What callers get for what they should not send: the vendor's own kind of error, and nothing half written.

`test_erpnext_any_input.py` makes up requests by chance; here are bodies one can think of, each against every kind of route; in
`test_erpnext_bad_questions.py` is the rest. A 500 is the vendor's where its own Python or database stumbles (facts 2.1, 2.11).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from background_server import served
from erpnext_routes import DOCUMENTS, FUNCTIONS, ROUTES, exc_type, send
from erpnext_site import ErpSite, refused

from fake_erp.erpnext import SPEC
from harness.kit.call import Outcome
from harness.kit.fake import Fake

DEEP = 200_000
NO_JSON: dict[str, bytes] = {
    "a word": b"hello",
    "half an object": b'{"customer": "ACME"',
    "two objects": b"{}{}",
    "a trailing comma": b'{"customer": "ACME",}',
    "single quotes": b"{'customer': 'ACME'}",
    "UTF-16": '{"customer": "ACME"}'.encode("utf-16"),
    "zero bytes": b"\x00" * 64,
    "a deep array": b"[" * DEEP,
    "a deep object": b'{"items":' * DEEP,
    "a deep and complete value": b'{"customer":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    "half a surrogate pair": b'{"customer": "\\ud800"}',
    "a form": b"customer=ACME",
}
SCALARS: dict[str, bytes] = {"null": b"null", "a number": b"42", "text": b'"customer"', "a truth": b"true"}
WRONG: dict[str, bytes] = {
    "a list": b'[{"customer": "ACME"}]',
    "rows that are none": b'{"items": [7, null, "x", []], "taxes": {}, "customer": ["ACME"]}',
    "not a number": b'{"customer": NaN, "conversion_rate": Infinity}',
    "broken UTF-8": b'{"customer": "\xff\xfe"}',
    "other types": b'{"customer": {"a": 1}, "doc": [1], "docs": 7, "dt": [], "method": {}, "fieldname": 1, "filters": 1.5}',
}


@pytest.fixture
def site() -> ErpSite:
    site = ErpSite()
    site.draft_order()
    return site


# -- bodies ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", NO_JSON.values(), ids=NO_JSON.keys())
@pytest.mark.parametrize(("version", "wanted"), [(15, (500, "JSONDecodeError")), (16, (417, "DataError"))])
def test_a_body_that_is_no_json_is_told_by_every_route_and_changes_nothing(body: bytes, version: int, wanted: Any) -> None:
    site = ErpSite(version=version)
    site.draft_order()
    before = site.fake.remember().records
    for method, path in (*ROUTES, ("POST", "/"), ("POST", "/anything")):
        reply = send(site, method, path, body)
        assert (reply.status, exc_type(reply)) == wanted, path
    assert site.fake.remember().records == before


@pytest.mark.parametrize("body", SCALARS.values(), ids=SCALARS.keys())
def test_a_scalar_is_no_argument_of_anything(site: ErpSite, body: bytes) -> None:
    before = site.fake.remember().records
    for method, path in ROUTES:
        reply = send(site, method, path, body)
        assert (reply.status, exc_type(reply)) == (417, "ValidationError"), path
    assert site.fake.remember().records == before


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG.keys())
def test_json_of_the_wrong_shape_is_refused_and_changes_nothing(site: ErpSite, body: bytes) -> None:
    before = site.fake.remember().records
    for method, path in ROUTES:
        reply = send(site, method, path, body)
        assert reply.status in (401, 403, 404, 417, 500), (path, reply.body[:200])
        assert exc_type(reply)
    assert site.fake.remember().records == before


@pytest.mark.parametrize("kind", ["application/xml", "text/plain", "application/octet-stream", "", "multipart/form-data", "☃"])
def test_a_body_of_another_kind_is_a_document_where_it_is_json_and_nothing_elsewhere(site: ErpSite, kind: str) -> None:
    body = json.dumps({"customer_name": "Raw", "customer_type": "Company"}).encode()
    assert send(site, "POST", "/api/resource/Customer", body, kind).status == 200
    reply = send(site, "POST", "/api/resource/Customer", b"<customer/>", kind)
    assert (reply.status, exc_type(reply)) == (417, "MandatoryError")
    insert = send(site, "POST", "/api/method/frappe.client.insert", b'{"doc": {}}', kind)
    assert refused(insert, 500, "TypeError").endswith("insert() missing 1 required positional argument: 'doc'")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x",
        b"--x--",
        b"--x\r\n\r\n--x--",
        b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\n\xff--x--',
        b"\xff" * 99,
    ],
)
def test_broken_forms_are_empty_ones(site: ErpSite, body: bytes) -> None:
    for kind in ("multipart/form-data; boundary=x", "multipart/form-data; boundary=", "application/x-www-form-urlencoded"):
        reply = send(site, "POST", "/api/method/upload_file", body, kind)
        assert reply.status in (417, 500), (kind, reply.body)
        assert exc_type(reply)
        assert send(site, "POST", "/api/resource/Customer", body, kind).status == 417
    assert site.rows("File") == []


def test_ten_megabytes_of_unknown_keys_are_passed_over(site: ErpSite) -> None:
    body = {"customer_name": "Wide", "customer_type": "Company", **{f"key {number}": "x" * 1_000 for number in range(10_000)}}
    assert set(site.add("Customer", **body)) & {"key 0", "key 9999"} == set()


def test_a_text_of_ten_megabytes_is_refused_by_name(site: ErpSite) -> None:
    reply = site.order(po_no="x" * 10_000_000)
    assert (reply.status, exc_type(reply)) == (417, "CharacterLengthExceededError")
    assert "Customer's Purchase Order" in reply.json()["exception"]
    assert len(site.rows("Sales Order")) == 1


def test_thirty_megabytes_are_a_page_for_every_kind_of_route(site: ErpSite) -> None:
    body = b" " * 30_000_000
    for method, path in (DOCUMENTS[0], DOCUMENTS[4], FUNCTIONS[0], FUNCTIONS[2], ("POST", "/")):
        reply = send(site, method, path, body)
        assert (reply.status, reply.headers["content-type"], reply.outcome) == (
            413,
            "text/html; charset=utf-8",
            Outcome.NOT_APPLIED,
        )


def test_unicode_of_every_plane_comes_back_as_it_was_sent(site: ErpSite) -> None:
    text = "Ünïcödé ☃ 𝔘𝔫𝔦 \u202eright to left\u202c e\u0301 \uffff 👩‍👩‍👧‍👦"
    name = site.draft_order(po_no=text)
    assert site.get("Sales Order", name)["po_no"] == text
    assert send(site, "GET", f"/api/resource/Sales Order/{name}").body.isascii()


# -- over a socket --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def live() -> Iterator[Fake]:
    with served(SPEC, {}) as fake:
        yield fake


def test_over_a_socket_bad_requests_get_the_same_answers_and_the_server_lives_on(live: Fake) -> None:
    keys = live.credentials()
    headers = {"Authorization": f"token {keys['api_key']}:{keys['api_secret']}", "Content-Type": "application/json"}
    path = "/api/resource/Customer"
    with httpx.Client(base_url=live.base_url, headers=headers, timeout=60) as client:
        for body in NO_JSON.values():
            reply = client.post(path, content=body)
            assert (reply.status_code, reply.json()["exc_type"]) == (500, "JSONDecodeError"), body[:40]
        for body in SCALARS.values():
            assert client.post(path, content=body).status_code == 417
        assert client.post(path, content=b'{"x": "' + b"y" * 10_000_000 + b'"}').status_code == 417
        for megabytes, server in ((30, False), (60, True)):
            large = client.post(path, content=b" " * megabytes * 1_000_000)
            assert (large.status_code, "nginx" in large.text) == (413, server)
        assert client.get("/api/nothing").status_code == 404
        assert client.request("TRACE", path).status_code == 405
        assert client.get(path, headers={"Authorization": "token no:body"}).status_code == 401
        assert client.get(path, params={"filters": "x" * 30_000}).status_code in (417, 500)
        rows = [{"link_doctype": "Customer", "link_name": f"C{number}"} for number in range(10_000)]
        assert client.post("/api/resource/Contact", json={"first_name": "A", "links": rows}).status_code == 417
        made = client.post(path, json={"customer_name": "Still here", "customer_type": "Company"})
        assert (made.status_code, live.store.count("Customer")) == (200, 1)
        assert client.get(f"{path}/Still here").json()["data"]["name"] == "Still here"
