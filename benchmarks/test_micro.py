"""Micro-benchmarks for `make bench`, outside the test suite: pytest-benchmark compares them between commits.

python -m pytest benchmarks/test_micro.py --benchmark-only
"""

from __future__ import annotations

from typing import Any

import pytest
from calls import START, prepare

from harness.kit.call import Call
from harness.kit.clock import ManualClock


@pytest.mark.parametrize("vendor", ["hubspot", "erpnext"])
@pytest.mark.parametrize("kind", ["read", "write"])
def test_one_call(benchmark: Any, vendor: str, kind: str) -> None:
    ready = prepare(vendor, ManualClock(START))

    def setup() -> tuple[tuple[Call], dict[str, Any]]:
        return (ready.read() if kind == "read" else ready.write(),), {}

    reply = benchmark.pedantic(ready.fake.handle, setup=setup, rounds=2000, warmup_rounds=100)

    assert reply.status == 200
