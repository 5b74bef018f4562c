"""The clients' batches and lists against both fakes: how many calls they take, and what they make of partial failures."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from fake_crm import hubspot
from fake_erp import erpnext
from harness.kit.call import Call
from harness.kit.clock import ManualClock
from harness.kit.fake import FakeSetup
from harness.kit.journal import Journal, Received
from harness.kit.people import Company, Contact, Deal, Line, Product
from harness.kit.seed import Seed
from sync_engine.outcomes import Conflict, NotFound, Refused, VendorError
from sync_engine.vendors.erpnext import ErpNext
from sync_engine.vendors.hubspot import HubSpot
from sync_engine.vendors.hubspot_records import NewRecord


class Direct:
    """Both fakes behind the HTTP port, answering at once."""

    def __init__(self, **crm_settings: Any) -> None:
        self.clock, self.journal = ManualClock(), Journal()
        self.fakes = {}
        for spec, settings in ((hubspot.SPEC, crm_settings), (erpnext.SPEC, {})):
            setup = FakeSetup(spec.system, self.clock, Seed(1).derived(spec.system), self.journal, spec.default_host, settings)
            self.fakes[urlsplit(spec.default_host).netloc] = spec.create(setup)
        self.crm_fake, self.erp_fake = self.fakes.values()
        known = self.erp_fake.credentials()
        self.crm = HubSpot(self.crm_fake.base_url, self.crm_fake.credentials()["token"], self, self.clock, Random(1))
        self.erp = ErpNext(self.erp_fake.base_url, known["api_key"], known["api_secret"], self, self.clock, Random(1))
        self.anna, self.bert = self.crm_fake.sales_desk("anna"), self.erp_fake.erp_desk("bert")

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> tuple[int, Mapping[str, str], bytes]:
        parts = urlsplit(url)
        lowered = {name.lower(): value for name, value in headers.items()}
        call = Call(method, unquote(parts.path), parts.query, lowered, body, "engine", host=parts.netloc)
        reply = self.fakes[parts.netloc].handle(call)
        return reply.status, reply.headers, reply.body

    def routes(self) -> list[str]:
        return [f"{e.method} {e.path}" for e in self.journal.entries if isinstance(e, Received) and e.caller == "engine"]

    def deal(self, number: int, lines: int = 2) -> str:
        company = self.anna.add_company(
            Company(f"Acme {number}", f"a{number}.example", "1", "Main St", "Berlin", "10115", "Germany")
        )
        contact = self.anna.add_contact(Contact("Jane", f"Doe {number}", f"jane{number}@acme.example"), company)
        sold = tuple(Line("SKU-1", f"Widget {at}", Decimal(at + 1), Decimal("10.00")) for at in range(lines))
        return str(self.anna.open_deal(Deal(f"Deal {number}", company, contact, sold, date(2026, 3, 20))))


def run(call: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(call)


@pytest.fixture
def both() -> Direct:
    return Direct()


# -- the CRM ------------------------------------------------------------------------------------------------------------


def test_deals_with_their_associations_take_one_call_and_one_for_each_other_kind(both: Direct) -> None:
    deals = [both.deal(number) for number in range(3)]
    found = run(both.crm.read_many_with("deals", [*deals, "999"], ["dealname"], ("companies", "line_items")))
    assert both.routes() == [
        "POST /crm/v3/objects/deals/batch/read",
        "POST /crm/v4/associations/deals/companies/batch/read",
        "POST /crm/v4/associations/deals/line_items/batch/read",
    ]
    assert list(found) == deals
    for id in deals:
        alone = run(both.crm.read("deals", id, ["dealname"], ("companies", "line_items")))
        assert found[id].get("dealname") == alone.get("dealname")
        assert (found[id].ids("companies"), found[id].ids("line_items")) == (alone.ids("companies"), alone.ids("line_items"))
        assert found[id].related["companies"][0][1] == "primary"


def test_records_without_associations_have_none_and_long_lists_are_read_to_their_end(both: Direct) -> None:
    many, few = both.deal(1, lines=0), both.deal(2, lines=1)
    lines = [NewRecord({"name": f"Line {at}", "quantity": "1", "price": "1"}, {"deals": [many]}) for at in range(520)]
    ids = run(both.crm.create_many("line_items", lines))
    found = run(both.crm.associations_many("deals", [many, few, "999"], "line_items"))
    assert [id for id, _ in found[many]] == sorted(ids, key=int)
    assert (len(found[few]), found["999"]) == (1, [])
    assert both.routes().count("POST /crm/v4/associations/deals/line_items/batch/read") == 2


@pytest.mark.parametrize("strict", [False, True])
def test_one_bad_record_spoils_no_other_update(strict: bool) -> None:
    both = Direct(missing_update_status=404) if strict else Direct()
    deals = {both.deal(number, lines=0): {"dealname": f"New {number}"} for number in range(120)}
    bad = next(iter(deals))
    deals[bad] = {"closedate": "never"}
    written = run(both.crm.update_many("deals", {**deals, "999": {"dealname": "x"}}))
    assert set(written.done) == set(deals) - {bad}
    assert {id: type(error) for id, error in written.failed.items()} == {bad: Refused, "999": NotFound}
    assert all(both.crm_fake.store.get("deals", id).fields["dealname"].startswith("New") for id in written.done)


def test_a_whole_batch_that_is_refused_is_halved_until_the_offender_stands_alone(both: Direct) -> None:
    """Here the account knows no partial success."""
    deals = {both.deal(number, lines=0): {"dealname": "x"} for number in range(9)}
    bad = list(deals)[4]
    sent = both.send

    async def untraced(method: str, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float) -> Any:
        return await sent(method, url, headers, body.replace(b"objectWriteTraceId", b"nothing"), timeout_s)

    both.send = untraced  # type: ignore[method-assign]
    written = run(both.crm.update_many("deals", {**deals, bad: {"closedate": "never"}}))
    assert (set(written.done), list(written.failed)) == (set(deals) - {bad}, [bad])
    assert len(both.routes()) == 7, "nine, four and five of them, two and three, and the two alone"


def test_a_record_that_was_merged_away_is_written_where_it_went(both: Direct) -> None:
    first, second, third = (both.deal(number, lines=0) for number in range(3))
    run(both.crm._post("/crm/v3/objects/deals/merge", {"primaryObjectId": first, "objectIdToMerge": second}, safe=True))
    written = run(both.crm.update_many("deals", {second: {"dealname": "merged"}, third: {"dealname": "other"}}))
    assert set(written.done) == {second, third}
    assert both.crm_fake.store.get("deals", first).fields["dealname"] == "merged"


def test_creates_say_record_by_record_how_they_ended(both: Direct) -> None:
    people = [NewRecord({"email": f"p{at % 3}@x.example", "lastname": str(at)}) for at in range(4)]
    ends = run(both.crm.create_many("contacts", people))
    assert [type(end) for end in ends] == [str, str, str, Conflict]
    assert run(both.crm.read_by("contacts", "email", "p1@x.example", ["lastname"])).id == ends[1]
    found = run(both.crm.read_many_by("contacts", "email", ["p0@x.example", "p9@x.example"], []))
    assert {email: record.id for email, record in found.items()} == {"p0@x.example": ends[0]}
    with pytest.raises(NotFound):
        run(both.crm.read_by("contacts", "email", "p9@x.example", []))


def test_a_created_record_is_associated_and_an_archived_one_is_gone(both: Direct) -> None:
    deal = both.deal(1, lines=0)
    line = run(both.crm.create("line_items", {"name": "Widget", "quantity": "1", "price": "2"}, {"deals": [deal]}))
    assert run(both.crm.read("deals", deal, [], ["line_items"])).ids("line_items") == [line]
    run(both.crm.archive("line_items", line))
    run(both.crm.archive("line_items", line))
    run(both.crm.archive_many("deals", [deal]))
    for kind, id in (("line_items", line), ("deals", deal)):
        with pytest.raises(NotFound):
            run(both.crm.read(kind, id, []))
    with pytest.raises(ValueError, match="no association type"):
        run(both.crm.create("products", {"name": "x"}, {"deals": [deal]}))


def test_search_finds_the_exact_value_and_only_once_the_index_has_seen_it(both: Direct) -> None:
    run(both.crm.create_many("companies", [NewRecord({"name": name}) for name in ("Acme", "ACME")]))
    assert run(both.crm.find_by("companies", "name", "Acme")) == []
    both.clock.advance(timedelta(minutes=1))
    assert [record.get("name") for record in run(both.crm.find_by("companies", "name", "Acme"))] == ["Acme"]


def test_one_search_finds_the_records_of_many_exact_values(both: Direct) -> None:
    names = ["Acme", "ACME", *(f"Twin {at % 2}" for at in range(230))]
    run(both.crm.create_many("companies", [NewRecord({"name": name}) for name in names]))
    both.clock.advance(timedelta(minutes=1))
    found = run(both.crm.find_many_by("companies", "name", ["Acme", "Twin 0", "Twin 1", "nobody"]))
    assert {name: len(records) for name, records in found.items()} == {"Acme": 1, "Twin 0": 115, "Twin 1": 115}
    assert both.routes().count("POST /crm/v3/objects/companies/search") == 2, "a page has 200"


def test_a_walk_over_all_records_meets_each_once(both: Direct) -> None:
    ids = run(both.crm.create_many("companies", [NewRecord({"name": str(at)}) for at in range(230)]))
    walked, after = [], None
    while True:
        records, after = run(both.crm.page("companies", ["name"], after))
        walked += [record.id for record in records]
        if after is None:
            break
    assert walked == ids


# -- the ERP ------------------------------------------------------------------------------------------------------------


def order(both: Direct, customer: str, deal: str = "") -> str:
    rows = [{"item_code": "SKU-1", "qty": 2, "rate": 10}, {"item_code": "SKU-1", "qty": 1, "rate": 5}]
    doc = {"customer": customer, "delivery_date": "2026-03-20", "items": rows, "docstatus": 1, "company": _company(both)}
    return str(run(both.erp.create("Sales Order", {**doc, "po_no": deal}))["name"])


def _company(both: Direct) -> str:
    return str(run(both.erp.list("Company", ["name"], [], order_by="name asc"))[0]["name"])


@pytest.fixture
def stocked(both: Direct) -> Direct:
    both.bert.add_item(Product("SKU-1", "Widget", Decimal("10.00")), Decimal(1000))
    run(both.erp.create("Customer", {"customer_name": "Acme"}))
    return both


def test_many_documents_with_their_rows_take_two_calls(stocked: Direct) -> None:
    names = [order(stocked, "Acme", f"D-{at}") for at in range(3)]
    before = len(stocked.routes())
    tables = {"items": ("Sales Order Item", ["item_code", "qty", "rate"])}
    docs = run(stocked.erp.read_many("Sales Order", [*names, "NOPE"], ["customer", "grand_total"], tables))
    assert len(stocked.routes()) - before == 2
    assert sorted(docs) == sorted(names)
    for name in names:
        whole = run(stocked.erp.read("Sales Order", name))
        assert [row["name"] for row in docs[name]["items"]] == [row["name"] for row in whole["items"]]
        assert docs[name]["grand_total"] == whole["grand_total"]
    found = run(stocked.erp.find_many("Sales Order", "po_no", ["D-0", "D-2", "D-7"]))
    assert found == {"D-0": names[0], "D-2": names[2]}
    assert run(stocked.erp.count("Sales Order", [["docstatus", "=", 1]])) == 3
    assert len(run(stocked.erp.list_in("Sales Order", ["name"], "po_no", ["D-0", "D-1"]))) == 2


def test_an_order_s_rows_are_replaced_and_repeating_it_adds_nothing(stocked: Direct) -> None:
    name = order(stocked, "Acme")
    first, _ = run(stocked.erp.read("Sales Order", name))["items"]
    rows = [
        {"docname": first["name"], "item_code": "SKU-1", "qty": 3, "rate": 11, "delivery_date": "2026-03-20"},
        {"item_code": "SKU-1", "qty": 7, "rate": 1, "delivery_date": "2026-03-20"},
    ]
    for _ in range(2):
        run(stocked.erp.update_child_qty_rate("Sales Order", name, rows))
        now = run(stocked.erp.read("Sales Order", name))
        assert [(row["qty"], row["rate"]) for row in now["items"]] == [(3, 11), (7, 1)]


def test_cancel_and_delete_may_be_repeated_and_an_amendment_takes_the_next_name(stocked: Direct) -> None:
    name = order(stocked, "Acme")
    with pytest.raises(Refused):
        run(stocked.erp.delete("Sales Order", name))
    for _ in range(2):
        run(stocked.erp.cancel("Sales Order", name))
    rows = [{"item_code": "SKU-1", "qty": 1, "rate": 10}]
    doc = {"customer": "Acme", "delivery_date": "2026-03-20", "items": rows, "company": _company(stocked)}
    amended = str(run(stocked.erp.amend("Sales Order", name, doc))["name"])
    assert amended == f"{name}-1"
    for _ in range(2):
        assert run(stocked.erp.submit("Sales Order", amended))["docstatus"] == 1
    draft = str(run(stocked.erp.create("Sales Order", doc))["name"])
    for _ in range(2):
        run(stocked.erp.delete("Sales Order", draft))
    with pytest.raises(NotFound):
        run(stocked.erp.read("Sales Order", draft))
    with pytest.raises(NotFound):
        run(stocked.erp.cancel("Sales Order", "NOPE"))


def test_what_is_still_linked_is_not_cancelled(stocked: Direct) -> None:
    name = order(stocked, "Acme")
    stocked.bert.ship(name, Decimal(1))
    with pytest.raises(VendorError, match="linked with Delivery Note"):
        run(stocked.erp.cancel("Sales Order", name))
