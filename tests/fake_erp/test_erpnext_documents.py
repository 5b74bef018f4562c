"""Documents: what is stored of what was sent, what a name is, who may change what when. Source: facts 2, 3 and 8."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from erpnext_site import EXTERNAL_ID, TOKEN, VAT, ErpSite, data_of, messages_of, refused

from harness.kit.call import Call


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


# -- writing ------------------------------------------------------------------------------------------------------


def test_p6_a_row_sent_with_its_name_is_not_merged_with_the_stored_one(site: ErpSite) -> None:
    name = site.draft_order()
    row = site.get("Sales Order", name)["items"][0]["name"]
    reply = site.put("Sales Order", name, items=[{"name": row, "qty": 5}])
    assert "Value missing for: Item Code" in " ".join(entry["message"] for entry in messages_of(reply))
    refused(reply, 417, "MandatoryError")
    whole = data_of(site.put("Sales Order", name, items=[{"name": row, "item_code": "SKU-1", "qty": 5}]))["items"]
    assert [(line["name"], line["qty"], line["rate"]) for line in whole] == [(row, 5.0, 33.33)]


def test_p6_custom_columns_of_a_row_sent_again_without_them_are_lost(site: ErpSite) -> None:
    site.add("Custom Field", dt="Sales Order Item", label="Line ID", fieldname="custom_line", fieldtype="Data")
    name = site.draft_order(items=[{"item_code": "SKU-1", "qty": 1, "custom_line": "L1"}])
    row = site.get("Sales Order", name)["items"][0]
    assert row["custom_line"] == "L1"
    after = data_of(site.put("Sales Order", name, items=[{"name": row["name"], "item_code": "SKU-1", "qty": 1}]))
    assert "custom_line" not in after["items"][0]


def test_p10_saving_a_child_row_saves_its_parent(site: ErpSite) -> None:
    name = site.draft_order(("SKU-1", 3, 10.0))
    before = site.get("Sales Order", name)
    row = site.put("Sales Order Item", before["items"][0]["name"], qty=4)
    assert data_of(row)["amount"] == 40.0
    after = site.get("Sales Order", name)
    assert after["grand_total"] == 40.0
    assert after["modified"] > before["modified"]


def test_p10_a_row_of_a_submitted_order_may_move_its_delivery_date_only(site: ErpSite) -> None:
    row = site.get("Sales Order", site.submitted_order())["items"][0]["name"]
    assert data_of(site.put("Sales Order Item", row, delivery_date="2026-05-01"))["delivery_date"] == "2026-05-01"
    words = refused(site.put("Sales Order Item", row, qty=9), 417, "UpdateAfterSubmitError")
    change = "from <strong>3.0</strong> to <strong>9.0</strong>"
    assert words == f"Row #1: Not allowed to change <strong>Quantity</strong> after submission {change}"


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


def test_p13_the_number_of_the_last_document_is_used_again_after_its_deletion(site: ErpSite) -> None:
    first, last = site.draft_order(), site.draft_order()
    assert site.delete("Sales Order", last).status == 202
    assert site.draft_order() == last
    assert site.delete("Sales Order", first).status == 202
    assert site.draft_order() == "SAL-ORD-2026-00003"


def test_p29_a_create_is_a_200_and_a_delete_a_202(site: ErpSite) -> None:
    reply = site.order()
    assert reply.status == 200
    gone = site.delete("Sales Order", reply.json()["data"]["name"])
    assert (gone.status, gone.json()) == (202, {"data": "ok"})
    refused(site.delete("Sales Order", reply.json()["data"]["name"]), 404, "DoesNotExistError")


def test_p36_read_only_fields_are_written_as_sent(site: ErpSite) -> None:
    site.add("Custom Field", dt="Customer", label="Score", fieldname="custom_score", fieldtype="Int", read_only=1)
    assert data_of(site.put("Customer", "ACME", custom_score="1,234"))["custom_score"] == 1234


def test_p37_any_naming_series_goes_but_it_can_be_set_only_once(site: ErpSite) -> None:
    name = site.draft_order(naming_series="WEB-.YYYY.-")
    assert name == "WEB-2026-00001"
    words = refused(site.put("Sales Order", name, naming_series="SAL-ORD-.YYYY.-"), 417, "CannotChangeConstantError")
    assert words == "Value cannot be changed for <strong>Series</strong>"
    refused(site.order(naming_series="WEB?-"), 417, "ValidationError")


def test_p49_an_amended_copy_collides_with_the_unique_id_of_the_cancelled_original(site: ErpSite) -> None:
    site.add("Custom Field", **EXTERNAL_ID)
    name = site.submitted_order(custom_external_id="EXT-1")
    refused(site.order(amended_from=name), 417, "ValidationError")
    site.put("Sales Order", name, docstatus=2)
    refused(site.order(amended_from=name, custom_external_id="EXT-1"), 417, "UniqueValidationError")
    assert site.draft_order(amended_from=name, custom_external_id="EXT-1b") == f"{name}-1"
    refused(site.order(amended_from=name), 409, "DuplicateEntryError")


def test_p53_stamps_are_local_have_six_digits_and_no_zone(site: ErpSite) -> None:
    data = site.add("Customer", customer_name="Stamped", customer_type="Company")
    local = site.fake.site.time.stamp()
    assert data["modified"] == data["creation"] == local
    assert len(local.partition(".")[2]) == 6
    assert "T" not in local
    assert "+" not in local


def test_p56_the_title_of_an_order_is_the_template_and_that_of_a_quotation_is_not(site: ErpSite) -> None:
    assert site.get("Sales Order", site.draft_order())["title"] == "{customer_name}"
    items = [{"item_code": "SKU-1", "qty": 1}]
    assert site.add("Quotation", quotation_to="Customer", party_name="ACME", items=items)["title"] == "ACME"


def test_p57_a_json_body_hides_the_query_string(site: ErpSite) -> None:
    name = site.draft_order()
    path = f"/api/resource/Sales Order/{name}"
    refused(site.send("POST", path, {}, run_method="submit"), 500, "KeyError")
    assert site.get("Sales Order", name)["docstatus"] == 0
    assert site.send("POST", path, run_method="submit").status == 200
    assert site.send("POST", path, {"run_method": "cancel"}).json()["data"]["docstatus"] == 2


def test_an_empty_put_still_is_a_save(site: ErpSite) -> None:
    name = site.draft_order()
    before = site.get("Sales Order", name)["modified"]
    assert data_of(site.put("Sales Order", name))["modified"] > before


def test_a_form_and_a_data_key_are_documents_too(site: ErpSite) -> None:
    def create(body: bytes, content_type: str) -> dict[str, Any]:
        headers = {**TOKEN, "content-type": content_type}
        return data_of(site.fake.handle(Call("POST", "/api/resource/Customer", "", headers, body)))

    assert create(b"customer_name=Form", "application/x-www-form-urlencoded")["name"] == "Form"
    assert create(b"data=%7B%22customer_name%22%3A%22Data%22%7D", "application/x-www-form-urlencoded")["name"] == "Data"
    assert create(b'{"data":{"customer_name":"Key"}}', "application/json")["name"] == "Key"
    assert create(b'{"customer_name":"Raw"}', "text/plain")["name"] == "Raw"


def test_p54_numbers_that_cannot_be_read_are_zero_and_checks_are_zero_or_one(site: ErpSite) -> None:
    data = site.add("Customer", customer_name="Odd", customer_type="Company", disabled=True, is_frozen="no")
    assert (data["disabled"], data["is_frozen"]) == (1, 0)
    assert refused(site.order(("SKU-1", "abc", 1.0)), 417, "InvalidQtyError") == (  # type: ignore[arg-type]
        "Row #1: Quantity for Item <strong>SKU-1</strong> cannot be zero."
    )


# -- docstatus ----------------------------------------------------------------------------------------------------


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
    note = site.add("Delivery Note", **site.proposal("erpnext.selling.doctype.sales_order.sales_order.make_delivery_note", name))
    data_of(site.put("Sales Order", name, docstatus=2))
    assert "Cannot link cancelled document: " in refused(
        site.put("Delivery Note", note["name"], docstatus=1), 417, "CancelledLinkError"
    )


# -- error bodies -------------------------------------------------------------------------------------------------


def test_the_body_of_missing_fields(site: ErpSite) -> None:
    reply = site.post("Sales Order", delivery_date="2026-04-01")
    body = reply.json()
    refused(reply, 417, "MandatoryError")
    assert body["exception"] == "frappe.exceptions.MandatoryError: [Sales Order, SAL-ORD-2026-00001]: customer, items"
    assert messages_of(reply) == [
        {"message": "Error: Value missing for Sales Order: Customer", "title": "Message"},
        {"message": "Error: Data missing in table: Items", "title": "Message"},
    ]


def test_the_body_of_links_that_lead_nowhere(site: ErpSite) -> None:
    reply = site.order(("NOPE", 1, 1.0), customer="Nobody")
    text = "Could not find Customer: Nobody, Row #1: Item Code: NOPE"
    assert refused(reply, 417, "LinkValidationError") == text
    assert reply.json()["exception"] == f"frappe.exceptions.LinkValidationError: {text}"
    (entry,) = messages_of(reply)
    assert list(entry) == ["message", "title", "indicator", "raise_exception", "__frappe_exc_id"]
    assert len(entry["__frappe_exc_id"]) == 56


def test_the_body_of_a_duplicate_name(site: ErpSite) -> None:
    reply = site.post("Item", item_code="SKU-1", item_group="Products", stock_uom="Nos")
    refused(reply, 409, "DuplicateEntryError")
    cause = "('Item', 'SKU-1', IntegrityError(1062, \"Duplicate entry 'SKU-1' for key 'PRIMARY'\"))"
    assert reply.json()["exception"] == f"frappe.exceptions.DuplicateEntryError: {cause}"
    assert messages_of(reply) == [
        {"message": "Item <strong>SKU-1</strong> already exists", "title": "Duplicate Name", "indicator": "red"}
    ]


def test_the_body_of_a_duplicate_value(site: ErpSite) -> None:
    site.add("Custom Field", **EXTERNAL_ID)
    site.draft_order(custom_external_id="EXT-1")
    reply = site.order(custom_external_id=" ext-1")
    assert reply.status == 200
    reply = site.order(custom_external_id="ext-1 ")
    refused(reply, 417, "UniqueValidationError")
    assert messages_of(reply) == [{"message": "External ID must be unique", "title": "Message"}]
    assert "Duplicate entry 'ext-1 ' for key 'custom_external_id'" in reply.json()["exception"]
    assert [site.order(custom_external_id="").status for _ in range(2)] == [200, 200]


def test_errors_of_erpnext_name_their_app_and_module(site: ErpSite) -> None:
    body = site.order(("SKU-1", 0, 1.0)).json()
    assert body["_exc_source"] == "erpnext (app)"
    assert body["exception"].startswith("erpnext.controllers.accounts_controller.InvalidQtyError: ")


@pytest.mark.parametrize(
    ("values", "exc_type", "words"),
    [
        (
            {"order_type": "Gift"},
            "ValidationError",
            ' Order Type cannot be "Gift". It should be one of "Sales", "Maintenance", "Shopping Cart"',
        ),
        ({"po_no": "9" * 141}, "CharacterLengthExceededError", "will get truncated, as max characters allowed is 140"),
        (
            {"transaction_date": "2050-01-01", "delivery_date": "2050-01-02"},
            "FiscalYearError",
            "Date 01-01-2050 is not in any active Fiscal Year",
        ),
        ({"transaction_date": "soon"}, "ValidationError", "<strong>soon</strong> is not a valid date string."),
        ({"delivery_date": "2020-01-01"}, "ValidationError", "Expected Delivery Date should be after Sales Order Date"),
        ({"po_no": ["a"]}, "ValidationError", "Value for Customer's Purchase Order cannot be a list"),
        ({"currency": "USD"}, "ValidationError", "Exchange Rate is mandatory."),
    ],
)
def test_what_is_wrong_with_one_field_is_said_in_the_vendors_words(
    site: ErpSite, values: dict[str, Any], exc_type: str, words: str
) -> None:
    assert words in refused(site.order(**values), 417, exc_type)


def test_time_passes_for_the_series_and_the_stamps(site: ErpSite) -> None:
    site.clock.advance(timedelta(days=400))
    assert site.draft_order(delivery_date="2027-12-01", taxes=[VAT]) == "SAL-ORD-2027-00001"
