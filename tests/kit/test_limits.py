"""Rate limits: who waits exactly as long as told is let in, and not a microsecond earlier."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis.strategies import booleans, integers, lists, sampled_from, timedeltas

from harness.kit.limits import Concurrency, DailyQuota, FixedWindow, Meter, ProcessingTime, RollingWindow, Usage

START = datetime(2026, 3, 28, 22, 0, tzinfo=UTC)  # two hours before a short night in Berlin
TICK = timedelta(microseconds=1)
WINDOW = timedelta(seconds=10)
GAPS = lists(timedeltas(timedelta(0), timedelta(seconds=4)), max_size=40)
ZONES = sampled_from(
    ["Europe/Berlin", "UTC", "America/New_York", "Asia/Kathmandu", "America/Havana", "Asia/Beirut", "Pacific/Apia"]
)

Make = Callable[[], Meter]


def exactly(make: Make, calls: list[datetime], now: datetime) -> None:
    """The invariant of every policy, on meters that saw the same `calls`."""

    def replayed() -> Meter:
        meter = make()
        for at in calls:
            meter.admit(at)
        return meter

    refusal = replayed().admit(now)
    if refusal is None:
        return
    assert refusal.retry_after > timedelta(0)
    for wait, let_in in ((refusal.retry_after, True), (refusal.retry_after - TICK, False)):
        meter = replayed()
        meter.admit(now)
        assert (meter.admit(now + wait) is None) is let_in


def instants(gaps: list[timedelta]) -> list[datetime]:
    at, found = START, []
    for gap in gaps:
        at += gap
        found.append(at)
    return found


@given(GAPS, integers(1, 5), booleans())
def test_a_rolling_window_lets_in_whoever_waits_exactly_retry_after(
    gaps: list[timedelta], limit: int, counts_refused: bool
) -> None:
    """Invariant: a caller that waits `retry_after`, and not a microsecond less, is let through."""
    calls = instants(gaps)
    exactly(RollingWindow("burst", limit, WINDOW, counts_refused).meter, calls, calls[-1] if calls else START)


@given(GAPS, integers(1, 5), booleans(), timedeltas(timedelta(0), WINDOW))
def test_a_fixed_window_lets_in_whoever_waits_exactly_retry_after(
    gaps: list[timedelta], limit: int, counts_refused: bool, offset: timedelta
) -> None:
    """Invariant: as above."""
    calls = instants(gaps)
    exactly(FixedWindow("minute", limit, WINDOW, counts_refused, offset).meter, calls, calls[-1] if calls else START)


@given(lists(timedeltas(timedelta(0), timedelta(hours=9)), max_size=12), integers(1, 3), booleans(), ZONES)
def test_a_daily_quota_lets_in_whoever_waits_exactly_retry_after(
    gaps: list[timedelta], limit: int, counts_refused: bool, zone: str
) -> None:
    """Invariant: as above, over short and long nights."""
    calls = instants(gaps)
    exactly(DailyQuota("daily", limit, ZoneInfo(zone), counts_refused).meter, calls, calls[-1] if calls else START)


@given(GAPS, lists(timedeltas(TICK, timedelta(seconds=9)), min_size=40, max_size=40), integers(1, 5))
def test_a_concurrency_limit_lets_in_whoever_waits_exactly_retry_after(
    gaps: list[timedelta], durations: list[timedelta], limit: int
) -> None:
    """Invariant: as above, and never more than `limit` calls are in progress."""
    meter, running = Concurrency("parallel", limit).meter(), []
    for at, duration in zip(instants(gaps), durations, strict=False):
        refusal = meter.admit(at)
        if refusal is None:
            meter.occupy(at + duration)
            running.append((at, at + duration))
        else:
            assert meter.admit(at + refusal.retry_after - TICK) is not None
            assert sum(end > at + refusal.retry_after for _, end in running) < limit
        assert sum(begin <= at < end for begin, end in running) <= limit


@given(GAPS, lists(timedeltas(timedelta(0), timedelta(seconds=2)), min_size=40, max_size=40))
def test_processing_time_lets_in_whoever_waits_exactly_retry_after(gaps: list[timedelta], costs: list[timedelta]) -> None:
    """Invariant: as above; a call in progress may overshoot the budget, the next one is refused."""
    policy = ProcessingTime("cpu", timedelta(seconds=3), WINDOW)
    meter = policy.meter()
    for at, cost in zip(instants(gaps), costs, strict=False):
        refusal = meter.admit(at)
        if refusal is None:
            meter.spend(at, cost)
            continue
        assert meter.admit(at + refusal.retry_after - TICK) is not None
        after = policy.meter()
        after.spend(at, timedelta(seconds=4))
        assert after.admit(at + refusal.retry_after) is None


@given(GAPS, integers(1, 5))
def test_no_rolling_window_ever_holds_more_than_its_limit(gaps: list[timedelta], limit: int) -> None:
    """Invariant: in any `window`, half open, at most `limit` calls are let in."""
    meter = RollingWindow("burst", limit, WINDOW).meter()
    let_in = [at for at in instants(gaps) if meter.admit(at) is None]

    assert all(sum(begin <= at < begin + WINDOW for at in let_in) <= limit for begin in let_in)


@given(GAPS, integers(1, 5), booleans())
def test_usage_never_contradicts_the_next_answer(gaps: list[timedelta], limit: int, counts_refused: bool) -> None:
    """Invariant: `remaining` above 0 means that the next call is let in, and 0 that it is refused; asking changes nothing."""
    for make in (RollingWindow("a", limit, WINDOW, counts_refused).meter, FixedWindow("b", limit, WINDOW, counts_refused).meter):
        meter: Meter = make()
        for at in instants(gaps):
            usage = meter.usage(at)
            assert usage == meter.usage(at)
            assert (meter.admit(at) is None) == (usage.remaining > 0)


def test_a_caller_that_hammers_a_window_that_counts_refusals_is_never_let_in() -> None:
    meter = RollingWindow("burst", 2, WINDOW, counts_refused=True).meter()
    let_in = [second for second in range(60) if meter.admit(START + timedelta(seconds=second)) is None]

    assert let_in == [0, 1]


def test_a_fixed_window_begins_at_whole_multiples_plus_its_offset() -> None:
    meter = FixedWindow("hour", 1, timedelta(hours=1), offset=timedelta(minutes=10)).meter()
    assert meter.admit(START + timedelta(minutes=9)) is None
    assert meter.admit(START + timedelta(minutes=10)) is None, "a new window begins at ten past"

    refusal = meter.admit(START + timedelta(minutes=15))
    assert refusal is not None
    assert (refusal.policy, refusal.retry_after) == ("hour", timedelta(minutes=55))


def test_a_day_is_23_hours_long_when_summer_time_begins() -> None:
    berlin = DailyQuota("daily", 1, ZoneInfo("Europe/Berlin")).meter()
    midnight = datetime(2026, 3, 28, 23, 0, tzinfo=UTC)
    assert berlin.admit(midnight) is None

    assert berlin.usage(midnight) == Usage(1, 0, timedelta(hours=23))
    assert berlin.admit(midnight + timedelta(hours=23)) is None


def test_processing_usage_is_told_in_microseconds() -> None:
    meter = ProcessingTime("cpu", timedelta(seconds=1), WINDOW).meter()
    meter.spend(START, timedelta(milliseconds=1500))

    assert meter.usage(START) == Usage(1_000_000, 0, WINDOW)


@pytest.mark.parametrize("policy", [RollingWindow, FixedWindow])
def test_a_limit_of_nothing_is_refused(policy: type[RollingWindow] | type[FixedWindow]) -> None:
    with pytest.raises(ValueError, match="a limit lets in at least one call, got 0"):
        policy("burst", 0, WINDOW)
    with pytest.raises(ValueError, match="at least one call"):
        DailyQuota("daily", 0, UTC)
    with pytest.raises(ValueError, match="at least one call"):
        Concurrency("parallel", -1)
