"""Invoices, payments, subscriptions and orders: from draft to paid, and what may be taken back."""

from __future__ import annotations

from typing import Any

import pytest
from hubspot_portal import OBJECTS, Portal

TO_CONTACT, TO_LINE, TO_DISCOUNT, TO_FEE, TO_TAX, PAYMENT_TO_INVOICE = 177, 409, 411, 413, 415, 542


def invoice(portal: Portal, *more: tuple[str, int], status: str = "draft", price: str = "100") -> str:
    """An invoice over ten pieces for a contact."""
    contact = portal.add("contacts", email=f"buyer{portal.fake.store.count('contacts')}@acme.com")
    line = portal.add("line_items", name="Saw", price=price, quantity="10")
    return portal.add("invoices", [(contact, TO_CONTACT), (line, TO_LINE), *more], hs_currency="EUR", hs_invoice_status=status)


def amounts(portal: Portal, invoice_id: str) -> tuple[str, ...]:
    names = ("hs_invoice_status", "hs_amount_billed", "hs_balance_due")
    read = portal.read("invoices", invoice_id, *names)
    return tuple(read[name] for name in names)


def test_an_invoice_needs_a_currency_and_dates_itself(portal: Portal) -> None:
    refused = portal.post(f"{OBJECTS}/invoices", {"properties": {}})
    assert (refused.status, refused.json()["context"]) == (400, {"properties": ["hs_currency"]})
    made = portal.add("invoices", hs_currency="EUR")
    read = portal.read("invoices", made, "hs_invoice_status", "hs_invoice_date", "hs_due_date", "hs_number")
    assert (read["hs_invoice_status"], read["hs_invoice_date"], read["hs_due_date"]) == ("draft", *["2026-03-02T08:00:00Z"] * 2)
    assert read["hs_number"].startswith("INV-")


def test_opening_needs_a_contact_and_a_line_item(portal: Portal) -> None:
    bare = portal.add("invoices", hs_currency="EUR")
    refused = portal.patch("invoices", bare, hs_invoice_status="open")
    assert refused.status == 400
    assert "a contact and a line item" in refused.json()["message"]
    assert portal.read("invoices", bare, "hs_invoice_status")["hs_invoice_status"] == "draft"
    complete = invoice(portal)
    assert portal.patch("invoices", complete, hs_invoice_status="open").status == 200
    assert amounts(portal, complete) == ("open", "1000", "1000")
    assert portal.read("invoices", complete, "hs_invoice_link")["hs_invoice_link"].startswith("https://")


def test_totals_take_discounts_first_then_fees_then_taxes(portal: Portal) -> None:
    tax = portal.add("taxes", hs_label="VAT", hs_type="PERCENT", hs_value="19")
    fee = portal.add("fees", hs_label="Freight", hs_type="FIXED", hs_value="50")
    discount = portal.add("discounts", hs_label="Spring", hs_type="PERCENT", hs_value="10")
    made = invoice(portal, (tax, TO_TAX), (fee, TO_FEE), (discount, TO_DISCOUNT), status="open")
    assert amounts(portal, made) == ("open", "1130.5", "1130.5")  # (1000 − 100 + 50) and 19 % of that


def test_an_open_invoice_follows_its_line_items(portal: Portal) -> None:
    made = invoice(portal, status="open")
    line = portal.get(f"/crm/v4/objects/invoices/{made}/associations/line_items").json()["results"][0]["toObjectId"]
    assert portal.patch("line_items", str(line), quantity="5").status == 200
    assert amounts(portal, made) == ("open", "500", "500")


def test_payments_settle_an_invoice_and_only_they_do(portal: Portal) -> None:
    made = invoice(portal, status="open")
    assert portal.patch("invoices", made, hs_invoice_status="paid").status == 400
    pay(portal, made, "400")
    assert amounts(portal, made) == ("open", "1000", "600")
    late = pay(portal, made, "600", hs_latest_status="processing")
    assert amounts(portal, made) == ("open", "1000", "600")
    assert portal.patch("commerce_payments", late, hs_latest_status="succeeded").status == 200
    assert amounts(portal, made) == ("paid", "1000", "0")


def pay(portal: Portal, invoice_id: str, amount: str, **more: Any) -> str:
    given = {"hs_initial_amount": amount, "hs_initiated_date": "2026-03-02T08:00:00Z", **more}
    return portal.add("commerce_payments", [(invoice_id, PAYMENT_TO_INVOICE)], **given)


