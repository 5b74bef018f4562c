"""The pitfalls of money: what is sent is not what the document says afterwards. Source: facts 8, P14 to P17, P42, P54."""

from __future__ import annotations

from typing import Any

import pytest
from erpnext_site import GET_PAYMENT_ENTRY, VAT, ErpSite, data_of, refused

PRICES = "Item Price"
TEMPLATE = "Germany VAT 19% - ACM"


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


def first_row(site: ErpSite, **row: Any) -> dict[str, Any]:
    """The only row of an order, as the site answers it."""
    values = {"customer": "ACME", "delivery_date": "2026-04-01", "items": [{"item_code": "SKU-1", "qty": 1, **row}]}
    return dict(data_of(site.post("Sales Order", **values))["items"][0])


def test_pitfall_p14_a_rate_of_zero_is_replaced_by_the_list_price(site: ErpSite) -> None:
    assert first_row(site, rate=0)["rate"] == 33.33
    assert first_row(site)["rate"] == 33.33
    free = first_row(site, rate=0, discount_percentage=100)
    assert (free["rate"], free["price_list_rate"], free["discount_amount"]) == (0.0, 33.33, 33.33)


def test_pitfall_p14_without_a_list_price_a_rate_of_zero_stays(site: ErpSite) -> None:
    site.add("Item", item_code="GIFT", item_group="Products", stock_uom="Nos", is_stock_item=0)
    assert first_row(site, item_code="GIFT", rate=0)["rate"] == 0.0


def test_pitfall_p15_unit_prices_are_rounded_to_the_decimals_of_money(site: ErpSite) -> None:
    site.add("Item", item_code="SCREW", item_group="Products", stock_uom="Nos", is_stock_item=0)
    screws = first_row(site, item_code="SCREW", qty=1000, rate=0.0045)
    assert (screws["rate"], screws["amount"]) == (0.0, 0.0)
    assert first_row(site, qty=3, rate=33.333)["amount"] == 99.99
    fine = ErpSite(currency_precision=4)
    fine.add("Item", item_code="SCREW", item_group="Products", stock_uom="Nos", is_stock_item=0)
    assert first_row(fine, item_code="SCREW", qty=1000, rate=0.0045)["amount"] == 4.5


def test_pitfall_p16_the_name_of_a_tax_template_adds_no_taxes(site: ErpSite) -> None:
    data = data_of(site.order(taxes_and_charges=TEMPLATE))
    assert (data["taxes_and_charges"], data["taxes"], data["grand_total"]) == (TEMPLATE, [], 99.99)
    data = data_of(site.order(taxes_and_charges=TEMPLATE, taxes=[VAT]))
    assert data["grand_total"] == 118.99


def test_pitfall_p16_unless_the_site_is_set_up_to_add_them() -> None:
    site = ErpSite(add_taxes_from_taxes_and_charges_template=True)
    data = data_of(site.order(taxes_and_charges=TEMPLATE))
    assert [(tax["account_head"], tax["rate"], tax["idx"]) for tax in data["taxes"]] == [("VAT - ACM", 19.0, 1)]
    assert data["grand_total"] == 118.99
    again = data_of(site.put("Sales Order", data["name"], po_no="1"))
    assert len(again["taxes"]) == 1
    own = {**VAT, "rate": 7}
    assert data_of(site.order(taxes_and_charges=TEMPLATE, taxes=[own]))["taxes"][0]["rate"] == 7.0


def test_pitfall_p17_pounds_are_rounded_to_whole_ones_and_owed_so(site: ErpSite) -> None:
    order = data_of(site.order(("SKU-1", 1, 153.64), currency="GBP", conversion_rate=1.2))
    assert (order["grand_total"], order["rounded_total"], order["rounding_adjustment"]) == (153.64, 154.0, 0.36)
    assert [row["payment_amount"] for row in order["payment_schedule"]] == [154.0]
    values = {"customer": "ACME", "currency": "GBP", "conversion_rate": 1.2, "docstatus": 1}
    items = [{"item_code": "SKU-1", "qty": 1, "rate": 153.64}]
    account = {"account_name": "Debtors GBP", "company": "Acme GmbH", "account_type": "Receivable", "account_currency": "GBP"}
    pounds = site.add("Account", **account)["name"]
    invoice = site.add("Sales Invoice", items=items, debit_to=pounds, **values)
    assert (invoice["grand_total"], invoice["outstanding_amount"]) == (153.64, 154.0)
    invoice = site.add("Sales Invoice", items=items, **values)
    assert (invoice["outstanding_amount"], invoice["party_account_currency"]) == (184.8, "EUR"), "the account is kept in euros"


