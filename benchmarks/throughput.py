"""Thousands of deals won at once under HubSpot's professional burst limit, everything in virtual time; and the governor alone.

python benchmarks/throughput.py [--deals N] [--reads N] [--workers N] [--dictionary PATH]
default: 10000 deals, 20000 reads, 16 workers, the lean dictionary

The least number of CRM calls for N deals with L lines each, batches counted: deals, lines, companies and contacts read in batches
of 100, associations of three kinds in batches of 1,000, deals and companies told in batches of 100:
N * (1 + L + 1 + 1 + 1 + 1) / 100 + 3 * N / 1000, each term rounded up. The ERP has no batch that creates and submits, so a flow
with a new company takes four calls: customer, address, contact and order.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import re
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench import SEED, make_fake, print_table, verdict

from harness.kit.fake import Fake
from harness.kit.journal import Answered, Journal, Received
from harness.kit.people import Company, Contact, Deal, Line, Product
from harness.kit.pump import DeliveryPump
from harness.kit.seed import Seed
from harness.kit.weather import LatencyWeather
from harness.run.engines import Endpoint, Surroundings
from harness.sim.host import EngineHost, WebhookCarrier
from harness.sim.loop import VirtualClock, VirtualLoop
from harness.sim.network import Network, SimHttp
from sync_engine.hosted import SPEC

SCENARIOS = Path(__file__).parents[1] / "scenarios"
LEAN = SCENARIOS / "hubspot-erpnext.dictionary.yaml"
FULL = SCENARIOS / "full-cycle.dictionary.yaml"  # customers are kept equal both ways, which takes a look at each of them
HOOK, SECRET = "http://engine.example/webhooks", "hush"
LINES, WINDOW, SAMPLE_S = 2, timedelta(seconds=10), 0.1
LOOKS = 100  # in a window
BURST = 190  # HubSpot professional, calls of one private app in ten seconds
USE_LEAST, REFUSED_MOST = 0.97, 0.001


@dataclass(frozen=True, slots=True)
class Found:
    """What a run told. `use` is None when no call ever waited for the quota through a whole window."""

    deals: int
    orders: int
    told: int  # deals that show their order
    virtual_s: float  # from the win until the last call that it caused
    orders_s: float  # from the win until the last deal was told its order
    use: float | None
    waited_windows: int
    crm_calls: int
    erp_calls: int
    refused: int
    routes: dict[str, int]

    @property
    def refused_share(self) -> float:
        return self.refused / max(1, self.crm_calls)


def least_crm_calls(deals: int) -> int:
    """The formula above."""
    hundreds = [deals, deals * LINES, deals, deals, deals, deals]
    return sum(-(-count // 100) for count in hundreds) + 3 * -(-deals // 1000)


class World:
    """Both fakes, the network and the engine. `use` it once."""

    def __init__(self, state_dir: Path, workers: int, dictionary: Path = LEAN) -> None:
        self.loop, self.journal, self.seed = VirtualLoop(), Journal(), Seed(SEED)
        self.clock = VirtualClock(self.loop, datetime(2026, 3, 2, 8, 0, tzinfo=UTC))
        self.network = Network(self.loop, self.clock, self.journal, self.seed.stream("network"), LatencyWeather())
        self.crm, self.erp = self._fake("hubspot"), self._fake("erpnext")
        self._state_dir, self._workers, self._dictionary = state_dir, workers, dictionary
        self.engine: Any = None
        self.host = EngineHost(self.loop, self.clock, self.journal, self._make_engine)
        self.waiting: list[tuple[datetime, bool]] = []

    def _fake(self, vendor: str) -> Fake:
        fake = make_fake(vendor, self.clock, self.journal)
        self.network.attach(fake.base_url, fake)
        return fake

    def _make_engine(self) -> Any:
        ends = [Endpoint("x", fake.base_url, fake.credentials()) for fake in (self.crm, self.erp)]
        http, random = SimHttp(self.network, "engine"), self.seed.stream("engine")
        options = {"workers": self._workers}
        self.engine = SPEC.create(
            Surroundings(ends[0], ends[1], HOOK, SECRET, self._state_dir, self._dictionary, self.clock, random, http, None, options)
        )
        return self.engine

    def sell(self, count: int) -> list[str]:
        """Open deals, each with a company, a contact and two lines of its own."""
        anna, bert = self.crm.sales_desk("anna"), self.erp.erp_desk("bert")
        bert.add_item(Product("SKU-1", "Widget", Decimal("10.00")), Decimal(10 * count))
        lines = tuple(Line("SKU-1", f"Widget {at}", Decimal(at + 1), Decimal("10.00")) for at in range(LINES))
        deals = []
        for number in range(count):
            site = f"acme{number}.example"
            company = anna.add_company(Company(f"Acme {number}", site, "1", "Main St 1", "Berlin", "10115", "Germany"))
            contact = anna.add_contact(Contact("Jane", f"Doe {number}", f"jane@{site}"), company)
            deals.append(anna.open_deal(Deal(f"Deal {number}", company, contact, lines, date(2026, 3, 20))))
        return deals

    async def live(self, deals: list[str], within: timedelta) -> datetime:
        """Let the engine settle, win everything in one instant, and wait until nothing is left to do; when that began."""
        carrier = WebhookCarrier(self.host, LatencyWeather(), self.seed.stream("webhooks"))
        pumps = []
        for fake, system in ((self.crm, "crm"), (self.erp, "erp")):
            fake.connect_webhooks(f"{HOOK}/{system}", SECRET)
            pumps.append(asyncio.create_task(DeliveryPump(fake.webhooks, self.clock, carrier.post).run()))
        self.host.start()
        await asyncio.sleep(1200)
        won_at, anna = self.clock.now(), self.crm.sales_desk("anna")
        for deal in deals:
            anna.move_deal(deal, "won")
        while self.clock.now() - won_at < within:
            for _ in range(LOOKS):
                await asyncio.sleep(SAMPLE_S)
                pace = self.engine.c.crm.burst.describe()
                self.waiting.append((self.clock.now(), any(pace.waiting.values())))
            if self.engine.pending() is None and all(map(self.shows_order, deals)):
                break
        await self.host.stop()
        for pump in pumps:
            pump.cancel()
        return won_at

    def shows_order(self, deal: str) -> bool:
        record = self.crm.store.get("deals", deal)
        return record is not None and bool(record.fields.get("erp_order_id"))

    def close(self) -> None:
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.bury()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()


def win_at_once(deals: int, workers: int = 16, within: timedelta = timedelta(hours=12), dictionary: Path = LEAN) -> Found:
    with tempfile.TemporaryDirectory(prefix="throughput-") as state_dir:
        world = World(Path(state_dir), workers, dictionary)
        try:
            ids = world.sell(deals)
            won_at = world.loop.run_until_complete(world.live(ids, within))
            return found_in(world, ids, won_at)
        finally:
            world.close()


def found_in(world: World, ids: list[str], won_at: datetime) -> Found:
    """What the journal holds from the win on."""
    calls = [each for each in world.journal.entries if isinstance(each, Received) and each.caller == "engine" and each.at >= won_at]
    status = {each.number: each.status for each in world.journal.entries if isinstance(each, Answered)}
    crm = [each for each in calls if each.system == "crm"]
    told = [id for id in ids if world.shows_order(id)]
    last_told = max(each.at for each in crm if each.path.startswith("/crm/v3/objects/deals") and is_update(each))
    last = max(each.at for each in calls if each.method != "GET" and not each.path.endswith("/search"))
    counted = [each.at for each in crm if not each.path.endswith("/search") and status.get(each.number) != 429]
    use, windows = quota_use(counted, world.waiting, won_at)
    return Found(
        deals=len(ids),
        orders=sum(1 for _ in world.erp.store.all("Sales Order")),
        told=len(told),
        virtual_s=(last - won_at).total_seconds(),
        orders_s=(last_told - won_at).total_seconds(),
        use=use,
        waited_windows=windows,
        crm_calls=len(crm),
        erp_calls=len(calls) - len(crm),
        refused=sum(1 for each in crm if status.get(each.number) == 429),
        routes=dict(Counter(route(each) for each in calls)),
    )


def is_update(call: Received) -> bool:
    return call.method == "PATCH" or call.path.endswith("/batch/update")


def quota_use(calls: list[datetime], waiting: list[tuple[datetime, bool]], begun: datetime) -> tuple[float | None, int]:
    """Served calls against the quota, in the windows in which some call waited at every look."""
    looks: Counter[int] = Counter((at - begun) // WINDOW for at, somebody in waiting if somebody)
    full = {number for number, count in looks.items() if count >= LOOKS}
    served = sum(1 for at in calls if (at - begun) // WINDOW in full)
    return (served / (BURST * len(full)) if full else None), len(full)


def route(call: Received) -> str:
    """A call's address without the names of records."""
    path = re.sub(r"^(/crm/v[34]/objects/[a-z_]+)/\d+", r"\1/{id}", call.path)
    path = re.sub(r"^(/api/resource/[^/]+)/.+", r"\1/{name}", path)
    return f"{call.system} {call.method} {path}"


