"""npm's frappe-js-sdk, only its address changed, cannot tell the fake from an ERPNext site. Source: facts 2.13."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from background_server import served
from frappe_js_sdk import App, Node, Rejected, Unavailable, sdk_folder

from fake_erp.erpnext import SPEC
from harness.kit.fake import Fake
from harness.kit.faults import Fault, Refuse

LINE = {"item_code": "SAW", "qty": 2, "rate": 10, "warehouse": "Stores - ACM"}
PREMISE = {"customer": "ACME", "delivery_date": "2035-01-01", "items": [LINE]}
MAKE_DELIVERY = "erpnext.selling.doctype.sales_order.sales_order.make_delivery_note"


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    try:
        folder = sdk_folder()
    except Unavailable as why:
        pytest.skip(f"frappe-js-sdk: {why}")
    node = Node(folder)
    yield node
    node.close()


@pytest.fixture(scope="module")
def site() -> Iterator[Fake]:
    with served(SPEC, {"rate_limit_seconds": 600}) as fake:
        yield fake


@pytest.fixture(scope="module")
def app(node: Node, site: Fake) -> App:
    keys = site.credentials()
    app = App(node, site.base_url, f"{keys['api_key']}:{keys['api_secret']}")
    app.db("createDoc", "Customer", {"customer_name": "ACME", "customer_type": "Company"})
    app.db("createDoc", "Item", {"item_code": "SAW", "item_group": "Products", "stock_uom": "Nos", "is_stock_item": 0})
    return app


def rejected(app: App, part: str, *args: Any) -> dict[str, Any]:
    with pytest.raises(Rejected) as caught:
        getattr(app, part)(*args)
    assert "broken" not in caught.value.error, caught.value.error["broken"]
    return caught.value.error


# -- who is calling -------------------------------------------------------------------------------------------------------


def test_a_token_says_who_is_calling(app: App) -> None:
    assert app.auth("getLoggedInUser") == "api@example.com"


def test_a_login_opens_a_session_and_a_logout_ends_it(node: Node, site: Fake) -> None:
    browser = App(node, site.base_url, jar=True)
    assert rejected(browser, "auth", "getLoggedInUser")["httpStatus"] == 403
    hello = browser.auth("loginWithUsernamePassword", {"username": "Administrator", "password": "admin"})
    assert (hello["message"], hello["home_page"], hello["full_name"]) == ("Logged In", "/app", "Administrator")
    assert browser.auth("getLoggedInUser") == "Administrator"
    browser.db("createDoc", "Customer", {"customer_name": "By session", "customer_type": "Company"})
    browser.auth("logout")
    assert rejected(browser, "auth", "getLoggedInUser")["httpStatus"] == 403


def test_a_wrong_password_is_a_401_in_the_vendors_words(node: Node, site: Fake) -> None:
    error = rejected(App(node, site.base_url), "auth", "loginWithUsernamePassword", {"username": "Administrator", "password": "no"})
    assert (error["httpStatus"], error["message"]) == (401, "Invalid login credentials")
    assert error["exception"] == "frappe.exceptions.AuthenticationError"


def test_a_fourth_password_reset_in_an_hour_is_too_many(node: Node, site: Fake) -> None:
    stranger = App(node, site.base_url)
    for _ in range(3):
        assert stranger.auth("forgetPassword", "api@example.com") is None
    error = rejected(stranger, "auth", "forgetPassword", "api@example.com")
    assert (error["httpStatus"], error["exc_type"]) == (429, "RateLimitExceededError")


@pytest.mark.parametrize(("token", "kind"), [("no:body", "token"), ("nobody", "Bearer"), ("nobody", "ApiKey")])
def test_a_wrong_token_is_a_401(node: Node, site: Fake, token: str, kind: str) -> None:
    error = rejected(App(node, site.base_url, token, kind), "db", "getDocList", "Customer")
    assert (error["httpStatus"], error["exc_type"]) == (401, "AuthenticationError")


def test_nobody_may_read_nothing(node: Node, site: Fake) -> None:
    error = rejected(App(node, site.base_url), "db", "getDoc", "Customer", "ACME")
    assert (error["httpStatus"], error["exc_type"]) == (403, "PermissionError")
    assert error["message"] == "There was an error while fetching the document."


# -- documents ------------------------------------------------------------------------------------------------------------


def test_a_document_is_made_read_changed_and_deleted(app: App) -> None:
    made = app.db("createDoc", "Customer", {"customer_name": "Short", "customer_type": "Company"})
    assert made["name"] == "Short"
    assert app.db("updateDoc", "Customer", "Short", {"tax_id": "DE1"})["tax_id"] == "DE1"
    assert app.db("getDoc", "Customer", "Short")["tax_id"] == "DE1"
    assert app.db("deleteDoc", "Customer", "Short") == {"data": "ok"}
    assert rejected(app, "db", "getDoc", "Customer", "Short")["httpStatus"] == 404


def test_pitfall_p52_names_with_slashes_and_signs_are_encoded_by_this_sdk(app: App) -> None:
    name = "50 % off / A#1 ?"
    app.db("createDoc", "Item", {"item_code": name, "item_group": "Products", "stock_uom": "Nos"})
    assert app.db("getDoc", "Item", name)["name"] == name
    assert app.db("updateDoc", "Item", name, {"description": "x"})["description"] == "x"
    app.db("deleteDoc", "Item", name)


def test_an_order_is_submitted_delivered_and_cancelled(app: App) -> None:
    order = app.db("createDoc", "Sales Order", PREMISE)
    assert (order["docstatus"], order["grand_total"]) == (0, 20)
    order = app.db("submit", order)
    assert (order["docstatus"], order["status"]) == (1, "To Deliver and Bill")
    note = app.call("post", MAKE_DELIVERY, {"source_name": order["name"]})["message"]
    assert (note["doctype"], note["items"][0]["against_sales_order"]) == ("Delivery Note", order["name"])
    cancelled = app.db("cancel", "Sales Order", order["name"])["message"]
    assert (cancelled["docstatus"], cancelled["status"]) == (2, "Cancelled")


def test_values_are_read_and_set_one_by_one(app: App) -> None:
    assert app.db("getValue", "Customer", "customer_type", [["name", "=", "ACME"]]) == {"message": {"customer_type": "Company"}}
    assert app.db("getValue", "Customer", ["name", "customer_group"], [["name", "=", "ACME"]])["message"]["name"] == "ACME"
    assert app.db("setValue", "Customer", "ACME", "website", "https://acme.test")["message"]["website"] == "https://acme.test"
    assert app.db("setValue", "Customer", "ACME", {"website": "x"})["message"]["website"] == "x"
    assert app.db("getSingleValue", "Selling Settings", "cust_master_name") == {"message": "Customer Name"}


def test_a_document_gets_another_name(app: App) -> None:
    app.db("createDoc", "Customer", {"customer_name": "Old", "customer_type": "Company"})
    assert app.db("renameDoc", "Customer", "Old", "New")["message"] == "New"
    assert app.db("getDoc", "Customer", "New")["name"] == "New"


# -- lists ----------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def orders(app: App) -> list[str]:
    """25 drafts, po_no `L-00` to `L-24`, every fifth of them for twice as much."""
    names = []
    for number in range(25):
        lines = [{**LINE, "qty": 4 if number % 5 == 0 else 2}]
        names.append(app.db("createDoc", "Sales Order", {**PREMISE, "items": lines, "po_no": f"L-{number:02}"})["name"])
    return names


def listed(app: App, **args: Any) -> list[dict[str, Any]]:
    return list(app.db("getDocList", "Sales Order", args))


def test_pitfall_p2_a_list_is_twenty_names_unless_told_otherwise(app: App, orders: list[str]) -> None:
    assert len(orders) == 25
    assert [set(row) for row in app.db("getDocList", "Sales Order")] == [{"name"}] * 20
    assert len(listed(app, filters=[["po_no", "like", "L-%"]], limit=0)) == 25


def test_pages_follow_each_other_in_the_order_asked_for(app: App, orders: list[str]) -> None:
    found: list[str] = []
    by = {"field": "po_no", "order": "desc"}
    where = [["po_no", "like", "L-%"]]
    while page := listed(app, fields=["name", "po_no"], filters=where, orderBy=by, limit=10, limit_start=len(found)):
        found += [row["name"] for row in page]
    assert found == orders[::-1]


def test_filters_and_alternatives(app: App, orders: list[str]) -> None:
    big = listed(app, fields=["po_no"], filters=[["po_no", "like", "L-%"], ["grand_total", ">", 30]], limit=50)
    assert {row["po_no"] for row in big} == {"L-00", "L-05", "L-10", "L-15", "L-20"}
    either = listed(app, fields=["po_no"], orFilters=[["po_no", "=", "L-03"], ["po_no", "=", "L-04"]])
    assert {row["po_no"] for row in either} == {"L-03", "L-04"}
    within = listed(app, filters=[["po_no", "in", ["L-01", "L-02", "L-99"]], ["docstatus", "=", 0]])
    assert {row["name"] for row in within} == {orders[1], orders[2]}


def test_rows_may_come_as_arrays_and_in_groups(app: App, orders: list[str]) -> None:
    rows = listed(app, fields=["name", "po_no"], filters=[["po_no", "=", "L-07"]], asDict=False)
    assert rows == [[orders[7], "L-07"]]
    groups = listed(app, fields=["grand_total", "count(name) as n"], filters=[["po_no", "like", "L-%"]], groupBy="grand_total")
    assert sorted((row["grand_total"], row["n"]) for row in groups) == [(20, 20), (40, 5)]


def test_counts_and_the_latest(app: App, orders: list[str]) -> None:
    assert app.db("getCount", "Sales Order", [["po_no", "like", "L-%"]]) == 25
    assert app.db("getCount", "Sales Order", [["po_no", "=", "none"]]) == 0
    assert app.db("getLastDoc", "Sales Order", {"filters": [["po_no", "like", "L-%"]]})["name"] == orders[-1]


# -- functions and files --------------------------------------------------------------------------------------------------


def test_functions_are_called_with_every_verb(app: App) -> None:
    assert app.call("get", "ping") == {"message": "pong"}
    asked = {"doctype": "Customer", "filters": {"name": "ACME"}}
    assert app.call("get", "frappe.client.get_count", asked) == {"message": 1}
    assert app.call("post", "frappe.client.get_count", asked) == {"message": 1}
    assert app.call("put", "frappe.client.get_count", asked) == {"message": 1}
    app.db("createDoc", "Customer", {"customer_name": "Gone", "customer_type": "Company"})
    assert app.call("delete", "frappe.client.delete", {"doctype": "Customer", "name": "Gone"}) == {}


def test_a_file_is_attached(app: App) -> None:
    told = {"isPrivate": True, "doctype": "Customer", "docname": "ACME", "fieldname": "image"}
    made = app.file("uploadFile", {"file": "hello", "name": "hello.txt"}, told)["message"]
    assert (made["file_name"], made["attached_to_name"], made["is_private"]) == ("hello.txt", "ACME", 1)
    assert app.db("getDoc", "File", made["name"])["file_size"] == 5


# -- errors ---------------------------------------------------------------------------------------------------------------


def test_every_kind_of_error_is_told_with_status_type_and_messages(app: App) -> None:
    missing = rejected(app, "db", "getDoc", "Sales Order", "NOPE")
    assert (missing["httpStatus"], missing["httpStatusText"]) == (404, "Not Found")
    assert missing["exception"] == missing["exc_type"] == "DoesNotExistError", "a 404 names no exception of its own"
    incomplete = rejected(app, "db", "createDoc", "Sales Order", {"customer": "ACME", "items": [LINE]})
    assert (incomplete["httpStatus"], incomplete["exc_type"]) == (417, "ValidationError")
    assert "Please enter Delivery Date" in incomplete["_server_messages"]
    taken = rejected(app, "db", "createDoc", "Item", {"item_code": "SAW", "item_group": "Products", "stock_uom": "Nos"})
    assert (taken["httpStatus"], taken["exc_type"]) == (409, "DuplicateEntryError")
    unknown = rejected(app, "call", "get", "frappe.client.nope")
    assert (unknown["httpStatus"], unknown["exc_type"]) == (417, "ValidationError")
    hidden = rejected(app, "call", "post", "frappe.get_doc", {"doctype": "Customer"})
    assert (hidden["httpStatus"], hidden["exc_type"]) == (403, "PermissionError")


def test_of_two_who_edit_one_document_the_second_is_told(app: App) -> None:
    order = app.db("createDoc", "Sales Order", PREMISE)
    app.db("updateDoc", "Sales Order", order["name"], {"po_no": "first"})
    late = rejected(app, "db", "updateDoc", "Sales Order", order["name"], {"po_no": "second", "modified": order["modified"]})
    assert (late["httpStatus"], late["exc_type"]) == (417, "TimestampMismatchError")
    assert app.db("getDoc", "Sales Order", order["name"])["po_no"] == "first"


@pytest.mark.parametrize(("kind", "status"), [("throttled", 429), ("locked", 500), ("maintenance", 503)])
def test_trouble_reaches_the_caller_as_the_vendors_own(app: App, site: Fake, kind: str, status: int) -> None:
    site.faults.inject(Fault("erp.read_customer", Refuse(kind)))
    error = rejected(app, "db", "getDoc", "Customer", "ACME")
    assert (error["httpStatus"], error["exception"].startswith("frappe.exceptions.")) == (status, True)
    assert app.db("getDoc", "Customer", "ACME")["name"] == "ACME"
