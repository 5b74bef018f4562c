"""Many seeds at once: what is told, where it stops, and what is no range of seeds."""

from __future__ import annotations

import pytest

from harness.run.campaign import read_seeds, run_seeds
from harness.run.parts import Choice
from harness.run.scenario import ScenarioError


def test_all_seeds_that_hold_are_told_in_their_order() -> None:
    said: list[str] = []
    violated = run_seeds(Choice("quote-to-cash", weather="calm", flows=3), range(1, 4), 2, said.append)
    assert not violated
    assert [line.partition(",")[0] for line in said[:3]] == [f"held     seed {n}  {n} of 3" for n in (1, 2, 3)]
    assert said[-1].startswith("held: 3 of 3 seeds of quote-to-cash")


def test_it_stops_at_the_first_violation_with_the_command_that_shows_it_again() -> None:
    said: list[str] = []
    violated = run_seeds(
        Choice("quote-to-cash", engine="broken_engines:DEAF", weather="calm", flows=3), range(5, 9), 1, said.append
    )
    assert violated
    assert said[0] == "VIOLATED seed 5"
    assert said[-1] == "again    syncproof run quote-to-cash --seed 5 --engine broken_engines:DEAF --weather calm --flows 3"


def test_an_engine_that_never_comes_up_is_no_held_seed() -> None:
    said: list[str] = []
    assert run_seeds(Choice("quote-to-cash", engine="broken_engines:DIES_AT_START", flows=1), range(1, 2), 1, said.append)
    assert said[0].startswith("BROKEN   seed 1: EngineDied")


@pytest.mark.parametrize(
    ("text", "why"), [("1-200", "are no seeds"), ("9..2", "ends before it begins; write 2..9"), ("0..9999999", "at most 1,000,000")]
)
def test_what_is_no_range_of_seeds_is_told(text: str, why: str) -> None:
    with pytest.raises(ScenarioError, match=why):
        read_seeds(text)