def saturate(reads: int, workers: int = 64) -> tuple[float, int, int]:
    """The governor alone: a reader that always has more to read. (share of the quota used in whole windows, refused, calls)."""
    with tempfile.TemporaryDirectory(prefix="throughput-") as state_dir:
        world = World(Path(state_dir), 1)
        try:
            deal = world.sell(1)[0]
            crm = world._make_engine().c.crm

            async def read_on(count: int) -> None:
                for _ in range(count):
                    await crm.read("deals", deal, ["dealname"], ["companies"])  # which never travel together

            async def story() -> None:
                await asyncio.gather(*(read_on(reads // workers) for _ in range(workers)))

            world.loop.run_until_complete(story())
            entries = world.journal.entries
            calls = [each for each in entries if isinstance(each, Received) and each.caller == "engine"]
            status = {each.number: each.status for each in entries if isinstance(each, Answered)}
            served = [each.at for each in calls if status[each.number] != 429]
            windows = (served[-1] - served[0]) // WINDOW
            inside = sum(1 for at in served if at - served[0] < windows * WINDOW)
            world.engine.kill()
            return inside / (windows * BURST), len(calls) - len(served), len(calls)
        finally:
            world.close()


def report(found: Found) -> None:
    least = least_crm_calls(found.deals)
    use = f"{found.use:.2%}" if found.use is not None else "-"
    rows = [
        ("deals that show their order", f"{found.told:,} of {found.deals:,}", verdict(found.told, found.deals, at_most=False)),
        ("virtual seconds until the last one does", f"{found.orders_s:,.0f}", ""),
        ("virtual seconds until nothing is left", f"{found.virtual_s:,.0f}", ""),
        ("the least, by the CRM's quota alone", f"{least / BURST * 10:,.0f}", ""),
        ("windows in which calls waited throughout", f"{found.waited_windows:,}", ""),
        ("quota used in them", use, verdict(found.use, USE_LEAST, at_most=False) if found.use is not None else ""),
        ("answered 429", f"{found.refused_share:.3%}", verdict(found.refused_share, REFUSED_MOST)),
        ("CRM calls per flow", f"{found.crm_calls / found.deals:.3f}", ""),
        ("the least, batches counted", f"{least / found.deals:.3f}", ""),
        ("ratio", f"{found.crm_calls / least:.2f}", ""),
        ("ERP calls per flow (the least: 4)", f"{found.erp_calls / found.deals:.3f}", ""),
    ]
    print_table(f"{found.deals:,} deals won at once, HubSpot professional", ("what", "value", "budget"), rows)
    shares = [
        (name, f"{count:,}", f"{count / found.deals:.3f}") for name, count in sorted(found.routes.items(), key=lambda e: -e[1])
    ]
    print_table("calls by route", ("route", "calls", "per flow"), shares)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--deals", type=int, default=10_000)
    parser.add_argument("--reads", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=16)
    parser.add_argument("--dictionary", type=Path, default=LEAN)
    options = parser.parse_args(sys.argv[1:])
    gc.set_threshold(100_000, 50, 100)  # a growing journal makes every collection slower; it holds no cycles
    use, refused, calls = saturate(options.reads)
    rows = [(f"{calls:,}", f"{use:.2%}", verdict(use, USE_LEAST, at_most=False), f"{refused / calls:.3%}")]
    print_table("the governor alone: a reader that always has more", ("calls", "quota used", ">= 97 %", "answered 429"), rows)
    report(win_at_once(options.deals, options.workers, dictionary=options.dictionary))


if __name__ == "__main__":
    main()
