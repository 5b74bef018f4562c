"""All benchmarks one after the other, in about three minutes; `--full` adds the large sizes and takes a quarter of an hour.

python benchmarks/run_all.py [--full]
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
QUICK = (
    ("in_process_call.py",),
    ("speed_up.py",),
    ("start.py",),
    ("live_read.py",),
    ("erp_records.py", "20000"),
    ("records.py", "100000"),
    ("flows.py", "100", "1000"),
    ("throughput.py", "--deals", "1000"),
)
FULL = (
    *QUICK[:-4],
    ("erp_records.py", "200000"),
    ("records.py", "100000", "1000000"),
    ("flows.py", "100", "1000", "10000"),
    ("throughput.py",),
)
MICRO = (
    "-m",
    "pytest",
    str(HERE / "test_micro.py"),
    "--benchmark-only",
    "--benchmark-columns=min,median,rounds",
    "-p",
    "no:cacheprovider",
)


def main(full: bool) -> int:
    failed = [script for script, *arguments in (FULL if full else QUICK) if run(str(HERE / script), *arguments) != 0]
    if run(*MICRO) != 0:
        failed.append("test_micro.py")
    if failed:
        print(f"\nfailed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def run(*arguments: str) -> int:
    sys.stdout.flush()
    return subprocess.run([sys.executable, *arguments], check=False).returncode


if __name__ == "__main__":
    sys.exit(main("--full" in sys.argv[1:]))
