"""What an oracle says: findings as stories, and a verdict per promise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from harness.oracles.history import History


class Verdict(StrEnum):
    """`unknown` means that nothing in the run exercised the promise, so nothing was proven."""

    HELD = "held"
    VIOLATED = "violated"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One event of a story. `who` is a lane: `crm`, `engine`, `erp` or a person's name. `request` is a journal number or 0."""

    at: datetime
    who: str
    what: str
    request: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken promise about one record, told so that a person who does not know the code understands it.

    `key` is stable for the same finding of the same seed (`no_duplicates/order/deals 123`); `likely` is the cause as far as the
    history shows it, else empty.
    """

    oracle: str
    key: str
    summary: str
    record: str  # "crm deals 123"
    flow: int = 0
    story: tuple[StoryLine, ...] = ()
    likely: str = ""


@dataclass(frozen=True, slots=True)
class Oracle:
    """A promise. `exercised` tells whether the run contained anything that could have broken it."""

    name: str
    promise: str  # one sentence, for reports: "Every won deal becomes exactly one sales order."
    judge: Callable[[History], list[Finding]]
    exercised: Callable[[History], bool]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one oracle made of one run."""

    oracle: str
    promise: str
    verdict: Verdict
    findings: list[Finding] = field(default_factory=list)
