"""Any order with any lines, taxes, deliveries, returns, invoices, credit notes and payments, cancelled in any order: totals add up,
progress and outstanding amounts are right, and once everything is cancelled no ledger and no bin remembers anything.

The model knows quantities and amounts of the documents that stand; it is compared with the site after every step.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from erpnext_site import DELIVERY_NOTE, GET_PAYMENT_ENTRY, SALES_INVOICE, SALES_ORDER, VAT, ErpSite, data_of
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from harness.kit.call import Reply

ORDER, NOTE, INVOICE, PAYMENT = "Sales Order", "Delivery Note", "Sales Invoice", "Payment Entry"
SKUS = ("SKU-1", "SKU-2")
FREIGHT = {
    "charge_type": "Actual",
    "account_head": "Freight and Forwarding Charges - ACM",
    "description": "Freight",
    "tax_amount": 4.9,
}
TAXES: list[list[dict[str, Any]]] = [[], [VAT], [{**VAT, "included_in_print_rate": 1}], [VAT, FREIGHT]]
# What may keep a step from being taken; anything else is a fault of the fake.
REFUSALS = frozenset({"OverAllowanceError", "NegativeStockError", "LinkExistsError", "StockOverReturnError", "ValidationError"})
ZERO = Decimal(0)

lines = st.lists(
    st.tuples(st.sampled_from(SKUS), st.integers(1, 6), st.sampled_from([0.07, 1.0, 12.5, 33.33, 99.99])), min_size=1, max_size=3
)


def exact(value: Any) -> Decimal:
    return Decimal(str(value))


@dataclass
class Document:
    """One document that stands: its rows as the site has stored them, and for payments what they allocate to whom."""

    kind: str
    name: str
    fields: dict[str, Any]
    allocated: dict[str, Decimal] = field(default_factory=dict)


class Money(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.site = ErpSite(webhook_request_log=False)
        self.live: dict[str, Document] = {}
        self.seen: list[tuple[str, str]] = []

    # -- steps ----------------------------------------------------------------------------------------------------

    @initialize(rows=lines, taxes=st.sampled_from(TAXES), share=st.sampled_from([0, 10]))
    def first_order(self, rows: list[tuple[str, int, float]], taxes: list[dict[str, Any]], share: int) -> None:
        self._order(rows, taxes, share)

    @rule(rows=lines, taxes=st.sampled_from(TAXES), share=st.sampled_from([0, 10]))
    def order(self, rows: list[tuple[str, int, float]], taxes: list[dict[str, Any]], share: int) -> None:
        self._order(rows, taxes, share)

    def _order(self, rows: list[tuple[str, int, float]], taxes: list[dict[str, Any]], share: int) -> None:
        values = {"taxes": taxes, "additional_discount_percentage": share, "docstatus": 1}
        self._keep(ORDER, self.site.order(*rows, **values))

    @rule(pick=st.integers(0, 99), part=st.integers(1, 6))
    def deliver(self, pick: int, part: int) -> None:
        self._derive(ORDER, f"{SALES_ORDER}.make_delivery_note", NOTE, pick, part)

    @rule(pick=st.integers(0, 99), part=st.integers(1, 6))
    def bill_an_order(self, pick: int, part: int) -> None:
        self._derive(ORDER, f"{SALES_ORDER}.make_sales_invoice", INVOICE, pick, part)

    @rule(pick=st.integers(0, 99), part=st.integers(1, 6))
    def bill_and_ship_an_order(self, pick: int, part: int) -> None:
        self._derive(ORDER, f"{SALES_ORDER}.make_sales_invoice", INVOICE, pick, part, update_stock=1)

    @rule(pick=st.integers(0, 99), part=st.integers(1, 6))
    def bill_a_delivery(self, pick: int, part: int) -> None:
        self._derive(NOTE, f"{DELIVERY_NOTE}.make_sales_invoice", INVOICE, pick, part)

    @rule(pick=st.integers(0, 99), part=st.integers(1, 6))
    def take_back(self, pick: int, part: int) -> None:
        self._derive(NOTE, f"{DELIVERY_NOTE}.make_sales_return", NOTE, pick, part)

    @rule(pick=st.integers(0, 99), part=st.integers(1, 6), own=st.booleans(), reopen=st.booleans())
    def credit(self, pick: int, part: int, own: bool, reopen: bool) -> None:
        values = {"update_outstanding_for_self": int(own), "update_billed_amount_in_sales_order": int(reopen)}
        self._derive(INVOICE, f"{SALES_INVOICE}.make_sales_return", INVOICE, pick, part, **values)

    @rule(pick=st.integers(0, 99), percent=st.sampled_from([30, 100, 120]))
    def settle(self, pick: int, percent: int) -> None:
        self._pay(self._one(pick, INVOICE, ORDER), percent)

    @rule(pick=st.integers(0, 99))
    @precondition(lambda self: self.live)
    def cancel(self, pick: int) -> None:
        self._cancel(self._one(pick, *{document.kind for document in self.live.values()}))

    # -- what the steps do ----------------------------------------------------------------------------------------

    def _one(self, pick: int, *kinds: str) -> Document | None:
        found = [document for document in self.live.values() if document.kind in kinds]
        return found[pick % len(found)] if found else None

    def _derive(self, source: str, method: str, target: str, pick: int, part: int, **values: Any) -> None:
        """At most `part` of every row of what the site proposes."""
        document = self._one(pick, source)
        if document is None or document.fields.get("is_return"):
            return
        reply = self.site.call(method, source_name=document.name)
        if reply.status != 200:
            self._expect_refusal(reply)
            return
        proposal = reply.json()["message"]
        if values.get("update_stock") and any("delivery_note" in row for row in proposal["items"]):
            return
        rows = [{**row, "qty": max(-part, min(part, row["qty"]))} for row in proposal["items"]]
        if rows:
            self._keep(target, self.site.post(target, **{**proposal, **values, "items": rows, "docstatus": 1}))

    def _pay(self, document: Document | None, percent: int) -> None:
        if document is None:
            return
        reply = self.site.call(GET_PAYMENT_ENTRY, dt=document.kind, dn=document.name)
        if reply.status != 200:
            self._expect_refusal(reply)
            return
        proposal = reply.json()["message"]
        (row,) = proposal["references"]
        owed = exact(row["outstanding_amount"])
        amount = (abs(owed) * percent / 100).quantize(Decimal("0.01"), ROUND_HALF_EVEN) or Decimal("0.01")
        taken = min(amount, abs(owed)) * (1 if owed > 0 else -1)
        money = {"paid_amount": float(amount), "received_amount": float(amount)}
        rows = [{**row, "allocated_amount": float(taken)}]
        payment = self._keep(PAYMENT, self.site.post(PAYMENT, **{**proposal, **money, "references": rows, "docstatus": 1}))
        if payment is not None:
            payment.allocated = {document.name: taken}

    def _keep(self, kind: str, reply: Reply) -> Document | None:
        if reply.status != 200:
            self._expect_refusal(reply)
            return None
        fields = data_of(reply)
        document = self.live[fields["name"]] = Document(kind, fields["name"], fields)
        self.seen.append((kind, document.name))
        return document

    def _cancel(self, document: Document | None) -> bool:
        if document is None:
            return False
        reply = self.site.put(document.kind, document.name, docstatus=2)
        if reply.status != 200:
            self._expect_refusal(reply)
            return False
        del self.live[document.name]
        for payment in self.live.values():
            payment.allocated.pop(document.name, None)
        return True

    def _expect_refusal(self, reply: Reply) -> None:
        assert (reply.status, reply.json()["exc_type"] in REFUSALS) == (417, True), reply.body

    # -- the model against the site -------------------------------------------------------------------------------

    def _rows(self, kind: str, column: str, name: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        return [
            (document.fields, row)
            for document in self.live.values()
            if document.kind == kind
            for row in document.fields["items"]
            if row.get(column) == name
        ]

    def _shipped(self, row: str) -> Decimal:
        notes = [line["qty"] for _, line in self._rows(NOTE, "so_detail", row)]
        invoices = [line["qty"] for fields, line in self._rows(INVOICE, "so_detail", row) if fields["update_stock"]]
        return sum(map(exact, [*notes, *invoices]), ZERO)

    def _charged(self, row: str) -> Decimal:
        lines = self._rows(INVOICE, "so_detail", row)
        return sum(
            (
                exact(line["amount"])
                for fields, line in lines
                if not fields["is_return"] or fields["update_billed_amount_in_sales_order"]
            ),
            ZERO,
        )

    @invariant()
    def totals_add_up(self) -> None:
        for document in self.live.values():
            fields = document.fields
            if document.kind == PAYMENT:
                continue
            taxes = [exact(tax["tax_amount_after_discount_amount"]) for tax in fields["taxes"]]
            inclusive = any(tax["included_in_print_rate"] for tax in fields["taxes"])
            off = abs(exact(fields["grand_total"]) - sum(taxes, exact(fields["net_total"])))
            # Taxes taken out of rates and discounts of a grand total leave cents that the grand total is corrected by.
            assert off <= (Decimal("0.05") if inclusive or fields["discount_amount"] else ZERO), fields
            assert sum((exact(row["net_amount"]) for row in fields["items"]), ZERO) == exact(fields["net_total"])

    @invariant()
    def orders_know_their_progress(self) -> None:
        for document in self.live.values():
            if document.kind != ORDER:
                continue
            fields = self.site.get(ORDER, document.name)
            delivered = billed = quantity = amount = ZERO
            for row in fields["items"]:
                shipped, charged = self._shipped(row["name"]), self._charged(row["name"])
                assert (exact(row["delivered_qty"]), exact(row["billed_amt"])) == (shipped, charged)
                delivered, quantity = delivered + min(exact(row["qty"]), abs(shipped)), quantity + exact(row["qty"])
                billed, amount = billed + min(exact(row["amount"]), abs(charged)), amount + exact(row["amount"])
            six = Decimal("0.000001")
            assert exact(fields["per_delivered"]) == (delivered / quantity * 100).quantize(six, ROUND_HALF_EVEN)
            assert exact(fields["per_billed"]) == (billed / amount * 100).quantize(six, ROUND_HALF_EVEN)
            waits = ("To Deliver and Bill", "To Bill", "To Deliver", "Completed")
            done = (delivered >= quantity) + 2 * (fields["per_billed"] >= 100)
            assert fields["status"] == waits[done]
            assert exact(fields["advance_paid"]) == self._paid(document.name)

    def _paid(self, name: str) -> Decimal:
        return sum((document.allocated.get(name, ZERO) for document in self.live.values()), ZERO)

    @invariant()
    def invoices_know_what_is_owed(self) -> None:
        invoices = [document for document in self.live.values() if document.kind == INVOICE]
        credited: dict[str, Decimal] = {}
        for document in invoices:
            fields = document.fields
            if fields["is_return"] and not fields["update_outstanding_for_self"]:
                against = fields["return_against"]
                credited[against] = credited.get(against, ZERO) + exact(fields["rounded_total"])
        for document in invoices:
            fields, stored = document.fields, self.site.get(INVOICE, document.name)
            own = not fields["is_return"] or fields["update_outstanding_for_self"]
            left = (exact(fields["rounded_total"]) if own else ZERO) + credited.get(document.name, ZERO) - self._paid(document.name)
            assert exact(stored["outstanding_amount"]) == left
            has_credit = any(other.fields.get("return_against") == document.name for other in invoices)
            if left > 0:
                assert stored["status"] == ("Unpaid" if left >= exact(fields["rounded_total"]) else "Partly Paid")
            else:
                assert stored["status"] == ("Return" if fields["is_return"] else "Credit Note Issued" if has_credit else "Paid")

    @invariant()
    def bins_know_what_is_there_and_what_is_promised(self) -> None:
        for sku in SKUS:
            moved = reserved = ZERO
            for document in self.live.values():
                for row in document.fields.get("items", ()):
                    if row["item_code"] != sku:
                        continue
                    if document.kind == NOTE or (document.kind == INVOICE and document.fields["update_stock"]):
                        moved += exact(row["qty"])
                    if document.kind == ORDER:
                        reserved += max(ZERO, exact(row["qty"]) - self._shipped(row["name"]))
            on_hand, held = self.site.bin(sku)
            assert (exact(on_hand), exact(held)) == (100 - moved, reserved)

    def teardown(self) -> None:
        """Cancel what stands, whatever may go first, and look for anything left."""
        while self.live:
            gone = [self._cancel(document) for document in reversed(list(self.live.values()))]
            assert any(gone), [document.name for document in self.live.values()]
        assert [self.site.bin(sku) for sku in SKUS] == [(100.0, 0.0), (100.0, 0.0)]
        for ledger, mark, signed in (
            ("GL Entry", "is_cancelled", ("debit", "credit")),
            ("Payment Ledger Entry", "delinked", ("amount",)),
            ("Stock Ledger Entry", "is_cancelled", ("actual_qty", "stock_value_difference")),
        ):
            rows = self.site.rows(ledger, fields=["voucher_type", "voucher_no", mark, *signed], limit_page_length=0)
            rows = [row for row in rows if (row["voucher_type"], row["voucher_no"]) in self.seen]
            assert all(row[mark] for row in rows)
            if ledger == "GL Entry":
                assert sum((exact(row["debit"]) - exact(row["credit"]) for row in rows), ZERO) == 0
            else:
                assert [sum((exact(row[name]) for row in rows), ZERO) for name in signed] == [0] * len(signed)
        for order in (name for kind, name in self.seen if kind == ORDER):
            fields = self.site.get(ORDER, order)
            assert (fields["per_delivered"], fields["per_billed"], fields["advance_paid"]) == (0.0, 0.0, 0.0)


MoneyTest = Money.TestCase
# A failure is shown as it is found: shrinking one takes minutes.
MoneyTest.settings = settings(max_examples=15, stateful_step_count=12, deadline=None, derandomize=True, phases=[Phase.generate])
