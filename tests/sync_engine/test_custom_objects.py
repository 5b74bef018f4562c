"""Entities of the company's own: documents of any DocType as records of a custom object, or of any other kind of the CRM."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from await_points import AFTER_A_WHILE, CountingLoop, assert_all_end_well, killing
from workshop import MACHINE, Workshop

from harness.kit.faults import Fault, LoseReply, ProxyPage, ResetConnection
from harness.kit.people import Product
from harness.kit.webhooks import DeliveryWeather
from sync_engine.backfill.run import Backfill, Order
from sync_engine.dictionary import load
from sync_engine.dictionary.lint import lint
from sync_engine.polling.watches import doorbells


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[Workshop]:
    world = Workshop(tmp_path)
    yield world
    world.close()


def test_a_document_becomes_a_record_of_a_custom_object_and_follows_its_changes(workshop: Workshop) -> None:
    workshop.host.start()
    workshop.until_quiet()
    press = workshop.place("Press 1")
    workshop.until_quiet()
    shown = workshop.machines()[press]
    assert (shown["title"], shown["out_of_use"], shown["in_stock"]) == ("Press 1", "no", "0")
    workshop.screen.change("Warehouse", press, {"warehouse_name": "Press one", "disabled": 1})
    workshop.until_quiet()
    changed = workshop.machines()[press]
    assert (changed["id"], changed["title"], changed["out_of_use"]) == (shown["id"], "Press one", "yes")
    assert workshop.errors() == []


def test_sums_over_related_documents_reach_the_custom_object(workshop: Workshop) -> None:
    workshop.host.start()
    workshop.until_quiet()
    before = {name: row["in_stock"] for name, row in workshop.machines().items()}
    (stores,) = [name for name, stock in before.items() if stock == "1000"]
    workshop.bert.move_stock("SKU-1", Decimal(-10))
    workshop.until_quiet()
    assert workshop.machines()[stores]["in_stock"] == "990"


def test_the_fields_are_made_in_the_property_group_of_the_custom_object_and_the_link_is_unique(workshop: Workshop) -> None:
    workshop.host.start()
    workshop.until_quiet()
    made = {row["name"]: row for row in workshop.person("GET", f"/crm/v3/properties/{MACHINE}")["results"]}
    assert {made[name]["groupName"] for name in ("erp_machine", "out_of_use", "in_stock")} == {made["title"]["groupName"]}
    assert made["erp_machine"]["hasUniqueValue"] is True


def test_another_entity_goes_to_a_kind_of_the_vendor_s_own_with_its_constants(workshop: Workshop) -> None:
    workshop.host.start()
    workshop.until_quiet()
    every = {str(record.id) for record in workshop.erp.store.all("Customer Group")}
    assert set(workshop.groups()) == every
    above = workshop.erp.store.get("Customer Group", "Commercial").fields["parent_customer_group"]
    assert workshop.groups()["Commercial"]["content"] == above
    assert workshop.errors() == []


def test_what_does_not_meet_when_gets_no_record(workshop: Workshop) -> None:
    workshop.host.start()
    workshop.until_quiet()
    hall = workshop.place("Hall", is_group=1)
    workshop.until_quiet()
    assert hall not in workshop.machines()


@pytest.mark.parametrize("effect", [LoseReply(), ResetConnection(), ProxyPage(504, applied=True)], ids=lambda e: type(e).__name__)
def test_a_lost_answer_never_makes_a_second_record(workshop: Workshop, effect: Any) -> None:
    workshop.crm.faults.inject(Fault("crm.batch_create_*machine*", effect))
    press = workshop.place("Press 1")
    workshop.host.start()
    workshop.until_quiet()
    assert workshop.crm.faults.not_yet_fired == [], "the story never happened, so this test proved nothing"
    assert press in workshop.machines()
    assert workshop.errors() == []


class TwoMachines:
    """Two machines appear, and the engine dies before the step `die_before` of the event loop; 0: it lives."""

    def __init__(self, state_dir: Path, die_before: int) -> None:
        self.world = world = Workshop(state_dir, loop=CountingLoop)
        self.loop = loop = killing(world, die_before, self._die)
        world.host.start()
        world.until_quiet()
        loop.armed = True
        self.names = {world.place(f"Press {number}") for number in (1, 2)}
        while not self.names <= set(world.machines()):
            world.pass_time(1)
        loop.armed = False
        world.until_quiet()

    def _die(self, _incarnation: int) -> None:
        self.world.host.kill("between")
        self.world.host.restart_in(AFTER_A_WHILE)

    def looks_right(self) -> None:
        assert self.names <= set(self.world.machines())
        assert self.world.errors() == []


def test_a_crash_anywhere_in_between_makes_each_record_once(tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    whole = TwoMachines(tmp_path / "whole", 0)
    whole.looks_right()
    whole.world.close()
    points = whole.loop.steps
    assert points > 40
    assert_all_end_well(tmp_path, range(1, points + 1, points // 16), TwoMachines, TwoMachines.looks_right)


def test_a_webhook_of_such_a_document_rings_for_its_own_kind_and_stock_for_the_sums(workshop: Workshop) -> None:
    rings = doorbells(load(workshop.dictionary))
    assert (rings["Warehouse"], rings["Customer Group"]) == (("Warehouse",), ("Customer Group",))
    assert rings["Stock Entry"] == ("Bin",)


def test_lint_has_nothing_against_them(workshop: Workshop) -> None:
    assert [each.text("") for each in lint(load(workshop.dictionary))] == []


def test_polling_alone_is_enough(workshop: Workshop) -> None:
    for fake in (workshop.crm, workshop.erp):
        fake.webhooks.weather = DeliveryWeather(lose=1.0)
    workshop.host.start()
    workshop.until_quiet()
    press = workshop.place("Press 1")
    workshop.until_quiet()
    workshop.screen.change("Warehouse", press, {"warehouse_name": "Press one"})
    workshop.until_quiet()
    assert workshop.machines()[press]["title"] == "Press one"


def test_reconciliation_finds_drift_and_puts_it_right(workshop: Workshop) -> None:
    workshop.host.start()
    workshop.until_quiet()
    press = workshop.place("Press 1")
    workshop.until_quiet()
    assert workshop.found() == set()
    id = workshop.machines()[press]["id"]
    workshop.person("PATCH", f"/crm/v3/objects/{MACHINE}/{id}", {"properties": {"title": "Somebody's own title"}})
    workshop.pass_time(60)
    assert workshop.found(repair=True) == {("machine", "value", "Title")}
    workshop.until_quiet()
    assert workshop.machines()[press]["title"] == "Press 1"
    assert workshop.found() == set()


def test_backfill_takes_over_what_sales_had_and_makes_the_rest(workshop: Workshop) -> None:
    press, lathe = workshop.place("Press 1"), workshop.place("Lathe")
    had = workshop.person("POST", f"/crm/v3/objects/{MACHINE}", {"properties": {"title": "Press 1"}})["id"]
    workshop.pass_time(60)  # the search index shows new records late
    workshop.host.start()
    workshop.pass_time(60)
    plan = workshop.loop.run_until_complete(Backfill(workshop.context).run(Order(("machine",))))
    workshop.until_quiet()
    assert plan.finished
    assert workshop.machines()[press]["id"] == had
    assert lathe in workshop.machines()


def test_what_the_crm_refuses_names_the_document_and_holds_up_nobody(workshop: Workshop) -> None:
    workshop.host.start()
    workshop.until_quiet()
    for title in ("Twin", "Twin"):
        workshop.person("POST", f"/crm/v3/objects/{MACHINE}", {"properties": {"title": title}})
    workshop.pass_time(60)
    twin, press = workshop.place("Twin"), workshop.place("Press 1")
    workshop.bert.add_item(Product("SKU-2", "Gadget", Decimal(5)), Decimal(10))
    workshop.until_quiet()
    ((record, cause),) = workshop.errors()
    assert record == f"erp Warehouse {twin}"
    assert "look like the machine" in cause
    shown = workshop.person("GET", f"/crm/v3/objects/{MACHINE}?limit=100&properties=erp_machine")["results"]
    assert press in {row["properties"]["erp_machine"] for row in shown}
    assert "SKU-2" in {record.fields.get("erp_item_code") for record in workshop.crm.store.all("products")}
