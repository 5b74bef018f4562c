"""The pump of a webhook queue: takes what is due, posts it and tells the queue what came of it.

All decisions (what is due, retried, lost) are the queue's; here is only waiting and posting.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from harness.kit.clock import Clock
from harness.kit.webhooks import Delivery, DeliveryResult, WebhookQueue

Post = Callable[[Delivery], Awaitable[DeliveryResult]]


class DeliveryPump:
    """Sends what is due, when it is due, on the running event loop: virtual in a simulation, real in live mode."""

    def __init__(self, queue: WebhookQueue, clock: Clock, post: Post) -> None:
        self._queue, self._clock, self._post = queue, clock, post
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._failure: Exception | None = None
        queue.on_change = self._wake.set

    async def run(self) -> None:
        """Run until cancelled; deliveries on their way are then abandoned. Raises what `post` raises, which is a bug of `post`."""
        try:
            while self._failure is None:
                self._wake.clear()
                for delivery in self._queue.take_due():
                    task = asyncio.create_task(self._send(delivery), name=f"deliver {delivery.id}")
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
                await self._sleep(self._wait())
            raise self._failure
        finally:
            for task in self._tasks:
                task.cancel()

    def _wait(self) -> float | None:
        """Seconds until something may leave. None waits for a change: a new delivery, or a place that becomes free."""
        due = self._queue.next_due()
        if due is None or not self._queue.has_room:
            return None
        # a wall clock may have passed `due` since take_due looked: then 0, and the loop gets a turn in between
        return max(0.0, (due - self._clock.now()).total_seconds())

    async def _sleep(self, seconds: float | None) -> None:
        if seconds is None:
            await self._wake.wait()
            return
        timer = asyncio.get_running_loop().call_later(seconds, self._wake.set)
        try:
            await self._wake.wait()
        finally:
            timer.cancel()

    async def _send(self, delivery: Delivery) -> None:
        try:
            result = await self._post(delivery)
        except asyncio.CancelledError:
            self._queue.abandon(delivery)
            raise
        except Exception as error:
            self._failure = error
            self._queue.abandon(delivery)
            self._wake.set()
            return
        self._queue.settle(delivery, result)
