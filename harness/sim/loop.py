"""An asyncio event loop whose time is virtual: when nothing is ready it jumps to the next timer.

Own code because the existing libraries are GPL, need a newer Python or are alpha (decision 0002). It rests on the private
attributes `_ready` and `_scheduled` of `asyncio.BaseEventLoop`, which tests/sim/test_loop.py holds in place.

A process inside the simulation (an engine) can be killed: everything that its *incarnation* scheduled or will schedule is
dropped, so nothing after the await point runs: no `finally`, no commit.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import selectors
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Executor
from contextvars import Context, ContextVar
from datetime import datetime, timedelta
from typing import Any, TypeVar, TypeVarTuple
from weakref import WeakSet

_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")
INCARNATION: ContextVar[int] = ContextVar("incarnation", default=0)  # 0: the world itself, which is never killed


class Deadlock(RuntimeError):
    """Every task waits and no timer is left: in a real process this would hang forever."""


class NoSockets(RuntimeError):
    """Code inside a simulation tried to do real I/O."""


class _VirtualSelector(selectors.BaseSelector):
    """Never looks at a file: asked to wait, it moves the loop's clock instead."""

    def __init__(self) -> None:
        self.loop: VirtualLoop | None = None
        self._keys: dict[Any, selectors.SelectorKey] = {}

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        if self.loop is not None and self.loop.sealed:
            raise NoSockets(
                "a simulation has no sockets, but something in it tried to open one; give the engine's HTTP client the transport "
                "it was handed, or run the scenario with --live"
            )
        key = selectors.SelectorKey(fileobj, fileobj if isinstance(fileobj, int) else fileobj.fileno(), events, data)
        self._keys[fileobj] = key
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._keys.pop(fileobj)

    def get_map(self) -> dict[Any, selectors.SelectorKey]:
        return self._keys

    def close(self) -> None:
        self._keys.clear()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert self.loop is not None
        if timeout is None or timeout > 0:
            self.loop.jump()
        return []


class _Timer(asyncio.TimerHandle):
    """A timer that the heap compares by time alone: it compares a dozen times for every timer."""

    __slots__ = ()

    def __lt__(self, other: asyncio.TimerHandle) -> bool:
        return self._when < other._when  # type: ignore[attr-defined, no-any-return]


class VirtualLoop(asyncio.SelectorEventLoop):
    """Time starts at 0.0 and has microsecond steps, so that instants made of it never drift."""

    def __init__(self) -> None:
        self.sealed = False
        self._now = 0.0
        self._dead: set[int] = set()
        self._incarnations = 0
        self._living: dict[int, WeakSet[asyncio.Task[Any]]] = {}
        self._graveyard: list[asyncio.Task[Any]] = []
        selector = _VirtualSelector()
        selector.loop = self
        super().__init__(selector)
        self.set_task_factory(_remembering_task)  # type: ignore[arg-type]
        self.sealed = True

    def time(self) -> float:
        return self._now

    def jump(self) -> None:
        """Move to the next timer. Raises Deadlock when there is none."""
        timers: list[asyncio.TimerHandle] = self._scheduled  # type: ignore[attr-defined]
        if not timers:
            waiting = sorted(task.get_name() for task in asyncio.all_tasks(self))
            raise Deadlock(f"everything waits for something that cannot come any more; tasks: {', '.join(waiting[:8])}")
        self._now = max(self._now, timers[0].when())

    def call_at(
        self, when: float, callback: Callable[[*_Ts], object], *args: *_Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """What asyncio does, without its checks for threads and debugging, on the grid of microseconds."""
        self._check_closed()  # type: ignore[attr-defined]
        timer = _Timer(round(when * 1e6) / 1e6, callback, args, self, context)
        heapq.heappush(self._scheduled, timer)  # type: ignore[attr-defined]
        timer._scheduled = True  # type: ignore[attr-defined]
        return timer

    def call_later(
        self, delay: float, callback: Callable[[*_Ts], object], *args: *_Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        return self.call_at(self._now + delay, callback, *args, context=context)

    def call_soon(self, callback: Callable[[*_Ts], object], *args: *_Ts, context: Context | None = None) -> asyncio.Handle:
        handle = super().call_soon(callback, *args, context=context)
        if self._dead and context is not None and context.get(INCARNATION, 0) in self._dead:
            handle.cancel()
        return handle

    def run_in_executor(self, executor: Executor | None, func: Callable[[*_Ts], _T], *args: *_Ts) -> asyncio.Future[_T]:
        """Run inline: threads would bring the machine's own order into the run."""
        future: asyncio.Future[_T] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:
            future.set_exception(error)
        return future

    # -- processes that can be killed -----------------------------------------------------------------------------

    def new_incarnation(self) -> int:
        self._incarnations += 1
        self._living[self._incarnations] = WeakSet()
        return self._incarnations

    def is_dead(self, incarnation: int) -> bool:
        return incarnation in self._dead

    def kill(self, incarnation: int) -> None:
        """Nothing of this incarnation ever runs again. Safe to repeat."""
        if incarnation in self._dead:
            return
        self._dead.add(incarnation)
        for handle in _handles(self):
            if not handle.cancelled() and handle._context.get(INCARNATION, 0) == incarnation:  # type: ignore[attr-defined]
                handle.cancel()
        for task in sorted(self._living.pop(incarnation, ()), key=lambda task: task.get_name()):
            if not task.done():
                task._log_destroy_pending = False  # type: ignore[attr-defined]
                self._graveyard.append(task)  # kept, so that no coroutine is closed by the garbage collector

    def bury(self) -> None:
        """Dispose of killed coroutines once nobody looks any more; what their cleanup code raises is of no interest."""
        for task in self._graveyard:
            coroutine = task.get_coro()
            with contextlib.suppress(BaseException):
                coroutine.close()
        self._graveyard.clear()


def _handles(loop: VirtualLoop) -> Iterator[asyncio.Handle]:
    yield from list(loop._ready)  # type: ignore[attr-defined]
    yield from list(loop._scheduled)  # type: ignore[attr-defined]


def _remembering_task(
    loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], context: Context | None = None, **_: Any
) -> asyncio.Task[Any]:
    task: asyncio.Task[Any] = asyncio.Task(coro, loop=loop, context=context)
    incarnation = context.get(INCARNATION, 0) if context is not None else INCARNATION.get()
    if incarnation and isinstance(loop, VirtualLoop):
        living = loop._living.get(incarnation)
        if living is not None:
            living.add(task)
    return task


class VirtualClock:
    """Instants of a virtual loop: `start` plus the loop's time."""

    def __init__(self, loop: VirtualLoop, start: datetime) -> None:
        self._loop, self._start = loop, start
        self._cached_at, self._cached = 0.0, start

    def now(self) -> datetime:
        at = self._loop._now
        if at != self._cached_at:
            self._cached_at, self._cached = at, self._start + timedelta(microseconds=round(at * 1e6))
        return self._cached

    async def sleep(self, duration: timedelta) -> None:
        await asyncio.sleep(max(0.0, duration.total_seconds()))
