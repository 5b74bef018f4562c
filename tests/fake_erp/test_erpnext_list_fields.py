"""What lists show: functions, groups, aliases, links, the schema; what looks like a query of one's own. Source: facts 2.3."""

from __future__ import annotations

import json
from typing import Any

import pytest
from erpnext_site import EXTERNAL_ID, ErpSite, refused


def filled(**switches: Any) -> ErpSite:
    """Three orders: ACME's of 3 and 5, Bolt's of 10 in another state."""
    site = ErpSite(**switches)
    site.add("Customer", customer_name="Bolt", customer_group="Individual")
    site.draft_order(("SKU-1", 3, 1.0), po_no="A")
    site.draft_order(("SKU-1", 2, 1.0), ("SKU-2", 3, 1.0))
    site.submitted_order(("SKU-2", 10, 1.0), customer="Bolt", po_no="a ")
    return site


@pytest.fixture(scope="module")
def shop() -> ErpSite:
    return filled()


def rows(site: ErpSite, *fields: Any, doctype: str = "Sales Order", **query: Any) -> list[dict[str, Any]]:
    return site.rows(doctype, fields=list(fields), **query)


def test_functions_over_all_rows_answer_one_row(shop: ErpSite) -> None:
    assert rows(shop, "count(name) as n", "sum(total_qty) as s", "avg(total_qty) as a") == [{"n": 3, "s": 18.0, "a": 6.0}]
    assert rows(shop, "min(transaction_date) as first", "max(total_qty) as most") == [{"first": "2026-03-02", "most": 10.0}]
    assert rows(shop, "count(*)", "count(distinct customer) as customers") == [{"count(*)": 3, "customers": 2}]
    assert rows(shop, "count(po_no) as n") == [{"n": 2}], "nulls are not counted"
    assert rows(shop, "count(name) as n", "sum(total_qty) as s", filters={"customer": "Nobody"}) == [{"n": 0, "s": None}]


def test_groups_gather_rows_by_equal_values(shop: ErpSite) -> None:
    found = rows(shop, "customer", "count(name) as n", "sum(`tabSales Order`.`total_qty`) as s", group_by="customer")
    assert found == [{"customer": "ACME", "n": 2, "s": 8.0}, {"customer": "Bolt", "n": 1, "s": 10.0}]
    assert rows(shop, "customer", group_by="`tabSales Order`.`customer`", order_by="sum(total_qty) desc", limit="1") == [
        {"customer": "Bolt"}
    ]
    assert rows(shop, "customer", "count(name) as n", group_by="customer", order_by="n desc")[0] == {"customer": "ACME", "n": 2}
    assert [row["n"] for row in rows(shop, "count(name) as n", group_by="po_no")] == [1, 2], "A and a are one value"
    by_item = rows(shop, "`tabSales Order Item`.`item_code`", "sum(items.qty) as q", group_by="`tabSales Order Item`.`item_code`")
    assert by_item == [{"item_code": "SKU-1", "q": 5.0}, {"item_code": "SKU-2", "q": 13.0}]
    assert rows(shop, "customer", "docstatus", group_by="customer,docstatus", limit_start="1", limit="5") == [
        {"customer": "Bolt", "docstatus": 1}
    ]
    refused(shop.send("GET", "/api/resource/Sales Order", fields=["count(name) as n"], group_by="n"), 500, "OperationalError")
    assert rows(shop, "distinct customer") == [{"customer": "ACME"}, {"customer": "Bolt"}]


def test_functions_as_objects_belong_to_version_sixteen() -> None:
    new = filled(version=16)
    assert rows(new, {"COUNT": "name", "as": "n"}, {"SUM": "total_qty", "as": "s"}) == [{"n": 3, "s": 18.0}]
    assert rows(new, "customer", {"max": "total_qty", "as": "most"}, group_by="customer") == [
        {"customer": "ACME", "most": 5.0},
        {"customer": "Bolt", "most": 10.0},
    ]
    words = refused(new.send("GET", "/api/resource/Sales Order", fields=["count(name) as n"]), 417, "ValidationError")
    assert words.startswith("SQL functions are not allowed as strings in SELECT: count(name)")
    for wrong in ({"SLEEP": "1"}, {"COUNT": "name", "SUM": "name"}, {"COUNT": 1}, {}, {"COUNT": "name", "as": "a b"}):
        reply = new.send("GET", "/api/resource/Sales Order", fields=["name", wrong] if wrong else [wrong, "name"])
        assert reply.status in (200, 417), "an empty object is no field"
    refused(ErpSite().send("GET", "/api/resource/Sales Order", fields=[{"COUNT": "name", "as": "n"}]), 500, "TypeError")


