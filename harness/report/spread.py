"""How long things took: the measured values and their percentiles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Delay:
    """One wait. `cause_at` is when a person acted; `record` names what waited, as `crm deals 123`."""

    cause_at: datetime
    seconds: float
    record: str


@dataclass(frozen=True, slots=True)
class Delays:
    """All waits of one kind, in the order in which they ended. `never` counts causes that nothing had followed by the run's end."""

    measured: Sequence[Delay]
    never: int
    p50_s: float | None  # None where nothing was measured
    p95_s: float | None
    p99_s: float | None
    max_s: float | None


def delays_of(measured: Sequence[Delay], never: int) -> Delays:
    values = sorted(delay.seconds for delay in measured)
    if not values:
        return Delays(measured, never, None, None, None, None)
    return Delays(measured, never, percentile(values, 50), percentile(values, 95), percentile(values, 99), values[-1])


def percentile(values: Sequence[float], percent: int) -> float:
    """Nearest rank: the smallest value that at least `percent` % of the sorted, non-empty `values` do not exceed."""
    return values[max(0, math.ceil(len(values) * percent / 100) - 1)]
