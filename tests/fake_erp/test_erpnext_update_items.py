"""Changing the items of a submitted order or quotation, and everything that follows. Source: facts 4.3."""

from __future__ import annotations

import json
from typing import Any

import pytest
from erpnext_site import QUOTATION, SALES_ORDER, VAT, ErpSite, data_of, messages_of, refused
from hypothesis import given
from hypothesis import strategies as st

from harness.kit.call import Reply

METHOD = "erpnext.controllers.accounts_controller.update_child_qty_rate"


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


def update(site: ErpSite, name: str, rows: Any, doctype: str = "Sales Order") -> Reply:
    site.wait(1)
    return site.call(METHOD, parent_doctype=doctype, parent_doctype_name=name, trans_items=json.dumps(rows), child_docname="items")


def rows_of(site: ErpSite, name: str, doctype: str = "Sales Order") -> list[dict[str, Any]]:
    """The rows as the desk's dialog sends them back."""
    keys = ("idx", "item_code", "qty", "rate", "uom", "conversion_factor", "delivery_date")
    return [
        {"docname": row["name"], "name": row["name"], **{key: row[key] for key in keys if key in row}}
        for row in site.get(doctype, name)["items"]
    ]


def ship(site: ErpSite, name: str, qty: float) -> None:
    note = site.proposal(f"{SALES_ORDER}.make_delivery_note", name)
    site.add("Delivery Note", **{**note, "items": [{**note["items"][0], "qty": qty}], "docstatus": 1})


def bill(site: ErpSite, name: str, qty: float) -> None:
    invoice = site.proposal(f"{SALES_ORDER}.make_sales_invoice", name)
    site.add("Sales Invoice", **{**invoice, "items": [{**invoice["items"][0], "qty": qty}], "docstatus": 1})


# -- what changes -------------------------------------------------------------------------------------------------


def test_a_row_changed_and_a_row_added_move_totals_schedule_reservations_and_modified(site: ErpSite) -> None:
    name = site.submitted_order(("SKU-1", 3, 33.33), taxes=[VAT])
    before = site.get("Sales Order", name)
    (row,) = rows_of(site, name)
    new = {"item_code": "SKU-2", "qty": 1, "rate": 10, "delivery_date": "2026-04-03"}
    reply = update(site, name, [{**row, "qty": 5}, new])
    assert (reply.status, reply.json()) == (200, {})
    after = site.get("Sales Order", name)
    # 5 x 33.33 + 10 = 176.65; VAT 19 % = 33.5635 -> 33.56
    assert [after[key] for key in ("net_total", "grand_total", "rounded_total")] == [176.65, 210.21, 210.21]
    assert [(line["name"] == row["name"], line["idx"], line["qty"]) for line in after["items"]] == [(True, 1, 5.0), (False, 2, 1.0)]
    assert (after["items"][1]["docstatus"], after["items"][1]["warehouse"]) == (1, "Stores - ACM")
    assert [line["payment_amount"] for line in after["payment_schedule"]] == [210.21]
    assert after["delivery_date"] == "2026-04-03"
    assert after["modified"] > before["modified"]
    assert (site.bin("SKU-1"), site.bin("SKU-2")) == ((100.0, 5.0), (100.0, 1.0))


def test_a_row_left_out_is_deleted_and_an_empty_row_is_ignored(site: ErpSite) -> None:
    name = site.submitted_order(("SKU-1", 3, 33.33), ("SKU-2", 2, 12.5))
    first, second = rows_of(site, name)
    assert update(site, name, [second, {"qty": 9, "rate": 9}]).status == 200
    after = site.get("Sales Order", name)
    assert [(line["item_code"], line["idx"]) for line in after["items"]] == [("SKU-2", 1)]
    assert (after["grand_total"], site.bin("SKU-1")[1]) == (25.0, 0.0)
    assert first["docname"] not in {line["name"] for line in after["items"]}


def test_rows_sent_back_unchanged_change_no_amount_and_still_move_modified(site: ErpSite) -> None:
    name = site.submitted_order(("SKU-1", 3, 33.33))
    before = site.get("Sales Order", name)
    assert update(site, name, rows_of(site, name)).status == 200
    after = site.get("Sales Order", name)
    assert after["modified"] > before["modified"]
    assert [row["amount"] for row in after["items"]] == [99.99]


