"""Who may do what: roles, rights on documents, and what a user is kept from seeing. Source: facts 1.6, 2.3, 3.2."""

from __future__ import annotations

from typing import Any

import pytest
from erpnext_site import SALES_ORDER, ErpSite, refused

from harness.kit.call import Reply

PEOPLE = {
    "sales": ["Sales User"],
    "stock": ["Stock User"],
    "money": ["Accounts User"],
    "items": ["Item Manager"],
    "nobody": [],
}


@pytest.fixture
def site() -> ErpSite:
    users = [{"email": f"{name}@example.com", "roles": roles, "api_key": name, "api_secret": "s"} for name, roles in PEOPLE.items()]
    portal = {"email": "portal@example.com", "api_key": "portal", "api_secret": "s", "user_type": "Website User"}
    return ErpSite(users=[*users, portal])


def who(name: str) -> dict[str, str]:
    return {"authorization": f"token {name}:s", "accept": "application/json"}


def act(site: ErpSite, name: str, method: str, path: str, body: Any = None, **query: Any) -> Reply:
    site.wait(1)
    return site.send(method, path, body, headers=who(name), **query)


def new_order(**values: Any) -> dict[str, Any]:
    items = [{"item_code": "SKU-1", "qty": 1, "rate": 5, "warehouse": "Stores - ACM"}]
    return {"customer": "ACME", "delivery_date": "2026-04-01", "items": items, **values}


@pytest.mark.parametrize(
    ("name", "doctype", "status"),
    [
        ("sales", "Sales Order", 200),
        ("stock", "Sales Order", 200),
        ("items", "Sales Order", 403),
        ("sales", "Sales Invoice", 403),
        ("money", "Sales Invoice", 200),
        ("nobody", "Customer", 403),
        ("nobody", "Company", 200),
        ("portal", "Company", 403),
        ("sales", "Webhook", 403),
        ("sales", "DocType", 403),
    ],
)
def test_a_list_is_for_roles_that_read(site: ErpSite, name: str, doctype: str, status: int) -> None:
    assert act(site, name, "GET", f"/api/resource/{doctype}").status == status


def test_the_words_of_a_list_and_of_a_document_differ(site: ErpSite) -> None:
    order = site.draft_order()
    text = "User <strong>items@example.com</strong> does not have doctype access via role permission for document"
    listed = act(site, "items", "GET", "/api/resource/Sales Order")
    assert refused(listed, 403, "PermissionError") == f"{text} <strong>Sales Order</strong>"
    assert listed.json()["_error_message"] == "No permission for Sales Order"
    read = act(site, "items", "GET", f"/api/resource/Sales Order/{order}")
    assert refused(read, 403, "PermissionError") == f"{text} <strong>Sales Order</strong>"
    wanted = f"You need the 'read' permission on <strong>Sales Order</strong> {order} to perform this action."
    assert read.json()["_error_message"] == wanted
    assert act(site, "items", "GET", "/api/resource/Sales Order/NOPE").status == 404, "loaded before rights are asked for"


def test_reading_is_not_writing_and_writing_is_not_deleting(site: ErpSite) -> None:
    order = site.draft_order()
    path = f"/api/resource/Sales Order/{order}"
    assert act(site, "stock", "GET", path).status == 200
    for method, body in (("PUT", {"po_no": "1"}), ("DELETE", None)):
        refused(act(site, "stock", method, path, body), 403, "PermissionError")
    refused(act(site, "stock", "POST", "/api/resource/Sales Order", new_order()), 403, "PermissionError")
    assert act(site, "sales", "PUT", path, {"po_no": "1"}).status == 200
    refused(act(site, "sales", "DELETE", "/api/resource/Customer/ACME"), 403, "PermissionError")


@pytest.mark.parametrize(
    "submit",
    [
        lambda order: ("PUT", f"/api/resource/Sales Order/{order}", {"docstatus": 1}),
        lambda order: ("POST", f"/api/resource/Sales Order/{order}", {"run_method": "submit"}),
        lambda order: ("POST", f"/api/v2/document/Sales Order/{order}/method/submit", None),
        lambda order: ("POST", "/api/method/run_doc_method", {"dt": "Sales Order", "dn": order, "method": "submit"}),
    ],
)
def test_submitting_asks_for_its_right_on_every_road(site: ErpSite, submit: Any) -> None:
    method, path, body = submit(site.draft_order())
    assert act(site, "stock", method, path, body).status == 403
    assert act(site, "sales", method, path, body).status == 200


def test_cancelling_and_changing_a_submitted_order_ask_for_more_than_reading(site: ErpSite) -> None:
    order = site.submitted_order()
    path = f"/api/resource/Sales Order/{order}"
    assert act(site, "stock", "PUT", path, {"po_no": "1"}).status == 403
    status = {"name": order, "status": "Closed"}
    assert act(site, "stock", "POST", f"/api/method/{SALES_ORDER}.update_status", status).status == 403
    cancel = {"doctype": "Sales Order", "name": order}
    assert act(site, "stock", "POST", "/api/method/frappe.client.cancel", cancel).status == 403
    assert act(site, "sales", "POST", "/api/method/frappe.client.cancel", cancel).status == 200