def test_version_sixteen_expands_links() -> None:
    new = filled(version=16)
    (row,) = rows(new, "name", "customer", "po_no", expand=["customer", "po_no", "nope"], filters={"customer": "Bolt"})
    assert row["customer"]["customer_group"] == "Individual"
    assert row["po_no"] == "a "
    assert rows(filled(), "customer", expand=["customer"], limit="1") == [{"customer": "ACME"}]


def test_aliases_links_and_children_have_their_own_names(shop: ErpSite) -> None:
    found = rows(
        shop, "name as id", "customer.customer_group as group_name", "`tabSales Order`.`po_no`", filters={"customer": "Bolt"}
    )
    assert found == [{"id": found[0]["id"], "group_name": "Individual", "po_no": "a "}]
    assert len(rows(shop, "items.item_code")) == 4
    assert rows(shop, "taxes.rate", "name", limit="1")[0]["rate"] is None, "a document without rows is there once"
    assert len(rows(shop, "items.idx", "payment_schedule.idx as part")) == 4
    as_lists = shop.send(
        "GET", "/api/resource/Sales Order", fields=["customer", "docstatus"], as_dict="False", order_by="name desc"
    )
    assert as_lists.json()["data"][0] == ["Bolt", 1]


def test_names_without_a_column_are_left_out(shop: ErpSite) -> None:
    assert rows(shop, "name", "items", "doctype", "parent", limit="1") == [{"name": rows(shop, "name", limit="1")[0]["name"]}]
    refused(shop.send("GET", "/api/resource/Sales Order", fields=["items"]), 500, "ProgrammingError")
    everything = rows(shop, "*", limit="1")[0]
    assert {"_user_tags", "_comments", "_assign", "_liked_by", "po_no", "idx"} <= everything.keys()
    assert not {"items", "taxes", "doctype", "parent"} & everything.keys()


def test_order_takes_aliases_children_and_several_directions(shop: ErpSite) -> None:
    assert [row["n"] for row in rows(shop, "name as n", order_by="n desc")] == [
        "SAL-ORD-2026-00003",
        "SAL-ORD-2026-00002",
        "SAL-ORD-2026-00001",
    ]
    by_row = rows(shop, "items.qty", order_by="`tabSales Order Item`.`qty` desc, name")
    assert [row["qty"] for row in by_row] == [10.0, 3.0, 3.0, 2.0]
    assert [row["po_no"] for row in rows(shop, "po_no", order_by="po_no, `modified` desc")] == [None, "a ", "A"]
    assert [row["name"] for row in rows(shop, "name", order_by="modified desc", limit="1")] == ["SAL-ORD-2026-00003"]


@pytest.mark.parametrize(
    ("order_by", "status", "exc_type", "words"),
    [
        ("nope", 500, "OperationalError", "Unknown column 'nope' in 'order clause'"),
        ("`nope` desc", 500, "OperationalError", "Unknown column 'nope' in 'order clause'"),
        ("items.qty", 500, "OperationalError", "Unknown column 'items.qty' in 'order clause'"),
        (
            "`tabSales Order Item`.`qty`",
            417,
            "ValidationError",
            "Please select atleast 1 column from Sales Order Item to sort/group",
        ),
        ("(select name from tabUser)", 417, "ValidationError", "Cannot use sub-query in order by"),
        ("sleep(5)", 417, "ValidationError", "Cannot use sleep in order/group by"),
        ("name; drop table tabUser", 417, "ValidationError", "Illegal SQL Query"),
        ("name -- x", 417, "ValidationError", "Illegal SQL Query"),
        ("name /* x */", 417, "ValidationError", "Illegal SQL Query"),
        ("name @@version", 417, "ValidationError", "Illegal SQL Query"),
        ("name union all", 500, "ProgrammingError", "1064"),
        ("name desc desc", 500, "ProgrammingError", "1064"),
        ("name,", 500, "ProgrammingError", "1064"),
    ],
)
def test_orders_that_are_none(shop: ErpSite, order_by: str, status: int, exc_type: str, words: str) -> None:
    assert words in refused(shop.send("GET", "/api/resource/Sales Order", order_by=order_by), status, exc_type)
    assert shop.send("GET", "/api/resource/Sales Order", group_by=order_by).status == status


