"""`/api/v2`: paths, envelopes and errors, and what versions 14 and 16 have instead. Source: facts 2.9, 9."""

from __future__ import annotations

from typing import Any

import pytest
from erpnext_site import EXTERNAL_ID, TOKEN, ErpSite, data_of

ORDERS = "/api/v2/document/Sales Order"


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


def error_of(reply: Any, status: int) -> dict[str, Any]:
    assert reply.status == status, reply.body
    (error,) = reply.json()["errors"]
    return dict(error)


def new_order(site: ErpSite, **values: Any) -> dict[str, Any]:
    site.wait(1)
    items = [{"item_code": "SKU-1", "qty": 2, "rate": 10, "warehouse": "Stores - ACM"}]
    return data_of(site.send("POST", ORDERS, {"customer": "ACME", "delivery_date": "2026-04-01", "items": items, **values}))


def test_a_document_is_created_read_changed_and_deleted(site: ErpSite) -> None:
    name = new_order(site)["name"]
    assert data_of(site.send("GET", f"{ORDERS}/{name}"))["grand_total"] == 20.0
    site.wait(1)
    assert data_of(site.send("PATCH", f"{ORDERS}/{name}", {"po_no": "PO-1"}))["po_no"] == "PO-1"
    assert data_of(site.send("PUT", f"{ORDERS}/{name}", {"po_no": "PO-2"}))["po_no"] == "PO-2"
    gone = site.send("DELETE", f"{ORDERS}/{name}")
    assert (gone.status, gone.json()) == (202, {"data": "ok"})
    error_of(site.send("GET", f"{ORDERS}/{name}"), 404)


def test_a_list_is_paged_by_limit_alone(site: ErpSite) -> None:
    for number in range(22):
        site.add("Customer", customer_name=f"C{number:02}", customer_type="Company")
    path = "/api/v2/document/Customer"
    assert len(site.send("GET", path).json()["data"]) == 20
    assert len(site.send("GET", path, limit_page_length="0").json()["data"]) == 20, "not read here"
    page = site.send("GET", path, limit="2", limit_start="1", order_by="name asc").json()
    assert page == {"data": [{"name": "C00"}, {"name": "C01"}]}
    assert len(site.send("GET", path, limit="0", fields=["name", "tax_id"]).json()["data"]) == 23


def test_version_16_says_whether_there_is_a_next_page() -> None:
    site = ErpSite(version=16)
    site.add("Customer", customer_name="B", customer_type="Company")
    path = "/api/v2/document/Customer"
    assert site.send("GET", path, limit="1").json() == {"data": [{"name": "ACME"}], "has_next_page": True}
    assert site.send("GET", path, limit="2").json()["has_next_page"] is False


def test_methods_of_a_document_have_paths(site: ErpSite) -> None:
    name = new_order(site)["name"]
    assert data_of(site.send("POST", f"{ORDERS}/{name}/method/submit"))["docstatus"] == 1
    comment = data_of(site.send("POST", f"{ORDERS}/{name}/method/add_comment", {"text": "Fragile", "comment_type": "Comment"}))
    assert (comment["reference_name"], comment["content"], comment["comment_by"]) == (name, "Fragile", "Api User")
    assert data_of(site.send("POST", f"{ORDERS}/{name}/method/cancel"))["docstatus"] == 2
    assert error_of(site.send("POST", f"{ORDERS}/{name}/method/db_set"), 403)["type"] == "PermissionError"
    assert site.send("POST", f"{ORDERS}/{name}/method/nonsense").status == 404
    assert site.send("POST", f"{ORDERS}/{name}").status == 405


def test_functions_answer_in_data(site: ErpSite) -> None:
    assert data_of_any(site, "GET", "ping") == "pong"
    assert data_of_any(site, "GET", "frappe.client.get_count", doctype="Customer") == 1
    name = new_order(site, docstatus=1)["name"]
    proposal = data_of_any(site, "POST", "Sales Order/make_delivery_note", source_name=name)
    assert proposal["doctype"] == "Delivery Note"
    assert error_of(site.send("POST", "/api/v2/method/Sales Order/nope", {}), 403)["title"] == "Method Not Allowed"


