"""Two systems with won deals and their orders, drift that nobody noticed, and a reconciler beside the running engine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tiny_vendors import DICTIONARY
from world import HOOK, SECRET, World

from harness.kit.webhooks import DeliveryWeather
from harness.run.engines import Endpoint, Surroundings
from harness.sim.fleet import options_of
from harness.sim.host import EngineHost
from harness.sim.network import SimHttp
from sync_engine.hosted import SPEC
from sync_engine.reconcile.drift import Report
from sync_engine.reconcile.run import Reconciler
from sync_engine.reconcile.scope import Scope
from sync_engine.vendors.hubspot import MODIFIED

READS = ("/batch/read", "/search", "frappe.client.get_list")


class Books(World):
    """Won deals with orders, and a reconciler beside the running engine on the same store."""

    def __init__(
        self, state_dir: Path, seed: int = 1, dictionary: Path = DICTIONARY, options: Mapping[str, Any] = {}, **how: Any
    ) -> None:
        self.options = options
        super().__init__(state_dir, seed, dictionary, **how)

    def _engine(self, host: EngineHost) -> Any:
        ends = [Endpoint("x", fake.base_url, fake.credentials()) for fake in (self.crm, self.erp)]
        http, random = SimHttp(self.network, "engine"), self.seed.stream("engine")
        where = (HOOK, SECRET, self.state_dir, self.dictionary, self.clock, random, http, None)
        return SPEC.create(Surroundings(ends[0], ends[1], *where, options_of(host, self.options)))

    def won(self, count: int = 3) -> list[str]:
        self.host.start()
        self.pass_time(60)
        deals = [self.win(number) for number in range(1, count + 1)]
        self.until_quiet()
        return deals

    @property
    def context(self) -> Any:
        return self.host.engine.c

    def reconcile(self, scope: Scope | None = None, **options: Any) -> Report:
        return self.loop.run_until_complete(Reconciler(self.context).run(scope or Scope(), **options))

    def found(self, scope: Scope | None = None, **options: Any) -> set[tuple[str, str, str]]:
        return {(row.entity, row.kind, row.field) for row in self.reconcile(scope, **options).rows}

    def company_of(self, deal: str) -> str:
        return str(self.context.store.linked_erp("customer", self.order_of(deal)["customer"]).crm_id)

    def order_of(self, deal: str) -> Any:
        return next(order.fields for order in self.erp.store.all("Sales Order") if order.fields["custom_crm_deal_id"] == deal)

    def order_name(self, deal: str) -> str:
        return str(self.context.store.linked("order", deal).erp_id)

    def plant(self, system: str, kind: str, id: str, **values: Any) -> None:
        """A change that the engine missed: its webhook is lost, and polling takes the version for one that was handled."""
        fake = self.crm if system == "crm" else self.erp
        fake.webhooks.weather = DeliveryWeather(lose=1.0)
        fake.store.update(kind, id, values, touch=False)
        field = MODIFIED if system == "crm" else "modified"
        read = self.context.crm.read(kind, id, [field]) if system == "crm" else self.context.erp.read(kind, id)
        now = self.loop.run_until_complete(read)
        version = now.get(field) if system == "crm" else now["modified"]
        self.context.store.see(kind, [(id, str(version))], self.clock.now())
        self.pass_time(15)
        fake.webhooks.weather = DeliveryWeather()

    def writes(self, since: int) -> list[str]:
        return [call for call in self.calls(since) if not call.startswith("GET") and not any(read in call for read in READS)]


def line_of(books: Books, deal: str) -> str:
    (line,) = books.loop.run_until_complete(books.context.crm.associations_many("deals", [deal], "line_items"))[deal]
    return str(line[0])
