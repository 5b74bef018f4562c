"""What the tutorial and the README show of real runs, cut to what a reader needs. `make docs` runs the commands and writes it.

Unlike tables these are not checked by a test: the words of a run depend on the release of the library that invents the names.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable
from functools import cache

WIDTH = 136
GREEN = "syncproof run quote-to-cash --seed 7 --report out/demo"
RED = "syncproof run quote-to-cash --seed 7 --engine point-to-point"
EPISODE = ("marked the deal as won", "never reached the engine")  # where the story that is shown begins, and what it must contain
STORY_LINES = 4
MARGIN = " " * 12


class NothingToShow(LookupError):
    """The run has no such story any more: choose another seed or another episode."""


@cache
def output(command: str) -> list[str]:
    """Standard output of a command, in lines."""
    with tempfile.TemporaryDirectory() as folder:
        words = command.replace("out/demo", folder).split()[1:]
        done = subprocess.run([sys.executable, "-m", "harness.cli", *words], capture_output=True, text=True, check=False)
        return done.stdout.replace(folder, "out/demo").strip().splitlines()


def fit(line: str) -> str:
    """One line no wider than the page, cut at a comma where there is one."""
    line = re.sub(r"  \[request [^]]*\]$", "", line.rstrip())
    if len(line) <= WIDTH:
        return line
    cut = line.rfind(", ", 0, WIDTH - 3)
    return line[:cut] + ", …" if cut > WIDTH // 2 else line[: WIDTH - 2] + " …"


def section(lines: list[str], title: str) -> list[str]:
    """The lines under a title, up to the next empty one."""
    begins = lines.index(title)
    ends = lines.index("", begins) if "" in lines[begins:] else len(lines)
    return lines[begins:ends]


def episode(lines: list[str]) -> list[str]:
    """The first finding with the right story: its title, a few lines, the likely cause, the command that replays it."""
    for block in "\n".join(lines[lines.index("Findings") + 1 :]).split("\n\n"):
        rows = block.strip("\n").splitlines()
        begin = next((place for place, row in enumerate(rows) if EPISODE[0] in row), None)
        if begin is None or not any(EPISODE[1] in row for row in rows[begin : begin + STORY_LINES]):
            continue
        told = [re.sub(r"^(?:    story   | {12})(?:\d{4}-\d\d-\d\d )?", "", row) for row in rows[begin : begin + STORY_LINES]]
        likely = next(row.removeprefix("    likely  ") for row in rows if row.startswith("    likely"))
        again = next(row for row in rows if row.startswith("    again"))
        return [
            fit(rows[0]),
            *(fit(("    story   " if place == 0 else MARGIN) + row) for place, row in enumerate(told)),
            f"{MARGIN}…",
            *textwrap.wrap(likely, WIDTH, initial_indent="    likely  ", subsequent_indent=MARGIN),
            again,
        ]
    raise NothingToShow(f"no finding of `{RED}` tells of {EPISODE}")


def green() -> list[str]:
    lines = output(GREEN)
    happened = [fit(line) for line in section(lines, "What happened") if "->" not in line or line.startswith("  delay")]
    report = next(line for line in lines if line.startswith("report") and line.endswith("html"))
    return [f"$ {GREEN}", *lines[:3], *happened, "…", report, lines[-1]]


def red() -> list[str]:
    lines = output(RED)
    return [f"$ {RED}", lines[0], "…", *episode(lines)]


def promises() -> list[str]:
    lines = output(RED)
    return [*lines[:2], "…", *section(lines, "Promises")]


TRANSCRIPTS: dict[str, Callable[[], list[str]]] = {
    "green": green,
    "green-verdict": lambda: output(GREEN)[:2],
    "red": red,
    "red-promises": promises,
    "red-story": lambda: episode(output(RED)),
}
