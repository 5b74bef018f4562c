"""HubSpot's quotas: the app's burst and the account's day, told by headers, and searches, told by nothing (facts 11.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sync_engine.governor.gate import Pace, Place, number
from sync_engine.governor.window import WindowGovernor
from sync_engine.governor.work import Work
from sync_engine.ports import Clock

SMALLEST_BURST = 100  # any account has this much, in ten seconds
SEARCHES = 5  # of the account in one second
RESERVE = {Work.RETRY: 0.02, Work.BACKFILL: 0.1}  # of the day, kept for more urgent work
LOOK_AGAIN = timedelta(hours=1)  # the day ends at midnight of a zone we do not know
RECOVERY = timedelta(minutes=1)


class HubSpotGovernor(WindowGovernor):
    """Learns limit, window and use by others from `X-HubSpot-RateLimit-*`, and how much of the day is left."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock, SMALLEST_BURST, timedelta(seconds=10))
        self.daily_limit: int | None = None
        self.daily_remaining: int | None = None
        self._daily_at = clock.now()

    def describe(self) -> Pace:
        held = self._held(Work.BACKFILL, self._clock.now())
        pace = super().describe()
        return replace(pace, daily_limit=self.daily_limit, daily_remaining=self.daily_remaining, held_back=held[1] if held else "")

    def _learned(self, place: Place, headers: Mapping[str, str], status: int) -> None:
        super()._learned(place, headers, status)
        self._learn_day(headers)
        limit = number(headers, "x-hubspot-ratelimit-max")
        if limit is None or limit < 1:
            return
        interval = number(headers, "x-hubspot-ratelimit-interval-milliseconds")
        if interval is not None and interval > 0:
            self.window = timedelta(milliseconds=interval)
        self.limit = limit
        if status == 429:
            self._refused_for_others()
        remaining = number(headers, "x-hubspot-ratelimit-remaining")
        if remaining is not None:
            self._saw(place, limit - remaining)

    def _learn_day(self, headers: Mapping[str, str]) -> None:
        remaining, limit = number(headers, "x-hubspot-ratelimit-daily-remaining"), number(headers, "x-hubspot-ratelimit-daily")
        if remaining is not None and limit is not None:
            self.daily_limit, self.daily_remaining, self._daily_at = limit, remaining, self._clock.now()

    def _held(self, work: Work, now: datetime) -> tuple[timedelta, str] | None:
        """Less urgent work stands still when the day is nearly used up; a call now and then looks whether a new one has begun."""
        if self.daily_limit is None or self.daily_remaining is None or work not in RESERVE:
            return None
        wait = self._daily_at + LOOK_AGAIN - now
        if self.daily_remaining > self.daily_limit * RESERVE[work] or wait <= timedelta(0):
            return None
        text = f"only {self.daily_remaining} of {self.daily_limit} calls of the CRM's day are left; they are kept for urgent work"
        return wait, text


class SearchGovernor(WindowGovernor):
    """All apps of the account share it and no header tells: a refusal takes a search a second away, a calm minute gives it back."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock, SEARCHES, timedelta(seconds=1))
        self._changed_at = clock.now()

    def _learned(self, place: Place, headers: Mapping[str, str], status: int) -> None:
        super()._learned(place, headers, status)
        now = self._clock.now()
        if status == 429:
            self.limit, self._changed_at = max(1, self.limit - 1), now
        elif self.limit < SEARCHES and now - self._changed_at >= RECOVERY:
            self.limit, self._changed_at = self.limit + 1, now
