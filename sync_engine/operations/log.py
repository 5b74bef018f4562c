"""Structured log lines for people and log collectors, one line each: `time=… level=… event=… key=value …`, or the same as JSON."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Protocol, TextIO

from sync_engine.operations.correlation import CURRENT
from sync_engine.ports import Clock
from sync_engine.wire import write_text

HIDDEN = "•••"
LEVELS = {"retry": "warning", "warning": "warning", "problem": "error", "waiting": "error"}


class Log(Protocol):
    def __call__(self, event: str, **facts: object) -> None: ...


def no_log(event: str, **facts: object) -> None:
    """Says nothing: a simulated engine has a journal instead."""


def line_log(clock: Clock, stream: TextIO = sys.stderr, *, form: str = "logfmt", mask: Callable[[str], str] = str) -> Log:
    """Writes to `stream`. Each line names the change that is worked on. `mask` takes out what must never be shown."""
    write = write_text if form == "json" else _logfmt

    def log(event: str, **facts: object) -> None:
        line: dict[str, object] = {
            "time": clock.now().isoformat(timespec="milliseconds"),
            "level": LEVELS.get(event, "info"),
            "event": event,
        }
        change = CURRENT.get()
        if change is not None:
            line |= {"correlation": change.correlation, "record": change.record, "attempt": change.attempt}
        line |= {name: value if isinstance(value, int) else str(value) for name, value in facts.items()}
        print(mask(write(line)), file=stream, flush=True)

    return log


def masking(secrets: tuple[str, ...]) -> Callable[[str], str]:
    """Takes secrets out of a text, as they are and as JSON would write them. What is shorter than 4 characters hides nothing."""
    spellings = {spelling for secret in secrets if len(secret) >= 4 for spelling in (secret, write_text(secret)[1:-1])}
    longest_first = sorted(spellings, key=lambda text: (-len(text), text))

    def mask(text: str) -> str:
        for secret in longest_first:
            text = text.replace(secret, HIDDEN)
        return text

    return mask


def _logfmt(line: Mapping[str, object]) -> str:
    return " ".join(f"{name}={_quoted(value)}" for name, value in line.items())


def _quoted(value: object) -> str:
    text = " ".join(str(value).split("\n")).replace('"', "'")
    return f'"{text}"' if " " in text or "=" in text or not text else text
