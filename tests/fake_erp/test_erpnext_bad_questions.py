"""Paths, verbs, credentials, list parameters and values that nobody should send: the vendor's own answers, nothing written."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from erpnext_routes import DOCUMENTS, NAME, exc_type, send
from erpnext_site import ErpSite, data_of, refused

from harness.kit.call import Call


@pytest.fixture
def site() -> ErpSite:
    site = ErpSite()
    assert site.draft_order() == NAME
    return site


# -- paths, verbs, credentials --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/v9/resource/Customer", "/api/resource", "/api/nothing", "/api/v2/document"]
)
def test_paths_of_the_api_that_nobody_serves_are_pages(site: ErpSite, path: str) -> None:
    for method in ("GET", "POST", "PUT", "DELETE", "PATCH"):
        reply = send(site, method, path)
        assert reply.status in (301, 404, 405), (method, reply.status)
        assert reply.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    "path", ["//api//resource", "/%00", "/../../etc/passwd", "/api/resource/Customer/../../User", "/☃", "/" + "x" * 5_000]
)
def test_odd_paths_are_answered(site: ErpSite, path: str) -> None:
    for method in ("GET", "POST", "DELETE", "BREW"):
        assert send(site, method, path).status in (200, 301, 404, 405, 500)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", "/api/resource/Customer/ACME"),
        ("DELETE", "/api/resource/Customer"),
        ("TRACE", "/api/method/ping"),
        ("BREW", "/api/resource/Item"),
    ],
)
def test_a_verb_that_a_path_does_not_know_is_named_with_those_it_does(site: ErpSite, method: str, path: str) -> None:
    reply = send(site, method, path)
    assert reply.status == 405
    assert method not in reply.headers["allow"].split(", ")
    assert "GET" in reply.headers["allow"]


@pytest.mark.parametrize(
    "doctype", ["Nope", "tabCustomer", "customer; drop", "☃", "%2e%2e", " ", "a" * 5_000, "Customer'--", "\x00"]
)
def test_a_doctype_that_is_none_is_not_found(site: ErpSite, doctype: str) -> None:
    for method, path in (
        ("GET", doctype),
        ("POST", doctype),
        ("GET", f"{doctype}/x"),
        ("PUT", f"{doctype}/x"),
        ("DELETE", f"{doctype}/x"),
    ):
        for api in ("/api/resource", "/api/v2/document"):
            reply = send(site, method, f"{api}/{path}", b"{}" if method in ("POST", "PUT") else b"")
            assert reply.status == 404, (method, path, reply.body[:300])


@pytest.mark.parametrize("name", ["nope", "0", "-1", "☃", "' OR 1=1 --", "%", "null", "x" * 5_000, "\x00", "a/b/c"])
def test_a_document_that_cannot_be_is_not_found(site: ErpSite, name: str) -> None:
    for method in ("GET", "PUT", "DELETE"):
        reply = send(site, method, f"/api/resource/Customer/{name}", b'{"tax_id": "1"}' if method == "PUT" else b"")
        assert (reply.status, exc_type(reply)) == (404, "DoesNotExistError")


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("token nobody:x", 401), ("token syncproof:wrong", 401), ("token syncproof", 401), ("token a:b:c", 401), ("ApiKey x", 401),
        ("Bearer nobody", 401), ("Basic dXNlcjpwdw==", 401), ("Basic ***", 400), ("token", 403), ("token a b", 403),
        ("token  a:b", 403),
        ("", 403), ("☃", 403), ("token ☃:☃", 401), ("Basic /w==", 400), ("token :", 401), ("x" * 10_000, 403),
    ],
)  # fmt: skip
def test_without_known_credentials_nothing_is_read_or_written(site: ErpSite, header: str, status: int) -> None:
    before = site.fake.remember().records
    for method, path in (
        *DOCUMENTS,
        ("GET", "/api/resource/Customer"),
        ("GET", f"/api/resource/Sales Order/{NAME}"),
        ("DELETE", f"/api/resource/Sales Order/{NAME}"),
    ):
        sent = {"authorization": header, "content-type": "application/json"}
        reply = site.fake.handle(Call(method, path, "", sent, b"{}" if method != "GET" else b""))
        assert reply.status == status, (path, reply.body[:200])
        assert exc_type(reply)
    assert site.fake.remember().records == before


# -- lists ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["limit", "limit_page_length", "limit_start"])
@pytest.mark.parametrize("value", ["-1", "1e3", "ten", "99999999999999999999", "10.0", "٣", "", "null", "1;drop", "[]"])
def test_absurd_pages_are_answered_with_rows_or_a_refusal(site: ErpSite, name: str, value: str) -> None:
    for path in ("/api/resource/Sales Order", "/api/method/frappe.client.get_list", "/api/v2/document/Sales Order"):
        reply = send(site, "GET", path, query=f"doctype=Sales Order&{name}={quote(value)}")
        assert reply.status in (200, 417, 500), reply.body
        if reply.status != 200:
            assert exc_type(reply)


SQL = [
    "name; drop table `tabCustomer`",
    "name asc, (select sleep(5))",
    "1 union select password from `__Auth`",
    "name /* x */",
    "name -- x",
    "if(1=1, name, owner)",
    "`tabUser`.`api_secret`",
    "name desc nulls first",
    "@@version",
    "sleep(5)",
    "name)",
    "'",
    "\\",
    "",
]


@pytest.mark.parametrize("text", SQL)
def test_text_that_looks_like_sql_is_refused_or_finds_nothing_and_never_runs(site: ErpSite, text: str) -> None:
    before = site.fake.remember().records
    for parameter, value in (
        ("order_by", text),
        ("group_by", text),
        ("fields", json.dumps([text])),
        ("filters", json.dumps([[text, "=", "x"]])),
        ("filters", json.dumps([["name", text, "x"]])),
        ("filters", json.dumps({text: "x"})),
        ("or_filters", json.dumps([["Sales Order", text, "like", "%"]])),
        ("filters", text),
    ):
        reply = send(site, "GET", "/api/resource/Sales Order", query=f"{parameter}={quote(value)}")
        assert reply.status in (200, 403, 404, 417, 500), reply.body
        if reply.status != 200:
            assert exc_type(reply)
    for value in (text, [text], {"like": text}):
        rows = site.send("GET", "/api/resource/Sales Order", filters=[["customer", "=", value]])
        assert rows.status != 200 or rows.json()["data"] == []
    assert site.fake.remember().records == before


@pytest.mark.parametrize(
    "field", ["no_such_field", "items.nope", "customer.nope", "nope.customer_group", "`tabNope`.`name`", "NAME "]
)
def test_fields_that_do_not_exist(site: ErpSite, field: str) -> None:
    for query in ({"fields": [field]}, {"filters": [[field, "=", "x"]]}, {"order_by": f"{field} desc"}):
        reply = site.send("GET", "/api/resource/Sales Order", **query)
        assert reply.status in (200, 404, 417, 500), reply.body
    written = data_of(site.put("Sales Order", NAME, **{field: "x", "po_no": "1"}))
    assert field not in written, "unknown fields vanish silently"


# -- documents ------------------------------------------------------------------------------------------------------------

ABSURD = [None, "", "x", -1, 0, 1e308, 10**30, "1e400", True, "2026-02-30", "0000-00-00", "\x00", "x" * 200, [], {}, [[]], [{}]]


@pytest.mark.parametrize("value", ABSURD, ids=repr)
def test_absurd_values_in_any_field_of_an_order_are_taken_or_refused(site: ErpSite, value: Any) -> None:
    fields = [
        "customer",
        "delivery_date",
        "transaction_date",
        "currency",
        "conversion_rate",
        "company",
        "naming_series",
        "items",
        "taxes",
    ]
    fields += [
        "additional_discount_percentage",
        "docstatus",
        "idx",
        "name",
        "owner",
        "modified",
        "selling_price_list",
        "payment_schedule",
    ]
    for field in fields:
        changes = len(site.fake.store.changes)
        reply = site.order(**{field: value})
        assert reply.status in (200, 403, 404, 409, 417, 500), (field, reply.body[:300])
        if reply.status >= 400:
            assert exc_type(reply)
            assert len(site.fake.store.changes) == changes, field


@pytest.mark.parametrize("value", ABSURD, ids=repr)
def test_absurd_values_in_any_field_of_a_row_are_taken_or_refused(site: ErpSite, value: Any) -> None:
    for field in (
        "item_code",
        "qty",
        "rate",
        "uom",
        "conversion_factor",
        "warehouse",
        "discount_percentage",
        "delivery_date",
        "idx",
        "name",
    ):
        changes = len(site.fake.store.changes)
        reply = site.order(items=[{"item_code": "SKU-1", "qty": 1, "rate": 5, field: value}])
        assert reply.status in (200, 404, 409, 417, 500), (field, reply.body[:300])
        if reply.status >= 400:
            assert exc_type(reply)
            assert len(site.fake.store.changes) == changes, field


def test_a_refusal_of_the_last_of_two_hundred_documents_leaves_none_of_them(site: ErpSite) -> None:
    good = {"doctype": "Customer", "customer_name": "Many", "customer_type": "Company"}
    before = site.fake.remember().records
    reply = site.call("frappe.client.insert_many", docs=[*[good] * 199, {**good, "customer_group": "Nope"}])
    refused(reply, 417, "LinkValidationError")
    assert site.fake.remember().records == before
    assert "200" in refused(site.call("frappe.client.insert_many", docs=[good] * 201), 417, "ValidationError")
