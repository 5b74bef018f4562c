"""Golden totals: currencies, coins, precisions and rounding methods. Worked out by hand from facts 3.8 and 4.9 steps 3, 8 and 9."""

from __future__ import annotations

from typing import Any

import pytest
from erpnext_golden import check, golden_site, line, off, vat
from erpnext_site import ErpSite


@pytest.fixture(scope="module")
def site() -> ErpSite:
    return golden_site()


def money(currency: str, rate: float) -> dict[str, Any]:
    return {"currency": currency, "conversion_rate": rate}


@pytest.mark.parametrize(
    ("price", "rounded", "adjustment"),
    [
        (153.64, 154.0, 0.36),
        (154.49, 154.0, -0.49),  # down: the adjustment is negative
        (153.5, 154.0, 0.5),  # a tie goes to the even pound,
        (152.5, 152.0, -0.5),  # up or down
        (0.5, 0.0, -0.5),
    ],
)
def test_51_pounds_have_no_coins_here(site: ErpSite, price: float, rounded: float, adjustment: float) -> None:
    """No smallest fraction is known of GBP: whole pounds. In company currency at 1.2, each figure for itself: 154.00 = 184.80."""
    base = {154.0: 184.8, 152.0: 182.4, 0.0: 0.0}[rounded]
    check(
        site, [line(1, price)], of=money("GBP", 1.2),
        grand_total=price, rounded_total=rounded, rounding_adjustment=adjustment, base_rounded_total=base,
    )  # fmt: skip


@pytest.mark.parametrize(("price", "rounded", "adjustment"), [(12.38, 12.4, 0.02), (12.37, 12.35, -0.02), (12.4, 12.4, 0.0)])
def test_52_francs_go_to_five_rappen(site: ErpSite, price: float, rounded: float, adjustment: float) -> None:
    """12.38 = 247 x 0.05 + 0.03, more than half a coin: up. 12.37 has 0.02 over: down."""
    check(
        site, [line(1, price)], of=money("CHF", 1.04),
        grand_total=price, rounded_total=rounded, rounding_adjustment=adjustment,
    )  # fmt: skip


def test_53_francs_with_tax(site: ErpSite) -> None:
    """45.70; 8.1 % = 3.7017 ~ 3.70; 49.40 is a multiple. At 1.04: 47.528 ~ 47.53; 3.848 ~ 3.85; 51.376 ~ 51.38."""
    check(
        site, [line(1, 45.7)], [vat(8.1)], of=money("CHF", 1.04),
        taxes=[3.7], grand_total=49.4, rounded_total=49.4, base_net_total=47.53, base_total_taxes_and_charges=3.85,
        base_grand_total=51.38,
    )  # fmt: skip


def test_54_halfway_between_two_coins_goes_down(site: ErpSite) -> None:
    """A coin of 0.10: 10.05 has 0.05 over, not more than half of it. 10.06 has."""
    site.add("Currency", currency_name="XTS", enabled=1, smallest_currency_fraction_value=0.1)
    check(site, [line(1, 10.05)], of=money("XTS", 2), rounded_total=10.0, rounding_adjustment=-0.05)
    check(site, [line(1, 10.06)], of=money("XTS", 2), rounded_total=10.1, rounding_adjustment=0.04)


def test_55_yen_have_decimals_until_the_rounded_total(site: ErpSite) -> None:
    """3 x 1234.56 = 3703.68; 10 % = 370.368 ~ 370.37; 4074.05 ~ 4074, -0.05.
    At 0.0061: 4074.05 = 24.851705 ~ 24.85; 4074 = 24.8514 ~ 24.85; 3703.68 = 22.592448 ~ 22.59."""
    check(
        site, [line(3, 1234.56)], [vat(10)], of=money("JPY", 0.0061),
        taxes=[370.37], grand_total=4074.05, rounded_total=4074.0, rounding_adjustment=-0.05, base_net_total=22.59,
        base_grand_total=24.85, base_rounded_total=24.85,
    )  # fmt: skip


def test_56_a_site_without_decimals() -> None:
    """Number format `#,###`: 1234.56 ~ 1235; x 3 = 3705; 10 % = 370.5, a tie ~ 370; 4075."""
    site = golden_site(number_format="#,###")
    check(
        site, [line(3, 1234.56)], [vat(10)], of=money("JPY", 0.0061),
        rates=[1235.0], amounts=[3705.0], taxes=[370.0], grand_total=4075.0, rounded_total=4075.0, rounding_adjustment=0.0,
    )  # fmt: skip


