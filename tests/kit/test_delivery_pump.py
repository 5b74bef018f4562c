"""The pump sends what is due when it is due, in virtual time, and sleeps in between: it never spins and never oversleeps."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis.strategies import integers, lists, tuples

from harness.kit.clock import ManualClock
from harness.kit.journal import Journal
from harness.kit.pump import DeliveryPump
from harness.kit.seed import Seed
from harness.kit.webhooks import Delivery, DeliveryResult, DeliveryWeather, RetrySchedule, WebhookQueue
from harness.sim.loop import VirtualClock, VirtualLoop

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
OK = DeliveryResult(204)
HOUR = timedelta(hours=1)


class World:
    """A queue with a pump on a virtual loop, and a receiver that takes `takes` for each call."""

    def __init__(self, loop: VirtualLoop, *, concurrency: int = 10, takes: timedelta = timedelta(0)) -> None:
        self.clock, self.takes = VirtualClock(loop, START), takes
        self.sent: list[tuple[float, str]] = []  # seconds since the start, subject
        self.in_flight = self.in_flight_max = self.looks = 0
        self.results: Callable[[Delivery], DeliveryResult] = lambda delivery: OK
        self.queue = WebhookQueue(
            "crm",
            self.clock,
            Seed(1).stream("webhooks"),
            Journal(),
            retry=RetrySchedule((timedelta(minutes=1), timedelta(minutes=5))),
            prepare=lambda delivery: None,
            succeeded=lambda result: result == OK,
            concurrency=concurrency,
        )
        look = self.queue.take_due

        def counted() -> list[Delivery]:
            self.looks += 1
            return look()

        self.queue.take_due = counted  # type: ignore[method-assign]
        self.pump = asyncio.ensure_future(DeliveryPump(self.queue, self.clock, self.post).run())

    async def post(self, delivery: Delivery) -> DeliveryResult:
        self.sent.append(((self.clock.now() - START).total_seconds(), delivery.subject))
        self.in_flight += 1
        self.in_flight_max = max(self.in_flight_max, self.in_flight)
        await self.clock.sleep(self.takes)
        self.in_flight -= 1
        return self.results(delivery)

    def put(self, subject: str, after_s: float = 0) -> None:
        self.queue.put("http://x", subject, [], self.clock.now() + timedelta(seconds=after_s))


def tell(story: Callable[[World], Awaitable[None]], *, concurrency: int = 10, takes: timedelta = timedelta(0)) -> World:
    """Run the story in a world; the pump is stopped at its end, and what broke it is raised."""

    async def run(loop: VirtualLoop) -> World:
        world = World(loop, concurrency=concurrency, takes=takes)
        await story(world)
        if world.pump.done():
            return world
        world.pump.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await world.pump
        return world

    loop = VirtualLoop()
    try:
        return loop.run_until_complete(run(loop))
    finally:
        loop.close()


def test_deliveries_leave_at_exactly_their_due_times() -> None:
    async def story(world: World) -> None:
        for after in (5, 0, 0.000001, 3600.5):
            world.put(f"after {after}", after)
        await world.clock.sleep(2 * HOUR)

    world = tell(story)
    assert world.sent == [(0.0, "after 0"), (0.000001, "after 1e-06"), (5.0, "after 5"), (3600.5, "after 3600.5")]
    assert world.looks <= 12


def test_a_delivery_put_while_the_pump_sleeps_wakes_it() -> None:
    async def story(world: World) -> None:
        world.put("far", 3600)
        await world.clock.sleep(timedelta(seconds=10))
        world.put("near")
        await world.clock.sleep(2 * HOUR)

    assert tell(story).sent == [(10.0, "near"), (3600.0, "far")]


def test_an_idle_pump_does_nothing() -> None:
    async def story(world: World) -> None:
        await world.clock.sleep(24 * HOUR)

    assert tell(story).looks == 1


def test_a_due_delivery_waits_for_a_place_without_spinning_and_leaves_when_one_is_free() -> None:
    async def story(world: World) -> None:
        for number in range(5):
            world.put(str(number))
        await world.clock.sleep(HOUR)

    world = tell(story, concurrency=1, takes=timedelta(seconds=10))
    assert world.sent == [(0.0, "0"), (10.0, "1"), (20.0, "2"), (30.0, "3"), (40.0, "4")]
    assert world.in_flight_max == 1
    assert world.looks <= 16


def test_a_failing_receiver_is_called_again_by_the_schedule() -> None:
    async def story(world: World) -> None:
        world.results = lambda delivery: DeliveryResult(None, "refused")
        world.put("a")
        await world.clock.sleep(HOUR)
        assert [delivery.subject for delivery in world.queue.given_up] == ["a"]

    world = tell(story)
    assert world.sent == [(0.0, "a"), (60.0, "a"), (360.0, "a")]
    assert world.looks <= 12


def test_duplicates_leave_in_their_own_time() -> None:
    async def story(world: World) -> None:
        world.queue.weather = DeliveryWeather(duplicate=1.0)
        world.put("a")
        await world.clock.sleep(HOUR)

    world = tell(story)
    assert [subject for _, subject in world.sent] == ["a", "a"]
    assert world.sent[1][0] <= 5
    assert world.looks <= 8


def test_what_post_raises_stops_the_pump_loudly() -> None:
    async def story(world: World) -> None:
        def broken(delivery: Delivery) -> DeliveryResult:
            raise ZeroDivisionError("a bug of post")

        world.results = broken
        world.put("a")
        await world.clock.sleep(timedelta(seconds=1))
        with pytest.raises(ZeroDivisionError, match="a bug of post"):
            await world.pump
        assert world.queue.pending == 0

    tell(story)


def test_a_stopped_pump_abandons_what_is_on_its_way_and_another_may_go_on() -> None:
    async def story(world: World) -> None:
        for number in range(3):
            world.put(str(number), number)
        await world.clock.sleep(timedelta(milliseconds=1500))
        world.pump.cancel()
        await asyncio.wait([world.pump])
        await world.clock.sleep(timedelta(0))
        assert (world.queue.pending, world.queue.has_room) == (1, True)
        world.pump = asyncio.ensure_future(DeliveryPump(world.queue, world.clock, world.post).run())
        await world.clock.sleep(HOUR)

    world = tell(story, concurrency=2, takes=timedelta(seconds=60))
    assert world.sent == [(0.0, "0"), (1.0, "1"), (2.0, "2")]


class Ticking(ManualClock):
    """A wall clock in slow motion: it moves on by 300 µs whenever somebody looks at it."""

    def now(self) -> datetime:
        self.advance(timedelta(microseconds=300))
        return self._now


@pytest.mark.parametrize("offset_us", range(0, 2_000, 100))
def test_a_due_time_that_passes_between_two_looks_at_the_clock_is_not_slept_through(offset_us: int) -> None:
    """The pump looks for what is due, then computes its wait: what falls due in between must not wait for the next change."""

    async def run() -> list[str]:
        clock, sent, done = Ticking(), [], asyncio.Event()
        queue = WebhookQueue(
            "crm",
            clock,
            Seed(1).stream("webhooks"),
            Journal(),
            retry=RetrySchedule(()),
            prepare=lambda delivery: None,
            succeeded=lambda result: True,
            concurrency=1,
        )

        async def post(delivery: Delivery) -> DeliveryResult:
            sent.append(delivery.subject)
            if delivery.subject == "first":
                queue.put("http://x", "second", [], clock._now + timedelta(microseconds=offset_us))
            else:
                done.set()
            return OK

        pump = asyncio.create_task(DeliveryPump(queue, clock, post).run())
        queue.put("http://x", "first", [], clock._now)
        await done.wait()
        pump.cancel()
        return sent

    loop = VirtualLoop()  # raises Deadlock where a real loop would hang
    try:
        assert loop.run_until_complete(run()) == ["first", "second"]
    finally:
        loop.close()


@settings(max_examples=40)
@given(lists(tuples(integers(0, 5_000), integers(0, 5_000)), min_size=1, max_size=25), integers(1, 4), integers(0, 2_000))
def test_nothing_is_late_when_there_is_room_and_nothing_spins(plan: list[tuple[int, int]], concurrency: int, takes_ms: int) -> None:
    """Invariant: a delivery leaves when it is due or when a place becomes free, and the pump looks a bounded number of times."""
    due: dict[str, float] = {}

    async def story(world: World) -> None:
        for number, (pause_ms, after_ms) in enumerate(plan):
            await world.clock.sleep(timedelta(milliseconds=pause_ms))
            due[str(number)] = (world.clock.now() - START).total_seconds() + after_ms / 1000
            world.put(str(number), after_ms / 1000)
        await world.clock.sleep(24 * HOUR)

    world = tell(story, concurrency=concurrency, takes=timedelta(milliseconds=takes_ms))
    assert len(world.sent) == len(plan)
    assert world.in_flight_max <= concurrency
    places = [0.0] * concurrency
    for at, subject in world.sent:
        free = min(places)
        assert at == pytest.approx(max(due[subject], free))
        places[places.index(free)] = at + takes_ms / 1000
    assert world.looks <= 4 * len(plan) + 2
