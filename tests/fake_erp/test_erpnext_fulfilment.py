"""Deliveries, invoices and payments: the vendor's rules and words. Source: facts 4.4 to 4.7 and 8."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from erpnext_site import DELIVERY_NOTE, GET_PAYMENT_ENTRY, SALES_ORDER, ErpSite, data_of, messages_of, refused

from harness.kit.people import NotPossible

ONE = Decimal(1)


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


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
    assert refused(reply, 417, "ValidationError") == "Cannot map because following condition fails: docstatus=1"
    assert messages_of(reply)[-1]["raise_exception"] == 1
    site.put("Sales Order", draft, docstatus=1)
    one, two = (site.proposal(f"{SALES_ORDER}.make_delivery_note", draft) for _ in range(2))
    assert one == two
    assert (one["docstatus"], one["__islocal"], one["__unsaved"], one["__onload"]) == (0, 1, 1, {"load_after_mapping": True})
    assert "name" not in one
    mapped = site.call("frappe.model.mapper.make_mapped_doc", method=f"{SALES_ORDER}.make_delivery_note", source_name=draft)
    assert mapped.json()["message"] == one


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


def test_pitfall_p48_without_the_daily_job_an_invoice_is_overdue_once_a_payment_looks_at_it() -> None:
    site = ErpSite(daily_jobs=False)
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


def test_p20_shortage_and_over_delivery_appear_at_submit_not_before(site: ErpSite) -> None:
    name = site.submitted_order(("SKU-1", 500, 1.0))
    note = site.send("POST", f"/api/method/{SALES_ORDER}.make_delivery_note", {"source_name": name}).json()["message"]
    draft = site.post("Delivery Note", **note).json()["data"]["name"]
    assert "needed in" in refused(site.put("Delivery Note", draft, docstatus=1), 417, "NegativeStockError")
    small = site.submitted_order(("SKU-1", 2, 1.0))
    note = site.send("POST", f"/api/method/{SALES_ORDER}.make_delivery_note", {"source_name": small}).json()["message"]
    note["items"][0]["qty"] = 5
    over = site.post("Delivery Note", **note).json()["data"]["name"]
    assert "over limit by" in refused(site.put("Delivery Note", over, docstatus=1), 417, "OverAllowanceError")
    with pytest.raises(NotPossible, match="needed in"):
        site.people.ship(name, Decimal(1))


def test_p45_two_invoices_of_one_order_both_save_and_the_second_fails_at_submit(site: ErpSite) -> None:
    name = site.submitted_order()
    proposal = site.send("POST", f"/api/method/{SALES_ORDER}.make_sales_invoice", {"source_name": name}).json()["message"]
    first, second = (site.post("Sales Invoice", **proposal).json()["data"]["name"] for _ in range(2))
    assert site.put("Sales Invoice", first, docstatus=1).status == 200
    assert "over limit by" in refused(site.put("Sales Invoice", second, docstatus=1), 417, "OverAllowanceError")


# -- what a mapping method is told besides its source, facts 4.4 ------------------------------------------------------


def test_a_proposal_is_added_to_an_unsaved_document(site: ErpSite) -> None:
    orders = [site.submitted_order(("SKU-1", 1, 5)), site.submitted_order(("SKU-2", 2, 5))]
    held = site.proposal(f"{SALES_ORDER}.make_delivery_note", orders[0])
    asked = {"source_name": orders[1], "target_doc": json.dumps({**held, "instructions": "ring twice"})}
    both = site.call(f"{SALES_ORDER}.make_delivery_note", **asked).json()["message"]
    assert [(row["idx"], row["against_sales_order"], row["qty"]) for row in both["items"]] == [
        (1, orders[0], 1.0),
        (2, orders[1], 2.0),
    ]
    assert both["instructions"] == "ring twice"
    site.add("Delivery Note", **{**both, "docstatus": 1})
    assert [site.get("Sales Order", order)["status"] for order in orders] == ["To Bill", "To Bill"]


@pytest.mark.parametrize(("target", "error"), [("{", "JSONDecodeError"), ("[1]", "AttributeError"), ("5", "AttributeError")])
def test_a_target_that_is_no_document_is_an_error(site: ErpSite, target: str, error: str) -> None:
    reply = site.call(f"{SALES_ORDER}.make_delivery_note", source_name=site.submitted_order(), target_doc=target)
    refused(reply, 500, error)


@pytest.mark.parametrize("argument", ["args", "kwargs"])
def test_a_delivery_is_proposed_of_chosen_rows_or_dates(site: ErpSite, argument: str) -> None:
    rows = [
        {"item_code": sku, "qty": 1, "rate": 5, "delivery_date": f"2026-04-0{day}"} for sku, day in (("SKU-1", 1), ("SKU-2", 2))
    ]
    order = site.submitted_order(items=rows)
    first, second = (row["name"] for row in site.get("Sales Order", order)["items"])

    def proposed(**options: Any) -> list[str]:
        reply = site.call(f"{SALES_ORDER}.make_delivery_note", source_name=order, **{argument: options})
        return [row["so_detail"] for row in reply.json()["message"]["items"]]

    assert proposed(filtered_children=[second]) == [second]
    assert proposed(delivery_dates=["2026-04-01"]) == [first]
    assert proposed(delivery_dates=["2027-01-01"]) == []
    assert proposed() == [first, second]
    empty = {"source_name": order, "args": "", "kwargs": "", "target_doc": ""}
    assert len(site.call(f"{SALES_ORDER}.make_delivery_note", **empty).json()["message"]["items"]) == 2
