"""Known bugs of incremental reading: rows that move, tie, arrive late or show a newer date than the one they are sorted by."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from test_polling_and_progress import START, Index, watch
from tiny_vendors import CRM, DICTIONARY, ERP
from tiny_vendors import World as Tiny
from world import HOOK, SECRET, World

from harness.kit.fake import FakeSetup
from harness.kit.webhooks import DeliveryWeather
from sync_engine.context import Context, Settings, make_context
from sync_engine.dictionary import load
from sync_engine.polling.erp import ERP_PAGE
from sync_engine.vendors.hubspot import CrmRecord


@pytest.fixture
def context(world: Tiny) -> Iterator[Context]:
    settings = Settings(CRM, "t", ERP, "k", "s", "https://hook.example/w", "secret", world.state_dir)
    context = make_context(settings, load(DICTIONARY), world.clock, Random(1), world.vendors)
    yield context
    context.store.close()


def queued(context: Context) -> list[str]:
    return [row.record for row in context.queue.take(limit=100_000)]


class Edited(Index):
    """Rows that people edit between the moment the index sorts them and the moment it shows them."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: dict[str, int] = {}

    def _record(self, id: str, at: int) -> CrmRecord:
        return super()._record(id, self.shown.get(id, at))


def test_a_row_that_shows_a_newer_date_than_it_was_sorted_by_takes_no_others_along(world: Tiny, context: Context) -> None:
    """The query starts anew below the 10,000 that a search shows: not at the date of a row that belongs much further on."""
    index = Edited()
    index.rows = [(str(number), number) for number in range(10_700)]
    index.shown = {"9590": 9_000_000}
    context.crm = index  # type: ignore[assignment]
    world.loop.run_until_complete(watch(context, "crm deals").look())
    assert sorted(queued(context), key=int) == [id for id, _ in index.rows]


def test_rows_with_the_cursors_own_timestamp_are_found_after_a_restart(world: Tiny, context: Context) -> None:
    index = Index()
    index.rows = [(str(number), 7) for number in range(1, 6)]
    context.crm = index  # type: ignore[assignment]
    world.loop.run_until_complete(watch(context, "crm deals").look())
    assert len(queued(context)) == 5
    index.rows += [(str(number), 7) for number in range(6, 9)]
    world.loop.run_until_complete(watch(context, "crm deals").look())
    assert sorted(queued(context)) == ["6", "7", "8"]


def test_the_first_look_begins_with_the_oldest_record_unless_a_person_set_a_start(world: Tiny, context: Context) -> None:
    """There is no default by which history would end."""
    index = Index()
    index.rows = [("1", -20 * 365 * 86_400_000), ("2", -86_400_000), ("3", 5)]
    context.crm = index  # type: ignore[assignment]
    world.loop.run_until_complete(watch(context, "crm deals").look())
    assert sorted(queued(context)) == ["1", "2", "3"]


def test_idle_looks_at_ten_thousand_rows_with_one_timestamp_write_nothing(world: Tiny, context: Context) -> None:
    index = Index()
    index.rows = [(str(number), 5) for number in range(1, 10_301)]
    context.crm = index  # type: ignore[assignment]
    polling = watch(context, "crm deals")
    world.loop.run_until_complete(polling.look())
    written: list[Any] = []
    context.store.transaction = lambda: written.append("a transaction")  # type: ignore[assignment, return-value]
    for _ in range(3):
        world.loop.run_until_complete(polling.look())
    assert written == []


@pytest.mark.parametrize("moved", [1, 3, 250])
def test_documents_edited_during_a_walk_hide_none_of_their_neighbours(world: Tiny, context: Context, moved: int) -> None:
    """Whoever is edited leaves its place in the order of modification, and all behind it move up."""
    rows = [{"name": f"SO-{at:04d}", "modified": _stamp(at), "custom_crm_deal_id": str(at)} for at in range(ERP_PAGE * 2)]
    pages = 0

    async def list_(kind: str, fields: Any, filters: Any, *, order_by: str = "", start: int = 0, limit: int = 0) -> list[Any]:
        nonlocal pages
        pages += 1
        if pages == 2:
            for row in rows[:moved]:
                row["modified"] = _stamp(5000)
        lower = max((value for field, sign, value in filters if (field, sign) == ("modified", ">=")), default="")
        found = sorted((row for row in rows if row["modified"] >= lower), key=lambda row: (row["modified"], row["name"]))
        return [dict(row) for row in found[start : start + limit]]

    context.erp.list = list_  # type: ignore[method-assign, assignment]
    world.loop.run_until_complete(watch(context, "erp Sales Order").look())
    world.pass_time(1)
    assert sorted(queued(context)) == [row["name"] for row in rows]


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "UTC", "Asia/Kolkata", "Pacific/Auckland"])
def test_a_site_in_any_zone_is_read_by_its_own_clock(tmp_path: Path, zone: str) -> None:
    """No webhook arrives; the last hour's changes are neither missed nor read for ever."""
    world = Zoned(tmp_path, zone)
    world.host.start()
    deal = world.win()
    world.until_quiet()
    world.bert.ship(world.orders[0], Decimal(1))
    world.until_quiet()
    assert world.deal(deal)["erp_shipped_percent"] == "100"
    since = len(world.journal.entries)
    world.pass_time(3600)
    assert [call for call in world.calls(since) if call.startswith(("PUT", "PATCH"))] == []
    world.close()


class Zoned(World):
    """No webhook arrives, and the ERP's site keeps the wall clock of a zone."""

    zone = ""

    def __init__(self, state_dir: Path, zone: str) -> None:
        self.zone = zone
        super().__init__(state_dir)
        for fake in (self.crm, self.erp):
            fake.webhooks.weather = DeliveryWeather(lose=1.0)

    def _fake(self, spec: Any) -> Any:
        settings = {"time_zone": self.zone} if spec.system == "erp" else {}
        setup = FakeSetup(spec.system, self.clock, self.seed.derived(spec.system), self.journal, spec.default_host, settings)
        fake = spec.create(setup)
        self.network.attach(spec.default_host, fake)
        fake.connect_webhooks(f"{HOOK}/{spec.system}", SECRET)
        return fake


def _stamp(number: int) -> str:
    return (START + timedelta(milliseconds=number)).strftime("%Y-%m-%d %H:%M:%S.%f")
