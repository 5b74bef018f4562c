"""A quota of processing time in fixed windows: Frappe's site limiter (facts 5.1).

A call is refused when more than the budget is already spent, so the last one may overshoot. What a call costs is known only
afterwards; calls on their way are taken for as dear as the dearer ones were lately.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sync_engine.governor.gate import NOTHING, PATIENCE, Gate, Pace, Place, number
from sync_engine.governor.work import Work
from sync_engine.ports import Clock

RESERVE = {Work.INTERACTIVE: 0.0, Work.RETRY: 0.05, Work.BACKFILL: 0.15}  # of the budget, kept for more urgent work
SECOND = timedelta(seconds=1)


class ErpGovernor(Gate):
    """Open while the site tells no limit, as sites do by default."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock, "erp")
        self.limit_us, self._spent_us, self._cost_us, self._spread_us = 0, 0, 0.0, 0.0
        self._resets_at: datetime | None = None
        self._shares = 1

    def share(self, count: int) -> None:
        """`count` replicas: as many calls of theirs as of ours may be on their way. What they have spent the headers tell."""
        self._shares = max(1, count)
        self._dispatch()

    def describe(self) -> Pace:
        held = self._held(Work.BACKFILL, self._clock.now())
        return Pace(
            limit=self.limit_us,
            window=None,
            used=self._spent(self._clock.now()),
            foreign=0,
            waiting=self._line.counts(),
            calls=dict(self.calls),
            throttled=self.throttled,
            paused_until=self.paused_until,
            on_their_way=self.on_their_way,
            held_back=held[1] if held else "",
        )

    def _spent(self, now: datetime) -> int:
        """In the window that is now; nothing is known to be spent in a new one."""
        if self._resets_at is not None and now >= self._resets_at:
            self._resets_at, self._spent_us = None, 0
            self._allowed = min(self._allowed, 4)
        return self._spent_us

    def _wait(self, work: Work, now: datetime) -> timedelta | None:
        spent = self._spent(now)
        if self._resets_at is None or not self.limit_us:
            return NOTHING
        theirs = (self._shares - 1) * max(1, self.on_their_way)  # replicas are taken for as busy as we are
        expected = spent + (self._cost_us + 2 * self._spread_us) * (self.on_their_way + theirs)
        if expected <= self.limit_us * (1 - RESERVE[work]):
            return NOTHING
        if self.on_their_way and spent <= self.limit_us * (1 - RESERVE[work]):
            return None  # calls on their way may turn out cheaper
        return max(self._resets_at - now, timedelta(microseconds=1))

    def _held(self, work: Work, now: datetime) -> tuple[timedelta, str] | None:
        spent = self._spent(now)
        if self._resets_at is None or not self.limit_us or self._resets_at - now <= PATIENCE:
            return None
        if spent <= self.limit_us * (1 - RESERVE[work]):
            return None
        text = f"the ERP's processing time is used up for {work} work until {self._resets_at:%H:%M:%S} UTC"
        return self._resets_at - now, text

    def _learned(self, place: Place, headers: Mapping[str, str], status: int) -> None:
        limit, remaining = number(headers, "x-ratelimit-limit"), number(headers, "x-ratelimit-remaining")
        reset = number(headers, "x-ratelimit-reset")
        if limit is None or remaining is None or reset is None:
            return
        now = self._clock.now()
        took = number(headers, "x-ratelimit-used")
        if took is None:
            took = (now - place.sent) // timedelta(microseconds=1)  # version 16 does not tell
        if status != 429:
            self._cost_us = self._cost_us or float(took)
            self._spread_us += 0.1 * (abs(took - self._cost_us) - self._spread_us)
            self._cost_us += 0.1 * (took - self._cost_us)
        self.limit_us = limit
        resets_at = now + reset * SECOND  # told in whole seconds, rounded up: never too early
        known = self._resets_at
        if known is not None and resets_at < known - 2 * SECOND:
            return  # a late answer from the window before
        if known is None or resets_at > known + 2 * SECOND:
            self._resets_at, self._spent_us = resets_at, 0  # another window
        else:
            self._resets_at = min(known, resets_at)
        if status == 429:
            took = 0
        # `remaining` is what was left when the call arrived: it knows of others, but not of calls of ours that ended meanwhile
        self._spent_us = max(self._spent_us, limit - remaining) + took
