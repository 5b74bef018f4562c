"""The credit limit: what counts, when it is asked, who passes. Source: facts 4.8."""

from __future__ import annotations

from typing import Any

import pytest
from erpnext_site import DELIVERY_NOTE, GET_PAYMENT_ENTRY, SALES_ORDER, ErpSite, data_of, messages_of, refused

from harness.kit.call import Reply

COMPANY = "Acme GmbH"


@pytest.fixture
def site() -> ErpSite:
    return limited(ErpSite(credit_controller="Accounts Manager", users=({"email": "boss@example.com", "full_name": "Boss"},)))


def limited(site: ErpSite, limit: float = 1000, **values: Any) -> ErpSite:
    row = {"company": COMPANY, "credit_limit": limit, **values}
    data_of(site.put("Customer", "ACME", credit_limits=[row]))
    return site


def crossed(reply: Reply) -> str:
    text = refused(reply, 417, "ValidationError")
    assert "extend the credit limits for ACME" in text
    return text


def plain(**switches: Any) -> ErpSite:
    """A site where the integration's user is no credit controller."""
    return limited(ErpSite(credit_controller="Auditor", **switches))


def line(rate: float) -> dict[str, Any]:
    return {"item_code": "SKU-1", "qty": 1, "rate": rate, "warehouse": "Stores - ACM"}


def test_orders_invoices_and_deliveries_count_and_payments_are_taken_off() -> None:
    site = plain()
    site.submitted_order(("SKU-1", 1, 300))
    invoice = site.add("Sales Invoice", customer="ACME", items=[line(300)], docstatus=1)["name"]
    site.add("Delivery Note", customer="ACME", items=[line(300)], docstatus=1)
    crossed(site.order(("SKU-1", 1, 101), docstatus=1))
    site.submitted_order(("SKU-1", 1, 100))
    payment = site.call(GET_PAYMENT_ENTRY, dt="Sales Invoice", dn=invoice).json()["message"]
    site.add("Payment Entry", **{**payment, "paid_amount": 350, "received_amount": 350, "docstatus": 1})
    crossed(site.order(("SKU-1", 1, 351), docstatus=1))
    site.submitted_order(("SKU-1", 1, 350))


def test_an_order_counts_as_far_as_it_is_not_billed_and_not_at_all_once_closed() -> None:
    site = plain()
    order = site.submitted_order(("SKU-1", 10, 100))
    crossed(site.order(("SKU-1", 1, 1), docstatus=1))
    proposal = site.proposal(f"{SALES_ORDER}.make_sales_invoice", order)
    proposal["items"][0]["qty"] = 4
    site.add("Sales Invoice", **{**proposal, "docstatus": 1})
    crossed(site.order(("SKU-1", 1, 1), docstatus=1))
    site.call(f"{SALES_ORDER}.update_status", name=order, status="Closed")
    site.submitted_order(("SKU-1", 1, 600))
    crossed(site.call(f"{SALES_ORDER}.update_status", name=order, status="Draft"))
    assert site.get("Sales Order", order)["status"] == "Closed"


def test_deliveries_and_invoices_of_an_order_are_not_asked_again() -> None:
    site = plain()
    order = site.submitted_order(("SKU-1", 10, 100))
    limited(site, 1000)
    note = site.proposal(f"{SALES_ORDER}.make_delivery_note", order)
    site.add("Delivery Note", **{**note, "docstatus": 1})
    crossed(site.post("Delivery Note", customer="ACME", items=[line(1)], docstatus=1))
    crossed(site.post("Sales Invoice", customer="ACME", items=[line(1)], docstatus=1))


def test_a_customer_whose_orders_bypass_the_check_is_asked_at_delivery() -> None:
    site = limited(plain(), 1000, bypass_credit_limit_check=1)
    order = site.submitted_order(("SKU-1", 10, 101))
    note = site.proposal(f"{SALES_ORDER}.make_delivery_note", order)
    crossed(site.post("Delivery Note", **{**note, "docstatus": 1}))
    crossed(site.post("Sales Invoice", **{**site.proposal(f"{SALES_ORDER}.make_sales_invoice", order), "docstatus": 1}))
    note["items"][0]["qty"] = 9
    assert site.post("Delivery Note", **{**note, "docstatus": 1}).status == 200


def test_a_limit_of_the_group_or_the_company_holds_for_those_without_one() -> None:
    for doctype, name in (("Customer Group", "Commercial"), ("Company", COMPANY)):
        site = ErpSite(credit_controller="Auditor")
        site.put("Customer", "ACME", customer_group="Commercial")
        row = {"company": COMPANY, "credit_limit": 50}
        data_of(site.put(doctype, name, **({"credit_limits": [row]} if doctype != "Company" else {"credit_limit": 50})))
        crossed(site.order(("SKU-1", 1, 51), docstatus=1))
        site.submitted_order(("SKU-1", 1, 50))


def test_a_controller_passes_in_silence(site: ErpSite) -> None:
    site.submitted_order(("SKU-1", 1, 5000))


def test_the_others_are_told_whom_to_ask() -> None:
    boss = {"email": "boss@example.com", "full_name": "The Boss", "roles": ["Auditor"]}
    site = limited(ErpSite(credit_controller="Auditor", users=[boss]))
    reply = site.order(("SKU-1", 1, 1118.99), docstatus=1)
    assert refused(reply, 417, "ValidationError") == (
        "Credit limit has been crossed for customer ACME (1118.99/1000.0)<br><br>Please contact any of the following users to "
        "extend the credit limits for ACME: <br><br><ul><li>The Boss (boss@example.com)</li></ul>"
    )
    entry = messages_of(reply)[-1]
    assert (entry["title"], entry["primary_action"]["label"]) == ("Credit Limit Crossed", "Send Email")
    nobody = plain()
    words = refused(nobody.order(("SKU-1", 1, 1001), docstatus=1), 417, "ValidationError")
    assert words == "Please contact your administrator to extend the credit limits for ACME."


def test_a_limit_cannot_go_below_what_is_owed() -> None:
    site = plain()
    site.submitted_order(("SKU-1", 1, 900))
    reply = site.put("Customer", "ACME", credit_limits=[{"company": COMPANY, "credit_limit": 899}])
    assert refused(reply, 417, "ValidationError") == (
        "New credit limit is less than current outstanding amount for the customer. Credit limit has to be atleast 900.0"
    )


def test_what_comes_back_unbilled_counts_no_longer() -> None:
    site = plain()
    note = site.add("Delivery Note", customer="ACME", items=[line(900)], docstatus=1)["name"]
    crossed(site.order(("SKU-1", 1, 101), docstatus=1))
    invoice = site.proposal(f"{DELIVERY_NOTE}.make_sales_invoice", note)
    site.add("Sales Invoice", **{**invoice, "docstatus": 1})
    crossed(site.order(("SKU-1", 1, 101), docstatus=1))
    site.submitted_order(("SKU-1", 1, 100))