def data_of_any(site: ErpSite, verb: str, path: str, **arguments: Any) -> Any:
    if verb == "GET":
        reply = site.send("GET", f"/api/v2/method/{path}", **arguments)
    else:
        reply = site.send(verb, f"/api/v2/method/{path}", arguments)
    assert reply.status == 200, reply.body
    return reply.json()["data"]


def test_login_keeps_its_own_keys(site: ErpSite) -> None:
    reply = site.send("POST", "/api/v2/method/login", {"usr": "Administrator", "pwd": "admin"}, headers={})
    assert (reply.status, reply.json()["message"]) == (200, "Logged In")
    assert site.send("POST", "/api/v2/method/logout", headers={"cookie": reply.cookies[0].split(";")[0]}).status == 200


def test_meta_tells_custom_fields_and_count_counts(site: ErpSite) -> None:
    site.add("Custom Field", **EXTERNAL_ID)
    new_order(site, po_no="PO-1")
    new_order(site, po_no="PO-2")
    meta = data_of(site.send("GET", "/api/v2/doctype/Sales Order/meta"))
    assert "custom_external_id" in [f["fieldname"] for f in meta["fields"]]
    count = site.send("GET", "/api/v2/doctype/Sales Order/count", filters={"po_no": "PO-1"})
    assert count.json() == {"data": 1}


# -- errors ---------------------------------------------------------------------------------------------------------------


def test_an_error_stands_with_its_own_message(site: ErpSite) -> None:
    error = error_of(site.send("POST", ORDERS, {"customer": "Nobody"}), 417)
    assert list(error) == ["type", "exception", "message", "title", "indicator"]
    assert (error["type"], error["message"]) == ("LinkValidationError", "Could not find Customer: Nobody")
    assert error["exception"].startswith("Traceback (most recent call last):")


def test_a_404_has_no_trace_and_a_python_error_no_words(site: ErpSite) -> None:
    missing = error_of(site.send("GET", f"{ORDERS}/NOPE"), 404)
    assert missing == {
        "type": "DoesNotExistError",
        "message": "Sales Order NOPE not found",
        "title": "Message",
        "indicator": "red",
    }
    wrong = error_of(site.send("GET", ORDERS, fields="name"), 500)
    assert list(wrong) == ["type", "exception"]


def test_messages_that_stop_nothing_stand_beside(site: ErpSite) -> None:
    reply = site.send("POST", "/api/v2/document/Customer", {"customer_name": "ACME", "customer_type": "Company"})
    assert data_of(reply)["name"] == "ACME - 1"
    assert "ACME" in reply.json()["messages"][0]["message"]
    assert "_server_messages" not in reply.json()
    refused = site.send("POST", ORDERS, {"customer": "ACME"})
    assert "errors" in refused.json()


def test_a_guest_and_a_wrong_token_meet_the_same_envelope(site: ErpSite) -> None:
    assert error_of(site.send("GET", ORDERS, headers={}), 403)["type"] == "PermissionError"
    assert error_of(site.send("GET", ORDERS, headers={"authorization": "token a:b"}), 401)["type"] == "AuthenticationError"


def test_version_14_has_no_second_version() -> None:
    site = ErpSite(version=14)
    reply = site.send("GET", ORDERS)
    assert (reply.status, reply.headers["content-type"]) == (404, "text/html; charset=utf-8")


def test_version_16_copies_a_document_without_what_is_its_own() -> None:
    site = ErpSite(version=16)
    site.add("Custom Field", **EXTERNAL_ID)
    name = new_order(site, custom_external_id="EXT-1", po_no="PO-1", docstatus=1)["name"]
    copy = data_of(site.send("GET", f"{ORDERS}/{name}/copy", headers=TOKEN))
    assert "name" not in copy
    assert "custom_external_id" not in copy
    assert (copy["docstatus"], copy["customer"], copy["items"][0]["item_code"]) == (0, "ACME", "SKU-1")
    assert "name" not in copy["items"][0]
