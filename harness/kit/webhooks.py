"""Outgoing webhooks of a fake: what waits, what is due, what is retried, what is lost. Sans-IO; `kit.pump` does the I/O.

The vendor's dialect says what a delivery contains, how it is signed, when it is retried and what counts as success.
`DeliveryWeather` is what the network does to deliveries on top of that [F10, F12 of the bug catalogue].
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from harness.kit.clock import Clock
from harness.kit.deliveries import Delivery as Delivery
from harness.kit.deliveries import DeliveryResult as DeliveryResult
from harness.kit.deliveries import DeliveryWeather as DeliveryWeather
from harness.kit.deliveries import NothingToSend as NothingToSend
from harness.kit.deliveries import RetrySchedule as RetrySchedule
from harness.kit.journal import DeliveryAttempted, DeliveryGivenUp, FaultFired, Journal

GIVEN_UP_KEPT = 500


class WebhookQueue:
    """All deliveries of one fake that are not over yet."""

    def __init__(
        self,
        system: str,
        clock: Clock,
        random: Random,
        journal: Journal,
        *,
        retry: RetrySchedule,
        prepare: Callable[[Delivery], None],
        succeeded: Callable[[DeliveryResult], bool],
        concurrency: int = 10,
        retry_wait: Callable[[Delivery, DeliveryResult], timedelta | None] | None = None,
        settled: Callable[[Delivery, DeliveryResult], None] | None = None,
    ) -> None:
        self.system, self._clock, self._random, self._journal = system, clock, random, journal
        self._retry, self._prepare, self._succeeded = retry, prepare, succeeded
        self._retry_wait, self._settled = retry_wait, settled
        self._concurrency = concurrency
        self.weather = DeliveryWeather()
        self._heap: list[tuple[datetime, int, Delivery]] = []
        self._open: dict[str, Delivery] = {}  # by join key: batches that still take events
        self._in_flight: set[str] = set()  # ids
        self._count = 0
        self.given_up: list[Delivery] = []  # the latest `GIVEN_UP_KEPT` of them, oldest first
        self.given_up_count = 0
        self.closed = False  # nothing is taken in: what is put is lost
        self.lost = 0  # deliveries and events that were put while it was closed
        self.on_change: Callable[[], None] = lambda: None

    @property
    def concurrency(self) -> int:
        """How many deliveries may be on their way at once. A higher number takes effect at once, a lower one as they end."""
        return self._concurrency

    @concurrency.setter
    def concurrency(self, most: int) -> None:
        self._concurrency = most
        self.on_change()

    # -- filling --------------------------------------------------------------------------------------------------

    def put(
        self,
        url: str,
        subject: str,
        events: list[Any],
        due_at: datetime,
        *,
        timeout: timedelta = timedelta(seconds=5),
        method: str = "POST",
    ) -> Delivery:
        """Queue one delivery of its own."""
        delivery = self._new(url, subject, events, due_at)
        delivery.timeout, delivery.method = timeout, method
        if not self._lost(delivery):
            self._meet_weather(delivery)
            self._push(delivery)
        return delivery

    def _lost(self, delivery: Delivery) -> bool:
        if self.closed:
            self.lost += 1
            self._fault(delivery, "lost")
            self._record(delivery, "lost")
        return self.closed

    def put_event(
        self, url: str, subject: str, event: Any, due_at: datetime, *, batch_max: int, timeout: timedelta = timedelta(seconds=5)
    ) -> None:
        """Queue one event; it joins the batch for the same URL that has not left yet, if there is room."""
        if self.closed:
            self._lost(self._new(url, subject, [event], due_at))
            return
        batch = self._open.get(url)
        if batch is not None and len(batch.events) < batch_max:
            batch.events.append(event)
            return
        delivery = self._new(url, subject, [event], due_at)
        delivery.timeout, delivery.join_key = timeout, url
        self._open[url] = delivery
        self._meet_weather(delivery)
        self._push(delivery)

    def _new(self, url: str, subject: str, events: list[Any], due_at: datetime) -> Delivery:
        self._count += 1
        return Delivery(f"{self.system}-{self._count}", url, subject, events, due_at)

    def _push(self, delivery: Delivery) -> None:
        self._count += 1
        heapq.heappush(self._heap, (delivery.due_at, self._count, delivery))
        self.on_change()

    def _meet_weather(self, delivery: Delivery) -> None:
        weather = self.weather
        if weather.delay and self._random.random() < weather.delay:
            delivery.due_at += timedelta(milliseconds=self._random.randrange(weather.delay_ms_max + 1))
            self._fault(delivery, "delay")

    def _fault(self, delivery: Delivery, what: str) -> None:
        self._journal.add(
            FaultFired(self._clock.now(), f"webhook_{what}", f"{self.system}.webhook", delivery.attempt + 1, delivery=delivery.id)
        )

    # -- emptying -------------------------------------------------------------------------------------------------

    @property
    def pending(self) -> int:
        """Deliveries waiting or in flight."""
        return len(self._heap) + len(self._in_flight)

    @property
    def in_flight(self) -> int:
        return len(self._in_flight)

    @property
    def has_room(self) -> bool:
        """Whether another delivery may leave now."""
        return len(self._in_flight) < self._concurrency

    def describe_pending(self) -> str | None:
        """What still waits, in words, or None."""
        if not self.pending:
            return None
        first = f", next {self._heap[0][2].id} ({self._heap[0][2].subject})" if self._heap else ""
        return f"{self.pending} {self.system} webhook deliveries pending{first}"

    def next_due(self) -> datetime | None:
        return self._heap[0][0] if self._heap else None

    def take_due(self) -> list[Delivery]:
        """Deliveries to send now, at most `concurrency` in flight, prepared (body, signature). Lost ones never come out."""
        now, due = self._clock.now(), []
        while self._heap and self._heap[0][0] <= now and self.has_room:
            delivery = heapq.heappop(self._heap)[2]
            if self._open.get(delivery.join_key) is delivery:
                del self._open[delivery.join_key]
            if self.weather.lose and self._random.random() < self.weather.lose:
                self._fault(delivery, "lost")
                self._record(delivery, "lost")
                continue
            try:
                self._prepare(delivery)
            except NothingToSend:
                continue
            self._maybe_twin(delivery, now)
            delivery.attempt += 1
            self._in_flight.add(delivery.id)
            due.append(delivery)
        return due

    def _maybe_twin(self, delivery: Delivery, now: datetime) -> None:
        weather = self.weather
        if delivery.attempt or delivery.twin:
            return
        if weather.duplicate and self._random.random() < weather.duplicate:
            self._fault(delivery, "duplicated")
            self._copy(delivery, now)
        if weather.forge and self._random.random() < weather.forge:
            self._fault(delivery, "forged")
            self._copy(delivery, now).forged = True

    def _copy(self, delivery: Delivery, now: datetime) -> Delivery:
        twin = self._new(
            delivery.url, delivery.subject, list(delivery.events), now + timedelta(milliseconds=self._random.randrange(5_000))
        )
        twin.twin, twin.timeout, twin.method = True, delivery.timeout, delivery.method
        self._push(twin)
        return twin

    def settle(self, delivery: Delivery, result: DeliveryResult) -> None:
        """Note what came of an attempt: done, retried by the vendor's schedule, or given up.

        A delivery that was on its way when the queue was cleared is only recorded.
        """
        self._record(delivery, result.text)
        if delivery.id not in self._in_flight:
            return
        was_full = not self.has_room
        self._in_flight.discard(delivery.id)
        if self._settled is not None:
            self._settled(delivery, result)
        if not self._succeeded(result) and not delivery.forged:
            if self._retry_wait is not None:
                wait = self._retry_wait(delivery, result)
            else:
                wait = self._retry.wait(delivery.attempt, self._random)
            if wait is None:
                self._give_up(delivery, result)
            else:
                delivery.due_at = self._clock.now() + wait
                self._push(delivery)
        if was_full:
            self.on_change()

    def _give_up(self, delivery: Delivery, result: DeliveryResult) -> None:
        self.given_up_count += 1
        self.given_up.append(delivery)
        if len(self.given_up) > GIVEN_UP_KEPT:
            del self.given_up[0]
        self._journal.add(
            DeliveryGivenUp(self._clock.now(), self.system, delivery.id, delivery.attempt, result.text, delivery.subject)
        )

    def _record(self, delivery: Delivery, result: str) -> None:
        body = delivery.body.decode("utf-8", "replace")
        self._journal.add(
            DeliveryAttempted(self._clock.now(), self.system, delivery.id, delivery.attempt, result, delivery.subject, body)
        )

    def abandon(self, delivery: Delivery) -> None:
        """Forget an attempt that its sender stopped: nobody knows what came of it, and it is not sent again."""
        self._in_flight.discard(delivery.id)

    def clear(self) -> None:
        """Forget everything that waits, is on its way or was given up."""
        self._heap.clear()
        self._open.clear()
        self._in_flight.clear()
        self.given_up.clear()
        self.given_up_count = 0
        self.on_change()
