"""What the report counts, against a day whose every event is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sample_run import START, sample_history

from harness.report.numbers import numbers_of
from harness.report.spread import percentile
from harness.report.usage import parse_limit
from harness.report.words import seconds_words


def test_flows_people_and_records_are_counted() -> None:
    numbers = numbers_of(sample_history())

    assert (numbers.flows_won, numbers.flows_lost, numbers.flows_open) == (2, 1, 0)
    assert numbers.people_actions == 12
    assert numbers.records_changed == {"crm": 6, "erp": 6}
    assert numbers.duration_s == 11_189.52


def test_the_engines_calls_are_counted_by_system_and_by_how_they_ended() -> None:
    calls = numbers_of(sample_history()).calls

    assert (calls["crm"].requests, calls["crm"].writes, calls["crm"].refused_429) == (5, 3, 1)
    assert (calls["erp"].requests, calls["erp"].other_errors, calls["erp"].unanswered) == (9, 1, 1)


def test_a_lost_and_a_repeated_webhook_are_told_apart() -> None:
    crm = numbers_of(sample_history()).webhooks["crm"]

    assert (crm.deliveries, crm.attempts, crm.lost, crm.retried, crm.never_arrived) == (2, 3, 1, 1, 1)


def test_faults_are_counted_by_effect_and_crashes_apart() -> None:
    numbers = numbers_of(sample_history())

    assert numbers.faults == {"lose_reply": 1, "proxy_page": 1, "webhook_delay": 1, "webhook_lost": 1}
    assert [moment.effect for moment in numbers.fault_moments] == ["webhook_delay", "lose_reply", "webhook_lost", "proxy_page"]
    assert numbers.engine_crashes == 1


def test_an_order_waits_from_the_win_until_it_is_submitted() -> None:
    """The second order of the deal that was ordered twice does not count: the warehouse saw the first."""
    delays = numbers_of(sample_history()).won_to_order

    assert [(delay.record, delay.seconds) for delay in delays.measured] == [("crm deals 101", 38.12), ("crm deals 102", 95.16)]
    assert (delays.p50_s, delays.p99_s, delays.never) == (38.12, 95.16, 0)


def test_a_won_deal_without_an_order_never_arrived() -> None:
    history = sample_history()
    without = [entry for entry in history.entries if not (hasattr(entry, "change") and entry.change.kind == "Sales Order")]

    delays = numbers_of(replace(history, entries=without)).won_to_order

    assert (len(delays.measured), delays.never, delays.p50_s) == (0, 2, None)


def test_a_deal_that_the_erp_must_refuse_is_not_waited_for() -> None:
    history = sample_history()
    first, *others = history.flows
    refused = replace(history, flows=[replace(first, refused_because="the ERP has no item LEGACY-1"), *others])

    assert [delay.record for delay in numbers_of(refused).won_to_order.measured] == ["crm deals 102"]


def test_shipment_and_invoice_reach_the_deal_and_the_payment_never_does() -> None:
    delays = numbers_of(sample_history()).erp_to_crm

    assert [delay.seconds for delay in delays.measured] == [12.08, 4.04]
    assert delays.never == 1, "the payment was booked and no write to the deal followed"


def test_requests_are_counted_in_windows_of_the_vendors_limit() -> None:
    usage = numbers_of(sample_history()).usage

    assert (usage["crm"].limit, usage["crm"].window_s, usage["crm"].peak) == (190, 10, 1)
    assert sum(usage["crm"].by_window.values()) == 5
    assert list(usage["crm"].refused_by_window.values()) == [1]
    assert (usage["erp"].limit, usage["erp"].peak) == (None, 4), "four of its requests fall into the same ten seconds"
    assert {since % 10 for since in usage["erp"].by_window} == {0}


def test_a_run_in_which_nothing_happened_has_numbers_too() -> None:
    empty = replace(sample_history(), entries=[], flows=[], records={}, ended_at=START)

    numbers = numbers_of(empty)

    assert (numbers.flows_won, numbers.people_actions, numbers.duration_s) == (0, 0, 0.0)
    assert numbers.won_to_order.p50_s is None


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("190 per 10 s", (190, 10)),
        ("100 per minute", (100, 60)),
        ("25 per 2 min", (25, 120)),
        ("", (None, 10)),
        ("fair use", (None, 10)),
    ],
)
def test_a_limit_in_words_is_understood_or_left_out(text: str, limit: tuple[int | None, int]) -> None:
    assert parse_limit(text) == limit


def test_percentiles_are_values_that_were_measured() -> None:
    hundred = [float(number) for number in range(1, 101)]

    assert [percentile(hundred, percent) for percent in (50, 95, 99)] == [50.0, 95.0, 99.0]
    assert percentile([7.0], 99) == 7.0


@pytest.mark.parametrize(
    ("duration", "words"),
    [(0.04, "0.0 s"), (4, "4.0 s"), (59.9, "59 s"), (60, "1 min"), (200, "3 min 20 s"), (7_500, "2 h 5 min"), (97_200, "1 d 3 h")],
)
def test_durations_are_told_in_two_units_at_most(duration: float, words: str) -> None:
    assert seconds_words(timedelta(seconds=duration).total_seconds()) == words