def test_a_mapping_asks_for_the_right_to_make_its_target(site: ErpSite) -> None:
    asked = {"source_name": site.submitted_order()}
    assert act(site, "sales", "POST", f"/api/method/{SALES_ORDER}.make_delivery_note", asked).status == 200
    refused(act(site, "sales", "POST", f"/api/method/{SALES_ORDER}.make_sales_invoice", asked), 403, "PermissionError")


def test_custom_fields_are_for_a_system_manager(site: ErpSite) -> None:
    field = {"dt": "Customer", "label": "X", "fieldtype": "Data"}
    refused(act(site, "sales", "POST", "/api/resource/Custom Field", field), 403, "PermissionError")


def test_what_one_may_do_can_be_asked(site: ErpSite) -> None:
    def may(name: str, right: str) -> Any:
        asked = {"doctype": "Customer", "docname": "ACME", "perm_type": right}
        return act(site, name, "POST", "/api/method/frappe.client.has_permission", asked).json()["message"]

    assert may("sales", "write") == {"has_permission": True}
    assert may("stock", "write") == {"has_permission": False}
    asked = {"doctype": "Customer", "docname": "ACME"}
    reply = act(site, "stock", "POST", "/api/method/frappe.client.get_doc_permissions", asked)
    rights = reply.json()["message"]["permissions"]
    assert (rights["read"], rights["write"], rights["delete"]) == (1, 0, 0)


def test_roles_given_and_taken_hold_at_once(site: ErpSite) -> None:
    path = "/api/resource/Sales Invoice"
    assert act(site, "sales", "GET", path).status == 403
    site.put("User", "sales@example.com", roles=[{"role": "Accounts User"}])
    assert act(site, "sales", "GET", path).status == 200
    assert act(site, "sales", "POST", "/api/resource/Sales Order", new_order()).status == 403
    state = site.fake.remember()
    site.put("User", "sales@example.com", roles=[])
    assert act(site, "sales", "GET", path).status == 403
    site.fake.put_back(state)
    assert act(site, "sales", "GET", path).status == 200


def test_a_user_permission_hides_other_customers_and_their_orders(site: ErpSite) -> None:
    site.add("Customer", customer_name="Other", customer_type="Company")
    mine, other = site.draft_order(), site.draft_order(customer="Other")
    site.add("User Permission", user="sales@example.com", allow="Customer", for_value="ACME")
    assert act(site, "sales", "GET", "/api/resource/Customer").json()["data"] == [{"name": "ACME"}]
    assert act(site, "sales", "GET", "/api/resource/Sales Order").json()["data"] == [{"name": mine}]
    assert act(site, "sales", "GET", f"/api/resource/Sales Order/{other}").status == 403
    refused(act(site, "sales", "POST", "/api/resource/Sales Order", new_order(customer="Other")), 403, "PermissionError")
    assert act(site, "sales", "POST", "/api/resource/Sales Order", new_order()).status == 200
    search = {"doctype": "Customer", "txt": ""}
    found = act(site, "sales", "POST", "/api/method/frappe.desk.search.search_link", search).json()["message"]
    assert [row["value"] for row in found] == ["ACME"]


def test_addresses_of_ones_own(site: ErpSite) -> None:
    site.add("Address", address_title="ACME", address_type="Billing", address_line1="Main St 1", city="Berlin", country="Germany")
    own = {"address_title": "Home", "address_line1": "A 1", "city": "Ulm", "country": "Germany", "address_type": "Billing"}
    made = act(site, "portal", "POST", "/api/resource/Address", own)
    assert made.status == 200, made.body
    assert act(site, "portal", "GET", "/api/resource/Address").json()["data"] == [{"name": "Home-Billing"}]
    assert act(site, "portal", "GET", "/api/resource/Address/ACME-Billing").status == 403
    assert act(site, "portal", "PUT", "/api/resource/Address/Home-Billing", {"city": "Bonn"}).status == 200


def test_a_guest_reads_nothing_and_calls_what_is_for_guests(site: ErpSite) -> None:
    for path in ("/api/resource/Customer", "/api/resource/Customer/ACME", "/api/v2/document/Customer"):
        assert site.send("GET", path, headers={}).status == 403
    zone = site.send("GET", "/api/method/frappe.client.get_time_zone", headers={})
    assert zone.json() == {"message": {"time_zone": "Europe/Berlin"}}
    body = {"customer_name": "X", "customer_type": "Company"}
    refused(site.send("POST", "/api/resource/Customer", body, headers={}), 403, "PermissionError")
