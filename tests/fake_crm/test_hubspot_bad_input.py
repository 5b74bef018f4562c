"""What callers get for what they should not send: HubSpot's own kind of error, never a 500, and nothing half written.

`test_hubspot_any_input.py` makes up requests by chance; here are those one can think of, each against every kind of route.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
from background_server import served
from hubspot_portal import OBJECTS, Portal

from fake_crm.hubspot import SPEC
from harness.kit.call import Call, Outcome, Reply
from harness.kit.fake import Fake

WRITES = (
    ("POST", f"{OBJECTS}/deals"),
    ("PATCH", f"{OBJECTS}/deals/1"),
    ("POST", f"{OBJECTS}/deals/batch/create"),
    ("POST", f"{OBJECTS}/deals/batch/update"),
    ("POST", f"{OBJECTS}/deals/batch/upsert"),
    ("POST", f"{OBJECTS}/deals/batch/read"),
    ("POST", f"{OBJECTS}/deals/batch/archive"),
    ("POST", f"{OBJECTS}/deals/merge"),
    ("POST", f"{OBJECTS}/deals/search"),
    ("POST", "/crm/objects/2026-03/deals"),
    ("PUT", "/crm/v4/objects/deals/1/associations/companies/1"),
    ("POST", "/crm/v4/associations/deals/companies/batch/create"),
    ("POST", "/crm/v4/associations/deals/companies/labels"),
    ("POST", "/crm/v3/associations/deals/companies/batch/create"),
    ("POST", "/crm/v3/properties/deals"),
    ("POST", "/crm/v3/properties/deals/groups"),
    ("POST", "/crm/v3/pipelines/deals"),
    ("POST", "/crm/v3/schemas"),
    ("POST", "/deals/v1/deal"),
    ("POST", "/companies/v2/companies"),
)
DEEP = 200_000
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "a word": b"hello",
    "half an object": b'{"properties": {"dealname": "x"',
    "two objects": b"{}{}",
    "a trailing comma": b'{"properties": {},}',
    "single quotes": b"{'properties': {}}",
    "not a number": b'{"properties": {"amount": NaN}}',
    "null": b"null",
    "a number": b"42",
    "text": b'"properties"',
    "broken UTF-8": b'{"properties": {"dealname": "\xff\xfe"}}',
    "UTF-16": '{"properties": {}}'.encode("utf-16"),
    "half a surrogate pair": b'{"properties": {"dealname": "\\ud800"}}',
    "zero bytes": b"\x00" * 64,
    "a deep array": b"[" * DEEP,
    "a deep object": b'{"properties":' * DEEP,
    "a deep and complete value": b'{"properties":{"dealname":' + b"[" * 5_000 + b"]" * 5_000 + b"}}",
    "a form": b"properties=dealname",
    "properties in a list": b'{"properties": [7], "inputs": {}, "filterGroups": 7, "types": 1}',
}


def is_refused(reply: Reply) -> None:
    """A refusal in the vendor's envelope, which says that nothing was written."""
    assert 400 <= reply.status < 500, (reply.status, reply.body[:200])
    assert reply.outcome is Outcome.NOT_APPLIED
    body = reply.json()
    assert body["status"] == "error"
    assert body["message"]
    assert body["correlationId"] == reply.headers["x-hubspot-correlation-id"]


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_body_that_is_none_is_refused_by_every_route_and_changes_nothing(body: bytes) -> None:
    portal = Portal(burst_limit=10**6, search_limit=10**6)
    portal.add("deals", dealname="kept")
    before = portal.fake.remember().records
    for method, path in WRITES:
        if path.endswith("/search") and body in (b"", BODIES["a deep and complete value"]):
            continue  # an empty search finds everything, and unknown keys are passed over
        is_refused(portal.call(method, path, body))
    assert portal.fake.remember().records == before


@pytest.mark.parametrize("size", [65_537, 10_000_000])
def test_a_text_that_is_too_long_is_refused_by_name(portal: Portal, size: int) -> None:
    refused = portal.post(f"{OBJECTS}/deals", {"properties": {"dealname": "x" * size}})
    is_refused(refused)
    assert refused.json()["errors"][0]["context"] == {"propertyName": ["dealname"]}
    assert len(refused.body) < 2_000
    assert portal.fake.store.count("deals") == 0


