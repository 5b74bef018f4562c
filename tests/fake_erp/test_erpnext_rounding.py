"""Amounts in words and in messages, rounding by itself, and the settings behind it. Source: facts 3.8, 4.9 step 11."""

from __future__ import annotations

from decimal import Decimal

import pytest
from erpnext_site import ErpSite, data_of

from fake_erp.erpnext.business.words import in_words
from fake_erp.erpnext.framework.rounding import BANKERS, COMMERCIAL, LEGACY, Rounding
from fake_erp.erpnext.settings import settings_from


@pytest.mark.parametrize(
    ("method", "cents", "whole"),
    [
        (BANKERS, ["0.12", "1.0", "-0.12"], "2.0"),
        (LEGACY, ["0.13", "1.01", "-0.12"], "2.0"),
        (COMMERCIAL, ["0.13", "1.01", "-0.13"], "3.0"),
    ],
)
def test_the_table_of_the_three_methods(method: str, cents: list[str], whole: str) -> None:
    """0.125, 1.005, -0.125 to cents and 2.5 to whole units, as facts 3.8 has them."""
    rounding = Rounding(method, 0, 3, "#,###.##")
    assert [str(rounding.money(Decimal(text))) for text in ("0.125", "1.005", "-0.125")] == cents
    assert str(rounding.whole(Decimal("2.5"))) == whole


@pytest.mark.parametrize(
    ("number_format", "currency_precision", "places"), [("#,###.##", 0, 2), ("#,###.###", 0, 3), ("#.###", 0, 0), ("#,###", 4, 4)]
)
def test_decimals_of_money_are_those_of_the_format_unless_said(number_format: str, currency_precision: int, places: int) -> None:
    assert Rounding(BANKERS, currency_precision, 3, number_format).places == places


def test_what_no_column_holds_is_rounded_to_more_than_any_column_holds() -> None:
    rounding = Rounding(BANKERS, 0, 3, "#,###.##")
    assert rounding.money(Decimal("-1e90")) == Decimal("-1e24")
    assert rounding.ratio(Decimal("1e90"), Decimal("1e-9")) == Decimal("1e24")


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("118.99", "EUR One Hundred And Eighteen and Ninety Nine Cent only."),
        ("0", "EUR Zero only."),
        ("0.05", "Five Cent only."),
        ("-1200", "EUR One Thousand, Two Hundred only."),
        ("2000021.1", "EUR Two Million And Twenty One and Ten Cent only."),
        ("1e12", "EUR 1000000000000 only."),
        ("1000000000000.0", "EUR 1000000000000 only."),
    ],
)
def test_amounts_in_words(amount: str, words: str) -> None:
    assert in_words("EUR", Decimal(amount)) == words


def test_an_order_says_its_total_in_both_currencies() -> None:
    site = ErpSite()
    order = data_of(site.order(("SKU-1", 1, 100), currency="GBP", conversion_rate=1.2))
    assert (order["in_words"], order["base_in_words"]) == ("GBP One Hundred only.", "EUR One Hundred And Twenty only.")


@pytest.mark.parametrize(
    ("number_format", "shown"),
    [
        ("#,###.##", "€ 1,234,567.50"),
        ("#.###,##", "€ 1.234.567,50"),
        ("# ###,##", "€ 1 234 567,50"),
        ("#'###.##", "€ 1'234'567.50"),
        ("#.###", "€ 1.234.568"),
    ],
)
def test_amounts_in_messages(number_format: str, shown: str) -> None:
    rounding = Rounding("Banker's Rounding", 0, 3, number_format)
    assert rounding.formatted(Decimal("1234567.50"), "EUR") == shown


def test_settings_that_cannot_be() -> None:
    for values in ({"rounding_method": "up"}, {"number_format": "#"}, {"currency_precision": 10}, {"float_precision": -1}):
        with pytest.raises(ValueError, match="erpnext settings"):
            settings_from(values)


def test_global_defaults_switch_rounded_totals_off_where_a_document_does_not_say() -> None:
    site = ErpSite(disable_rounded_total=True)
    pounds = {"currency": "GBP", "conversion_rate": 1.2}
    order = data_of(site.order(("SKU-1", 1, 10.4), **pounds))
    assert (order["disable_rounded_total"], order["rounded_total"], order["payment_schedule"][0]["payment_amount"]) == (
        1,
        0.0,
        10.4,
    )
    assert data_of(site.order(("SKU-1", 1, 10.4), **pounds, disable_rounded_total=0))["rounded_total"] == 10.0
