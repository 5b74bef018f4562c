"""Golden totals: rows and taxes. Each document is worked out by hand from the rules of facts 4.9 and 3.8; the derivation stands
with it. `~` leads from an exact figure to the rounded one. Euro, banker's rounding, two decimals, unless a test says otherwise.
"""

from __future__ import annotations

import pytest
from erpnext_golden import DUTY, actual, check, golden_site, included, line, off, tax, vat
from erpnext_site import ErpSite


@pytest.fixture(scope="module")
def site() -> ErpSite:
    """One site: orders do not influence each other's totals."""
    return golden_site()


WORKED = [line(3, 33.333), line(2, 12.5, "B")]


def test_01_worked_example_without_discount(site: ErpSite) -> None:
    """33.333 ~ 33.33, x 3 = 99.99; 2 x 12.50 = 25.00; net 124.99. 19 % = 23.7481 ~ 23.75 (148.74); + 4.90 = 153.64."""
    check(
        site, WORKED, [vat(), actual(4.9)],
        rates=[33.33, 12.5], amounts=[99.99, 25.0], nets=[99.99, 25.0], net_total=124.99, taxes=[23.75, 4.9],
        totals=[148.74, 153.64], total_taxes_and_charges=28.65, grand_total=153.64, rounded_total=153.64, rounding_adjustment=0.0,
    )  # fmt: skip


def test_02_worked_example_ten_percent_off_the_grand_total(site: ErpSite) -> None:
    """Discount 15.364 ~ 15.36, of 148.74 (the total without the actual charge): 99.99 - 10.3257 ~ 89.66; 25 - 2.5817 ~ 22.42.
    Net 112.08, 19 % = 21.2952 ~ 21.30 (133.38), + 4.90 = 138.28 = 153.64 - 15.36. `tax_amount` stays 23.75."""
    check(
        site, WORKED, [vat(), actual(4.9)], of=off(10),
        discount_amount=15.36, nets=[89.66, 22.42], net_total=112.08, before=[23.75, 4.9], taxes=[21.3, 4.9],
        totals=[133.38, 138.28], grand_total=138.28, total_taxes_and_charges=26.2,
    )  # fmt: skip


def test_03_worked_example_ten_percent_off_the_net_total(site: ErpSite) -> None:
    """Discount 12.499 ~ 12.50 of 124.99: 99.99 - 9.9999 ~ 89.99; 25 - 2.5002 ~ 22.50. Net 112.49, 19 % = 21.3731 ~ 21.37."""
    check(
        site, WORKED, [vat(), actual(4.9)], of=off(10, on="Net Total"),
        discount_amount=12.5, nets=[89.99, 22.5], net_total=112.49, before=[21.37, 4.9], taxes=[21.37, 4.9],
        totals=[133.86, 138.76], grand_total=138.76,
    )  # fmt: skip


def test_04_unit_prices_are_rounded_first(site: ErpSite) -> None:
    """0.0045 ~ 0.00, so 1000 of them are 0.00. 33.335 is a tie: 3333.5 cents go to the even 3334; x 3 = 100.02."""
    check(site, [line(1000, 0.0045), line(3, 33.335)], rates=[0.0, 33.34], amounts=[0.0, 100.02], grand_total=100.02)


def test_05_ties_of_amounts_go_to_the_even_cent(site: ErpSite) -> None:
    """0.25 x 0.5 = 0.125 ~ 0.12; 0.75 x 0.5 = 0.375 ~ 0.38; 1.05 x 0.5 = 0.525 ~ 0.52."""
    check(site, [line(0.5, 0.25), line(0.5, 0.75), line(0.5, 1.05)], amounts=[0.12, 0.38, 0.52], grand_total=1.02)


def test_06_thirds_are_cut_to_three_decimals(site: ErpSite) -> None:
    """1/3 ~ 0.333, x 30 = 9.99; three of them 29.97; 19 % = 5.6943 ~ 5.69; total quantity 0.999."""
    thirds = [line(1 / 3, 30)] * 3
    check(site, thirds, [vat()], amounts=[9.99] * 3, total_qty=0.999, taxes=[5.69], grand_total=35.66)


def test_07_a_tax_row_is_rounded_once(site: ErpSite) -> None:
    """19 % of 0.13 = 0.0247 three times = 0.0741 ~ 0.07."""
    check(site, [line(1, 0.13)] * 3, [vat()], taxes=[0.07], grand_total=0.46)


def test_08_or_every_share_where_the_site_says_so() -> None:
    """0.0247 ~ 0.02, three times 0.06. An actual 0.10 over three equal rows: 0.0333 ~ 0.03 twice, the last takes 0.04."""
    site = golden_site(round_row_wise_tax=True)
    three = [line(1, 0.13), line(1, 0.13, "B"), line(1, 0.13, "C")]
    check(
        site, three, [vat(), actual(0.1)],
        taxes=[0.06, 0.1], grand_total=0.55, details=['{"A":[19.0,0.02],"B":[19.0,0.02],"C":[19.0,0.02]}',
                                                      '{"A":[0.0,0.03],"B":[0.0,0.03],"C":[0.0,0.04]}'],
    )  # fmt: skip


