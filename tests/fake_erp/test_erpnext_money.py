"""Prices, currencies, taxes and payment schedules as an integration meets them. Source: facts 4.3, 4.6, 4.9 and 10.1."""

from __future__ import annotations

from typing import Any

import pytest
from erpnext_site import VAT, ErpSite, data_of, refused


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


def rate(site: ErpSite, **values: Any) -> float:
    """The rate of one SKU-1, nothing being said about it."""
    row = {"item_code": "SKU-1", "qty": 1, **values.pop("row", {})}
    return float(
        data_of(site.post("Sales Order", **{"customer": "ACME", "delivery_date": "2027-12-31", "items": [row], **values}))["items"][
            0
        ]["rate"]
    )


# -- prices -------------------------------------------------------------------------------------------------------


def test_the_price_is_the_one_of_the_orders_day(site: ErpSite) -> None:
    (old,) = site.rows("Item Price", filters={"item_code": "SKU-1"}, fields=["name"])
    data_of(site.put("Item Price", old["name"], valid_from="2026-01-01", valid_upto="2026-06-30"))
    price = {"item_code": "SKU-1", "price_list": "Standard Selling"}
    site.add("Item Price", **price, price_list_rate=40, valid_from="2026-07-01")
    site.add("Item Price", **price, price_list_rate=45, valid_from="2026-09-01")
    dates = ("2026-06-30", "2026-07-01", "2026-10-01")
    assert [rate(site, transaction_date=date) for date in dates] == [33.33, 40.0, 45.0]
    assert rate(site, transaction_date="2025-12-31") == 0.0


def test_the_customers_own_price_comes_first_on_its_days(site: ErpSite) -> None:
    site.add("Customer", customer_name="Other", customer_type="Company")
    price = {"item_code": "SKU-1", "price_list": "Standard Selling", "customer": "ACME"}
    site.add("Item Price", **price, price_list_rate=20, valid_from="2026-05-01")
    assert rate(site, transaction_date="2026-04-30") == 33.33
    assert rate(site, transaction_date="2026-05-01") == 20.0
    assert rate(site, transaction_date="2026-05-01", customer="Other") == 33.33
    quotation = {"quotation_to": "Customer", "party_name": "ACME", "transaction_date": "2026-05-01"}
    assert site.add("Quotation", items=[{"item_code": "SKU-1", "qty": 1}], **quotation)["items"][0]["rate"] == 20.0


def test_a_price_of_the_customer_for_a_packing_unit_needs_whole_packs(site: ErpSite) -> None:
    price = {"item_code": "SKU-1", "price_list": "Standard Selling", "customer": "ACME"}
    site.add("Item Price", **price, price_list_rate=20, packing_unit=6)
    assert (rate(site, row={"qty": 12}), rate(site, row={"qty": 7})) == (20.0, 0.0)


def test_a_unit_with_a_price_of_its_own_and_one_without(site: ErpSite) -> None:
    uoms = [{"uom": "Nos", "conversion_factor": 1}, {"uom": "Box", "conversion_factor": 12}, {"uom": "Set", "conversion_factor": 4}]
    site.put("Item", "SKU-1", uoms=uoms)
    site.add("Item Price", item_code="SKU-1", price_list="Standard Selling", uom="Box", price_list_rate=350)
    assert rate(site, row={"uom": "Box"}) == 350.0
    assert rate(site, row={"uom": "Set"}) == 133.32  # 4 x 33.33
    order = data_of(
        site.post(
            "Sales Order", customer="ACME", delivery_date="2026-04-01", items=[{"item_code": "SKU-1", "qty": 3, "uom": "Box"}]
        )
    )
    assert [order["items"][0][key] for key in ("stock_qty", "stock_uom_rate", "conversion_factor")] == [36.0, 29.17, 12.0]


# -- currencies ---------------------------------------------------------------------------------------------------


def test_a_foreign_currency_needs_a_rate(site: ErpSite) -> None:
    words = refused(site.order(currency="USD"), 417, "ValidationError")
    assert words == "Exchange Rate is mandatory. Maybe Currency Exchange record is not created for USD to EUR."


def test_the_rate_comes_from_the_latest_currency_exchange_for_sales(site: ErpSite) -> None:
    exchange = {"from_currency": "USD", "to_currency": "EUR"}
    first = site.add("Currency Exchange", **exchange, date="2026-01-01", exchange_rate=0.9)
    assert first["name"] == "2026-01-01-USD-EUR"
    site.add("Currency Exchange", **exchange, date="2026-01-02", exchange_rate=0.5, for_selling=0)
    refused(site.post("Currency Exchange", **exchange, date="2026-01-01", exchange_rate=0.8), 409, "DuplicateEntryError")
    order = data_of(site.order(("SKU-1", 3, 0), currency="USD", taxes=[VAT]))
    # 33.33 / 0.9 = 37.0333 ~ 37.03 dollars; x 3 = 111.09; VAT 21.1071 ~ 21.11; at 0.9: 99.981 ~ 99.98, 18.999 ~ 19.00
    assert [order["items"][0][key] for key in ("price_list_rate", "rate", "base_rate")] == [37.03, 37.03, 33.33]
    keys = ("conversion_rate", "plc_conversion_rate", "price_list_currency", "grand_total", "base_net_total", "base_grand_total")
    assert [order[key] for key in keys] == [0.9, 1.0, "EUR", 132.2, 99.98, 118.98]
    assert refused(site.order(currency="USD", transaction_date="2025-12-31"), 417, "ValidationError").startswith("Exchange Rate")


