"""Durations as people write them in files and on the command line: `250ms`, `90s`, `20m`, `4h`, `1d`."""

from __future__ import annotations

import re
from datetime import timedelta

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_FORM = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")


def parse_duration(text: str) -> timedelta:
    """`4h` → four hours. Raises ValueError that says what was expected."""
    match = _FORM.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no duration; write a number and a unit, such as 250ms, 90s, 20m, 4h or 1d")
    return timedelta(seconds=float(match[1]) * _UNITS[match[2]])


def show_duration(duration: timedelta) -> str:
    """`1 h 05 min`, `12 min`, `3.2 s`: for people."""
    seconds = duration.total_seconds()
    if seconds >= 3600:
        return f"{int(seconds // 3600)} h {int(seconds % 3600 // 60):02d} min"
    if seconds >= 60:
        return f"{int(seconds // 60)} min {int(seconds % 60):02d} s"
    return f"{seconds:.1f} s"