def test_the_item_of_a_row_stays_and_a_rate_below_the_list_is_told_as_a_discount(site: ErpSite) -> None:
    name = site.submitted_order(("SKU-1", 3, 33.33))
    (row,) = rows_of(site, name)
    assert update(site, name, [{**row, "item_code": "SKU-2", "rate": 30}]).status == 200
    (line,) = site.get("Sales Order", name)["items"]
    # 1 - 30 / 33.33 = 9.991 %
    assert [line[key] for key in ("item_code", "rate", "discount_percentage", "discount_amount")] == ["SKU-1", 30.0, 9.991, 3.33]
    assert update(site, name, [{**rows_of(site, name)[0], "rate": 40}]).status == 200
    (line,) = site.get("Sales Order", name)["items"]
    assert [line[key] for key in ("rate", "margin_type", "margin_rate_or_amount")] == [40.0, "Amount", 6.67]


def test_a_row_without_a_rate_becomes_free(site: ErpSite) -> None:
    name = site.submitted_order(("SKU-1", 3, 33.33))
    (row,) = rows_of(site, name)
    del row["rate"]
    assert update(site, name, [row]).status == 200
    (line,) = site.get("Sales Order", name)["items"]
    assert (line["rate"], line["discount_percentage"]) == (0.0, 100.0)


def test_progress_and_status_follow_the_new_quantities(site: ErpSite) -> None:
    name = site.submitted_order(("SKU-1", 4, 10.0))
    ship(site, name, 2)
    bill(site, name, 1)
    order = site.get("Sales Order", name)
    assert (order["per_delivered"], order["per_billed"], order["status"]) == (50.0, 25.0, "To Deliver and Bill")
    assert update(site, name, [{**rows_of(site, name)[0], "qty": 2}]).status == 200
    order = site.get("Sales Order", name)
    assert (order["per_delivered"], order["per_billed"], order["status"]) == (100.0, 50.0, "To Bill")
    assert site.bin("SKU-1") == (98.0, 0.0)


def test_a_box_of_twelve_reserves_twelve(site: ErpSite) -> None:
    uoms = [{"uom": "Nos", "conversion_factor": 1}, {"uom": "Box", "conversion_factor": 12}]
    site.put("Item", "SKU-1", uoms=uoms)
    name = site.submitted_order(("SKU-1", 3, 1.0))
    (row,) = rows_of(site, name)
    del row["conversion_factor"]
    assert update(site, name, [{**row, "uom": "Box", "qty": 2}]).status == 200
    (line,) = site.get("Sales Order", name)["items"]
    assert (line["conversion_factor"], line["stock_qty"], site.bin("SKU-1")[1]) == (12.0, 24.0, 24.0)


def test_a_draft_is_saved_like_any_draft(site: ErpSite) -> None:
    name = site.draft_order(("SKU-1", 3, 33.33))
    assert update(site, name, [{**rows_of(site, name)[0], "qty": 1}]).status == 200
    assert (site.get("Sales Order", name)["grand_total"], site.bin("SKU-1")[1]) == (33.33, 0.0)


# -- what is refused ----------------------------------------------------------------------------------------------


def test_what_is_delivered_or_billed_cannot_be_taken_out_or_made_less(site: ErpSite) -> None:
    name = site.submitted_order(("SKU-1", 4, 10.0), ("SKU-2", 1, 5.0))
    ship(site, name, 2)
    first, second = rows_of(site, name)
    deleted = refused(update(site, name, [second]), 417, "ValidationError")
    assert deleted == "Row #1: Cannot delete item SKU-1 which has already been delivered"
    less = update(site, name, [{**first, "qty": 1}, second])
    assert refused(less, 417, "ValidationError") == "Row #1:Cannot set quantity less than delivered quantity"
    assert messages_of(less)[-1]["title"] == "Invalid Qty"
    assert site.get("Sales Order", name)["grand_total"] == 45.0


