"""Outgoing webhooks before any I/O: batches, retries, what gives up, what the network loses, doubles, delays and forges."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
from hypothesis import given
from hypothesis.strategies import integers, lists, sampled_from

from harness.kit.clock import ManualClock
from harness.kit.journal import DeliveryAttempted, DeliveryGivenUp, FaultFired, Journal
from harness.kit.seed import Seed
from harness.kit.webhooks import (
    GIVEN_UP_KEPT,
    Delivery,
    DeliveryResult,
    DeliveryWeather,
    NothingToSend,
    RetrySchedule,
    WebhookQueue,
)

URL = "http://engine.test/hook"
OK, FAILED, TIMEOUT = DeliveryResult(204), DeliveryResult(500), DeliveryResult(None, "timeout")
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


class Desk:
    """A queue, its clock, and everything that left it."""

    def __init__(self, *, seed: int = 1, concurrency: int = 10, jitter: float = 0.0, **others: Any) -> None:
        self.clock, self.journal = ManualClock(), Journal()
        self.start = self.clock.now()
        self.queue = WebhookQueue(
            "crm",
            self.clock,
            Seed(seed).stream("webhooks"),
            self.journal,
            retry=RetrySchedule((MINUTE, 5 * MINUTE), jitter),
            prepare=self.prepare,
            succeeded=lambda result: result.status == 204,
            concurrency=concurrency,
            **others,
        )

    def prepare(self, delivery: Delivery) -> None:
        delivery.body = msgspec.json.encode(delivery.events)
        delivery.headers = {"x-signature": "forged" if delivery.forged else "good", "x-sent": self.clock.now().isoformat()}

    def put(self, *names: str, after: timedelta = timedelta(0)) -> None:
        for name in names:
            self.queue.put(URL, name, [name], self.clock.now() + after)

    def send(self, result: DeliveryResult = OK) -> list[str]:
        """Send everything that is due, with this result for all; what was sent."""
        sent = []
        while due := self.queue.take_due():
            for delivery in due:
                sent.append(delivery.body.decode())
                self.queue.settle(delivery, result)
        return sent

    def attempts(self) -> list[tuple[str, int, str]]:
        return [(entry.subject, entry.attempt, entry.result) for entry in self.journal.of(DeliveryAttempted)]

    def run_out(self, result: DeliveryResult = OK) -> list[tuple[timedelta, str]]:
        """Jump from one due delivery to the next until nothing waits; when each was sent."""
        sent: list[tuple[timedelta, str]] = []
        while (due := self.queue.next_due()) is not None:
            self.clock.advance(max(timedelta(0), due - self.clock.now()))
            sent += [(self.clock.now() - self.start, body) for body in self.send(result)]
        return sent


def test_a_delivery_leaves_when_it_is_due_and_not_before() -> None:
    desk = Desk()
    desk.put("later", after=SECOND)
    desk.put("now")

    assert desk.send() == ['["now"]']
    assert desk.queue.describe_pending() == "1 crm webhook deliveries pending, next crm-1 (later)"
    desk.clock.advance(SECOND)
    assert desk.send() == ['["later"]']
    assert (desk.queue.pending, desk.queue.describe_pending(), desk.queue.next_due()) == (0, None, None)
    assert desk.attempts() == [("now", 1, "204"), ("later", 1, "204")]


def test_events_join_the_batch_that_has_not_left_until_it_is_full() -> None:
    desk = Desk()
    for number in range(5):
        desk.queue.put_event(URL, f"event {number}", number, desk.start + SECOND, batch_max=2)
    desk.queue.put_event("http://other.test", "other", 9, desk.start + SECOND, batch_max=2)
    desk.clock.advance(SECOND)

    assert desk.send() == ["[0,1]", "[2,3]", "[4]", "[9]"]


def test_an_event_after_its_batch_has_left_begins_a_new_one_even_while_the_old_is_retried() -> None:
    desk = Desk()
    desk.queue.put_event(URL, "first", 1, desk.start, batch_max=10)
    assert desk.send(FAILED) == ["[1]"]
    desk.queue.put_event(URL, "second", 2, desk.start, batch_max=10)

    assert desk.send() == ["[2]"]
    assert desk.run_out() == [(MINUTE, "[1]")]


def test_a_failed_delivery_is_retried_by_the_schedule_and_then_given_up() -> None:
    desk = Desk()
    desk.put("a")

    assert [at for at, _ in desk.run_out(TIMEOUT)] == [timedelta(0), MINUTE, 6 * MINUTE]
    assert desk.attempts() == [("a", 1, "timeout"), ("a", 2, "timeout"), ("a", 3, "timeout")]
    assert [delivery.subject for delivery in desk.queue.given_up] == ["a"]
    assert desk.queue.pending == 0


def test_each_attempt_is_prepared_anew_so_that_its_signature_is_fresh() -> None:
    desk = Desk()
    desk.put("a")
    (first,) = desk.queue.take_due()
    signed = dict(first.headers)
    desk.queue.settle(first, FAILED)
    desk.clock.advance(MINUTE)
    (second,) = desk.queue.take_due()

    assert second.headers["x-sent"] != signed["x-sent"]
    assert second.id == first.id


def test_a_success_ends_the_retries() -> None:
    desk = Desk()
    desk.put("a")
    desk.send(FAILED)
    desk.clock.advance(MINUTE)
    desk.send(OK)

    assert desk.attempts() == [("a", 1, "500"), ("a", 2, "204")]
    assert (desk.queue.pending, desk.queue.given_up) == (0, [])


def test_a_vendor_may_decide_each_wait_by_what_came_back() -> None:
    desk = Desk(retry_wait=lambda delivery, result: 2 * SECOND if result.status == 429 and delivery.attempt < 3 else None)
    desk.put("a")

    assert [at for at, _ in desk.run_out(DeliveryResult(429))] == [timedelta(0), 2 * SECOND, 4 * SECOND]
    desk.put("b")
    desk.send(FAILED)
    assert [delivery.subject for delivery in desk.queue.given_up] == ["a", "b"]


@given(integers(), integers(1, 4))
def test_jitter_stays_within_its_share(seed: int, attempts_made: int) -> None:
    """Invariant: a wait differs from the schedule's by at most the jitter; past the schedule there is none."""
    schedule = RetrySchedule((MINUTE, 10 * MINUTE), jitter=0.2)
    wait = schedule.wait(attempts_made, Seed(seed).stream("x"))

    if attempts_made > 2:
        assert wait is None
    else:
        assert wait is not None
        assert 0.8 * schedule.waits[attempts_made - 1] <= wait <= 1.2 * schedule.waits[attempts_made - 1]