def test_the_companys_own_currency_has_a_rate_of_one_whatever_is_sent(site: ErpSite) -> None:
    assert data_of(site.order(conversion_rate=7))["conversion_rate"] == 1.0


def test_the_customers_currency_is_taken_when_none_is_sent(site: ErpSite) -> None:
    site.put("Customer", "ACME", default_currency="CHF")
    order = data_of(site.order(("SKU-1", 1, 10.02), conversion_rate=1.04))
    assert (order["currency"], order["rounded_total"]) == ("CHF", 10.0)


def test_a_price_list_in_another_currency(site: ErpSite) -> None:
    site.add("Price List", price_list_name="US", currency="USD", selling=1)
    site.add("Item Price", item_code="SKU-1", price_list="US", price_list_rate=50)
    order = data_of(site.order(("SKU-1", 1, 0), selling_price_list="US", plc_conversion_rate=0.9))
    assert (order["price_list_currency"], order["items"][0]["rate"]) == ("USD", 45.0)
    assert (
        data_of(site.order(("SKU-1", 1, 0), selling_price_list="US", currency="USD", conversion_rate=0.9))["items"][0]["rate"]
        == 50.0
    )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"exchange_rate": 0}, "Incorrect value:Exchange Rate must be > 0"),
        ({"to_currency": "USD"}, "From Currency and To Currency cannot be same"),
        ({"for_buying": 0, "for_selling": 0}, "Currency Exchange must be applicable for Buying or for Selling."),
    ],
)
def test_exchange_rates_that_make_no_sense(site: ErpSite, values: dict[str, Any], words: str) -> None:
    sent = {"date": "2026-01-01", "from_currency": "USD", "to_currency": "EUR", "exchange_rate": 0.9, **values}
    assert refused(site.post("Currency Exchange", **sent), 417, "ValidationError") == words


# -- taxes --------------------------------------------------------------------------------------------------------


def previous(kind: str, row_id: Any, **more: Any) -> dict[str, Any]:
    return {**VAT, "charge_type": f"On Previous Row {kind}", "row_id": row_id, **more}


@pytest.mark.parametrize(
    ("taxes", "words"),
    [
        ([previous("Total", 1)], "Cannot select charge type as 'On Previous Row Amount' or 'On Previous Row Total' for first row"),
        ([VAT, previous("Amount", None)], "Please specify a valid Row ID for row 2 in table Sales Taxes and Charges"),
        ([VAT, previous("Amount", 2)], "Cannot refer row number greater than or equal to current row number for this Charge type"),
        ([{**VAT, "row_id": 1}], "Can refer row only if the charge type is 'On Previous Row Amount' or 'Previous Row Total'"),
        (
            [{**VAT, "charge_type": "Actual", "tax_amount": 5, "included_in_print_rate": 1}],
            "Charge of type 'Actual' in row 1 cannot be included in Item Rate or Paid Amount",
        ),
        (
            [VAT, previous("Amount", 1, included_in_print_rate=1)],
            "To include tax in row 2 in Item rate, taxes in rows 1 must also be included",
        ),
        (
            [{**VAT, "included_in_print_rate": 1}, VAT, previous("Total", 2, included_in_print_rate=1)],
            "To include tax in row 3 in Item rate, taxes in rows 1 - 2 must also be included",
        ),
    ],
)
def test_tax_rows_that_cannot_be(site: ErpSite, taxes: list[dict[str, Any]], words: str) -> None:
    assert refused(site.order(taxes=taxes), 417, "ValidationError") == words


def test_an_item_brings_its_tax_template_for_the_day(site: ErpSite) -> None:
    for title, share in (("Old", 16), ("New", 7)):
        site.add("Item Tax Template", title=title, company="Acme GmbH", taxes=[{"tax_type": "VAT - ACM", "tax_rate": share}])
    templates = [{"item_tax_template": "Old - ACM"}, {"item_tax_template": "New - ACM", "valid_from": "2026-03-10"}]
    site.put("Item", "SKU-1", taxes=templates)
    before = data_of(site.order(("SKU-1", 1, 100), transaction_date="2026-03-09", taxes=[VAT]))
    after = data_of(site.order(("SKU-1", 1, 100), transaction_date="2026-03-10", taxes=[VAT]))
    assert [doc["taxes"][0]["tax_amount"] for doc in (before, after)] == [16.0, 7.0]
    assert after["items"][0]["item_tax_rate"] == '{"VAT - ACM":7.0}'


def test_item_tax_rates_that_a_client_writes_are_recomputed(site: ErpSite) -> None:
    row = {"item_code": "SKU-1", "qty": 1, "rate": 100, "item_tax_rate": '{"VAT - ACM": 0}'}
    order = data_of(site.post("Sales Order", customer="ACME", delivery_date="2026-04-01", items=[row], taxes=[VAT]))
    assert (order["items"][0]["item_tax_rate"], order["grand_total"]) == ("{}", 119.0)


