"""Where time comes from. Nothing in syncproof reads the wall clock except `WallClock`."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Protocol

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """Aware UTC instants, and a way to wait."""

    def now(self) -> datetime: ...

    async def sleep(self, duration: timedelta) -> None: ...


class WallClock:
    """The machine's own time, for live mode."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, duration: timedelta) -> None:
        await asyncio.sleep(duration.total_seconds())


class ManualClock:
    """A clock that moves only when told to: for tests of fakes, which are synchronous and never wait."""

    def __init__(self, start: datetime = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, duration: timedelta) -> None:
        """Move forward. Raises ValueError for a negative duration: time never goes back."""
        if duration < timedelta(0):
            raise ValueError(f"cannot move a clock back by {-duration}")
        self._now += duration

    async def sleep(self, duration: timedelta) -> None:
        self.advance(duration)


def epoch_ms(instant: datetime) -> int:
    """Whole milliseconds since 1970-01-01T00:00:00Z, rounded down."""
    return (instant - EPOCH) // timedelta(milliseconds=1)


def iso_ms(instant: datetime) -> str:
    """`2026-03-02T08:00:00.123Z`, always with three digits: the form of journals and reports."""
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"
