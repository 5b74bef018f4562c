"""Functions by their dotted path: arguments, verbs, `frappe.client`. Source: facts 2.8."""

from __future__ import annotations

import json
from typing import Any

import pytest
from erpnext_site import ErpSite, refused

from harness.kit.call import Reply

CLIENT = "frappe.client"


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


def result(reply: Reply) -> Any:
    assert reply.status == 200, reply.body
    return reply.json()["message"]


def customer(name: str, **values: Any) -> dict[str, Any]:
    return {"doctype": "Customer", "customer_name": name, "customer_type": "Company", **values}


# -- arguments and verbs --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "given", "words"),
    [
        ("get_value", {"doctype": "Customer"}, "get_value() missing 1 required positional argument: 'fieldname'"),
        ("get_value", {}, "get_value() missing 2 required positional arguments: 'doctype' and 'fieldname'"),
        ("set_value", {}, "set_value() missing 3 required positional arguments: 'doctype', 'name', and 'fieldname'"),
        ("submit", {"doclist": "{}"}, "submit() missing 1 required positional argument: 'doc'"),
    ],
)
def test_a_missing_argument_is_told_in_pythons_words(site: ErpSite, function: str, given: dict[str, Any], words: str) -> None:
    assert refused(site.call(f"{CLIENT}.{function}", **given), 500, "TypeError") == f"TypeError: {words}"


@pytest.mark.parametrize(
    ("path", "given", "words"),
    [
        (
            f"{CLIENT}.validate_link",
            {"doctype": ["Customer"], "docname": "ACME"},
            "'doctype' should be of type 'str' but got 'list'",
        ),
        ("frappe.desk.search.search_link", {"doctype": "Customer", "txt": 5}, "'txt' should be of type 'str' but got 'int'"),
        (
            "frappe.desk.search.search_link",
            {"doctype": "Customer", "txt": "", "page_length": "many"},
            "'page_length' should be of type 'int' but got 'str'",
        ),
    ],
)
def test_an_argument_of_another_type_is_a_417(site: ErpSite, path: str, given: dict[str, Any], words: str) -> None:
    assert refused(site.call(path, **given), 417, "FrappeTypeError") == f"Argument {words} instead."


def test_arguments_are_json_objects_or_json_text_and_unknown_ones_are_dropped(site: ErpSite) -> None:
    for filters in ({"name": "ACME"}, '{"name": "ACME"}', "ACME"):
        asked = site.call(f"{CLIENT}.get_value", doctype="Customer", fieldname="name", filters=filters, nonsense=1)
        assert result(asked) == {"name": "ACME"}
    several = site.send("GET", f"/api/method/{CLIENT}.get_value", doctype="Customer", fieldname='["name","customer_type"]')
    assert result(several) == {"name": "ACME", "customer_type": "Company"}
    assert result(site.call(f"{CLIENT}.get_value", doctype="Customer", fieldname="name", filters="Nobody")) == {}


@pytest.mark.parametrize(("verb", "status"), [("GET", 403), ("DELETE", 403), ("POST", 200), ("PUT", 200)])
def test_a_writing_function_takes_post_and_put(site: ErpSite, verb: str, status: int) -> None:
    args = {"doc": customer("New")}
    reply = site.send(verb, f"/api/method/{CLIENT}.insert", args)
    assert reply.status == status
    if status == 403:
        assert refused(reply, 403, "PermissionError") == "Not permitted"


def test_delete_takes_delete_too(site: ErpSite) -> None:
    site.call(f"{CLIENT}.insert", doc=customer("Gone"))
    reply = site.send("DELETE", f"/api/method/{CLIENT}.delete", doctype="Customer", name="Gone")
    assert (reply.status, reply.json()) == (200, {})


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("frappe.client.nope", "module 'frappe.client' has no attribute 'nope'"),
        ("foo", "No module named 'foo'"),
        ("foo.bar.baz", "App foo is not installed"),
    ],
)
def test_an_unknown_path_says_why_it_failed(site: ErpSite, path: str, reason: str) -> None:
    assert refused(site.call(path), 417, "ValidationError") == f"Failed to get method for command {path} with {reason}"


