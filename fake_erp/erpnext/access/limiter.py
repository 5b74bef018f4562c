"""The site's budget of processing time and its headers, off unless the settings give it one; limits of single functions.

Source: facts 5.1, 5.2.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from fake_erp.erpnext.settings import Settings
from harness.kit.call import Reply
from harness.kit.clock import Clock
from harness.kit.limits import ProcessingTime


class SiteLimiter:
    """Checked before a call, spent after it, so one slow call may overshoot. All users and addresses share it."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        budget = timedelta(seconds=settings.rate_limit_seconds)
        window = timedelta(seconds=settings.rate_limit_window_seconds)
        self._words = f"{settings.rate_limit_seconds:g} s of processing per {settings.rate_limit_window_seconds} s"
        self._clock, self._tells_used = clock, settings.version < 16
        self._meter = ProcessingTime("site", budget, window).meter() if budget else None
        self._left: int | None = None  # before the call in hand spent some, in microseconds

    def describe(self) -> str:
        return self._words if self._meter is not None else ""

    def exhausted(self) -> bool:
        return self._meter is not None and self._meter.admit(self._clock.now()) is not None

    def spend(self, took: timedelta) -> None:
        if self._meter is not None:
            now = self._clock.now()
            self._left = self._meter.usage(now).remaining
            self._meter.spend(now, took)

    def tell(self, reply: Reply) -> None:
        """The headers, on all answers while it is on. `remaining` is what was left before the call."""
        if self._meter is None or reply.status == 0:
            return
        usage = self._meter.usage(self._clock.now())
        reply.headers["x-ratelimit-limit"] = str(usage.limit)
        reply.headers["x-ratelimit-remaining"] = str(usage.remaining if self._left is None else self._left)
        self._left = None
        seconds = str(-(-usage.resets_in // timedelta(seconds=1)))
        reply.headers["x-ratelimit-reset"] = seconds
        if reply.status == 429:
            reply.headers["retry-after"] = seconds
        elif self._tells_used:
            reply.headers["x-ratelimit-used"] = str(reply.took // timedelta(microseconds=1))


class MethodLimiter:
    """At most `limit` calls in the `window` that the first one opens; refused ones open no new one. It tells no headers.

    The vendor counts by address; here all callers have one (our guess).
    """

    def __init__(self, limit: int, window: timedelta, clock: Clock) -> None:
        self._limit, self._window, self._clock = limit, window, clock
        self._ends: datetime | None = None
        self._count = 0

    def exceeded(self) -> bool:
        """Count a call; whether it is one too many."""
        now = self._clock.now()
        if self._ends is None or now >= self._ends:
            self._ends, self._count = now + self._window, 0
        self._count += 1
        return self._count > self._limit
