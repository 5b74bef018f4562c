"""The expression language: what it computes, what it refuses, and that it cannot run away."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_engine.dictionary.expression_values import ExpressionError
from sync_engine.dictionary.expressions import compiled

RECORD = {"firstname": " Ada ", "lastname": "Lovelace", "amount": "12.50", "qty": 3, "rate": Decimal("0.1"), "nothing": None}


def value_of(text: str, value: Any = None, record: dict[str, Any] | None = None) -> Any:
    return compiled(text).evaluate(record if record is not None else RECORD, value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('concat(trim(firstname), " ", upper(lastname))', "Ada LOVELACE"),
        ('firstname + "!"', " Ada !"),
        ('lower("ÄB")', "äb"),
        ('replace("a-b-c", "-", "")', "abc"),
        ('replace("abc", "", "x")', "abc"),
        ("first(lastname, 4)", "Love"),
        ("last(lastname, 4)", "lace"),
        ("last(lastname, 0)", ""),
        ('coalesce(nothing, "", missing, "x")', "x"),
        ("number(amount) * qty", Decimal("37.50")),
        ("rate + 0.2", Decimal("0.3")),
        ("round(2.345, 2)", Decimal("2.35")),
        ("round(2.5)", Decimal(3)),
        ("-qty + 1 / 4", Decimal("-2.75")),
        ("text(100.00)", "100"),
        ('"big" if qty > 2 and not nothing else "small"', "big"),
        ('"same" if lastname == "Lovelace" else 1 / 0', "same"),
        ("nothing + 1", None),
        ("nothing > 1", False),
        ("nothing == None", True),
        ('qty == "3"', False),
        ('date_add("2026-02-27", 2)', date(2026, 3, 1)),
        ('date_add(date("2026-02-27T23:30:00+01:00"), 0 - 1)', date(2026, 2, 26)),
        ("number(nothing)", None),
        ("nothing or lastname", "Lovelace"),
    ],
)
def test_what_expressions_compute(text: str, expected: Any) -> None:
    found = value_of(text)

    assert found == expected
    assert type(found) is type(expected)


def test_value_is_the_fields_own_value_and_an_instant_has_its_day_in_the_given_zone() -> None:
    moment = datetime(2026, 9, 30, 22, 30, tzinfo=UTC)

    assert compiled("date(value)").evaluate({}, moment) == date(2026, 9, 30)
    assert compiled("date(value)").evaluate({}, moment, ZoneInfo("Europe/Berlin")) == date(2026, 10, 1)


def test_the_names_that_an_expression_reads_are_known() -> None:
    assert compiled("concat(b, a, b, value, None)").names == ("b", "a")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a.b", "column 1: Attribute is not part of the language"),
        ("a[0]", "Subscript"),
        ("__import__('os')", "there is no function '__import__'"),
        ("trimm(a)", "column 1: there is no function 'trimm'; did you mean 'trim'?"),
        ("1 + trim(a, b)", "column 5: trim is written trim(text)"),
        ("trim(text=a)", "Call"),
        ("(lambda: 1)()", "Call"),
        ("[x for x in a]", "ListComp"),
        ("2 ** 99999", "BinOp"),
        ("7 % 2", "BinOp"),
        ("f'{a}'", "JoinedStr"),
        ("b'x'", "bytes"),
        ("1j", "complex"),
        ("1 < 2 < 3", "one comparison at a time"),
        ("a in b", "one comparison at a time"),
        ("a if b", "column"),
        ("", "column 1"),
        ("(x := 1)", "NamedExpr"),
        ("1e99", "not a number this language can hold"),
        ("x" * 2001, "longer than 2000 characters"),
        ("+".join(["1"] * 400), "more than 300 parts"),
        ("-" * 60 + "1", "nested more than 40 deep"),
        ("(" * 150 + "1" + ")" * 150 + "]", "column"),
    ],
)
def test_what_is_refused_before_anything_runs(text: str, problem: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compiled(text)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("qty * lastname", "column 1: a number * a text; use number(...)"),
        ('"ü" + qty', "column 1: a text + a number"),
        ('concat("ü", 1 / 0)', "column 13: division by zero; guard it with `if`"),
        ("1e60 * 1e60", "the number is too large"),
        ("number(lastname)", "'Lovelace' is not a number"),
        ('number("1e999999999")', "is not a number"),
        ("lastname < 3", "a text < a number; make both the same kind"),
        ('date("soon")', "'soon' is not a date; write it as 2026-09-30"),
        ('date_add("2026-01-01", 1.5)', "is not a whole number"),
        ('date_add("9999-12-31", 1)', "leaves the calendar"),
        ("-lastname", "a sign before a text"),
        ("items", "neither text nor number"),
    ],
)
def test_what_cannot_be_computed_is_said_with_its_column(text: str, problem: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        value_of(text, record={**RECORD, "items": [1]})
    assert problem in str(caught.value)


def test_texts_cannot_grow_without_bound() -> None:
    grown = "a"
    for _ in range(4):
        grown = f'replace({grown}, "a", "{"a" * 100}")'

    with pytest.raises(ExpressionError, match="longer than 10000 characters"):
        value_of(grown, record={"a": "a" * 100})


@given(st.text(alphabet="ab01.+-*/()\"' <=>ifelsnotrmud,", max_size=60))
def test_any_text_is_an_expression_or_an_error_of_its_own(text: str) -> None:
    with contextlib.suppress(ExpressionError):
        value_of(text, value="x")
