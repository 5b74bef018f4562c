"""Refusals: their statuses, bodies and words. Source: facts 2.11, 2.12 and 3.5."""

from __future__ import annotations

from typing import Any

import pytest
from erpnext_site import EXTERNAL_ID, TOKEN, ErpSite, messages_of, refused

from harness.kit.call import Call


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


def test_the_body_of_missing_fields(site: ErpSite) -> None:
    reply = site.post("Sales Order", delivery_date="2026-04-01")
    body = reply.json()
    refused(reply, 417, "MandatoryError")
    assert body["exception"] == "frappe.exceptions.MandatoryError: [Sales Order, SAL-ORD-2026-00001]: customer, items"
    assert messages_of(reply) == [
        {"message": "Error: Value missing for Sales Order: Customer", "title": "Message"},
        {"message": "Error: Data missing in table: Items", "title": "Message"},
    ]


def test_the_body_of_links_that_lead_nowhere(site: ErpSite) -> None:
    reply = site.order(("NOPE", 1, 1.0), customer="Nobody")
    text = "Could not find Customer: Nobody, Row #1: Item Code: NOPE"
    assert refused(reply, 417, "LinkValidationError") == text
    assert reply.json()["exception"] == f"frappe.exceptions.LinkValidationError: {text}"
    (entry,) = messages_of(reply)
    assert list(entry) == ["message", "title", "indicator", "raise_exception", "__frappe_exc_id"]
    assert len(entry["__frappe_exc_id"]) == 56


def test_the_body_of_a_duplicate_name(site: ErpSite) -> None:
    reply = site.post("Item", item_code="SKU-1", item_group="Products", stock_uom="Nos")
    refused(reply, 409, "DuplicateEntryError")
    cause = "('Item', 'SKU-1', IntegrityError(1062, \"Duplicate entry 'SKU-1' for key 'PRIMARY'\"))"
    assert reply.json()["exception"] == f"frappe.exceptions.DuplicateEntryError: {cause}"
    assert messages_of(reply) == [
        {"message": "Item <strong>SKU-1</strong> already exists", "title": "Duplicate Name", "indicator": "red"}
    ]


def test_the_body_of_a_duplicate_value(site: ErpSite) -> None:
    site.add("Custom Field", **EXTERNAL_ID)
    site.draft_order(custom_external_id="EXT-1")
    reply = site.order(custom_external_id=" ext-1")
    assert reply.status == 200
    reply = site.order(custom_external_id="ext-1 ")
    refused(reply, 417, "UniqueValidationError")
    assert messages_of(reply) == [{"message": "External ID must be unique", "title": "Message"}]
    assert "Duplicate entry 'ext-1 ' for key 'custom_external_id'" in reply.json()["exception"]
    assert [site.order(custom_external_id="").status for _ in range(2)] == [200, 200]


def test_errors_of_erpnext_name_their_app_and_module(site: ErpSite) -> None:
    body = site.order(("SKU-1", 0, 1.0)).json()
    assert body["_exc_source"] == "erpnext (app)"
    assert body["exception"].startswith("erpnext.controllers.accounts_controller.InvalidQtyError: ")


@pytest.mark.parametrize(
    ("values", "exc_type", "words"),
    [
        (
            {"order_type": "Gift"},
            "ValidationError",
            ' Order Type cannot be "Gift". It should be one of "", "Sales", "Maintenance", "Shopping Cart"',
        ),
        ({"po_no": "9" * 141}, "CharacterLengthExceededError", "will get truncated, as max characters allowed is 140"),
        (
            {"transaction_date": "2050-01-01", "delivery_date": "2050-01-02"},
            "FiscalYearError",
            "Date 01-01-2050 is not in any active Fiscal Year",
        ),
        ({"transaction_date": "soon"}, "ValidationError", "<strong>soon</strong> is not a valid date string."),
        ({"delivery_date": "2020-01-01"}, "ValidationError", "Expected Delivery Date should be after Sales Order Date"),
        ({"po_no": ["a"]}, "ValidationError", "Value for Customer's Purchase Order cannot be a list"),
        ({"currency": "USD"}, "ValidationError", "Exchange Rate is mandatory."),
    ],
)
def test_what_is_wrong_with_one_field_is_said_in_the_vendors_words(
    site: ErpSite, values: dict[str, Any], exc_type: str, words: str
) -> None:
    assert words in refused(site.order(**values), 417, exc_type)


