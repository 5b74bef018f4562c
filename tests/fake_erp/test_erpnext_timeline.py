"""What the site keeps about a document beside it: versions, comments, tags, and when things happened. Source: facts 3.1, 3.9."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from erpnext_site import ErpSite, data_of


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


def versions(site: ErpSite, name: str) -> list[dict[str, Any]]:
    rows = site.rows("Version", filters={"docname": name}, fields=["data"], order_by="creation asc, name asc")
    return [json.loads(row["data"]) for row in rows]


def test_a_version_tells_what_a_save_changed() -> None:
    site = ErpSite(keep_versions=True)
    name = site.draft_order(("SKU-1", 1, 10), ("SKU-2", 1, 5))
    assert versions(site, name) == []
    rows = site.get("Sales Order", name)["items"]
    site.put("Sales Order", name, po_no="7", items=[{**rows[0], "qty": 2}, {"item_code": "SKU-2", "qty": 1, "rate": 4}])
    (first,) = versions(site, name)
    assert ["po_no", None, "7"] in first["changed"]
    ((position, row, changed),) = [entry[1:] for entry in first["row_changed"] if entry[0] == "items"]
    assert (position, row) == (0, rows[0]["name"])
    assert ["qty", 1.0, 2.0] in changed
    assert [row["name"] for _, row in first["removed"]] == [rows[1]["name"]]
    assert [row["rate"] for _, row in first["added"]] == [4.0]
    site.put("Sales Order", name, docstatus=1)
    assert ["docstatus", 0, 1] in versions(site, name)[-1]["changed"]
    site.put("Sales Order", name, po_no="7")
    assert len(versions(site, name)) == 2


def test_versions_are_not_kept_unless_asked_for_nor_for_doctypes_that_track_nothing(site: ErpSite) -> None:
    name = site.draft_order()
    site.put("Sales Order", name, po_no="7")
    assert versions(site, name) == []
    kept = ErpSite(keep_versions=True)
    quotation = kept.add("Quotation", quotation_to="Customer", party_name="ACME", items=[{"item_code": "SKU-1", "qty": 1}])["name"]
    kept.put("Quotation", quotation, order_type="Maintenance")
    assert versions(kept, quotation) == []


def test_a_comment_shows_on_its_document_without_touching_it(site: ErpSite) -> None:
    name = site.draft_order()
    before = site.get("Sales Order", name)
    assert "_comments" not in before
    site.wait(1)
    comment = {"reference_doctype": "Sales Order", "reference_name": name, "content": "call back", "comment_email": "x@x.de"}
    made = site.add("Comment", **comment)
    after = site.get("Sales Order", name)
    assert json.loads(after["_comments"]) == [{"comment": "call back", "by": "x@x.de", "name": made["name"]}]
    assert after["modified"] == before["modified"]
    site.delete("Comment", made["name"])
    assert json.loads(site.get("Sales Order", name)["_comments"]) == []


def test_tags_can_be_written_on_a_document_that_exists(site: ErpSite) -> None:
    assert "_user_tags" not in data_of(site.order(_user_tags=",vip"))
    name = site.draft_order()
    assert data_of(site.put("Sales Order", name, _user_tags=",vip"))["_user_tags"] == ",vip"
    assert [row["name"] for row in site.rows("Sales Order", filters=[["_user_tags", "like", "%vip%"]])] == [name]
    assert data_of(site.put("Sales Order", name, po_no="1"))["_user_tags"] == ",vip"


def test_the_same_local_hour_comes_twice_in_october_and_one_is_missing_in_march(site: ErpSite) -> None:
    """A poller by `modified` meets a later change with an earlier stamp."""
    site.clock.advance(datetime(2026, 3, 29, 0, 59, 58, tzinfo=UTC) - site.clock.now())
    first, second = data_of(site.order())["creation"], ""
    site.wait(1)
    second = data_of(site.order())["creation"]
    assert (first[11:16], second[11:16]) == ("01:59", "03:00")
    site.clock.advance(datetime(2026, 10, 25, 0, 30, tzinfo=UTC) - site.clock.now())
    early = data_of(site.order(delivery_date="2026-12-01"))["creation"]
    site.clock.advance(timedelta(minutes=50))
    late = data_of(site.order(delivery_date="2026-12-01"))["creation"]
    assert (early[11:16], late[11:16]) == ("02:30", "02:20")
    assert late < early


def test_stamps_have_six_digits_no_zone_and_rows_share_their_parents(site: ErpSite) -> None:
    order = data_of(site.order())
    assert datetime.fromisoformat(order["creation"]).tzinfo is None
    assert len(order["creation"]) == len("2026-03-02 09:00:01.000001")
    assert order["creation"] == order["modified"] == order["items"][0]["creation"] == order["items"][0]["modified"]
    (row,) = order["items"]
    saved = data_of(site.put("Sales Order", order["name"], po_no="1"))
    assert saved["items"][0]["creation"] == row["creation"]
    assert saved["items"][0]["modified"] == saved["modified"] > row["modified"]
    assert (saved["owner"], saved["creation"]) == (order["owner"], order["creation"])


def test_what_the_server_stamps_cannot_be_sent(site: ErpSite) -> None:
    order = data_of(site.order(owner="x@x.de", creation="2020-01-01 00:00:00", modified="2020-01-01", modified_by="x@x.de"))
    assert (order["owner"], order["modified_by"]) == ("api@example.com", "api@example.com")
    assert order["creation"] > "2026"
