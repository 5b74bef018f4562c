"""Decisions without I/O."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from tiny_vendors import DICTIONARY

from sync_engine.dictionary import load
from sync_engine.outcomes import Problem
from sync_engine.plan import (
    Onboard,
    PlaceOrder,
    Recheck,
    address_doc,
    contact_doc,
    customer_doc,
    differing,
    is_news,
    order_doc,
    plan_deal,
    primary,
    progress_values,
    total_differs,
)
from sync_engine.store import Link
from sync_engine.values import delivery_date, number_text
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


def test_a_won_deal_onboards_its_company_and_places_its_order() -> None:
    assert plan_deal(BOOK, deal(), LINES, None) == [Onboard("7"), PlaceOrder("5")]


@pytest.mark.parametrize("stage", ["contractsent", "closedlost", ""])
def test_open_and_lost_deals_do_nothing(stage: str) -> None:
    assert plan_deal(BOOK, deal(stage=stage), None, None) == []


def test_a_linked_deal_is_never_ordered_again_whatever_it_says() -> None:
    link = Link("order", "5", "SO-1", {"erp_order_id": "SO-1", "erp_shipped_percent": "0"})
    assert plan_deal(BOOK, deal(erp_order_id="SO-1", erp_shipped_percent="0"), LINES, link) == []
    assert plan_deal(BOOK, deal(erp_order_id="SO-1", erp_shipped_percent="0.0"), LINES, link) == [], "equal numbers are equal"
    assert plan_deal(BOOK, deal(erp_order_id="oops"), LINES, link) == [Recheck("SO-1")]
    assert plan_deal(BOOK, deal(), LINES, Link("order", "5", "SO-1", None)) == [Recheck("SO-1")]


@pytest.mark.parametrize("amount", ["99.99", "100.001", "", None, "a lot"])
def test_an_amount_that_is_not_the_sum_of_the_lines_is_a_problem_for_a_person(amount: str | None) -> None:
    problem = plan_deal(BOOK, deal(amount), LINES, None)
    assert isinstance(problem, Problem)
    assert problem.record == "crm deals 5"


def test_no_company_no_lines_and_fractions_of_a_cent_are_problems() -> None:
    alone = CrmRecord("deals", "5", deal().properties, {})
    fine = [CrmRecord("line_items", "1", {"hs_sku": "A", "quantity": "1000", "price": "0.0045"}, {})]
    for plan in (plan_deal(BOOK, alone, LINES, None), plan_deal(BOOK, deal(), [], None), plan_deal(BOOK, deal("4.5"), fine, None)):
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
