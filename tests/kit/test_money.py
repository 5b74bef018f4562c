"""An amount never passes through a float."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis.strategies import decimals, floats

from harness.kit.money import Money, decimal_of, read_json, round_half_even, round_half_up

AMOUNTS = decimals(-(10**12), 10**12, places=2)


def test_a_tenth_and_two_tenths_are_three_tenths() -> None:
    document = read_json(b'{"a": 0.1, "b": 0.2, "n": 3}')

    assert document["a"] + document["b"] == Decimal("0.3")
    assert document["n"] == 3


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("12.50", "12.50"),
        (12.5, "12.5"),
        (12, "12"),
        (" 7 ", "7"),
        (0.1, "0.1"),
        ("1e3", "1E+3"),
        (Decimal("0.005"), "0.005"),
        ("-0", "-0"),
    ],
)
def test_a_wire_value_is_read_exactly(value: object, expected: str) -> None:
    assert str(decimal_of(value)) == expected


@pytest.mark.parametrize("value", [None, "", "abc", "1,50", "NaN", "inf", float("nan"), float("inf"), True, False, [], {}, "  "])
def test_what_is_no_number_is_nothing(value: object) -> None:
    assert decimal_of(value) is None


@given(floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_read_as_the_text_the_vendor_wrote(value: float) -> None:
    """Invariant: the decimal is the float's shortest text, so writing it again gives the same float."""
    found = decimal_of(value)

    assert found == Decimal(repr(value))
    assert float(found) == value


def test_half_a_cent_goes_up_or_to_the_even_cent() -> None:
    half = [Decimal("0.005"), Decimal("0.015"), Decimal("-0.005"), Decimal("2.675")]

    assert [str(round_half_up(amount)) for amount in half] == ["0.01", "0.02", "-0.01", "2.68"]
    assert [str(round_half_even(amount)) for amount in half] == ["0.00", "0.02", "-0.00", "2.68"]


@given(AMOUNTS, AMOUNTS)
def test_amounts_of_one_currency_add_exactly(one: Decimal, two: Decimal) -> None:
    """Invariant: adding loses nothing."""
    assert (Money(one, "EUR") + Money(two, "EUR")).amount - two == one


def test_two_currencies_do_not_add() -> None:
    with pytest.raises(ValueError, match="cannot add USD to EUR; convert first"):
        Money(Decimal(1), "EUR") + Money(Decimal(1), "USD")


def test_money_is_written_with_cents_and_its_currency() -> None:
    assert str(Money(Decimal("1500"), "EUR")) == "1500.00 EUR"
