"""Conditions of webhooks: what they may ask, when they are refused, and how one that fails stops a save. Source: facts 6.2."""

from __future__ import annotations

from decimal import Decimal

import pytest
from erpnext_site import ErpSite, data_of, refused
from hypothesis import given
from hypothesis import strategies as st

from fake_erp.erpnext.events.expressions import FAILURES, BadExpression, read_expression
from fake_erp.erpnext.events.views import DocView

URL = "https://hook.example/x"


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


def subscribe(site: ErpSite, condition: str, event: str = "on_update") -> None:
    values = {"webhook_doctype": "Sales Order", "webhook_docevent": event, "request_url": URL, "condition": condition}
    data_of(site.post("Webhook", name="hook", **values))


def told(site: ErpSite) -> list[str]:
    """Events that were queued for background workers."""
    site.wait(10)
    return [delivery.subject.split(" ")[2] for delivery in site.fake.webhooks.take_due()]


@pytest.mark.parametrize(
    "condition",
    [
        "doc.customer == 'ACME'",
        "doc.customer != None and doc.po_no is None",
        "doc.get('customer') in ['ACME', 'Other'] and 'x' not in ('y', 'z')",
        "doc.get('nothing', 7) == 7",
        "doc.grand_total * 2 > 199.9 and doc.grand_total == 99.99",
        "100 > doc.grand_total > 99",
        "doc.customer and doc.customer.lower().startswith('ac') and doc.customer.endswith('E')",
        "not doc.po_no",
        "doc.items and doc.items[0].item_code == 'SKU-1'",
        "'SKU-1' in [row.item_code for row in doc.items if row.qty >= 3]",
        "(doc.po_no or 'none') == 'none'",
        "doc.total_qty if doc.po_no else 1",
        "round(doc.grand_total, 1) == 100.0 and int('7') % 4 == 3 and -1 < 0 and 7 // 2 == 3",
        "utils.flt(doc.grand_total) > 0 and utils.cint('4') == 4 and doc.transaction_date == utils.nowdate()",
        "doc.delivery_date and doc.delivery_date > utils.add_days(utils.today(), 1)",
        "{'To Deliver and Bill': 1}.get(doc.status, 1) == 1",
        "doc.is_new() or doc.doctype == 'Sales Order'",
        "1.5 in {1.5, 2}",
    ],
)
def test_what_a_condition_may_ask(site: ErpSite, condition: str) -> None:
    subscribe(site, condition)
    site.draft_order()
    assert told(site) == ["on_update"]


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("doc.customer ==", "invalid syntax"),
        ("import os", "invalid syntax"),
        ("doc.customr == 'ACME'", "'SalesOrder' object has no attribute 'customr'"),
        ("doc['customer'] == 'ACME'", "'SalesOrder' object is not subscriptable"),
        ("len(doc.items) > 1", "name 'len' is not defined"),
        ("frappe.session.user != 'x'", "name 'frappe' is not defined"),
        ("doc.po_no > 5", "'>' not supported between instances of 'NoneType' and 'int'"),
        ("doc.get_doc_before_save().status != doc.status", "'NoneType' object has no attribute 'status'"),
        ("doc.__class__", '"__class__" is an invalid attribute name because it starts with "_".'),
        ("(x := doc)", "Operation not allowed"),
        ("lambda: 1", "Operation not allowed"),
        ("2 ** 100000000", "Operation not allowed"),
        ("'x' * 100000000", "the result is too large"),
        ("'%100000000d' % 1", "formatting is not supported by fake"),
        ("1 / 0", "division by zero"),
        ("utils.nope()", "module has no attribute 'nope'"),
        ("doc()", "'SalesOrder' object is not callable"),
        ("'a'.format(doc)", "'str' object has no attribute 'format'"),
        ("not " * 100 + "1", "too deeply nested"),
        ("1" + " + 1" * 5_000, "the expression is too long"),
    ],
)
def test_what_fails_for_an_empty_document_is_refused_when_the_webhook_is_saved(site: ErpSite, condition: str, words: str) -> None:
    row = {"name": "bad", "webhook_doctype": "Sales Order", "webhook_docevent": "on_update", "request_url": URL}
    told = refused(site.post("Webhook", **row, condition=condition), 417, "ValidationError")
    assert told.startswith("Invalid Condition: ")
    assert words in told
    assert site.rows("Webhook") == []


