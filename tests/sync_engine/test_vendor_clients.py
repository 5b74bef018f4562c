"""How the two clients read what vendors answer, on scripted replies."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Mapping
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any
from urllib.parse import unquote

import pytest

from harness.kit.clock import ManualClock
from sync_engine.outcomes import Conflict, NotFound, Refused, Throttled, Transient, Unknown, VendorError, WrongKey
from sync_engine.vendors.erpnext import ErpNext
from sync_engine.vendors.hubspot import HubSpot

Reply = tuple[int, dict[str, str], Any] | Exception
HTML = b"<html><head><title>502 Bad Gateway</title></head></html>"


class Script:
    """Answers calls in order with the scripted replies; the last one for ever."""

    def __init__(self, *replies: Reply) -> None:
        self.replies, self.clock = list(replies), ManualClock()
        self.calls: list[tuple[str, str, Any]] = []
        self.crm = HubSpot("https://crm.example", "t", self, self.clock, Random(1))
        self.erp = ErpNext("https://erp.example/", "k", "s", self, self.clock, Random(1))

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> tuple[int, Mapping[str, str], bytes]:
        self.calls.append((method, url, json.loads(body) if body else None))
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, Exception):
            raise reply
        status, given, value = reply
        return status, given, value if isinstance(value, bytes) else json.dumps(value).encode()


def run(call: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(call)


def create(script: Script) -> Coroutine[Any, Any, Any]:
    return script.erp.create("Customer", {"customer_name": "Acme"})


def read(script: Script) -> Coroutine[Any, Any, Any]:
    return script.crm.read("deals", "5", ["amount"])


UNIQUE = {
    "exc_type": "UniqueValidationError",
    "exception": "frappe.exceptions.UniqueValidationError: ('Customer', 'X', IntegrityError(1062))",
}


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (TimeoutError(), Unknown),
        (ConnectionResetError("reset"), Unknown),
        (ConnectionRefusedError("refused"), Transient),
        ((502, {}, HTML), Unknown),
        ((200, {}, HTML), Unknown),
        ((200, {}, b'{"data": {"na'), Unknown),
        ((500, {}, {"exc_type": "OperationalError"}), Unknown),
        ((500, {}, {"exc_type": "QueryDeadlockError"}), Transient),
        ((503, {}, {"exc_type": "SessionStopped"}), Transient),
        ((417, {}, {"exc_type": "TimestampMismatchError"}), Transient),
        ((417, {}, UNIQUE), Conflict),
        ((409, {}, {"exc_type": "DuplicateEntryError"}), Conflict),
        ((417, {}, {"exc_type": "ValidationError", "exception": "x: Please enter Delivery Date"}), Refused),
        ((403, {}, {"exc_type": "PermissionError"}), Refused),
        ((401, {}, {"exc_type": "AuthenticationError"}), WrongKey),
    ],
)
def test_every_answer_to_a_create_says_whether_it_happened(reply: Reply, outcome: type[VendorError]) -> None:
    script = Script(reply)
    with pytest.raises(VendorError) as caught:
        run(create(script))
    assert type(caught.value) is outcome
    assert len(script.calls) == 1, "a create is never repeated blindly"


@pytest.mark.parametrize("broken", [TimeoutError(), ConnectionResetError(), (502, {}, HTML), (200, {}, b'{"id"')])
def test_a_read_is_simply_repeated(broken: Reply) -> None:
    script = Script(broken, (200, {}, {"id": "5", "properties": {"amount": "1"}}))
    assert run(read(script)).get("amount") == "1"
    assert len(script.calls) == 2


@pytest.mark.parametrize(("policy", "seconds"), [("TEN_SECONDLY_ROLLING", 10), ("SECONDLY", 1)])
def test_a_limit_is_waited_out_by_its_own_policy(policy: str, seconds: int) -> None:
    script = Script((429, {}, {"policyName": policy}), (200, {}, {"id": "5", "properties": {}}))
    before = script.clock.now()
    run(read(script))
    assert script.clock.now() - before >= timedelta(seconds=seconds)


def test_the_daily_limit_goes_back_to_the_queue_with_a_long_wait() -> None:
    with pytest.raises(Throttled) as caught:
        run(read(Script((429, {}, {"policyName": "DAILY"}))))
    assert caught.value.retry_after == timedelta(hours=1)


def test_the_erp_s_retry_after_is_honoured_even_by_a_create() -> None:
    script = Script((429, {"Retry-After": "7"}, {"exc_type": "TooManyRequestsError"}), (200, {}, {"data": {"name": "Acme"}}))
    before = script.clock.now()
    assert run(create(script))["name"] == "Acme"
    assert script.clock.now() - before >= timedelta(seconds=7)


@pytest.mark.parametrize(
    ("status", "message", "outcome"),
    [
        (404, "resource not found", NotFound),
        (409, "Contact already exists. Existing ID: 7", Conflict),
        (400, "Cannot set PropertyValueCoordinates{...} on 5. 7 already has that value.", Conflict),
        (400, "Property values were not valid: []", Refused),
        (423, "Resource is locked", Transient),
        (500, "internal error", Transient),
    ],
)
def test_hubspot_s_refusals_are_told_apart(status: int, message: str, outcome: type[VendorError]) -> None:
    with pytest.raises(VendorError) as caught:
        run(read(Script((status, {}, {"status": "error", "message": message}))))
    assert type(caught.value) is outcome


def test_associations_beyond_the_first_page_are_fetched_and_a_doubled_primary_counts_once() -> None:
    companies = {"results": [{"id": "7", "type": "deal_to_company"}, {"id": "7", "type": "deal_to_company_unlabeled"}]}
    lines = {"results": [{"id": "11", "type": "x"}], "paging": {"next": {"after": "12"}}}
    first: Reply = (200, {}, {"id": "5", "properties": {}, "associations": {"companies": companies, "line items": lines}})
    second: Reply = (200, {}, {"results": [{"toObjectId": 13}, {"toObjectId": 11}], "paging": {"next": {"after": "x"}}})
    script = Script(first, second, (200, {}, {"results": [{"toObjectId": 12}]}))
    deal = run(script.crm.read("deals", "5", ["amount"], ("line_items", "companies")))
    assert deal.ids("line_items") == ["11", "12", "13"]
    assert deal.ids("companies") == ["7"]


def test_a_partly_missing_batch_gives_what_was_found() -> None:
    script = Script((207, {}, {"results": [{"id": "1", "properties": {}}], "errors": [{"context": {"ids": ["2"]}}]}))
    assert list(run(script.crm.read_many("line_items", ["1", "2"], []))) == ["1"]


def test_search_asks_from_the_cursor_oldest_first() -> None:
    script = Script((200, {}, {"results": [], "paging": {"next": {"after": "200"}}}))
    assert run(script.crm.search_modified("deals", 17, ["amount"], None)) == ([], "200")
    body = script.calls[0][2]
    assert body["filterGroups"] == [{"filters": [{"propertyName": "hs_lastmodifieddate", "operator": "GTE", "value": "17"}]}]
    assert body["sorts"] == [{"propertyName": "hs_lastmodifieddate", "direction": "ASCENDING"}]


def test_what_the_erp_says_to_people_comes_without_its_markup() -> None:
    messages = [
        json.dumps({"message": "Item Price added", "alert": 1}),
        json.dumps({"message": "Could not find <strong>Item Code</strong>:<br> NOPE", "raise_exception": 1}),
    ]
    body = {"exc_type": "LinkValidationError", "exception": "x: y", "_server_messages": json.dumps(messages)}
    with pytest.raises(Refused, match=r"^Could not find Item Code : NOPE$"):
        run(create(Script((417, {}, body))))


def test_erp_money_is_decimal_and_names_are_encoded() -> None:
    script = Script((200, {}, b'{"data": {"name": "A/B#1", "grand_total": 118.99}}'))
    assert run(script.erp.read("Sales Order", "A/B#1"))["grand_total"] == Decimal("118.99")
    assert script.calls[0][1] == "https://erp.example/api/resource/Sales%20Order/A%2FB%231"


def test_a_find_wants_exactly_the_value_although_the_site_is_lenient() -> None:
    script = Script((200, {}, {"data": [{"name": "ACME", "x": "id-A"}, {"name": "Acme", "x": "id-a"}]}))
    assert run(script.erp.find("Customer", "x", "id-a")) == "Acme"
    assert run(script.erp.find("Customer", "x", "id-b")) is None
    assert "limit_page_length=20" in unquote(script.calls[0][1])
