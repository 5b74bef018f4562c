"""Golden totals: the discount of a document. Worked out by hand from facts 4.9 step 10; `~` leads from exact to rounded figures.

Every row gives its share by net amount, rounded; what rounding has lost so far is corrected in the row in hand.
"""

from __future__ import annotations

import pytest
from erpnext_golden import DUTY, actual, check, golden_site, included, line, off, sent, tax, vat
from erpnext_site import ErpSite, messages_of, refused


@pytest.fixture(scope="module")
def site() -> ErpSite:
    return golden_site()


def test_31_one_euro_off_three_equal_rows(site: ErpSite) -> None:
    """Each row 10 - 0.3333 = 9.6667 ~ 9.67. After two rows 19.34 stand against 19.3333: -0.0067 ~ -0.01, so the second is 9.66.
    After three 29.00 against 29.00."""
    check(
        site, [line(1, 10)] * 3, [vat(10)], of=off(amount=1, on="Net Total"),
        nets=[9.67, 9.66, 9.67], net_total=29.0, taxes=[2.9], grand_total=31.9, discount_amount=1.0,
    )  # fmt: skip


def test_32_off_the_grand_total_without_taxes(site: ErpSite) -> None:
    """As 31: without taxes the grand total is the net total."""
    check(
        site, [line(1, 10)] * 3, of=off(amount=1), nets=[9.67, 9.66, 9.67], net_total=29.0, grand_total=29.0, base_grand_total=29.0
    )


def test_33_an_amount_off_the_grand_total_of_uneven_rows(site: ErpSite) -> None:
    """Net 121.00, 19 % = 22.99, 143.99. 12.34 of 143.99: 17.77 - 1.5229 ~ 16.25; 5.01 - 0.4294 ~ 4.58; 98.22 - 8.4175 ~ 89.80.
    Net 110.63, 19 % = 21.0197 ~ 21.02: 131.65 = 143.99 - 12.34."""
    lines = [line(1, 17.77), line(1, 5.01, "B"), line(1, 98.22, "C")]
    check(
        site, lines, [vat()], of=off(amount=12.34),
        nets=[16.25, 4.58, 89.8], net_total=110.63, before=[22.99], taxes=[21.02], totals=[131.65], grand_total=131.65,
    )  # fmt: skip


def test_34_the_grand_total_is_the_old_one_less_the_discount_to_the_cent(site: ErpSite) -> None:
    """10 + 1.90 = 11.90. 0.03 of it: 10 - 0.0252 ~ 9.97; 19 % = 1.8943 ~ 1.89; 11.86. But 11.90 - 0.03 = 11.87, and that is the
    grand total: the cent is no tax."""
    check(
        site, [line(1, 10)], [vat()], of=off(amount=0.03),
        nets=[9.97], taxes=[1.89], totals=[11.86], grand_total=11.87, total_taxes_and_charges=1.89,
    )  # fmt: skip


def test_35_charges_that_do_not_follow_the_net_amount_give_nothing(site: ErpSite) -> None:
    """Rows 4 x 10 = 40 and 3 x 20 = 60; VAT 19.00; 0.50 x 7 = 3.50; freight 7.00; VAT on freight 1.33: 130.83.
    Fixed are 3.50 + 7.00 + 1.33, so 20.00 are a part of 119.00: 40 - 6.7227 ~ 33.28; 60 - 10.0840 ~ 49.92, but 83.20 stand
    against 83.1933: 49.91. Net 83.19, 19 % = 15.8061 ~ 15.81 (99.00), 102.50, 109.50, 110.83 = 130.83 - 20."""
    taxes = [vat(), tax("On Item Quantity", 0.5, DUTY), actual(7), tax("On Previous Row Amount", 19, row_id="3")]
    check(
        site, [line(4, 10), line(3, 20, "B")], taxes, of=off(amount=20),
        nets=[33.28, 49.91], before=[19.0, 3.5, 7.0, 1.33], taxes=[15.81, 3.5, 7.0, 1.33], totals=[99.0, 102.5, 109.5, 110.83],
        grand_total=110.83,
    )  # fmt: skip


