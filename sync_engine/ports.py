"""What the engine needs from outside, as structural protocols: a clock and a way to send HTTP. Chance is a `random.Random`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Aware UTC instants, and a way to wait."""

    def now(self) -> datetime: ...

    async def sleep(self, duration: timedelta) -> None: ...


class Http(Protocol):
    """One HTTP exchange. Raises the built-in TimeoutError, ConnectionRefusedError (nothing was sent) or ConnectionResetError."""

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> tuple[int, Mapping[str, str], bytes]: ...
