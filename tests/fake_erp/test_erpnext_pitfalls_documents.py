"""The pitfalls of documents, by their numbers. Source: facts 8."""

from __future__ import annotations

from typing import Any

import pytest
from erpnext_site import EXTERNAL_ID, QUOTATION, SALES_ORDER, ErpSite, data_of, messages_of, refused


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


def test_pitfall_p01_a_customer_created_twice_is_two_customers(site: ErpSite) -> None:
    reply = site.post("Customer", customer_name="ACME", customer_type="Company")
    assert (data_of(reply)["name"], data_of(reply)["customer_name"]) == ("ACME - 1", "ACME")
    (notice,) = messages_of(reply)
    assert (notice["title"], notice["indicator"]) == ("Note", "yellow")
    assert notice["message"] == "Changed customer name to 'ACME - 1' as 'ACME' already exists."


def test_pitfall_p05_a_child_table_in_a_put_replaces_all_rows(site: ErpSite) -> None:
    name = site.draft_order(("SKU-1", 1, 10), ("SKU-2", 1, 5))
    before = {row["name"] for row in site.get("Sales Order", name)["items"]}
    (row,) = data_of(site.put("Sales Order", name, items=[{"item_code": "SKU-1", "qty": 2, "rate": 10}]))["items"]
    assert row["name"] not in before
    refused(site.put("Sales Order", name, items=[]), 417, "MandatoryError")
    assert len(data_of(site.put("Sales Order", name, po_no="1"))["items"]) == 1


def test_pitfall_p05_rows_without_their_names_get_new_ones_and_orphan_what_points_at_them(site: ErpSite) -> None:
    name = site.draft_order(("SKU-1", 2, 10))
    rows = site.get("Sales Order", name)["items"]
    same = data_of(site.put("Sales Order", name, items=rows))["items"]
    assert [row["name"] for row in same] == [row["name"] for row in rows]
    for row in same:
        del row["name"]
    assert data_of(site.put("Sales Order", name, items=same))["items"][0]["name"] != rows[0]["name"]


def test_pitfall_p06_a_named_row_is_not_merged(site: ErpSite) -> None:
    name = site.draft_order()
    (row,) = site.get("Sales Order", name)["items"]
    reply = site.put("Sales Order", name, items=[{"name": row["name"], "qty": 5}])
    refused(reply, 417, "MandatoryError")
    texts = [message["message"] for message in messages_of(reply)]
    assert "Error: <strong>Sales Order Item</strong> Row #1: Value missing for: Item Code" in texts
    (stored,) = site.get("Sales Order", name)["items"]
    assert stored == row


def test_pitfall_p06_a_row_with_a_name_of_nobody_is_shown_and_not_stored(site: ErpSite) -> None:
    name = site.draft_order()
    rows = site.get("Sales Order", name)["items"]
    ghost = {"name": "0000000000", "item_code": "SKU-2", "qty": 1, "rate": 5}
    shown = data_of(site.put("Sales Order", name, items=[*rows, ghost]))["items"]
    assert [row["name"] for row in shown] == [rows[0]["name"], "0000000000"]
    assert [row["name"] for row in site.get("Sales Order", name)["items"]] == [rows[0]["name"]]


def test_pitfall_p07_unknown_fields_vanish_silently(site: ErpSite) -> None:
    name = site.draft_order(custom_external_id="EXT-1")
    assert "custom_external_id" not in site.get("Sales Order", name)
    site.add("Custom Field", **EXTERNAL_ID)
    assert "custom_external_id" not in site.get("Sales Order", name)
    assert site.get("Sales Order", site.draft_order(custom_external_id="EXT-1"))["custom_external_id"] == "EXT-1"


def test_pitfall_p09_an_idx_that_is_sent_is_kept(site: ErpSite) -> None:
    name = site.draft_order(("SKU-1", 1, 10), ("SKU-2", 1, 5))
    rows = site.get("Sales Order", name)["items"]
    site.put("Sales Order", name, items=[{**rows[0], "idx": 5}, {**rows[1], "idx": 5}])
    assert [row["idx"] for row in site.get("Sales Order", name)["items"]] == [5, 5]


