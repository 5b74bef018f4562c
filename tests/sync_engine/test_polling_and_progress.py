"""Polling finds every change whatever the pages, ties and lags; progress writes what differs and isolates what is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from tiny_vendors import CRM, DICTIONARY, ERP, World

from sync_engine.context import Context, Settings, make_context
from sync_engine.dictionary import load
from sync_engine.outcomes import Refused, Transient
from sync_engine.polling import Poller
from sync_engine.processes.onboarding import Customers
from sync_engine.processes.progress import Progress
from sync_engine.processes.reading import Reader
from sync_engine.vendors.caller import Answer
from sync_engine.vendors.hubspot import CrmRecord, InstantPage

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class Index:
    """A search index: rows (id, age in ms after START), visible or not; refuses beyond 10,000 as the vendor does."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, int]] = []
        self.calls = 0
        self.fail_on_call = 0

    async def search_modified(
        self, kind: str, since_ms: int, properties: Sequence[str], after: str | None, instant: InstantPage | None = None
    ) -> tuple[list[CrmRecord], str | None]:
        self.calls += 1
        if self.calls == self.fail_on_call:
            raise Transient("crm", "away")
        start = int(after or 0)
        if start + 200 > 10_000:
            raise Refused("crm", "There was a problem with the request.")
        base = int(START.timestamp() * 1000)
        if instant is not None:
            same = sorted(int(id) for id, at in self.rows if base + at == instant.at_ms and int(id) > int(instant.behind))
            return [self._record(str(id), instant.at_ms - base) for id in same[:200]], None
        hits = sorted((row for row in self.rows if base + row[1] >= since_ms), key=lambda row: row[1])
        page = [self._record(id, at) for id, at in hits[start : start + 200]]
        return page, str(start + 200) if start + 200 < len(hits) else None

    def _record(self, id: str, at: int) -> CrmRecord:
        stamp = (START + timedelta(milliseconds=at)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return CrmRecord("deals", id, {"dealstage": "closedwon", "hs_lastmodifieddate": stamp}, {})


@pytest.fixture
def context(world: World) -> Iterator[Context]:
    settings = Settings(CRM, "t", ERP, "k", "s", "https://hook.example/w", "secret", world.state_dir)

    context = make_context(settings, load(DICTIONARY), world.clock, Random(1), world.vendors)
    yield context
    context.store.close()


def watch(context: Context, name: str) -> Any:
    customers = Customers(context)
    poller = Poller(context, Progress(context), Reader(context).properties, customers.properties)
    return next(each for each in poller.watches if each.name == name)


def queued(context: Context) -> list[str]:
    return [row.record for row in context.queue.take(limit=100_000)]


def test_more_than_ten_thousand_changes_are_all_found(world: World, context: Context) -> None:
    index = Index()
    index.rows = [(str(number), number) for number in range(10_700)]
    context.crm = index  # type: ignore[assignment]
    world.loop.run_until_complete(watch(context, "crm deals").look())
    assert sorted(queued(context), key=int) == [id for id, _ in index.rows]


def test_a_bulk_edit_that_stamps_more_rows_alike_than_a_search_shows_is_found_whole(world: World, context: Context) -> None:
    index = Index()
    index.rows = [(str(number), 5) for number in range(1, 10_301)] + [("20000", 6)]
    context.crm = index  # type: ignore[assignment]
    world.loop.run_until_complete(watch(context, "crm deals").look())
    world.loop.run_until_complete(watch(context, "crm deals").look())
    assert sorted(queued(context), key=int) == [id for id, _ in index.rows]


def test_a_poll_that_fails_half_way_keeps_its_work_and_does_not_move_its_cursor(world: World, context: Context) -> None:
    index = Index()
    index.rows = [(str(number), number) for number in range(500)]
    index.fail_on_call = 2
    context.crm = index  # type: ignore[assignment]
    with pytest.raises(Transient):
        world.loop.run_until_complete(watch(context, "crm deals").look())
    assert context.store.cursor("deals") == ""
    assert len(queued(context)) == 200
    world.loop.run_until_complete(watch(context, "crm deals").look())
    assert len(queued(context)) == 300, "the first 200 are known and not asked for again"


def test_a_row_that_becomes_visible_late_below_the_cursor_is_still_found(world: World, context: Context) -> None:
    index = Index()
    index.rows = [("2", 9 * 60_000)]
    context.crm = index  # type: ignore[assignment]
    polling = watch(context, "crm deals")
    world.loop.run_until_complete(polling.look())
    assert queued(context) == ["2"]
    index.rows.append(("1", 60_000))
    world.loop.run_until_complete(polling.look())
    assert queued(context) == ["1"]


def test_orders_with_one_timestamp_across_pages_are_all_found(world: World, context: Context) -> None:
    rows: list[dict[str, Any]] = [
        {"name": f"SO-{number:05d}", "modified": "2026-03-02 08:00:00", "custom_crm_deal_id": str(number)} for number in range(1200)
    ]

    async def list_(
        kind: str, fields: Any, filters: Any, *, order_by: str = "modified asc, name asc", start: int = 0, limit: int = 0
    ) -> list[dict[str, Any]]:
        found = [row for row in rows if all(meets(row[field], sign, value) for field, sign, value in filters)]
        return sorted(found, key=lambda row: [row[each.split()[0]] for each in order_by.split(", ")])[:limit]

    def meets(held: str, sign: str, value: str) -> bool:
        return {">=": held >= value, ">": held > value, "=": held == value}[sign]

    context.erp.list = list_  # type: ignore[method-assign]
    world.loop.run_until_complete(watch(context, "erp Sales Order").look())
    world.pass_time(1)
    assert sorted(queued(context)) == [row["name"] for row in rows]
    assert context.store.cursor("erp Sales Order") == "2026-03-02 08:00:00.000000"


def test_one_refused_deal_in_a_batch_does_not_hold_up_the_others(world: World, context: Context) -> None:
    for id in ("1", "2", "3"):
        world.vendors.edit("deals", id, dealstage="closedwon")
        world.vendors.erp.setdefault("Sales Order", {})[f"SO-{id}"] = {
            "name": f"SO-{id}",
            "status": "To Bill",
            "per_delivered": 100.0,
            "custom_crm_deal_id": id,
        }
        with context.store.transaction():
            context.store.link("order", id, f"SO-{id}", {"erp_order_status": "open"})
            context.queue.put("progress", "order", f"SO-{id}")
    update = context.crm._update_alone

    async def refuse_batches(path: str, body: Any, *, safe: bool) -> Answer:
        raise Refused("crm", "Property values were not valid: 2")

    async def refuse_two(kind: str, id: str, properties: Mapping[str, str]) -> CrmRecord:
        if id == "2":
            raise Refused("crm", "Property values were not valid")
        return await update(kind, id, properties)

    context.crm._post = refuse_batches  # type: ignore[method-assign]
    context.crm._update_alone = refuse_two  # type: ignore[method-assign]
    world.loop.run_until_complete(Progress(context).handle(context.queue.take(limit=10)))

    assert [world.vendors.crm["deals"][id].get("erp_order_status") for id in ("1", "2", "3")] == ["to bill", None, "to bill"]
    assert [letter.record for letter in context.store.dead_letters()] == ["crm deals 2"]


def test_three_orders_at_once_are_one_list_and_one_write(world: World, context: Context) -> None:
    for id in ("1", "2", "3"):
        world.vendors.edit("deals", id, dealstage="closedwon")
        order = {"name": f"SO-{id}", "status": "To Bill", "per_delivered": 100.0, "custom_crm_deal_id": id}
        world.vendors.erp.setdefault("Sales Order", {})[f"SO-{id}"] = order
        with context.store.transaction():
            context.store.link("order", id, f"SO-{id}", {"erp_order_status": "open"})
            context.queue.put("progress", "order", f"SO-{id}")
    world.loop.run_until_complete(Progress(context).handle(context.queue.take(limit=10)))
    assert world.vendors.calls == [("GET", "/api/resource/Sales Order"), ("POST", "/crm/v3/objects/deals/batch/update")]
