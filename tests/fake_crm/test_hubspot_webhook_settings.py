"""Where webhooks go and what they are about, as an app's developer manages it through the API (facts 12.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hubspot_developer import APP, KEY, TARGET, URL, Developer
from hubspot_portal import Portal

from fake_crm.hubspot.settings import DEFAULT_DEVELOPER_KEY

OpenPortal = Callable[..., Portal]
BASES = ("/webhooks/v3", "/app-webhooks/2025-09", "/webhooks/2026-03", "/app-webhooks/2027-03-beta")


@pytest.fixture
def developer(portal: Portal) -> Developer:
    made = Developer(portal)
    assert made.call("PUT", "/settings", TARGET).status == 200
    return made


# -- who may ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("base", BASES)
def test_the_developer_key_opens_every_path_and_an_accounts_token_none(portal: Portal, base: str) -> None:
    assert Developer(portal, base).call("PUT", "/settings", TARGET).status == 200
    for path in (f"{base}/{APP}/settings", f"{base}/{APP}/subscriptions"):
        assert portal.call("GET", path, query=KEY, authorization="").status == 200
        refused = portal.get(path)
        assert (refused.status, refused.json()["category"]) == (401, "INVALID_AUTHENTICATION")
        assert portal.get(path, "hapikey=wrong").status == 401


def test_the_key_stays_out_of_the_journal_and_costs_no_accounts_limit(open_portal: OpenPortal) -> None:
    portal = open_portal(burst_limit=1)
    developer = Developer(portal)
    statuses = [developer.call("GET", "/subscriptions").status for _ in range(5)]
    assert statuses == [200] * 5
    assert DEFAULT_DEVELOPER_KEY.encode() not in portal.journal.to_bytes()


def test_the_app_of_another_developer_is_not_found(portal: Portal) -> None:
    stranger = Developer(portal, app="999")
    for method, path, body in (
        ("GET", "/settings", None),
        ("PUT", "/settings", TARGET),
        ("DELETE", "/settings", None),
        ("GET", "/subscriptions", None),
        ("POST", "/subscriptions", {"eventType": "deal.creation"}),
        ("POST", "/subscriptions/batch/update", {"inputs": []}),
        ("PATCH", "/subscriptions/1", {"active": True}),
    ):
        assert stranger.call(method, path, body).status == 404, (method, path)
    assert portal.fake.account.subscriptions.target is None


# -- the address --------------------------------------------------------------------------------------------------------------


def test_an_address_is_set_read_changed_and_cleared(portal: Portal) -> None:
    developer = Developer(portal)
    unset = developer.call("GET", "/settings")
    assert (unset.status, unset.json()["category"]) == (404, "OBJECT_NOT_FOUND")

    made = developer.call("PUT", "/settings", TARGET)
    assert made.json() == {**TARGET, "createdAt": "2026-03-02T08:00:00Z", "updatedAt": "2026-03-02T08:00:00Z"}
    portal.wait(60)
    changed = developer.call("PUT", "/settings", {**TARGET, "targetUrl": "https://other.example"}).json()
    assert (changed["createdAt"], changed["updatedAt"]) == ("2026-03-02T08:00:00Z", "2026-03-02T08:01:00Z")
    assert developer.call("GET", "/settings").json() == changed

    assert developer.call("DELETE", "/settings").status == 204
    assert developer.call("GET", "/settings").status == 404


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "[targetUrl, throttling]"),
        ({"targetUrl": URL}, "[throttling]"),
        ({"targetUrl": URL, "throttling": {}}, "[maxConcurrentRequests]"),
        ({"targetUrl": URL, "throttling": 5}, "ThrottlingSettings"),
        ({**TARGET, "targetUrl": 5}, "type `String`"),
        (b'{"throttling": {}, "targetUrl": ' + b"[" * 500 + b"]" * 500 + b"}", "type `String`"),
        ({**TARGET, "targetUrl": "https://x/" + "a" * 3000}, "type `String`"),
        ({**TARGET, "targetUrl": "https://x:99999/"}, "not a valid URL"),
        ({**TARGET, "targetUrl": "ftp://x"}, "not a valid URL"),
        ({**TARGET, "targetUrl": "http://app.example/hook"}, "must use https"),
        ({"targetUrl": URL, "throttling": {"maxConcurrentRequests": 4}}, "at least 5"),
        ({"targetUrl": URL, "throttling": {"maxConcurrentRequests": "10"}}, "type `int`"),
        ({"targetUrl": URL, "throttling": {"maxConcurrentRequests": True}}, "type `int`"),
        ({"targetUrl": URL, "throttling": {"maxConcurrentRequests": 2**31}}, "type `int`"),
        ([], "type `Object`"),
    ],
)
def test_an_address_that_cannot_be_is_refused_and_the_old_one_kept(developer: Developer, body: Any, told: str) -> None:
    before = developer.call("GET", "/settings").json()
    refused = developer.call("PUT", "/settings", body)

    assert (refused.status, told in refused.json()["message"]) == (400, True), refused.body
    assert developer.call("GET", "/settings").json() == before


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:5000/hook", "http://localhost:5000", "http://engine:8080/x", "http://10.0.0.7/x"]
)
def test_a_receiver_on_this_machine_or_network_needs_no_https(developer: Developer, url: str) -> None:
    assert developer.call("PUT", "/settings", {**TARGET, "targetUrl": url}).json()["targetUrl"] == url


def test_n8n_sends_the_concurrency_at_the_top_and_asks_for_five(developer: Developer) -> None:
    changed = developer.call("PUT", "/settings", {"targetUrl": URL, "maxConcurrentRequests": 5})
    assert changed.json()["throttling"] == {"maxConcurrentRequests": 5}


def test_at_most_as_many_calls_are_on_their_way_as_the_app_said(developer: Developer) -> None:
    portal, queue = developer.portal, developer.portal.fake.webhooks
    developer.call("PUT", "/settings", {**TARGET, "throttling": {"maxConcurrentRequests": 6}})
    developer.subscribe("company.creation")
    for _ in range(10):
        rows = [{"properties": {"name": str(number)}} for number in range(100)]
        assert portal.post("/crm/v3/objects/companies/batch/create", {"inputs": rows}).status == 201
    portal.wait(6)

    assert len(queue.take_due()) == 6
    developer.call("PUT", "/settings", {**TARGET, "throttling": {"maxConcurrentRequests": 9}})
    assert len(queue.take_due()) == 3, "from the moment the app says so"


# -- subscriptions ------------------------------------------------------------------------------------------------------------


def test_a_subscription_is_made_paused_listed_switched_and_removed(developer: Developer) -> None:
    made = developer.call("POST", "/subscriptions", {"eventType": "deal.propertyChange", "propertyName": "dealstage"})
    assert made.status == 201
    assert made.json() == {
        "id": "1",
        "eventType": "deal.propertyChange",
        "propertyName": "dealstage",
        "active": False,
        "createdAt": "2026-03-02T08:00:00Z",
        "updatedAt": "2026-03-02T08:00:00Z",
    }
    developer.portal.wait(1)
    switched = developer.call("PATCH", "/subscriptions/1", {"active": True, "eventType": "contact.creation"}).json()
    assert switched == {**made.json(), "active": True, "updatedAt": "2026-03-02T08:00:01Z"}
    assert developer.call("PATCH", "/subscriptions/1", {}).json() == switched
    assert developer.call("GET", "/subscriptions/1").json() == switched
    assert developer.listed() == [switched]

    assert developer.call("DELETE", "/subscriptions/1").status == 204
    assert developer.listed() == []
    for method, body in (("GET", None), ("PATCH", {"active": True}), ("DELETE", None)):
        assert developer.call(method, "/subscriptions/1", body).status == 404


@pytest.mark.parametrize("number", ["0", "99", "abc", "9" * 40, "-1"])
def test_a_subscription_that_is_none_is_not_found(developer: Developer, number: str) -> None:
    assert developer.call("GET", f"/subscriptions/{number}").status == 404


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "[eventType]"),
        ({"eventType": "deal.sneezed"}, "`EventType`"),
        ({"eventType": "quote.creation"}, "`EventType`"),
        ({"eventType": "product.associationChange"}, "`EventType`"),
        ({"eventType": 5}, "`EventType`"),
        (b'{"eventType": ' + b"[" * 500 + b"]" * 500 + b"}", "`EventType`"),
        (b'{"eventType": "deal.creation"', "Invalid input JSON"),
        ({"eventType": "deal.propertyChange", "propertyName": "x" * 256}, "`String`"),
        ({"eventType": "deal.propertyChange"}, "propertyName is required"),
        ({"eventType": "deal.propertyChange", "propertyName": ""}, "propertyName is required"),
        ({"eventType": "deal.propertyChange", "propertyName": ["a"]}, "`String`"),
        ({"eventType": "deal.creation", "propertyName": "amount"}, "propertyName is only valid"),
        ({"eventType": "object.creation"}, "objectTypeId is required"),
        ({"eventType": "object.propertyChange", "objectTypeId": "0-14"}, "propertyName is required"),
        ({"eventType": "deal.creation", "objectTypeId": "0-3"}, "objectTypeId is only valid"),
        ({"eventType": "deal.creation", "active": "yes"}, "`boolean`"),
    ],
)
def test_a_subscription_that_makes_no_sense_is_refused(developer: Developer, body: Any, told: str) -> None:
    refused = developer.call("POST", "/subscriptions", body)

    assert (refused.status, told in refused.json()["message"]) == (400, True), refused.body
    assert developer.listed() == []


@pytest.mark.parametrize("base", BASES)
def test_newer_documents_want_to_know_whether_it_is_active(portal: Portal, base: str) -> None:
    reply = Developer(portal, base).call("POST", "/subscriptions", {"eventType": "deal.creation"})
    assert reply.status == (201 if base == "/webhooks/v3" else 400)


@pytest.mark.parametrize("base", BASES)
def test_a_batch_switches_what_it_finds_and_names_what_it_does_not(portal: Portal, base: str) -> None:
    developer = Developer(portal, base)
    first, second = (int(developer.subscribe(f"deal.{event}")) for event in ("creation", "deletion"))
    fine = developer.call("POST", "/subscriptions/batch/update", {"inputs": [{"id": first, "active": False}]})
    assert (fine.status, "errors" in fine.json()) == (200, False)

    rows = [{"id": first, "active": True}, {"id": second, "active": False}, {"id": 77, "active": True}, {"id": 78, "active": True}]
    mixed = developer.call("POST", "/subscriptions/batch/update", {"inputs": rows})
    assert mixed.status == (200 if "2025-09" in base else 207), "the older document declares no 207"
    assert [(row["id"], row["active"]) for row in mixed.json()["results"]] == [(str(first), True), (str(second), False)]
    (error,) = mixed.json()["errors"]
    assert error["subCategory"] == "SubscriptionErrors.SUBSCRIPTION_IDS_NOT_FOUND"
    assert (error["context"], mixed.json()["numErrors"]) == ({"ids": ["77", "78"]}, 1)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"inputs": []},
        {"inputs": 5},
        {"inputs": [{"id": 1}]},
        {"inputs": [{"active": True}]},
        {"inputs": [{"id": 1, "active": True}, {"id": "x", "active": True}]},
        {"inputs": [{"id": 1, "active": True}, {"id": 2**40, "active": True}]},
        {"inputs": [{"id": 1, "active": True}] * 101},
    ],
)
def test_a_batch_that_cannot_be_read_switches_nothing(developer: Developer, body: Any) -> None:
    developer.call("POST", "/subscriptions", {"eventType": "deal.creation"})
    assert developer.call("POST", "/subscriptions/batch/update", body).status == 400
    assert [row["active"] for row in developer.listed()] == [False]


def test_an_app_has_at_most_a_thousand_subscriptions(developer: Developer) -> None:
    for number in range(1000):
        developer.subscribe("deal.propertyChange", propertyName=f"p{number}")
    refused = developer.call("POST", "/subscriptions", {"eventType": "deal.creation"})
    assert (refused.status, "1000" in refused.json()["message"]) == (400, True)