def test_what_is_no_clients_business_is_not_whitelisted(site: ErpSite) -> None:
    assert "Function <strong>frappe.db.sql</strong> is not whitelisted." in refused(
        site.call("frappe.db.sql"), 403, "PermissionError"
    )


def test_segments_after_the_path_are_ignored(site: ErpSite) -> None:
    assert site.send("GET", "/api/method/ping/whatever/else").json() == {"message": "pong"}


# -- frappe.client --------------------------------------------------------------------------------------------------------


def test_insert_many_is_all_or_nothing_and_two_hundred_at_most(site: ErpSite) -> None:
    assert result(site.call(f"{CLIENT}.insert_many", docs=[customer("A"), customer("B")])) == ["A", "B"]
    text = json.dumps([customer("C"), {"doctype": "Item", "item_code": "SKU-1", "item_group": "Products", "stock_uom": "Nos"}])
    refused(site.call(f"{CLIENT}.insert_many", docs=text), 409, "DuplicateEntryError")
    assert [row["name"] for row in site.rows("Customer")] == ["A", "ACME", "B"]
    many = [customer(f"N{number}") for number in range(201)]
    words = "Only 200 inserts allowed in one request"
    assert refused(site.call(f"{CLIENT}.insert_many", docs=many), 417, "ValidationError") == words


def test_a_row_is_inserted_through_its_parent_which_comes_back(site: ErpSite) -> None:
    name = site.draft_order()
    row = {"doctype": "Sales Order Item", "parent": name, "parenttype": "Sales Order", "parentfield": "items"}
    parent = result(site.call(f"{CLIENT}.insert", doc={**row, "item_code": "SKU-2", "qty": 1, "rate": 5}))
    assert (parent["name"], len(parent["items"]), parent["grand_total"]) == (name, 2, 104.99)


def test_save_takes_the_whole_document_and_what_is_absent_becomes_null(site: ErpSite) -> None:
    site.put("Customer", "ACME", tax_id="DE1")
    doc = result(site.call(f"{CLIENT}.get", doctype="Customer", name="ACME"))
    short = {key: doc[key] for key in ("doctype", "name", "modified", "customer_name", "customer_type", "naming_series")}
    site.wait(1)
    assert result(site.call(f"{CLIENT}.save", doc=short))["tax_id"] is None
    refused(site.call(f"{CLIENT}.save", doc=short), 417, "TimestampMismatchError")
    refused(site.call(f"{CLIENT}.save", doc={**short, "modified": None}), 417, "TimestampMismatchError")
    assert result(site.call(f"{CLIENT}.save", doc=customer("Unnamed")))["name"] == "Unnamed"


@pytest.mark.parametrize(("how", "status"), [("accepted", 200), ("rejected", 417), ("stripped", 200)])
def test_standard_fields_inside_an_object_changed_their_fate_in_2026(how: str, status: int) -> None:
    site = ErpSite(set_value_in_objects=how)
    values = {"owner": "me", "tax_id": "DE9"}
    reply = site.call(f"{CLIENT}.set_value", doctype="Customer", name="ACME", fieldname=values)
    assert reply.status == status
    assert site.get("Customer", "ACME").get("tax_id") == ("DE9" if status == 200 else None)
    assert site.get("Customer", "ACME")["owner"] != "me"
    alone = site.call(f"{CLIENT}.set_value", doctype="Customer", name="ACME", fieldname="owner", value="me")
    assert refused(alone, 417, "ValidationError") == "Cannot edit standard fields"


