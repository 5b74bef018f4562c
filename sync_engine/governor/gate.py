"""A gate that every call of one quota passes: it lets calls in one after another, fairly, and never all at once after trouble."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sync_engine.governor.work import CURRENT, Line, Work
from sync_engine.outcomes import Throttled
from sync_engine.ports import Clock

NOTHING = timedelta(0)
PATIENCE = timedelta(seconds=15)  # a known wait longer than this goes back to the work queue, where it is visible
START, LEAST, MOST = 4, 2, 1000  # calls on their way at once: at first, after trouble, and at most


@dataclass(slots=True)
class Place:
    """One call that was let in. `sent` and `left` enclose the instant at which the vendor counted it."""

    work: Work
    sent: datetime
    left: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """What a gate tells to people: `limit` and `used` in calls of a window (processing time: microseconds).

    `foreign`: what others use of it, as far as the vendor's headers show. `daily_*` are None where the vendor tells no day.
    """

    limit: int
    window: timedelta | None
    used: int
    foreign: int
    waiting: Mapping[Work, int]
    calls: Mapping[Work, int]
    throttled: int
    paused_until: datetime | None
    on_their_way: int
    daily_limit: int | None = None
    daily_remaining: int | None = None
    held_back: str = ""  # why a class of work stands still, in words


@dataclass(slots=True)
class _Waiter:
    future: asyncio.Future[Place] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Gate:
    """Subclasses say how long a class of work has to wait (`_wait`), and count (`_entered`, `_learned`).

    After an outage, a pause or a rest only a few calls may be on their way; each answer lets in one more (slow start).
    """

    def __init__(self, clock: Clock, system: str) -> None:
        self._clock, self.system = clock, system
        self._line: Line[_Waiter] = Line()
        self._alarm: asyncio.Task[None] | None = None
        self._alarm_at: datetime | None = None
        self._paused_until: datetime | None = None
        self._allowed, self._answered_at = START, clock.now()
        self.on_their_way, self.throttled = 0, 0
        self.calls = dict.fromkeys(Work, 0)

    # -- asked by callers -----------------------------------------------------------------------------------------

    async def admit(self) -> Place:
        """Wait for a place. Raises Throttled when it is known that the wait would be long."""
        work = CURRENT.get()
        self._refuse_long_waits(work)
        if not self._line and self._time_until(work) == NOTHING:
            return self._enter(work)
        waiter = _Waiter()
        self._line.join(work, waiter)
        self._dispatch()
        try:
            return await waiter.future
        except asyncio.CancelledError:
            self._give_back(work, waiter)
            raise

    def finish(self, place: Place, headers: Mapping[str, str] | None = None, status: int = 0) -> None:
        """The call is over: with the reply's lower-case headers and status, or without any reply."""
        now = self._clock.now()
        place.left = now
        self.on_their_way -= 1
        if headers is None or status >= 500:
            self._allowed = max(LEAST, self._allowed // 2)
        elif status == 429:
            self.throttled += 1
        else:
            self._allowed = min(self._allowed + 1, MOST)
        self._answered_at = now
        self._learned(place, headers or {}, status)
        self._dispatch()

    def pause(self, duration: timedelta) -> None:
        """Let nobody in for that long, and slowly then; a shorter pause never shortens a longer one."""
        until = self._clock.now() + duration
        if self._paused_until is None or until > self._paused_until:
            self._paused_until = until
        self._allowed = LEAST

    def describe(self) -> Pace:
        raise NotImplementedError

    @property
    def crowded(self) -> bool:
        """Whether somebody waits."""
        return len(self._line) > 0

    # -- what a quota decides -------------------------------------------------------------------------------------

    def _wait(self, work: Work, now: datetime) -> timedelta | None:
        """How long until a call of this class may go; None: until some other call is over."""
        raise NotImplementedError

    def _entered(self, place: Place) -> None:
        """A call was let in."""

    def _learned(self, place: Place, headers: Mapping[str, str], status: int) -> None:
        """A call is over."""

    def _held(self, work: Work, now: datetime) -> tuple[timedelta, str] | None:
        """A wait that is known to be long, and the reason."""
        return None

    # -- inside ---------------------------------------------------------------------------------------------------

    @property
    def paused_until(self) -> datetime | None:
        if self._paused_until is not None and self._paused_until <= self._clock.now():
            self._paused_until = None
        return self._paused_until

    def _refuse_long_waits(self, work: Work) -> None:
        now, until = self._clock.now(), self.paused_until
        if until is not None and until - now > PATIENCE:
            raise Throttled(self.system, f"calls are paused until {until:%Y-%m-%d %H:%M:%S} UTC", until - now)
        held = self._held(work, now)
        if held is not None:
            raise Throttled(self.system, held[1], held[0])

    def _time_until(self, work: Work) -> timedelta | None:
        now, until = self._clock.now(), self.paused_until
        if until is not None:
            return until - now
        if self.on_their_way == 0 and now - self._answered_at > PATIENCE:
            self._allowed = min(self._allowed, START)  # much may have happened meanwhile
        if self.on_their_way >= self._allowed:
            return None
        return self._wait(work, now)

    def _enter(self, work: Work) -> Place:
        place = Place(work, self._clock.now())
        self.on_their_way += 1
        self.calls[work] += 1
        self._entered(place)
        return place

    def _dispatch(self) -> None:
        """Let in whoever may go now; wake up when the next one may."""
        while self._line:
            waits = {work: self._time_until(work) for work in self._line.classes()}
            ready = [work for work, wait in waits.items() if wait is not None and wait <= NOTHING]
            if not ready:
                known = [wait for wait in waits.values() if wait is not None]
                self._wake_in(min(known) if known else None)
                return
            work, waiter = self._line.turn(ready)
            if not waiter.future.done():  # else cancelled this very moment
                waiter.future.set_result(self._enter(work))
        self._wake_in(None)

    def _wake_in(self, wait: timedelta | None) -> None:
        """An alarm that rings too early does no harm; one too late would."""
        at = self._clock.now() + wait if wait is not None else None
        if at is not None and self._alarm is not None and self._alarm_at is not None and self._alarm_at <= at:
            return
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = self._alarm_at = None
        if wait is not None:
            self._alarm, self._alarm_at = asyncio.create_task(self._ring(wait), name=f"{self.system} quota"), at

    async def _ring(self, wait: timedelta) -> None:
        await self._clock.sleep(wait)
        self._alarm = self._alarm_at = None
        self._dispatch()

    def _give_back(self, work: Work, waiter: _Waiter) -> None:
        """Somebody was cancelled: out of the line, or, just let in, as if the call had never been made."""
        if waiter.future.cancelled():
            self._line.leave(work, waiter)
        else:
            self.on_their_way -= 1
            self.calls[work] -= 1
        self._dispatch()


def number(headers: Mapping[str, str], name: str) -> int | None:
    """A whole number of a header, or None."""
    text = headers.get(name)
    if text is None:
        return None
    try:
        return int(text)
    except ValueError:
        return None
