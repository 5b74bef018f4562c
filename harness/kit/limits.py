"""Rate limits: a policy is a value, a meter counts for it. Meters never read a clock; they are told the time.

A refused call counts against a window only where the vendor counts it (`counts_refused`).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Protocol

from harness.kit.clock import EPOCH


@dataclass(frozen=True, slots=True)
class Throttled:
    """Why a call is refused, and how long a caller that waits exactly `retry_after` has to wait to be let through."""

    policy: str
    retry_after: timedelta


@dataclass(frozen=True, slots=True)
class Usage:
    """What a vendor's headers tell: calls (or microseconds) allowed, left, and the time until the window empties."""

    limit: int
    remaining: int
    resets_in: timedelta


def _check(limit: int) -> None:
    """No wait would ever be long enough for a limit of nothing: a system that answers nobody is a fault, not a limit."""
    if limit < 1:
        raise ValueError(f"a limit lets in at least one call, got {limit}")


class Meter(Protocol):
    """Counts for one policy and one subject (an app, an account, a site)."""

    def admit(self, now: datetime) -> Throttled | None: ...

    def usage(self, now: datetime) -> Usage: ...


@dataclass(frozen=True, slots=True)
class RollingWindow:
    """At most `limit` calls in any `window`. A call exactly one window old no longer counts."""

    name: str
    limit: int
    window: timedelta
    counts_refused: bool = True

    def __post_init__(self) -> None:
        _check(self.limit)

    def meter(self) -> RollingMeter:
        return RollingMeter(self)


class RollingMeter:
    def __init__(self, policy: RollingWindow) -> None:
        self.policy = policy
        self._calls: deque[datetime] = deque()

    def _forget_old(self, now: datetime) -> None:
        oldest_counted = now - self.policy.window
        calls = self._calls
        while calls and calls[0] <= oldest_counted:
            calls.popleft()

    def admit(self, now: datetime) -> Throttled | None:
        self._forget_old(now)
        if len(self._calls) < self.policy.limit:
            self._calls.append(now)
            return None
        if self.policy.counts_refused:
            self._calls.append(now)
        return Throttled(self.policy.name, self._calls[-self.policy.limit] + self.policy.window - now)

    def usage(self, now: datetime) -> Usage:
        self._forget_old(now)
        resets_in = self._calls[0] + self.policy.window - now if self._calls else timedelta(0)
        return Usage(self.policy.limit, max(0, self.policy.limit - len(self._calls)), resets_in)


@dataclass(frozen=True, slots=True)
class FixedWindow:
    """At most `limit` calls between two whole multiples of `window` since 1970, plus `offset`."""

    name: str
    limit: int
    window: timedelta
    counts_refused: bool = False
    offset: timedelta = timedelta(0)

    def __post_init__(self) -> None:
        _check(self.limit)

    def meter(self) -> FixedMeter:
        return FixedMeter(self)


class FixedMeter:
    def __init__(self, policy: FixedWindow) -> None:
        self.policy = policy
        self._window = -1
        self._count = 0

    def _roll(self, now: datetime) -> timedelta:
        since = now - EPOCH - self.policy.offset
        window = since // self.policy.window
        if window != self._window:
            self._window, self._count = window, 0
        return (window + 1) * self.policy.window - since

    def admit(self, now: datetime) -> Throttled | None:
        resets_in = self._roll(now)
        refused = self._count >= self.policy.limit
        if not refused or self.policy.counts_refused:
            self._count += 1
        return Throttled(self.policy.name, resets_in) if refused else None

    def usage(self, now: datetime) -> Usage:
        resets_in = self._roll(now)
        return Usage(self.policy.limit, max(0, self.policy.limit - self._count), resets_in)


@dataclass(frozen=True, slots=True)
class DailyQuota:
    """At most `limit` calls between two midnights of `zone`."""

    name: str
    limit: int
    zone: tzinfo
    counts_refused: bool = False

    def __post_init__(self) -> None:
        _check(self.limit)

    def meter(self) -> DailyMeter:
        return DailyMeter(self)


class DailyMeter:
    def __init__(self, policy: DailyQuota) -> None:
        self.policy = policy
        self._resets_at: datetime | None = None
        self._count = 0

    def _roll(self, now: datetime) -> timedelta:
        if self._resets_at is None or now >= self._resets_at:
            local = now.astimezone(self.policy.zone)
            midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
            self._resets_at, self._count = midnight.astimezone(now.tzinfo), 0
        return self._resets_at - now

    def admit(self, now: datetime) -> Throttled | None:
        resets_in = self._roll(now)
        refused = self._count >= self.policy.limit
        if not refused or self.policy.counts_refused:
            self._count += 1
        return Throttled(self.policy.name, resets_in) if refused else None

    def usage(self, now: datetime) -> Usage:
        resets_in = self._roll(now)
        return Usage(self.policy.limit, max(0, self.policy.limit - self._count), resets_in)


@dataclass(frozen=True, slots=True)
class Concurrency:
    """At most `limit` calls in progress at once. A call is in progress until the instant given to `occupy`."""

    name: str
    limit: int

    def __post_init__(self) -> None:
        _check(self.limit)

    def meter(self) -> ConcurrencyMeter:
        return ConcurrencyMeter(self)


class ConcurrencyMeter:
    def __init__(self, policy: Concurrency) -> None:
        self.policy = policy
        self._ends: list[datetime] = []

    def admit(self, now: datetime) -> Throttled | None:
        self._ends = [end for end in self._ends if end > now]
        if len(self._ends) < self.policy.limit:
            return None
        return Throttled(self.policy.name, sorted(self._ends)[-self.policy.limit] - now)

    def occupy(self, until: datetime) -> None:
        """Note an admitted call and when it ends."""
        self._ends.append(until)

    def usage(self, now: datetime) -> Usage:
        running = [end for end in self._ends if end > now]
        resets_in = min(running) - now if running else timedelta(0)
        return Usage(self.policy.limit, max(0, self.policy.limit - len(running)), resets_in)


@dataclass(frozen=True, slots=True)
class ProcessingTime:
    """At most `budget` of summed processing time in a fixed window; checked before a call, spent after it, so one slow call
    may overshoot. A call is refused only when more than the budget is already spent."""

    name: str
    budget: timedelta
    window: timedelta

    def meter(self) -> ProcessingMeter:
        return ProcessingMeter(self)


class ProcessingMeter:
    def __init__(self, policy: ProcessingTime) -> None:
        self.policy = policy
        self._window = -1
        self._spent = timedelta(0)

    def _roll(self, now: datetime) -> timedelta:
        since = now - EPOCH
        window = since // self.policy.window
        if window != self._window:
            self._window, self._spent = window, timedelta(0)
        return (window + 1) * self.policy.window - since

    def admit(self, now: datetime) -> Throttled | None:
        resets_in = self._roll(now)
        return Throttled(self.policy.name, resets_in) if self._spent > self.policy.budget else None

    def spend(self, now: datetime, duration: timedelta) -> None:
        self._roll(now)
        self._spent += duration

    def usage(self, now: datetime) -> Usage:
        """Limit and remaining in microseconds."""
        resets_in = self._roll(now)
        unit = timedelta(microseconds=1)
        return Usage(self.policy.budget // unit, max(0, (self.policy.budget - self._spent) // unit), resets_in)
