"""A day of quote to cash in virtual time: the reference engine holds, the naive one does not, and equal seeds are equal runs."""

from __future__ import annotations

import pytest

from harness.kit.journal import DeliveryAttempted, EngineEvent, FaultFired, PersonActed, to_lines
from harness.oracles.finding import Verdict
from harness.run.determinism import compare_two_processes, first_difference
from harness.run.parts import Choice
from harness.run.runner import Run, run_scenario
from harness.sim.host import EngineDied


@pytest.fixture(scope="module")
def held() -> Run:
    return run_scenario(Choice("quote-to-cash", seed=7))


@pytest.fixture(scope="module")
def broken() -> Run:
    return run_scenario(Choice("quote-to-cash", seed=7, engine="point-to-point"))


def summaries(run: Run) -> list[str]:
    return [finding.summary for judgement in run.judgements for finding in judgement.findings]


def test_the_reference_engine_holds_under_the_default_weather(held: Run) -> None:
    assert summaries(held) == []
    assert held.verdict is Verdict.HELD
    assert held.history.still_pending == ""


def test_the_day_was_a_real_one(held: Run) -> None:
    """Deals were won, orders shipped, invoiced and paid; faults, lost webhooks and crashes happened. Else it proved nothing."""
    entries = held.history.entries
    acts = [entry.action for entry in entries if isinstance(entry, PersonActed)]
    for what in (
        "marked the deal as won",
        "marked the deal as lost",
        "shipped",
        "invoiced",
        "booked a payment",
        "changed the company's phone",
    ):
        assert any(act.startswith(what) for act in acts), f"nobody ever {what}"
    fired = {entry.fault.partition("(")[0] for entry in entries if isinstance(entry, FaultFired)}
    assert {"lose_reply", "refuse", "reset_connection", "proxy_page", "webhook_lost", "webhook_duplicated"} <= fired
    events = [entry.event for entry in entries if isinstance(entry, EngineEvent)]
    assert "crashed" in events
    assert "restarted" in events
    assert any(entry.result == "204" for entry in entries if isinstance(entry, DeliveryAttempted))
    assert any(case.refused_because for case in held.history.flows)


def test_every_paid_order_shows_as_paid_in_the_crm(held: Run) -> None:
    deals = held.history.records["crm"]["deals"]
    won = [case for case in held.history.flows if case.outcome == "won" and not case.refused_because]
    assert won
    for case in won:
        deal = deals[case.deal_id].fields
        assert deal["erp_order_status"] == "completed"
        assert float(deal["erp_shipped_percent"]) == 100
        assert deal["erp_paid_amount"] == deal["erp_invoiced_amount"] != "0"


def test_a_deal_that_the_erp_refuses_carries_the_reason_where_sales_people_look(held: Run) -> None:
    deals = held.history.records["crm"]["deals"]
    refused = [case for case in held.history.flows if case.refused_because]
    for case in refused:
        assert "LEGACY" in deals[case.deal_id].fields["erp_sync_error"]


def test_point_to_point_makes_duplicates_and_loses_an_error_in_silence(broken: Run) -> None:
    verdicts = {judgement.oracle: judgement.verdict for judgement in broken.judgements}
    assert verdicts["no_duplicates"] is Verdict.VIOLATED
    assert verdicts["errors_surfaced"] is Verdict.VIOLATED
    assert broken.history.replay == "syncproof run quote-to-cash --seed 7 --engine point-to-point"
    for judgement in broken.judgements:
        for finding in judgement.findings:
            assert finding.story, f"{finding.key} has no story"


@pytest.mark.parametrize("seed", [1, 2, 11, 12])
def test_the_reference_engine_holds_for_other_seeds_too(seed: int) -> None:
    run = run_scenario(Choice("quote-to-cash", seed=seed, flows=15))
    assert summaries(run) == []
    assert run.verdict is Verdict.HELD


def test_equal_seeds_give_equal_journals_and_other_seeds_do_not() -> None:
    first, second, other = (
        to_lines(run_scenario(Choice("quote-to-cash", seed=seed, flows=5)).history.entries) for seed in (5, 5, 6)
    )
    assert first_difference(first, second) == ""
    assert first != other


@pytest.mark.parametrize("engine", [None, "point-to-point"])
def test_two_processes_with_different_hash_seeds_write_the_same_bytes(engine: str | None) -> None:
    comparison = compare_two_processes(Choice("quote-to-cash", seed=5, flows=8, engine=engine))
    assert comparison.first_difference == ""
    assert comparison.bytes_each[0] > 100_000


def test_an_engine_that_dies_at_start_is_named_with_its_reason() -> None:
    with pytest.raises(EngineDied, match="no API key configured"):
        run_scenario(Choice("quote-to-cash", engine="broken_engines:DIES_AT_START"))


def test_the_first_difference_of_two_journals_is_shown_with_its_line() -> None:
    assert first_difference(b"a\nb\n", b"a\nc\n") == "line 2:\n  b\n  c"
    assert "ends early" in first_difference(b"a\nb", b"a")
