"""A checker nobody has seen fail is not known to work: every oracle catches its canaries, and lets their legal twins pass."""

from __future__ import annotations

from datetime import timedelta

import canaries_of_the_cycle  # noqa: F401  # adds its own
import pytest
from canaries import CANARIES, UNEXERCISED, Canary

from harness.oracles.finding import Verdict
from harness.oracles.registry import ORACLES, judge


@pytest.mark.parametrize("canary", [each for each in CANARIES if each.key], ids=lambda canary: canary.name)
def test_the_oracle_catches_its_canary(canary: Canary) -> None:
    judgement = judge(ORACLES[canary.oracle], canary.build().history())

    assert judgement.verdict is Verdict.VIOLATED
    assert canary.key in {finding.key for finding in judgement.findings}
    for finding in judgement.findings:
        assert finding.oracle == canary.oracle
        assert finding.summary
        assert finding.story
        assert len(finding.story) <= 12
        assert [line.at for line in finding.story] == sorted(line.at for line in finding.story)


@pytest.mark.parametrize("canary", [each for each in CANARIES if not each.key], ids=lambda canary: canary.name)
def test_the_legal_twin_passes(canary: Canary) -> None:
    judgement = judge(ORACLES[canary.oracle], canary.build().history())

    assert [finding.summary for finding in judgement.findings] == []


@pytest.mark.parametrize("name", ORACLES)
def test_every_oracle_has_a_canary_a_legal_twin_and_an_unexercised_run(name: str) -> None:
    assert [each for each in CANARIES if each.oracle == name and each.key], f"nothing shows that {name} can fail"
    assert [each for each in CANARIES if each.oracle == name and not each.key], f"nothing shows that {name} can hold"
    assert judge(ORACLES[name], UNEXERCISED[name]().history()).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("canary", CANARIES, ids=lambda canary: canary.name)
def test_a_difference_still_on_its_way_is_not_judged_before_its_time(canary: Canary) -> None:
    """Within the bound, and while something is pending, only what can never be legal is a finding."""
    history = canary.build().history(still_pending="the engine still has work", wait=timedelta(minutes=5))
    late = {finding.key.split("/")[1] for finding in judge(ORACLES["converged"], history).findings}

    assert late == set()
