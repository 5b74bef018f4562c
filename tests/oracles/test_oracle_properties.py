"""What must hold for any run: order and neighbours do not matter, right histories are never accused, equal runs read alike."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from random import Random

from books import Books, in_sync
from canaries import CANARIES, Canary
from hypothesis import given
from hypothesis import strategies as st

from harness.kit.records import Record
from harness.oracles.history import History
from harness.oracles.registry import judge_all

deal_lines = st.lists(
    st.tuples(st.sampled_from(["PUMP", "HOSE", "SEAL"]), st.integers(1, 40), st.integers(1, 500_000)), min_size=1, max_size=4
)


def _keys(history: History) -> list[str]:
    return [finding.key for judgement in judge_all(history) for finding in judgement.findings]


def _carried_over(books: Books, number: int, lines: list[tuple[str, int, int]]) -> None:
    company, deal, order, customer = f"90{number:02d}", f"5{number:02d}", f"SO-{number}", f"Customer {number}"
    books.company(company, name=customer)
    books.deal(deal, company, tuple((sku, str(quantity), str(Decimal(cents) / 100)) for sku, quantity, cents in lines))
    books.decide(deal)
    books.create_customer(customer, company)
    books.create_order(order, deal, customer)
    books.ship(order, "33.333333", "To Deliver and Bill")
    record = books.erp.get("Sales Order", order)
    assert record is not None
    books.invoice(f"SI-{number}", order, str(record.fields["grand_total"]), "0")
    books.show(order, deal)


@given(st.lists(deal_lines, min_size=1, max_size=5))
def test_a_history_that_converged_is_never_accused(deals: list[list[tuple[str, int, int]]]) -> None:
    """Invariant: whatever is sold, a run that carried everything over has no findings."""
    books = Books()
    for number, lines in enumerate(deals, 1):
        _carried_over(books, number, lines)

    assert _keys(books.history()) == []


@given(st.sampled_from([canary for canary in CANARIES if canary.key]), st.randoms(use_true_random=False))
def test_neither_the_order_of_records_nor_neighbours_change_the_findings(canary: Canary, random: Random) -> None:
    """Invariant: unrelated records that are in sync, and any order of the final state, add and remove no finding."""
    build = canary.build
    alone = _keys(build().history())
    crowded = build()
    _carried_over(crowded, 77, [("PUMP", 1, 100)])
    history = crowded.history()

    assert _keys(replace(history, records=_shuffled(history, random))) == alone


def _shuffled(history: History, random: Random) -> dict[str, dict[str, dict[str, Record]]]:
    shuffled: dict[str, dict[str, dict[str, Record]]] = {}
    for system, kinds in history.records.items():
        for kind, records in kinds.items():
            items = list(records.items())
            random.shuffle(items)
            shuffled.setdefault(system, {})[kind] = dict(items)
    return shuffled


def test_the_same_history_is_judged_alike_twice() -> None:
    books = in_sync()
    books.create_order("SO-2")
    books.edit("crm", "companies", "9001", phone="+49 30 2")

    assert judge_all(books.history()) == judge_all(replace(books.history(wait=books.clock.now() - books.clock.now())))
