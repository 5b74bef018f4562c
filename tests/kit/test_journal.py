"""The journal's bytes: the same for the same events, and nothing in them that a reader cannot use."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
from hypothesis import given
from hypothesis.strategies import integers, lists, tuples

from harness.kit.journal import Answered, AnyEntry, Changed, Decided, Journal, Marker, Received, RecentJournal
from harness.kit.records import Change

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)


def test_one_json_object_a_line_that_can_be_read_back() -> None:
    journal = Journal()
    entries: list[AnyEntry] = [
        Received(AT, journal.next_request(), "crm", "engine", "POST", "/things", "a=1", '{"x":"ä\\n"}'),
        Decided(AT, 1, "create_thing", "accepted"),
        Answered(AT, 1, 201, "applied", "{}"),
        Marker(AT, "end"),
    ]
    for entry in entries:
        journal.add(entry)

    lines = journal.to_bytes().splitlines()
    assert (
        lines[1] == b'{"entry":"decided","at":"2026-03-02T08:00:00Z","number":1,"operation":"create_thing","decision":"accepted"}'
    )
    assert [msgspec.json.decode(line, type=AnyEntry) for line in lines] == entries


def test_a_change_with_decimals_keeps_every_digit() -> None:
    journal = Journal()
    journal.add(Changed(AT, "erp", Change(1, AT, "order", "1", 1, "created", {}, {"total": Decimal("10.10")}, "engine")))

    assert b'"total":"10.10"' in journal.to_bytes()


def test_requests_are_numbered_from_one_and_entries_found_by_their_type() -> None:
    journal = Journal()
    for name in ("a", "b"):
        journal.add(Marker(AT, name))
        journal.add(Decided(AT, journal.next_request(), "read", "accepted"))

    assert [entry.number for entry in journal.of(Decided)] == [1, 2]
    assert [entry.name for entry in journal.of(Marker)] == ["a", "b"]
    assert list(journal.of(Answered)) == []


@given(integers(1, 10), lists(tuples(integers(0, 8), integers(1, 5)), max_size=30))
def test_pages_of_a_forgetful_journal_are_in_order_and_without_repeats(keep: int, reads: list[tuple[int, int]]) -> None:
    """Invariant: a reader that goes on at the next number sees each entry at most once, in order, and the latest ones all."""
    journal, added, at, seen = RecentJournal(keep), 0, 0, []
    for writes, limit in reads:
        for _ in range(writes):
            journal.add(Marker(AT, str(added)))
            added += 1
        page = journal.slice(at, limit)
        at = max(at, journal.forgotten) + len(page)
        seen += [int(entry.name) for entry in page if isinstance(entry, Marker)]

    assert seen == sorted(set(seen))
    assert len(journal.entries) + journal.forgotten == added
    assert len(journal.entries) >= min(keep, added)
    assert len(journal.entries) < 2 * keep


def test_a_cleared_journal_goes_on_counting() -> None:
    journal = Journal()
    journal.add(Marker(AT, "old"))
    journal.clear()
    journal.add(Marker(AT, "new"))

    assert journal.slice(0, 10) == journal.slice(1, 10) == [Marker(AT, "new")]
    assert journal.slice(2, 10) == []
