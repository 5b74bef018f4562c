"""Numbers about the engine's work, and their text in the OpenMetrics format, version 1.0.

Written by hand: six families of counters are less code than a client library needs to be told about them, that library keeps its
registry in the process (a simulation has many engines in one), and the endpoint must work in the smallest installation.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
DELAY_BOUNDS_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 21600.0)
Labels = tuple[tuple[str, str], ...]
Sample = tuple[str, Labels, float]  # suffix, labels, value


class Metrics:
    """Counted since the start of the process. Nothing here grows with the number of records."""

    def __init__(self) -> None:
        self.work: Counter[tuple[str, str]] = Counter()  # (process, done | retried | dead letter's classification)
        self.calls: Counter[tuple[str, str]] = Counter()  # (system, status or error)
        self.webhooks: Counter[tuple[str, str]] = Counter()  # (system, result)
        self.delays = [0] * (len(DELAY_BOUNDS_S) + 1)  # not cumulated
        self.delay_sum_s = 0.0

    def ended(self, process: str, outcome: str, count: int = 1) -> None:
        if count:
            self.work[process, outcome] += count

    def called(self, system: str, status: str) -> None:
        self.calls[system, status] += 1

    def delivered(self, system: str, result: str) -> None:
        self.webhooks[system, result] += 1

    def propagated(self, delay: timedelta) -> None:
        """From the moment a change was noticed to its last write."""
        seconds = delay.total_seconds()
        self.delays[bisect_left(DELAY_BOUNDS_S, seconds)] += 1
        self.delay_sum_s += seconds

    def families(self) -> list[str]:
        """The text of everything that is counted here."""
        return [
            counter("sync_work", "Items of work by how they ended.", ("process", "outcome"), self.work),
            counter("sync_vendor_calls", "Calls to the vendors by answer.", ("system", "status"), self.calls),
            counter("sync_webhooks", "Webhook calls by what became of them.", ("system", "result"), self.webhooks),
            self._delay_family(),
        ]

    def _delay_family(self) -> str:
        samples: list[Sample] = []
        total = 0
        for bound, count in zip((*map(str, DELAY_BOUNDS_S), "+Inf"), self.delays, strict=True):
            total += count
            samples.append(("_bucket", (("le", bound),), total))
        samples += [("_count", (), total), ("_sum", (), self.delay_sum_s)]
        name = "sync_propagation_delay_seconds"
        return family(name, "histogram", "From noticing a change to its last write.", samples, unit="seconds")


def counter(name: str, help: str, labels: tuple[str, str], counts: Mapping[tuple[str, str], int]) -> str:
    samples = [("_total", tuple(zip(labels, values, strict=True)), float(count)) for values, count in sorted(counts.items())]
    return family(name, "counter", help, samples)


def gauge(name: str, help: str, values: Iterable[tuple[Labels, float]], unit: str = "") -> str:
    return family(name, "gauge", help, [("", labels, value) for labels, value in values], unit=unit)


def family(name: str, kind: str, help: str, samples: Iterable[Sample], *, unit: str = "") -> str:
    lines = [f"# TYPE {name} {kind}"]
    if unit:
        lines.append(f"# UNIT {name} {unit}")
    lines.append(f"# HELP {name} {_escaped(help)}")
    for suffix, labels, value in samples:
        inside = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels)
        lines.append(f"{name}{suffix}{{{inside}}} {_number(value)}" if inside else f"{name}{suffix} {_number(value)}")
    return "\n".join(lines)


def exposition(families: Iterable[str]) -> str:
    return "\n".join([*families, "# EOF", ""])


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