def test_pitfall_p10_saving_a_row_saves_its_parent(site: ErpSite) -> None:
    order = data_of(site.order(("SKU-1", 1, 10)))
    row = data_of(site.put("Sales Order Item", order["items"][0]["name"], qty=4))
    after = site.get("Sales Order", order["name"])
    assert (row["amount"], after["grand_total"]) == (40.0, 40.0)
    assert after["modified"] > order["modified"]


def test_pitfall_p12_a_held_copy_is_stale_after_any_document_that_follows(site: ErpSite) -> None:
    name = site.submitted_order()
    held = site.get("Sales Order", name)
    site.add("Delivery Note", **{**site.proposal(f"{SALES_ORDER}.make_delivery_note", name), "docstatus": 1})
    refused(site.call("frappe.client.save", doc={**held, "po_no": "1"}), 417, "TimestampMismatchError")
    assert site.put("Sales Order", name, po_no="1").status == 200


def test_pitfall_p12_a_contact_made_with_a_customer_is_a_change_of_it(site: ErpSite) -> None:
    created = data_of(site.post("Customer", customer_name="New", customer_type="Company", email_id="a@x.de"))
    assert created["modified"] > created["creation"]


def test_pitfall_p13_the_number_of_a_deleted_last_document_is_used_again(site: ErpSite) -> None:
    site.draft_order()
    gone = site.draft_order(("SKU-2", 1, 5))
    site.delete("Sales Order", gone)
    again = site.draft_order(("SKU-1", 7, 5))
    assert again == gone
    assert site.get("Sales Order", again)["items"][0]["item_code"] == "SKU-1"


@pytest.mark.parametrize("doctype", ["Sales Invoice", "Delivery Note"])
def test_pitfall_p18_a_posting_date_counts_only_when_it_is_set_on_purpose(site: ErpSite, doctype: str) -> None:
    rows = [{"item_code": "SKU-1", "qty": 1, "rate": 5, "warehouse": "Stores - ACM"}]
    values: dict[str, Any] = {"customer": "ACME", "posting_date": "2026-02-01", "due_date": "2026-06-01", "items": rows}
    draft = site.add(doctype, **values)
    assert draft["posting_date"] == "2026-03-02"
    assert site.add(doctype, **values, set_posting_time=1)["posting_date"] == "2026-02-01"
    site.wait(3 * 24 * 3600)
    assert data_of(site.put(doctype, draft["name"], docstatus=1))["posting_date"] == "2026-03-05"


def test_pitfall_p18_a_due_date_then_fails_against_today(site: ErpSite) -> None:
    rows = [{"item_code": "SKU-1", "qty": 1, "rate": 5}]
    reply = site.post("Sales Invoice", customer="ACME", posting_date="2026-02-01", due_date="2026-02-15", items=rows)
    assert "Due Date cannot be before" in refused(reply, 417, "ValidationError")


def test_pitfall_p37_a_naming_series_is_not_checked_but_set_only_once(site: ErpSite) -> None:
    name = site.draft_order(naming_series="WEB-.YYYY.-")
    assert name == "WEB-2026-00001"
    words = refused(site.put("Sales Order", name, naming_series="SAL-ORD-.YYYY.-"), 417, "CannotChangeConstantError")
    assert words == "Value cannot be changed for <strong>Series</strong>"


def test_pitfall_p40_an_email_on_the_header_of_a_contact_is_wiped(site: ErpSite) -> None:
    assert site.add("Contact", first_name="Jane", email_id="j@x.de")["email_id"] == ""
    kept = site.add("Contact", first_name="Joe", email_ids=[{"email_id": "j@x.de", "is_primary": 1}])
    assert kept["email_id"] == "j@x.de"


