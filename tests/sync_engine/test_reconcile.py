"""Reconciliation between both real fakes: whatever drifts is found once and named rightly."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from drifting_world import Books, line_of
from msgspec.structs import replace
from tiny_vendors import DICTIONARY

from sync_engine.dictionary import DictionaryError, load
from sync_engine.reconcile.compare import ErpRecord, Pair, Rules, examine
from sync_engine.reconcile.drift import Drift, Report, as_json, as_table
from sync_engine.reconcile.run import Reconciler
from sync_engine.reconcile.scope import Scope
from sync_engine.vendors.hubspot import CrmRecord
from sync_engine.wire import read_json


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


def test_positions_and_amounts_that_differ_are_for_a_person_where_no_process_amends(books: Books) -> None:
    deal, *_ = books.won()
    (line,) = [line for line in books.crm.store.all("line_items") if line.id == line_of(books, deal)]
    books.plant("crm", "line_items", line.id, quantity="4")
    books.plant("crm", "deals", deal, amount="40")
    report = books.reconcile()
    assert {(row.kind, row.field, row.who) for row in report.rows} == {("lines", "Lines", "person"), ("value", "Value", "person")}
    assert {row.crm_value for row in report.rows} == {"SKU-1 × 4 × 10", "40"}


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


def test_calls_stay_near_the_least_that_batches_allow(books: Books) -> None:
    books.won(20)
    before = len(books.calls())
    books.reconcile()
    # customer: page, list, list of ERP · order: page, list, sums, associations, lines, list of ERP · once: custom fields
    assert len(books.calls()) - before <= 10


def test_two_documents_for_one_record_are_named_and_compared_no_further() -> None:
    dictionary = load(DICTIONARY)
    deal = CrmRecord("deals", "7", {"dealstage": "closedwon", "erp_order_id": "SO-1"}, {})
    orders = [ErpRecord({"name": name, "docstatus": 1, "custom_crm_deal_id": "7"}) for name in ("SO-1", "SO-2")]
    (row,) = examine(Rules(dictionary, dictionary.entity("order")), Pair(deal, orders, None, None))
    assert (row.kind, row.erp_value, row.who) == ("two", "SO-1, SO-2", "person")
    orders[1] = ErpRecord({**orders[1].doc, "docstatus": 2})  # cancelled ones do not count
    assert "two" not in {row.kind for row in examine(Rules(dictionary, dictionary.entity("order")), Pair(deal, orders, None, None))}