def test_ten_megabytes_of_records_are_too_many_records(portal: Portal) -> None:
    rows = [{"properties": {"dealname": "x" * 1_000}}] * 10_000
    refused = portal.post(f"{OBJECTS}/deals/batch/create", {"inputs": rows})
    is_refused(refused)
    assert "100" in refused.json()["message"]
    assert portal.fake.store.count("deals") == 0


def test_ten_megabytes_of_unknown_keys_are_passed_over(portal: Portal) -> None:
    body = {"properties": {"dealname": "x"}, **{f"key {number}": "x" * 1_000 for number in range(10_000)}}
    assert portal.post(f"{OBJECTS}/deals", body).status == 201


@pytest.mark.parametrize(
    "path",
    ["/", "/crm", "/crm/v3", "/crm/v9/objects/deals", "/crm/v3/objects", "//crm//v3", "/%00", "/crm/v3/objects/deals/1/2/3/4/5"],
)
def test_a_path_that_does_not_exist_is_the_servers_page(portal: Portal, path: str) -> None:
    reply = portal.get(path)
    assert (reply.status, reply.headers["content-type"]) == (404, "text/html;charset=utf-8")
    assert b"Not Found" in reply.body


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", f"{OBJECTS}/deals"), ("DELETE", f"{OBJECTS}/deals/search"), ("PATCH", "/crm/v3/owners")]
)
def test_a_method_that_a_path_does_not_have_is_named_with_those_it_has(portal: Portal, method: str, path: str) -> None:
    reply = portal.call(method, path, {})
    assert reply.status == 405
    assert method not in reply.headers["allow"]
    assert reply.headers["allow"]


@pytest.mark.parametrize(
    "name", ["", "0-9999", "9-1", "2-77", "widgets", "deals ", "DEALS;", "p_", "p1_x", "a" * 5_000, "☃", "%2e%2e", "0-", "-3"]
)
def test_an_object_type_that_is_none_is_refused_before_anything_else(portal: Portal, name: str) -> None:
    reply = portal.post(f"{OBJECTS}/{name}/search", b"not even JSON")
    if name == "":
        assert reply.status in (404, 405)
    else:
        is_refused(reply)


@pytest.mark.parametrize("limit", ["0", "-1", "101", "1e3", "ten", "99999999999999999999", "10.0", "٣"])
@pytest.mark.parametrize("path", [f"{OBJECTS}/deals", "/crm/v4/objects/deals/1/associations/companies", "/crm/v3/owners"])
def test_absurd_limits_are_refused(portal: Portal, path: str, limit: str) -> None:
    if limit == "101" and path != f"{OBJECTS}/deals":
        limit = "501"
    is_refused(portal.get(path, f"limit={limit}"))


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "9" * 40, "null", "%00", "☃"])
def test_absurd_cursors_are_refused(portal: Portal, after: str) -> None:
    is_refused(portal.get(f"{OBJECTS}/deals", f"after={after}"))
    is_refused(portal.search("deals", after=after))


@pytest.mark.parametrize("limit", [-1, 201, "x", 10**30, 1.5, True, [1], {}])
def test_absurd_search_pages_are_refused(portal: Portal, limit: Any) -> None:
    is_refused(portal.search("deals", limit=limit))


@pytest.mark.parametrize("record_id", ["0", "99999999999999999999999999", "-1", "abc", "1e5", "☃", " ", "null"])
@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_a_record_that_cannot_be_is_not_found(portal: Portal, method: str, record_id: str) -> None:
    reply = portal.call(method, f"{OBJECTS}/deals/{record_id}", {"properties": {"dealname": "x"}} if method == "PATCH" else None)
    is_refused(reply)
    assert reply.status == 404


@pytest.mark.parametrize(
    "token", ["", "Bearer", "Bearer ", "Bearer nobody", "Basic dXNlcjpwdw==", "bearer\tx", "Token pat-na1-0", "☃"]
)
def test_without_a_known_token_nobody_gets_in(portal: Portal, token: str) -> None:
    for headers in ({"authorization": token}, {}):
        reply = portal.fake.handle(Call("POST", f"{OBJECTS}/deals", "", headers, b'{"properties": {"dealname": "x"}}'))
        is_refused(reply)
        assert (reply.status, reply.json()["category"]) == (401, "INVALID_AUTHENTICATION")
    assert portal.fake.store.count("deals") == 0


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_a_body_of_another_kind_is_refused(portal: Portal, kind: str) -> None:
    reply = portal.call("POST", f"{OBJECTS}/deals", {"properties": {"dealname": "x"}}, **{"content-type": kind})
    assert reply.status == 415
    assert portal.fake.store.count("deals") == 0


