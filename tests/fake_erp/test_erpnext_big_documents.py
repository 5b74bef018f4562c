"""Documents with 10,000 rows are created, read, changed, submitted and cancelled like any other."""

from __future__ import annotations

from typing import Any

import pytest
from erpnext_site import SALES_ORDER, ErpSite, data_of

ROWS = 10_000


@pytest.fixture
def site() -> ErpSite:
    return ErpSite(allow_negative_stock=True)


def test_an_order_of_ten_thousand_rows_lives_its_whole_life(site: ErpSite) -> None:
    order = data_of(site.order(*[("SKU-1", 1, 10.0 + number % 7) for number in range(ROWS)]))
    name, rows = order["name"], order["items"]
    assert (len(rows), order["total_qty"]) == (ROWS, float(ROWS))
    assert [row["idx"] for row in rows] == list(range(1, ROWS + 1))
    assert len({row["name"] for row in rows}) == ROWS
    assert len(site.get("Sales Order", name)["items"]) == ROWS
    assert data_of(site.put("Sales Order Item", rows[-1]["name"], qty=3))["idx"] == ROWS
    kept: list[dict[str, Any]] = [*rows[: ROWS // 2], {"item_code": "SKU-2", "qty": 1, "rate": 1}]
    assert len(data_of(site.put("Sales Order", name, items=kept))["items"]) == ROWS // 2 + 1
    assert data_of(site.put("Sales Order", name, docstatus=1))["status"] == "To Deliver and Bill"
    note = site.proposal(f"{SALES_ORDER}.make_delivery_note", name)
    assert len(note["items"]) == ROWS // 2 + 1
    delivered = site.add("Delivery Note", **{**note, "docstatus": 1})
    assert site.get("Sales Order", name)["per_delivered"] == 100.0
    assert site.put("Delivery Note", delivered["name"], docstatus=2).status == 200
    assert site.put("Sales Order", name, docstatus=2).status == 200


def test_ten_thousand_bad_rows_are_told_in_one_refusal(site: ErpSite) -> None:
    rows = [{"item_code": f"NOPE-{number}", "qty": 1} for number in range(ROWS)]
    reply = site.order(items=rows)
    assert (reply.status, reply.json()["exc_type"]) == (417, "LinkValidationError")
    assert reply.json()["exception"].endswith(f"Row #{ROWS}: Item Code: NOPE-{ROWS - 1}")


def test_a_customer_may_have_ten_thousand_links_and_an_address_as_many(site: ErpSite) -> None:
    links = [{"link_doctype": "Customer", "link_name": "ACME"}] * ROWS
    place = {"address_type": "Billing", "address_line1": "Main St 1", "city": "Berlin", "country": "Germany"}
    assert len(site.add("Address", **place, links=links)["links"]) == 1
