"""Draft, submitted, cancelled: what may change when, and the optimistic lock. Source: facts 3.2, 3.3, 3.6, 3.7."""

from __future__ import annotations

from decimal import Decimal

import pytest
from erpnext_site import SALES_ORDER, ErpSite, data_of, messages_of, refused


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


@pytest.mark.parametrize(
    ("before", "wanted", "status", "words"),
    [
        (0, 0, 200, ""),
        (0, 1, 200, ""),
        (1, 1, 200, ""),
        (1, 2, 200, ""),
        (0, 2, 417, "Cannot change docstatus from 0 (Draft) to 2 (Cancelled)"),
        (1, 0, 417, "Cannot change docstatus from 1 (Submitted) to 0 (Draft)"),
        (2, 0, 417, "Cannot edit cancelled document"),
        (2, 1, 417, "Cannot edit cancelled document"),
        (2, 2, 417, "Cannot edit cancelled document"),
        (0, 3, 417, "('Invalid docstatus', 3)"),
    ],
)
def test_the_table_of_docstatus_changes(site: ErpSite, before: int, wanted: int, status: int, words: str) -> None:
    name = site.draft_order(docstatus=min(before, 1))
    if before == 2:
        data_of(site.put("Sales Order", name, docstatus=2))
    reply = site.put("Sales Order", name, docstatus=wanted)
    assert reply.status == status
    if status == 417:
        assert "_server_messages" not in reply.json()
        assert reply.json()["exception"].partition(": ")[2] == words
    assert site.get("Sales Order", name)["docstatus"] == (wanted if status == 200 else before)


def test_what_cannot_be_submitted_says_so(site: ErpSite) -> None:
    refused(site.put("Customer", "ACME", docstatus=1), 403, "PermissionError")
    refused(site.post("Customer", customer_name="X", docstatus=1), 403, "PermissionError")


def test_client_cancel_twice_and_client_save_of_the_whole_document(site: ErpSite) -> None:
    name = site.submitted_order()
    assert site.call("frappe.client.cancel", doctype="Sales Order", name=name).status == 200
    refused(site.call("frappe.client.cancel", doctype="Sales Order", name=name), 417, "ValidationError")
    draft = site.draft_order(po_no="PO-1")
    held = site.get("Sales Order", draft)
    del held["po_no"]
    site.wait(1)
    assert site.call("frappe.client.save", doc=held).json()["message"]["po_no"] is None


def test_after_submit_only_open_fields_change(site: ErpSite) -> None:
    name = site.submitted_order()
    assert data_of(site.put("Sales Order", name, po_no="PO-9"))["po_no"] == "PO-9"
    reply = site.put("Sales Order", name, status="Closed")
    assert refused(reply, 417, "UpdateAfterSubmitError").startswith(
        " Not allowed to change <strong>Status</strong> after submission"
    )
    assert messages_of(reply)[-1]["title"] == "Cannot Update After Submit"
    refused(site.put("Sales Order", name, items=[]), 417, "UpdateAfterSubmitError")


def test_a_submitted_document_and_one_with_links_cannot_be_deleted(site: ErpSite) -> None:
    name = site.submitted_order()
    assert "Submitted Record cannot be deleted" in refused(site.delete("Sales Order", name), 417, "ValidationError")
    reply = site.delete("Customer", "ACME")
    assert refused(reply, 417, "LinkExistsError") == "You can disable this Customer instead of deleting it."
    assert "is linked with Sales Order" in messages_of(reply)[0]["message"]


def test_p58_a_draft_delivery_of_a_cancelled_order_cannot_be_submitted(site: ErpSite) -> None:
    name = site.submitted_order()
    note = site.add("Delivery Note", **site.proposal(f"{SALES_ORDER}.make_delivery_note", name))
    data_of(site.put("Sales Order", name, docstatus=2))
    assert "Cannot link cancelled document: " in refused(
        site.put("Delivery Note", note["name"], docstatus=1), 417, "CancelledLinkError"
    )


def test_p12_any_delivery_makes_a_held_copy_of_the_order_stale(site: ErpSite) -> None:
    name = site.submitted_order()
    held = site.get("Sales Order", name)
    site.wait(1)
    site.people.ship(name, Decimal(1))
    refused(site.call("frappe.client.save", doc=held), 417, "TimestampMismatchError")
    assert data_of(site.put("Sales Order", name, po_no="without modified nobody compares"))["docstatus"] == 1


def test_the_lock_compares_texts_and_says_both_times(site: ErpSite) -> None:
    name = site.draft_order()
    stored = site.get("Sales Order", name)["modified"]
    words = refused(site.put("Sales Order", name, modified="2026-01-01 00:00:00"), 417, "TimestampMismatchError")
    assert words.startswith(f"Error: Document has been modified after you have opened it ({stored}, ")
    refused(site.call("frappe.client.save", doc={"doctype": "Sales Order", "name": name}), 417, "TimestampMismatchError")


def test_p11_submitting_twice_by_put_is_no_error_and_by_client_submit_is(site: ErpSite) -> None:
    name = site.order().json()["data"]["name"]
    held = site.get("Sales Order", name)
    assert site.put("Sales Order", name, docstatus=1).status == 200
    assert site.put("Sales Order", name, docstatus=1).status == 200
    assert "has been modified" in refused(
        site.send("POST", "/api/method/frappe.client.submit", {"doc": held}), 417, "TimestampMismatchError"
    )


def test_of_two_people_with_one_document_exactly_one_wins(site: ErpSite) -> None:
    name = site.order().json()["data"]["name"]
    stamp = site.get("Sales Order", name)["modified"]
    assert site.put("Sales Order", name, modified=stamp, po_no="first").status == 200
    refused(site.put("Sales Order", name, modified=stamp, po_no="second"), 417, "TimestampMismatchError")
    assert site.get("Sales Order", name)["po_no"] == "first"


def test_an_order_with_a_delivery_cannot_be_cancelled(site: ErpSite) -> None:
    name = site.submitted_order()
    site.people.ship(name, Decimal(1))
    assert "is linked with Delivery Note" in refused(site.put("Sales Order", name, docstatus=2), 417, "LinkExistsError")