@pytest.mark.parametrize(
    ("before", "after", "allowed"), [("draft", "voided", False), ("open", "draft", False), ("open", "voided", True)]
)
def test_an_invoice_goes_from_draft_to_open_to_an_end(portal: Portal, before: str, after: str, allowed: bool) -> None:
    made = invoice(portal, status=before)
    assert (portal.patch("invoices", made, hs_invoice_status=after).status == 200) is allowed


def test_what_was_paid_or_voided_stays(portal: Portal) -> None:
    made = invoice(portal, status="open")
    portal.patch("invoices", made, hs_invoice_status="voided")
    refused = portal.call("DELETE", f"{OBJECTS}/invoices/{made}")
    assert (refused.status, "voided" in refused.json()["message"]) == (400, True)
    assert portal.get(f"{OBJECTS}/invoices/{made}").status == 200
    assert portal.call("DELETE", f"{OBJECTS}/invoices/{invoice(portal)}").status == 204


def test_one_undeletable_invoice_keeps_a_whole_batch_in_place(portal: Portal) -> None:
    draft, voided = invoice(portal), invoice(portal, status="open")
    portal.patch("invoices", voided, hs_invoice_status="voided")
    refused = portal.post(f"{OBJECTS}/invoices/batch/archive", {"inputs": [{"id": draft}, {"id": voided}]})
    assert refused.status == 400
    assert portal.get(f"{OBJECTS}/invoices/{draft}").status == 200


def test_payments_of_a_processor_are_not_ours_to_change(portal: Portal) -> None:
    given = {"hs_initial_amount": "5", "hs_initiated_date": "2026-03-02"}
    stripe = portal.add("commerce_payments", hs_processor_type="byo_stripe", **given)
    assert portal.patch("commerce_payments", stripe, hs_reference_number="7").status == 400
    assert portal.call("DELETE", f"{OBJECTS}/commerce_payments/{stripe}").status == 400
    own = portal.add("commerce_payments", hs_fees_amount="0.50", **given)
    assert portal.read("commerce_payments", own, "hs_net_amount")["hs_net_amount"] == "4.5"


def test_without_a_payments_setup_none_is_recorded() -> None:
    portal = Portal(payments_set_up=False)
    given = {"hs_initial_amount": "5", "hs_initiated_date": "2026-03-02"}
    assert portal.post(f"{OBJECTS}/commerce_payments", {"properties": given}).status == 403


def test_a_billable_subscription_is_deleted_only_when_it_is_over(portal: Portal) -> None:
    made = portal.add("subscriptions", hs_name="Service", hs_status="active")
    assert portal.read("subscriptions", made, "hs_invoice_creation")["hs_invoice_creation"] == "off"
    portal.patch("subscriptions", made, hs_invoice_creation="on")
    assert portal.call("DELETE", f"{OBJECTS}/subscriptions/{made}").status == 400
    portal.patch("subscriptions", made, hs_status="canceled")
    assert portal.call("DELETE", f"{OBJECTS}/subscriptions/{made}").status == 204


def test_an_order_of_a_shop_exists_once_and_starts_in_the_first_stage(portal: Portal) -> None:
    first = portal.add("orders", hs_order_name="Web 1", hs_external_order_id="W-1")
    refused = portal.post(f"{OBJECTS}/orders", {"properties": {"hs_external_order_id": "W-1"}})
    assert (refused.status, f"{first} already has that value" in refused.json()["message"]) == (400, True)
    row = portal.get("/crm/v3/pipelines/orders").json()["results"][0]
    read = portal.read("orders", first, "hs_pipeline", "hs_pipeline_stage")
    assert (read["hs_pipeline"], read["hs_pipeline_stage"]) == (row["id"], row["stages"][0]["id"])
    assert portal.patch("orders", first, hs_pipeline_stage="closedwon").status == 400
    assert portal.patch("orders", first, hs_pipeline_stage=row["stages"][2]["id"]).status == 200


def test_a_ticket_needs_a_stage_and_closes_with_it(portal: Portal) -> None:
    refused = portal.post(f"{OBJECTS}/tickets", {"properties": {"hs_pipeline_stage": "1"}})
    assert refused.json()["message"] == "Error creating TICKET. Some required properties were not set."
    made = portal.add("tickets", subject="Saw is blunt", hs_pipeline_stage="1")
    portal.patch("tickets", made, hs_pipeline_stage="4")
    assert portal.read("tickets", made, "closed_date")["closed_date"] == "2026-03-02T08:00:00Z"
    portal.patch("tickets", made, hs_pipeline_stage="2")
    assert portal.read("tickets", made, "closed_date")["closed_date"] is None