def test_bulk_update_lists_what_failed_and_keeps_the_rest(site: ErpSite) -> None:
    order = site.submitted_order()
    docs = [
        {"doctype": "Customer", "docname": "ACME", "tax_id": "DE1"},
        {"doctype": "Sales Order", "docname": order, "customer": "Nobody"},
        {"doctype": "Customer", "docname": "Missing", "tax_id": "DE2"},
    ]
    failed = result(site.call(f"{CLIENT}.bulk_update", docs=json.dumps(docs)))["failed_docs"]
    assert [item["doc"]["docname"] for item in failed] == [order, "Missing"]
    assert "LinkValidationError: Could not find Customer: Nobody" in failed[0]["exc"]
    assert site.get("Customer", "ACME")["tax_id"] == "DE1"
    words = "TypeError: the JSON object must be str, bytes or bytearray, not list"
    assert refused(site.call(f"{CLIENT}.bulk_update", docs=docs), 500, "TypeError") == words


def test_settings_of_which_there_is_one(site: ErpSite) -> None:
    def ask(doctype: str, field: str) -> Reply:
        return site.call(f"{CLIENT}.get_single_value", doctype=doctype, field=field)

    assert result(ask("Selling Settings", "cust_master_name")) == "Customer Name"
    assert result(ask("System Settings", "session_expiry")) == "170:00"
    words = "Field <strong>nope</strong> does not exist on <strong>Stock Settings</strong>"
    assert refused(ask("Stock Settings", "nope"), 417, "ValidationError") == words
    refused(ask("Nonsense", "x"), 404, "DoesNotExistError")
    site = ErpSite(cust_master_name="Naming Series", item_naming_by="Naming Series", maintain_same_sales_rate=True)
    assert result(ask("Selling Settings", "cust_master_name")) == "Naming Series", "they say what the site does"
    assert result(ask("Selling Settings", "maintain_same_sales_rate")) == 1
    assert result(ask("Stock Settings", "item_naming_by")) == "Naming Series"


def test_a_link_is_validated_in_its_canonical_case(site: ErpSite) -> None:
    asked = site.call(f"{CLIENT}.validate_link", doctype="Customer", docname="acme", fields='["customer_type"]')
    assert result(asked) == {"name": "ACME", "customer_type": "Company"}
    assert result(site.call(f"{CLIENT}.validate_link", doctype="Customer", docname="Nobody")) == {}


def test_rows_are_read_through_their_parent_or_not_at_all(site: ErpSite) -> None:
    row = site.get("Sales Order", site.draft_order())["items"][0]["name"]
    bare = site.call(f"{CLIENT}.get", doctype="Sales Order Item", name=row)
    assert refused(bare, 403, "PermissionError") == "frappe.exceptions.PermissionError"
    refused(site.call(f"{CLIENT}.get", doctype="Sales Order Item", name=row, parent="Customer"), 403, "PermissionError")
    value = {"doctype": "Sales Order Item", "fieldname": "item_code", "filters": {"name": row}}
    refused(site.call(f"{CLIENT}.get_value", **value), 403, "PermissionError")
    assert result(site.call(f"{CLIENT}.get_value", **value, parent="Sales Order")) == {"item_code": "SKU-1"}
    through = result(site.call(f"{CLIENT}.get", doctype="Sales Order Item", name=row, parent="Sales Order"))
    assert (through["name"], through["item_code"]) == (row, "SKU-1")


def test_missing_documents_are_404s(site: ErpSite) -> None:
    refused(site.call(f"{CLIENT}.get", doctype="Customer", filters={"tax_id": "none"}), 404, "DoesNotExistError")
    refused(site.call(f"{CLIENT}.has_permission", doctype="Customer", docname="X"), 404, "DoesNotExistError")


@pytest.mark.parametrize(("version", "name"), [(15, "validate_link"), (16, "validate_link_and_fetch")])
def test_version_16_renamed_a_function(version: int, name: str) -> None:
    site = ErpSite(version=version)
    assert result(site.call(f"{CLIENT}.{name}", doctype="Customer", docname="acme")) == {"name": "ACME"}
    other = {"validate_link": "validate_link_and_fetch"}.get(name, "validate_link")
    reply = site.call(f"{CLIENT}.{other}", doctype="Customer", docname="acme")
    assert f"module 'frappe.client' has no attribute '{other}'" in refused(reply, 417, "ValidationError")
