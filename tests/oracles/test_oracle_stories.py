"""Stories in words: what a person without the code reads about a duplicate, a lost error and a stale value."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from books import DICTIONARY, Books, in_sync

from harness.kit.clock import ManualClock
from harness.oracles.finding import Finding, Verdict
from harness.oracles.mapping import agree
from harness.oracles.registry import ORACLES, judge, judge_all
from harness.oracles.view import Request, View
from harness.oracles.words import complaint
from sync_engine.dictionary import FieldMap, Side


def _only(oracle: str, books: Books) -> Finding:
    findings = judge(ORACLES[oracle], books.history()).findings
    assert len(findings) == 1, [finding.summary for finding in findings]
    return findings[0]


def _sold() -> Books:
    books = Books()
    books.company()
    books.deal()
    books.decide()
    books.create_customer("Acme Pumps")
    return books


def test_a_lost_answer_and_the_second_order_read_as_a_story() -> None:
    books = _sold()
    books.create_order("SO-1", seen="timeout", fault="lose_reply")
    books.create_order("SO-2")

    finding = _only("no_duplicates", books)

    assert finding.summary == "deal 501 has 2 live sales orders in ERPNext: SO-1, SO-2"
    assert finding.record == "crm deals 501"
    assert finding.flow == 1
    assert [line.what for line in finding.story] == [
        "opened the deal",
        "marked the deal as won",
        "ERPNext created sales order SO-1, but the answer never reached the engine (timeout)",
        "the engine tried again, and ERPNext created a second: sales order SO-2",
    ]
    assert [line.request for line in finding.story] == [0, 0, 2, 3]
    assert finding.likely == (
        "the answer to request 2, which had created sales order SO-1, did not arrive as it should (timeout); "
        "the engine took it for a failure and created the record again (request 3)"
    )


def test_a_crash_between_create_and_remembering_is_named() -> None:
    books = _sold()
    books.create_order("SO-1", seen="gone")
    books.crash()
    books.create_order("SO-2")

    finding = _only("no_duplicates", books)

    assert "the engine crashed between request 2" in finding.likely
    assert "the engine crashed" in [line.what for line in finding.story]


def test_the_vendors_own_words_stand_in_the_finding() -> None:
    books = _sold()
    message = json.dumps({"message": "Could not find <b>Row #1: Item Code: PUMP</b>", "title": "Message"})
    answer = {"exc_type": "LinkValidationError", "_server_messages": json.dumps([message])}
    books.refused("erp", "POST", "/api/resource/Sales Order", {"custom_crm_deal_id": "501"}, 417, answer)

    finding = _only("errors_surfaced", books)

    assert "ERPNext answered 417 LinkValidationError: Could not find Row #1: Item Code: PUMP" in finding.summary
    assert "neither got it through later nor reported it" in finding.likely


def test_a_refusal_that_a_later_try_healed_is_no_cause() -> None:
    books = in_sync()
    books.edit("crm", "companies", "9001", phone="+49 30 2")
    books.refused("erp", "PUT", "/api/resource/Customer/Acme Pumps", {"custom_phone": "+49 30 2"}, 503, {})
    books.write("erp", "Customer", "Acme Pumps", {"custom_phone": "+49 30 9"})

    assert _only("converged", books).likely == ""


def test_a_long_story_is_cut_to_what_matters() -> None:
    books = _sold()
    books.create_order("SO-1", seen="reset")
    for number in range(30):
        books.write("crm", "deals", "501", {"erp_sync_error": f"attempt {number}"})
    books.create_order("SO-2")

    story = _only("no_duplicates", books).story

    assert len(story) == 12
    assert "created sales order SO-1" in " ".join(line.what for line in story)
    assert "a second: sales order SO-2" in " ".join(line.what for line in story)
    assert story[-1].what == "23 further events of these records are left out"


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"status": 502, "answer": "<html><h1>Bad Gateway</h1></html>"}, "ERPNext answered 502 with a page that is not JSON"),
        ({"status": 429, "answer": '{"message": "Too many"}'}, "ERPNext answered 429: Too many"),
        ({"status": 0, "seen": "refused"}, "ERPNext could not be reached"),
        ({"status": 200, "seen": "timeout"}, "ERPNext's answer to GET /x never arrived (timeout)"),
    ],
)
def test_a_complaint_says_what_happened(request_: dict[str, Any], words: str) -> None:
    request = Request(1, ManualClock().now(), "erp", "engine", "GET", "/x", "", "", **request_)

    assert complaint(View(Books().history()), request) == words


@pytest.mark.parametrize(
    ("kind", "transform", "source", "target", "same"),
    [
        ("text", "trim", " Acme ", "Acme", True),
        ("text", "same", "Acme", "acme", False),
        ("text", "lower", "ACME.example", "acme.example", True),
        ("text", "trim", None, "", True),
        ("text", "trim", "x" * 150, "x" * 140, True),
        ("text", "trim", "x" * 150, "x" * 139, False),
        ("decimal", "same", "349.50", Decimal("349.5"), True),
        ("decimal", "same", "349.50", Decimal("349.49"), False),
        ("decimal", "same", "0.125", Decimal("0.13"), True),
        ("decimal", "same", "12", "a dozen", False),
        ("percent", "same", Decimal("33.333333"), "33.33", True),
        ("percent", "same", Decimal("33.3"), "33.4", False),
        ("date", "same", "1772409600000", "2026-03-02", True),
        ("boolean", "same", "true", 1, True),
        ("choice", "map", "To Bill", "to bill", True),
        ("choice", "map", "Lost", "lost", False),
    ],
)
def test_what_the_dictionary_demands(kind: Any, transform: Any, source: Any, target: Any, same: bool) -> None:
    field = FieldMap("a field", "crm", Side("a"), Side("b", type=kind, length_max=140), transform, {"To Bill": "to bill"})

    assert agree(field, source, target) is same


def test_a_run_without_business_proves_nothing() -> None:
    assert {judgement.verdict for judgement in judge_all(Books().history())} == {Verdict.UNKNOWN}


def test_a_good_day_holds_where_it_was_exercised() -> None:
    verdicts = {judgement.oracle: judgement.verdict for judgement in judge_all(in_sync().history())}

    assert verdicts == {
        "converged": Verdict.HELD,
        "no_duplicates": Verdict.HELD,
        "no_lost_update": Verdict.HELD,
        "money_conserved": Verdict.HELD,
        "errors_surfaced": Verdict.UNKNOWN,
        "no_echo": Verdict.HELD,
    }


def test_a_change_within_the_bound_is_judged_only_when_nothing_is_pending() -> None:
    books = in_sync()
    books.edit("crm", "companies", "9001", phone="+49 30 2")

    assert judge(ORACLES["converged"], books.history(still_pending="a retry at 09:00", wait=timedelta(minutes=5))).findings == []
    assert judge(ORACLES["converged"], books.history(wait=timedelta(minutes=5))).findings != []
    assert DICTIONARY.entity("customer").field("Phone").owner == "crm"