def test_unicode_of_every_plane_comes_back_as_it_was_sent(portal: Portal) -> None:
    text = "Ünïcödé ☃ 𝔘𝔫𝔦 \u202eright to left\u202c e\u0301 \u0000 \uffff 👩‍👩‍👧‍👦"
    deal = portal.add("deals", dealname=text)
    assert portal.read("deals", deal, "dealname")["dealname"] == text


# -- over a socket ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def live() -> Iterator[Fake]:
    with served(SPEC, {}) as fake:
        yield fake


def test_over_a_socket_bad_requests_get_the_same_answers_and_the_server_lives_on(live: Fake) -> None:
    headers = {"Authorization": f"Bearer {live.credentials()['token']}", "Content-Type": "application/json"}
    with httpx.Client(base_url=live.base_url, headers=headers, timeout=30) as client:
        for body in BODIES.values():
            reply = client.post(f"{OBJECTS}/deals", content=body)
            assert reply.status_code == 400, body[:40]
            assert reply.json()["correlationId"] == reply.headers["x-hubspot-correlation-id"]
        assert client.post(f"{OBJECTS}/deals", content=b'{"x": "' + b"y" * 10_000_000 + b'"}').status_code == 400
        assert client.get(f"{OBJECTS}/deals", params={"properties": "x" * 20_000}).status_code == 414
        assert client.get("/nowhere").status_code == 404
        assert client.request("TRACE", f"{OBJECTS}/deals").status_code == 405
        assert client.get(f"{OBJECTS}/deals", headers={"Authorization": "Bearer nobody"}).status_code == 401
        made = client.post(f"{OBJECTS}/deals", json={"properties": {"dealname": "still here"}})
        assert (made.status_code, live.store.count("deals")) == (201, 1)
        assert msgspec.json.decode(client.get(f"{OBJECTS}/deals").content)["results"][0]["id"] == made.json()["id"]


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (b'{"properties": {}, x}', "line 1, column 20"),
        (b'{\n  "properties": x\n}', "line 2, column 17"),
        ('{"ä": x}'.encode(), "line 1, column 7"),
    ],
)
def test_broken_json_is_pointed_at_by_line_and_character(portal: Portal, raw: bytes, place: str) -> None:
    reply = portal.call("POST", f"{OBJECTS}/deals", raw)

    assert reply.status == 400
    assert reply.json()["message"].startswith(f"Invalid input JSON on {place}: ")


def test_every_answer_carries_the_headers_of_the_vendor_and_of_the_network_before_it(portal: Portal) -> None:
    replies = [
        portal.get(f"{OBJECTS}/deals"),
        portal.search("deals"),
        portal.get(f"{OBJECTS}/deals/1"),
        portal.post(f"{OBJECTS}/deals", {}),
    ]
    for reply in replies:
        assert reply.headers["x-request-id"] == reply.headers["x-hubspot-correlation-id"]
        assert re.fullmatch(r"[0-9a-f]{16}-FRA", reply.headers["cf-ray"])
        assert {"nel", "report-to", "strict-transport-security", "vary"} <= reply.headers.keys()
        assert reply.headers["cf-cache-status"] == "DYNAMIC"
    assert len({reply.headers["cf-ray"] for reply in replies}) == len(replies)


def test_an_unknown_type_of_link_is_refused_where_there_is_nothing_to_show(portal: Portal) -> None:
    reply = portal.get(f"{OBJECTS}/deals", "associations=widgets")
    assert (reply.status, reply.json()["message"]) == (400, "Unable to infer object type from: widgets")


def test_a_search_for_no_rows_only_counts_and_a_query_is_a_text(portal: Portal) -> None:
    portal.add("deals", dealname="one")
    portal.wait(5)
    assert portal.search("deals", limit=0).json() == {"total": 1, "results": []}
    refused = portal.search("deals", query=5)
    assert (refused.status, refused.json()["message"]) == (400, "There was a problem with the request.")


def test_who_is_a_marketing_contact_is_not_for_apps_to_say(portal: Portal) -> None:
    reply = portal.post(f"{OBJECTS}/contacts", {"properties": {"hs_marketable_status": "true"}})
    assert reply.json()["errors"][0] == {
        "message": '"hs_marketable_status" is a read only property; its value cannot be set',
        "code": "READ_ONLY_VALUE",
        "context": {"propertyName": ["hs_marketable_status"]},
    }
