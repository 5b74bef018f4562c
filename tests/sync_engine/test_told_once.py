"""What a person is told stays told until it is put right: no look ends it, no word of it starts another, and none is left out."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from after_the_win import FULL, LaterWorld
from both_sides import Both

from harness.kit.journal import Received
from harness.kit.webhooks import DeliveryWeather
from sync_engine.outcomes import Refused
from sync_engine.polling.crm import CrmWatch
from sync_engine.vendors.erpnext import ErpNext
from sync_engine.vendors.hubspot import HubSpot

HOUR = 3600
WRITING = ("PUT", "PATCH")


def writes(world: Any, since: int) -> list[str]:
    entries = [e for e in world.journal.entries[since:] if isinstance(e, Received) and e.caller == "engine"]
    return [f"{e.method} {e.path}" for e in entries if e.method in WRITING or e.path.endswith("/update")]


def test_a_refusal_of_a_batch_is_told_on_each_of_its_records_until_a_retry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = LaterWorld(tmp_path, None).started()
    deals = [world.win(number) for number in range(1, 6)]
    world.until_quiet()
    plain = ErpNext.list

    async def no_invoices(self: ErpNext, kind: str, fields: Any, filters: Any, **more: Any) -> Any:
        if kind == "Sales Invoice" and any("in" in each for each in filters):
            raise Refused("erp", "No permission for Sales Invoice")
        return await plain(self, kind, fields, filters, **more)

    monkeypatch.setattr(ErpNext, "list", no_invoices)
    for order in world.live_orders():
        world.bert.ship(order, Decimal(1))
        world.bert.invoice(order)
    world.until_quiet()
    world.pass_time(3 * HOUR)  # polls see the deals that were told, and look at them
    assert sorted(world.errors()) == sorted(f"crm deals {deal}" for deal in deals)
    monkeypatch.setattr(ErpNext, "list", plain)
    for deal in deals:
        world.crm_edit(deal, "deals", dealname="looked at again")
    world.until_quiet()
    assert world.errors() == {}
    assert {world.deal(deal)["erp_invoiced_amount"] for deal in deals} == {"35.7"}
    world.close()


def test_progress_that_the_crm_refuses_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = LaterWorld(tmp_path, None).started()
    deal = world.win()
    world.until_quiet()
    (order,) = world.live_orders()
    plain = HubSpot.update_many

    async def no_status(self: HubSpot, kind: str, changes: Mapping[str, Mapping[str, str]]) -> Any:
        refused = {id: each for id, each in changes.items() if "erp_order_status" in each}
        written = await plain(self, kind, {id: each for id, each in changes.items() if id not in refused})
        written.failed.update({id: Refused("crm", "on hold is no option") for id in refused})
        return written

    monkeypatch.setattr(HubSpot, "update_many", no_status)
    world.bert.mark_order(order, "hold")
    world.pass_time(HOUR)
    begun = len(world.journal.entries)
    world.pass_time(4 * HOUR)
    assert writes(world, begun) == []
    assert "on hold is no option" in world.deal(deal)["erp_sync_error"]
    monkeypatch.setattr(HubSpot, "update_many", plain)
    world.crm_edit(deal, "deals", dealname="looked at again")
    world.until_quiet()
    assert (world.errors(), world.deal(deal)["erp_order_status"], world.deal(deal)["erp_sync_error"]) == ({}, "on hold", "")
    world.close()


def test_an_address_that_the_erp_refuses_is_told_once(tmp_path: Path) -> None:
    world = Both(tmp_path, dictionary=FULL)
    world.begin()
    world.anna.edit_company(world.company_id, {"country": "Nowhereland"})
    world.pass_time(HOUR)
    begun = len(world.journal.entries)
    world.pass_time(4 * HOUR)
    assert writes(world, begun) == []
    assert "Nowhereland" in world.company()["erp_sync_error"]
    world.anna.edit_company(world.company_id, {"country": "Germany", "city": "Bonn"})
    world.until_quiet()
    assert (world.errors(), world.company()["erp_sync_error"]) == ([], "")
    assert [record.fields["city"] for record in world.erp.store.all("Address")] == ["Bonn"]
    world.close()


def test_a_look_that_breaks_in_a_way_nobody_foresaw_does_not_end_polling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = LaterWorld(tmp_path, None).started()
    world.until_quiet()
    plain, broken = CrmWatch.look, [True]

    async def breaks_once(self: CrmWatch) -> bool:
        if broken and broken.pop():
            raise OverflowError("a date beyond the calendar")
        return await plain(self)

    monkeypatch.setattr(CrmWatch, "look", breaks_once)
    world.pass_time(HOUR)
    world.crm.webhooks.weather = world.erp.webhooks.weather = DeliveryWeather(lose=1.0)
    world.win()
    world.pass_time(HOUR)
    assert len(world.live_orders()) == 1
    world.close()
