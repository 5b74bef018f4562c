"""Live mode: the same scenario over real sockets, the engine a process of its own that is killed with SIGKILL on the way."""

from __future__ import annotations

import pytest

from harness.kit.journal import EngineEvent
from harness.oracles.finding import Verdict
from harness.run.parts import Choice
from harness.run.runner import run_scenario
from harness.sim.host import EngineDied


def test_the_reference_engine_holds_live_although_it_is_killed() -> None:
    run = run_scenario(Choice("quote-to-cash", seed=7, flows=5), live=True)
    assert [finding.summary for judgement in run.judgements for finding in judgement.findings] == []
    assert run.verdict is Verdict.HELD
    events = [entry.event for entry in run.history.entries if isinstance(entry, EngineEvent)]
    assert "crashed" in events, "nobody killed it, so this test proved nothing"
    assert events[-1] == "restarted"
    assert run.history.mode == "live"


def test_an_engine_process_that_dies_at_start_is_named_with_its_last_words() -> None:
    with pytest.raises(EngineDied, match="no API key configured"):
        run_scenario(Choice("quote-to-cash", engine="broken_engines:DIES_AT_START"), live=True)