def test_36_ten_percent_off_sixty_lines(site: ErpSite) -> None:
    """Net 114.60, discount 11.46. Rows of 3.33 keep 2.997 ~ 3.00, rows of 0.49 keep 0.441 ~ 0.44: a pair gains 0.002. After the
    first row of the third pair 9.88 stand against 9.873 = 2 x 3.438 + 2.997: -0.007 ~ -0.01, so that row is 2.99; then it starts
    anew every five pairs (5 x 0.002 = 0.01). Six rows of 2.99: 24 x 3.00 + 6 x 2.99 + 30 x 0.44 = 103.14 = 114.60 - 11.46.
    19 % = 19.5966 ~ 19.60."""
    pairs = [[3.0, 0.44], [3.0, 0.44], [2.99, 0.44], [3.0, 0.44], [3.0, 0.44]] * 6
    lines = [line(3, 1.11), line(7, 0.07, "B")] * 30
    nets = [net for pair in pairs for net in pair]
    check(site, lines, [vat()], of=off(10, on="Net Total"), nets=nets, net_total=103.14, taxes=[19.6], grand_total=122.74)


def test_37_seven_cents_less_three(site: ErpSite) -> None:
    """Each row keeps 0.01 x 4/7 = 0.0057 ~ 0.01. After two 0.02 stand against 0.0114: -0.0086 ~ -0.01, 0.00. And so on in turns."""
    nets = [0.01, 0.0, 0.01, 0.0, 0.01, 0.0, 0.01]
    check(site, [line(1, 0.01)] * 7, of=off(amount=0.03, on="Net Total"), nets=nets, net_total=0.04, grand_total=0.04)


def test_38_all_of_it(site: ErpSite) -> None:
    """118.99 less 100 % is nothing: 99.99 - 118.99 x 99.99 / 118.99 = 0.00, no tax, no total."""
    check(
        site, [line(3, 33.33)], [vat()], of=off(100),
        discount_amount=118.99, nets=[0.0], before=[19.0], taxes=[0.0], grand_total=0.0, rounded_total=0.0, base_grand_total=0.0,
    )  # fmt: skip


def test_39_a_negative_discount_is_a_surcharge(site: ErpSite) -> None:
    """20 + 5 x 20/50 = 22; 30 + 3 = 33; net 55; 10 % = 5.50."""
    check(
        site, [line(1, 20), line(1, 30)], [vat(10)], of=off(amount=-5, on="Net Total"),
        nets=[22.0, 33.0], net_total=55.0, taxes=[5.5], grand_total=60.5,
    )  # fmt: skip


def test_40_off_a_total_whose_taxes_are_included(site: ErpSite) -> None:
    """Three rows of 9.99 as in 23: net 25.17, grand total 29.97. 10 % = 2.997 ~ 3.00 of 29.97: 8.39 - 0.8398 = 7.5502 ~ 7.55 each,
    22.65; 19 % = 4.3035 ~ 4.30 (26.95); 29.97 - 3.00 = 26.97, the 0.02 are put back."""
    check(
        site, [line(1, 9.99)] * 3, [included()], of=off(10),
        discount_amount=3.0, nets=[7.55] * 3, before=[4.78], taxes=[4.3], totals=[26.95], grand_total=26.97,
        total_taxes_and_charges=4.3,
    )  # fmt: skip


def test_41_half_a_cent_of_discount_goes_to_the_even_cent(site: ErpSite) -> None:
    """5 % of 12.50 = 0.625 ~ 0.62; 5 % of 12.70 = 0.635 ~ 0.64."""
    check(site, [line(1, 12.5)], of=off(5), discount_amount=0.62, grand_total=11.88)
    check(site, [line(1, 12.7)], of=off(5), discount_amount=0.64, grand_total=12.06)


def test_42_only_charges_leave_nothing_to_take_a_discount_off(site: ErpSite) -> None:
    """A row of 0.00 and freight of 5.00: no net amount to be a part of, so the discount is told and not taken."""
    check(site, [line(1, 0)], [actual(5)], of=off(amount=1), discount_amount=1.0, nets=[0.0], taxes=[5.0], grand_total=5.0)


def test_43_more_than_everything_is_refused(site: ErpSite) -> None:
    reply = sent(site, [line(1, 1000)], [vat()], **off(amount=1190.01))
    assert refused(reply, 417, "ValidationError") == (
        "Additional Discount Amount (€ 1,190.01) cannot exceed the total before such discount (€ 1,190.00)"
    )
    assert messages_of(reply)[-1]["title"] == "Invalid Discount Amount"
