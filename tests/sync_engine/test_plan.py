"""Decisions without I/O."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from tiny_vendors import DICTIONARY

from sync_engine.dictionary import Action, load
from sync_engine.mapping.values import delivery_date, number_text
from sync_engine.outcomes import Problem
from sync_engine.processes.agreed import STATES, Agreed, agreed_on
from sync_engine.processes.amended_rows import amended_rows
from sync_engine.processes.case import Case
from sync_engine.processes.conditions import blockers
from sync_engine.processes.events import event_of
from sync_engine.processes.plan import (
    address_doc,
    agrees,
    check_deal,
    contact_doc,
    customer_doc,
    differing,
    is_news,
    order_doc,
    primary,
    progress_values,
    total_differs,
)
from sync_engine.store import Link, WorkRow
from sync_engine.vendors.hubspot import CrmRecord
from sync_engine.wire import write_text

BOOK = load(DICTIONARY)
ORDER, CUSTOMER = BOOK.entity("order"), BOOK.entity("customer")
LINES = [
    CrmRecord("line_items", "1", {"hs_sku": "A", "quantity": "3", "price": "33.33"}, {}),
    CrmRecord("line_items", "2", {"hs_sku": "B", "quantity": "1", "price": "0.01"}, {}),
]


def deal(amount: str | None = "100.00", stage: str = "closedwon", **more: str) -> CrmRecord:
    related = {"companies": [("7", "deal_to_company"), ("7", "deal_to_company_unlabeled")]}
    return CrmRecord("deals", "5", {"amount": amount, "dealstage": stage, "dealname": " Big ", **more}, related)


LINK = Link("order", "5", "SO-1", {"erp_order_id": "SO-1", "erp_shipped_percent": "0"})


def case(record: CrmRecord | None, link: Link | None = LINK, state: str = "", changed: frozenset[str] = frozenset()) -> Case:
    row = WorkRow("order", "order", "5", datetime(2026, 3, 2, tzinfo=UTC), 0, 1, "", datetime(2026, 3, 2, tzinfo=UTC))
    agreed = Agreed("SO-1", STATES[state], {}, {}) if state else None
    return Case(row, record, link, agreed, changed=changed)


@pytest.mark.parametrize(
    ("seen", "event"),
    [
        (case(deal(), None), "enters"),
        (case(deal(stage="contractsent"), None), None),
        (case(deal(stage=""), None), None),
        (case(None, None), None),
        (case(deal()), None),
        (case(deal(), changed=frozenset({"Lines"})), "changes"),
        (case(deal(stage="closedlost")), "leaves"),
        (case(None), "disappears"),
        (case(deal(), state="won"), None),
        (case(deal(), state="left"), "enters"),
        (case(deal(stage="closedlost"), state="left"), None),
        (case(None, state="left"), None),
    ],
)
def test_what_a_look_at_a_deal_amounts_to(seen: Case, event: str | None) -> None:
    assert event_of(ORDER, seen) == event


def test_a_deal_agrees_while_it_shows_what_it_was_told() -> None:
    assert agrees(ORDER, LINK.shadow, deal(erp_order_id="SO-1", erp_shipped_percent="0"))
    assert agrees(ORDER, LINK.shadow, deal(erp_order_id="SO-1", erp_shipped_percent="0.0")), "equal numbers are equal"
    assert not agrees(ORDER, LINK.shadow, deal(erp_order_id="oops"))
    assert not agrees(ORDER, None, deal())


def test_equal_positions_are_equal_however_they_are_written() -> None:
    def agreed(quantity: str, price: str) -> Agreed:
        line = CrmRecord("line_items", "1", {"hs_sku": "A", "quantity": quantity, "price": price}, {})
        return agreed_on(ORDER, "SO-1", deal(), [line])

    assert agreed("3", "10") == agreed("3.0", "10.00")
    assert agreed("3", "10") != agreed("3", "10.01")


def rows(*positions: tuple[str, int, int]) -> list[dict[str, Any]]:
    return [{"name": f"r{n}", "item_code": i, "qty": q, "rate": r, "uom": "Nos"} for n, (i, q, r) in enumerate(positions)]


def test_rows_that_stay_are_named_and_only_they_are_kept() -> None:
    current = rows(("A", 1, 10), ("A", 2, 10), ("B", 1, 5))
    assert amended_rows(current, rows(("A", 1, 10), ("A", 2, 10), ("B", 1, 5)), None) is None
    assert amended_rows(current, rows(("A", 2, 10), ("B", 1, 5), ("A", 1, 10)), None) is None, "the order of rows is no content"
    sent = amended_rows(current, rows(("A", 2, 10), ("B", 3, 5), ("C", 1, 1)), "2026-03-09")
    assert sent is not None
    assert [row.get("docname") for row in sent] == ["r1", "r2", None], "an equal row is matched before one of the same item"
    assert [(row["item_code"], row["qty"]) for row in sent] == [("A", 2), ("B", 3), ("C", 1)]


def test_what_blocks_a_step_is_said_in_words() -> None:
    action = Action("cancel", "order", "erp", {"per_delivered": 0, "per_billed": 0, "status": "To Deliver and Bill"})
    assert blockers(ORDER, action, {"per_delivered": 0.0, "status": "To Deliver and Bill"}) == []
    order = {"per_delivered": 40, "per_billed": 12.5, "status": "On Hold", "items": [{"qty": 5, "delivered_qty": 2}]}
    assert blockers(ORDER, action, order) == [
        "2 of 5 were shipped",
        "12.5 % was invoiced",
        "Order status is On Hold instead of To Deliver and Bill",
    ]


@pytest.mark.parametrize("amount", ["99.99", "100.001", "", None, "a lot"])
def test_an_amount_that_is_not_the_sum_of_the_lines_is_a_problem_for_a_person(amount: str | None) -> None:
    problem = check_deal(BOOK, deal(amount), LINES)
    assert isinstance(problem, Problem)
    assert problem.record == "crm deals 5"


def test_no_company_no_lines_and_fractions_of_a_cent_are_problems() -> None:
    alone = CrmRecord("deals", "5", deal().properties, {})
    fine = [CrmRecord("line_items", "1", {"hs_sku": "A", "quantity": "1000", "price": "0.0045"}, {})]
    for plan in (check_deal(BOOK, alone, LINES), check_deal(BOOK, deal(), []), check_deal(BOOK, deal("4.5"), fine)):
        assert isinstance(plan, Problem)


def test_the_primary_company_is_not_always_the_first() -> None:
    related = {"companies": [("6", "deal_to_company_unlabeled"), ("7", "deal_to_company_unlabeled"), ("7", "deal_to_company")]}
    assert primary(CrmRecord("deals", "5", {}, related), "companies") == "7"
    assert primary(CrmRecord("deals", "5", {}, {}), "companies") is None


def test_an_order_carries_everything_at_once_and_money_as_exact_numbers() -> None:
    doc = order_doc(BOOK, deal(closedate="2026-03-02T10:00:00Z"), LINES, "Acme", date(2026, 3, 2))
    assert doc["docstatus"] == 1
    assert (doc["custom_crm_deal_id"], doc["custom_crm_deal_name"], doc["customer"], doc["company"]) == (
        "5",
        "Big",
        "Acme",
        "Acme GmbH",
    )
    assert doc["items"][0] == {"item_code": "A", "qty": Decimal(3), "rate": Decimal("33.33"), "warehouse": "Stores - ACM"}
    assert doc["taxes"][0]["rate"] == 19
    assert '"rate":33.33' in write_text(doc)
    assert "net_total" not in doc, "the ERP adds up its own lines"


@pytest.mark.parametrize(
    ("closed", "due"),
    [
        ("2026-03-02", "2026-03-09"),
        ("2026-03-02T23:30:00.5Z", "2026-03-09"),
        ("2020-01-01", "2026-03-03"),
        (None, "2026-03-09"),
        ("?", "2026-03-09"),
    ],
)
def test_delivery_is_some_days_after_the_close_date_and_never_in_the_past(closed: str | None, due: str) -> None:
    assert delivery_date(closed, date(2026, 3, 2), 7).isoformat() == due


def test_a_customer_gets_the_transformed_values_and_no_empty_ones() -> None:
    company = CrmRecord("companies", "7", {"name": " Acme ", "domain": "ACME.de", "phone": None, "tax_id": "DE1"}, {})
    assert customer_doc(BOOK, company) == {
        "customer_type": "Company",
        "customer_group": "Commercial",
        "territory": "All Territories",
        "custom_crm_company_id": "7",
        "customer_name": "Acme",
        "website": "acme.de",
        "tax_id": "DE1",
    }


def test_half_an_address_is_none_and_contacts_use_the_child_tables() -> None:
    company = CrmRecord("companies", "7", {"name": "Acme", "address": "Main St 1", "city": "Berlin", "country": ""}, {})
    assert address_doc(BOOK, company, "Acme", "x") is None
    jane = CrmRecord("contacts", "3", {"firstname": "", "lastname": "Doe", "email": "j@x.de", "phone": None}, {})
    doc = contact_doc(jane, "Acme", "x")
    assert (doc["first_name"], doc["email_ids"], doc["x"]) == ("Doe", [{"email_id": "j@x.de", "is_primary": 1}], "3")


def test_progress_is_the_mapped_status_and_sums_over_the_order_s_own_documents() -> None:
    invoices = [
        {"grand_total": Decimal("100.10"), "outstanding_amount": Decimal("0.1")},
        {"grand_total": Decimal("-20"), "outstanding_amount": Decimal(0)},
    ]
    row = {"name": "SO-1", "status": "To Deliver", "per_delivered": Decimal("33.333333")}
    assert progress_values(ORDER, row, {"invoices": invoices}) == {
        "erp_order_id": "SO-1",
        "erp_order_status": "to deliver",
        "erp_shipped_percent": "33.333333",
        "erp_invoiced_amount": "80.1",
        "erp_paid_amount": "80",
    }


def test_only_differences_are_written_and_equal_numbers_are_no_difference() -> None:
    current = {"erp_order_status": "open", "erp_shipped_percent": "50.0", "erp_invoiced_amount": None}
    wanted = {"erp_order_status": "open", "erp_shipped_percent": "50", "erp_invoiced_amount": "0"}
    assert differing(ORDER, "erp", current, wanted) == {"erp_invoiced_amount": "0"}
    assert differing(CUSTOMER, "crm", {}, {"tax_id": "", "website": "a.de"}) == {"website": "a.de"}


def test_an_order_row_is_news_only_when_its_own_fields_say_something_else() -> None:
    shadow = {"erp_order_status": "open", "erp_shipped_percent": "0"}
    row = {"name": "SO-1", "status": "To Deliver and Bill", "per_delivered": Decimal("0.0")}
    assert not is_news(ORDER, row, shadow)
    assert is_news(ORDER, {**row, "status": "Closed"}, shadow)
    assert is_news(ORDER, row, None)


def test_an_order_worth_something_else_than_the_deal_is_noticed() -> None:
    assert total_differs(ORDER, deal("100.00"), {"name": "SO-1", "net_total": Decimal("100.0")}) is None
    assert "99.99" in (total_differs(ORDER, deal("100.00"), {"name": "SO-1", "net_total": Decimal("99.99")}) or "")


@pytest.mark.parametrize(("value", "text"), [("100.00", "100"), ("1E+3", "1000"), ("-0.0", "0"), ("0.10", "0.1")])
def test_numbers_are_written_plainly(value: str, text: str) -> None:
    assert number_text(Decimal(value)) == text
