"""Micro-benchmarks for `make bench`, outside the test suite: pytest-benchmark compares them between commits.

python -m pytest benchmarks/test_micro.py --benchmark-only
"""

from __future__ import annotations

from typing import Any

import pytest
from bench import SEED
from calls import START, prepare, prepare_orders

from harness.kit.call import Call
from harness.kit.clock import ManualClock
from harness.oracles.registry import judge_all
from harness.run.parts import Choice
from harness.run.runner import find_parts
from harness.run.simulate import Progress, Simulation


@pytest.mark.parametrize("vendor", ["hubspot", "erpnext"])
@pytest.mark.parametrize("kind", ["read", "write"])
def test_one_call(benchmark: Any, vendor: str, kind: str) -> None:
    ready = prepare(vendor, ManualClock(START))

    def setup() -> tuple[tuple[Call], dict[str, Any]]:
        return (ready.read() if kind == "read" else ready.write(),), {}

    reply = benchmark.pedantic(ready.fake.handle, setup=setup, rounds=2000, warmup_rounds=100)

    assert reply.status == 200


def test_making_and_submitting_an_order(benchmark: Any) -> None:
    fake, call = prepare_orders(ManualClock(START))

    reply = benchmark.pedantic(fake.handle, args=(call,), rounds=300, warmup_rounds=20)

    assert reply.status == 200, reply.body


def test_judging_two_hundred_flows(benchmark: Any) -> None:
    choice = Choice("quote-to-cash", seed=SEED, weather="calm", flows=200)
    parts = find_parts(choice)
    history = Simulation(choice, parts.loaded, parts.crm, parts.erp, parts.engine, Progress()).run()

    judgements = benchmark.pedantic(judge_all, args=(history,), rounds=5, warmup_rounds=1)

    assert not any(one.findings for one in judgements)
