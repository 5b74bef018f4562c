"""Two replicas of the reference engine as processes on one store, one of them killed on the way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from postgres_server import find_binaries, running_server

from harness.kit.journal import EngineEvent
from harness.oracles.finding import Verdict
from harness.run.parts import Choice
from harness.run.runner import run_scenario


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """An empty PostgreSQL database of the test's own."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (initdb, pg_ctl)")
    with running_server(binaries) as server:
        yield server.new_database("replicas")


def test_two_replicas_over_postgresql_hold_although_one_is_killed(database: str) -> None:
    run = run_scenario(Choice("quote-to-cash", seed=7, flows=5, replicas=2, store=database), live=True)
    assert [finding.summary for judgement in run.judgements for finding in judgement.findings] == []
    assert run.verdict is Verdict.HELD
    events = [(entry.event, entry.detail.split(":")[0]) for entry in run.history.entries if isinstance(entry, EngineEvent)]
    assert events[:2] == [("started", "replica 1"), ("started", "replica 2")]
    assert {event for event, _ in events} >= {"crashed", "restarted"}, "nobody killed one, so this test proved nothing"
