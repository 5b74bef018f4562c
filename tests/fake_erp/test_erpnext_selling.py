"""Customers, prices, orders, deliveries, invoices, payments: the vendor's rules and words. Source: facts 4, 8 and 10.2."""

from __future__ import annotations

from decimal import Decimal

import pytest
from erpnext_site import QUOTATION, SALES_ORDER, VAT, ErpSite, data_of, messages_of, refused


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


# -- masters ------------------------------------------------------------------------------------------------------


def test_p40_an_email_on_the_header_of_a_contact_is_wiped(site: ErpSite) -> None:
    assert site.add("Contact", first_name="Jane", email_id="j@x.de")["email_id"] == ""
    rows = [{"email_id": "j@x.de", "is_primary": 1}]
    links = [{"link_doctype": "Customer", "link_name": "ACME"}]
    contact = site.add("Contact", first_name="Jane", last_name="Doe", email_ids=rows, links=links)
    assert (contact["name"], contact["email_id"], contact["full_name"]) == ("Jane Doe-ACME", "j@x.de", "Jane Doe")
    two = [{"email_id": f"{who}@x.de", "is_primary": 1} for who in "ab"]
    assert refused(site.post("Contact", first_name="J", email_ids=two), 417, "ValidationError") == (
        "Only one <strong>Email ID</strong> can be set as primary."
    )


def test_p41_a_customer_with_an_email_brings_a_contact(site: ErpSite) -> None:
    before = len(site.rows("Contact"))
    customer = site.add("Customer", customer_name="Mail", customer_type="Company", email_id="m@x.de", mobile_no="+49 30 1")
    assert len(site.rows("Contact")) == before + 1
    contact = site.get("Contact", site.get("Customer", customer["name"])["customer_primary_contact"])
    assert (contact["email_id"], contact["mobile_no"]) == ("m@x.de", "+49 30 1")


def test_addresses_are_numbered_never_refused(site: ErpSite) -> None:
    address = {"address_type": "Billing", "address_line1": "Main St 1", "city": "Berlin", "country": "Germany"}
    links = [{"link_doctype": "Customer", "link_name": "ACME"}] * 2
    names = [site.add("Address", **address, address_title="ACME", links=links)["name"] for _ in range(3)]
    assert names == ["ACME-Billing", "ACME-Billing-1", "ACME-Billing-2"]
    assert [row["link_title"] for row in site.get("Address", names[0])["links"]] == ["ACME"]
    assert refused(site.post("Address", **address), 417, "ValidationError") == "Address Title is mandatory."


def test_a_customer_named_like_a_group_is_refused_and_so_is_a_group_node_as_its_group(site: ErpSite) -> None:
    refused(site.post("Customer", customer_name="Commercial"), 409, "NameError")
    reply = site.post("Customer", customer_name="New", customer_group="All Customer Groups")
    assert refused(reply, 417, "ValidationError").startswith("Cannot select a Group type Customer Group.")
    assert messages_of(reply)[-1]["title"] == "Invalid Customer Group"


def test_a_price_appears_once(site: ErpSite) -> None:
    price = {"item_code": "SKU-1", "price_list": "Standard Selling", "price_list_rate": 9}
    refused(site.post("Item Price", **price), 417, "ItemPriceDuplicateItem")
    assert site.post("Item Price", **price, customer="ACME").status == 200
    assert "UOM Box not found in Item SKU-1" in refused(site.post("Item Price", **price, uom="Box"), 417, "ValidationError")
    assert data_of(site.order(("SKU-1", 1, 0)))["items"][0]["rate"] == 9.0  # the customer's own price comes first


# -- quotations and orders ----------------------------------------------------------------------------------------


def test_p43_a_quotation_knows_no_customer_field(site: ErpSite) -> None:
    items = [{"item_code": "SKU-1", "qty": 1, "rate": 5}]
    quotation = site.add("Quotation", customer="ACME", items=items, docstatus=1)
    assert "party_name" not in quotation
    assert "customer" not in site.proposal(f"{QUOTATION}.make_sales_order", quotation["name"])


def test_a_quotation_follows_the_orders_made_from_it(site: ErpSite) -> None:
    items = [{"item_code": "SKU-1", "qty": 3}, {"item_code": "SKU-2", "qty": 2}]
    name = site.add("Quotation", quotation_to="Customer", party_name="ACME", items=items, docstatus=1)["name"]
    part = site.proposal(f"{QUOTATION}.make_sales_order", name)
    order = site.add("Sales Order", **{**part, "items": part["items"][:1], "delivery_date": "2026-04-01", "docstatus": 1})["name"]
    assert site.get("Quotation", name)["status"] == "Partially Ordered"
    rest = site.proposal(f"{QUOTATION}.make_sales_order", name)
    assert [row["item_code"] for row in rest["items"]] == ["SKU-2"]
    refused(site.put("Quotation", name, docstatus=2), 417, "LinkExistsError")
    data_of(site.put("Sales Order", order, docstatus=2))
    assert site.get("Quotation", name)["status"] == "Open"
    assert data_of(site.put("Quotation", name, docstatus=2))["status"] == "Cancelled"


def test_the_parts_of_a_tax_are_told_per_item_unrounded(site: ErpSite) -> None:
    data = data_of(site.order(("SKU-1", 3, 33.33), taxes=[VAT]))
    assert data["taxes"][0]["item_wise_tax_detail"] == '{"SKU-1":[19.0,18.9981]}'


