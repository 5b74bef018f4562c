"""Every shipped scenario holds for the reference engine, and its people really did what its title says."""

from __future__ import annotations

import pytest

from harness.kit.journal import PersonActed
from harness.oracles.finding import Verdict
from harness.run.parts import Choice
from harness.run.runner import run_scenario
from harness.run.scenario import scenario_names

DEEDS = {  # words of the journal that must be there
    "change-after-win": ("after the win", "moved the won deal to", "took back goods", "credited"),
    "master-data-back": ("set the price of", "booked", "renamed", "added the item", "stopped"),
    "two-sided-edits": ("set Account note of", "set Delivery note text to"),
    "customer-onboarding": ("merged the companies", "emptied the company's", "changed the contact's phone"),
    "quote-to-cash": ("shipped", "invoiced", "booked a payment for"),
}


@pytest.mark.parametrize("name", scenario_names())
def test_the_scenario_holds_and_people_did_what_it_is_about(name: str) -> None:
    run = run_scenario(Choice(name, seed=2))
    assert [finding.summary for judged in run.judgements for finding in judged.findings] == []
    assert run.verdict is Verdict.HELD
    acts = [entry.action for entry in run.history.entries if isinstance(entry, PersonActed)]
    for deed in DEEDS[name]:
        assert any(act.startswith(deed) or deed in act for act in acts if not act.startswith("could not")), deed


def test_a_day_without_webhooks_holds_by_asking_alone() -> None:
    run = run_scenario(Choice("quote-to-cash", seed=4, weather="webhooks-lost", flows=10))
    assert run.verdict is Verdict.HELD
    assert run.history.flows
