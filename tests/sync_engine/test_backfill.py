"""Backfill between both real fakes: companies that start with records on both sides, while sales go on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from tiny_vendors import DICTIONARY
from world import World

from harness.kit.people import Company, Contact, Deal, Line
from harness.kit.webhooks import DeliveryWeather
from sync_engine.backfill.matching import agree, in_target_form, key_of
from sync_engine.backfill.plan import Plan, as_text, in_dependency_order
from sync_engine.backfill.run import Backfill, Order
from sync_engine.dictionary import DictionaryError, load
from sync_engine.polling.looks import Looks
from sync_engine.vendors.hubspot import CrmRecord

READS = ("/batch/read", "/search", "frappe.client.get_list")
WON = Decimal(3)


class Start(World):
    """A company that starts: both systems have customers, the engine has never run."""

    def __init__(self, state_dir: Path, dictionary: Path) -> None:
        super().__init__(state_dir, dictionary=dictionary)
        self._idle = self._engine(self.host)

    @property
    def context(self) -> Any:
        return self.host.engine.c if self.host.up else self._idle.c

    def die(self) -> None:
        """The process that runs the backfill ends, and another begins on its store."""
        self._idle.kill()
        self._idle = self._engine(self.host)

    def setup(self) -> None:
        """The fields exist in both systems, but nothing was looked at yet."""
        provisioner = self._idle._provisioner
        self.loop.run_until_complete(provisioner._provision_crm())
        self.loop.run_until_complete(provisioner._provision_erp())

    def company(self, name: str, domain: str, **more: str) -> str:
        id = str(self.anna.add_company(Company(name, domain, "1", "Main St 1", "Berlin", "10115", "Germany")))
        if more:
            self.anna.edit_company(id, more)
        return id

    def customer(self, name: str, **values: Any) -> str:
        doc = {"customer_name": name, "customer_type": "Company", "customer_group": "Commercial", "territory": "All Territories"}
        return str(self.loop.run_until_complete(self._idle.c.erp.create("Customer", {**doc, **values}))["name"])

    def backfill(self, order: Order | None = None, *, dry: bool = False, **options: Any) -> Plan:
        wanted = order or Order()
        return self.loop.run_until_complete(Backfill(self.context, dry=dry).run(wanted, **options))

    def writes(self, since: int) -> list[str]:
        return [call for call in self.calls(since) if not call.startswith("GET") and not any(read in call for read in READS)]


@pytest.fixture
def matching(tmp_path: Path) -> Path:
    """The dictionary of the spine with rules for customers: by tax id, then by website."""
    document = yaml.safe_load(DICTIONARY.read_text(encoding="utf-8"))
    document["entities"][0]["match"] = [{"fields": ["Tax id"]}, {"fields": ["Website"]}]
    path = tmp_path / "matching.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return path


@pytest.fixture
def start(tmp_path: Path, matching: Path) -> Iterator[Start]:
    world = Start(tmp_path, matching)
    yield world
    world.close()


def choices(plan: Plan, entity: str = "customer") -> dict[str, tuple[str, str]]:
    return {row.crm: (row.choice, row.erp) for row in plan.rows if row.entity == entity}


def test_a_dry_run_writes_nothing_anywhere_and_says_what_it_would_do(start: Start) -> None:
    acme = start.company("Acme", "ACME.example")
    start.company("Nobody", "nobody.example")
    start.customer("Acme GmbH", website="acme.example")
    deal = start.win(9)
    store, before = start.context.store, len(start.journal.entries)
    plan = start.backfill(dry=True)
    assert start.writes(before) == []
    assert choices(plan) == {acme: ("match", "Acme GmbH")}
    assert choices(plan, "order") == {deal: ("create", "")}
    assert plan.counts["customer skip (no process creates it by itself)"] == 2
    assert (plan.finished, plan.crm_calls, plan.erp_calls) == (True, 10, 9)
    assert (store.linked("customer", acme), store.all_work(), store.is_intended("order", deal)) == (None, [], False)
    text = as_text(plan)
    assert f"match      customer {acme} = Acme GmbH  Website" in text
    assert "the work would take about 10 CRM and 9 ERP calls" in text


def test_matched_records_are_linked_on_both_sides_and_the_owner_s_values_win(start: Start) -> None:
    start.setup()
    by_tax = start.company("Tax", "tax.example", tax_id=" DE1 ")
    by_site = start.company("Site", "SITE.example")
    start.customer("Old Tax", tax_id="DE1", website="elsewhere.example")
    start.customer("Old Site", website="site.example")
    plan = start.backfill()
    assert choices(plan) == {by_tax: ("match", "Old Tax"), by_site: ("match", "Old Site")}
    start.host.start()
    start.until_quiet()
    customers = {str(c.fields["custom_crm_company_id"]): c.fields for c in start.erp.store.all("Customer")}
    assert {id: doc["website"] for id, doc in customers.items()} == {by_tax: "tax.example", by_site: "site.example"}
    assert start.crm.store.get("companies", by_tax).fields["erp_customer_id"] == "Old Tax"
    assert start.host.ask("open_errors", []) == []


def test_what_is_ambiguous_is_listed_and_left_alone(start: Start) -> None:
    start.setup()
    twin, other = start.company("Twin", "twin.example"), start.company("Twin again", "TWIN.example", tax_id="T2")
    lonely = start.company("Lonely", "lonely.example")
    start.customer("The twin", website="twin.example")
    start.customer("Lonely one", website="lonely.example")
    start.customer("Lonely two", website="LONELY.example")
    plan = start.backfill()
    assert {id: choice for id, (choice, _) in choices(plan).items()} == dict.fromkeys((twin, other, lonely), "ambiguous")
    reasons = {row.crm: row.reason for row in plan.rows}
    assert reasons[twin] == "several records of the CRM have the same Website"
    assert reasons[lonely] == "several records of the ERP have the same Website"
    assert start.context.store.all_work() == []


def test_a_customer_that_belongs_to_another_company_is_not_taken(start: Start) -> None:
    start.setup()
    start.customer("Taken", website="acme.example", custom_crm_company_id="999")
    acme = start.company("Acme", "acme.example")
    (row,) = start.backfill().rows
    assert (row.crm, row.choice, row.reason) == (acme, "ambiguous", "Taken belongs to 999 already")


def test_link_fields_come_before_rules(start: Start) -> None:
    start.setup()
    acme = start.company("Acme", "acme.example")
    start.customer("Linked before", website="moved.example", custom_crm_company_id=acme)
    start.customer("Same site", website="acme.example")
    (row,) = start.backfill().rows
    assert (row.choice, row.erp, row.reason) == ("match", "Linked before", "link fields")


def test_old_won_deals_become_orders_once_and_older_ones_stay(start: Start) -> None:
    start.setup()
    recent = start.win(1)
    company = start.company("Old", "old.example")
    jane = start.anna.add_contact(Contact("Jane", "Old", "jane@old.example"), company)
    old = start.anna.open_deal(Deal("Old", company, jane, (Line("SKU-1", "Widget", WON, Decimal(10)),), date(2020, 1, 1)))
    start.anna.move_deal(old, "won")
    start.crm.store.update("deals", old, {"closedate": "2020-01-01T00:00:00Z"}, touch=False)
    plan = start.backfill(Order(since="2026-01-01"))
    assert choices(plan, "order") == {recent: ("create", "")}
    assert plan.counts["order skip (older than 2026-01-01)"] == 1


@pytest.mark.parametrize("steps", range(1, 8))
def test_a_backfill_killed_after_any_page_goes_on_and_makes_nothing_twice(start: Start, steps: int) -> None:
    start.setup()
    acme = start.company("Acme", "acme.example")
    start.customer("Acme GmbH", website="acme.example")
    deals = [start.win(number) for number in range(1, 4)]

    async def some(count: int) -> None:
        backfill = Backfill(start.context)
        state = backfill.begin(Order())
        for _ in range(count):
            await backfill.step(state)

    start.loop.run_until_complete(some(steps))
    start.die()
    plan = start.backfill()
    assert plan.finished
    start.host.start()
    start.until_quiet()
    assert sorted(order.fields["custom_crm_deal_id"] for order in start.erp.store.all("Sales Order")) == sorted(deals)
    assert start.erp.store.get("Customer", "Acme GmbH").fields["custom_crm_company_id"] == acme
    assert len(list(start.erp.store.all("Customer"))) == 4


def test_a_limit_is_kept_and_the_next_run_goes_on(start: Start) -> None:
    start.setup()
    for number in range(5):
        start.company(f"C{number}", f"c{number}.example")
        start.customer(f"E{number}", website=f"c{number}.example")
    first = start.backfill(limit=2)
    assert (len(first.rows), first.finished) == (2, False)
    second = start.backfill(limit=2)
    assert len(second.rows) == 4
    last = start.backfill()
    assert (len(last.rows), last.finished) == (5, True)


def test_backfill_while_deals_are_being_won_makes_every_order_once(start: Start) -> None:
    start.host.start()
    start.pass_time(60)
    deals = [start.win(number) for number in range(1, 6)]
    task = start.loop.create_task(Backfill(start.context).run(Order()))
    for number in range(6, 16):
        deals.append(start.win(number))
        start.pass_time(0.8)
    start.loop.run_until_complete(task)
    start.until_quiet()
    assert sorted(order.fields["custom_crm_deal_id"] for order in start.erp.store.all("Sales Order")) == sorted(deals)
    assert len(list(start.erp.store.all("Customer"))) == len(deals)
    assert start.host.ask("open_errors", []) == []
    assert {row.choice for row in start.backfill(restart=True).rows} == set()


def test_thousands_of_records_cost_pages_not_calls(start: Start) -> None:
    start.crm.webhooks.weather = DeliveryWeather(lose=1.0)
    for number in range(5_000):
        start.company(f"C{number}", f"c{number}.example")
    before = len(start.calls())
    plan = start.backfill(Order(("customer",)), dry=True)
    assert plan.counts == {"customer skip (no process creates it by itself)": 5_000}
    # 50 pages for the keys, 50 to decide; per page one look for documents that carry an id; one page of the ERP, the custom fields
    assert len(start.calls()) - before <= 50 + 2 * 50 + 4


def test_entities_come_after_those_they_belong_to(matching: Path) -> None:
    dictionary = load(matching)
    assert [entity.name for entity in in_dependency_order(dictionary)][:2] == ["customer", "order"]


def test_an_unknown_entity_is_a_sentence(start: Start) -> None:
    with pytest.raises(DictionaryError, match="did you mean 'customer'"):
        start.backfill(Order(("custmer",)))


def test_values_are_compared_in_the_mapping_s_form_and_nothing_matches_nothing(matching: Path) -> None:
    entity = load(matching).entity("customer")
    assert in_target_form(entity.field("Website"), "crm", {"domain": "ACME.example"}) == "acme.example"
    assert key_of(entity, 1, "crm", {"domain": "ACME.example"}) == key_of(entity, 1, "erp", {"website": "acme.example"})
    assert key_of(entity, 0, "crm", {"tax_id": " "}) == key_of(entity, 0, "crm", {}) == ""
    assert agree(entity, 1, {"domain": "A.example"}, {"website": "a.example"})
    assert not agree(entity, 1, {"domain": "A.example"}, {"website": "b.example"})


def test_deals_closed_before_the_start_are_left_to_the_backfill(start: Start) -> None:
    recent, old = start.win(1), start.win(2)
    start.crm.store.update("deals", old, {"closedate": "2020-01-01T00:00:00Z"}, touch=False)
    start._idle.c.settings = replace(start._idle.c.settings, start_from=datetime(2026, 1, 1, tzinfo=UTC))
    looks = Looks(start.context)

    async def read(id: str) -> CrmRecord:
        record: CrmRecord = await start.context.crm.read("deals", id, ["dealstage", "closedate"])
        return record

    with start.context.store.transaction():
        asked = {id: looks.deal(start.loop.run_until_complete(read(id))) for id in (recent, old)}
    assert asked == {recent: True, old: False}
    assert choices(start.backfill(), "order")[old] == ("create", "")
