"""The throughput benchmark in small: exact, because time is virtual."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from throughput import FULL, least_crm_calls, saturate, win_at_once


def test_three_hundred_deals_won_at_once_take_few_calls_and_none_is_refused() -> None:
    found = win_at_once(300)
    assert (found.told, found.orders, found.refused) == (300, 300, 0)
    assert found.use is None or found.use >= 0.97
    assert found.crm_calls / found.deals < 0.3, "everything that the CRM takes in batches goes in batches"
    assert found.erp_calls / found.deals < 4.2, "a new customer, an address, a contact and an order, and hardly anything else"


def test_customers_that_are_kept_equal_both_ways_are_looked_at_together_too() -> None:
    found = win_at_once(200, dictionary=FULL)
    assert (found.told, found.orders, found.refused) == (200, 200, 0)
    assert found.crm_calls / found.deals < 0.35
    assert found.erp_calls / found.deals < 4.4, "the ERP shows many customers, and what they owe, in one list"


def test_one_deal_alone_takes_no_call_more_than_it_needs() -> None:
    found = win_at_once(1)
    assert found.crm_calls - sum(count for route, count in found.routes.items() if route.endswith("/search")) == 6
    assert found.routes.get("erp POST /api/resource/Customer") == found.routes.get("erp POST /api/resource/Sales Order") == 1


def test_the_quota_is_used_while_there_is_work() -> None:
    use, refused, _ = saturate(3000)
    assert (use >= 0.97, refused) == (True, 0)


def test_the_least_number_of_calls() -> None:
    assert least_crm_calls(100) == 7 + 3
    assert least_crm_calls(10_000) == 700 + 30
