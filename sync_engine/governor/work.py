"""Classes of work, and who is next when several of them wait."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")


class Work(StrEnum):
    """How urgent a call is."""

    INTERACTIVE = "interactive"  # somebody has just changed something
    RETRY = "retry"  # failed before
    BACKFILL = "backfill"  # comparing and loading whole systems; nobody waits for it


WEIGHTS = {Work.INTERACTIVE: 16, Work.RETRY: 4, Work.BACKFILL: 1}  # shares of the quota while all of them wait
CURRENT: ContextVar[Work] = ContextVar("class of work", default=Work.INTERACTIVE)


@contextmanager
def working_as(work: Work) -> Iterator[None]:
    """Calls inside, also those of tasks that are started inside, are of this class."""
    token = CURRENT.set(work)
    try:
        yield
    finally:
        CURRENT.reset(token)


def urgency() -> Work:
    """The class of whatever is done here."""
    return CURRENT.get()


class Line(Generic[T]):
    """Who waits, first come first served within a class; between classes by weight (stride scheduling).

    Each class has a pass that grows by 1/weight for every turn; the smallest pass is next. A class that did not wait starts where
    the others are: it neither saves up turns nor is punished.
    """

    def __init__(self) -> None:
        self._waiting: dict[Work, deque[T]] = {work: deque() for work in Work}
        self._passes = dict.fromkeys(Work, 0.0)
        self._now = 0.0

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def counts(self) -> dict[Work, int]:
        return {work: len(waiting) for work, waiting in self._waiting.items()}

    def classes(self) -> list[Work]:
        """Those that somebody waits in."""
        return [work for work, waiting in self._waiting.items() if waiting]

    def join(self, work: Work, who: T) -> None:
        if not self._waiting[work]:
            self._passes[work] = max(self._passes[work], self._now)
        self._waiting[work].append(who)

    def leave(self, work: Work, who: T) -> None:
        """Also for somebody whose turn it has been already."""
        if who in self._waiting[work]:
            self._waiting[work].remove(who)

    def turn(self, among: Collection[Work]) -> tuple[Work, T]:
        """Whoever is next of the given classes, which all have somebody waiting; takes them out of the line."""
        work = min(among, key=lambda each: (self._passes[each], -WEIGHTS[each]))
        self._now = self._passes[work]
        self._passes[work] += 1 / WEIGHTS[work]
        return work, self._waiting[work].popleft()
