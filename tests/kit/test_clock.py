"""Time moves only when it is told to, and is written one way."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis.strategies import timedeltas

from harness.kit.clock import EPOCH, ManualClock, WallClock, epoch_ms, iso_ms

INSTANTS = timedeltas(timedelta(0), timedelta(days=80_000)).map(lambda since: EPOCH + since)


def test_a_manual_clock_stands_still_until_it_is_moved() -> None:
    clock = ManualClock()
    before = clock.now()
    clock.advance(timedelta(minutes=5))
    asyncio.run(clock.sleep(timedelta(seconds=1)))

    assert clock.now() - before == timedelta(minutes=5, seconds=1)


def test_time_never_goes_back() -> None:
    with pytest.raises(ValueError, match="cannot move a clock back by 0:00:01"):
        ManualClock().advance(timedelta(seconds=-1))


def test_the_wall_clock_is_aware_and_its_sleep_ends() -> None:
    clock = WallClock()
    asyncio.run(clock.sleep(timedelta(0)))

    assert clock.now().utcoffset() == timedelta(0)


@given(INSTANTS, timedeltas(timedelta(0), timedelta(days=1)))
def test_written_times_keep_the_order_of_instants(at: datetime, later_by: timedelta) -> None:
    """Invariant: a later instant never has a smaller text or a smaller number of milliseconds."""
    assert iso_ms(at) <= iso_ms(at + later_by)
    assert epoch_ms(at) <= epoch_ms(at + later_by)


@given(INSTANTS)
def test_milliseconds_and_text_name_the_same_instant(at: datetime) -> None:
    """Invariant: both forms drop the same microseconds, so each can be read back as the other."""
    assert datetime.fromisoformat(iso_ms(at)) == EPOCH + timedelta(milliseconds=epoch_ms(at))
    assert len(iso_ms(at)) == len("2026-03-02T08:00:00.123Z")


def test_an_instant_of_another_zone_counts_the_same_milliseconds() -> None:
    at = datetime(2026, 3, 2, 8, tzinfo=UTC)

    assert epoch_ms(at.astimezone(timezone(timedelta(hours=5)))) == epoch_ms(at) == 1_772_438_400_000