def test_p21_a_purchase_order_number_is_free_again_once_its_order_is_cancelled(site: ErpSite) -> None:
    first = site.draft_order(po_no="PO-1")
    words = refused(site.order(po_no="PO-1"), 417, "ValidationError")
    assert words.startswith(f"Sales Order {first} already exists against Customer's Purchase Order PO-1.")
    site.put("Sales Order", first, docstatus=1)
    site.put("Sales Order", first, docstatus=2)
    assert site.order(po_no="PO-1").status == 200
    lenient = ErpSite(allow_against_multiple_purchase_orders=True)
    lenient.draft_order(po_no="PO-1")
    assert messages_of(lenient.order(po_no="PO-1"))[-1]["message"].startswith("Warning: Sales Order <strong>")


def test_whole_numbers_stay_whole_and_disabled_things_are_refused(site: ErpSite) -> None:
    assert "cannot be a fraction" in refused(site.order(("SKU-1", 1.5, 1.0)), 417, "UOMMustBeIntegerError")
    site.put("Item", "SKU-2", disabled=1)
    assert refused(site.order(("SKU-2", 1, 1.0)), 417, "ValidationError") == "Item SKU-2 is disabled"
    site.put("Customer", "ACME", disabled=1)
    assert refused(site.order(), 417, "PartyDisabled") == "Customer ACME is disabled"


def test_an_order_reserves_stock_until_it_is_closed_held_or_delivered(site: ErpSite) -> None:
    name = site.submitted_order(("SKU-1", 10, 1.0))
    assert site.bin("SKU-1") == (100.0, 10.0)
    for status, reserved in (("Closed", 0.0), ("Draft", 10.0), ("On Hold", 0.0), ("Draft", 10.0)):
        assert site.call(f"{SALES_ORDER}.update_status", status=status, name=name).json() == {}
        assert site.bin("SKU-1")[1] == reserved
    site.people.ship(name, Decimal("0.4"))
    assert site.bin("SKU-1") == (96.0, 6.0)
    data_of(site.put("Delivery Note", "MAT-DN-2026-00001", docstatus=2))
    assert site.bin("SKU-1") == (100.0, 10.0)


def test_a_closed_order_takes_no_delivery_and_cannot_be_cancelled(site: ErpSite) -> None:
    name = site.submitted_order()
    site.call(f"{SALES_ORDER}.update_status", status="Closed", name=name)
    closed = site.get("Sales Order", name)
    assert (closed["status"], closed["delivery_status"], closed["billing_status"]) == ("Closed", "Closed", "Closed")
    note = site.proposal(f"{SALES_ORDER}.make_delivery_note", name)
    assert refused(site.post("Delivery Note", **note), 417, "InvalidStatusError") == f"Sales Order {name} is Closed"
    words = refused(site.put("Sales Order", name, docstatus=2), 417, "ValidationError")
    assert words == "Closed order cannot be cancelled. Unclose to cancel."


def test_the_credit_limit_is_met_at_submit_and_at_reopening(site: ErpSite) -> None:
    site.put("Customer", "ACME", credit_limits=[{"company": "Acme GmbH", "credit_limit": 150}])
    first = site.submitted_order(("SKU-1", 1, 100.0))
    draft = site.draft_order(("SKU-1", 1, 100.0))
    reply = site.put("Sales Order", draft, docstatus=1)
    assert refused(reply, 417, "ValidationError").startswith(
        "Credit limit has been crossed for customer ACME (200.0/150.0)<br><br>"
    )
    assert messages_of(reply)[-1]["title"] == "Credit Limit Crossed"
    site.call(f"{SALES_ORDER}.update_status", status="Closed", name=first)
    assert site.put("Sales Order", draft, docstatus=1).status == 200
    refused(site.call(f"{SALES_ORDER}.update_status", status="Draft", name=first), 417, "ValidationError")
    assert site.get("Sales Order", first)["status"] == "Closed"


def test_p1_a_second_customer_of_the_same_name_is_renamed_not_refused(site: ErpSite) -> None:
    reply = site.post("Customer", customer_name="acme", customer_type="Company")
    assert reply.status == 200
    assert reply.json()["data"]["name"].lower() == "acme - 1"
    assert "already exists" in messages_of(reply)[-1]["message"]


def test_p14_a_rate_of_zero_is_replaced_by_the_list_price(site: ErpSite) -> None:
    assert site.order(("SKU-1", 1, 0)).json()["data"]["items"][0]["rate"] == 33.33


def test_p44_an_order_from_a_quotation_lacks_its_delivery_date(site: ErpSite) -> None:
    items = [{"item_code": "SKU-1", "qty": 3}]
    quotation = site.post("Quotation", quotation_to="Customer", party_name="ACME", items=items, docstatus=1).json()["data"]["name"]
    method = "erpnext.selling.doctype.quotation.quotation.make_sales_order"
    order = site.send("POST", f"/api/method/{method}", {"source_name": quotation}).json()["message"]
    assert refused(site.post("Sales Order", **order), 417, "ValidationError") == "Please enter Delivery Date"
    order["items"][0]["warehouse"] = "Stores - ACM"
    assert site.post("Sales Order", **{**order, "delivery_date": "2026-04-01", "docstatus": 1}).status == 200
    assert site.get("Quotation", quotation)["status"] == "Ordered"