def test_pitfall_p41_a_customer_with_contact_data_brings_a_contact_at_any_save(site: ErpSite) -> None:
    made = site.add("Customer", customer_name="New", customer_type="Company", email_id="n@x.de", mobile_no="+49 30 1")
    contact = site.get("Contact", made["customer_primary_contact"])
    assert (contact["email_id"], contact["mobile_no"], contact["is_primary_contact"]) == ("n@x.de", "+49 30 1", 1)
    assert len(site.rows("Contact")) == 1
    site.put("Customer", "ACME", email_id="a@x.de")
    assert len(site.rows("Contact")) == 2
    site.put("Customer", "ACME", website="x")
    assert len(site.rows("Contact")) == 2


def test_a_customer_with_an_address_brings_an_address_and_needs_all_of_it(site: ErpSite) -> None:
    values = {"customer_name": "New", "customer_type": "Company", "address_line1": "Main St 1"}
    reply = site.post("Customer", **values, city="Berlin")
    words = refused(reply, 417, "ValidationError")
    assert words == "Following fields are mandatory to create address: <br><br> <ul><li>Country</li></ul>"
    assert messages_of(reply)[-1]["title"] == "Missing Values Required"
    made = site.add("Customer", **values, city="Berlin", country="Germany")
    assert made["customer_primary_address"] == "New-Billing"
    address = site.get("Address", "New-Billing")
    assert (address["is_primary_address"], address["is_shipping_address"], address["city"]) == (1, 1, "Berlin")
    assert made["primary_address"].startswith("Main St 1<br>Berlin")


def test_pitfall_p43_a_quotation_knows_no_customer(site: ErpSite) -> None:
    rows = [{"item_code": "SKU-1", "qty": 1, "rate": 5}]
    made = site.add("Quotation", customer="ACME", items=rows)
    assert "customer" not in made
    assert "party_name" not in made
    site.put("Quotation", made["name"], docstatus=1)
    assert "customer" not in {key for key, value in site.proposal(f"{QUOTATION}.make_sales_order", made["name"]).items() if value}
    whole = site.add("Quotation", quotation_to="Customer", party_name="ACME", items=rows)
    assert (whole["party_name"], whole["customer_name"]) == ("ACME", "ACME")


def test_pitfall_p49_an_amended_copy_collides_with_its_unique_external_id(site: ErpSite) -> None:
    site.add("Custom Field", **EXTERNAL_ID)
    name = site.submitted_order(custom_external_id="EXT-1")
    copy = site.get("Sales Order", name)
    site.put("Sales Order", name, docstatus=2)
    del copy["name"], copy["docstatus"]
    for row in copy["items"]:
        del row["name"]
    copy["amended_from"] = name
    assert refused(site.post("Sales Order", **copy), 417, "UniqueValidationError") == "External ID must be unique"
    assert site.add("Sales Order", **{**copy, "custom_external_id": "EXT-1-1"})["name"] == f"{name}-1"


def test_pitfall_p53_timestamps_are_local_and_say_no_zone() -> None:
    sites = [ErpSite(time_zone=zone) for zone in ("Europe/Berlin", "America/New_York", "Asia/Kolkata")]
    hours = [data_of(site.order())["creation"] for site in sites]
    assert [text[:16] for text in hours] == ["2026-03-02 09:00", "2026-03-02 03:00", "2026-03-02 13:30"]
    assert sites[1].call("frappe.client.get_time_zone").json()["message"] == {"time_zone": "America/New_York"}


def test_pitfall_p56_the_title_of_an_order_is_a_template_that_nobody_filled(site: ErpSite) -> None:
    assert data_of(site.order())["title"] == "{customer_name}"
    assert "title" not in data_of(ErpSite(version=16).order())
    rows = [{"item_code": "SKU-1", "qty": 1, "rate": 5}]
    assert site.add("Quotation", quotation_to="Customer", party_name="ACME", items=rows)["title"] == "ACME"
    for doctype in ("Delivery Note", "Sales Invoice"):
        assert site.add(doctype, customer="ACME", items=rows)["title"] == "ACME"
