"""Every promise has an engine that breaks it in a whole simulated day, under calm weather, so that nothing else can be to blame."""

from __future__ import annotations

import pytest

from harness.oracles.finding import Verdict
from harness.run.parts import Choice
from harness.run.runner import run_scenario

CANARIES = {
    "converged": "broken_engines:DEAF",
    "no_duplicates": "broken_engines:ORDERS_TWICE",
    "no_lost_update": "broken_engines:WRITES_BACK",
    "money_conserved": "broken_engines:ROUNDS_PRICES",
    "errors_surfaced": "point-to-point",
}


@pytest.mark.parametrize(("oracle", "engine"), CANARIES.items(), ids=CANARIES)
def test_the_oracle_catches_its_canary_in_a_whole_run(oracle: str, engine: str) -> None:
    run = run_scenario(Choice("quote-to-cash", seed=3, engine=engine, weather="calm", flows=12))
    caught = {judgement.oracle: judgement for judgement in run.judgements if judgement.verdict is Verdict.VIOLATED}
    assert oracle in caught
    assert all(finding.story for finding in caught[oracle].findings), "a finding without a story teaches nobody"


def test_the_reference_engine_gives_none_of_them_a_reason_to_sing() -> None:
    run = run_scenario(Choice("quote-to-cash", seed=3, weather="calm", flows=12))
    assert [finding.summary for judgement in run.judgements for finding in judgement.findings] == []
    assert {judgement.verdict for judgement in run.judgements} == {Verdict.HELD}, "each promise was put to the test"
