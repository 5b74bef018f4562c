"""Documents: what is stored of what was sent, what a name is, who may change what when. Source: facts 2, 3 and 8."""

from __future__ import annotations

from datetime import timedelta
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
    assert data_of(row)["amount"] == site.get("Sales Order Item", data_of(row)["name"])["amount"] == 40.0
    after = site.get("Sales Order", name)
    assert after["grand_total"] == 40.0
    assert after["modified"] > before["modified"]


def test_p10_a_row_of_a_submitted_order_may_move_its_delivery_date_only(site: ErpSite) -> None:
    row = site.get("Sales Order", site.submitted_order())["items"][0]["name"]
    assert data_of(site.put("Sales Order Item", row, delivery_date="2026-05-01"))["delivery_date"] == "2026-05-01"
    words = refused(site.put("Sales Order Item", row, qty=9), 417, "UpdateAfterSubmitError")
    change = "from <strong>3.0</strong> to <strong>9.0</strong>"
    assert words == f"Row #1: Not allowed to change <strong>Quantity</strong> after submission {change}"


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


# -- error bodies -------------------------------------------------------------------------------------------------


def test_time_passes_for_the_series_and_the_stamps(site: ErpSite) -> None:
    site.clock.advance(timedelta(days=400))
    assert site.draft_order(delivery_date="2027-12-01", taxes=[VAT]) == "SAL-ORD-2027-00001"


def test_p5_a_child_table_in_a_put_replaces_all_rows(site: ErpSite) -> None:
    name = site.order(("SKU-1", 3, 33.33), ("SKU-2", 2, 12.5)).json()["data"]["name"]
    before = {row["name"] for row in site.get("Sales Order", name)["items"]}
    row = {"item_code": "SKU-2", "qty": 1, "rate": 12.5, "warehouse": "Stores - ACM"}
    after = site.put("Sales Order", name, items=[row]).json()["data"]["items"]
    assert [row["item_code"] for row in after] == ["SKU-2"]
    assert not before & {row["name"] for row in after}


def test_p7_p8_unknown_fields_vanish_and_nulls_are_left_out_of_single_reads_only(site: ErpSite) -> None:
    name = site.order(custom_external_id="X-1").json()["data"]["name"]
    assert "custom_external_id" not in site.get("Sales Order", name)
    assert "po_no" not in site.get("Sales Order", name)
    assert site.rows("Sales Order", fields=["name", "po_no"]) == [{"name": name, "po_no": None}]


def test_a_failed_create_gives_its_number_back(site: ErpSite) -> None:
    refused(site.order(("NOPE", 1, 1.0)), 417, "LinkValidationError")
    assert site.order().json()["data"]["name"] == "SAL-ORD-2026-00001"


def test_a_unique_custom_field_refuses_the_second_order_and_finds_the_first(site: ErpSite) -> None:
    field = {
        "dt": "Sales Order",
        "label": "External ID",
        "fieldname": "custom_external_id",
        "fieldtype": "Data",
        "unique": 1,
        "no_copy": 1,
    }
    assert site.post("Custom Field", **field).json()["data"]["name"] == "Sales Order-custom_external_id"
    name = site.submitted_order(custom_external_id="EXT-1")
    assert refused(site.order(custom_external_id="EXT-1"), 417, "UniqueValidationError") == "External ID must be unique"
    assert site.rows("Sales Order", filters=[["custom_external_id", "=", "EXT-1"]]) == [{"name": name}]
    assert "already exists" in refused(site.post("Custom Field", **field), 417, "ValidationError")


def test_p9_the_idx_of_a_row_is_kept_as_sent(site: ErpSite) -> None:
    rows = [{"item_code": sku, "qty": 1, "idx": 5} for sku in ("SKU-1", "SKU-2")]
    name = site.draft_order()
    data_of(site.put("Sales Order", name, items=rows))
    assert [(row["item_code"], row["idx"]) for row in site.get("Sales Order", name)["items"]] == [("SKU-1", 5), ("SKU-2", 5)]
