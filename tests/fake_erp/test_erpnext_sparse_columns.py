"""Columns that no rule of the fake needs: kept when somebody writes them, shown as the vendor shows them otherwise."""

from __future__ import annotations

import json
from typing import Any

import pytest
from erpnext_site import SALES_ORDER, ErpSite, data_of, refused

ORDER = "Sales Order"
TEAM = [{"sales_person": "Erika", "allocated_percentage": 60}, {"sales_person": "Jo", "allocated_percentage": 40}]


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


def stored(site: ErpSite, doctype: str, name: str) -> dict[str, Any]:
    record = site.fake.store.get(doctype, name)
    assert record is not None
    return record.fields


def test_what_is_written_is_read_listed_and_filtered(site: ErpSite) -> None:
    order = data_of(site.order(project="PROJ-1", letter_head="Plain", commission_rate="2.5", sales_team=TEAM))
    other = data_of(site.order())
    read = site.get(ORDER, order["name"])
    assert (read["project"], read["letter_head"], read["commission_rate"]) == ("PROJ-1", "Plain", 2.5)
    assert [(row["sales_person"], row["allocated_percentage"], row["parentfield"]) for row in read["sales_team"]] == [
        ("Erika", 60.0, "sales_team"),
        ("Jo", 40.0, "sales_team"),
    ]
    rows = site.rows(ORDER, fields=["name", "project", "commission_rate"], order_by="name asc")
    assert rows == [
        {"name": order["name"], "project": "PROJ-1", "commission_rate": 2.5},
        {"name": other["name"], "project": None, "commission_rate": 0.0},
    ]
    assert [row["name"] for row in site.rows(ORDER, filters={"project": "PROJ-1"})] == [order["name"]]
    assert [row["name"] for row in site.rows(ORDER, filters={"commission_rate": 0})] == [other["name"]]
    assert [row["name"] for row in site.rows(ORDER, filters=[["Sales Team", "sales_person", "=", "Jo"]])] == [order["name"]]


def test_nobody_pays_for_what_nobody_sets(site: ErpSite) -> None:
    """A document that is sent back whole, as it was read, gets no columns by that."""
    order = data_of(site.order())
    assert order["sales_team"] == []
    assert not {"project", "total_net_weight"} & order.keys()
    whole = site.call("frappe.client.get", doctype=ORDER, name=order["name"]).json()["message"]
    assert (whole["project"], whole["total_net_weight"], whole["items"][0]["against_blanket_order"]) == (None, 0, 0)
    before = set(stored(site, ORDER, order["name"]))
    assert not {"total_net_weight", "sales_team", "project"} & before
    data_of(site.put(ORDER, order["name"], **{**whole, "modified": order["modified"]}))
    assert set(stored(site, ORDER, order["name"])) == before


def test_what_was_set_can_be_cleared(site: ErpSite) -> None:
    name = data_of(site.order(project="PROJ-1", commission_rate=2, sales_team=TEAM))["name"]
    data_of(site.put(ORDER, name, project=None, commission_rate=0, sales_team=[]))
    read = site.get(ORDER, name)
    assert "project" not in read
    assert not read["commission_rate"]
    assert read["sales_team"] == []
    assert site.rows(ORDER, filters={"project": ["is", "set"]}) == []


def test_after_submit_only_what_the_vendor_lets_change(site: ErpSite) -> None:
    name = data_of(site.order(letter_head="Plain", sales_team=TEAM))["name"]
    data_of(site.put(ORDER, name, docstatus=1))
    changed = data_of(site.put(ORDER, name, letter_head="Fancy", sales_team=[*site.get(ORDER, name)["sales_team"], TEAM[0]]))
    assert changed["letter_head"] == "Fancy"
    assert len(changed["sales_team"]) == 3
    refused(site.put(ORDER, name, incoterm="EXW"), 417, "UpdateAfterSubmitError")
    assert data_of(site.put(ORDER, name, amount_eligible_for_commission=0))["docstatus"] == 1  # 0 is what it shows