def test_what_is_billed_cannot_be_deleted_or_cost_less(site: ErpSite) -> None:
    name = site.submitted_order(("SKU-1", 4, 10.0), ("SKU-2", 1, 5.0))
    bill(site, name, 3)
    first, second = rows_of(site, name)
    deleted = refused(update(site, name, [second]), 417, "ValidationError")
    assert deleted == "Row #1: Cannot delete item SKU-1 which has already been billed."
    cheaper = refused(update(site, name, [{**first, "rate": 7}, second]), 417, "ValidationError")
    assert cheaper == "Row #1: Cannot set Rate if the billed amount is greater than the amount for Item SKU-1."
    assert update(site, name, [{**first, "rate": 7.5}, second]).status == 200  # 4 x 7.50 is what is billed


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("ordered_qty", "which is already ordered against this Sales Order."),
        ("work_order_qty", "which has work order assigned to it."),
    ],
)
def test_what_is_bought_or_made_for_an_order_cannot_be_deleted(site: ErpSite, column: str, text: str) -> None:
    """Purchase and work orders are not modelled: their quantities are written past validation, as theirs would be."""
    name = site.submitted_order(("SKU-1", 4, 10.0), ("SKU-2", 1, 5.0))
    record = site.fake.store.get("Sales Order", name)
    assert record is not None
    first, second = record.fields["items"]
    with site.fake.store.transaction():
        site.fake.store.update("Sales Order", name, {"items": [{**first, column: 1}, second]})
    words = refused(update(site, name, rows_of(site, name)[1:]), 417, "ValidationError")
    assert words == f"Row #1: Cannot delete item SKU-1 {text}"


def test_no_quantity_is_refused_and_so_is_a_fraction_of_a_whole_unit(site: ErpSite) -> None:
    name = site.submitted_order(("SKU-1", 4, 10.0))
    (row,) = rows_of(site, name)
    none = update(site, name, [{**row, "qty": 0}])
    assert refused(none, 417, "ValidationError") == "Row #1:Quantity for Item <strong>SKU-1</strong> cannot be zero."
    assert messages_of(none)[-1]["title"] == "Invalid Qty"
    refused(update(site, name, [{**row, "qty": 1.5}]), 417, "UOMMustBeIntegerError")


def test_the_credit_limit_is_asked_again(site: ErpSite) -> None:
    site.put("Customer", "ACME", credit_limits=[{"company": "Acme GmbH", "credit_limit": 100}])
    name = site.submitted_order(("SKU-1", 9, 10.0))
    words = refused(update(site, name, [{**rows_of(site, name)[0], "qty": 11}]), 417, "ValidationError")
    assert words.startswith("Credit limit has been crossed for customer ACME (110.0/100.0)")
    assert (site.get("Sales Order", name)["grand_total"], site.bin("SKU-1")[1]) == (90.0, 9.0)


def test_dates_before_the_order_are_refused(site: ErpSite) -> None:
    name = site.submitted_order(("SKU-1", 9, 10.0))
    (row,) = rows_of(site, name)
    words = refused(update(site, name, [{**row, "delivery_date": "2020-01-01"}]), 417, "ValidationError")
    assert words == "Expected Delivery Date should be after Sales Order Date"


def test_unknown_rows_items_documents_and_doctypes(site: ErpSite) -> None:
    name = site.submitted_order(("SKU-1", 9, 10.0))
    (row,) = rows_of(site, name)
    refused(update(site, name, [row, {**row, "docname": "nope"}]), 404, "DoesNotExistError")
    refused(update(site, name, [row, {"item_code": "NOPE", "qty": 1}]), 404, "DoesNotExistError")
    refused(update(site, "SAL-ORD-2026-99999", [row]), 404, "DoesNotExistError")
    assert "Not supported by fake" in refused(update(site, name, [row], "Purchase Order"), 417, "ValidationError")
    data_of(site.put("Sales Order", name, docstatus=2))
    assert update(site, name, [row]).json()["exception"].endswith("Cannot edit cancelled document")


def test_who_may_read_an_order_only_changes_none_of_its_items() -> None:
    site = ErpSite(users=[{"email": "store@example.com", "roles": ["Stock User"], "api_key": "store", "api_secret": "store"}])
    name = site.submitted_order(("SKU-1", 9, 10.0))
    body = {"parent_doctype": "Sales Order", "parent_doctype_name": name, "trans_items": json.dumps(rows_of(site, name))}
    reply = site.send("POST", f"/api/method/{METHOD}", body, {"authorization": "token store:store"})
    assert refused(reply, 417, "ValidationError") == "You do not have permissions to update items in a Sales Order."
    assert messages_of(reply)[-1]["title"] == "Insufficient Permissions"


