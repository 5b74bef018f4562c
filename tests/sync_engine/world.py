"""Both real fakes, their people, a network and the engine in a host that can kill it: a world of virtual time for tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from tiny_vendors import DICTIONARY

from fake_crm import hubspot
from fake_erp import erpnext
from harness.kit.fake import FakeSetup
from harness.kit.journal import Journal, Received
from harness.kit.people import Company, Contact, Deal, Line, Product
from harness.kit.pump import DeliveryPump
from harness.kit.seed import Seed
from harness.kit.weather import LatencyWeather
from harness.run.engines import Endpoint, Surroundings
from harness.sim.fleet import EngineFleet, options_of
from harness.sim.host import EngineHost, WebhookCarrier
from harness.sim.loop import VirtualClock, VirtualLoop
from harness.sim.network import Network, SimHttp
from sync_engine.hosted import SPEC

HOOK, SECRET = "http://engine.example/webhooks", "hush"


class World:
    """Both fakes, their people, the network, and the engine in a host that can kill it; `host` is the first of its replicas."""

    def __init__(
        self,
        state_dir: Path,
        seed: int = 1,
        dictionary: Path = DICTIONARY,
        loop: Callable[[], VirtualLoop] = VirtualLoop,
        replicas: int = 1,
    ) -> None:
        self.loop, self.seed, self.journal = loop(), Seed(seed), Journal()
        self.dictionary = dictionary
        self.clock = VirtualClock(self.loop, datetime(2026, 3, 2, 8, 0, tzinfo=UTC))
        self.state_dir = state_dir
        self.network = Network(self.loop, self.clock, self.journal, self.seed.stream("network"), LatencyWeather())
        self.crm, self.erp = (self._fake(spec) for spec in (hubspot.SPEC, erpnext.SPEC))
        self.fleet = EngineFleet(self.loop, self.clock, self.journal, self._engine, replicas)
        self.host = self.fleet.hosts[0]
        carrier = WebhookCarrier(self.fleet, LatencyWeather(), self.seed.stream("webhooks"))
        self._pumps = [
            self.loop.create_task(DeliveryPump(fake.webhooks, self.clock, carrier.post).run()) for fake in (self.crm, self.erp)
        ]
        self.anna, self.bert = self.crm.sales_desk("anna"), self.erp.erp_desk("bert")
        self.bert.add_item(Product("SKU-1", "Widget", Decimal("10.00")), Decimal(1000))
        self.orders: list[str] = []
        self.bert.on_order(self.orders.append)

    def _fake(self, spec: Any) -> Any:
        fake = spec.create(FakeSetup(spec.system, self.clock, self.seed.derived(spec.system), self.journal, spec.default_host, {}))
        self.network.attach(spec.default_host, fake)
        fake.connect_webhooks(f"{HOOK}/{spec.system}", SECRET)
        return fake

    def _engine(self, host: EngineHost) -> Any:
        ends = [Endpoint("x", fake.base_url, fake.credentials()) for fake in (self.crm, self.erp)]
        http, random = SimHttp(self.network, "engine"), self.seed.stream("engine")
        about = (HOOK, SECRET, self.state_dir, self.dictionary, self.clock, random, http, None)
        return SPEC.create(Surroundings(ends[0], ends[1], *about, options=options_of(host, {})))

    def pass_time(self, seconds: float) -> None:
        self.loop.run_until_complete(asyncio.sleep(seconds))

    def until_quiet(self, within: timedelta = timedelta(hours=6)) -> None:
        end = self.clock.now() + within
        quiet_for = 0
        while quiet_for < 12:
            reason = self.pending() or self.crm.describe_pending() or self.erp.describe_pending()
            quiet_for = 0 if reason else quiet_for + 1
            assert self.clock.now() < end, f"still pending: {reason}"
            self.pass_time(59.3)  # off the grid of the polls, which are pending while they run

    def pending(self) -> str | None:
        """What any replica still works on, in words; also that none is up."""
        return self.fleet.pending() if any(host.up for host in self.fleet.hosts) else "the engine is down"

    def win(self, number: int = 1, *, sku: str = "SKU-1", company: str = "") -> str:
        company = company or self.anna.add_company(
            Company(f"Acme {number}", f"acme{number}.example", "1", "Main St 1", "Berlin", "10115", "Germany")
        )
        contact = self.anna.add_contact(Contact("Jane", f"Doe {number}", f"jane{number}@acme.example"), company)
        line = Line(sku, "Widget", Decimal(3), Decimal("10.00"))
        deal = self.anna.open_deal(Deal(f"Deal {number}", company, contact, (line,), date(2026, 3, 20)))
        self.anna.move_deal(deal, "won")
        return str(deal)

    def deal(self, id: str) -> Any:
        record = self.crm.store.get("deals", id)
        assert record is not None
        return record.fields

    def calls(self, since: int = 0) -> list[str]:
        return [f"{e.method} {e.path}" for e in self.journal.entries[since:] if isinstance(e, Received) and e.caller == "engine"]

    def close(self) -> None:
        self.loop.run_until_complete(self.fleet.stop())
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.bury()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()
