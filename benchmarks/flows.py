"""Quote to cash on a calm day with the bundled engine: flows per second, calls per flow, peak memory, and whether cost stays flat.

python benchmarks/flows.py [SIZES...]      default: 100 1000 10000; each in a process of its own
"""

from __future__ import annotations

import json
import sys
import time

from bench import SEED, in_child, peak_mib, print_table, verdict

from harness.kit.journal import Received
from harness.oracles.registry import judge_all
from harness.run.parts import Choice
from harness.run.runner import find_parts
from harness.run.simulate import Progress, Simulation

SIZES = (100, 1_000, 10_000)
FLOWS_PER_S = 200.0


def measure(flows: int) -> dict[str, float | int]:
    choice = Choice("quote-to-cash", seed=SEED, weather="calm", flows=flows)
    parts = find_parts(choice)
    begun = time.perf_counter()
    history = Simulation(choice, parts.loaded, parts.crm, parts.erp, parts.engine, Progress()).run()
    simulated = time.perf_counter()
    judgements = judge_all(history)
    judged = time.perf_counter()
    return {
        "simulate_s": simulated - begun,
        "judge_s": judged - simulated,
        "calls": sum(1 for entry in history.entries if isinstance(entry, Received) and entry.caller == "engine"),
        "all_calls": sum(1 for entry in history.entries if isinstance(entry, Received)),
        "entries": len(history.entries),
        "violated": sum(1 for one in judgements if one.findings),
        "peak_mib": peak_mib(),
    }


def main(sizes: list[int]) -> None:
    rows, cost = [], dict[int, float]()
    for flows in sizes:
        found = in_child("flows.py", "--one", str(flows))
        rate, cost[flows] = flows / found["simulate_s"], found["simulate_s"] / flows
        rows.append(
            (
                f"{flows:,}",
                f"{rate:.0f}",
                verdict(rate, FLOWS_PER_S, at_most=False),
                f"{found['simulate_s'] / flows * 1000:.1f}",
                f"{found['judge_s'] / flows * 1000:.2f}",
                f"{found['calls'] / flows:.1f}",
                f"{found['all_calls'] / flows:.1f}",
                f"{found['simulate_s'] / found['all_calls'] * 1e6:.0f}",
                f"{found['peak_mib']:.0f}",
                "held" if not found["violated"] else f"{found['violated']} violated",
            )
        )
    head = (
        "flows",
        "flows/s",
        f">= {FLOWS_PER_S:.0f}",
        "s/1,000 flows",
        "s/1,000 judged",
        "engine calls/flow",
        "with people",
        "us/call",
        "peak MiB",
        "verdict",
    )
    ratio = cost[max(cost)] / cost[min(cost)]
    note = f"a flow of {max(cost):,} costs {ratio:.2f} times a flow of {min(cost):,}"
    print_table("quote-to-cash, weather calm, bundled engine, one core; judged afterwards", head, rows, note)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(int(sys.argv[2]))))
    else:
        main([int(size) for size in sys.argv[1:]] or list(SIZES))
