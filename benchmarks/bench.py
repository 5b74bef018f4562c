"""What all benchmarks share: tables, the machine's shape, a child process per measurement, percentiles. Fixed seeds throughout."""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.kit.clock import Clock
from harness.kit.fake import Fake, FakeSetup
from harness.kit.journal import Journal
from harness.kit.seed import Seed
from harness.run.registry import find_fake

SEED = 7
UNLIMITED = {"burst_limit": 10**9, "daily_limit": 10**12, "search_limit": 10**9, "index_lag_s": 0.0}
HUBSPOT_HEADERS = {"authorization": "Bearer pat-na1-00000000-0000-0000-0000-000000000000", "content-type": "application/json"}
ERPNEXT_HEADERS = {"authorization": "token syncproof:syncproof", "content-type": "application/json", "accept": "application/json"}


def machine() -> str:
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()} {platform.machine()}"


def print_table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]], note: str = "") -> None:
    """A plain table, first column to the left, numbers to the right."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    print(f"\n{title}  ({machine()})")
    for row in [head, *rows]:
        first, *others = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        print("  " + "  ".join([row[0].ljust(len(first)), *others]))
    if note:
        print(f"  {note}")


def verdict(value: float, budget: float, *, at_most: bool = True) -> str:
    """`ok` or `missed`: a benchmark tells, it does not fail."""
    return "ok" if (value <= budget if at_most else value >= budget) else "missed"


def in_child(script: str, *arguments: str) -> Any:
    """Run `script` in a process of its own and return the JSON it prints last."""
    command = [sys.executable, str(Path(__file__).parent / script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{script} {' '.join(arguments)} failed:\n{done.stderr.strip()[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def peak_mib() -> float:
    """The most memory this process ever had, in MiB."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / 1024 if sys.platform != "darwin" else used / 1024 / 1024


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def make_fake(vendor: str, clock: Clock, journal: Journal, base_url: str = "", settings: Mapping[str, Any] | None = None) -> Fake:
    spec = find_fake(vendor)
    return spec.create(FakeSetup(spec.system, clock, Seed(SEED), journal, base_url or spec.default_host, dict(settings or {})))
