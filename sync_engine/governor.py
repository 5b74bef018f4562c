"""Stays under the vendors' quotas by waiting instead of being refused. One governor per quota; first come, first served."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta

from sync_engine.ports import Clock

NOTHING = timedelta(0)
MARGIN = timedelta(milliseconds=250)  # calls spread on the way: two sent 10.0 s apart may arrive 9.9 s apart


class WindowGovernor:
    """At most `limit` sends in any `window` (plus a margin), whoever asks. `pause` stops all for a while.

    A place is reserved the moment it is asked for, so a crowd of waiters needs no lock and keeps its order.
    """

    def __init__(self, clock: Clock, limit: int, window: timedelta, margin: timedelta = MARGIN) -> None:
        self._clock, self.limit, self.window, self._margin = clock, limit, window, margin
        self._taken: deque[datetime] = deque()
        self._paused_until: datetime | None = None

    def reserve(self) -> timedelta:
        """Take the next place; the answer is how long to wait before sending."""
        now = self._clock.now()
        horizon = now - self.window - self._margin
        taken = self._taken
        while taken and taken[0] <= horizon:
            taken.popleft()
        at = now
        if self._paused_until is not None:
            if self._paused_until > now:
                at = self._paused_until
            else:
                self._paused_until = None
        if len(taken) >= self.limit:
            at = max(at, taken[-self.limit] + self.window + self._margin)
        if taken and taken[-1] > at:
            at = taken[-1]
        taken.append(at)
        return at - now

    async def admit(self) -> None:
        """Wait for a place. A pause that begins during the wait is honoured too."""
        wait = self.reserve()
        while wait > NOTHING:
            await self._clock.sleep(wait)
            if self._paused_until is None:
                return
            wait = self._paused_until - self._clock.now()

    def pause(self, duration: timedelta) -> None:
        """Let nobody in for that long; a shorter pause never shortens a longer one."""
        until = self._clock.now() + duration
        if self._paused_until is None or until > self._paused_until:
            self._paused_until = until

    def learn(self, headers: Mapping[str, str]) -> None:
        """Search answers carry no quota headers."""

    def used(self) -> int:
        """Places taken inside the window that ends now."""
        now = self._clock.now()
        return sum(1 for at in self._taken if now - self.window < at <= now)

    def count_others(self, used_by_all: int) -> None:
        """The vendor counted more than we sent (another app, or we before a restart): treat the difference as sent now."""
        now = self._clock.now()
        last = max(now, self._taken[-1]) if self._taken else now
        self._taken.extend([last] * min(used_by_all - self.used(), self.limit))


class HubSpotGovernor(WindowGovernor):
    """Learns the account's burst limit from `X-HubSpot-RateLimit-*`; starts with the smallest any account has (100 in 10 s)."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock, limit=100, window=timedelta(seconds=10))

    def learn(self, headers: Mapping[str, str]) -> None:
        limit = _number(headers, "x-hubspot-ratelimit-max")
        if limit is None or limit < 1:
            return
        interval = _number(headers, "x-hubspot-ratelimit-interval-milliseconds")
        if interval is not None and interval > 0:
            self.window = timedelta(milliseconds=interval)
        self.limit = limit
        remaining = _number(headers, "x-hubspot-ratelimit-remaining")
        if remaining is not None and limit - remaining > len(self._taken):
            self.count_others(limit - remaining)


class ErpGovernor:
    """Frappe's limiter counts processing time in fixed windows: when what is left may not be enough, wait for the next window."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._paused_until: datetime | None = None
        self._in_flight = 0
        self._cost_us = 0.0  # moving average of one request's processing time

    async def admit(self) -> None:
        while self._paused_until is not None:
            wait = self._paused_until - self._clock.now()
            if wait <= NOTHING:
                self._paused_until = None
                break
            await self._clock.sleep(wait)
        self._in_flight += 1

    def left(self) -> None:
        """A call that `admit` let in is over."""
        self._in_flight -= 1

    def pause(self, duration: timedelta) -> None:
        until = self._clock.now() + duration
        if self._paused_until is None or until > self._paused_until:
            self._paused_until = until

    def learn(self, headers: Mapping[str, str]) -> None:
        remaining = _number(headers, "x-ratelimit-remaining")
        if remaining is None:
            return
        used = _number(headers, "x-ratelimit-used") or 0
        self._cost_us = 0.8 * self._cost_us + 0.2 * used if self._cost_us else float(used)
        reset = _number(headers, "x-ratelimit-reset")
        if reset is not None and remaining - used <= 2 * self._cost_us * max(self._in_flight, 1):
            self.pause(timedelta(seconds=reset))


def _number(headers: Mapping[str, str], name: str) -> int | None:
    text = headers.get(name)
    if text is None:
        return None
    try:
        return int(text)
    except ValueError:
        return None
