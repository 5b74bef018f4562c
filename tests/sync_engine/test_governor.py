"""The rate governor against exact meters in virtual time: how much of a quota is used, how little refused, and who goes first."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quota_server import QuotaServer

from harness.kit.weather import LatencyWeather
from sync_engine.governor import Work, working_as
from sync_engine.governor.work import WEIGHTS, Line
from sync_engine.outcomes import Throttled, Transient, VendorError
from sync_engine.vendors.hubspot import HubSpot

SECOND = timedelta(seconds=1)


def reading(crm: HubSpot) -> Callable[[], Coroutine[Any, Any, Any]]:
    return lambda: crm.property_types("deals")


def use(server: QuotaServer, share: float = 1.0) -> float:
    """Served calls against the quota, in whole windows from the first call on."""
    begun, ended = server.arrivals["burst"][0][0], server.arrivals["burst"][-1][0]
    windows = (ended - begun) // (10 * SECOND)
    return server.served(until=begun + windows * 10 * SECOND) / (windows * server.limit * share)


# -- the whole quota, and nothing over it -----------------------------------------------------------------------------


@pytest.mark.parametrize("work", list(Work))
@pytest.mark.parametrize("ms_mean", [25, 100])
def test_the_quota_is_used_up_and_nothing_is_refused(work: Work, ms_mean: float) -> None:
    server = QuotaServer(latency=LatencyWeather(8, ms_mean))
    with working_as(work):
        server.run(server.crowd(reading(server.hubspot()), 4000))
    assert server.refused() == 0
    assert use(server) >= 0.97


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 40), st.floats(0, 400), st.lists(st.tuples(st.integers(1, 60), st.floats(0, 15)), max_size=8))
def test_whatever_the_network_does_no_call_of_ours_is_one_too_many(
    limit: int, tail_ms: float, crowds: list[tuple[int, float]]
) -> None:
    server = QuotaServer(limit=limit, latency=LatencyWeather(1, 1 + tail_ms))
    crm = server.hubspot()
    crm.burst.limit = limit

    async def story() -> None:
        for total, rest in crowds:
            await server.crowd(reading(crm), total)
            await asyncio.sleep(rest)

    server.run(story())
    assert server.refused() == 0


def test_searches_have_a_quota_of_their_own() -> None:
    server = QuotaServer()
    crm = server.hubspot()

    async def story() -> None:
        await asyncio.gather(server.crowd(lambda: crm.find_by("deals", "x", "y"), 100), server.crowd(reading(crm), 400))

    server.run(story())
    assert (server.refused("search"), server.refused()) == (0, 0)
    at = [at for at, _ in server.arrivals["search"]]
    assert at[-1] - at[0] < 23 * SECOND, "five a second, less the time on the way"


# -- others -------------------------------------------------------------------------------------------------------------


WAVES: dict[str, Callable[[float], float]] = {
    "half": lambda t: 9.5,
    "nearly all": lambda t: 18.0,
    "waves of two minutes": lambda t: 19 * 0.95 * 0.5 * (1 - math.cos(2 * math.pi * t / 120)),
    "waves of one minute": lambda t: 19 * 0.95 * 0.5 * (1 - math.cos(2 * math.pi * t / 60)),
}


@pytest.mark.parametrize("wave", WAVES)
def test_what_others_use_is_left_to_them_without_being_told(wave: str) -> None:
    """Foreign use is seen only in the headers of our own calls: the first surprise costs a few refusals, the rest hardly any."""
    server = QuotaServer()

    async def story() -> None:
        others = asyncio.create_task(server.foreign(WAVES[wave], 1e9))
        await server.crowd(reading(server.hubspot()), 3000 if wave == "nearly all" else 5000)
        others.cancel()

    server.run(story())
    begun, ended = server.arrivals["burst"][0][0], server.arrivals["burst"][-1][0]
    quota = (ended - begun) / (10 * SECOND) * server.limit
    assert server.refused() <= 6, "in all of it, most of them in the first moments"
    assert (len(server.arrivals["burst"]) + server.foreign_calls) / quota >= 0.88


def test_after_others_are_gone_the_whole_quota_is_ours_again() -> None:
    server = QuotaServer()

    async def story() -> datetime:
        crm = server.hubspot()
        others = asyncio.create_task(server.foreign(lambda t: 12, 60))
        await server.crowd(reading(crm), 700)
        await others
        await asyncio.sleep(700)
        begun = server.clock.now()
        await server.crowd(reading(crm), 2000)
        return begun

    begun = server.run(story())
    windows = (server.arrivals["burst"][-1][0] - begun) // (10 * SECOND)
    assert server.served(since=begun, until=begun + windows * 10 * SECOND) >= 0.97 * 190 * windows


@pytest.mark.parametrize("count", [2, 3])
def test_replicas_divide_the_quota(count: int) -> None:
    server = QuotaServer()
    replicas = [server.hubspot() for _ in range(count)]
    for crm in replicas:
        crm.share(count)

    async def story() -> None:
        async def replica(crm: HubSpot) -> None:
            await server.crowd(reading(crm), 4000 // count, workers=16)

        await asyncio.gather(*map(replica, replicas))

    server.run(story())
    assert server.refused() == 0
    assert use(server) >= 0.97
    assert max(crm.calls for crm in replicas) < 1.1 * min(crm.calls for crm in replicas)


# -- refusals, outages, pauses ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("retry_after", [None, 3, 12])
def test_one_refusal_cools_down_everybody_for_as_long_as_the_vendor_says(retry_after: int | None) -> None:
    server = QuotaServer(retry_after=retry_after)
    crm = server.hubspot()

    async def story() -> None:
        await crm.property_types("deals")
        server.refuse_next = 1
        await asyncio.gather(*(crm.property_types("deals") for _ in range(30)))

    server.run(story())
    refused_at = next(at for at, refused in server.arrivals["burst"] if refused)
    later = [at for at, _ in server.arrivals["burst"] if at > refused_at + SECOND]
    assert later[0] - refused_at >= timedelta(seconds=retry_after or 10)
    assert (server.refused(), crm.burst.describe().throttled, server.served()) == (1, 1, 31)


def test_a_long_retry_after_goes_back_to_the_work_queue_at_once_and_nobody_calls_meanwhile() -> None:
    server = QuotaServer(retry_after=600)
    crm = server.hubspot()

    async def story() -> list[Any]:
        server.refuse_next = 1
        ends = await asyncio.gather(*(crm.property_types("deals") for _ in range(3)), return_exceptions=True)
        ends.append((await asyncio.gather(crm.property_types("deals"), return_exceptions=True))[0])
        return ends

    ends = server.run(story())
    assert isinstance(ends[-1], Throttled)
    assert (ends[-1].retry_after or SECOND) > 590 * SECOND
    assert len(server.arrivals["burst"]) <= 3
    assert crm.burst.describe().paused_until is not None


def test_a_storm_of_refusals_is_never_answered_by_a_storm_of_calls() -> None:
    server = QuotaServer()
    crm = server.hubspot()

    async def story() -> None:
        server.refuse_next = 40

        async def patient() -> None:
            while True:
                try:
                    await crm.property_types("deals")
                    return
                except Throttled as error:
                    await asyncio.sleep((error.retry_after or 0 * SECOND).total_seconds())

        await asyncio.gather(*(patient() for _ in range(50)))

    server.run(story())
    stamps = [at for at, _ in server.arrivals["burst"]]
    while_refused = [at for at, refused in server.arrivals["burst"] if refused]
    assert len(while_refused) == 40
    assert while_refused[-1] - while_refused[0] > 100 * SECOND, "a few calls every ten seconds, not all of them"
    assert server.served() == 50
    assert stamps == sorted(stamps)


def test_after_an_outage_calls_come_back_a_few_at_a_time() -> None:
    server = QuotaServer(latency=LatencyWeather(50, 50))
    crm = server.hubspot()

    async def story() -> datetime:
        await server.crowd(reading(crm), 100)
        await asyncio.sleep(20)
        server.down = True
        ends = await asyncio.gather(*(crm.property_types("deals") for _ in range(40)), return_exceptions=True)
        assert all(isinstance(end, Transient) for end in ends)
        server.down = False
        back = server.clock.now()
        await asyncio.gather(*(crm.property_types("deals") for _ in range(60)))
        return back

    back = server.run(story())
    first = [at for at, _ in server.arrivals["burst"] if at >= back]
    assert sum(1 for at in first if at - first[0] < timedelta(milliseconds=90)) == 2
    assert first[-1] - first[0] < 2 * SECOND, "doubling soon lets everybody in"


# -- the day ------------------------------------------------------------------------------------------------------------


def test_the_end_of_the_day_is_kept_for_urgent_work_and_then_everybody_waits_visibly() -> None:
    server = QuotaServer(daily=400)
    crm = server.hubspot()
    ends: dict[str, list[VendorError]] = {"backfill": [], "interactive": []}

    async def story() -> None:
        async def attempt(work: Work) -> None:
            try:
                with working_as(work):
                    await crm.property_types("deals")
            except VendorError as error:
                ends[work].append(error)

        for _ in range(380):
            await attempt(Work.BACKFILL)
        assert server.served() == 360, "a tenth of the day is kept"
        assert "kept for urgent work" in crm.burst.describe().held_back
        for _ in range(60):
            await attempt(Work.INTERACTIVE)
        assert server.served() == 400
        assert server.refused() == 1, "one refusal tells everybody"
        await asyncio.sleep(17 * 3600)
        await attempt(Work.BACKFILL)
        assert server.served() == 401, "a new day"

    server.run(story())
    assert all(isinstance(error, Throttled) and error.retry_after for error in ends["backfill"] + ends["interactive"])


# -- classes of work ------------------------------------------------------------------------------------------------------


def test_with_a_backlog_of_everything_each_class_has_its_weight_and_none_starves() -> None:
    server = QuotaServer()
    crm = server.hubspot()

    async def story() -> dict[Work, int]:
        for work in reversed(Work):
            with working_as(work):
                server.begin(server.crowd(reading(crm), 100_000, workers=40))
        await asyncio.sleep(200)
        return dict(crm.burst.describe().calls)

    calls = server.run(story())
    total = sum(calls.values())
    for work, weight in WEIGHTS.items():
        assert calls[work] / total == pytest.approx(weight / sum(WEIGHTS.values()), rel=0.25)
    assert server.refused() == 0


@pytest.mark.parametrize("background", [Work.BACKFILL, Work.RETRY])
def test_a_change_by_somebody_never_waits_behind_a_backfill(background: Work) -> None:
    server = QuotaServer()
    crm = server.hubspot()
    waits: list[float] = []

    async def story() -> None:
        with working_as(background):
            server.begin(server.crowd(reading(crm), 100_000, workers=50))
        for _ in range(200):
            await asyncio.sleep(0.7)
            begun = server.loop.time()
            await crm.property_types("deals")
            waits.append(server.loop.time() - begun)

    server.run(story())
    assert max(waits) < 0.6, "a place every 53 ms, and the way there and back"
    assert server.refused() == 0


@given(st.lists(st.sampled_from(list(Work)), min_size=1, max_size=200))
def test_a_line_is_fair(joined: list[Work]) -> None:
    """Invariants: first come first served within a class; a class that waits all the time gets its weight's share of the turns."""
    line: Line[int] = Line()
    for at, work in enumerate(joined):
        line.join(work, at)
    served: list[tuple[Work, int]] = []
    while line.classes():
        served.append(line.turn(line.classes()))
    for work in Work:
        mine = [who for each, who in served if each is work]
        assert mine == sorted(mine)
    turns = [work for work, _ in served]
    for work in set(joined):
        assert turns.index(work) <= sum(WEIGHTS.values()) / WEIGHTS[work]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 12), min_size=1, max_size=30), st.integers(0, 100))
