"""Renaming, merging, deleting: what points at a document follows it, goes with it, or keeps it. Source: facts 2.7, 3.7."""

from __future__ import annotations

import json
from typing import Any

import pytest
from erpnext_site import ErpSite, data_of, messages_of, refused

from harness.kit.call import Reply


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


def rename(site: ErpSite, doctype: str, old: str, new: str, **more: Any) -> Reply:
    site.wait(1)
    return site.call("frappe.client.rename_doc", doctype=doctype, old_name=old, new_name=new, **more)


def address(site: ErpSite, *customers: str) -> str:
    links = [{"link_doctype": "Customer", "link_name": name} for name in customers]
    place = {"address_type": "Billing", "address_line1": "Main St 1", "city": "Berlin", "country": "Germany"}
    return str(site.add("Address", **place, links=links)["name"])


# -- renaming -----------------------------------------------------------------------------------------------------


def test_everything_that_points_at_a_customer_follows_its_new_name(site: ErpSite) -> None:
    site.add("Custom Field", dt="Item", label="Owner", fieldname="custom_for", fieldtype="Link", options="Customer")
    site.put("Item", "SKU-1", custom_for="ACME")
    home, order = address(site, "ACME"), site.submitted_order()
    quotation = site.add("Quotation", quotation_to="Customer", party_name="ACME", items=[{"item_code": "SKU-1", "qty": 1}])
    before = site.get("Sales Order", order)
    reply = rename(site, "Customer", "ACME", "Zenith")
    assert reply.json()["message"] == "Zenith"
    (message,) = messages_of(reply)
    assert message["message"] == "Document renamed from <strong>ACME</strong> to <strong>Zenith</strong>"
    assert message["alert"] == 1
    refused(site.send("GET", "/api/resource/Customer/ACME"), 404, "DoesNotExistError")
    assert site.get("Customer", "Zenith")["customer_name"] == "Zenith"
    after = site.get("Sales Order", order)
    assert (after["customer"], after["customer_name"]) == ("Zenith", "ACME")
    assert after["modified"] == before["modified"]
    assert site.get("Address", home)["links"][0]["link_name"] == "Zenith"
    assert site.get("Quotation", quotation["name"])["party_name"] == "Zenith"
    assert site.get("Item", "SKU-1")["custom_for"] == "Zenith"
    assert [row["name"] for row in site.rows("Sales Order", filters={"customer": "Zenith"})] == [order]
    assert data_of(site.order(customer="Zenith"))["customer"] == "Zenith"
    assert site.rows("Comment", filters={"reference_name": "Zenith"}, fields=["content"]) == [
        {"content": "renamed from <strong>ACME</strong> to <strong>Zenith</strong>"}
    ]


def test_an_item_keeps_its_stock_and_its_code_under_a_new_name(site: ErpSite) -> None:
    order = site.submitted_order()
    assert rename(site, "Item", "SKU-1", "SKU-9").status == 200
    item = site.get("Item", "SKU-9")
    assert (item["item_code"], item["uoms"][0]["parent"]) == ("SKU-9", "SKU-9")
    assert site.get("Sales Order", order)["items"][0]["item_code"] == "SKU-9"
    assert site.bin("SKU-9") == (100.0, 3.0)
    refused(site.delete("Item", "SKU-9"), 417, "LinkExistsError")


def test_another_spelling_of_a_name_is_a_rename(site: ErpSite) -> None:
    assert rename(site, "Customer", "ACME", "Acme").json()["message"] == "Acme"
    assert site.get("Customer", "ACME")["name"] == "Acme"


def test_what_cannot_be_renamed(site: ErpSite) -> None:
    name = site.draft_order()
    assert refused(rename(site, "Sales Order", name, "X"), 417, "ValidationError") == "Sales Order not allowed to be renamed"
    refused(rename(site, "Customer", "Nobody", "X"), 404, "DoesNotExistError")
    refused(rename(site, "Customer", "ACME", "A<b>"), 409, "NameError")
    site.add("Customer", customer_name="Other", customer_type="Company")
    words = refused(rename(site, "Customer", "ACME", "Other"), 417, "ValidationError")
    assert words == "Another Customer with name Other exists, select another name"
    words = refused(rename(site, "Customer", "ACME", "Nobody", merge=1), 417, "ValidationError")
    assert words == "Customer Nobody does not exist, select a new target to merge"
    assert site.get("Customer", "ACME")["name"] == "ACME"


