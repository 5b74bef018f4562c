"""What is polled, how often, and that one kind's trouble stays its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tiny_vendors import DICTIONARY
from world import World

from harness.kit.faults import FaultRate, Refuse
from harness.kit.webhooks import DeliveryWeather
from sync_engine.dictionary import load
from sync_engine.polling.watch import STRETCH_MAX, Pace
from sync_engine.polling.watches import doorbells, is_needed

FULL_CYCLE = Path(__file__).resolve().parents[2] / "scenarios" / "full-cycle.dictionary.yaml"
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
FIVE = timedelta(minutes=5)


@pytest.fixture
def both(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


def test_without_webhooks_the_wait_never_grows() -> None:
    pace = Pace(FIVE)
    assert [pace.after(False, None, NOW) for _ in range(5)] == [FIVE] * 5


def test_with_webhooks_that_tell_everything_the_wait_grows_to_a_bound_and_one_miss_brings_it_back() -> None:
    pace = Pace(FIVE)
    assert [pace.after(False, NOW, NOW) // FIVE for _ in range(4)] == [2, 3, STRETCH_MAX, STRETCH_MAX]
    later = NOW + FIVE
    assert pace.after(True, NOW, later) == FIVE
    assert pace.after(False, NOW, later) == FIVE, "not relied on again before one arrives"
    assert pace.after(False, later + FIVE, later + FIVE) == 2 * FIVE


def test_webhooks_that_fell_silent_are_not_relied_on() -> None:
    assert Pace(FIVE).after(False, NOW, NOW + timedelta(days=2)) == FIVE


def test_only_kinds_that_a_process_needs_are_looked_at() -> None:
    lean, full = load(DICTIONARY), load(FULL_CYCLE)
    assert not is_needed(lean, "erp", "customer")
    assert is_needed(full, "erp", "customer")
    assert doorbells(lean)["Customer"] == doorbells(lean)["Item"] == ()
    assert doorbells(full)["Customer"] == ("Customer",)


def test_a_quiet_day_with_webhooks_costs_less_than_half_of_one_without(both: World) -> None:
    both.host.start()
    both.win()
    both.until_quiet()
    since = len(both.journal.entries)
    both.pass_time(86_400)
    with_webhooks = len(both.calls(since))
    assert with_webhooks < 5 * 24 * 12 / 2


def test_a_kind_that_is_refused_is_shown_and_all_others_go_on(both: World) -> None:
    for fake in (both.crm, both.erp):
        fake.webhooks.weather = DeliveryWeather(lose=1.0)
    both.crm.faults.set_rates([FaultRate("crm.search_companies", Refuse("conflict"), 1.0)])  # as definite as a missing right
    both.host.start()
    deal = both.win()
    both.until_quiet()
    assert both.deal(deal)["erp_order_id"] == both.orders[0]
    ((record, _),) = both.host.ask("open_errors", None)
    assert record == "crm companies (polling)"
    both.crm.faults.active = False
    both.pass_time(900)
    assert both.host.ask("open_errors", None) == []
