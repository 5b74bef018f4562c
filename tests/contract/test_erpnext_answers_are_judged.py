"""The watch that holds every ERPNext answer of all tests against our own contract sees what is wrong, and only that."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from erpnext_site import ErpSite
from erpnext_watch import WATCH

from harness.kit.call import Call, Reply

CALLS = {
    "list": ("GET", "/api/resource/Customer"),
    "read": ("GET", "/api/resource/Customer/ACME"),
    "second": ("GET", "/api/v2/document/Customer/ACME"),
    "function": ("GET", "/api/method/frappe.auth.get_logged_user"),
    "gone": ("DELETE", "/api/resource/Customer/nobody"),
}


@pytest.fixture(scope="module")
def site() -> Iterator[ErpSite]:
    yield ErpSite()
    assert WATCH.take() == []


def reason(site: ErpSite, call: str, status: int | None = None, **changes: Any) -> str | None:
    """What the watch says of an answer after keys of its body were changed (None: taken away)."""
    method, path = CALLS[call]
    reply = site.send(method, path)
    body = {key: value for key, value in {**reply.json(), **changes}.items() if value is not None}
    asked = Call(method, path, headers={"accept": "application/json"})
    route, asked.params = site.fake.router.match(method, path)  # type: ignore[misc]
    asked.operation = site.fake.operation(asked, route)
    return WATCH.reason(site.fake, asked, Reply(status or reply.status, json.dumps(body).encode(), dict(reply.headers)))


@pytest.mark.parametrize("call", CALLS)
def test_what_the_fake_answers_is_right(site: ErpSite, call: str) -> None:
    assert reason(site, call) is None


@pytest.mark.parametrize("call", CALLS)
def test_a_key_that_nobody_documented_is_seen(site: ErpSite, call: str) -> None:
    assert "surprise" in str(reason(site, call, surprise=1))


@pytest.mark.parametrize(("call", "key"), [("list", "data"), ("second", "data"), ("function", "message"), ("gone", "exc_type")])
def test_a_key_that_is_missing_is_seen(site: ErpSite, call: str, key: str) -> None:
    assert reason(site, call, **{key: None}) is not None


def test_a_status_and_an_exception_that_no_operation_has_are_seen(site: ErpSite) -> None:
    assert reason(site, "read", status=201) == "the contract has no such status"
    assert reason(site, "gone", exc_type="ValidationError") == "ValidationError is not documented"
