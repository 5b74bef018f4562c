"""How long a virtual day takes: 20 flows of quote-to-cash under the default weather, seeds 1 to 7.

python benchmarks/speed_up.py
"""

from __future__ import annotations

import statistics
import time

from bench import print_table, verdict

from harness.kit.journal import Received
from harness.run.parts import Choice
from harness.run.runner import find_parts
from harness.run.simulate import Progress, Simulation

SEEDS, FLOWS, BUDGET_S = range(1, 8), 20, 0.25


def day(seed: int) -> tuple[float, float, int]:
    """Seconds taken, virtual seconds passed, calls made by the engine."""
    choice = Choice("quote-to-cash", seed=seed, flows=FLOWS)
    parts = find_parts(choice)
    begun = time.perf_counter()
    history = Simulation(choice, parts.loaded, parts.crm, parts.erp, parts.engine, Progress()).run()
    taken = time.perf_counter() - begun
    calls = sum(1 for entry in history.entries if isinstance(entry, Received) and entry.caller == "engine")
    return taken, (history.ended_at - history.started_at).total_seconds(), calls


def main() -> None:
    day(0)  # imports and caches are not what is measured
    days = [day(seed) for seed in SEEDS]
    taken = statistics.median(one[0] for one in days)
    virtual = statistics.median(one[1] for one in days)
    calls = statistics.median(one[2] for one in days)
    row = (
        f"{FLOWS} flows",
        f"{taken:.3f}",
        f"<= {BUDGET_S} {verdict(taken, BUDGET_S)}",
        f"{virtual / 3600:.1f}",
        f"{calls:.0f}",
        f"{virtual / taken:,.0f}",
    )
    head = ("median of 7 days", "seconds", "budget", "virtual hours", "calls", "virtual s per s")
    print_table("a day under the weather office-day", head, [row])


if __name__ == "__main__":
    main()