def test_57_a_site_with_four_decimals_keeps_small_prices() -> None:
    """0.00455 ~ 0.0046 (45.5 to the even 46), x 1000 = 4.60. Two decimals of quantities: 1/3 ~ 0.33, x 30 = 9.90."""
    site = golden_site(currency_precision=4, float_precision=2)
    check(
        site, [line(1000, 0.00455), line(1 / 3, 30)], rates=[0.0046, 30.0], amounts=[4.6, 9.9], grand_total=14.5, rounded_total=14.5
    )


def test_58_dollars_in_company_currency_row_by_row(site: ErpSite) -> None:
    """At 0.92: 99.99 = 91.9908 ~ 91.99; 25.00 = 23.00; their sum is the net total: 114.99. The tax 23.75 = 21.85; the grand total
    148.74 = 136.8408 ~ 136.84. The shares of the tax in company currency are unrounded: 18.9981 x 0.92 = 17.478252."""
    check(
        site, [line(3, 33.33), line(2, 12.5, "B")], [vat()], of=money("USD", 0.92),
        base_nets=[91.99, 23.0], base_net_total=114.99, base_total_taxes_and_charges=21.85, base_grand_total=136.84,
        grand_total=148.74, details=['{"A":[19.0,17.478252],"B":[19.0,4.37]}'],
    )  # fmt: skip


def test_59_a_discount_in_dollars(site: ErpSite) -> None:
    """Nets 89.99 and 22.50 as in 03. At 0.92: 82.7908 ~ 82.79; 20.70; 103.49. Discount 12.50 = 11.50; 133.86 = 123.1512
    ~ 123.15."""
    check(
        site, [line(3, 33.33), line(2, 12.5, "B")], [vat()], of={**off(10, on="Net Total"), **money("USD", 0.92)},
        nets=[89.99, 22.5], base_nets=[82.79, 20.7], base_net_total=103.49, base_discount_amount=11.5, grand_total=133.86,
        base_grand_total=123.15,
    )  # fmt: skip


def test_60_a_rate_from_a_currency_exchange(site: ErpSite) -> None:
    """Of the documents up to the order's day the latest counts: 0.9. 10.05 x 0.9 = 9.045, a tie ~ 9.04."""
    for day, rate in (("2026-01-01", 0.5), ("2026-02-01", 0.9), ("2030-01-01", 0.1)):
        site.add("Currency Exchange", date=day, from_currency="CNY", to_currency="EUR", exchange_rate=rate)
    check(site, [line(1, 10.05)], of={"currency": "CNY"}, conversion_rate=0.9, base_grand_total=9.04)


def test_61_a_margin_in_dollars(site: ErpSite) -> None:
    """40.00 and 5.50 on top: 45.50 dollars = 41.86 euros at 0.92; the list price 36.80."""
    lines = [line(2, 45.5, price_list_rate=40)]
    check(
        site, lines, of=money("USD", 0.92), margins=[(5.5, "Amount", 45.5, 41.86, 36.8)], grand_total=91.0, base_grand_total=83.72
    )


def test_62_rounded_totals_switched_off(site: ErpSite) -> None:
    """The document's own switch: no rounded total, no adjustment."""
    of = {**money("GBP", 1.2), "disable_rounded_total": 1}
    check(site, [line(1, 153.64)], of=of, grand_total=153.64, rounded_total=0.0, rounding_adjustment=0.0, base_rounded_total=0.0)


@pytest.mark.parametrize(
    ("method", "amounts", "pounds"),
    [
        ("Banker's Rounding", [0.12, 0.38, 0.52, -0.12], 152.0),
        ("Banker's Rounding (legacy)", [0.13, 0.38, 0.53, -0.12], 152.0),  # ties up, but whole numbers to the even one
        ("Commercial Rounding", [0.13, 0.38, 0.53, -0.13], 153.0),  # ties away from zero
    ],
)
def test_63_three_ways_to_round_a_tie(method: str, amounts: list[float], pounds: float) -> None:
    """0.5 x 0.25, 0.75, 1.05 and -0.25: 0.125, 0.375, 0.525, -0.125. And 152.50 pounds."""
    site = golden_site(rounding_method=method)
    check(site, [line(0.5, rate) for rate in (0.25, 0.75, 1.05, -0.25)], amounts=amounts)
    check(site, [line(1, 152.5)], of=money("GBP", 1.2), rounded_total=pounds)
    check(site, [line(1, 1.005)], rates=[1.0 if method == "Banker's Rounding" else 1.01])
