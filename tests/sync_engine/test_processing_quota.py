"""The ERP's budget of processing time: used up, hardly ever overdrawn, a part of it kept for urgent work."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from quota_server import QuotaServer

from sync_engine.governor import Work, working_as
from sync_engine.outcomes import Throttled
from sync_engine.vendors.erpnext import ErpNext

SECOND = timedelta(seconds=1)


async def keep_reading(server: QuotaServer, erp: ErpNext, until_s: float) -> None:
    """Read again and again; a wait that the governor knows to be long is waited out, as the work queue would."""
    while server.loop.time() < until_s:
        try:
            await erp.read("Item", "x")
        except Throttled as error:
            await asyncio.sleep((error.retry_after or SECOND).total_seconds())


@pytest.mark.parametrize(("budget_s", "window_s"), [(20.0, 60), (600.0, 3600)])
def test_the_budget_is_used_up_and_not_overdrawn(budget_s: float, window_s: int) -> None:
    server = QuotaServer(budget_s=budget_s, budget_window_s=window_s)
    erp = server.erpnext()
    windows = 5

    async def story() -> None:
        await asyncio.gather(*(keep_reading(server, erp, windows * window_s - 1.0) for _ in range(8)))

    server.run(story())
    assert server.site_spent.total_seconds() >= 0.97 * budget_s * windows
    assert server.refused("site") <= len(server.arrivals["site"]) / 1000


def test_a_site_without_a_limit_is_called_freely() -> None:
    server = QuotaServer()
    erp = server.erpnext()
    server.run(server.crowd(lambda: erp.read("Item", "x"), 500, workers=20))
    assert server.loop.time() < 10
    assert erp.paces()["erp processing time"].limit == 0


def test_what_is_left_is_kept_for_urgent_work() -> None:
    server = QuotaServer(budget_s=20, budget_window_s=3600)
    erp = server.erpnext()

    async def story() -> None:
        with working_as(Work.BACKFILL), pytest.raises(Throttled) as caught:
            await server.crowd(lambda: erp.read("Item", "x"), 1000, workers=1)
        assert (caught.value.retry_after or SECOND) > 1000 * SECOND
        assert 16.5 <= server.site_spent.total_seconds() <= 17.5
        assert "used up for backfill" in erp.paces()["erp processing time"].held_back
        await erp.read("Item", "x")

    server.run(story())
    assert server.refused("site") == 0


def test_others_spend_from_the_same_budget() -> None:
    server = QuotaServer(budget_s=20, budget_window_s=60)
    erp = server.erpnext()

    async def others() -> None:
        while True:
            server._spend(timedelta(milliseconds=100))
            await asyncio.sleep(0.5)

    async def story() -> None:
        server.begin(others())
        await asyncio.gather(*(keep_reading(server, erp, 299.0) for _ in range(8)))

    server.run(story())
    assert server.site_spent.total_seconds() >= 0.97 * 100
    assert server.refused("site") <= 5, "at most once in a window: the last call may find that somebody was quicker"


def test_replicas_share_the_budget() -> None:
    server = QuotaServer(budget_s=20, budget_window_s=60)
    replicas = [server.erpnext() for _ in range(3)]
    for erp in replicas:
        erp.share(3)

    async def story() -> None:
        await asyncio.gather(*(keep_reading(server, erp, 299.0) for erp in replicas for _ in range(4)))

    server.run(story())
    assert server.site_spent.total_seconds() >= 0.97 * 100
    assert server.refused("site") <= 10