def test_no_more_than_the_allowed_number_is_in_flight() -> None:
    desk = Desk(concurrency=2)
    desk.put("a", "b", "c")
    first, second = desk.queue.take_due()
    assert (desk.queue.take_due(), desk.queue.has_room, desk.queue.pending) == ([], False, 3)

    desk.queue.settle(second, OK)
    assert [delivery.subject for delivery in desk.queue.take_due()] == ["c"]
    desk.queue.abandon(first)
    assert desk.queue.has_room


def test_a_lost_delivery_never_leaves_and_the_vendor_does_not_notice() -> None:
    desk = Desk()
    desk.queue.weather = DeliveryWeather(lose=1.0)
    desk.put("a", "b")

    assert desk.run_out() == []
    assert desk.attempts() == [("a", 0, "lost"), ("b", 0, "lost")]
    assert [entry.fault for entry in desk.journal.of(FaultFired)] == ["webhook_lost"] * 2
    assert desk.queue.pending == 0


def test_a_duplicate_comes_once_more_and_is_not_doubled_again() -> None:
    desk = Desk()
    desk.queue.weather = DeliveryWeather(duplicate=1.0)
    desk.put("a", "b")
    sent = desk.run_out()

    assert sorted(body for _, body in sent) == ['["a"]', '["a"]', '["b"]', '["b"]']
    assert all(at <= 5 * SECOND for at, _ in sent)
    assert {attempt for _, attempt, _ in desk.attempts()} == {1}, "the copy is sent for the first time as well"


def test_a_duplicate_that_fails_is_retried_as_often_as_any_delivery() -> None:
    desk = Desk()
    desk.queue.weather = DeliveryWeather(duplicate=1.0)
    desk.put("a")
    desk.run_out(FAILED)

    assert sorted(attempt for _, attempt, _ in desk.attempts()) == [1, 1, 2, 2, 3, 3]


def test_a_forged_copy_is_badly_signed_comes_beside_the_real_one_and_is_not_retried() -> None:
    desk = Desk()
    desk.queue.weather = DeliveryWeather(forge=1.0)
    desk.put("a")
    (real,) = desk.queue.take_due()
    desk.queue.settle(real, OK)
    desk.clock.advance(5 * SECOND)
    (forged,) = desk.queue.take_due()
    desk.queue.settle(forged, DeliveryResult(401))

    assert (real.headers["x-signature"], forged.headers["x-signature"]) == ("good", "forged")
    assert (desk.queue.pending, desk.queue.given_up) == (0, []), "a refused forgery is what should happen"


def test_a_delayed_delivery_is_overtaken() -> None:
    desk = Desk()
    desk.queue.weather = DeliveryWeather(delay=1.0, delay_ms_max=60_000)
    desk.put("a")
    desk.queue.weather = DeliveryWeather()
    desk.put("b")

    assert [body for _, body in desk.run_out()] == ['["b"]', '["a"]']


def test_a_cleared_queue_forgets_even_what_is_on_its_way() -> None:
    desk = Desk(concurrency=1)
    desk.put("a", "b")
    desk.queue.put_event(URL, "event", 1, desk.start + SECOND, batch_max=10)
    (flying,) = desk.queue.take_due()
    desk.queue.clear()
    desk.queue.settle(flying, FAILED)

    assert (desk.queue.pending, desk.queue.next_due(), desk.queue.has_room) == (0, None, True)
    desk.queue.put_event(URL, "event", 2, desk.start, batch_max=10)
    assert desk.send() == ["[2]"], "an event of before does not come along"