RESTRICTED = "Use of sub-query or function is restricted"


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("(select password from `__Auth`)", RESTRICTED),
        ("sleep(9)", RESTRICTED),
        ("version()", RESTRICTED),
        ("if(1=1, name, owner)", RESTRICTED),
        ("concat(name, owner) as x", RESTRICTED),
        ("count(sleep(1))", RESTRICTED),
        ("count(name), owner", RESTRICTED),
        ("@@version", RESTRICTED),
        ("name -- comment", RESTRICTED),
        ("name /* comment */", RESTRICTED),
        ("name; drop table tabUser", RESTRICTED),
        ("name union select name", RESTRICTED),
        ("name from tabUser", RESTRICTED),
        ("name, owner", RESTRICTED),
        ("'x'", RESTRICTED),
        ("nope", "Field not permitted in query: nope"),
        ("nope as x", "Field not permitted in query: nope"),
        ("count(nope)", "Field not permitted in query: nope"),
        ("customer.nope", "Field not permitted in query: customer.nope"),
        ("po_no.name", "Field not permitted in query: po_no.name"),
        ("`tabUser`.`name`", "Field not permitted in query: `tabUser`.`name`"),
        ("`tabNope`.`name`", "Field not permitted in query: `tabNope`.`name`"),
        ("name as a b", "Field not permitted in query: name as a b"),
        ("1", "Field not permitted in query: 1"),
        ("x" * 600, "Field not permitted in query: xxx"),
    ],
)
def test_fields_that_look_like_a_query_are_refused(shop: ErpSite, field: str, words: str) -> None:
    assert words in refused(shop.send("GET", "/api/resource/Sales Order", fields=["name", field]), 417, "DataError")


@pytest.mark.parametrize(
    "query",
    [
        {"limit_page_length": "-1"},
        {"limit": "-5"},
        {"limit_start": "-1"},
    ],
)
def test_a_negative_page_is_broken_sql(shop: ErpSite, query: dict[str, Any]) -> None:
    assert "1064" in refused(shop.send("GET", "/api/resource/Sales Order", **query), 500, "ProgrammingError")


def test_numbers_of_a_page_are_read_as_the_vendor_reads_numbers(shop: ErpSite) -> None:
    assert len(rows(shop, "name", limit_page_length="abc")) == 3, "no number is 0, and 0 is all"
    assert len(rows(shop, "name", limit_page_length="2.9")) == 2
    assert len(rows(shop, "name", limit_page_length="1000000000000000000000")) == 3
    refused(shop.send("GET", "/api/resource/Sales Order", fields=5), 500, "TypeError")
    refused(shop.send("GET", "/api/resource/Sales Order", fields=["name", 5]), 500, "TypeError")
    assert rows(shop, "name", None, "", limit="1") == rows(shop, "name", limit="1")


def test_debug_shows_the_statement(shop: ErpSite) -> None:
    query: dict[str, Any] = {
        "filters": [["status", "=", "Draft"]],
        "or_filters": {"po_no": "A"},
        "order_by": "name desc",
        "debug": "true",
    }
    body = shop.send("GET", "/api/resource/Sales Order", fields=["name", "count(name) as n"], group_by="name", **query).json()
    assert len(body["data"]) == 1
    assert json.loads(body["_debug_messages"])[0].splitlines() == [
        "select `tabSales Order`.`name`, count(name) as n",
        "from `tabSales Order`",
        'where `tabSales Order`.`status` = "Draft" and (`tabSales Order`.`po_no` = "A")',
        "group by name",
        "order by name desc",
        "limit 20 offset 0",
    ]
    assert "_debug_messages" not in shop.send("GET", "/api/resource/Sales Order", debug="0").json()


