"""Lists and functions: what a query finds, in which order, and what it refuses. Source: facts 2.3, 2.8 and 8."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

import pytest
from erpnext_site import EXTERNAL_ID, SALES_ORDER, TOKEN, ErpSite, data_of, refused

from harness.kit.call import Call


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


@pytest.fixture(scope="module")
def shop() -> ErpSite:
    """Five customers C1 to C5, made one second after the other; tests only read."""
    site = ErpSite()
    for number in range(1, 6):
        group = "Commercial" if number % 2 else "Individual"
        site.add("Customer", customer_name=f"C{number}", customer_type="Company", customer_group=group, tax_id="é" * (number == 3))
    return site


def names(site: ErpSite, doctype: str = "Customer", **query: Any) -> list[str]:
    return [row["name"] for row in site.rows(doctype, **query)]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"customer_group": "commercial "}, ["C1", "C3", "C5"]),
        ([["name", "!=", "C1"], ["name", "like", "c%"]], ["C2", "C3", "C4", "C5"]),
        ([["name", "not like", "C%"]], ["ACME"]),
        ([["name", "in", ["C1", "c2", "X"]]], ["C1", "C2"]),
        ([["name", "in", "C1, C4"]], ["C1", "C4"]),
        ([["name", "not in", ["ACME", "C1", "C2", "C3"]]], ["C4", "C5"]),
        ([["Customer", "name", ">=", "C4"]], ["C4", "C5"]),
        ([["name", "between", ["C2", "C3"]]], ["C2", "C3"]),
        ([["tax_id", "is", "set"]], ["C3"]),
        ([["tax_id", "is", "not set"], ["name", "<", "C2"]], ["ACME", "C1"]),
        ([["tax_id", "=", "E"]], ["C3"]),
        ([["tax_id", "!=", "e"], ["name", "like", "C%"]], ["C1", "C2", "C4", "C5"]),
    ],
)
def test_p33_p35_filters_compare_as_the_database_does(shop: ErpSite, filters: Any, found: list[str]) -> None:
    assert names(shop, filters=filters) == found


def test_or_filters_join_with_or_and_filters_with_and(shop: ErpSite) -> None:
    either = [["name", "=", "C1"], ["name", "=", "C2"]]
    assert names(shop, or_filters=either) == ["C1", "C2"]
    assert names(shop, or_filters=either, filters={"customer_group": "Individual"}) == ["C2"]


def test_p2_pages_are_twenty_rows_and_offset_needs_a_limit(shop: ErpSite) -> None:
    assert names(shop, limit_page_length="2", limit_start="1") == ["C1", "C2"]
    assert names(shop, limit="2", limit_start="4") == ["C4", "C5"]
    assert names(shop, limit="1", limit_page_length="3") == ["ACME", "C1", "C2"]
    assert len(names(shop, limit_page_length="0", limit_start="4")) == 6


def test_order_by_takes_columns_and_directions(shop: ErpSite) -> None:
    assert names(shop, order_by="`tabCustomer`.`modified` desc", limit="2") == ["C5", "C4"]
    assert names(shop, order_by="customer_group asc, name desc", filters=[["name", "like", "C%"]]) == ["C5", "C3", "C1", "C4", "C2"]
    assert names(shop, order_by="") == ["ACME", "C1", "C2", "C3", "C4", "C5"]
    refused(shop.send("GET", "/api/resource/Customer", order_by="nope desc"), 500, "OperationalError")


def test_p3_without_order_by_the_order_may_be_any() -> None:
    site = ErpSite(shuffle_unsorted_lists=True)
    for number in range(12):
        site.add("Customer", customer_name=f"C{number:02}")
    pages = [names(site, limit_start=str(start), limit_page_length="5") for start in (0, 5, 10)]
    assert sorted(name for page in pages for name in page) != sorted(names(site, limit_page_length="0"))
    assert names(site, order_by="name asc") == sorted(names(site, order_by="name asc"))


def test_fields_are_columns_aliases_links_and_child_columns(site: ErpSite) -> None:
    name = site.draft_order(("SKU-1", 3, 5.0), ("SKU-2", 1, 7.0))
    rows = site.rows(
        "Sales Order", fields=["name as id", "customer.customer_type", "items.item_code", "`tabSales Order Item`.`qty`"]
    )
    assert rows == [
        {"id": name, "customer_type": "Company", "item_code": "SKU-1", "qty": 3.0},
        {"id": name, "customer_type": "Company", "item_code": "SKU-2", "qty": 1.0},
    ]
    whole = site.rows("Sales Order", fields=["*"])[0]
    assert whole["_user_tags"] is None
    assert "items" not in whole
    assert site.send("GET", "/api/resource/Sales Order", as_dict="false", fields=["name", "docstatus"]).json()["data"] == [
        [name, 0]
    ]


@pytest.mark.parametrize(
    ("query", "status", "exc_type"),
    [
        ({"fields": ["nope"]}, 417, "DataError"),
        ({"fields": ["sleep(9)"]}, 417, "DataError"),
        ({"fields": ["(select 1)"]}, 417, "DataError"),
        ({"filters": [["nope", "=", 1]]}, 417, "DataError"),
        ({"filters": [["name", "~", "x"]]}, 417, "ValidationError"),
        ({"filters": "{"}, 500, "JSONDecodeError"),
        ({"fields": "*"}, 500, "JSONDecodeError"),
        ({"group_by": "nope"}, 500, "OperationalError"),
    ],
)
def test_p32_what_a_list_refuses(shop: ErpSite, query: dict[str, Any], status: int, exc_type: str) -> None:
    refused(shop.send("GET", "/api/resource/Customer", **query), status, exc_type)


def test_rows_of_a_child_doctype_come_only_through_their_parent(site: ErpSite) -> None:
    name = site.draft_order()
    refused(site.send("GET", "/api/resource/Sales Order Item"), 403, "PermissionError")
    rows = site.rows("Sales Order Item", parent="Sales Order", fields=["parent", "item_code"], filters={"parent": name})
    assert rows == [{"parent": name, "item_code": "SKU-1"}]


def test_modified_finds_what_changed_since(site: ErpSite) -> None:
    site.wait(60)
    stamp = site.fake.site.time.stamp()
    site.put("Customer", "ACME", tax_id="DE1")
    assert names(site, filters=[["modified", ">", stamp]]) == ["ACME"]
    assert names(site, filters=[["modified", ">", site.get("Customer", "ACME")["modified"]]]) == []


def test_p52_names_with_slashes_and_signs_are_found_when_they_are_encoded(site: ErpSite) -> None:
    site.add("Item", item_code="A/B#1 50%", item_group="Products", stock_uom="Nos")
    path = unquote("/api/resource/Item/" + quote("A/B#1 50%"))
    assert site.fake.handle(Call("GET", path, "", dict(TOKEN))).json()["data"]["name"] == "A/B#1 50%"
    assert site.send("GET", "/api/v1/resource/Item/sku-1 ").json()["data"]["name"] == "SKU-1"


# -- functions ----------------------------------------------------------------------------------------------------


def test_client_functions_answer_as_the_vendors_do(site: ErpSite) -> None:
    def ask(function: str, **arguments: Any) -> Any:
        return site.call(f"frappe.client.{function}", **arguments).json().get("message", "nothing")

    assert ask("get_count", doctype="Customer") == 1
    assert ask("get_value", doctype="Customer", fieldname="customer_type", filters="ACME") == {"customer_type": "Company"}
    assert ask("get_value", doctype="Customer", fieldname='["name","tax_id"]', filters='{"name":"ACME"}') == {
        "name": "ACME",
        "tax_id": None,
    }
    assert ask("get_value", doctype="Customer", fieldname="name", filters={"name": "X"}) == {}
    assert ask("get", doctype="Customer", name="ACME")["tax_id"] is None
    assert ask("get", doctype="Customer", filters={"customer_name": "ACME"})["name"] == "ACME"
    assert ask("get_list", doctype="Item", limit="1", order_by="name") == [{"name": "SKU-1"}, {"name": "SKU-2"}]
    assert ask("insert", doc={"doctype": "Customer", "customer_name": "New"})["name"] == "New"
    assert ask("delete", doctype="Customer", name="New") == "nothing"
    refused(site.call("frappe.client.get", doctype="Customer", name="New"), 404, "DoesNotExistError")


def test_p50_set_value_has_its_ways(site: ErpSite) -> None:
    def set_value(fieldname: Any, value: Any = None) -> Any:
        return site.call("frappe.client.set_value", doctype="Customer", name="ACME", fieldname=fieldname, value=value)

    assert set_value("tax_id", 7).json()["message"]["tax_id"] == "7"
    assert set_value("tax_id", 0).json()["message"]["tax_id"] == ""
    assert set_value({"tax_id": "DE1", "is_frozen": 1}).json()["message"]["is_frozen"] == 1
    assert refused(set_value("owner", "me"), 417, "ValidationError") == "Cannot edit standard fields"


def test_a_missing_argument_is_a_type_error_that_names_it(site: ErpSite) -> None:
    reply = site.call("frappe.client.get_value", doctype="Customer")
    assert refused(reply, 500, "TypeError") == "TypeError: get_value() missing 1 required positional argument: 'fieldname'"


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/api/method/frappe.client.nope", 417, "module 'frappe.client' has no attribute 'nope'"),
        ("/api/method/foo.bar", 417, "Failed to get method for command foo.bar with App foo is not installed"),
        ("/api/method/frappe.client.get_password", 501, "frappe.client.get_password: Not supported by fake"),
        ("/api/method/frappe.desk.treeview.get_children", 501, "frappe.desk.treeview.get_children: Not supported by fake"),
        ("/api/resource/Customer/ACME?run_method=save", 403, "is not whitelisted"),
    ],
)
def test_what_is_not_modelled_names_itself(site: ErpSite, path: str, status: int, words: str) -> None:
    path, _, query = path.partition("?")
    reply = site.fake.handle(Call("POST", path, query, dict(TOKEN)))
    assert reply.status == status
    assert words in refused(reply, status, reply.json()["exc_type"])


def test_the_schema_tells_standard_fields_in_one_place_and_custom_ones_in_another(site: ErpSite) -> None:
    site.add("Custom Field", **EXTERNAL_ID)
    standard = data_of(site.send("GET", "/api/resource/DocType/Sales Order"))
    merged = site.call("frappe.desk.form.load.getdoctype", doctype="Sales Order").json()["docs"]
    assert (standard["is_submittable"], standard["istable"]) == (1, 0)
    assert "custom_external_id" not in [f["fieldname"] for f in standard["fields"]]
    assert "custom_external_id" in [f["fieldname"] for f in merged[0]["fields"]]
    assert "Sales Order Item" in [doc["name"] for doc in merged]
    assert {"name": "Sales Order"} in site.rows("Doctype", limit="0")
    assert names(site, "Custom Field", filters={"dt": "Sales Order"}) == ["Sales Order-custom_external_id"]


def test_who_and_what_the_site_is(site: ErpSite) -> None:
    assert site.call("frappe.client.get_time_zone").json() == {"message": {"time_zone": "Europe/Berlin"}}
    versions = site.call("frappe.utils.change_log.get_versions").json()["message"]
    assert (versions["frappe"]["version"], versions["erpnext"]["version"]) == ("15.54.1", "15.109.0")
    assert site.send("GET", "/api/method/frappe.auth.get_logged_user").json() == {"message": "api@example.com"}


def test_p22_a_writing_method_called_by_get_shows_what_it_never_stores(site: ErpSite) -> None:
    site.fake.connect_webhooks("https://engine.example/erp", "s3cret")
    name = site.draft_order()
    site.fake.webhooks.clear()
    shown = site.send("GET", f"/api/resource/Sales Order/{name}", run_method="submit").json()["data"]
    assert shown["docstatus"] == 1
    assert site.get("Sales Order", name)["docstatus"] == 0
    assert site.fake.webhooks.pending == 0
    submitted = site.submitted_order()
    site.send("GET", f"/api/method/{SALES_ORDER}.update_status", status="Closed", name=submitted)
    assert site.get("Sales Order", submitted)["status"] == "To Deliver and Bill"


def test_answers_are_compact_ascii_json(site: ErpSite) -> None:
    site.add("Customer", customer_name="Grüße 🎉", customer_type="Company")
    body = site.send("GET", "/api/resource/Customer", filters={"name": "Grüße 🎉"}).body
    assert body == b'{"data":[{"name":"Gr\\u00fc\\u00dfe \\ud83c\\udf89"}]}'


def test_p2_p31_lists_stop_at_twenty_rows_and_only_filters_filter(site: ErpSite) -> None:
    for number in range(24):
        site.post("Customer", customer_name=f"C{number:02}", customer_type="Company")
    assert len(site.rows("Customer")) == 20
    assert len(site.rows("Customer", limit_page_length="0")) == 25
    assert len(site.rows("Customer", customer_name="C01", limit_page_length="0")) == 25
    assert site.rows("Customer", filters={"customer_name": "C01"}) == [{"name": "C01"}]


def test_p33_p34_p35_names_are_case_blind_children_repeat_parents_and_less_than_takes_nulls(site: ErpSite) -> None:
    assert site.get("Customer", "acme")["name"] == "ACME"
    name = site.order(("SKU-1", 1, 5.0), ("SKU-2", 1, 5.0)).json()["data"]["name"]
    found = site.rows("Sales Order", filters=[["Sales Order Item", "qty", "=", 1]])
    assert found == [{"name": name}, {"name": name}]
    assert site.rows("Sales Order", filters=[["po_date", "<", "2026-01-01"]]) == [{"name": name}]


def test_set_value_reaches_a_row_through_its_own_name(site: ErpSite) -> None:
    row = site.get("Sales Order", site.submitted_order())["items"][0]["name"]
    what = {"doctype": "Sales Order Item", "name": row, "fieldname": "delivery_date", "value": "2026-07-01"}
    parent = site.call("frappe.client.set_value", **what).json()["message"]
    assert parent["items"][0]["delivery_date"] == "2026-07-01"