WEATHERS = sampled_from(
    [
        DeliveryWeather(),
        DeliveryWeather(lose=0.3),
        DeliveryWeather(duplicate=0.5, delay=0.5),
        DeliveryWeather(0.2, 0.2, 0.2, 10_000, 0.2),
    ]
)


@given(integers(0, 1000), WEATHERS, lists(sampled_from([OK, FAILED, TIMEOUT]), min_size=1, max_size=8), integers(1, 12))
def test_every_delivery_ends(seed: int, weather: DeliveryWeather, results: list[DeliveryResult], count: int) -> None:
    """Invariant: each delivery ends delivered, lost or given up; without loss, every event arrives or is given up."""
    desk = Desk(seed=seed, concurrency=3, jitter=0.2)
    desk.queue.weather = weather
    desk.put(*(str(number) for number in range(count)))
    turn = 0
    while (due := desk.queue.next_due()) is not None:
        desk.clock.advance(max(timedelta(0), due - desk.clock.now()))
        for delivery in desk.queue.take_due():
            desk.queue.settle(delivery, results[turn % len(results)])
            turn += 1

    ended = {subject for subject, _, result in desk.attempts() if result in ("204", "lost")}
    assert ended | {delivery.subject for delivery in desk.queue.given_up} == {str(number) for number in range(count)}
    assert desk.queue.pending == 0
    assert turn <= 3 * 3 * count, "three attempts of the delivery, its twin and its forgery"


def test_what_was_given_up_is_told_once_in_the_journal_with_the_last_result() -> None:
    desk = Desk()
    desk.put("a", "b")
    desk.send(OK)
    desk.put("c")
    desk.run_out(TIMEOUT)

    (lost,) = desk.journal.of(DeliveryGivenUp)
    assert (lost.subject, lost.attempts, lost.result, lost.delivery) == ("c", 3, "timeout", desk.queue.given_up[0].id)


def test_a_server_that_nobody_answers_for_weeks_keeps_the_latest_losses_and_counts_all() -> None:
    desk = Desk(retry_wait=lambda delivery, result: None)
    for number in range(GIVEN_UP_KEPT + 20):
        desk.put(str(number))
        desk.send(FAILED)

    assert desk.queue.given_up_count == GIVEN_UP_KEPT + 20
    assert [desk.queue.given_up[0].subject, desk.queue.given_up[-1].subject] == ["20", str(GIVEN_UP_KEPT + 19)]
    assert len(desk.queue.given_up) == GIVEN_UP_KEPT
    desk.queue.clear()
    assert (desk.queue.given_up_count, desk.queue.given_up) == (0, [])


def test_more_places_are_used_at_once_and_fewer_as_deliveries_end() -> None:
    desk, woken = Desk(concurrency=2), [0]
    desk.put("a", "b", "c", "d", "e")
    first = desk.queue.take_due()
    assert (len(first), desk.queue.in_flight) == (2, 2)
    desk.queue.on_change = lambda: woken.append(1)
    desk.queue.concurrency = 3
    assert (woken, [each.subject for each in desk.queue.take_due()]) == ([0, 1], ["c"])
    desk.queue.concurrency = 1
    for each in first:
        desk.queue.settle(each, OK)
    assert desk.queue.take_due() == []


def test_what_turns_out_to_have_nothing_to_tell_ends_there_without_a_trace() -> None:
    desk = Desk()
    desk.put("empty", "full")
    prepare = desk.prepare

    def picky(delivery: Delivery) -> None:
        if delivery.subject == "empty":
            raise NothingToSend
        prepare(delivery)

    desk.queue._prepare = picky

    assert desk.send() == ['["full"]']
    assert (desk.attempts(), desk.queue.pending) == ([("full", 1, "204")], 0)


def test_every_attempt_is_told_to_the_vendor_but_not_what_was_forgotten_meanwhile() -> None:
    settled: list[tuple[str, int, str]] = []
    desk = Desk(settled=lambda delivery, result: settled.append((delivery.subject, delivery.attempt, result.text)))
    desk.put("a")
    desk.send(FAILED)
    desk.clock.advance(MINUTE)
    desk.send()
    desk.put("b")
    (delivery,) = desk.queue.take_due()
    desk.queue.clear()
    desk.queue.settle(delivery, OK)

    assert settled == [("a", 1, "500"), ("a", 2, "204")]


def test_a_closed_queue_loses_what_is_put_and_keeps_what_it_has() -> None:
    desk = Desk()
    desk.put("before")
    desk.queue.put_event(URL, "batch", "one", desk.clock.now(), batch_max=10)
    desk.queue.closed = True
    desk.put("lost")
    desk.queue.put_event(URL, "batch", "two", desk.clock.now(), batch_max=10)
    desk.queue.closed = False
    desk.put("after")

    assert desk.send() == ['["before"]', '["one"]', '["after"]']
    assert desk.queue.lost == 2
    assert [entry.fault for entry in desk.journal.of(FaultFired)] == ["webhook_lost", "webhook_lost"]
