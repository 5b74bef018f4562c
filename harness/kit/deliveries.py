"""One webhook call and what becomes of it, as values: the call, its result, the waits between attempts, the network's doings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import msgspec


class DeliveryWeather(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Chances (0 to 1) per delivery: lost without the vendor noticing, sent twice, delayed (and so overtaken), badly signed."""

    lose: float = 0.0
    duplicate: float = 0.0
    delay: float = 0.0
    delay_ms_max: int = 60_000
    forge: float = 0.0


@dataclass(frozen=True, slots=True)
class RetrySchedule:
    """Waits before the second, third, … attempt, each varied by ± `jitter` (0.2 = 20 %). After the last: given up."""

    waits: tuple[timedelta, ...]
    jitter: float = 0.0

    def wait(self, attempts_made: int, random: Random) -> timedelta | None:
        if attempts_made > len(self.waits):
            return None
        wait = self.waits[attempts_made - 1]
        return wait * (1 + self.jitter * (2 * random.random() - 1)) if self.jitter else wait


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """What came back: a status, or None with `failure` one of `timeout`, `refused`, `reset`."""

    status: int | None
    failure: str = ""
    body: str = ""  # the beginning of the answer, where the poster knows it

    @property
    def text(self) -> str:
        return str(self.status) if self.status is not None else self.failure


class NothingToSend(Exception):
    """What `prepare` raises for a delivery that turns out to have nothing to tell: it ends there, unsent and unrecorded."""


@dataclass(slots=True)
class Delivery:
    """One webhook call on its way. `events` is the vendor's payload; `body` and `headers` are made by `prepare` at each attempt."""

    id: str
    url: str
    subject: str  # what it is about, for journal and findings: `deal.propertyChange 12345`
    events: list[Any]
    due_at: datetime
    method: str = "POST"
    attempt: int = 0  # attempts made so far
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    timeout: timedelta = timedelta(seconds=5)
    follows_redirects: bool = False
    forged: bool = False
    twin: bool = False  # the network's copy of another delivery
    join_key: str = ""