def test_whoever_gives_up_waiting_gives_the_place_back(times: list[float], seed: int) -> None:
    server = QuotaServer(limit=10)
    crm = server.hubspot()
    crm.burst.limit = 10

    async def story() -> None:
        impatient = [asyncio.create_task(crm.property_types("deals")) for _ in times]
        patient = [asyncio.create_task(crm.property_types("deals")) for _ in range(15)]
        for task, at in zip(impatient, times, strict=True):
            server.loop.call_later(at, task.cancel)
        await asyncio.gather(*patient)
        await asyncio.gather(*impatient, return_exceptions=True)
        await asyncio.sleep(15)
        pace = crm.burst.describe()
        assert (pace.used, pace.on_their_way, sum(pace.waiting.values())) == (0, 0, 0)

    server.run(story())
    assert server.refused() == 0


def test_who_is_cancelled_in_the_very_moment_of_a_turn_does_not_stop_the_line() -> None:
    """A place becomes free after the future was cancelled and before its task has heard of it; and just after it was granted."""
    server = QuotaServer(limit=10)
    crm = server.hubspot()
    gate = crm.burst

    async def story() -> None:
        places = [await gate.admit() for _ in range(4)]
        first, second, third = (asyncio.create_task(gate.admit()) for _ in range(3))
        await asyncio.sleep(0)
        first.cancel()
        gate.finish(places[0], {"x": "y"}, 200)
        second.cancel()
        await asyncio.gather(first, second, third, return_exceptions=True)
        assert (first.cancelled(), second.cancelled(), third.done()) == (True, True, True)
        assert gate.describe().on_their_way == 4
        assert sum(gate.describe().waiting.values()) == 0

    server.run(story())
