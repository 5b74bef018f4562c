"""How much of a vendor's rate limit the engine used: its requests in windows of the limit's own length."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

_LIMIT = re.compile(r"\s*(\d+)\s+per\s+(\d+)?\s*(s|second|seconds|min|minute|minutes|h|hour|hours)\b")
_UNIT_S = {"s": 1, "m": 60, "h": 3600}
WINDOW_DEFAULT_S = 10


@dataclass(frozen=True, slots=True)
class Usage:
    """Engine requests to one system. `by_window` holds only windows with requests: seconds since the start → requests.

    `limit` is None where the history does not tell one. Windows are fixed; a vendor whose window rolls may refuse a burst across
    two windows that each stay below the limit.
    """

    limit: int | None
    window_s: int
    by_window: Mapping[int, int]
    refused_by_window: Mapping[int, int]  # answered 429

    @property
    def peak(self) -> int:
        return max(self.by_window.values(), default=0)


def parse_limit(text: str) -> tuple[int | None, int]:
    """(190, 10) of `190 per 10 s`; (None, 10) where the text tells no such limit."""
    match = _LIMIT.match(text)
    if match is None:
        return None, WINDOW_DEFAULT_S
    return int(match[1]), int(match[2] or 1) * _UNIT_S[match[3][0]]


class UsageMeter:
    """Fed every engine request to one system, and every refusal for going too fast."""

    def __init__(self, limit: str, started_at: datetime) -> None:
        self._limit, self._window_s = parse_limit(limit)
        self._started_at = started_at
        self._windows: dict[int, int] = {}
        self._refused: dict[int, int] = {}

    def request(self, at: datetime) -> None:
        self._add(self._windows, at)

    def refusal(self, at: datetime) -> None:
        self._add(self._refused, at)

    def _add(self, windows: dict[int, int], at: datetime) -> None:
        since = int((at - self._started_at).total_seconds())
        window = since - since % self._window_s
        windows[window] = windows.get(window, 0) + 1

    def usage(self) -> Usage:
        return Usage(self._limit, self._window_s, self._windows, self._refused)
