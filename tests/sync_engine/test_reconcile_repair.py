"""Repair of drift: healed by the engine's own work, never more than somebody agreed to, and it survives being killed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from drifting_world import Books, line_of
from tiny_vendors import DICTIONARY

from harness.sim.network import SimHttp
from sync_engine.context import make_context
from sync_engine.reconcile.repair import TooManyChanges, check_amount
from sync_engine.reconcile.run import Reconciler
from sync_engine.reconcile.scope import Scope


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    world = Books(tmp_path)
    yield world
    world.close()


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
    frozen = books.context.erp.update("Custom Field", "Sales Order-custom_crm_deal_id", {"allow_on_submit": 0})
    books.loop.run_until_complete(frozen)  # as a site has it whose field somebody else made
    books.plant("erp", "Sales Order", books.order_name(deal), custom_crm_deal_id=None)
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


def test_the_whole_cycle_heals_two_way_fields_positions_products_and_sums(tmp_path: Path) -> None:
    books = Books(tmp_path, dictionary=DICTIONARY.parent / "full-cycle.dictionary.yaml")
    deal, other, third = books.won()
    assert books.found() == set()
    (product,) = books.crm.store.all("products")
    books.plant("crm", "companies", books.company_of(deal), erp_credit_status="on hold")
    books.plant("crm", "companies", books.company_of(other), account_note="call first")
    books.plant("crm", "deals", other, erp_credited_amount="3")
    books.plant("crm", "line_items", line_of(books, third), quantity="4")
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


def test_a_deal_that_is_won_no_longer_ends_its_order_as_the_process_says(tmp_path: Path) -> None:
    books = Books(tmp_path, dictionary=DICTIONARY.parent / "full-cycle.dictionary.yaml")
    deal, *_ = books.won(1)
    books.plant("crm", "deals", deal, dealstage="closedlost")
    assert ("order", "unwanted", "") in books.found(repair=True)
    books.until_quiet()
    assert books.order_of(deal)["docstatus"] == 2
    assert books.found() == set()
    books.close()


def test_a_command_beside_the_running_engine_leaves_it_its_work_and_is_heard(books: Books) -> None:
    deal, *_ = books.won()
    books.plant("crm", "deals", deal, erp_order_status="cancelled")
    settings = dataclasses.replace(books.context.settings, replicas=True)
    http = SimHttp(books.network, "a command")
    guest = make_context(settings, books.context.dictionary, books.clock, Random(1), http)
    report = books.loop.run_until_complete(Reconciler(guest).run(repair=True))
    guest.replica.leave()
    guest.store.close()
    assert report.repaired == 1
    books.pass_time(1800)
    assert books.deal(deal)["erp_order_status"] == "open"