def test_09_on_previous_row_amount_takes_the_unrounded_tax(site: ErpSite) -> None:
    """10 % of 123.45 = 12.345, a tie ~ 12.34 (135.79). 5 % of 12.345 = 0.61725 ~ 0.62 (136.41)."""
    taxes = [vat(10), tax("On Previous Row Amount", 5, DUTY, row_id="1")]
    check(site, [line(1, 123.45)], taxes, taxes=[12.34, 0.62], totals=[135.79, 136.41], grand_total=136.41)


def test_10_on_previous_row_total_takes_net_and_taxes_so_far(site: ErpSite) -> None:
    """2 % of 123.45 + 12.345 = 135.795: 2.7159 ~ 2.72. Total 123.45 + 12.34 + 2.72 = 138.51."""
    taxes = [vat(10), tax("On Previous Row Total", 2, DUTY, row_id="1")]
    check(site, [line(1, 123.45)], taxes, taxes=[12.34, 2.72], totals=[135.79, 138.51], total_taxes_and_charges=15.06)


def test_11_on_item_quantity(site: ErpSite) -> None:
    """0.35 for each of 3 + 2.5 units: 1.05 + 0.875 = 1.925, a tie ~ 1.92. 3 x 10 + 2.5 x 4 = 40.00."""
    check(site, [line(3, 10), line(2.5, 4, "B")], [tax("On Item Quantity", 0.35, DUTY)], taxes=[1.92], grand_total=41.92)


def test_12_an_actual_charge_is_spread_and_taxed(site: ErpSite) -> None:
    """10.00 over 33.33, 33.33, 33.34 of 100.00: 3.333, 3.333 and the rest 3.334. 19 % of 110.00 = 20.90."""
    lines = [line(1, 33.33), line(1, 33.33, "B"), line(1, 33.34, "C")]
    check(
        site, lines, [actual(10), tax("On Previous Row Total", 19, row_id="1")],
        taxes=[10.0, 20.9], totals=[110.0, 130.9], details=['{"A":[0.0,3.333],"B":[0.0,3.333],"C":[0.0,3.334]}',
                                                            '{"A":[19.0,6.96597],"B":[19.0,6.96597],"C":[19.0,6.96806]}'],
    )  # fmt: skip


def test_13_only_the_charge_is_taxed(site: ErpSite) -> None:
    """19 % of the charge of 7.50 = 1.425, a tie ~ 1.42: 100 + 7.50 + 1.42."""
    check(site, [line(1, 100)], [actual(7.5), tax("On Previous Row Amount", 19, row_id="1")], taxes=[7.5, 1.42], grand_total=108.92)


def test_14_items_with_rates_of_their_own(site: ErpSite) -> None:
    """A at the row's 19 %: 19.00. B at 7 % of 50: 3.50. C at 0 %: nothing. 22.50 in all, on 180.00."""
    for title, rate in (("Reduced", 7), ("Exempt", 0)):
        site.add("Item Tax Template", title=title, company="Acme GmbH", taxes=[{"tax_type": "VAT - ACM", "tax_rate": rate}])
    lines = [
        line(1, 100),
        line(1, 50, "B", item_tax_template="Reduced - ACM"),
        line(1, 30, "C", item_tax_template="Exempt - ACM"),
    ]
    details = ['{"A":[19.0,19.0],"B":[7.0,3.5],"C":[0.0,0.0]}']
    check(site, lines, [vat()], taxes=[22.5], grand_total=202.5, details=details)


def test_15_a_rate_of_zero_is_a_row_without_effect(site: ErpSite) -> None:
    """19.99 stays 19.99, and so does the total in company currency."""
    check(site, [line(1, 19.99)], [vat(0)], taxes=[0.0], totals=[19.99], total_taxes_and_charges=0.0, base_grand_total=19.99)


def test_16_a_free_line_is_a_discount_of_all(site: ErpSite) -> None:
    """50.00 less 100 % = 0.00; 2 x 9.95 = 19.90; 19 % = 3.781 ~ 3.78."""
    lines = [line(1, 0, price_list_rate=50, discount_percentage=100), line(2, 9.95)]
    check(site, lines, [vat()], rates=[0.0, 9.95], nets=[0.0, 19.9], taxes=[3.78], grand_total=23.68)


def test_17_a_discount_in_percent_of_the_list_price(site: ErpSite) -> None:
    """19.99 less 12.5 % = 17.49125 ~ 17.49; x 7 = 122.43."""
    check(site, [line(7, 0, price_list_rate=19.99, discount_percentage=12.5)], rates=[17.49], grand_total=122.43)


def test_18_a_margin_and_a_discount(site: ErpSite) -> None:
    """80 + 7.5 % = 86.00; less 10 % = 77.40; x 3 = 232.20."""
    margin = {"margin_type": "Percentage", "margin_rate_or_amount": 7.5, "discount_percentage": 10}
    check(site, [line(3, 0, price_list_rate=80, **margin)], rates=[77.4], grand_total=232.2)


