"""Columns that an administrator adds: their names, their place, what documents that were there hold. Source: facts 3.10."""

from __future__ import annotations

from typing import Any

import pytest
from erpnext_site import ErpSite, data_of, refused

from harness.kit.call import Reply


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


def create(site: ErpSite, **values: Any) -> Reply:
    return site.post("Custom Field", **{"dt": "Sales Order", "fieldtype": "Data", **values})


@pytest.mark.parametrize(
    ("label", "fieldname"),
    [
        ("External ID", "custom_external_id"),
        ("E-Mail (new)", "custom_email_new"),
        ("Größe", "custom_größe"),
        ("2nd try", "custom_2nd_try"),
    ],
)
def test_a_fieldname_is_made_of_its_label(site: ErpSite, label: str, fieldname: str) -> None:
    made = data_of(create(site, label=label))
    assert (made["name"], made["fieldname"]) == (f"Sales Order-{fieldname}", fieldname)


def test_a_fieldname_is_taken_as_given_in_lower_case(site: ErpSite) -> None:
    assert data_of(create(site, fieldname="Shop_ID"))["fieldname"] == "shop_id"
    assert site.get("Sales Order", site.draft_order(shop_id="7"))["shop_id"] == "7"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"fieldname": "customer"}, "A field with the name <strong>customer</strong> already exists in Sales Order"),
        ({"fieldname": "a-b"}, 'Fieldname <strong>a-b</strong> cannot have special characters like "-"'),
        ({"fieldname": "x" * 65}, f"Fieldname is limited to 64 characters ({'x' * 65})"),
        ({"fieldname": "docstatus"}, "Fieldname docstatus is restricted"),
        ({}, "Label is mandatory"),
        ({"label": "Rows", "fieldtype": "Table", "options": "Sales Order Item"}, "Custom tables: Not supported by fake"),
    ],
)
def test_what_a_custom_field_must_not_be(site: ErpSite, values: dict[str, Any], words: str) -> None:
    reply = create(site, **values)
    assert (reply.status, refused(reply, 417, reply.json()["exc_type"])) == (417, words)


def test_a_field_stands_behind_the_one_it_names(site: ErpSite) -> None:
    create(site, label="Second", insert_after="po_no")
    create(site, label="First", insert_after="po_no")
    create(site, label="Last")
    meta = site.send("GET", "/api/method/frappe.desk.form.load.getdoctype", doctype="Sales Order").json()["docs"][0]
    names = [field["fieldname"] for field in meta["fields"]]
    place = names.index("po_no")
    assert names[place : place + 3] == ["po_no", "custom_first", "custom_second"]
    assert names[-1] == "custom_last"
    assert not any("custom_" in field["fieldname"] for field in site.get("DocType", "Sales Order")["fields"])


def test_documents_that_were_there_hold_the_default_of_a_new_column(site: ErpSite) -> None:
    name = site.draft_order()
    before = site.get("Sales Order", name)
    create(site, label="Synced", fieldtype="Check")
    create(site, label="Shop", default="web")
    create(site, label="Note")
    site.add("Custom Field", dt="Sales Order Item", label="Weight", fieldtype="Float")
    after = site.get("Sales Order", name)
    assert (after["custom_synced"], after["custom_shop"], after["items"][0]["custom_weight"]) == (0, "web", 0.0)
    assert "custom_note" not in after
    assert after["modified"] == before["modified"]
    assert [row["name"] for row in site.rows("Sales Order", filters={"custom_synced": 0})] == [name]


def test_unique_columns_take_blanks_and_refuse_what_clashes_already(site: ErpSite) -> None:
    create(site, label="Ref")
    first, second = site.draft_order(custom_ref="A"), site.draft_order(custom_ref="a ")
    words = refused(site.put("Custom Field", "Sales Order-custom_ref", unique=1), 417, "UniqueValidationError")
    assert "Duplicate entry" in words
    site.put("Sales Order", second, custom_ref="")
    assert site.put("Custom Field", "Sales Order-custom_ref", unique=1).status == 200
    site.draft_order(custom_ref="")
    refused(site.order(custom_ref="A"), 417, "UniqueValidationError")
    site.delete("Custom Field", "Sales Order-custom_ref")
    assert "custom_ref" not in data_of(site.order(custom_ref="A"))
    assert first


