"""Single reads and writes of one kind travel together: one call for up to a hundred of them.

They do so while the quota is short, and whenever much of the same is done side by side. Nobody waits for company: the first goes
at once and those that come while it waits or travels go with the next; tasks that are started together go together. Records that
a batch does not know by the id asked for (gone, or merged away) are asked for alone, so every outcome is that of a single call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar

from sync_engine.governor import urgency
from sync_engine.outcomes import VendorError

Ask = TypeVar("Ask")
Answer = TypeVar("Answer")
Ends: TypeAlias = Sequence[Answer | VendorError]
SIDE_BY_SIDE: ContextVar[bool] = ContextVar("side by side", default=False)


@contextmanager
def side_by_side() -> Iterator[None]:
    """The tasks that are started inside do much the same at the same time."""
    token = SIDE_BY_SIDE.set(True)
    try:
        yield
    finally:
        SIDE_BY_SIDE.reset(token)


def is_side_by_side() -> bool:
    return SIDE_BY_SIDE.get()


@dataclass(slots=True)
class _Waiting(Generic[Ask, Answer]):
    """One caller. The future belongs to the caller: cancelled when the caller is."""

    ask: Ask
    future: asyncio.Future[Answer] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Together(Generic[Ask, Answer]):
    """Calls of one sort. `go` makes many of them at once; its answer holds the end of each, in order."""

    def __init__(self, go: Callable[[Sequence[Ask]], Awaitable[Ends[Answer]]], at_most: int) -> None:
        self._go, self._at_most = go, at_most
        self._waiting: list[_Waiting[Ask, Answer]] = []
        self._driver: asyncio.Task[None] | None = None

    async def join(self, ask: Ask) -> Answer:
        """Raises VendorError as a call alone would."""
        waiting: _Waiting[Ask, Answer] = _Waiting(ask)
        self._waiting.append(waiting)
        if self._driver is None or self._driver.done():
            self._driver = asyncio.create_task(self._drive(), name="calls together")
        return await waiting.future

    async def _drive(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[: self._at_most], self._waiting[self._at_most :]
            batch = [each for each in batch if not each.future.done()]
            if batch:
                await self._answer(batch)

    async def _answer(self, batch: Sequence[_Waiting[Ask, Answer]]) -> None:
        ends: Ends[Answer]
        try:
            ends = await self._go([each.ask for each in batch])
        except VendorError as error:
            ends = [error] * len(batch)
        except BaseException:
            for each in batch:
                each.future.cancel()
            raise
        for each, end in zip(batch, ends, strict=True):
            if each.future.done():
                continue  # its caller is gone
            if isinstance(end, VendorError):
                each.future.set_exception(end)
            else:
                each.future.set_result(end)


class Companies:
    """Who travels together: calls that do the same and are equally urgent."""

    def __init__(self, at_most: int) -> None:
        self._at_most, self._sorts = at_most, dict[tuple[str, ...], Together[Any, Any]]()

    def of(self, *sort: str, go: Callable[[Sequence[Any]], Awaitable[Ends[Any]]]) -> Together[Any, Any]:
        key = (*sort, urgency())
        if key not in self._sorts:
            self._sorts[key] = Together(go, self._at_most)
        return self._sorts[key]
