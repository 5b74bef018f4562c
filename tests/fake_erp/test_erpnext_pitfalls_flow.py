"""The vendor's pitfalls on the way from quotation to cash, each as facts 8 tells it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from erpnext_site import (
    DELIVERY_NOTE,
    GET_PAYMENT_ENTRY,
    QUOTATION,
    SALES_INVOICE,
    SALES_ORDER,
    ErpSite,
    data_of,
    messages_of,
    refused,
)

ONE = Decimal(1)
LINE = {"item_code": "SKU-1", "qty": 1, "rate": 33.33, "warehouse": "Stores - ACM"}


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


def paid(site: ErpSite, invoice: str) -> tuple[str, float]:
    fields = site.get("Sales Invoice", invoice)
    return fields["status"], fields["outstanding_amount"]


@pytest.mark.parametrize(
    ("half", "label"), [("against_sales_order", "Against Sales Order Item"), ("so_detail", "Against Sales Order")]
)
def test_pitfall_p19_half_a_reference_to_an_order_is_refused(site: ErpSite, half: str, label: str) -> None:
    order = site.submitted_order()
    reference = {"against_sales_order": order, "so_detail": site.get("Sales Order", order)["items"][0]["name"]}
    reply = site.post("Delivery Note", customer="ACME", items=[{**LINE, half: reference[half]}])
    words = f"The field <strong>{label}</strong> in row <strong>1</strong> is not set"
    assert refused(reply, 417, "ValidationError") == words
    assert messages_of(reply)[-1]["title"] == "References to Sales Orders are Incomplete"


def test_pitfall_p19_a_delivery_without_any_reference_delivers_nothing_of_the_order(site: ErpSite) -> None:
    order = site.submitted_order()
    site.add("Delivery Note", customer="ACME", items=[{**LINE, "qty": 3}], docstatus=1)
    after = site.get("Sales Order", order)
    assert (after["per_delivered"], after["status"]) == (0.0, "To Deliver and Bill")
    assert site.bin("SKU-1") == (97.0, 3.0)


def test_pitfall_p20_a_draft_delivers_too_much_and_more_than_there_is(site: ErpSite) -> None:
    order = site.submitted_order(("SKU-1", 2, 10.0))
    note = site.proposal(f"{SALES_ORDER}.make_delivery_note", order)
    note["items"][0]["qty"] = 4
    draft = site.add("Delivery Note", **note)["name"]
    reply = site.put("Delivery Note", draft, docstatus=1)
    assert refused(reply, 417, "OverAllowanceError") == (
        "This document is over limit by <strong>Qty</strong> <strong>2.0</strong> for item <strong>SKU-1</strong>. "
        "Are you making another <strong>Delivery Note</strong> against the same <strong>Sales Order Item</strong>?<br><br>"
        'To allow over receipt / delivery, update "Over Receipt/Delivery Allowance" in Stock Settings or the Item.'
    )
    assert messages_of(reply)[-1]["title"] == "Limit Crossed"
    assert (site.bin("SKU-1"), site.get("Sales Order", order)["per_delivered"]) == ((100.0, 2.0), 0.0)


def test_pitfall_p20_what_is_short_in_several_warehouses_is_told_at_once(site: ErpSite) -> None:
    lines = [{**LINE, "qty": 105}, {**LINE, "item_code": "SKU-2", "qty": 2, "warehouse": "Finished Goods - ACM"}]
    draft = site.add("Delivery Note", customer="ACME", items=lines)["name"]
    reply = site.put("Delivery Note", draft, docstatus=1)
    place = '<a href="/app/Form/{0}/{1}" style="font-weight: bold;">{0} {2}</a>'
    assert refused(reply, 417, "NegativeStockError") == "\n\n".join(
        f"<strong>{qty}</strong> units of {place.format('Item', sku, f'Widget {sku}')} "
        f"needed in {place.format('Warehouse', where, where)} "
        "to complete this transaction."
        for qty, sku, where in (("5.0", "SKU-1", "Stores - ACM"), ("2.0", "SKU-2", "Finished Goods - ACM"))
    )
    assert messages_of(reply)[-1]["title"] == "Insufficient Stock"


def test_pitfall_p21_a_purchase_order_number_is_taken_by_a_draft_and_free_after_its_cancellation(site: ErpSite) -> None:
    first = site.draft_order(po_no="WEB-1")
    words = refused(site.order(po_no="WEB-1"), 417, "ValidationError")
    assert words.startswith(f"Sales Order {first} already exists against Customer's Purchase Order WEB-1.")
    site.add("Customer", customer_name="Other", customer_type="Company")
    assert site.order(po_no="WEB-1", customer="Other").status == 200
    site.put("Sales Order", first, docstatus=1)
    refused(site.order(po_no="WEB-1"), 417, "ValidationError")
    site.put("Sales Order", first, docstatus=2)
    assert site.order(po_no="WEB-1").status == 200


def test_pitfall_p44_the_proposed_order_has_no_delivery_date(site: ErpSite) -> None:
    items = [{"item_code": "SKU-1", "qty": 3, "rate": 10}]
    quotation = site.add("Quotation", party_name="ACME", items=items, docstatus=1)["name"]
    proposal = site.proposal(f"{QUOTATION}.make_sales_order", quotation)
    assert "delivery_date" not in proposal
    assert refused(site.post("Sales Order", **proposal), 417, "ValidationError") == "Please enter Delivery Date"
    assert site.post("Sales Order", **proposal, delivery_date="2026-04-01").status == 200


def test_pitfall_p45_two_invoices_of_one_order_save_and_one_is_submitted(site: ErpSite) -> None:
    order = site.submitted_order()
    proposal = site.proposal(f"{SALES_ORDER}.make_sales_invoice", order)
    first, second = (site.add("Sales Invoice", **proposal)["name"] for _ in range(2))
    data_of(site.put("Sales Invoice", first, docstatus=1))
    assert refused(site.put("Sales Invoice", second, docstatus=1), 417, "OverAllowanceError") == (
        "This document is over limit by <strong>Amount</strong> <strong>99.99</strong> for item <strong>SKU-1</strong>. "
        "Are you making another <strong>Sales Invoice</strong> against the same <strong>Sales Order Item</strong>?<br><br>"
        'To allow over billing, update "Over Billing Allowance" in Accounts Settings or the Item.'
    )
    assert (site.get("Sales Invoice", second)["docstatus"], site.get("Sales Order", order)["per_billed"]) == (0, 100.0)


def test_pitfall_p46_a_credit_note_leaves_what_is_owed_of_its_invoice(site: ErpSite) -> None:
    invoice = site.add("Sales Invoice", customer="ACME", items=[LINE], docstatus=1)["name"]
    proposal = site.proposal(f"{SALES_INVOICE}.make_sales_return", invoice)
    note = site.add("Sales Invoice", **{**proposal, "docstatus": 1})
    assert (note["update_outstanding_for_self"], note["outstanding_amount"], note["status"]) == (1, -33.33, "Return")
    assert paid(site, invoice) == ("Unpaid", 33.33)


def test_pitfall_p46_nor_does_it_change_what_is_billed_of_the_order(site: ErpSite) -> None:
    order = site.submitted_order()
    site.people.ship(order, ONE)
    invoice = str(site.people.invoice(order))
    site.add("Sales Invoice", **{**site.proposal(f"{SALES_INVOICE}.make_sales_return", invoice), "docstatus": 1})
    after = site.get("Sales Order", order)
    assert (after["per_billed"], after["status"]) == (100.0, "Completed")


def test_pitfall_p47_a_return_opens_a_completed_order_again(site: ErpSite) -> None:
    order = site.submitted_order()
    note = str(site.people.ship(order, ONE))
    site.people.invoice(order)
    assert site.get("Sales Order", order)["status"] == "Completed"
    site.add("Delivery Note", **{**site.proposal(f"{DELIVERY_NOTE}.make_sales_return", note), "docstatus": 1})
    after = site.get("Sales Order", order)
    assert (after["status"], after["per_delivered"], after["delivery_status"]) == ("To Deliver", 0.0, "Not Delivered")
    (row,) = site.proposal(f"{SALES_ORDER}.make_delivery_note", order)["items"]
    assert row["qty"] == 3.0, "it can be delivered once more"


def test_pitfall_p48_without_the_job_what_was_due_yesterday_is_unpaid() -> None:
    site = ErpSite(daily_jobs=False)
    invoice = site.add("Sales Invoice", customer="ACME", items=[LINE], docstatus=1)["name"]
    site.wait(86_400)
    assert paid(site, invoice) == ("Unpaid", 33.33)


def test_pitfall_p58_a_draft_delivery_of_a_cancelled_order_dangles(site: ErpSite) -> None:
    order = site.submitted_order()
    draft = site.add("Delivery Note", **site.proposal(f"{SALES_ORDER}.make_delivery_note", order))["name"]
    data_of(site.put("Sales Order", order, docstatus=2))
    words = refused(site.put("Delivery Note", draft, docstatus=1), 417, "CancelledLinkError")
    assert words == f"Cannot link cancelled document: Row #1: Against Sales Order: {order}"


# -- the matrix of cancellations, facts 4.10 ------------------------------------------------------------------------


def whole_flow(site: ErpSite) -> dict[str, str]:
    items = [{"item_code": "SKU-1", "qty": 3, "rate": 10}]
    quotation = site.add("Quotation", party_name="ACME", items=items, docstatus=1)["name"]
    proposal = site.proposal(f"{QUOTATION}.make_sales_order", quotation)
    order = site.add("Sales Order", **{**proposal, "delivery_date": "2026-04-01", "docstatus": 1})["name"]
    note = str(site.people.ship(order, ONE))
    invoice = site.add("Sales Invoice", **{**site.proposal(f"{DELIVERY_NOTE}.make_sales_invoice", note), "docstatus": 1})["name"]
    return {
        "Quotation": quotation,
        "Sales Order": order,
        "Delivery Note": note,
        "Sales Invoice": invoice,
        "Payment Entry": str(site.people.pay(invoice, ONE)),
    }


def test_a_flow_is_undone_from_its_end(site: ErpSite) -> None:
    flow = whole_flow(site)
    blocked: dict[str, tuple[str, str]] = {
        "Quotation": (
            "LinkExistsError",
            f'Cannot delete or cancel because Quotation <a href="/app/Form/Quotation/{flow["Quotation"]}">',
        ),
        "Sales Order": ("LinkExistsError", "Cannot delete or cancel because Sales Order <a href="),
        "Delivery Note": ("ValidationError", f"Sales Invoice {flow['Sales Invoice']} has already been submitted"),
    }
    for doctype, (exc_type, words) in blocked.items():
        assert refused(site.put(doctype, flow[doctype], docstatus=2), 417, exc_type).startswith(words), doctype
    for doctype in reversed(flow):
        data_of(site.put(doctype, flow[doctype], docstatus=2))
    assert {doctype: site.get(doctype, name)["status"] for doctype, name in flow.items()} == dict.fromkeys(flow, "Cancelled")
    assert site.bin("SKU-1") == (100.0, 0.0)


def test_a_closed_order_is_not_cancelled_and_a_reopened_one_is(site: ErpSite) -> None:
    order = site.submitted_order()
    site.call(f"{SALES_ORDER}.close_or_unclose_sales_orders", names=f'["{order}"]', status="Closed")
    assert site.bin("SKU-1") == (100.0, 0.0)
    words = refused(site.put("Sales Order", order, docstatus=2), 417, "ValidationError")
    assert words == "Closed order cannot be cancelled. Unclose to cancel."
    site.call(f"{SALES_ORDER}.close_or_unclose_sales_orders", names=f'["{order}"]', status="Draft")
    assert (site.get("Sales Order", order)["status"], site.bin("SKU-1")) == ("To Deliver and Bill", (100.0, 3.0))
    data_of(site.put("Sales Order", order, docstatus=2))


def test_a_delivery_closed_by_hand_stays_so_until_it_is_opened(site: ErpSite) -> None:
    note = site.add("Delivery Note", customer="ACME", items=[LINE], docstatus=1)["name"]
    close = f"{DELIVERY_NOTE}.update_delivery_note_status"
    assert site.call(close, docname=note, status="Closed").status == 200
    assert site.get("Delivery Note", note)["status"] == "Closed"
    site.call(close, docname=note, status="Draft")
    assert site.get("Delivery Note", note)["status"] == "To Bill"


def test_an_invoice_is_delivered_by_notes_made_from_it(site: ErpSite) -> None:
    make = f"{SALES_INVOICE}.make_delivery_note"
    invoice = site.add("Sales Invoice", customer="ACME", items=[{**LINE, "qty": 3}], docstatus=1)["name"]
    proposal = site.proposal(make, invoice)
    (row,) = proposal["items"]
    assert (row["against_sales_invoice"], row["qty"]) == (invoice, 3.0)
    note = site.add("Delivery Note", **{**proposal, "items": [{**row, "qty": 2}], "docstatus": 1})["name"]
    assert site.get("Sales Invoice", invoice)["items"][0]["delivered_qty"] == 2.0
    assert site.proposal(make, invoice)["items"][0]["qty"] == 1.0
    assert "over limit by" in refused(site.post("Delivery Note", **{**proposal, "docstatus": 1}), 417, "OverAllowanceError")
    refused(site.put("Sales Invoice", invoice, docstatus=2), 417, "LinkExistsError")
    data_of(site.put("Delivery Note", note, docstatus=2))
    assert site.get("Sales Invoice", invoice)["items"][0]["delivered_qty"] == 0.0


def test_half_a_reference_to_an_invoice_is_refused_too(site: ErpSite) -> None:
    invoice = site.add("Sales Invoice", customer="ACME", items=[LINE], docstatus=1)["name"]
    reply = site.post("Delivery Note", customer="ACME", items=[{**LINE, "against_sales_invoice": invoice}])
    refused(reply, 417, "ValidationError")
    assert messages_of(reply)[-1]["title"] == "References to Sales Invoices are Incomplete"


@pytest.mark.parametrize("status", ["Closed", "On Hold"])
def test_nothing_is_delivered_or_billed_against_an_order_that_rests(site: ErpSite, status: str) -> None:
    order = site.submitted_order()
    site.call(f"{SALES_ORDER}.update_status", name=order, status=status)
    for method, doctype in (("make_delivery_note", "Delivery Note"), ("make_sales_invoice", "Sales Invoice")):
        proposal: dict[str, Any] = site.proposal(f"{SALES_ORDER}.{method}", order)
        assert refused(site.post(doctype, **proposal), 417, "InvalidStatusError") == f"Sales Order {order} is {status}"
    site.call(f"{SALES_ORDER}.update_status", name=order, status="Draft")
    assert site.people.ship(order, ONE)


def test_a_second_payment_of_a_paid_invoice_finds_nothing(site: ErpSite) -> None:
    invoice = site.add("Sales Invoice", customer="ACME", items=[LINE], docstatus=1)["name"]
    proposal = site.call(GET_PAYMENT_ENTRY, dt="Sales Invoice", dn=invoice).json()["message"]
    site.add("Payment Entry", **{**proposal, "docstatus": 1})
    words = f"Sales Invoice {invoice} has already been fully paid."
    assert refused(site.post("Payment Entry", **proposal), 417, "ValidationError") == words
    assert refused(site.call(GET_PAYMENT_ENTRY, dt="Sales Invoice", dn=invoice), 417, "ValidationError") == words


def test_a_draft_invoice_is_in_the_way_of_cancelling_its_order_and_its_link_leads_there(site: ErpSite) -> None:
    order = site.submitted_order()
    draft = site.add("Sales Invoice", **site.proposal(f"{SALES_ORDER}.make_sales_invoice", order))["name"]
    link = f'<a href="https://erp.example.com/app/sales-invoice/{draft}">{draft}</a>'
    words = refused(site.put("Sales Order", order, docstatus=2), 417, "ValidationError")
    assert words == f"Sales Invoice {link} must be deleted before cancelling this Sales Order"
    assert site.delete("Sales Invoice", draft).status == 202
    data_of(site.put("Sales Order", order, docstatus=2))


def test_rates_must_stay_those_of_the_order_where_the_site_says_so() -> None:
    site = ErpSite(maintain_same_sales_rate=True)
    order = site.submitted_order()
    for method, doctype in (("make_delivery_note", "Delivery Note"), ("make_sales_invoice", "Sales Invoice")):
        proposal = site.proposal(f"{SALES_ORDER}.{method}", order)
        proposal["items"][0]["rate"] = 30
        reply = site.post(doctype, **proposal)
        assert reply.status == 417
        (entry,) = messages_of(reply)
        words = f"Row #1: Rate must be same as Sales Order: {order} (30.0 / 33.33)"
        assert (entry["message"], entry["as_list"]) == ([words], 1)
    assert site.people.ship(order, ONE)


def test_a_customer_may_have_an_account_of_their_own(site: ErpSite) -> None:
    account = {"account_name": "Debtors Two", "company": "Acme GmbH", "account_type": "Receivable", "account_currency": "EUR"}
    own = site.add("Account", **account)["name"]
    data_of(site.put("Customer", "ACME", accounts=[{"company": "Acme GmbH", "account": own}]))
    invoice = site.add("Sales Invoice", customer="ACME", items=[LINE], docstatus=1)
    assert invoice["debit_to"] == own
    proposal = site.call(GET_PAYMENT_ENTRY, dt="Sales Invoice", dn=invoice["name"]).json()["message"]
    assert proposal["paid_from"] == own
    words = refused(site.post("Payment Entry", **{**proposal, "paid_from": "Debtors - ACM"}), 417, "ValidationError")
    assert words == f"Sales Invoice {invoice['name']} is associated with {own}, but Party Account is Debtors - ACM"