def test_no_copy_keeps_a_value_out_of_the_documents_made_from_it(site: ErpSite) -> None:
    for doctype in ("Sales Order", "Delivery Note"):
        site.add("Custom Field", dt=doctype, label="Kept", fieldname="custom_kept", fieldtype="Data")
        site.add("Custom Field", dt=doctype, label="Own", fieldname="custom_own", fieldtype="Data", no_copy=1)
    name = site.submitted_order(custom_kept="k", custom_own="o")
    note = site.proposal("erpnext.selling.doctype.sales_order.sales_order.make_delivery_note", name)
    assert (note.get("custom_kept"), note.get("custom_own")) == ("k", None)


def test_a_column_may_change_after_submit_only_when_it_says_so(site: ErpSite) -> None:
    create(site, label="Open", allow_on_submit=1)
    create(site, label="Shut")
    name = site.submitted_order(custom_shut="a")
    assert data_of(site.put("Sales Order", name, custom_open="x"))["custom_open"] == "x"
    words = refused(site.put("Sales Order", name, custom_shut="b"), 417, "UpdateAfterSubmitError")
    change = "from <strong>a</strong> to <strong>b</strong>"
    assert words == f" Not allowed to change <strong>Shut</strong> after submission {change}"


def test_a_heading_is_no_column(site: ErpSite) -> None:
    create(site, label="Section", fieldtype="Section Break")
    assert "custom_section" not in data_of(site.order(custom_section="x"))


def test_the_kind_of_a_column_stays(site: ErpSite) -> None:
    create(site, label="Ref")
    assert site.put("Custom Field", "Sales Order-custom_ref", fieldtype="Small Text").status == 200
    words = refused(site.put("Custom Field", "Sales Order-custom_ref", fieldtype="Int"), 417, "ValidationError")
    assert words == "Fieldtype cannot be changed from Small Text to Int"


def test_values_of_a_deleted_field_are_out_of_sight_until_it_is_made_again(site: ErpSite) -> None:
    create(site, label="Ref")
    site.add("Custom Field", dt="Sales Order Item", label="Line", fieldtype="Data")
    name = site.draft_order(custom_ref="A", items=[{"item_code": "SKU-1", "qty": 1, "custom_line": "L"}])
    site.delete("Custom Field", "Sales Order-custom_ref")
    site.delete("Custom Field", "Sales Order Item-custom_line")
    order = site.get("Sales Order", name)
    assert "custom_ref" not in order
    assert "custom_line" not in order["items"][0]
    create(site, label="Ref")
    assert site.get("Sales Order", name)["custom_ref"] == "A"


# -- unique columns of rows -----------------------------------------------------------------------------------------


def line(shop_line: str, **values: Any) -> dict[str, Any]:
    return {"item_code": "SKU-1", "qty": 1, "rate": 5, "custom_line": shop_line, **values}


def test_a_unique_column_of_rows_holds_over_all_documents(site: ErpSite) -> None:
    assert create(site, dt="Sales Order Item", label="Line", unique=1).status == 200
    first = site.draft_order(items=[line("L-1"), line("L-2")])
    for items in ([line("l-1 ")], [line("L-3"), line("L-3")]):
        reply = site.order(items=items)
        assert refused(reply, 417, "UniqueValidationError") == "Line must be unique"
        assert "for key 'custom_line'" in reply.json()["exception"]
    second = site.draft_order(items=[line("L-3"), line(""), line("")])
    assert site.put("Sales Order", second, po_no="1").status == 200, "its own values are in nobody's way"
    refused(site.put("Sales Order", second, items=[line("L-2")]), 417, "UniqueValidationError")
    assert site.put("Sales Order", second, items=[line("L-4")]).status == 200
    site.delete("Sales Order", first)
    assert site.order(items=[line("L-1"), line("L-3")]).status == 200, "what was deleted or replaced is free again"


def test_rows_that_clash_already_keep_a_column_from_becoming_unique(site: ErpSite) -> None:
    field = data_of(create(site, dt="Sales Order Item", label="Line"))["name"]
    twice = site.draft_order(items=[line("L-1"), line("L-1")])
    words = "Cannot make Line unique: Duplicate entry 'L-1' for key 'custom_line'"
    assert refused(site.put("Custom Field", field, unique=1), 417, "UniqueValidationError") == words
    assert site.put("Sales Order", twice, po_no="1").status == 200, "the column is what it was"
    site.put("Sales Order", twice, items=[line("L-1"), line("L-2")])
    assert site.put("Custom Field", field, unique=1).status == 200
    refused(site.order(items=[line("L-2")]), 417, "UniqueValidationError")
    assert site.put("Custom Field", field, unique=0).status == 200
    assert site.order(items=[line("L-2")]).status == 200
