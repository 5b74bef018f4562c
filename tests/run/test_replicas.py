"""Several replicas of one engine on one store in virtual time: spread deliveries, one killed at a time, one truth in the end."""

from __future__ import annotations

from harness.kit.journal import EngineEvent, to_lines
from harness.oracles.finding import Verdict
from harness.run.parts import Choice
from harness.run.runner import Run, run_scenario


def lives(run: Run) -> list[tuple[str, str]]:
    """Each event of an engine with the replica it is about."""
    return [(each.event, each.detail.split(":")[0]) for each in run.history.entries if isinstance(each, EngineEvent)]


def test_two_replicas_share_the_work_and_a_crash_takes_one_of_them() -> None:
    run = run_scenario(Choice("quote-to-cash", seed=3, flows=12, replicas=2))
    events = lives(run)
    assert events[:2] == [("started", "replica 1"), ("started", "replica 2")]
    crashed = [replica for event, replica in events if event == "crashed"]
    assert crashed, "the weather promises a crash"
    assert set(crashed) <= {"replica 1", "replica 2"}
    assert run.verdict is Verdict.HELD, [finding.summary for judged in run.judgements for finding in judged.findings]
    assert run.history.replay == "syncproof run quote-to-cash --seed 3 --flows 12 --replicas 2"


def test_one_replica_is_what_a_run_was_before_there_were_several() -> None:
    plain, one = (run_scenario(Choice("quote-to-cash", seed=2, flows=4, replicas=number)) for number in (None, 1))
    assert to_lines(plain.history.entries) == to_lines(one.history.entries)
    assert lives(one)[0] == ("started", "")


def test_the_address_of_a_store_is_shown_without_who_may_enter() -> None:
    choice = Choice("quote-to-cash", store="postgresql://engine:secret@127.0.0.1:5432/sync")
    assert choice.replay(live=True) == "syncproof run quote-to-cash --seed 1 --store postgresql://127.0.0.1:5432/sync --live"
