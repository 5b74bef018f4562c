"""What a field of the dictionary does to a value, on the way there and on the way back."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_engine.dictionary import FieldMap, Rounding, Side
from sync_engine.mapping.conversion import ConversionError
from sync_engine.mapping.values import carried, carried_back, counterparts, fields_read, number, same, same_on

ZONES = [f"Etc/GMT{hours:+d}" for hours in range(-14, 12)]  # POSIX signs: Etc/GMT-14 is fourteen hours ahead
CIVIL = [
    "Europe/Berlin",
    "America/New_York",
    "America/Santiago",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kolkata",
]
DAYS = st.dates(date(2015, 1, 1), date(2037, 1, 1))  # after Samoa's missing day
CLOCK_CHANGES = st.sampled_from([date(2026, 3, 29), date(2026, 10, 25), date(2026, 3, 8), date(2026, 11, 1), date(2026, 4, 5)])
DECIMALS = st.decimals(min_value=-(10**18), max_value=10**18, allow_nan=False, allow_infinity=False, places=6)


def field(crm: Side, erp: Side, **more: Any) -> FieldMap:
    return FieldMap("Value", more.pop("owner", "crm"), crm, erp, **more)


# -- texts and maps -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("transform", "value", "expected"),
    [("same", " Ab ", " Ab "), ("trim", " Ab ", "Ab"), ("lower", " Ab ", "ab"), ("upper", " Ab ", "AB"), ("trim", None, "")],
)
def test_texts_are_trimmed_and_change_their_case(transform: Any, value: Any, expected: str) -> None:
    assert carried(field(Side("a"), Side("b"), transform=transform), value) == expected


def test_a_text_is_cut_at_what_the_target_holds_without_a_blank_at_its_end() -> None:
    assert carried(field(Side("a"), Side("b", length_max=6)), "Pumps & more") == "Pumps"[:6].rstrip()


def test_a_map_has_a_counterpart_for_each_value_and_the_default_for_the_rest() -> None:
    terms = field(Side("terms"), Side("payment_terms"), transform="map", values={"net30": "30 days"}, default="at once")

    assert [carried(terms, value) for value in ("net30", "other", None)] == ["30 days", "at once", "at once"]
    assert carried_back(terms, "30 days") == "net30"


def test_truth_is_looked_up_however_a_vendor_spells_it() -> None:
    frozen = field(
        Side("status", type="choice"),
        Side("is_frozen", type="boolean"),
        owner="erp",
        transform="map",
        values={"0": "good", "true": "held"},
    )

    assert [carried(frozen, value) for value in (0, 1, "1", "0")] == ["good", "held", "held", "good"]
    assert carried_back(frozen, "held") == "1"


def test_a_value_that_the_target_does_not_know_is_an_error_with_the_nearest_one() -> None:
    stage = field(Side("stage"), Side("status", type="choice", choices=("Open", "Closed")))

    with pytest.raises(ConversionError, match=r"'Opne' is none of the values that erp\.status accepts") as caught:
        carried(stage, "Opne")
    assert "did you mean 'Open'?" in caught.value.hint


# -- nothing ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "default", "expected"),
    [(None, None, {"b": ""}), (None, "x", {"b": "x"}), ("clear", "x", {"b": ""}), ("keep", None, {}), ("default", "x", {"b": "x"})],
)
def test_nothing_clears_keeps_or_becomes_the_default(rule: Any, default: str | None, expected: dict[str, str]) -> None:
    assert counterparts([field(Side("a"), Side("b"), empty=rule, default=default)], {"a": None}) == expected


def test_nothing_equals_zero_only_where_the_vendor_has_no_null() -> None:
    amount = field(Side("amount", type="decimal"), Side("total", type="decimal"))

    assert same_on(amount, "erp", "", 0)
    assert not same_on(amount, "crm", "", "0")
    assert same_on(amount, "crm", None, "")


# -- numbers ------------------------------------------------------------------------------------------------------------------


@given(DECIMALS)
def test_a_decimal_arrives_to_the_last_digit_and_comes_back(amount: Decimal) -> None:
    money = field(Side("amount", type="decimal"), Side("total", type="decimal"), both_ways=True)
    there = carried(money, f"{amount:f}")

    assert number(there) == amount == number(carried_back(money, there))
    assert same(money, there, amount)


@pytest.mark.parametrize(
    ("mode", "value", "expected"),
    [
        ("half_up", "2.005", "2.01"),
        ("half_even", "2.005", "2"),
        ("half_even", "2.015", "2.02"),
        ("down", "2.009", "2"),
        ("half_up", "-2.005", "-2.01"),
    ],
)
def test_rounding_is_exact(mode: Any, value: str, expected: str) -> None:
    assert carried(field(Side("a", type="decimal"), Side("b", type="decimal"), rounding=Rounding(2, mode)), value) == expected


def test_a_number_is_cut_to_the_places_that_the_target_holds() -> None:
    assert carried(field(Side("a", type="decimal"), Side("b", type="decimal", places=1)), "1.25") == "1.3"
    assert carried(field(Side("a", type="decimal"), Side("b", type="integer")), "1.5") == "2"


def test_two_doubles_are_the_same_when_fifteen_digits_are() -> None:
    price = field(Side("a", type="decimal"), Side("b", type="float"))

    assert same(price, "0.30000000000000004", "0.3")
    assert not same(price, "0.3001", "0.3")
    assert carried(price, "0.1234567890123456789") == "0.1234567890123456789"


def test_what_is_no_number_is_an_error_that_names_the_field() -> None:
    with pytest.raises(ConversionError, match="Value: 'ten' is not a number"):
        carried(field(Side("a", type="decimal"), Side("b", type="decimal")), "ten")


# -- truth, dates and instants ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("crm", "erp"), [("true", "1"), ("false", "0")])
def test_truth_is_written_as_each_vendor_writes_it(crm: str, erp: str) -> None:
    flag = field(Side("a", type="boolean"), Side("b", type="boolean"), both_ways=True)

    assert carried(flag, crm) == erp
    assert carried_back(flag, erp) == crm
    assert carried_back(flag, int(erp)) == crm


def test_another_vendor_may_write_in_another_notation() -> None:
    flag = field(Side("a", type="boolean"), Side("b", type="boolean", notation="iso"))

    assert carried(flag, "true") == "true"


@pytest.mark.parametrize(
    "raw", ["2026-09-30", "1790726400000", 1790726400000, "2026-09-30T00:00:00Z", "2026-09-30T00:00:00.000+00:00"]
)
def test_a_date_is_read_in_every_form_a_vendor_sends(raw: Any) -> None:
    assert carried(field(Side("a", type="date"), Side("b", type="date")), raw) == "2026-09-30"


@pytest.mark.parametrize("zone", ZONES)
@given(day=DAYS)
def test_a_date_stays_that_date_in_every_zone(zone: str, day: date) -> None:
    plain = field(Side("a", type="date", zone=zone), Side("b", type="date", zone="Europe/Berlin"), both_ways=True)
    instant = field(Side("a", type="datetime"), Side("b", type="date", zone=zone), owner="erp", both_ways=True)

    assert carried(plain, day.isoformat()) == day.isoformat() == carried_back(plain, day.isoformat())
    assert carried_back(instant, carried(instant, day.isoformat())) == day.isoformat()


@pytest.mark.parametrize("zone", CIVIL)
@given(day=DAYS | CLOCK_CHANGES)
def test_a_date_stays_that_date_on_days_when_clocks_change(zone: str, day: date) -> None:
    instant = field(Side("a", type="datetime"), Side("b", type="date", zone=zone), owner="erp", both_ways=True)

    assert carried_back(instant, carried(instant, day.isoformat())) == day.isoformat()


@pytest.mark.parametrize("zone", [*CIVIL, "Etc/GMT-14", "Etc/GMT+11"])
@given(moment=st.datetimes(datetime(2015, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - the strategy adds it
def test_an_instant_comes_back_from_a_site_without_offsets_but_for_the_hour_that_happens_twice(zone: str, moment: datetime) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    there = field(Side("a", type="datetime"), Side("b", type="datetime", zone=zone), both_ways=True)
    civil = carried(there, moment.isoformat())
    back = datetime.fromisoformat(carried_back(there, civil))

    assert carried(there, back.isoformat()) == civil
    assert back == moment or moment.astimezone(ZoneInfo(zone)).fold == 1


def test_an_instant_falls_on_the_day_of_the_zone_that_states_dates() -> None:
    close = field(Side("closedate", type="datetime"), Side("delivery_date", type="date", zone="Europe/Berlin"))

    assert carried(close, "2026-09-30T22:30:00Z") == "2026-10-01"
    assert carried(close, "2026-09-30T21:30:00Z") == "2026-09-30"
    assert carried(close, str(int(datetime(2026, 9, 30, 22, 30, tzinfo=UTC).timestamp() * 1000))) == "2026-10-01"


@given(DAYS, st.integers(-400, 400))
def test_shifted_days_are_calendar_days_and_are_taken_back(day: date, days: int) -> None:
    shifted = field(Side("a", type="date"), Side("b", type="date"), shift_days=days, both_ways=True)

    assert carried(shifted, day.isoformat()) == (day + timedelta(days=days)).isoformat()
    assert carried_back(shifted, carried(shifted, day.isoformat())) == day.isoformat()


def test_days_are_added_to_the_day_that_the_zone_says_and_an_hour_stays_that_hour() -> None:
    late, berlin = "2026-10-24T22:30:00Z", "Europe/Berlin"  # half past midnight on the 25th, when clocks go back
    day = field(Side("a", type="datetime"), Side("b", type="date", zone=berlin), shift_days=1)
    hour = field(Side("a", type="datetime"), Side("b", type="datetime", zone=berlin), shift_days=1, both_ways=True)

    assert carried(day, late) == "2026-10-26"
    assert carried(hour, late) == "2026-10-26 00:30:00"
    assert carried_back(hour, "2026-10-26 00:30:00") == "2026-10-24T22:30:00.000Z"


@pytest.mark.parametrize("value", ["soon", "2026-13-01", "99999999999999999999", "true"])
def test_what_is_no_date_is_an_error(value: str) -> None:
    with pytest.raises(ConversionError, match="Value: "):
        carried(field(Side("a", type="date"), Side("b", type="date")), value)


# -- expressions --------------------------------------------------------------------------------------------------------------


def test_an_expression_reads_the_record_and_its_own_value_as_its_type() -> None:
    label = field(
        Side("amount", type="decimal"),
        Side("label"),
        transform="expression",
        expression='concat(dealname, ": ", round(value * 1.19, 2))',
    )

    assert carried(label, "100.10", {"amount": "100.10", "dealname": "Pumps"}) == "Pumps: 119.12"
    assert fields_read([label], "crm") == ["amount", "dealname"]
    assert fields_read([label], "erp") == ["label"]


def test_an_expression_goes_one_way_only() -> None:
    shout = field(Side("a"), Side("b"), transform="expression", expression="upper(value)")

    with pytest.raises(ConversionError, match="one direction only"):
        carried_back(shout, "X")


# -- whatever is on the two sides ---------------------------------------------------------------------------------------------

TYPES = st.sampled_from(["text", "integer", "decimal", "float", "percent", "date", "datetime", "boolean", "choice"])
SIDES = st.builds(
    Side,
    st.just("x"),
    TYPES,
    zone=st.sampled_from(["", "Europe/Berlin", "Pacific/Kiritimati"]),
    places=st.none() | st.integers(0, 20),
    length_max=st.none() | st.integers(1, 30),
    notation=st.sampled_from([None, "iso", "frappe"]),
)
RAW = (
    st.none()
    | st.text(max_size=30)
    | st.booleans()
    | st.integers()
    | st.decimals()
    | st.floats()
    | st.dates().map(str)
    | st.datetimes().map(str)
    | st.integers(-(10**15), 10**15).map(str)
)


@given(SIDES, SIDES, RAW, st.sampled_from(["same", "trim", "lower", "upper"]), st.integers(-(10**6), 10**6), st.booleans())
def test_every_value_has_a_counterpart_or_is_an_error_of_its_own(
    crm: Side, erp: Side, raw: Any, transform: Any, days: int, rounded: bool
) -> None:
    any_field = field(crm, erp, transform=transform, shift_days=days, both_ways=True, rounding=Rounding() if rounded else None)
    for carry, system in ((carried, "erp"), (carried_back, "crm")):
        with contextlib.suppress(ConversionError):
            text = carry(any_field, raw)
            assert isinstance(text, str)
            assert same_on(any_field, system, text, text)  # type: ignore[arg-type]