def test_values_are_cast_and_checked_like_any_others(site: ErpSite) -> None:
    refused(site.order(named_place="x" * 141), 417, "CharacterLengthExceededError")
    refused(site.order(company_address="Nowhere"), 417, "LinkValidationError")  # leads to a DocType that is modelled
    assert site.order(tax_category="Anywhere").status == 200  # to one that is not
    line = {"item_code": "SKU-1", "qty": 1, "rate": 1}
    words = refused(site.post("Sales Invoice", customer="ACME", items=[line], is_opening="Maybe"), 417, "ValidationError")
    assert words.endswith('cannot be "Maybe". It should be one of "No", "Yes"')
    refused(site.post("Item", item_code="LIGHT", item_group="Products", stock_uom="Nos", safety_stock=-1), 417, "NonNegativeError")
    item = site.add("Item", item_code="CODED", item_group="Products", stock_uom="Nos", barcodes=[{"barcode": "4006381"}])
    assert [row["barcode"] for row in item["barcodes"]] == ["4006381"]


def test_a_custom_field_cannot_take_the_name_of_one(site: ErpSite) -> None:
    reply = site.post("Custom Field", dt=ORDER, label="Project", fieldname="project", fieldtype="Data")
    words = refused(reply, 417, "ValidationError")
    assert words == "A field with the name <strong>project</strong> already exists in Sales Order"


def test_mapped_documents_take_them_along(site: ErpSite) -> None:
    row = {"item_code": "SKU-1", "qty": 1, "rate": 5, "warehouse": "Stores - ACM", "brand": "Widgets"}
    name = data_of(site.order(project="PROJ-1", select_print_heading="Copy", sales_team=TEAM, items=[row]))["name"]
    data_of(site.put(ORDER, name, docstatus=1))
    note = site.call(f"{SALES_ORDER}.make_delivery_note", source_name=name).json()["message"]
    assert (note["project"], note["items"][0]["brand"]) == ("PROJ-1", "Widgets")
    assert "select_print_heading" not in note  # no_copy
    assert [line["sales_person"] for line in note["sales_team"]] == ["Erika", "Jo"]
    assert data_of(site.post("Delivery Note", **note))["sales_team"][1]["allocated_percentage"] == 40.0


def test_the_schema_tells_them(site: ErpSite) -> None:
    fields = {f["fieldname"]: f for f in site.get("DocType", ORDER)["fields"]}
    assert (fields["letter_head"]["fieldtype"], fields["letter_head"]["allow_on_submit"]) == ("Link", 1)
    for child in ("Packed Item", "Sales Team", "Sales Invoice Payment"):
        assert site.get("DocType", child)["istable"] == 1


def test_rows_weigh_what_their_items_weigh(site: ErpSite) -> None:
    site.add("Item", item_code="HEAVY", item_group="Products", stock_uom="Nos", weight_per_unit=2.5, weight_uom="Kg")
    order = data_of(site.order(("HEAVY", 4, 10), ("SKU-1", 1, 1)))
    heavy, light = order["items"]
    assert (heavy["weight_per_unit"], heavy["total_weight"]) == (2.5, 10.0)
    assert "total_weight" not in light
    assert order["total_net_weight"] == 10.0
    changed = data_of(site.put(ORDER, order["name"], items=[{**heavy, "qty": 2}]))
    assert changed["total_net_weight"] == 5.0


def test_webhooks_see_them_set_or_not(site: ErpSite) -> None:
    values = {"request_url": "http://hook.test/", "request_method": "POST", "request_structure": "Form URL-Encoded", "enabled": 1}
    rows = [{"fieldname": name, "key": name} for name in ("project", "total_net_weight", "sales_team")]
    condition = 'doc.project != "QUIET" and doc.total_net_weight < 5'
    hook = {"webhook_doctype": ORDER, "webhook_docevent": "after_insert", "condition": condition, "webhook_data": rows}
    site.add("Webhook", name="orders", **{**values, **hook})
    assert [site.order(project=project).status for project in (None, "LOUD", "QUIET")] == [200, 200, 200]
    site.wait(60)
    bodies = [json.loads(delivery.body) for delivery in site.fake.webhooks.take_due()]
    assert bodies == [
        {"project": None, "total_net_weight": 0, "sales_team": []},
        {"project": "LOUD", "total_net_weight": 0, "sales_team": []},
    ]
