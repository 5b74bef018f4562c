"""Faults meet the call they name, once; rates meet by chance that the seed decides; what never fired is told."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis.strategies import integers, lists, sampled_from

from harness.kit.clock import ManualClock
from harness.kit.fault_wire import read_faults, write_faults
from harness.kit.faults import (
    AnyEffect,
    CutBody,
    Fault,
    FaultBook,
    FaultRate,
    LateReply,
    LoseEvents,
    LoseReply,
    ProxyPage,
    Refuse,
    RefuseConnection,
    ResetConnection,
    TruncatedJson,
)
from harness.kit.journal import FaultFired, Journal
from harness.kit.seed import Seed

LOSE, CUT, PAGE = LoseReply(), CutBody(), ProxyPage(503)
EVERY: list[AnyEffect] = [
    Refuse("locked"),
    LOSE,
    LateReply(1500),
    RefuseConnection(),
    ResetConnection(applied=False),
    CUT,
    TruncatedJson(),
    ProxyPage(504, applied=True),
    LoseEvents(),
]


class Book(FaultBook):
    """A fault book for `crm` with everything it needs; `meets` makes calls and lists what they met."""

    def __init__(self, seed: int = 1) -> None:
        self.clock, self.journal, self.made = ManualClock(), Journal(), 0
        super().__init__("crm", self.clock, Seed(seed).stream("faults"), self.journal)

    def meets(self, *operations: str, record: str | None = None) -> list[AnyEffect | None]:
        met = []
        for operation in operations:
            self.made += 1
            met.append(self.meet(operation, self.made, record))
        return met


def test_the_nth_call_of_its_operation_meets_the_fault_and_only_once() -> None:
    book = Book()
    book.inject(Fault("crm.create_deal", LOSE, nth=2))

    met = book.meets("create_deal", "read_deal", "create_company", "create_deal", "create_deal")
    assert met == [None, None, None, LOSE, None]
    assert book.not_yet_fired == []
    assert [(entry.fault, entry.on, entry.nth, entry.number) for entry in book.journal.of(FaultFired)] == [
        ("lose_reply", "crm.create_deal", 2, 4)
    ]


def test_a_fault_counts_from_its_injection_not_from_the_first_call_ever() -> None:
    book = Book()
    book.meets("create_deal", "create_deal")
    book.inject(Fault("crm.create_deal", LOSE))

    assert book.meets("create_deal") == [LOSE]


def test_patterns_meet_every_operation_they_fit() -> None:
    book = Book()
    book.inject(Fault("crm.create_*", LOSE))
    book.inject(Fault("crm.*", CUT, nth=3))
    book.inject(Fault("erp.*", PAGE))

    assert book.meets("read_deal", "create_deal", "read_deal") == [None, LOSE, CUT]
    assert book.not_yet_fired == [Fault("erp.*", PAGE)], "another system's fault never fires here, and the run can say so"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_two_faults_on_one_operation_count_alike_whichever_was_injected_first(order: tuple[int, int]) -> None:
    book = Book()
    faults = [Fault("crm.x", LOSE, nth=1), Fault("crm.x", CUT, nth=2)]
    for position in order:
        book.inject(faults[position])

    assert book.meets("x", "x", "x") == [LOSE, CUT, None]


def test_two_faults_due_on_the_same_call_take_turns() -> None:
    book = Book()
    for effect in (LOSE, CUT, PAGE):
        book.inject(Fault("crm.x", effect))

    assert book.meets("x", "x", "x", "x") == [LOSE, CUT, PAGE, None]


def test_a_record_narrows_a_fault_to_calls_about_it() -> None:
    book = Book()
    book.inject(Fault("crm.*", LOSE, nth=2, record="42"))

    assert book.meets("read", "read", record="7") == [None, None]
    assert book.meets("read") == [None]
    assert book.meets("read", "read", record="42") == [None, LOSE]


def test_a_window_opens_at_after_and_is_closed_at_until() -> None:
    book = Book()
    opens = book.clock.now() + timedelta(minutes=1)
    book.inject(Fault("crm.x", LOSE, after=opens, until=opens + timedelta(minutes=1)))
    assert book.meets("x") == [None]
    book.clock.advance(timedelta(minutes=2))
    assert book.meets("x") == [None], "the end is not part of the window"
    book.inject(Fault("crm.x", CUT, after=book.clock.now()))
    assert book.meets("x") == [CUT], "the beginning is"

    assert [fault.effect for fault in book.not_yet_fired] == [LOSE]


def test_clearing_heals_everything_and_is_safe_to_repeat() -> None:
    book = Book()
    book.inject(Fault("crm.x", LOSE))
    book.set_rates([FaultRate("crm.*", CUT, 1.0)])
    book.clear()
    book.clear()

    assert book.meets("x", "x") == [None, None]
    assert (book.not_yet_fired, book.rates) == ([], [])


def test_a_calm_book_fires_what_was_scripted_but_nothing_by_chance() -> None:
    book = Book()
    book.set_rates([FaultRate("crm.*", CUT, 1.0)])
    book.inject(Fault("crm.x", LOSE, nth=2))
    book.active = False

    assert book.meets("x", "x", "x") == [None, LOSE, None]


def test_certain_and_impossible_rates() -> None:
    book = Book()
    book.set_rates([FaultRate("crm.x", CUT, 1.0), FaultRate("crm.y", CUT, 0.0), FaultRate("erp.*", PAGE, 1.0)])

    assert book.meets(*["x"] * 5) == [CUT] * 5
    assert book.meets(*["y"] * 5) == [None] * 5
    assert len(book.rates) == 2, "rates of another system are not kept"


def test_a_scripted_fault_wins_over_chance() -> None:
    book = Book()
    book.set_rates([FaultRate("crm.*", CUT, 1.0)])
    book.inject(Fault("crm.x", LOSE))

    assert book.meets("x", "x") == [LOSE, CUT]


def test_a_rate_meets_about_its_share_of_calls() -> None:
    book = Book()
    book.set_rates([FaultRate("crm.*", CUT, 0.1)])
    hits = sum(effect is not None for effect in book.meets(*["x"] * 5000))

    assert 400 < hits < 600


@given(integers(), lists(sampled_from(["a", "b", "c"]), max_size=40))
def test_equal_seeds_meet_equal_faults(seed: int, operations: list[str]) -> None:
    """Invariant: what a call meets depends on the seed and the calls before it, on nothing else."""
    books = [Book(seed), Book(seed)]
    for book in books:
        book.set_rates([FaultRate("crm.a", CUT, 0.5), FaultRate("crm.*", LOSE, 0.3)])

    assert books[0].meets(*operations) == books[1].meets(*operations)
    assert books[0].journal.to_bytes() == books[1].journal.to_bytes()


@given(lists(sampled_from(["a", "b"]), max_size=30), lists(integers(1, 6), max_size=6))
def test_every_scripted_fault_fires_once_when_its_turn_came(operations: list[str], turns: list[int]) -> None:
    """Invariant: fired and waiting faults are those injected; without a clash each fires on exactly its nth call."""
    book = Book()
    for nth in turns:
        book.inject(Fault("crm.a", LOSE, nth=nth))
    met = [call for call in book.meets(*operations) if call is not None]
    calls = operations.count("a")

    assert len(met) + len(book.not_yet_fired) == len(turns)
    if len(set(turns)) == len(turns):
        assert len(met) == sum(nth <= calls for nth in turns)


@given(sampled_from(EVERY), integers(1, 9), sampled_from([None, "42"]))
def test_faults_are_written_so_that_they_can_be_read_again(effect: AnyEffect, nth: int, record: str | None) -> None:
    """Invariant: reading what was written gives the same faults."""
    at = datetime.fromisoformat("2026-03-02T08:00:00+00:00")
    faults: list[Fault | FaultRate] = [
        Fault("crm.*", effect, nth, record, at, at + timedelta(hours=1)),
        FaultRate("*.create_*", effect, 0.25),
    ]

    assert read_faults(write_faults(faults), "crm") == faults


def test_an_effect_tells_itself_in_words() -> None:
    assert [effect.text() for effect in EVERY] == [
        "refuse(kind=locked)",
        "lose_reply",
        "late_reply(by_ms=1500)",
        "refuse_connection",
        "reset_connection(applied=False)",
        "cut_body",
        "truncated_json",
        "proxy_page(status=504, applied=True)",
        "lose_events",
    ]
