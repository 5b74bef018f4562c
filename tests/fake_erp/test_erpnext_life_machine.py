"""Any sequence of create, save, submit, cancel, amend and delete from quotation to invoice agrees with a model."""

from __future__ import annotations

from typing import Any

from erpnext_model import CANCELLED, DRAFT, MADE_FROM, SERIES, SUBMITTED, Key, Model
from erpnext_site import QUOTATION, SALES_ORDER, ErpSite
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from harness.kit.call import Reply

MAKE = {
    "Sales Order": f"{QUOTATION}.make_sales_order",
    "Delivery Note": f"{SALES_ORDER}.make_delivery_note",
    "Sales Invoice": f"{SALES_ORDER}.make_sales_invoice",
}
# Every order takes a part of its quotation, and deliveries and invoices a part of their order: nothing is ever used up.
QTY = {"Quotation": 10_000.0, "Sales Order": 100.0, "Delivery Note": 1.0, "Sales Invoice": 1.0}
HARMLESS = {"Quotation": "title", "Sales Order": "po_no", "Delivery Note": "po_no", "Sales Invoice": "po_no"}


class Life(RuleBasedStateMachine):
    """Every call is made to the fake; the model says what must have become of it."""

    def __init__(self) -> None:
        super().__init__()
        self.site = ErpSite(allow_negative_stock=True)
        self.model = Model()
        self.number = 0

    def agree(self, reply: Reply, expected: str, status: int = 200) -> None:
        told = reply.json().get("exc_type", "")
        assert told == expected, (told, expected, reply.body)
        assert reply.status == ({"": status, "DuplicateEntryError": 409}.get(expected, 417)), reply.body

    # -- new documents --------------------------------------------------------------------------------------------

    @initialize()
    def begin_with_an_order(self) -> None:
        self.quote(submitted=True)
        self.store("Sales Order", ("Quotation", "SAL-QTN-2026-00001"), SUBMITTED)

    @precondition(lambda self: len(self.model.documents) < 4)
    @rule(submitted=st.booleans())
    def quote(self, submitted: bool) -> None:
        rows = [{"item_code": "SKU-1", "qty": QTY["Quotation"], "rate": 5}]
        state = SUBMITTED if submitted else DRAFT
        reply = self.site.post("Quotation", quotation_to="Customer", party_name="ACME", items=rows, docstatus=state)
        self.agree(reply, self.model.create("Quotation", None, state))

    @rule(data=st.data(), kind=st.sampled_from(sorted(MADE_FROM)), submitted=st.booleans())
    def make(self, data: st.DataObject, kind: str, submitted: bool) -> None:
        """What a mapping method proposes, stored; only a submitted document is mapped."""
        sources = sorted(key for key in self.model.documents if key[0] == MADE_FROM[kind])
        ready = [key for key in sources if self.model.state(key) == SUBMITTED]
        if not sources:
            return
        source = data.draw(st.sampled_from(ready if ready and data.draw(st.integers(0, 3)) else sources))
        self.store(kind, source, SUBMITTED if submitted else DRAFT)

    def store(self, kind: str, source: Key, state: int) -> None:
        proposal = self.site.call(MAKE[kind], source_name=source[1])
        if self.model.state(source) != SUBMITTED:
            assert (proposal.status, proposal.json()["exc_type"]) == (417, "ValidationError")
            return
        assert proposal.status == 200, proposal.body
        doc = dict(proposal.json()["message"])
        for row in doc["items"]:
            row["qty"] = QTY[kind]
        more: dict[str, Any] = {"delivery_date": "2026-06-01"} if kind == "Sales Order" else {}
        self.agree(self.site.post(kind, **{**doc, **more, "docstatus": state}), self.model.create(kind, source, state))

    @precondition(lambda self: any(document.state == CANCELLED for document in self.model.documents.values()))
    @rule(data=st.data())
    def amend(self, data: st.DataObject) -> None:
        key = self.any_document(data, CANCELLED)
        copy = self.site.get(*key)
        for name in ("name", "docstatus", "modified"):
            del copy[name]
        for row in copy["items"]:
            del row["name"]
        self.agree(self.site.post(key[0], **{**copy, "amended_from": key[1]}), self.model.amend(key))

    # -- documents that exist -------------------------------------------------------------------------------------

    @precondition(lambda self: self.model.documents)
    @rule(data=st.data())
    def save(self, data: st.DataObject) -> None:
        key = self.any_document(data)
        self.number += 1
        self.agree(self.site.put(*key, **{HARMLESS[key[0]]: f"{self.number}"}), self.model.save(key))

    @precondition(lambda self: self.model.documents)
    @rule(data=st.data())
    def submit(self, data: st.DataObject) -> None:
        """Twice is no error: the second is a save."""
        key = self.any_document(data, DRAFT)
        self.agree(self.site.put(*key, docstatus=SUBMITTED), self.model.submit(key))

    @precondition(lambda self: self.model.documents)
    @rule(data=st.data(), by_function=st.booleans())
    def cancel(self, data: st.DataObject, by_function: bool) -> None:
        key = self.any_document(data, SUBMITTED)
        if by_function:
            self.site.wait(1)
            reply = self.site.call("frappe.client.cancel", doctype=key[0], name=key[1])
        else:
            reply = self.site.put(*key, docstatus=CANCELLED)
        self.agree(reply, self.model.cancel(key))

    @precondition(lambda self: self.model.documents)
    @rule(data=st.data())
    def back_to_draft(self, data: st.DataObject) -> None:
        key = self.any_document(data)
        expected = self.model.back_to_draft(key) or self.model.save(key)
        self.agree(self.site.put(*key, docstatus=DRAFT), expected)

    @precondition(lambda self: self.model.documents)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        key = self.any_document(data)
        self.agree(self.site.delete(*key), self.model.delete(key), status=202)

    # -- what must always be true ---------------------------------------------------------------------------------

    @invariant()
    def every_list_shows_exactly_the_documents_and_their_states(self) -> None:
        for kind in SERIES:
            rows = self.site.rows(kind, fields=["name", "docstatus"], limit_page_length=0)
            shown = {(kind, row["name"]): row["docstatus"] for row in rows}
            assert shown == {key: doc.state for key, doc in self.model.documents.items() if key[0] == kind}

    def teardown(self) -> None:
        """Nothing reserved or moved is left once everything is cancelled, from the end of the chain to its beginning."""
        for kind in reversed(SERIES):
            for key, document in list(self.model.documents.items()):
                if key[0] != kind:
                    continue
                if document.state == DRAFT and not self.model.pointing_at(key):
                    self.agree(self.site.delete(*key), self.model.delete(key), status=202)
                elif document.state == SUBMITTED:
                    self.agree(self.site.put(*key, docstatus=CANCELLED), self.model.cancel(key))
        assert self.site.bin("SKU-1") == (100.0, 0.0)

    def any_document(self, data: st.DataObject, state: int | None = None) -> Key:
        """One of those in a state, mostly; now and then any."""
        fitting = sorted(key for key, document in self.model.documents.items() if document.state == state)
        return data.draw(st.sampled_from(fitting if fitting and data.draw(st.integers(0, 3)) else sorted(self.model.documents)))


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=40, stateful_step_count=40)
