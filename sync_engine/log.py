"""Structured log lines for people and log collectors: one line each, `event key=value …`. Values never hold secrets."""

from __future__ import annotations

import sys
from typing import Protocol, TextIO

from sync_engine.ports import Clock


class Log(Protocol):
    def __call__(self, event: str, **facts: object) -> None: ...


def no_log(event: str, **facts: object) -> None:
    """Says nothing: a simulated engine has a journal instead."""


def line_log(clock: Clock, stream: TextIO = sys.stderr) -> Log:
    """Writes to `stream`, with the clock's time in front."""

    def log(event: str, **facts: object) -> None:
        shown = "".join(f" {name}={_quoted(value)}" for name, value in facts.items())
        print(f"{clock.now().isoformat(timespec='milliseconds')} {event}{shown}", file=stream, flush=True)

    return log


def _quoted(value: object) -> str:
    text = str(value).replace("\n", " ").replace('"', "'")
    return f'"{text}"' if " " in text or not text else text
