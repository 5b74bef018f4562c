"""Progress in virtual time: a bar on a terminal, a plain line now and then without one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from harness.run.simulate import Progress as Silent

STEPS = 5  # plain lines per run


class _Bar(Silent):
    def __init__(self, bar: Progress, task: TaskID) -> None:
        self._bar, self._task = bar, task

    def at(self, now: datetime, share: float, doing: str) -> None:
        self._bar.update(self._task, completed=share, clock=now.strftime("%a %H:%M"), doing=doing[:60])


class _Lines(Silent):
    def __init__(self) -> None:
        self._next = 1

    def at(self, now: datetime, share: float, doing: str) -> None:
        if share * STEPS >= self._next:
            self._next = int(share * STEPS) + 1
            print(f"{now:%a %H:%M} {share:4.0%} {doing}", file=sys.stderr, flush=True)


@contextmanager
def show_progress(*, enabled: bool) -> Iterator[Silent]:
    """Draw on standard error, so that standard output stays clean for results."""
    console = Console(stderr=True)
    if not enabled:
        yield Silent()
    elif not console.is_terminal:
        yield _Lines()
    else:
        columns = (
            TextColumn("{task.fields[clock]}"),
            BarColumn(),
            TextColumn("{task.percentage:3.0f}%"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[doing]}"),
        )
        with Progress(*columns, console=console, transient=True) as bar:
            yield _Bar(bar, bar.add_task("run", total=1.0, clock="", doing="starting"))
