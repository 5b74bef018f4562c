"""Replicas of the reference engine as processes on one store, one of them killed on the way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from postgres_server import PostgresServer, server_for_tests

from harness.kit.journal import EngineEvent
from harness.oracles.finding import Verdict
from harness.run.parts import Choice
from harness.run.runner import run_scenario


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    yield from server_for_tests()


@pytest.mark.parametrize("replicas", [2, 3])
def test_replicas_over_postgresql_hold_although_one_is_killed(postgres: PostgresServer, replicas: int) -> None:
    store = postgres.new_database(f"replicas_{replicas}")
    run = run_scenario(Choice("quote-to-cash", seed=7, flows=5, replicas=replicas, store=store), live=True)
    assert [finding.summary for judgement in run.judgements for finding in judgement.findings] == []
    assert run.verdict is Verdict.HELD
    events = [(entry.event, entry.detail.split(":")[0]) for entry in run.history.entries if isinstance(entry, EngineEvent)]
    assert events[:replicas] == [("started", f"replica {number}") for number in range(1, replicas + 1)]
    assert {event for event, _ in events} >= {"crashed", "restarted"}, "nobody killed one, so this test proved nothing"