def test_p28_p30_missing_is_404_without_a_trace_and_validation_is_417(site: ErpSite) -> None:
    reply = site.send("GET", "/api/resource/Sales Order/SAL-ORD-2026-99999")
    assert refused(reply, 404, "DoesNotExistError") == "Sales Order SAL-ORD-2026-99999 not found"
    assert "exc" not in reply.json()
    assert "exception" not in reply.json()
    assert refused(site.order(delivery_date=None), 417, "ValidationError") == "Please enter Delivery Date"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/api/nothing", 404), ("PATCH", "/api/resource/Customer/ACME", 405), ("GET", "/api/resource/Nonsense", 404)],
)
def test_unknown_paths_verbs_and_doctypes(site: ErpSite, method: str, path: str, status: int) -> None:
    assert site.send(method, path).status == status


@pytest.mark.parametrize(
    "function", ["get", "get_list", "get_count", "get_value", "insert", "save", "submit", "cancel", "delete", "set_value"]
)
def test_client_functions_meet_an_unknown_doctype_with_a_404(site: ErpSite, function: str) -> None:
    known = {"doctype": "Nonsense", "name": "x", "fieldname": "y", "doc": {"doctype": "Nonsense", "name": "x"}}
    refused(site.send("POST", f"/api/method/frappe.client.{function}", known), 404, "DoesNotExistError")


def test_p32_plain_text_where_json_belongs_is_a_500_of_the_vendors_kind(site: ErpSite) -> None:
    assert refused(site.send("GET", "/api/resource/Customer", fields="name"), 500, "JSONDecodeError")


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("text/html,application/xhtml+xml", "text/html; charset=utf-8"),
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("text/plain, application/json", "application/json"),
    ],
)
def test_who_asks_for_text_gets_a_page_instead_of_an_error_body(site: ErpSite, accept: str, content_type: str) -> None:
    reply = site.send("GET", "/api/resource/Customer/X", headers={**TOKEN, "accept": accept})
    assert (reply.status, reply.headers["content-type"]) == (404, content_type)
    good = site.send("GET", "/api/resource/Customer/ACME", headers={**TOKEN, "accept": accept})
    assert good.headers["content-type"] == "application/json"


def test_a_customer_without_a_name_misses_a_field(site: ErpSite) -> None:
    reply = site.post("Customer")
    assert refused(reply, 417, "MandatoryError") == "Error: Value missing for Customer: Customer Name"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{bad", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        (b'{"customer_name": "x"', "Expecting ',' delimiter: line 1 column 22 (char 21)"),
    ],
)
def test_broken_json_is_told_as_pythons_parser_tells_it(site: ErpSite, body: bytes, words: str) -> None:
    headers = {**TOKEN, "content-type": "application/json"}
    reply = site.fake.handle(Call("POST", "/api/method/frappe.client.get", "", headers, body))
    assert refused(reply, 500, "JSONDecodeError") == f"json.decoder.JSONDecodeError: {words}"


def test_not_a_number_is_json_to_python_and_zero_to_a_number_field(site: ErpSite) -> None:
    refused(site.order(("SKU-1", float("nan"), 1.0)), 417, "InvalidQtyError")
    assert site.order(("SKU-1", 1, float("nan"))).json()["data"]["items"][0]["rate"] == 33.33


def test_options_is_answered_with_nothing(site: ErpSite) -> None:
    reply = site.send("OPTIONS", "/api/resource/Customer")
    assert (reply.status, reply.body) == (200, b"")