def test_pitfall_p17_euros_are_owed_to_the_cent(site: ErpSite) -> None:
    invoice = site.add("Sales Invoice", customer="ACME", items=[{"item_code": "SKU-1", "qty": 1, "rate": 153.64}], docstatus=1)
    assert (invoice["rounded_total"], invoice["outstanding_amount"]) == (153.64, 153.64)
    payment = site.call(GET_PAYMENT_ENTRY, dt="Sales Invoice", dn=invoice["name"]).json()["message"]
    assert payment["paid_amount"] == 153.64


def test_pitfall_p42_saving_a_row_with_a_rate_leaves_a_price(site: ErpSite) -> None:
    site.add("Item", item_code="NEW", item_group="Products", stock_uom="Nos")
    assert first_row(site, item_code="NEW", rate=7.5)["price_list_rate"] == 0.0
    prices = site.rows(PRICES, filters={"item_code": "NEW"}, fields=["price_list_rate", "price_list", "uom"])
    assert prices == [{"price_list_rate": 7.5, "price_list": "Standard Selling", "uom": "Nos"}]
    second = first_row(site, item_code="NEW", rate=9)
    assert (second["price_list_rate"], second["margin_rate_or_amount"]) == (7.5, 1.5)
    assert len(site.rows(PRICES, filters={"item_code": "NEW"})) == 1


def test_pitfall_p42_a_price_per_box_leaves_one_per_piece_and_a_foreign_one_leaves_none(site: ErpSite) -> None:
    uoms = [{"uom": "Nos", "conversion_factor": 1}, {"uom": "Box", "conversion_factor": 12}]
    for code in ("BOXED", "ABROAD"):
        site.add("Item", item_code=code, item_group="Products", stock_uom="Nos", uoms=uoms)
    first_row(site, item_code="BOXED", rate=30, uom="Box")
    assert site.rows(PRICES, filters={"item_code": "BOXED"}, fields=["uom", "price_list_rate"]) == [
        {"uom": "Nos", "price_list_rate": 2.5}
    ]
    items = [{"item_code": "ABROAD", "qty": 1, "rate": 5}]
    site.add("Sales Order", customer="ACME", delivery_date="2026-04-01", items=items, currency="USD", conversion_rate=0.9)
    assert site.rows(PRICES, filters={"item_code": "ABROAD"}) == []


def test_pitfall_p42_is_a_setting() -> None:
    site = ErpSite(auto_insert_price_list_rate_if_missing=False)
    site.add("Item", item_code="NEW", item_group="Products", stock_uom="Nos")
    first_row(site, item_code="NEW", rate=7.5)
    assert site.rows(PRICES, filters={"item_code": "NEW"}) == []


def test_pitfall_p54_numbers_that_cannot_be_read_are_zero(site: ErpSite) -> None:
    assert first_row(site, rate="abc")["rate"] == 33.33
    assert first_row(site, rate="1,234.50")["rate"] == 1234.5
    items = [{"item_code": "SKU-1", "qty": "abc", "rate": 5}]
    reply = site.post("Sales Order", customer="ACME", delivery_date="2026-04-01", items=items)
    assert refused(reply, 417, "InvalidQtyError") == "Row #1: Quantity for Item <strong>SKU-1</strong> cannot be zero."
    data = data_of(site.order(taxes=[{**VAT, "rate": "n/a"}], additional_discount_percentage="ten"))
    assert (data["grand_total"], data["discount_amount"]) == (99.99, 0.0)