def test_version_16_tells_what_items_bear_of_taxes_in_rows() -> None:
    """19 % of 33.33 = 6.3327 ~ 6.33 dollars, at 0.9 = 5.697 ~ 5.70 euros.
    With 2.375 of 12.50: 8.7077 ~ 8.71, at 0.9 = 7.839 ~ 7.84, so 2.14 are left."""
    site = ErpSite(version=16)
    order = data_of(site.order(("SKU-1", 1, 33.33), ("SKU-2", 1, 12.5), taxes=[VAT], currency="USD", conversion_rate=0.9))
    (tax,) = order["taxes"]
    assert "item_wise_tax_detail" not in tax
    assert [tax[key] for key in ("net_amount", "base_net_amount", "base_tax_amount")] == [45.83, 41.25, 7.84]
    details = [
        (row["item_row"], row["tax_row"], row["rate"], row["amount"], row["taxable_amount"])
        for row in order["item_wise_tax_details"]
    ]
    first, second = (row["name"] for row in order["items"])
    assert details == [(first, tax["name"], 19.0, 5.7, 30.0), (second, tax["name"], 19.0, 2.14, 11.25)]
    again = data_of(site.put("Sales Order", order["name"], po_no="1"))
    assert len(again["item_wise_tax_details"]) == 2


def test_included_taxes_of_minus_everything_break_the_vendors_division(site: ErpSite) -> None:
    taxes = [{**VAT, "rate": -100, "included_in_print_rate": 1}]
    refused(site.order(taxes=taxes), 500, "ZeroDivisionError")


def test_a_total_below_zero_is_refused_and_so_is_a_discount_on_nothing_named(site: ErpSite) -> None:
    words = refused(site.order(("SKU-1", 1, -5)), 417, "ValidationError")
    assert words == "Incorrect value:Grand Total (Company Currency) must be >= 0.0"
    words = refused(site.order(apply_discount_on="", discount_amount=5), 417, "ValidationError")
    assert words == "Please select Apply Discount On"


def test_an_alternative_of_a_quotation_is_in_no_total(site: ErpSite) -> None:
    items = [{"item_code": "SKU-1", "qty": 1, "rate": 10}, {"item_code": "SKU-2", "qty": 1, "rate": 7, "is_alternative": 1}]
    quotation = site.add("Quotation", quotation_to="Customer", party_name="ACME", items=items, taxes=[VAT])
    assert [row["amount"] for row in quotation["items"]] == [10.0, 7.0]
    assert [quotation[key] for key in ("total_qty", "net_total", "grand_total")] == [1.0, 10.0, 11.9]


# -- payment schedule ---------------------------------------------------------------------------------------------


def schedule(*rows: tuple[str, float, float]) -> list[dict[str, Any]]:
    return [{"due_date": date, "invoice_portion": portion, "payment_amount": amount} for date, portion, amount in rows]


def test_without_terms_all_is_due_on_the_orders_day(site: ErpSite) -> None:
    order = data_of(site.order(transaction_date="2026-03-05", taxes=[VAT]))
    (row,) = order["payment_schedule"]
    keys = ("due_date", "invoice_portion", "payment_amount", "base_payment_amount", "outstanding", "discount_type")
    assert [row[key] for key in keys] == ["2026-03-05", 100.0, 118.99, 118.99, 118.99, "Percentage"]


def test_portions_follow_the_total_and_fixed_amounts_stay(site: ErpSite) -> None:
    rows = schedule(("2026-03-10", 30, 0), ("2026-04-10", 70, 0))
    order = data_of(site.order(taxes=[VAT], payment_schedule=rows))
    assert [row["payment_amount"] for row in order["payment_schedule"]] == [35.7, 83.29]  # 35.697, 83.293
    fixed = schedule(("2026-03-10", 0, 50), ("2026-04-10", 0, 68.99))
    order = data_of(site.order(taxes=[VAT], payment_schedule=fixed))
    assert [row["payment_amount"] for row in order["payment_schedule"]] == [50.0, 68.99]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (schedule(("2026-03-10", 0, 50)), "Total Payment Amount in Payment Schedule must be equal to Grand / Rounded Total"),
        (
            schedule(("2026-03-10", 50, 0), ("2026-03-10", 50, 0)),
            "Rows with duplicate due dates in other rows were found: <br>2026-03-10 in row 2",
        ),
        (schedule(("2020-01-01", 100, 0)), "Row 1: Due Date in the Payment Terms table cannot be before Posting Date"),
    ],
)
def test_schedules_that_cannot_be(site: ErpSite, rows: list[dict[str, Any]], words: str) -> None:
    assert refused(site.order(payment_schedule=rows), 417, "ValidationError") == words


def test_payment_terms_templates_are_not_modelled(site: ErpSite) -> None:
    words = refused(site.order(payment_terms_template="Net 30"), 417, "ValidationError")
    assert words == "Payment Terms Template: Not supported by fake"