def test_two_customers_become_one(site: ErpSite) -> None:
    site.add("Customer", customer_name="ACME", customer_type="Company")  # stored as `ACME - 1`
    order = site.submitted_order(customer="ACME - 1")
    assert rename(site, "Customer", "ACME - 1", "ACME", merge=1).json()["message"] == "ACME"
    assert site.get("Sales Order", order)["customer"] == "ACME"
    assert [row["name"] for row in site.rows("Customer")] == ["ACME"]


# -- deleting -----------------------------------------------------------------------------------------------------


def test_a_deleted_document_leaves_a_copy_and_takes_its_comments_along(site: ErpSite) -> None:
    name = site.draft_order()
    site.send("POST", f"/api/resource/Sales Order/{name}", {"run_method": "add_comment", "text": "call back"})
    assert site.delete("Sales Order", name).status == 202
    assert site.rows("Comment") == []
    (gone,) = site.rows("Deleted Document", fields=["deleted_doctype", "deleted_name", "data", "owner"])
    assert (gone["deleted_doctype"], gone["deleted_name"], gone["owner"]) == ("Sales Order", name, "api@example.com")
    assert json.loads(gone["data"])["items"][0]["item_code"] == "SKU-1"


def test_contacts_and_addresses_of_one_customer_only_go_with_it(site: ErpSite) -> None:
    site.add("Customer", customer_name="Solo", customer_type="Company", email_id="a@x.de", mobile_no="1")
    own, shared = address(site, "Solo"), address(site, "Solo", "ACME")
    refused(site.delete("Customer", "Solo"), 417, "LinkExistsError")
    site.put("Address", shared, links=[{"link_doctype": "Customer", "link_name": "ACME"}])
    assert site.delete("Customer", "Solo").status == 202
    assert site.rows("Contact") == []
    assert [row["name"] for row in site.rows("Address")] == [shared]
    assert own != shared


def test_a_refused_deletion_undoes_what_it_began(site: ErpSite) -> None:
    site.add("Customer", customer_name="Solo", customer_type="Company", email_id="a@x.de")
    site.draft_order(customer="Solo")
    words = refused(site.delete("Customer", "Solo"), 417, "LinkExistsError")
    assert words.startswith("Cannot delete or cancel because Contact ")  # it would go first, and the order names it
    assert site.get("Customer", "Solo")["customer_primary_contact"] == site.rows("Contact")[0]["name"]


def test_drafts_and_cancelled_documents_keep_what_they_link_to_and_only_submitted_ones_keep_it_from_being_cancelled(
    site: ErpSite,
) -> None:
    name = site.submitted_order()
    note = site.add("Delivery Note", **site.proposal("erpnext.selling.doctype.sales_order.sales_order.make_delivery_note", name))
    words = refused(site.delete("Sales Order", name), 417, "ValidationError")
    assert words.startswith(f"Sales Order {name}: Submitted Record cannot be deleted.")
    assert site.put("Sales Order", name, docstatus=2).status == 200
    words = refused(site.delete("Sales Order", name), 417, "LinkExistsError")
    other = f'<a href="/app/Form/Delivery Note/{note["name"]}">{note["name"]}</a>'
    assert words.endswith(f"is linked with Delivery Note {other} at Row: 1")
    assert site.delete("Delivery Note", note["name"]).status == 202
    assert site.delete("Sales Order", name).status == 202


def test_an_item_goes_with_its_prices_and_stock_figures(site: ErpSite) -> None:
    site.add("Item", item_code="NEW", item_group="Products", stock_uom="Nos", standard_rate=5)
    assert site.rows("Item Price", filters={"item_code": "NEW"})
    assert site.delete("Item", "NEW").status == 202
    assert site.rows("Item Price", filters={"item_code": "NEW"}) == []


# -- rows by themselves -------------------------------------------------------------------------------------------


def test_a_row_by_itself_is_added_changed_and_taken_out_through_its_parent(site: ErpSite) -> None:
    name = site.draft_order(("SKU-1", 1, 10))
    place = {"parent": name, "parenttype": "Sales Order", "parentfield": "items"}
    row = site.add("Sales Order Item", item_code="SKU-2", qty=2, rate=5, **place)
    assert (row["idx"], row["amount"]) == (2, 10.0)
    assert site.get("Sales Order", name)["grand_total"] == 20.0
    assert data_of(site.put("Sales Order Item", row["name"], qty=3))["amount"] == 15.0
    assert site.delete("Sales Order Item", row["name"]).status == 202
    assert site.get("Sales Order", name)["grand_total"] == 10.0
    refused(site.delete("Sales Order Item", row["name"]), 404, "DoesNotExistError")
    words = refused(site.post("Sales Order Item", item_code="SKU-2"), 417, "ValidationError")
    assert words == "Parenttype, Parent and Parentfield are required to insert a child record"
