"""When to try again: exponential backoff with jitter, never earlier than a vendor asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from random import Random


@dataclass(frozen=True, slots=True)
class Backoff:
    """The wait before attempt n+1 is drawn from the upper half of `first` * `factor`^(n-1), at most `longest`.

    Only the upper half: positive jitter keeps many waiting records from coming back in lockstep and never waits for nothing.
    """

    first: timedelta = timedelta(seconds=2)
    factor: float = 2.0
    longest: timedelta = timedelta(minutes=10)

    def wait(self, attempts_made: int, random: Random, retry_after: timedelta | None = None) -> timedelta:
        """`attempts_made` counts from 1. `retry_after` is the vendor's own least wait; jitter comes on top of it."""
        exponent = min(max(attempts_made, 1) - 1, 30)
        ceiling = min(self.first * (self.factor**exponent), self.longest)
        drawn = ceiling * (0.5 + 0.5 * random.random())
        if retry_after is None or retry_after <= timedelta(0):
            return drawn
        return max(drawn, retry_after + min(drawn, timedelta(seconds=1)))


IN_CALL = Backoff(first=timedelta(milliseconds=500), longest=timedelta(seconds=4))
BETWEEN_ATTEMPTS = Backoff()
