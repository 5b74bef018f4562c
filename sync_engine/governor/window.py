"""A quota of so many calls in any window of time, counted by the vendor when a call arrives.

A call arrives somewhere between the instant it is sent and the instant its reply is here. Its place is free again one window
after the reply, so it has left the vendor's window too, whatever the network did: no margin has to be guessed.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta

from sync_engine.governor.gate import NOTHING, Gate, Pace, Place
from sync_engine.governor.work import Work
from sync_engine.ports import Clock

LOST_AFTER = timedelta(seconds=2)  # a call without an answer has arrived by then, or never will
CAREFUL = timedelta(minutes=10)  # after others used the quota, they are expected to come back for so long
HEADROOM = 2  # places left to others while they are expected
TREND = timedelta(seconds=1)  # over which the growth of others' use is measured
FORESIGHT = timedelta(seconds=4)  # how far that growth is believed without a newer look


class WindowGovernor(Gate):
    """At most `limit` calls in any `window`, whoever makes them: what others use is learned by subclasses (`_saw`).

    Interactive calls may go at once while there are places; all others are spread evenly over the window, so that places become
    free all the time and an interactive call never waits for a whole window. While interactive calls wait, weights alone divide
    the places. While others use the quota too, all calls are spread.
    """

    def __init__(self, clock: Clock, limit: int, window: timedelta, system: str = "crm") -> None:
        super().__init__(clock, system)
        self.limit, self.window = limit, window
        self._shares = 1
        self._releases: list[datetime] = []  # heap: when the places of finished calls are free again
        self._freed: deque[datetime] = deque(maxlen=1000)  # when places became free, lately
        self._finished: deque[Place] = deque()
        self._spread_from = clock.now()  # the next spread call goes no earlier
        self._foreign, self._foreign_at, self._foreign_proven = 0, clock.now(), clock.now() - timedelta(days=1)
        self._seen: deque[tuple[datetime, int]] = deque()  # what others used, during the last `TREND`
        self._round_trip = NOTHING  # of a usual call
        self._looked_at = clock.now()  # when the call was sent that told the newest use of the quota

    def share(self, count: int) -> None:
        """`count` replicas divide the quota evenly."""
        self._shares = max(1, count)
        self._dispatch()

    def used(self) -> int:
        """Own places that are taken."""
        self._free_places(self._clock.now())
        return self.on_their_way + len(self._releases)

    @property
    def crowded(self) -> bool:
        """Whether somebody waits, or soon will: more than half of the quota is used."""
        return super().crowded or 2 * self.used() > self._capacity(self._clock.now())

    def describe(self) -> Pace:
        return Pace(
            limit=self.limit,
            window=self.window,
            used=self.used(),
            foreign=self._foreign,
            waiting=self._line.counts(),
            calls=dict(self.calls),
            throttled=self.throttled,
            paused_until=self.paused_until,
            on_their_way=self.on_their_way,
        )

    # -- counting -------------------------------------------------------------------------------------------------

    def _wait(self, work: Work, now: datetime) -> timedelta | None:
        self._free_places(now)
        taken, capacity = self.on_their_way + len(self._releases), self._capacity(now)
        if taken >= capacity:
            until = [self._releases[0]] if self._releases else []
            if taken == 0:
                until.append(self._foreign_at + self.window)  # others use all of it: look again then
            return max(min(until) - now, timedelta(microseconds=1)) if until else None
        if Work.INTERACTIVE in (work, *self._line.classes()) and not self._others(now):
            return NOTHING
        return max(self._spread_from - now, NOTHING)

    def _own(self) -> int:
        return max(1, self.limit // self._shares)

    def _capacity(self, now: datetime) -> int:
        """How many places may be ours. After a window without news, one call may look how things stand."""
        left = self._own() - self._others(now)
        return left if now - self._foreign_at < self.window else max(1, left)

    def _others(self, now: datetime) -> int:
        """What others use of our share, or may use before the next call of ours arrives: nothing until others were proven."""
        if now - self._foreign_proven >= CAREFUL:
            return 0
        began, before = self._seen[0] if self._seen else (now, self._foreign)
        growth = max(0.0, (self._foreign - before) / max(TREND / 2, self._foreign_at - began).total_seconds())
        ahead = min(now - self._foreign_at, FORESIGHT) + self._round_trip
        expected = self._foreign - (self.limit - self._own()) + HEADROOM + int(2 * growth * ahead.total_seconds())
        return min(self._own(), max(1, expected))

    def _free_places(self, now: datetime) -> None:
        releases = self._releases
        while releases and releases[0] <= now:
            self._freed.append(heapq.heappop(releases))

    def _entered(self, place: Place) -> None:
        if place.work is not Work.INTERACTIVE or self._others(place.sent):
            gap = self.window / max(1, self._capacity(place.sent))
            self._spread_from = max(self._spread_from, place.sent - gap) + gap

    def _learned(self, place: Place, headers: Mapping[str, str], status: int) -> None:
        now = self._clock.now()
        place.left = now if headers else min(now, place.sent + LOST_AFTER)
        heapq.heappush(self._releases, place.left + self.window)
        self._finished.append(place)
        horizon = now - self.window - LOST_AFTER
        while self._finished and self._finished[0].sent < horizon:
            self._finished.popleft()

    # -- what others use ------------------------------------------------------------------------------------------

    def _saw(self, place: Place, used_by_all: int) -> None:
        """The vendor counted so many calls when `place` arrived.

        Own calls in that window are at least those surely arrived and surely not yet out of it, and at most all that may have
        been in it. What exceeds the most is proof of others; what exceeds the least is what they may have used.
        """
        now = self._clock.now()
        if place.sent < self._looked_at:
            return  # an older look, overtaken on its way
        self._looked_at = place.sent
        self._free_places(now)
        freed = 0
        for at in reversed(self._freed):
            if at <= place.sent:
                break
            freed += 1
        replicas = self.limit - self._own()
        if used_by_all > self.on_their_way + len(self._releases) + freed + replicas:
            self._foreign_proven = now
        self._round_trip += (now - place.sent - self._round_trip) / 8
        surely = 0
        if now - self._foreign_proven < CAREFUL:
            oldest = now - self.window
            surely = sum(1 for each in self._finished if each is place or ((each.left or now) <= place.sent and each.sent > oldest))
        self._foreign, self._foreign_at = max(0, used_by_all - surely) if surely else 0, now
        self._seen.append((now, self._foreign))
        while self._seen[0][0] < now - TREND:
            self._seen.popleft()

    def _refused_for_others(self) -> None:
        """Refused although our own calls fit: others have used the rest."""
        self._foreign_proven = self._clock.now()
