"""Customers, prices, orders, deliveries, invoices, payments: the vendor's rules and words. Source: facts 4, 8 and 10.2."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from erpnext_site import DELIVERY_NOTE, GET_PAYMENT_ENTRY, QUOTATION, SALES_ORDER, VAT, ErpSite, data_of, messages_of, refused

ONE = Decimal(1)
FREIGHT = {
    "charge_type": "Actual",
    "account_head": "Freight and Forwarding Charges - ACM",
    "description": "freight",
    "tax_amount": 4.9,
}


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


@pytest.mark.parametrize(
    ("discount", "nets", "taxes", "after", "totals"),
    [
        ({}, [99.99, 25.0], [23.75, 4.9], [23.75, 4.9], [148.74, 153.64]),
        ({"apply_discount_on": "Grand Total"}, [89.66, 22.42], [23.75, 4.9], [21.3, 4.9], [133.38, 138.28]),
        ({"apply_discount_on": "Net Total"}, [89.99, 22.5], [21.37, 4.9], [21.37, 4.9], [133.86, 138.76]),
    ],
)
def test_the_rows_of_the_worked_totals(
    site: ErpSite,
    discount: dict[str, Any],
    nets: list[float],
    taxes: list[float],
    after: list[float],
    totals: list[float],
) -> None:
    """3 x 33.333 and 2 x 12.50, VAT 19 %, freight 4.90; 10 % off where a discount is named."""
    more = {**discount, "additional_discount_percentage": 10} if discount else {}
    data = data_of(site.order(("SKU-1", 3, 33.333), ("SKU-2", 2, 12.5), taxes=[VAT, FREIGHT], **more))
    assert [(row["rate"], row["amount"]) for row in data["items"]] == [(33.33, 99.99), (12.5, 25.0)]
    assert [row["net_amount"] for row in data["items"]] == nets
    assert [row["tax_amount"] for row in data["taxes"]] == taxes
    assert [row["tax_amount_after_discount_amount"] for row in data["taxes"]] == after
    assert [row["total"] for row in data["taxes"]] == totals
    assert data["rounded_total"] == data["grand_total"] == totals[-1]


def test_the_parts_of_a_tax_are_told_per_item_unrounded(site: ErpSite) -> None:
    data = data_of(site.order(("SKU-1", 3, 33.33), taxes=[VAT]))
    assert data["taxes"][0]["item_wise_tax_detail"] == '{"SKU-1":[19.0,18.9981]}'


def test_p15_unit_prices_are_rounded_to_cents(site: ErpSite) -> None:
    site.add("Item", item_code="CHEAP", item_group="Products", stock_uom="Nos", is_stock_item=0)
    row = data_of(site.order(("CHEAP", 1000, 0.0045)))["items"][0]
    assert (row["rate"], row["amount"]) == (0.0, 0.0)


def test_p16_the_name_of_a_tax_template_adds_no_taxes(site: ErpSite) -> None:
    data = data_of(site.order(taxes_and_charges="Germany VAT 19% - ACM"))
    assert (data["taxes"], data["grand_total"]) == ([], 99.99)


def test_p17_pounds_are_rounded_to_whole_ones_and_owed_so(site: ErpSite) -> None:
    order = data_of(site.order(("SKU-1", 1, 153.64), currency="GBP", conversion_rate=1.2))
    assert (order["grand_total"], order["rounded_total"], order["rounding_adjustment"]) == (153.64, 154.0, 0.36)
    assert order["base_grand_total"] == 184.37


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


def test_p42_saving_a_row_with_a_rate_leaves_a_price(site: ErpSite) -> None:
    site.add("Item", item_code="NEW", item_group="Products", stock_uom="Nos")
    site.draft_order(("NEW", 1, 7.5))
    assert site.rows("Item Price", filters={"item_code": "NEW"}, fields=["price_list_rate"]) == [{"price_list_rate": 7.5}]
    quiet = ErpSite(auto_insert_price_list_rate_if_missing=False)
    quiet.add("Item", item_code="NEW", item_group="Products", stock_uom="Nos")
    quiet.draft_order(("NEW", 1, 7.5))
    assert quiet.rows("Item Price", filters={"item_code": "NEW"}) == []


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


# -- deliveries ---------------------------------------------------------------------------------------------------


def test_p19_half_a_reference_to_an_order_is_refused_and_none_delivers_nothing(site: ErpSite) -> None:
    name = site.submitted_order()
    line = {"item_code": "SKU-1", "qty": 1, "rate": 33.33, "warehouse": "Stores - ACM"}
    reply = site.post("Delivery Note", customer="ACME", items=[{**line, "against_sales_order": name}])
    assert "</strong> in row <strong>1</strong> is not set" in refused(reply, 417, "ValidationError")
    assert messages_of(reply)[-1]["title"] == "References to Sales Orders are Incomplete"
    site.add("Delivery Note", customer="ACME", items=[line], docstatus=1)
    assert site.get("Sales Order", name)["per_delivered"] == 0.0
    assert site.bin("SKU-1") == (99.0, 3.0)


def test_p18_posting_dates_are_today_unless_they_are_set_on_purpose(site: ErpSite) -> None:
    line = {"item_code": "SKU-1", "qty": 1, "rate": 10}
    today = site.fake.site.time.today()
    assert site.add("Sales Invoice", customer="ACME", items=[line], posting_date="2026-01-15")["posting_date"] == today
    late = site.post("Sales Invoice", customer="ACME", items=[line], posting_date="2026-01-15", due_date="2026-02-01")
    assert refused(late, 417, "ValidationError") == "Due Date cannot be before Posting / Supplier Invoice Date"
    kept = site.add("Sales Invoice", customer="ACME", items=[line], posting_date="2026-01-15", set_posting_time=1)
    assert (kept["posting_date"], kept["due_date"]) == ("2026-01-15", "2026-01-15")


def test_p18_a_draft_submitted_days_later_moves_to_that_day(site: ErpSite) -> None:
    note = site.add("Delivery Note", customer="ACME", items=[{"item_code": "SKU-1", "qty": 1, "rate": 10}])
    site.wait(3 * 86_400)
    assert data_of(site.put("Delivery Note", note["name"], docstatus=1))["posting_date"] > note["posting_date"]


def test_a_delivery_must_fit_its_order(site: ErpSite) -> None:
    note = site.proposal(f"{SALES_ORDER}.make_delivery_note", site.submitted_order())
    site.add("Customer", customer_name="Other", customer_type="Company")
    words = refused(site.post("Delivery Note", **{**note, "customer": "Other"}), 417, "ValidationError")
    assert words == "Incorrect value:Customer must be equal to 'ACME'"
    row = {**note["items"][0], "item_code": "SKU-2"}
    words = refused(site.post("Delivery Note", **{**note, "items": [row]}), 417, "ValidationError")
    assert words == "Incorrect value in row 1:Item Code must be equal to 'SKU-1'"


def test_allowances_and_negative_stock_are_settings() -> None:
    generous = ErpSite(over_delivery_allowance=50, over_billing_allowance=50, allow_negative_stock=True)
    name = generous.submitted_order(("SKU-1", 200, 1.0))
    note = generous.proposal(f"{SALES_ORDER}.make_delivery_note", name)
    note["items"][0]["qty"] = 300
    assert generous.post("Delivery Note", **{**note, "docstatus": 1}).status == 200
    assert generous.bin("SKU-1") == (-200.0, 0.0)
    assert generous.get("Sales Order", name)["per_delivered"] == 100.0


def test_mapping_asks_for_a_submitted_source_and_reserves_nothing(site: ErpSite) -> None:
    draft = site.draft_order()
    reply = site.call(f"{SALES_ORDER}.make_delivery_note", source_name=draft)
    assert "Cannot map because following condition fails: docstatus=1" in refused(reply, 417, "ValidationError")
    site.put("Sales Order", draft, docstatus=1)
    one, two = (site.proposal(f"{SALES_ORDER}.make_delivery_note", draft) for _ in range(2))
    assert one == two
    assert (one["docstatus"], one["__islocal"], one["__unsaved"], one["__onload"]) == (0, 1, 1, {"load_after_mapping": True})
    assert "name" not in one
    mapped = site.call("frappe.model.mapper.make_mapped_doc", method=f"{SALES_ORDER}.make_delivery_note", source_name=draft)
    assert mapped.json()["message"] == one


# -- invoices and payments ----------------------------------------------------------------------------------------


def test_an_invoice_of_a_delivery_cannot_exceed_it_and_blocks_its_cancellation(site: ErpSite) -> None:
    name = site.submitted_order()
    note = site.people.ship(name, ONE)
    assert note is not None
    proposal = site.proposal(f"{DELIVERY_NOTE}.make_sales_invoice", note)
    too_much = {**proposal, "items": [{**proposal["items"][0], "qty": 4}]}
    assert "<p>Cannot overbill for the following Items:</p>" in refused(
        site.post("Sales Invoice", **too_much), 417, "ValidationError"
    )
    invoice = site.add("Sales Invoice", **{**proposal, "docstatus": 1})["name"]
    assert (site.get("Delivery Note", note)["status"], site.get("Sales Order", name)["status"]) == ("Completed", "Completed")
    assert refused(site.put("Delivery Note", note, docstatus=2), 417, "ValidationError") == (
        f"Sales Invoice {invoice} has already been submitted"
    )
    reply = site.call(f"{DELIVERY_NOTE}.make_sales_invoice", source_name=note)
    assert refused(reply, 417, "ValidationError") == "All these items have already been Invoiced/Returned"


def test_a_draft_invoice_keeps_its_order_from_being_cancelled(site: ErpSite) -> None:
    name = site.submitted_order()
    site.add("Sales Invoice", **site.proposal(f"{SALES_ORDER}.make_sales_invoice", name))
    assert "must be deleted before cancelling this Sales Order" in refused(
        site.put("Sales Order", name, docstatus=2), 417, "ValidationError"
    )


def billed(site: ErpSite) -> str:
    """A submitted invoice over 99.99."""
    name = site.submitted_order()
    site.people.ship(name, ONE)
    return str(site.people.invoice(name))


def payment_for(site: ErpSite, invoice: str) -> dict[str, Any]:
    reply = site.call(GET_PAYMENT_ENTRY, dt="Sales Invoice", dn=invoice)
    assert reply.status == 200, reply.body
    return dict(reply.json()["message"])


def test_the_payment_that_the_site_proposes(site: ErpSite) -> None:
    payment = payment_for(site, billed(site))
    assert (payment["paid_amount"], payment["received_amount"], payment["total_allocated_amount"]) == (99.99, 99.99, 99.99)
    assert (payment["paid_from"], payment["paid_to"], payment["party"]) == ("Debtors - ACM", "Cash - ACM", "ACME")
    (row,) = payment["references"]
    assert (row["total_amount"], row["outstanding_amount"], row["allocated_amount"]) == (99.99, 99.99, 99.99)


def test_two_drafts_of_one_payment_and_the_second_finds_nothing_left(site: ErpSite) -> None:
    invoice = billed(site)
    proposal = payment_for(site, invoice)
    one, two = (site.add("Payment Entry", **proposal)["name"] for _ in range(2))
    data_of(site.put("Payment Entry", one, docstatus=1))
    words = refused(site.put("Payment Entry", two, docstatus=1), 417, "ValidationError")
    assert words == f"Sales Invoice {invoice} has already been fully paid."


@pytest.mark.parametrize(
    ("header", "row", "words"),
    [
        ({}, {"allocated_amount": 100}, "Row #1: Allocated Amount cannot be greater than outstanding amount."),
        ({"party": None}, {}, "Party is mandatory"),
        ({"party_type": None, "party": None}, {}, "Party Type is mandatory"),
        ({"paid_amount": 0}, {}, "Paid Amount is mandatory"),
        ({"received_amount": 100}, {}, "Received Amount cannot be greater than Paid Amount"),
        ({"paid_to": "Bank - ACM"}, {}, "Reference No and Reference Date is mandatory for Bank transaction"),
        ({}, {"reference_name": "ACC-SINV-2026-99999"}, "Could not find Row #1: Name: ACC-SINV-2026-99999"),
        ({}, {"outstanding_amount": 50}, "has already been partly paid."),
    ],
)
def test_what_a_payment_must_not_be(site: ErpSite, header: dict[str, Any], row: dict[str, Any], words: str) -> None:
    payment = {**payment_for(site, billed(site)), "reference_no": None, **header}
    payment["references"] = [{**payment["references"][0], **row}]
    reply = site.post("Payment Entry", **payment)
    assert reply.status == 417
    assert words in messages_of(reply)[-1]["message"]


def test_money_beyond_the_invoice_stays_unallocated(site: ErpSite) -> None:
    payment = payment_for(site, billed(site))
    saved = site.add("Payment Entry", **{**payment, "paid_amount": 120, "received_amount": 120, "docstatus": 1})
    assert (saved["status"], saved["unallocated_amount"], saved["difference_amount"]) == ("Submitted", 20.01, 0.0)


def test_cancelling_an_invoice_unlinks_its_payments_or_is_refused(site: ErpSite) -> None:
    invoice = billed(site)
    payment = str(site.people.pay(invoice, ONE))
    data_of(site.put("Sales Invoice", invoice, docstatus=2))
    paid = site.get("Payment Entry", payment)
    assert (paid["references"], paid["unallocated_amount"], paid["docstatus"]) == ([], 99.99, 1)
    strict = ErpSite(unlink_payment_on_cancellation_of_invoice=False)
    invoice = billed(strict)
    strict.people.pay(invoice, ONE)
    refused(strict.put("Sales Invoice", invoice, docstatus=2), 417, "LinkExistsError")


def test_an_invoice_is_overdue_once_a_payment_looks_at_it_after_its_date(site: ErpSite) -> None:
    invoice = billed(site)
    site.wait(3 * 86_400)
    assert site.get("Sales Invoice", invoice)["status"] == "Unpaid"
    payment = str(site.people.pay(invoice, Decimal("0.5")))
    assert site.get("Sales Invoice", invoice)["status"] == "Overdue"
    site.put("Payment Entry", payment, docstatus=2)
    after = site.get("Sales Invoice", invoice)
    assert (after["status"], after["outstanding_amount"], after["payment_schedule"][0]["paid_amount"]) == ("Overdue", 99.99, 0.0)


def test_an_advance_is_noted_on_the_order(site: ErpSite) -> None:
    name = site.submitted_order()
    proposal = site.call(GET_PAYMENT_ENTRY, dt="Sales Order", dn=name).json()["message"]
    site.add("Payment Entry", **{**proposal, "docstatus": 1})
    assert site.get("Sales Order", name)["advance_paid"] == 99.99


def test_an_invoice_that_updates_stock_is_a_delivery_too(site: ErpSite) -> None:
    name = site.submitted_order()
    proposal = site.proposal(f"{SALES_ORDER}.make_sales_invoice", name)
    invoice = site.add("Sales Invoice", **{**proposal, "update_stock": 1, "docstatus": 1})["name"]
    order = site.get("Sales Order", name)
    assert (order["per_delivered"], order["per_billed"], order["status"]) == (100.0, 100.0, "Completed")
    assert site.bin("SKU-1") == (97.0, 0.0)
    data_of(site.put("Sales Invoice", invoice, docstatus=2))
    assert site.bin("SKU-1") == (100.0, 3.0)
