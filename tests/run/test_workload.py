"""The people of a run are drawn from the seed: realistic, repeatable, and with everything the oracles need to be exercised."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from harness.kit.seed import Seed
from harness.run.scenario import Workload
from harness.run.workload import Cast, FlowPlan


def plans(seed: int, **workload: object) -> list[FlowPlan]:
    return Cast(Seed(seed), Workload(**workload), timedelta(hours=9)).plans()  # type: ignore[arg-type]


def test_equal_seeds_draw_equal_people_and_other_seeds_do_not() -> None:
    assert plans(7) == plans(7)
    assert plans(7) != plans(8)


@given(seed=st.integers(0, 10_000), flows=st.integers(1, 30))
def test_every_run_has_one_won_deal_that_the_erp_must_refuse(seed: int, flows: int) -> None:
    """Invariant: unless every deal is lost, at least one won deal contains an article that only the CRM knows."""
    drawn = plans(seed, flows=flows)
    assert all(plan.lost for plan in drawn) or any(plan.unknown_sku and not plan.lost for plan in drawn)


@given(seed=st.integers(0, 10_000))
def test_flows_begin_in_order_and_returning_customers_came_before(seed: int) -> None:
    """Invariant: who comes back has been here: the company of an earlier flow."""
    drawn = plans(seed, flows=25)
    assert [plan.starts for plan in drawn] == sorted(plan.starts for plan in drawn)
    assert all(plan.returning_from < plan.number for plan in drawn if plan.company is None)


@given(seed=st.integers(0, 10_000))
def test_amounts_are_exact_to_the_cent(seed: int) -> None:
    """Invariant: no line amount has a fraction of a cent, so sums can be compared exactly."""
    for plan in plans(seed, flows=10):
        assert all(line.amount == line.amount.quantize(Decimal("0.01")) for line in plan.lines)
        assert all(line.quantity == int(line.quantity) and line.quantity >= 1 for line in plan.lines)


def test_company_names_are_never_the_same() -> None:
    names = [plan.company.name for plan in plans(3, flows=300) if plan.company is not None]
    assert len(names) == len(set(names))