def test_19_a_credit_line(site: ErpSite) -> None:
    """100 - 10 = 90; 19 % = 17.10. A draft may have a negative rate."""
    check(site, [line(1, 100), line(1, -10)], [vat()], nets=[100.0, -10.0], taxes=[17.1], grand_total=107.1)


def test_20_sixty_lines(site: ErpSite) -> None:
    """30 x (3 x 1.11 = 3.33) + 30 x (7 x 0.07 = 0.49) = 99.90 + 14.70 = 114.60; 19 % = 21.774 ~ 21.77."""
    lines = [line(3, 1.11), line(7, 0.07, "B")] * 30
    check(site, lines, [vat()], net_total=114.6, total_qty=300.0, taxes=[21.77], grand_total=136.37)


# -- taxes included in the rate -----------------------------------------------------------------------------------


def test_21_a_tax_included_comes_out_and_back(site: ErpSite) -> None:
    """119.00 / 1.19 = 100.00; 19 % = 19.00; 119.00."""
    check(
        site,
        [line(1, 119)],
        [included()],
        amounts=[119.0],
        nets=[100.0],
        taxes=[19.0],
        total=119.0,
        net_total=100.0,
        grand_total=119.0,
    )


def test_22_net_rates_are_rounded_like_net_amounts(site: ErpSite) -> None:
    """3 x 3.33 = 9.99; / 1.19 = 8.3950 ~ 8.39; net rate 8.39 / 3 = 2.7967 ~ 2.80; 19 % = 1.5941 ~ 1.59; 9.98 + 0.01 = 9.99."""
    check(site, [line(3, 3.33)], [included()], nets=[8.39], net_rates=[2.8], taxes=[1.59], totals=[9.98], grand_total=9.99)


def test_23_what_rounding_lost_is_put_back(site: ErpSite) -> None:
    """9.99 / 1.19 = 8.3950 ~ 8.39, three times 25.17; 19 % = 4.7823 ~ 4.78 (29.95). 29.97 - 29.95 = 0.02 goes on top of the grand
    total and is no tax: 29.97 - 25.17 - 0.02 = 4.78."""
    check(
        site, [line(1, 9.99)] * 3, [included()],
        net_total=25.17, taxes=[4.78], totals=[29.95], grand_total=29.97, total_taxes_and_charges=4.78,
    )  # fmt: skip


def test_24_five_cents_are_put_back_and_six_are_not(site: ErpSite) -> None:
    """9 rows: net 75.51, tax 14.3469 ~ 14.35 (89.86), 0.05 short of 89.91. 10: 83.90, 15.941 ~ 15.94 (99.84), 0.06 short
    of 99.90."""
    check(site, [line(1, 9.99)] * 9, [included()], totals=[89.86], grand_total=89.91)
    check(site, [line(1, 9.99)] * 10, [included()], totals=[99.84], grand_total=99.84)


def test_25_two_taxes_included_one_on_the_other(site: ErpSite) -> None:
    """1 + 10 % + 5 % of 1.10 = 1.155; 231.00 / 1.155 = 200.00; 20.00 (220.00); 5 % of 220.00 = 11.00 (231.00)."""
    second = tax("On Previous Row Total", 5, DUTY, row_id="1", included_in_print_rate=1)
    check(site, [line(1, 231)], [included(10), second], nets=[200.0], taxes=[20.0, 11.0], totals=[220.0, 231.0], grand_total=231.0)


def test_26_a_deposit_for_each_unit_included(site: ErpSite) -> None:
    """4 x 3.00 = 12.00, less 4 x 0.25 = 11.00; / 1.19 = 9.2437 ~ 9.24; 19 % = 1.7556 ~ 1.76 (11.00); + 1.00 = 12.00."""
    deposit = tax("On Item Quantity", 0.25, DUTY, included_in_print_rate=1)
    check(site, [line(4, 3)], [included(), deposit], nets=[9.24], taxes=[1.76, 1.0], totals=[11.0, 12.0], grand_total=12.0)


def test_27_one_tax_included_and_a_charge_on_top(site: ErpSite) -> None:
    """8.39 + 1.59 = 9.98, + 4.90 = 14.88; 9.99 + 4.90 - 14.88 = 0.01 is put back."""
    check(site, [line(1, 9.99)], [included(), actual(4.9)], nets=[8.39], totals=[9.98, 14.88], grand_total=14.89)


def test_28_included_at_rates_of_the_items_own(site: ErpSite) -> None:
    """A at 19 %: 11.90 / 1.19 = 10.00. B at 7 %: 10.70 / 1.07 = 10.00. 1.90 + 0.70 = 2.60."""
    site.add("Item Tax Template", title="Books", company="Acme GmbH", taxes=[{"tax_type": "VAT - ACM", "tax_rate": 7}])
    lines = [line(1, 11.9), line(1, 10.7, "B", item_tax_template="Books - ACM")]
    check(site, lines, [included()], nets=[10.0, 10.0], taxes=[2.6], grand_total=22.6)
