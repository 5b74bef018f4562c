"""A vendor that does nothing but count: exact meters in virtual time behind the HTTP port, a jittery network, foreign callers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from harness.kit.limits import DailyQuota, ProcessingTime, RollingWindow
from harness.kit.weather import LatencyWeather
from harness.sim.loop import VirtualClock, VirtualLoop
from sync_engine.vendors.erpnext import ErpNext
from sync_engine.vendors.hubspot import HubSpot

WINDOW = timedelta(seconds=10)
REPLY = b'{"id": "1", "properties": {}, "results": [], "data": {"name": "x"}}'


class QuotaServer:
    """HubSpot's burst, day and searches, and a site's processing time. `arrivals`: (when, refused) of our calls, by meter."""

    def __init__(
        self,
        *,
        limit: int = 190,
        daily: int = 625_000,
        latency: LatencyWeather = LatencyWeather(),
        retry_after: int | None = None,
        budget_s: float = 0.0,
        budget_window_s: int = 60,
    ) -> None:
        self.loop = VirtualLoop()
        self.clock = VirtualClock(self.loop, datetime(2026, 3, 2, 8, 0, tzinfo=UTC))
        self.random, self.latency, self.retry_after, self.limit, self.daily_limit = Random(5), latency, retry_after, limit, daily
        self.burst = RollingWindow("TEN_SECONDLY_ROLLING", limit, WINDOW).meter()
        self.daily = DailyQuota("DAILY", daily, UTC, True).meter()
        self.search = RollingWindow("SECONDLY", 5, timedelta(seconds=1)).meter()
        self.site = (
            ProcessingTime("site", timedelta(seconds=budget_s), timedelta(seconds=budget_window_s)).meter() if budget_s else None
        )
        self.arrivals: dict[str, list[tuple[datetime, bool]]] = {"burst": [], "search": [], "site": []}
        self.beside: list[asyncio.Task[Any]] = []
        self.down = False
        self.refuse_next = self.foreign_calls = self.foreign_refused = 0
        self.site_spent = timedelta(0)

    def hubspot(self) -> HubSpot:
        return HubSpot("https://crm.example", "t", self, self.clock, Random(1))

    def erpnext(self) -> ErpNext:
        return ErpNext("https://erp.example", "k", "s", self, self.clock, Random(1))

    def refused(self, meter: str = "burst") -> int:
        return sum(1 for _, refused in self.arrivals[meter] if refused)

    def served(self, meter: str = "burst", since: datetime | None = None, until: datetime | None = None) -> int:
        return sum(
            1
            for at, refused in self.arrivals[meter]
            if not refused and (since is None or at >= since) and (until is None or at < until)
        )

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> tuple[int, Mapping[str, str], bytes]:
        await asyncio.sleep(self.latency.draw(self.random))
        if self.down:
            raise ConnectionRefusedError("down")
        if "erp.example" in url:
            status, told = self._site()
        elif url.endswith("/search"):
            status, told = self._searched()
        else:
            status, told = self._counted()
        await asyncio.sleep(self.latency.draw(self.random) + (float(told.pop("took", "0"))))
        return status, told, REPLY if status == 200 else b'{"status":"error","policyName":"%s"}' % told.pop("policy", "").encode()

    def _counted(self) -> tuple[int, dict[str, str]]:
        now = self.clock.now()
        refused = self.daily.admit(now) or self.burst.admit(now)
        policy = refused.policy if refused is not None else ""
        if self.refuse_next:
            self.refuse_next, policy = self.refuse_next - 1, "TEN_SECONDLY_ROLLING"
        self.arrivals["burst"].append((now, bool(policy)))
        told = {
            "X-HubSpot-RateLimit-Max": str(self.limit),
            "X-HubSpot-RateLimit-Remaining": str(self.burst.usage(now).remaining),
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
            "X-HubSpot-RateLimit-Daily": str(self.daily_limit),
            "X-HubSpot-RateLimit-Daily-Remaining": str(self.daily.usage(now).remaining),
        }
        if not policy:
            return 200, told
        wait = {"Retry-After": str(self.retry_after)} if self.retry_after is not None else {}
        return 429, {**told, **wait, "policy": policy}

    def _searched(self) -> tuple[int, dict[str, str]]:
        refused = self.search.admit(self.clock.now()) is not None
        self.arrivals["search"].append((self.clock.now(), refused))
        return (429, {"policy": "SECONDLY"}) if refused else (200, {"x": "y"})

    def _site(self) -> tuple[int, dict[str, str]]:
        now, took = self.clock.now(), timedelta(milliseconds=self.random.randint(15, 250))
        if self.site is None:
            return 200, {"took": str(took.total_seconds())}
        refused = self.site.admit(now) is not None
        self.arrivals["site"].append((now, refused))
        usage = self.site.usage(now)
        reset = str(-(-usage.resets_in // timedelta(seconds=1)))
        told = {"X-RateLimit-Limit": str(usage.limit), "X-RateLimit-Remaining": str(usage.remaining), "X-RateLimit-Reset": reset}
        if refused:
            return 429, {**told, "Retry-After": reset}
        self.loop.call_later(took.total_seconds(), self._spend, took)
        return 200, {**told, "X-RateLimit-Used": str(took // timedelta(microseconds=1)), "took": str(took.total_seconds())}

    def _spend(self, took: timedelta) -> None:
        assert self.site is not None
        self.site.spend(self.clock.now(), took)
        self.site_spent += took

    # -- the world around -------------------------------------------------------------------------------------------

    async def foreign(self, rate: Callable[[float], float], seconds: float) -> None:
        """Another app: so many calls a second at each second of its life, evenly. What is refused it forgets."""
        begun, owed = self.loop.time(), 0.0
        while (elapsed := self.loop.time() - begun) < seconds:
            owed += rate(elapsed) * 0.02
            while owed >= 1:
                owed -= 1
                self.foreign_calls += 1
                self.foreign_refused += self.burst.admit(self.clock.now()) is not None
            await asyncio.sleep(0.02)

    async def crowd(self, call: Callable[[], Coroutine[Any, Any, Any]], total: int, workers: int = 64) -> None:
        """So many calls in all, by workers that each make one after another. A call that fails counts as made."""
        left = total

        async def work() -> None:
            nonlocal left
            while left > 0:
                left -= 1
                await call()

        await asyncio.gather(*(work() for _ in range(workers)))

    def begin(self, story: Coroutine[Any, Any, Any]) -> None:
        """Let it go on beside the story that `run` waits for."""
        self.beside.append(self.loop.create_task(story))

    def run(self, story: Coroutine[Any, Any, Any]) -> Any:
        try:
            return self.loop.run_until_complete(story)
        finally:
            for task in asyncio.all_tasks(self.loop):
                task.cancel()
            self.loop.run_until_complete(asyncio.sleep(0))
            self.loop.close()
