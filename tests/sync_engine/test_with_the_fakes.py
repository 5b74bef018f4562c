"""The engine between the two real fakes, in virtual time: the spine of quote-to-cash, in good and in bad weather."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tiny_vendors import DICTIONARY

from fake_crm import hubspot
from fake_erp import erpnext
from harness.kit.fake import FakeSetup
from harness.kit.faults import AnyEffect, Fault, FaultRate, LoseReply, ProxyPage, RefuseConnection, ResetConnection, TruncatedJson
from harness.kit.journal import Journal, Received
from harness.kit.people import Company, Contact, Deal, Line, Product
from harness.kit.pump import DeliveryPump
from harness.kit.seed import Seed
from harness.kit.weather import LatencyWeather
from harness.kit.webhooks import DeliveryWeather
from harness.run.engines import Endpoint, Surroundings
from harness.sim.host import EngineHost, WebhookCarrier
from harness.sim.loop import VirtualClock, VirtualLoop
from harness.sim.network import Network, SimHttp
from sync_engine.hosted import SPEC

HOOK, SECRET = "http://engine.example/webhooks", "hush"


class World:
    """Both fakes, their people, the network, and the engine in a host that can kill it."""

    def __init__(self, state_dir: Path, seed: int = 1) -> None:
        self.loop, self.seed, self.journal = VirtualLoop(), Seed(seed), Journal()
        self.clock = VirtualClock(self.loop, datetime(2026, 3, 2, 8, 0, tzinfo=UTC))
        self.state_dir = state_dir
        self.network = Network(self.loop, self.clock, self.journal, self.seed.stream("network"), LatencyWeather())
        self.crm, self.erp = (self._fake(spec) for spec in (hubspot.SPEC, erpnext.SPEC))
        self.host = EngineHost(self.loop, self.clock, self.journal, self._engine)
        carrier = WebhookCarrier(self.host, LatencyWeather(), self.seed.stream("webhooks"))
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

    def _engine(self) -> Any:
        ends = [Endpoint("x", fake.base_url, fake.credentials()) for fake in (self.crm, self.erp)]
        http, random = SimHttp(self.network, "engine"), self.seed.stream("engine")
        return SPEC.create(Surroundings(ends[0], ends[1], HOOK, SECRET, self.state_dir, DICTIONARY, self.clock, random, http, None))

    def pass_time(self, seconds: float) -> None:
        self.loop.run_until_complete(asyncio.sleep(seconds))

    def until_quiet(self, within: timedelta = timedelta(hours=6)) -> None:
        end = self.clock.now() + within
        quiet_for = 0
        while quiet_for < 12:
            reason = self.host.ask("pending", "the engine is down") or self.crm.describe_pending() or self.erp.describe_pending()
            quiet_for = 0 if reason else quiet_for + 1
            assert self.clock.now() < end, f"still pending: {reason}"
            self.pass_time(60)

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
        self.loop.run_until_complete(self.host.stop())
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.bury()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()


@pytest.fixture
def both(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


def test_from_the_won_deal_to_the_paid_invoice(both: World) -> None:
    both.host.start()
    both.pass_time(60)
    deal = both.win()
    both.until_quiet()

    (order,) = both.orders
    assert both.deal(deal)["erp_order_id"] == order
    assert both.deal(deal)["erp_order_status"] == "open"
    assert [len(list(both.erp.store.all(kind))) for kind in ("Customer", "Address", "Contact")] == [1, 1, 1]

    both.bert.ship(order, Decimal(1))
    both.until_quiet()
    assert (both.deal(deal)["erp_order_status"], both.deal(deal)["erp_shipped_percent"]) == ("to bill", "100")

    invoice = both.bert.invoice(order)
    assert invoice is not None
    both.until_quiet()
    assert (both.deal(deal)["erp_order_status"], both.deal(deal)["erp_invoiced_amount"]) == ("completed", "35.7")
    assert both.deal(deal)["erp_paid_amount"] == "0"

    both.bert.pay(invoice, Decimal(1))
    both.until_quiet()
    assert both.deal(deal)["erp_paid_amount"] == "35.7"
    assert both.host.ask("open_errors", None) == []


def test_polling_alone_is_enough_when_every_webhook_is_lost(both: World) -> None:
    for fake in (both.crm, both.erp):
        fake.webhooks.weather = DeliveryWeather(lose=1.0)
    both.host.start()
    deal = both.win()
    both.until_quiet()
    both.bert.ship(both.orders[0], Decimal(1))
    both.until_quiet()
    assert both.deal(deal)["erp_shipped_percent"] == "100"


def test_an_unknown_item_is_told_on_the_deal(both: World) -> None:
    both.host.start()
    deal = both.win(sku="LEGACY-9")
    both.until_quiet()
    ((record, cause),) = both.host.ask("open_errors", None)
    assert record == f"crm deals {deal}"
    assert "LEGACY-9" in cause
    assert "LEGACY-9" in both.deal(deal)["erp_sync_error"]
    assert both.orders == []


@pytest.mark.parametrize(
    "effect", [LoseReply(), ResetConnection(), TruncatedJson(), ProxyPage(504, applied=True)], ids=lambda e: type(e).__name__
)
@pytest.mark.parametrize("kind", ["customer", "sales_order", "address", "contact"])
def test_a_lost_create_reply_never_makes_a_second_document(both: World, kind: str, effect: Any) -> None:
    both.erp.faults.inject(Fault(f"erp.create_{kind}", effect))
    both.host.start()
    deal = both.win()
    both.until_quiet()
    assert both.erp.faults.not_yet_fired == [], "the story never happened, so this test proved nothing"
    assert [len(list(both.erp.store.all(name))) for name in ("Customer", "Sales Order", "Address", "Contact")] == [1, 1, 1, 1]
    assert both.deal(deal)["erp_order_id"] == both.orders[0]


@pytest.mark.parametrize("seed", range(4))
def test_a_stormy_day_with_deaths_ends_with_everything_right(tmp_path: Path, seed: int) -> None:
    both = World(tmp_path, seed)
    chance = both.seed.stream("deaths")
    effects: list[AnyEffect] = [LoseReply(), RefuseConnection(), ResetConnection(), TruncatedJson(), ProxyPage(502)]
    for system, fake in (("crm", both.crm), ("erp", both.erp)):
        fake.faults.set_rates([FaultRate(f"{system}.*", effect, 0.02) for effect in effects])
        fake.webhooks.weather = DeliveryWeather(lose=0.2, duplicate=0.2, delay=0.3, forge=0.1)

    def maybe_die(phase: str, call: Any) -> bool:
        if call.caller == "engine" and both.host.up and chance.random() < 0.01:
            both.host.kill(phase)
            both.host.restart_in(timedelta(seconds=20))
            return True
        return False

    both.network.on_call = maybe_die
    both.host.start()
    company = ""
    deals = []
    for number in range(8):
        deals.append(both.win(number, company=company))
        company = "" if number % 3 else str(both.crm.store.get("companies", both.anna.add_company(_company(number))).id)
        both.pass_time(600)
        for order in list(both.orders):
            both.bert.ship(order, Decimal("0.5"))
    both.network.on_call = lambda phase, call: False
    for fake in (both.crm, both.erp):
        fake.faults.active = False
        fake.webhooks.weather = DeliveryWeather()
    both.until_quiet()

    by_deal = [order.fields["custom_crm_deal_id"] for order in both.erp.store.all("Sales Order")]
    assert sorted(by_deal) == sorted(deals)
    for order in both.erp.store.all("Sales Order"):
        deal = both.deal(order.fields["custom_crm_deal_id"])
        assert deal["erp_order_id"] == order.id
        assert Decimal(deal["erp_shipped_percent"]) == Decimal(str(order.fields["per_delivered"]))
    customers = [customer.fields["custom_crm_company_id"] for customer in both.erp.store.all("Customer")]
    assert len(customers) == len(set(customers))
    assert both.host.ask("open_errors", None) == []
    both.close()


def _company(number: int) -> Company:
    return Company(f"Late {number}", f"late{number}.example", "1", "Main St 1", "Berlin", "10115", "Germany")


def test_a_busy_hour_stays_under_every_quota(both: World) -> None:
    both.host.start()
    both.pass_time(60)
    for number in range(30):
        both.win(number)
    both.until_quiet()
    assert len(both.orders) == 30
    refused = [entry for entry in both.journal.entries if getattr(entry, "status", 0) == 429]
    assert refused == []
    assert len(both.calls()) < 30 * 12 + 400
