"""Reconciliation between both real fakes: whatever drifts is found once, named rightly, and healed by the engine's own work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace
from tiny_vendors import DICTIONARY
from world import HOOK, SECRET, World

from harness.kit.webhooks import DeliveryWeather
from harness.run.engines import Endpoint, Surroundings
from harness.sim.network import SimHttp
from sync_engine.dictionary import DictionaryError
from sync_engine.hosted import SPEC
from sync_engine.reconcile.drift import Drift, Report, as_json, as_table
from sync_engine.reconcile.repair import TooManyChanges, check_amount
from sync_engine.reconcile.run import Reconciler
from sync_engine.reconcile.scope import Scope
from sync_engine.vendors.hubspot import MODIFIED
from sync_engine.wire import read_json

READS = ("/batch/read", "/search", "frappe.client.get_list")


class Books(World):
    """Won deals with orders, and a reconciler beside the running engine on the same store."""

    def __init__(self, state_dir: Path, seed: int = 1, dictionary: Path = DICTIONARY, options: Mapping[str, Any] = {}) -> None:
        self.options = options
        super().__init__(state_dir, seed, dictionary)

    def _engine(self) -> Any:
        ends = [Endpoint("x", fake.base_url, fake.credentials()) for fake in (self.crm, self.erp)]
        http, random = SimHttp(self.network, "engine"), self.seed.stream("engine")
        where = (HOOK, SECRET, self.state_dir, self.dictionary, self.clock, random, http, None)
        return SPEC.create(Surroundings(ends[0], ends[1], *where, self.options))

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


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    world = Books(tmp_path)
    yield world
    world.close()


def test_two_systems_that_agree_have_an_empty_report(books: Books) -> None:
    books.won()
    before = len(books.journal.entries)
    report = books.reconcile()
    assert report.rows == ()
    assert report.compared == {"customer": 3, "order": 3}
    assert books.writes(before) == []


def test_a_value_changed_in_the_erp_names_both_values_the_agreed_one_and_the_side_that_moved(books: Books) -> None:
    deal, *_ = books.won()
    customer = books.order_of(deal)["customer"]
    books.plant("erp", "Customer", customer, website="wrong.example")
    (row,) = books.reconcile().rows
    assert (row.entity, row.kind, row.field, row.erp) == ("customer", "value", "Website", customer)
    assert (row.crm_value, row.erp_value, row.agreed) == ("acme1.example", "wrong.example", "acme1.example")
    assert (row.owner, row.drifted, row.who) == ("crm", "erp", "engine")


def test_repair_puts_the_owner_s_values_and_a_second_run_finds_nothing(books: Books) -> None:
    deal, other, _ = books.won()
    customer = books.order_of(deal)["customer"]
    books.plant("erp", "Customer", customer, website="wrong.example")
    books.plant("crm", "deals", other, erp_order_status="cancelled", erp_shipped_percent="77")
    report = books.reconcile(repair=True)
    assert report.counts == {"customer value": 1, "order value": 2}
    books.until_quiet()
    assert books.erp.store.get("Customer", customer).fields["website"] == "acme1.example"
    assert (books.deal(other)["erp_order_status"], books.deal(other)["erp_shipped_percent"]) == ("open", "0")
    assert books.reconcile().rows == ()


def test_an_invoice_the_crm_never_heard_of_is_drift_of_the_sums(books: Books) -> None:
    deal, *_ = books.won()
    books.bert.ship(books.order_name(deal), Decimal(1))
    books.until_quiet()
    assert books.bert.invoice(books.order_name(deal)) is not None
    books.until_quiet()
    books.plant("crm", "deals", deal, erp_invoiced_amount="1")
    assert books.found(repair=True) == {("order", "value", "Invoiced")}
    books.until_quiet()
    assert books.deal(deal)["erp_invoiced_amount"] == "35.7"
    assert books.found() == set()


def test_an_emptied_or_wrong_link_field_is_written_again_on_either_side(books: Books) -> None:
    deal, other, third = books.won()
    books.plant("crm", "deals", deal, erp_order_id="")
    books.plant("crm", "deals", other, erp_order_id=books.order_name(deal))
    customer, company = books.order_of(third)["customer"], books.company_of(third)
    books.plant("erp", "Customer", customer, custom_crm_company_id=None)
    assert books.found(repair=True) == {("order", "link", "erp_order_id"), ("customer", "link", "custom_crm_company_id")}
    books.until_quiet()
    assert [books.deal(id)["erp_order_id"] for id in (deal, other)] == [books.order_name(id) for id in (deal, other)]
    assert books.erp.store.get("Customer", customer).fields["custom_crm_company_id"] == company
    assert books.found() == set()


def test_a_repair_that_the_erp_refuses_is_an_error_for_a_person(books: Books) -> None:
    deal, *_ = books.won()
    books.plant("erp", "Sales Order", books.order_name(deal), custom_crm_deal_id=None)  # cannot be written on a submitted order
    assert books.found(repair=True) == {("order", "link", "custom_crm_deal_id")}
    books.until_quiet()
    ((record, cause),) = books.host.ask("open_errors", [])
    assert record == f"erp Sales Order {books.order_name(deal)}"
    assert "after submission" in cause


def test_links_that_contradict_each_other_wait_for_a_person_and_nothing_is_written(books: Books) -> None:
    deal, *_ = books.won()
    customer, company = books.order_of(deal)["customer"], books.company_of(deal)
    books.plant("erp", "Customer", customer, custom_crm_company_id="999")
    report = books.reconcile(repair=True)
    assert {(row.kind, row.who, row.erp_value) for row in report.rows} == {("link", "person", "999")}
    books.until_quiet()
    assert [record for record, _ in books.host.ask("open_errors", [])] == [f"crm companies {company}"]
    assert books.erp.store.get("Customer", customer).fields["custom_crm_company_id"] == "999"
    shown = books.crm.store.get("companies", company).fields["erp_sync_error"]
    assert "Decide which two belong together" in shown


def test_a_document_whose_record_was_deleted_is_told_and_never_deleted(books: Books) -> None:
    deal, *_ = books.won()
    name = books.order_name(deal)
    books.host.kill("planting")
    books.crm.store.archive("deals", deal)
    books.host.start()
    books.until_quiet()
    report = books.reconcile(Scope(("order",)), repair=True)
    assert [(row.kind, row.erp, row.who) for row in report.rows] == [("dangling", name, "person")]
    assert books.erp.store.get("Sales Order", name).fields["docstatus"] == 1


def test_a_won_deal_without_an_order_is_missing_one_and_repair_creates_it_once(books: Books) -> None:
    books.won(1)
    books.context.queue.put = _ignoring(books.context.queue.put, "order")  # the engine misses the next deal altogether
    lost = books.win(7)
    books.pass_time(1800)
    del books.context.queue.put
    (row,) = books.reconcile(repair=True).rows
    assert (row.entity, row.kind, row.crm) == ("order", "missing", lost)
    books.until_quiet()
    assert len(books.orders) == 2
    assert books.found() == set()


def _ignoring(put: Any, entity: str) -> Any:
    def quiet(process: str, name: str, record: str, *more: Any) -> None:
        if name != entity:
            put(process, name, record, *more)

    return quiet


def test_positions_and_amounts_that_differ_are_for_a_person_where_no_process_amends(books: Books) -> None:
    deal, *_ = books.won()
    (line,) = [line for line in books.crm.store.all("line_items") if line.id == _line_of(books, deal)]
    books.plant("crm", "line_items", line.id, quantity="4")
    books.plant("crm", "deals", deal, amount="40")
    report = books.reconcile()
    assert {(row.kind, row.field, row.who) for row in report.rows} == {("lines", "Lines", "person"), ("value", "Value", "person")}
    assert {row.crm_value for row in report.rows} == {"SKU-1 × 4 × 10", "40"}


def _line_of(books: Books, deal: str) -> str:
    (line,) = books.loop.run_until_complete(books.context.crm.associations_many("deals", [deal], "line_items"))[deal]
    return str(line[0])


def test_after_the_restore_of_an_old_store_the_pairs_are_found_by_their_link_fields(books: Books) -> None:
    deals = books.won()
    store = books.context.store
    with store.transaction():
        for entity, kind in (("order", "deals"), ("customer", "companies")):
            for record in list(books.crm.store.all(kind)):
                if store.linked(entity, record.id) is not None:
                    _forget(store, entity, record.id)
    assert books.context.store.linked("order", deals[0]) is None
    assert books.found(repair=True) == {("order", "unlinked", ""), ("customer", "unlinked", "")}
    books.until_quiet()
    assert [books.order_name(deal) for deal in deals] == [books.deal(deal)["erp_order_id"] for deal in deals]
    assert len(books.orders) == 3
    assert books.found() == set()


def _forget(store: Any, entity: str, crm_id: str) -> None:
    link = store.linked(entity, crm_id)
    store.link(entity, f"gone {crm_id}", f"gone {link.erp_id}", None)  # a place for the pair that is replaced next
    store.link(entity, f"gone {crm_id}", link.erp_id, None)
    store.link(entity, f"gone {crm_id}", f"gone {link.erp_id}", None)


@pytest.mark.parametrize("steps", range(1, 5))
def test_a_run_killed_after_any_page_goes_on_where_it_was(books: Books, steps: int) -> None:
    deal, other, _ = books.won()
    books.plant("erp", "Customer", books.order_of(deal)["customer"], website="wrong.example")
    books.plant("crm", "deals", other, erp_order_status="cancelled")

    async def some(count: int) -> None:
        reconciler = Reconciler(books.context)
        state = reconciler.begin(Scope(), repair=True)
        for _ in range(count):
            await reconciler.step(state)

    books.loop.run_until_complete(some(steps))
    books.host.kill("between two pages")
    books.host.start()
    books.pass_time(1)
    report = books.reconcile(repair=True)
    assert report.counts == {"customer value": 1, "order value": 1}
    assert report.compared == {"customer": 3, "order": 3}
    books.until_quiet()
    assert books.found() == set()


def test_live_edits_during_the_run_are_no_drift(books: Books) -> None:
    deal, *_ = books.won()
    company = books.company_of(deal)
    reconciler = Reconciler(books.context)
    task = books.loop.create_task(reconciler.run())
    for number in range(20):
        books.anna.edit_company(company, {"phone": f"+49 {number}"})
        books.bert.ship(books.order_name(deal), Decimal("0.01"))
        books.pass_time(0.7)
    report = books.loop.run_until_complete(task)
    assert report.rows == ()


def test_what_is_in_the_queue_is_on_its_way(books: Books) -> None:
    deal, *_ = books.won()
    books.plant("crm", "deals", deal, erp_order_status="cancelled")
    with books.context.store.transaction():
        books.context.queue.put("progress", "order", books.order_name(deal), timedelta(hours=1))
    report = books.reconcile()
    assert (report.rows, report.on_its_way) == ((), 1)


def test_one_record_one_entity_and_what_changed_since(books: Books) -> None:
    deal, other, _ = books.won()
    for id in (deal, other):
        books.plant("crm", "deals", id, erp_order_status="cancelled")
    assert {row.crm for row in books.reconcile(Scope(record=f"crm deals {deal}")).rows} == {deal}
    assert {row.crm for row in books.reconcile(Scope(record=f"erp Sales Order {books.order_name(other)}")).rows} == {other}
    assert books.found(Scope(("customer",))) == set()
    books.pass_time(86_400)
    since = (books.clock.now() - timedelta(hours=1)).isoformat()
    assert books.reconcile(Scope(("customer",), since=since)).compared == {"customer": 0}
    with pytest.raises(DictionaryError, match="no record of the dictionary"):
        books.reconcile(Scope(record="crm tickets 1"))
    with pytest.raises(DictionaryError, match="no entity 'ordr'; did you mean 'order'"):
        books.reconcile(Scope(("ordr",)))


def test_a_sample_is_a_share_of_the_records(books: Books) -> None:
    books.won(12)
    compared = books.reconcile(Scope(sample=0.5)).compared
    assert 0 < compared["order"] < 12


def test_many_changes_need_a_yes(books: Books) -> None:
    deals = books.won(25)
    for deal in deals:
        books.plant("crm", "deals", deal, erp_order_status="cancelled")
    with pytest.raises(TooManyChanges, match="25 of 50 records would change"):
        books.reconcile(repair=True)
    assert all(books.deal(deal)["erp_order_status"] == "cancelled" for deal in deals)
    books.reconcile(repair=True, yes_more_than=25)
    books.until_quiet()
    assert all(books.deal(deal)["erp_order_status"] == "open" for deal in deals)


def test_the_circuit_breaker_looks_at_the_share_and_at_the_number() -> None:
    check_amount(20, 20, 0)
    check_amount(100, 1_000, 0)
    check_amount(501, 1_000_000, 501)
    for changes, compared in ((21, 100), (501, 1_000_000)):
        with pytest.raises(TooManyChanges):
            check_amount(changes, compared, changes - 1)


def test_a_report_is_a_table_for_people_and_json_for_programs() -> None:
    row = Drift("customer", "value", "7", "ACME", "Website", "a.example", "b.example", "a.example", "crm", "erp", "write it")
    person = replace(row, who="person")
    table = as_table([row, person])
    assert "7 = ACME" in table
    assert "a person: write it" in table
    assert as_table([row] * 3, limit=1).endswith("… and 2 more; --json FILE has all of them")
    document = read_json(as_json(Report("r", (row, person), {"customer": 2}, 0, 0)))
    assert document["counts"] == {"customer value": 2}
    assert document["rows"][0]["agreed"] == "a.example"


@pytest.mark.parametrize("seed", range(6))
def test_random_drift_is_reported_exactly(tmp_path: Path, seed: int) -> None:
    books, chance = Books(tmp_path, seed), Random(seed)
    deals, planted = books.won(8), set[tuple[str, str, str]]()
    forms = [
        ("crm", "deals", "erp_order_status", "closed", "Order status"),
        ("crm", "deals", "erp_shipped_percent", "12", "Shipped"),
        ("crm", "deals", "erp_paid_amount", "9", "Paid"),
        ("erp", "Customer", "website", "other.example", "Website"),
        ("erp", "Customer", "custom_phone", "0", "Phone"),
        ("crm", "companies", "domain", "moved.example", "Website"),
    ]
    for deal in deals:
        for system, kind, field, value, name in chance.sample(forms, chance.randint(0, 3)):
            customer, company = books.order_of(deal)["customer"], books.company_of(deal)
            id = {"deals": deal, "Customer": customer, "companies": company}[kind]
            books.plant(system, kind, id, **{field: value})
            planted.add(("order", deal, name) if kind == "deals" else ("customer", company, name))
    report = books.reconcile()
    assert {(row.entity, row.crm, row.field) for row in report.rows} == planted
    assert len(report.rows) == len(planted)
    books.reconcile(repair=True, yes_more_than=100)
    books.until_quiet()
    assert books.found() == set()
    books.close()


def test_calls_stay_near_the_least_that_batches_allow(books: Books) -> None:
    books.won(20)
    before = len(books.calls())
    books.reconcile()
    # customer: page, list, list of ERP · order: page, list, sums, associations, lines, list of ERP · once: custom fields
    assert len(books.calls()) - before <= 10


def test_the_whole_cycle_heals_two_way_fields_positions_products_and_sums(tmp_path: Path) -> None:
    books = Books(tmp_path, dictionary=DICTIONARY.parent / "full-cycle.dictionary.yaml")
    deal, other, third = books.won()
    assert books.found() == set()
    (product,) = books.crm.store.all("products")
    books.plant("crm", "companies", books.company_of(deal), erp_credit_status="on hold")
    books.plant("crm", "companies", books.company_of(other), account_note="call first")
    books.plant("crm", "deals", other, erp_credited_amount="3")
    books.plant("crm", "line_items", _line_of(books, third), quantity="4")
    books.plant("crm", "deals", third, amount="40")
    books.plant("crm", "products", product.id, name="Other")
    assert books.found(repair=True) == {
        ("customer", "value", "Credit status"),
        ("customer", "value", "Account note"),
        ("order", "value", "Credited"),
        ("order", "lines", "Lines"),
        ("order", "value", "Value"),
        ("item", "value", "Item name"),
    }
    books.until_quiet()
    assert books.host.ask("open_errors", []) == []
    assert books.erp.store.get("Customer", books.order_of(other)["customer"]).fields["custom_account_note"] == "call first"
    assert books.found() == set()
    books.close()


def test_the_running_engine_compares_and_repairs_on_its_schedule(tmp_path: Path) -> None:
    books = Books(tmp_path, options={"reconcile_every_s": 3600})
    deal, *_ = books.won()
    books.plant("crm", "deals", deal, erp_order_status="cancelled")
    assert books.deal(deal)["erp_order_status"] == "cancelled"
    books.pass_time(2 * 3600)
    assert books.deal(deal)["erp_order_status"] == "open"
    books.close()


def test_a_schedule_that_would_change_too_much_asks_a_person_instead(tmp_path: Path) -> None:
    books = Books(tmp_path, options={"reconcile_every_s": 3600})
    deals = books.won(25)
    for deal in deals:
        books.plant("crm", "deals", deal, erp_order_status="cancelled")
    books.pass_time(2 * 3600)
    assert "reconcile all step" in [record for record, _ in books.host.ask("open_errors", [])]
    assert all(books.deal(deal)["erp_order_status"] == "cancelled" for deal in deals)
    books.close()
