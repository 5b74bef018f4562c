"""Goods that come back and money that is credited: the vendor's rules and words. Source: facts 4.4 to 4.6."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from erpnext_site import DELIVERY_NOTE, SALES_INVOICE, SALES_ORDER, VAT, ErpSite, data_of, refused

ONE = Decimal(1)


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


def delivered(site: ErpSite, *lines: tuple[str, float, float], **values: Any) -> tuple[str, str]:
    """An order and the note that delivers all of it."""
    order = site.submitted_order(*lines, **values)
    note = site.people.ship(order, ONE)
    assert note is not None
    return order, note


def returned(site: ErpSite, note: str, qty: float, **values: Any) -> str:
    proposal = site.proposal(f"{DELIVERY_NOTE}.make_sales_return", note)
    row = {**proposal["items"][0], "qty": -qty}
    return str(site.add("Delivery Note", **{**proposal, **values, "items": [row], "docstatus": 1})["name"])


def test_what_the_site_proposes_for_a_return(site: ErpSite) -> None:
    order, note = delivered(
        site, taxes=[VAT, {"charge_type": "Actual", "account_head": "VAT - ACM", "description": "x", "tax_amount": 5}]
    )
    proposal = site.proposal(f"{DELIVERY_NOTE}.make_sales_return", note)
    assert (proposal["is_return"], proposal["return_against"], proposal["naming_series"]) == (1, note, "MAT-DN-RET-.YYYY.-")
    (row,) = proposal["items"]
    source = site.get("Delivery Note", note)["items"][0]
    assert (row["qty"], row["dn_detail"], row["against_sales_order"], row["so_detail"]) == (
        -3.0,
        source["name"],
        order,
        source["so_detail"],
    )
    back = site.add("Delivery Note", **{**proposal, "docstatus": 1})
    assert back["name"] == "MAT-DN-RET-2026-00001"
    assert (back["status"], back["total_qty"], back["net_total"], back["grand_total"]) == ("Return", -3.0, -99.99, -123.99)


def test_goods_come_back_in_parts_and_the_order_follows(site: ErpSite) -> None:
    order, note = delivered(site)
    assert site.bin("SKU-1") == (97.0, 0.0)
    first = returned(site, note, 1)
    after = site.get("Sales Order", order)
    assert (after["per_delivered"], after["items"][0]["delivered_qty"], after["items"][0]["returned_qty"]) == (66.666667, 2.0, 1.0)
    original = site.get("Delivery Note", note)
    assert (original["per_returned"], original["items"][0]["returned_qty"], original["status"]) == (33.333333, 1.0, "To Bill")
    assert site.bin("SKU-1") == (98.0, 1.0)
    returned(site, note, 2)
    original = site.get("Delivery Note", note)
    assert (original["per_returned"], original["status"]) == (100.0, "Return Issued")
    assert site.proposal(f"{DELIVERY_NOTE}.make_sales_return", note)["items"] == []
    data_of(site.put("Delivery Note", first, docstatus=2))
    original = site.get("Delivery Note", note)
    assert (original["per_returned"], original["status"]) == (66.666667, "To Bill")
    assert site.bin("SKU-1") == (99.0, 2.0)


@pytest.mark.parametrize(
    ("change", "exc_type", "words"),
    [
        ({"qty": -4}, "StockOverReturnError", "Row # 1: Cannot return more than 3.0 for Item SKU-1"),
        ({"qty": 1}, "ValidationError", "Stock Qty must be negative in return document"),
        ({"rate": 40}, "ValidationError", "Row # 1: Rate cannot be greater than the rate used in Delivery Note {note}"),
    ],
)
def test_a_return_must_fit_what_was_delivered(site: ErpSite, change: dict[str, Any], exc_type: str, words: str) -> None:
    _, note = delivered(site)
    proposal = site.proposal(f"{DELIVERY_NOTE}.make_sales_return", note)
    reply = site.post("Delivery Note", **{**proposal, "items": [{**proposal["items"][0], **change}]})
    assert refused(reply, 417, exc_type) == words.format(note=note)


def test_what_has_come_back_cannot_come_back_again(site: ErpSite) -> None:
    _, note = delivered(site)
    proposal = site.proposal(f"{DELIVERY_NOTE}.make_sales_return", note)
    returned(site, note, 2)
    words = refused(site.post("Delivery Note", **proposal), 417, "StockOverReturnError")
    assert words == "Row # 1: Cannot return more than 1.0 for Item SKU-1"
    returned(site, note, 1)
    assert refused(site.post("Delivery Note", **proposal), 417, "StockOverReturnError") == "Item SKU-1 has already been returned"


def test_quantities_below_zero_are_for_returns_only(site: ErpSite) -> None:
    line = {"item_code": "SKU-1", "qty": -1, "rate": 10, "warehouse": "Stores - ACM"}
    draft = site.add("Delivery Note", customer="ACME", items=[line, {**line, "qty": 2}])
    assert "quantity must be positive" in refused(site.put("Delivery Note", draft["name"], docstatus=1), 417, "ValidationError")


def test_a_return_of_a_closed_order_is_taken(site: ErpSite) -> None:
    order = site.submitted_order(("SKU-1", 3, 10.0))
    note = site.people.ship(order, Decimal("0.5"))
    site.call(f"{SALES_ORDER}.update_status", name=order, status="Closed")
    assert note is not None
    returned(site, note, 1)
    assert site.get("Sales Order", order)["status"] == "Closed"
    assert refused(site.put("Delivery Note", note, docstatus=2), 417, "InvalidStatusError") == f"Sales Order {order} is Closed"


def test_a_delivery_with_a_return_is_cancelled_after_it(site: ErpSite) -> None:
    _, note = delivered(site)
    back = returned(site, note, 1)
    assert f'is linked with Delivery Note <a href="/app/Form/Delivery Note/{back}">' in refused(
        site.put("Delivery Note", note, docstatus=2), 417, "LinkExistsError"
    )
    for name in (back, note):
        data_of(site.put("Delivery Note", name, docstatus=2))
    assert site.bin("SKU-1") == (100.0, 3.0)


def test_what_came_back_is_not_invoiced(site: ErpSite) -> None:
    _, note = delivered(site)
    returned(site, note, 1)
    (row,) = site.proposal(f"{DELIVERY_NOTE}.make_sales_invoice", note)["items"]
    assert row["qty"] == 2.0
    returned(site, note, 2)
    reply = site.call(f"{DELIVERY_NOTE}.make_sales_invoice", source_name=note)
    assert refused(reply, 417, "ValidationError") == "All these items have already been Invoiced/Returned"


def invoiced(site: ErpSite, **values: Any) -> tuple[str, str]:
    order, _ = delivered(site, **values)
    return order, str(site.people.invoice(order))


def credited(site: ErpSite, invoice: str, **values: Any) -> dict[str, Any]:
    proposal = site.proposal(f"{SALES_INVOICE}.make_sales_return", invoice)
    return site.add("Sales Invoice", **{**proposal, "docstatus": 1, **values})


def test_a_credit_note_that_reduces_the_invoice_at_once(site: ErpSite) -> None:
    order, invoice = invoiced(site)
    note = credited(site, invoice, update_outstanding_for_self=0)
    assert (note["name"], note["status"], note["outstanding_amount"]) == ("ACC-SINV-RET-2026-00001", "Return", 0.0)
    after = site.get("Sales Invoice", invoice)
    assert (after["status"], after["outstanding_amount"]) == ("Credit Note Issued", 0.0)
    assert site.get("Sales Order", order)["per_billed"] == 100.0
    data_of(site.put("Sales Invoice", note["name"], docstatus=2))
    after = site.get("Sales Invoice", invoice)
    assert (after["status"], after["outstanding_amount"]) == ("Unpaid", 99.99)


def test_a_credit_note_worth_more_than_is_owed_keeps_the_rest(site: ErpSite) -> None:
    _, invoice = invoiced(site)
    site.people.pay(invoice, Decimal("0.5"))
    note = credited(site, invoice, update_outstanding_for_self=0)
    assert (note["update_outstanding_for_self"], note["outstanding_amount"]) == (1, -99.99)


def test_a_credit_note_may_open_the_order_for_billing_again(site: ErpSite) -> None:
    order, invoice = invoiced(site)
    credited(site, invoice, update_billed_amount_in_sales_order=1)
    after = site.get("Sales Order", order)
    assert (after["per_billed"], after["billing_status"], after["status"]) == (0.0, "Not Billed", "To Bill")


@pytest.mark.parametrize(("flag", "billed", "status"), [(1, 0.0, "To Bill"), (0, 100.0, "Completed")])
def test_a_credit_note_opens_the_delivery_for_billing_unless_it_is_told_not_to(
    site: ErpSite, flag: int, billed: float, status: str
) -> None:
    _, note = delivered(site)
    invoice = site.add("Sales Invoice", **{**site.proposal(f"{DELIVERY_NOTE}.make_sales_invoice", note), "docstatus": 1})["name"]
    credited(site, invoice, update_billed_amount_in_delivery_note=flag)
    after = site.get("Delivery Note", note)
    assert (after["per_billed"], after["status"]) == (billed, status)


def test_an_invoice_that_moved_stock_is_returned_with_its_stock(site: ErpSite) -> None:
    order = site.submitted_order()
    proposal = site.proposal(f"{SALES_ORDER}.make_sales_invoice", order)
    invoice = site.add("Sales Invoice", **{**proposal, "update_stock": 1, "docstatus": 1})["name"]
    note = credited(site, invoice)
    assert (note["update_stock"], site.bin("SKU-1")) == (1, (100.0, 3.0))
    assert site.get("Sales Order", order)["status"] == "To Deliver"
    plain = invoiced(site)[1]
    proposal = site.proposal(f"{SALES_INVOICE}.make_sales_return", plain)
    words = refused(site.post("Sales Invoice", **{**proposal, "update_stock": 1}), 417, "ValidationError")
    assert words == f"'Update Stock' can not be checked because items are not delivered via {plain}"


def test_a_discount_and_taxes_turn_with_a_credit_note(site: ErpSite) -> None:
    freight = {
        "charge_type": "Actual",
        "account_head": "Freight and Forwarding Charges - ACM",
        "description": "Freight",
        "tax_amount": 4.9,
    }
    _, invoice = invoiced(site, taxes=[VAT, freight], discount_amount=10, apply_discount_on="Net Total")
    whole, back = site.get("Sales Invoice", invoice), credited(site, invoice)
    for name in ("total", "net_total", "total_taxes_and_charges", "grand_total", "rounded_total", "discount_amount"):
        assert back[name] == -whole[name], name
    assert back["payment_schedule"] == []


def test_a_credit_note_against_nothing_is_only_asked_for_its_signs(site: ErpSite) -> None:
    line = {"item_code": "SKU-1", "qty": -1, "rate": 10}
    note = site.add("Sales Invoice", customer="ACME", is_return=1, items=[line], docstatus=1)
    assert (note["status"], note["outstanding_amount"]) == ("Return", -10.0)
    draft = site.add("Sales Invoice", customer="ACME", is_return=1, items=[{**line, "qty": 1}])
    assert "quantity must be negative" in refused(site.put("Sales Invoice", draft["name"], docstatus=1), 417, "ValidationError")


def test_a_return_whose_goods_went_out_again_stands(site: ErpSite) -> None:
    order, note = delivered(site)
    back = returned(site, note, 3)
    again = str(site.people.ship(order, ONE))
    assert "over limit by" in refused(site.put("Delivery Note", back, docstatus=2), 417, "OverAllowanceError")
    for name in (again, back):
        data_of(site.put("Delivery Note", name, docstatus=2))
    assert site.bin("SKU-1") == (97.0, 0.0)
