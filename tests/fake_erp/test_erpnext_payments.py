"""Payments: what they settle, what they leave, what they are refused for. Source: facts 4.6 and 4.7."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from erpnext_site import GET_PAYMENT_ENTRY, SALES_INVOICE, ErpSite, data_of, refused

MAKE_REQUEST = "erpnext.accounts.doctype.payment_request.payment_request.make_payment_request"


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


def invoice_of(site: ErpSite, rate: float = 100, **values: Any) -> str:
    line = {"item_code": "SKU-1", "qty": 1, "rate": rate}
    return str(site.add("Sales Invoice", **{"customer": "ACME", "items": [line], "docstatus": 1, **values})["name"])


def proposed(site: ErpSite, name: str, doctype: str = "Sales Invoice") -> dict[str, Any]:
    reply = site.call(GET_PAYMENT_ENTRY, dt=doctype, dn=name)
    assert reply.status == 200, reply.body
    return dict(reply.json()["message"])


def pay(site: ErpSite, name: str, amount: float, **values: Any) -> dict[str, Any]:
    proposal = proposed(site, name)
    row = {**proposal["references"][0], "allocated_amount": amount}
    return site.add(
        "Payment Entry", **{**proposal, "paid_amount": amount, "received_amount": amount, "references": [row], **values}
    )


def state(site: ErpSite, invoice: str) -> tuple[str, float]:
    fields = site.get("Sales Invoice", invoice)
    return fields["status"], fields["outstanding_amount"]


def test_an_invoice_on_its_way_to_paid_and_back(site: ErpSite) -> None:
    invoice = invoice_of(site)
    assert state(site, invoice) == ("Unpaid", 100.0)
    first = pay(site, invoice, 40, docstatus=1)["name"]
    assert state(site, invoice) == ("Partly Paid", 60.0)
    second = pay(site, invoice, 60, docstatus=1)["name"]
    assert state(site, invoice) == ("Paid", 0.0)
    data_of(site.put("Payment Entry", first, docstatus=2))
    assert state(site, invoice) == ("Partly Paid", 40.0)
    data_of(site.put("Payment Entry", second, docstatus=2))
    assert state(site, invoice) == ("Unpaid", 100.0)
    assert site.get("Payment Entry", second)["status"] == "Cancelled"


def test_payments_fill_the_instalments_in_their_order(site: ErpSite) -> None:
    today, later = site.fake.site.time.today(), "2026-04-30"
    schedule = [{"due_date": today, "invoice_portion": 30}, {"due_date": later, "invoice_portion": 70}]
    invoice = invoice_of(site, payment_schedule=schedule, due_date=later)
    pay(site, invoice, 50, docstatus=1)
    rows = site.get("Sales Invoice", invoice)["payment_schedule"]
    assert [(row["paid_amount"], row["outstanding"]) for row in rows] == [(30.0, 0.0), (20.0, 50.0)]
    site.wait(86_400)
    assert state(site, invoice) == ("Partly Paid", 50.0), "what was due has been paid"


def test_a_partly_paid_invoice_past_its_date_is_overdue(site: ErpSite) -> None:
    invoice = invoice_of(site)
    site.wait(86_400)
    pay(site, invoice, 40, docstatus=1)
    assert state(site, invoice) == ("Overdue", 60.0)


def test_one_payment_for_two_invoices(site: ErpSite) -> None:
    one, two = invoice_of(site), invoice_of(site, 50)
    proposal = proposed(site, one)
    rows = [proposal["references"][0], proposed(site, two)["references"][0]]
    payment = site.add(
        "Payment Entry", **{**proposal, "paid_amount": 150, "received_amount": 150, "references": rows, "docstatus": 1}
    )
    assert (payment["total_allocated_amount"], payment["unallocated_amount"]) == (150.0, 0.0)
    assert (state(site, one), state(site, two)) == (("Paid", 0.0), ("Paid", 0.0))


def test_too_much_money_stays_unallocated_and_too_little_is_a_difference(site: ErpSite) -> None:
    invoice = invoice_of(site)
    over = site.add("Payment Entry", **{**proposed(site, invoice), "paid_amount": 130, "received_amount": 130})
    assert (over["unallocated_amount"], over["difference_amount"]) == (30.0, 0.0)
    under = site.add("Payment Entry", **{**proposed(site, invoice), "paid_amount": 90, "received_amount": 90})
    assert (under["unallocated_amount"], under["difference_amount"]) == (0.0, 10.0)
    words = refused(site.put("Payment Entry", under["name"], docstatus=1), 417, "ValidationError")
    assert words == "Difference Amount must be zero"


def test_a_deduction_explains_what_is_missing(site: ErpSite) -> None:
    invoice = invoice_of(site)
    discount = [{"account": "Write Off - ACM", "amount": 2}]
    values = {"paid_amount": 98, "received_amount": 98, "deductions": discount, "docstatus": 1}
    payment = site.add("Payment Entry", **{**proposed(site, invoice), **values})
    assert (payment["difference_amount"], payment["deductions"][0]["cost_center"]) == (0.0, "Main - ACM")
    assert state(site, invoice) == ("Paid", 0.0)


def test_an_advance_on_an_order_is_not_taken_twice(site: ErpSite) -> None:
    order = site.submitted_order(("SKU-1", 1, 100))
    proposal = proposed(site, order, "Sales Order")
    row = {**proposal["references"][0], "allocated_amount": 30}
    first = site.add("Payment Entry", **{**proposal, "paid_amount": 30, "received_amount": 30, "references": [row], "docstatus": 1})
    assert site.get("Sales Order", order)["advance_paid"] == 30.0
    assert proposed(site, order, "Sales Order")["paid_amount"] == 70.0
    words = refused(site.post("Payment Entry", **proposal), 417, "ValidationError")
    assert words == "Row #1: Allocated Amount cannot be greater than outstanding amount."
    data_of(site.put("Payment Entry", first["name"], docstatus=2))
    assert site.get("Sales Order", order)["advance_paid"] == 0.0


def test_a_cancelled_order_leaves_its_advance_with_the_customer_or_is_not_cancelled() -> None:
    for unlinks in (True, False):
        site = ErpSite(unlink_advance_payment_on_cancelation_of_order=unlinks)
        order = site.submitted_order(("SKU-1", 1, 100))
        payment = site.add("Payment Entry", **{**proposed(site, order, "Sales Order"), "docstatus": 1})["name"]
        reply = site.put("Sales Order", order, docstatus=2)
        if not unlinks:
            refused(reply, 417, "LinkExistsError")
            continue
        assert data_of(reply)["advance_paid"] == 0.0
        after = site.get("Payment Entry", payment)
        assert (after["references"], after["unallocated_amount"]) == ([], 100.0)


def test_a_billed_order_takes_no_advance(site: ErpSite) -> None:
    order = site.submitted_order(("SKU-1", 1, 100))
    late = site.add("Payment Entry", **proposed(site, order, "Sales Order"))["name"]
    site.people.ship(order, Decimal(1))
    site.people.invoice(order)
    words = "Can only make payment against unbilled Sales Order"
    assert refused(site.call(GET_PAYMENT_ENTRY, dt="Sales Order", dn=order), 417, "ValidationError") == words
    assert refused(site.put("Payment Entry", late, docstatus=1), 417, "ValidationError") == words


def test_money_goes_back_for_a_credit_note(site: ErpSite) -> None:
    invoice = invoice_of(site)
    pay(site, invoice, 100, docstatus=1)
    proposal = site.proposal(f"{SALES_INVOICE}.make_sales_return", invoice)
    note = site.add("Sales Invoice", **{**proposal, "docstatus": 1})["name"]
    assert state(site, invoice) == ("Credit Note Issued", 0.0)
    refund = proposed(site, note)
    assert (refund["payment_type"], refund["paid_from"], refund["paid_to"]) == ("Pay", "Cash - ACM", "Debtors - ACM")
    assert (refund["paid_amount"], refund["references"][0]["allocated_amount"]) == (100.0, -100.0)
    payment = site.add("Payment Entry", **{**refund, "docstatus": 1})
    assert (payment["total_allocated_amount"], payment["unallocated_amount"], payment["difference_amount"]) == (100.0, 0.0, 0.0)
    assert state(site, note) == ("Return", 0.0)
    again = site.call(GET_PAYMENT_ENTRY, dt="Sales Invoice", dn=note)
    assert refused(again, 417, "ValidationError") == f"Sales Invoice {note} has already been fully paid."
    data_of(site.put("Payment Entry", payment["name"], docstatus=2))
    assert state(site, note) == ("Return", -100.0)


def test_a_credit_note_is_set_off_against_another_invoice(site: ErpSite) -> None:
    old, new = invoice_of(site, 30), invoice_of(site, 100)
    note = site.add("Sales Invoice", **{**site.proposal(f"{SALES_INVOICE}.make_sales_return", old), "docstatus": 1})["name"]
    rows = [proposed(site, new)["references"][0], proposed(site, note)["references"][0]]
    payment = {**proposed(site, new), "paid_amount": 70, "received_amount": 70, "references": rows, "docstatus": 1}
    assert site.add("Payment Entry", **payment)["total_allocated_amount"] == 70.0
    assert (state(site, new), state(site, note)) == (("Paid", 0.0), ("Return", 0.0))


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ({"party_type": None, "party": None}, "Party Type is mandatory"),
        ({"party": None}, "Party is mandatory"),
        ({"paid_amount": 0}, "Paid Amount is mandatory"),
        ({"received_amount": 0}, "Received Amount is mandatory"),
        ({"received_amount": 101}, "Received Amount cannot be greater than Paid Amount"),
    ],
)
def test_what_a_payment_must_say(site: ErpSite, header: dict[str, Any], words: str) -> None:
    reply = site.post("Payment Entry", **{**proposed(site, invoice_of(site)), **header})
    assert refused(reply, 417, "ValidationError") == words


def test_what_a_payment_may_settle(site: ErpSite) -> None:
    invoice, draft = invoice_of(site), invoice_of(site, docstatus=0)
    proposal = proposed(site, invoice)
    (row,) = proposal["references"]
    site.add("Customer", customer_name="Other", customer_type="Company")
    for change, words in (
        ({"party": "Other"}, f"Sales Invoice {invoice} is not associated with Customer Other"),
        ({"references": [{**row, "reference_name": draft, "outstanding_amount": 0}]}, f"Sales Invoice {draft} must be submitted"),
        ({"references": [row, row]}, f"Row #2: Duplicate entry in References Sales Invoice {invoice}"),
    ):
        assert refused(site.post("Payment Entry", **{**proposal, **change}), 417, "ValidationError") == words
    bank = "Bank - ACM"
    words = "Reference No and Reference Date is mandatory for Bank transaction"
    assert refused(site.post("Payment Entry", **{**proposal, "paid_to": bank}), 417, "ValidationError") == words
    assert site.post("Payment Entry", **{**proposal, "paid_to": bank, "reference_no": "T-1"}).status == 200


def test_an_invoice_in_dollars_is_owed_in_euros_on_an_account_in_euros(site: ErpSite) -> None:
    invoice = invoice_of(site, currency="USD", conversion_rate=0.9)
    fields = site.get("Sales Invoice", invoice)
    assert (fields["grand_total"], fields["outstanding_amount"], fields["party_account_currency"]) == (100.0, 90.0, "EUR")
    pay(site, invoice, 45, docstatus=1)
    assert state(site, invoice) == ("Partly Paid", 45.0)
    (row,) = site.get("Sales Invoice", invoice)["payment_schedule"]
    assert (row["paid_amount"], row["outstanding"], row["base_paid_amount"]) == (50.0, 50.0, 45.0)


def test_an_invoice_in_dollars_on_an_account_in_dollars_and_what_the_rate_has_cost(site: ErpSite) -> None:
    account = {"account_name": "Debtors USD", "company": "Acme GmbH", "account_type": "Receivable", "account_currency": "USD"}
    dollars = site.add("Account", **account)["name"]
    invoice = invoice_of(site, currency="USD", conversion_rate=0.9, debit_to=dollars)
    proposal = proposed(site, invoice)
    assert (proposal["paid_amount"], proposal["source_exchange_rate"], proposal["received_amount"]) == (100.0, 0.9, 90.0)
    worse = {**proposal, "source_exchange_rate": 0.88, "received_amount": 88}
    draft = site.add("Payment Entry", **worse)
    assert draft["difference_amount"] == 2.0
    assert (
        refused(site.put("Payment Entry", draft["name"], docstatus=1), 417, "ValidationError") == "Difference Amount must be zero"
    )
    loss = [{"account": "Exchange Gain/Loss - ACM", "amount": 2}]
    payment = site.add("Payment Entry", **{**worse, "deductions": loss, "docstatus": 1})
    assert payment["difference_amount"] == 0.0
    assert state(site, invoice) == ("Paid", 0.0)
    rows = site.rows("GL Entry", filters={"voucher_no": payment["name"]}, fields=["account", "debit", "credit"], order_by="account")
    assert [tuple(row.values()) for row in rows] == [
        ("Cash - ACM", 88.0, 0.0),
        (dollars, 0.0, 90.0),
        ("Exchange Gain/Loss - ACM", 2.0, 0.0),
    ]


def test_a_request_is_settled_by_the_payment_of_its_amount(site: ErpSite) -> None:
    invoice = invoice_of(site)
    draft = site.call(MAKE_REQUEST, dt="Sales Invoice", dn=invoice, mute_email=1).json()["message"]
    assert (draft["name"], draft["status"], draft["grand_total"]) == ("ACC-PRQ-2026-00001", "Draft", 100.0)
    again = site.call(MAKE_REQUEST, dt="Sales Invoice", dn=invoice, submit_doc=1).json()["message"]
    assert (again["name"], again["status"], again["outstanding_amount"]) == (draft["name"], "Requested", 100.0)
    reply = site.call(MAKE_REQUEST, dt="Sales Invoice", dn=invoice)
    assert refused(reply, 417, "ValidationError") == "Payment Request is already created"
    payment = pay(site, invoice, 100, docstatus=1)
    assert payment["references"][0]["payment_request"] == draft["name"]
    assert site.get("Payment Request", draft["name"])["status"] == "Paid"
    refused(site.put("Payment Request", draft["name"], docstatus=2), 417, "LinkExistsError")
    data_of(site.put("Payment Entry", payment["name"], docstatus=2))
    assert site.get("Payment Request", draft["name"])["status"] == "Requested"
    data_of(site.put("Payment Request", draft["name"], docstatus=2))


def test_a_request_cannot_ask_for_more_than_is_owed(site: ErpSite) -> None:
    invoice = invoice_of(site)
    values = {"reference_doctype": "Sales Invoice", "reference_name": invoice, "party_type": "Customer", "party": "ACME"}
    reply = site.post("Payment Request", grand_total=101, **values)
    words = refused(reply, 417, "ValidationError")
    assert words == "Total Payment Request amount cannot be greater than Sales Invoice amount"
    assert "Payment Requests cannot be created against" in refused(
        site.call(MAKE_REQUEST, dt="Item", dn="SKU-1"), 417, "ValidationError"
    )
    refused(site.call(MAKE_REQUEST, dt="Sales Order", dn="SAL-ORD-2026-09999"), 404, "DoesNotExistError")
    order = site.submitted_order(("SKU-1", 1, 100))
    request = site.call(MAKE_REQUEST, dt="Sales Order", dn=order, submit_doc="1").json()["message"]
    proposal = proposed(site, order, "Sales Order")
    row = {**proposal["references"][0], "allocated_amount": 40, "payment_request": request["name"]}
    site.add("Payment Entry", **{**proposal, "paid_amount": 40, "received_amount": 40, "references": [row], "docstatus": 1})
    after = site.get("Payment Request", request["name"])
    assert (after["status"], after["outstanding_amount"]) == ("Partially Paid", 60.0)