def test_columns_above_the_users_level_are_left_out() -> None:
    clerk = {"email": "clerk@example.com", "roles": ["Sales User"], "api_key": "k", "api_secret": "s"}
    site = filled(users=[clerk])
    site.add("Custom Field", dt="Sales Order", fieldname="custom_margin", fieldtype="Data", permlevel=1)
    name = site.draft_order(custom_margin="40 %")
    asked: dict[str, Any] = {"fields": ["name", "custom_margin", "count(custom_margin) as n"], "filters": {"name": name}}
    assert site.rows("Sales Order", **asked) == [{"name": name, "custom_margin": "40 %", "n": 1}]
    token = {"authorization": "token k:s"}
    theirs = site.send("GET", "/api/resource/Sales Order", headers=token, **asked).json()["data"]
    assert theirs == [{"name": name}]
    whole = site.send("GET", "/api/resource/Sales Order", headers=token, fields=["*"]).json()["data"]
    assert "custom_margin" not in whole[0]
    assert "po_no" in whole[0]


# -- the schema ---------------------------------------------------------------------------------------------------------


def test_doctypes_and_their_fields_are_lists_like_any_other() -> None:
    site = ErpSite()
    site.add("Custom Field", **EXTERNAL_ID)
    assert len(rows(site, "name", doctype="Doctype")) == 20
    found = rows(site, "name", "istable", "is_submittable", doctype="DocType", filters=[["name", "like", "Sales Order%"]])
    assert found == [
        {"name": "Sales Order", "istable": 0, "is_submittable": 1},
        {"name": "Sales Order Item", "istable": 1, "is_submittable": 0},
    ]
    assert found == rows(
        site, "name", "istable", "is_submittable", doctype="DocType", filters=[["DocType", "name", "like", "Sales O%"]]
    )
    query = {"parent": "DocType", "filters": {"parent": "Sales Order"}, "limit": "0"}
    fields = rows(site, "fieldname", "fieldtype", "options", "reqd", doctype="DocField", **query)
    assert {"fieldname": "items", "fieldtype": "Table", "options": "Sales Order Item", "reqd": 1} in fields
    assert "custom_external_id" not in [row["fieldname"] for row in fields]
    assert [row["idx"] for row in rows(site, "idx", doctype="DocField", **query)] == list(range(1, len(fields) + 1))
    refused(site.send("GET", "/api/resource/DocField"), 403, "PermissionError")
    custom = rows(site, "*", doctype="Custom Field", filters={"dt": "Sales Order"})
    assert [row["fieldname"] for row in custom] == ["custom_external_id"]
    assert site.call("frappe.client.get_list", doctype="DocType", filters={"name": "Item"}).json()["message"] == [{"name": "Item"}]
    assert site.call("frappe.client.get_count", doctype="DocType").json()["message"] == len(site.fake.site.doctypes)
    istable = {"doctype": "DocType", "fieldname": "istable", "filters": "Item Price"}
    assert site.call("frappe.client.get_value", **istable).json()["message"] == {"istable": 0}
    assert {"value": "Sales Order", "description": ""} in site.call(
        "frappe.desk.search.search_link", doctype="DocType", txt="sales o"
    ).json()["message"]


def test_a_document_with_thousands_of_rows_in_two_tables_is_not_joined_with_itself() -> None:
    site = ErpSite()
    name = site.draft_order()
    record = site.fake.store.get("Sales Order", name)
    assert record is not None
    many = [{**record.fields["items"][0], "idx": idx} for idx in range(1, 10_001)]
    site.fake.store.update("Sales Order", name, {"items": many, "payment_schedule": many})
    assert len(rows(site, "items.idx", limit="0")) == 10_000
    refused(site.send("GET", "/api/resource/Sales Order", fields=["items.idx", "payment_schedule.idx"]), 500, "QueryTimeoutError")