@pytest.mark.parametrize(
    ("sent", "exc_type"),
    [([], "TypeError"), ("[", "JSONDecodeError"), ("1", "TypeError"), ('["x"]', "AttributeError"), ("null", "TypeError")],
)
def test_rows_must_be_json_text_of_a_list_of_objects(site: ErpSite, sent: Any, exc_type: str) -> None:
    name = site.submitted_order()
    refused(site.call(METHOD, parent_doctype="Sales Order", parent_doctype_name=name, trans_items=sent), 500, exc_type)
    refused(site.call(METHOD, parent_doctype="Sales Order"), 500, "TypeError")


# -- quotations ---------------------------------------------------------------------------------------------------


def test_a_quotation_changes_as_far_as_nothing_is_ordered_of_it(site: ErpSite) -> None:
    items = [{"item_code": "SKU-1", "qty": 3}, {"item_code": "SKU-2", "qty": 2}]
    name = site.add("Quotation", quotation_to="Customer", party_name="ACME", items=items, docstatus=1)["name"]
    part = site.proposal(f"{QUOTATION}.make_sales_order", name)
    rows = [{**part["items"][0], "qty": 2}]
    order = site.add("Sales Order", **{**part, "items": rows, "delivery_date": "2026-04-01", "docstatus": 1})["name"]
    first, second = rows_of(site, name, "Quotation")
    deleted = refused(update(site, name, [second], "Quotation"), 417, "ValidationError")
    assert deleted == "Cannot delete an item which has been ordered"
    less = refused(update(site, name, [{**first, "qty": 1}, second], "Quotation"), 417, "ValidationError")
    assert less == "Cannot reduce quantity than ordered or purchased quantity"
    assert update(site, name, [{**first, "qty": 2}], "Quotation").status == 200
    assert site.get("Quotation", name)["grand_total"] == 66.66
    assert update(site, order, [rows_of(site, order)[0]]).status == 200
    assert site.get("Quotation", name)["status"] == "Ordered"


def test_what_is_ordered_of_a_quotation_is_compared_in_stock_units(site: ErpSite) -> None:
    site.put("Item", "SKU-1", uoms=[{"uom": "Nos", "conversion_factor": 1}, {"uom": "Box", "conversion_factor": 12}])
    items = [{"item_code": "SKU-1", "qty": 3, "uom": "Box", "rate": 10}]
    name = site.add("Quotation", quotation_to="Customer", party_name="ACME", items=items, docstatus=1)["name"]
    part = site.proposal(f"{QUOTATION}.make_sales_order", name)
    rows = [{**part["items"][0], "qty": 2}]
    site.add("Sales Order", **{**part, "items": rows, "delivery_date": "2026-04-01", "docstatus": 1})
    (row,) = rows_of(site, name, "Quotation")
    assert update(site, name, [{**row, "qty": 2}], "Quotation").status == 200
    refused(update(site, name, [{**row, "qty": 1}], "Quotation"), 417, "ValidationError")


# -- anything -----------------------------------------------------------------------------------------------------

SITE = ErpSite()
NAME = SITE.submitted_order(("SKU-1", 3, 33.33), ("SKU-2", 2, 12.5), taxes=[VAT])
ROWS = rows_of(SITE, NAME)
START = SITE.fake.remember()
anything = st.one_of(
    st.none(), st.integers(-(10**20), 10**20), st.floats(), st.text(max_size=5), st.sampled_from(["SKU-1", "Nos", "Box"])
)
sent_rows = st.lists(
    st.tuples(st.sampled_from([{}, *ROWS]), st.dictionaries(st.sampled_from([*ROWS[0], "x"]), anything, max_size=3)).map(
        lambda pair: {**pair[0], **pair[1]}
    ),
    max_size=4,
)


@given(sent_rows)
def test_any_rows_are_taken_or_refused_whole(rows: list[dict[str, Any]]) -> None:
    SITE.fake.put_back(START)
    before = SITE.get("Sales Order", NAME)
    reply = update(SITE, NAME, rows)
    assert 200 <= reply.status <= 503
    after = SITE.get("Sales Order", NAME)
    if reply.status >= 400:
        assert after == before
    else:
        assert round(sum(row["amount"] for row in after["items"]) - after["total"], 6) == 0
        assert after["payment_schedule"][0]["payment_amount"] == after["rounded_total"]
