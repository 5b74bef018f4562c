"""Money that was paid in advance, and the invoices that take it off. Source: facts 4.6 and 4.7."""

from __future__ import annotations

from typing import Any

import pytest
from erpnext_site import GET_PAYMENT_ENTRY, SALES_ORDER, ErpSite, data_of, refused


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


def invoice_of(site: ErpSite, rate: float = 100, **values: Any) -> str:
    line = {"item_code": "SKU-1", "qty": 1, "rate": rate}
    return str(site.add("Sales Invoice", **{"customer": "ACME", "items": [line], "docstatus": 1, **values})["name"])


def proposed(site: ErpSite, name: str, doctype: str = "Sales Invoice") -> dict[str, Any]:
    reply = site.call(GET_PAYMENT_ENTRY, dt=doctype, dn=name)
    assert reply.status == 200, reply.body
    return dict(reply.json()["message"])


def state(site: ErpSite, invoice: str) -> tuple[str, float]:
    fields = site.get("Sales Invoice", invoice)
    return fields["status"], fields["outstanding_amount"]


def advance(site: ErpSite, order: str, amount: float) -> str:
    proposal = proposed(site, order, "Sales Order")
    row = {**proposal["references"][0], "allocated_amount": amount}
    values = {"paid_amount": amount, "received_amount": amount, "references": [row], "docstatus": 1}
    return str(site.add("Payment Entry", **{**proposal, **values})["name"])


def test_an_invoice_takes_the_advances_of_its_order_and_then_money_on_account(site: ErpSite) -> None:
    order = site.submitted_order(("SKU-1", 1, 100))
    on_order, on_account = advance(site, order, 30), invoice_of(site, 20)
    site.add("Payment Entry", **{**proposed(site, on_account), "paid_amount": 35, "received_amount": 35, "docstatus": 1})
    proposal = site.proposal(f"{SALES_ORDER}.make_sales_invoice", order)
    draft = site.add("Sales Invoice", **proposal, allocate_advances_automatically=1)
    assert [row["allocated_amount"] for row in draft["advances"]] == [30.0, 15.0]
    assert (draft["total_advance"], draft["outstanding_amount"]) == (45.0, 55.0)
    assert site.get("Sales Order", order)["advance_paid"] == 30.0
    data_of(site.put("Sales Invoice", draft["name"], docstatus=1))
    assert state(site, draft["name"]) == ("Partly Paid", 55.0)
    assert site.get("Sales Order", order)["advance_paid"] == 0.0
    (row,) = site.get("Payment Entry", on_order)["references"]
    assert (row["reference_doctype"], row["reference_name"], row["allocated_amount"]) == ("Sales Invoice", draft["name"], 30.0)
    rows = site.rows("Payment Ledger Entry", filters={"voucher_no": on_order}, fields=["against_voucher_no", "amount"])
    assert rows == [{"against_voucher_no": draft["name"], "amount": -30.0}]
    data_of(site.put("Sales Invoice", draft["name"], docstatus=2))
    after = site.get("Payment Entry", on_order)
    assert (after["references"], after["unallocated_amount"]) == ([], 30.0)


def test_an_advance_is_taken_once(site: ErpSite) -> None:
    order = site.submitted_order(("SKU-1", 1, 100))
    advance(site, order, 30)
    proposal = site.proposal(f"{SALES_ORDER}.make_sales_invoice", order)
    half = {**proposal, "items": [{**proposal["items"][0], "rate": 50}], "allocate_advances_automatically": 1}
    first, second = (site.add("Sales Invoice", **half)["name"] for _ in range(2))
    data_of(site.put("Sales Invoice", first, docstatus=1))
    assert data_of(site.put("Sales Invoice", second, docstatus=1))["total_advance"] == 0.0, "each save looks anew"
    own = {"reference_type": "Payment Entry", "reference_name": "ACC-PAY-2026-00001", "advance_amount": 30, "allocated_amount": 30}
    line = {"item_code": "SKU-1", "qty": 1, "rate": 100}
    stale = site.post("Sales Invoice", customer="ACME", items=[line], advances=[own], docstatus=1)
    assert refused(stale, 417, "ValidationError").startswith("Payment Entry has been modified after you pulled it.")
    greedy = site.post("Sales Invoice", customer="ACME", items=[{**line, "rate": 10}], advances=[own])
    assert refused(greedy, 417, "ValidationError") == "Advance amount cannot be greater than EUR 10.0"
