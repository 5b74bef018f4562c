"""The processes decide what a deal shows of its order: what no process reports is never written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from both_sides import FULL_CYCLE, Both

from sync_engine.dictionary import parse
from sync_engine.processes.reporting import shown_order

SHOWN = ("erp_order_status", "erp_shipped_percent", "erp_invoiced_amount", "erp_credited_amount")
Bend = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]


def bent(change: Bend) -> str:
    """The full cycle with other processes."""
    book = yaml.safe_load(FULL_CYCLE.read_text(encoding="utf-8"))
    book["processes"] = change(book["processes"])
    return yaml.safe_dump(book)


def without(*names: str) -> Bend:
    return lambda processes: [each for each in processes if each["name"] not in names]


def only_shipped(processes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for each in processes:
        if each["name"] == "order-progress":
            each["trigger"]["fields"] = ["Shipped"]
    return processes


@pytest.fixture
def shows(tmp_path: Path) -> Iterator[Callable[[Bend], list[str | None]]]:
    worlds: list[Both] = []

    def run(change: Bend) -> list[str | None]:
        """What the deal shows once its order was shipped, invoiced, credited, and both systems were compared at leisure."""
        path = tmp_path / "bent.dictionary.yaml"
        path.write_text(bent(change), encoding="utf-8")
        world = Both(tmp_path, dictionary=path)
        worlds.append(world)
        world.begin()
        (order,) = world.orders
        world.bert.ship(order, Decimal(1))
        world.bert.credit(world.bert.invoice(order), Decimal("0.4"))
        world.until_quiet()
        deal = world.deal(world.deal_id)
        return [deal.get(name) or None for name in SHOWN]

    yield run
    for world in worlds:
        world.close()


def test_all_of_it_where_every_field_has_a_process(shows: Callable[[Bend], list[str | None]]) -> None:
    status, *sums = shows(without())
    assert status is not None
    assert sums == ["100", "23.8", "-11.9"]


def test_without_the_returns_nobody_writes_what_was_credited(shows: Callable[[Bend], list[str | None]]) -> None:
    assert shows(without("returns"))[1:] == ["100", "23.8", None]


def test_the_fields_of_a_trigger_bind(shows: Callable[[Bend], list[str | None]]) -> None:
    assert shows(only_shipped) == [None, "100", None, "-11.9"]


def test_without_any_process_of_the_erp_a_deal_shows_its_order_as_it_was_made(shows: Callable[[Bend], list[str | None]]) -> None:
    status, shipped, *sums = shows(without("order-progress", "returns"))
    assert status is not None
    assert (shipped, sums) == ("0", [None, None])


def test_related_sets_that_nothing_shown_sums_over_are_not_read() -> None:
    assert list(shown_order(parse(bent(without("returns")))).related) == ["invoices"]
