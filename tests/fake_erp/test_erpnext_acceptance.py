"""One site from login to paid invoice: the path an integration walks, in one story and in any parts. Source: facts 10.2."""

from __future__ import annotations

from decimal import Decimal

from erpnext_site import (
    DELIVERY_NOTE,
    EXTERNAL_ID,
    GET_PAYMENT_ENTRY,
    QUOTATION,
    SALES_ORDER,
    VAT,
    ErpSite,
    data_of,
    messages_of,
    refused,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.kit.call import Disruption, Outcome
from harness.kit.faults import Fault, LoseReply


def test_the_path_of_an_integration_from_login_to_paid_invoice_and_back() -> None:
    site = ErpSite()
    site.fake.connect_webhooks("https://engine.example/erp", "s3cret")
    assert site.send("GET", "/api/method/frappe.auth.get_logged_user").json() == {"message": "api@example.com"}
    masters_are_renamed_or_refused(site)
    orders_are_found_by_their_external_id(site)
    order = a_quotation_becomes_an_order(site)
    notes = an_order_is_delivered_in_two_parts(site, order)
    invoice = deliveries_are_invoiced_together(site, order, notes)
    payments = an_invoice_is_paid_in_two_parts(site, invoice)
    everything_is_cancelled_from_its_end(site, [order], notes, invoice, payments)
    a_lost_answer_is_recovered_by_the_external_id(site)


def masters_are_renamed_or_refused(site: ErpSite) -> None:
    """P1, then what is refused twice."""
    again = site.post("Customer", customer_name="ACME", customer_type="Company")
    assert data_of(again)["name"] == "ACME - 1"
    assert messages_of(again)[0]["message"] == "Changed customer name to 'ACME - 1' as 'ACME' already exists."
    links = [{"link_doctype": "Customer", "link_name": "ACME"}]
    street = {"address_type": "Billing", "address_line1": "Main St 1", "city": "Berlin", "country": "Germany"}
    assert site.add("Address", **street, address_title="ACME", links=links)["name"] == "ACME-Billing"
    assert site.add("Contact", first_name="Jane", last_name="Doe", links=links)["name"] == "Jane Doe-ACME"
    refused(site.post("Item", item_code="SKU-1", item_group="Products", stock_uom="Nos"), 409, "DuplicateEntryError")
    price = {"item_code": "SKU-1", "price_list": "Standard Selling", "price_list_rate": 33.33}
    refused(site.post("Item Price", **price), 417, "ItemPriceDuplicateItem")


def orders_are_found_by_their_external_id(site: ErpSite) -> None:
    assert site.add("Custom Field", **EXTERNAL_ID)["name"] == "Sales Order-custom_external_id"
    name = site.draft_order(custom_external_id="EXT-1")
    refused(site.order(custom_external_id="EXT-1"), 417, "UniqueValidationError")
    assert site.rows("Sales Order", filters={"custom_external_id": "EXT-1"}) == [{"name": name}]
    assert site.delete("Sales Order", name).status == 202


def a_quotation_becomes_an_order(site: ErpSite) -> str:
    row = {"item_code": "SKU-1", "qty": 3, "rate": 33.33}
    quotation = site.add("Quotation", quotation_to="Customer", party_name="ACME", items=[row], taxes=[VAT], docstatus=1)["name"]
    order = site.proposal(f"{QUOTATION}.make_sales_order", quotation)
    assert refused(site.post("Sales Order", **order), 417, "ValidationError") == "Please enter Delivery Date"
    saved = site.add("Sales Order", **{**order, "delivery_date": "2026-04-01", "custom_external_id": "EXT-1"})
    assert (saved["status"], saved["grand_total"]) == ("Draft", 118.99)
    assert data_of(site.put("Sales Order", saved["name"], docstatus=1))["status"] == "To Deliver and Bill"
    assert site.get("Quotation", quotation)["status"] == "Ordered"
    return str(saved["name"])


def an_order_is_delivered_in_two_parts(site: ErpSite, order: str) -> list[str]:
    notes = []
    for quantity, share, status, word in ((1, 33.333333, "To Deliver and Bill", "Partly"), (2, 100.0, "To Bill", "Fully")):
        note = site.proposal(f"{SALES_ORDER}.make_delivery_note", order)
        note["items"][0]["qty"] = quantity
        notes.append(site.add("Delivery Note", **{**note, "docstatus": 1})["name"])
        after = site.get("Sales Order", order)
        assert (after["per_delivered"], after["status"], after["delivery_status"]) == (share, status, f"{word} Delivered")
    assert site.bin("SKU-1") == (97.0, 0.0)
    return notes


def deliveries_are_invoiced_together(site: ErpSite, order: str, notes: list[str]) -> str:
    one, two = (site.proposal(f"{DELIVERY_NOTE}.make_sales_invoice", note) for note in notes)
    rows = [*one["items"], {**two["items"][0], "idx": 2}]
    invoice = site.add("Sales Invoice", **{**one, "items": rows, "docstatus": 1})
    assert (invoice["status"], invoice["outstanding_amount"], invoice["rounded_total"]) == ("Unpaid", 118.99, 118.99)
    assert site.get("Sales Order", order)["status"] == "Completed"
    assert [site.get("Delivery Note", note)["status"] for note in notes] == ["Completed", "Completed"]
    return str(invoice["name"])


def an_invoice_is_paid_in_two_parts(site: ErpSite, invoice: str) -> list[str]:
    payments = []
    for amount, status, left in ((18.99, "Partly Paid", 100.0), (100, "Paid", 0.0)):
        payment = site.call(GET_PAYMENT_ENTRY, dt="Sales Invoice", dn=invoice).json()["message"]
        row = {**payment["references"][0], "allocated_amount": amount}
        values = {"paid_amount": amount, "received_amount": amount, "references": [row], "docstatus": 1}
        payments.append(site.add("Payment Entry", **{**payment, **values})["name"])
        after = site.get("Sales Invoice", invoice)
        assert (after["status"], after["outstanding_amount"]) == (status, left)
    words = refused(site.call(GET_PAYMENT_ENTRY, dt="Sales Invoice", dn=invoice), 417, "ValidationError")
    assert words == f"Sales Invoice {invoice} has already been fully paid."
    return payments


def everything_is_cancelled_from_its_end(
    site: ErpSite, orders: list[str], notes: list[str], invoice: str, payments: list[str]
) -> None:
    refused(site.put("Sales Order", orders[0], docstatus=2), 417, "LinkExistsError")
    steps = [("Payment Entry", payments), ("Sales Invoice", [invoice]), ("Delivery Note", notes), ("Sales Order", orders)]
    for doctype, names in steps:
        for name in names:
            assert data_of(site.put(doctype, name, docstatus=2))["status"] == "Cancelled"
    order = site.get("Sales Order", orders[0])
    assert (order["per_delivered"], order["per_billed"]) == (0.0, 0.0)
    assert site.bin("SKU-1") == (100.0, 0.0)


def a_lost_answer_is_recovered_by_the_external_id(site: ErpSite) -> None:
    site.fake.faults.inject(Fault("erp.create_sales_order", LoseReply()))
    reply = site.order(custom_external_id="EXT-2")
    assert (reply.disruption, reply.outcome) == (Disruption.LOSE, Outcome.UNKNOWN)
    refused(site.order(custom_external_id="EXT-2"), 417, "UniqueValidationError")
    assert len(site.rows("Sales Order", filters={"custom_external_id": "EXT-2"})) == 1


@settings(max_examples=25, deadline=None)
@given(
    lines=st.lists(st.tuples(st.integers(1, 20), st.decimals("0.01", "999.99", places=2)), min_size=1, max_size=3),
    shares=st.lists(st.sampled_from(["0.2", "0.5", "0.8"]), max_size=2),
    paid=st.sampled_from(["0.3", "0.6", "1"]),
)
def test_whatever_the_parts_everything_adds_up_and_can_be_undone(
    lines: list[tuple[int, Decimal]], shares: list[str], paid: str
) -> None:
    """Invariant: any deliveries, invoices and payments of an order end at 100 % and 0 owed; cancelling all restores the stock."""
    site = ErpSite()
    name = site.submitted_order(*(("SKU-1", qty, float(rate)) for qty, rate in lines), taxes=[VAT])
    notes, invoices, payments = [], [], []
    for share in (*shares, "1"):
        if (note := site.people.ship(name, Decimal(share))) is not None:
            notes.append(note)
            invoices.append(site.people.invoice(name))
    for invoice in invoices:
        payments += [payment for part in (paid, "1") if (payment := site.people.pay(str(invoice), Decimal(part))) is not None]
    order = site.get("Sales Order", name)
    assert (order["per_delivered"], order["per_billed"], order["status"]) == (100.0, 100.0, "Completed")
    bills = [site.get("Sales Invoice", str(invoice)) for invoice in invoices]
    assert all(bill["outstanding_amount"] == 0 and bill["status"] == "Paid" for bill in bills)
    assert (
        sum(Decimal(str(bill["net_total"])) for bill in bills)
        == Decimal(str(order["net_total"]))
        == sum(qty * rate for qty, rate in lines)
    )
    for doctype, names in (
        ("Payment Entry", payments),
        ("Sales Invoice", invoices),
        ("Delivery Note", notes),
        ("Sales Order", [name]),
    ):
        for document in names:
            assert site.put(doctype, str(document), docstatus=2).status == 200
    (stock,) = site.rows("Bin", filters={"item_code": "SKU-1"}, fields=["actual_qty", "reserved_qty"])
    assert stock == {"actual_qty": 100.0, "reserved_qty": 0.0}