def test_a_condition_knows_what_a_save_changes(site: ErpSite) -> None:
    subscribe(site, "doc.has_value_changed('po_no')")
    name = site.draft_order()
    assert told(site) == ["on_update"]  # everything of a new document has changed
    site.put("Sales Order", name, delivery_date="2026-05-01")
    assert told(site) == []
    site.put("Sales Order", name, po_no="PO-1")
    assert told(site) == ["on_update"]
    site.put("Sales Order", name, po_no="PO-1")
    assert told(site) == []


def test_the_document_before_the_save_is_there_for_all_but_new_ones(site: ErpSite) -> None:
    subscribe(site, "doc.get_doc_before_save() and doc.get_doc_before_save().po_no == 'PO-1' and doc.po_no == 'PO-2'")
    name = site.draft_order(po_no="PO-1")
    assert told(site) == []
    site.put("Sales Order", name, po_no="PO-2")
    assert told(site) == ["on_update"]


def test_a_change_of_status_by_a_delivery_is_a_change_too(site: ErpSite) -> None:
    name = site.submitted_order()
    subscribe(site, "doc.has_value_changed('status') and doc.status == 'To Bill'", "on_change")
    site.people.ship(name, Decimal(1))
    assert told(site) == ["on_change"]


def test_a_condition_that_fails_makes_the_save_fail(site: ErpSite) -> None:
    subscribe(site, "doc.po_no and doc.po_no > 5")
    site.draft_order()
    reply = site.order(po_no="text")
    assert reply.status == 500
    body = reply.json()
    assert (body["exc_type"], "_server_messages" in body) == ("TypeError", False)
    assert body["exception"] == "TypeError: '>' not supported between instances of 'str' and 'int'"
    assert len(site.rows("Sales Order")) == 1


def test_a_condition_of_a_webhook_for_another_event_stops_a_save_as_well(site: ErpSite) -> None:
    subscribe(site, "doc.po_no and doc.po_no > 5", "on_trash")
    assert site.order(po_no="text").status == 500
    assert site.rows("Sales Order") == []


# -- any expression -------------------------------------------------------------------------------------------------------

ATOMS = st.sampled_from(
    ["doc", "doc.a", "doc.rows", "doc.get('a')", "doc.nope", "1", "2.5", "'x'", "None", "True", "[]", "{}", "x", "int", "utils"]
)
FORMS = ["({} + {})", "({} * {})", "({} / {})", "({} % {})", "({} - {})", "({} < {})", "({} in {})", "({} and {})", "({} or {})"]
FORMS += [
    "{}[{}]",
    "{}({})",
    "[{} for x in {}]",
    "{}.upper({})",
    "({} is not {})",
    "round({}, {})",
    "[{}, {}]",
    "({} if {} else 0)",
]
EXPRESSIONS = st.recursive(
    ATOMS, lambda inner: st.tuples(st.sampled_from(FORMS), inner, inner).map(lambda t: t[0].format(t[1], t[2])), max_leaves=10
)


@given(text=EXPRESSIONS | st.text(max_size=30))
def test_an_expression_gives_a_value_or_one_of_the_expected_failures(text: str) -> None:
    """Invariant: reading raises nothing but BadExpression, evaluating nothing but what a save answers with 500."""
    doc = DocView({"doctype": "Sales Order", "a": "text", "rows": [{"b": 1}]}, lambda: None)
    try:
        read_expression(text)({"doc": doc})
    except (BadExpression, *FAILURES):
        pass
