"""Live mode: the same scenario over real sockets, the engine a process of its own that is killed with SIGKILL on the way."""

from __future__ import annotations

import asyncio
import os
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import pytest

from harness.kit.journal import EngineEvent
from harness.oracles.finding import Verdict
from harness.run.live import LiveRun
from harness.run.parts import Choice
from harness.run.runner import find_parts, run_scenario
from harness.run.simulate import Progress
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


class StopsBetweenKillAndRestart(LiveRun):
    """Ends by an error just after the engine was killed, and leaves whatever still runs all the time it wants."""

    async def _serve_fakes(self, stack: AsyncExitStack) -> None:
        stack.push_async_callback(self._let_the_killer_finish)  # first in, so last out: the engine's process is dead by then
        await super()._serve_fakes(stack)

    async def _let_the_killer_finish(self) -> None:
        killers = [task for task in asyncio.all_tasks() if task.get_name() == "killer"]
        if killers:
            await asyncio.wait(killers)

    async def _until_people_rest(self) -> None:
        while not any(entry.event == "crashed" for entry in self.journal.of(EngineEvent)):
            await asyncio.sleep(0)
        raise RuntimeError("the end")


def test_a_run_that_ends_between_kill_and_restart_starts_no_engine_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELLTALE", str(tmp_path / "pid"))
    choice = Choice("quote-to-cash", engine="broken_engines:TELLS_ITS_PROCESS", flows=1)
    parts = find_parts(choice)
    live = msgspec.structs.replace(parts.loaded.scenario.live, over="1s")
    quick = msgspec.structs.replace(parts.loaded, scenario=msgspec.structs.replace(parts.loaded.scenario, live=live))
    run = StopsBetweenKillAndRestart(choice, quick, parts.crm, parts.erp, parts.engine, Progress())
    with pytest.raises(RuntimeError, match="the end"):
        run.run()
    assert [entry.event for entry in run.journal.of(EngineEvent)] == ["started", "crashed"]
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)
