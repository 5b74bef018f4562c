"""The life of documents in a hundred lines: states, links, names. No fields, no money, no stock.

A quotation is ordered, an order is delivered and invoiced; everything can be amended. The fake is held against it by
`test_erpnext_life_machine.py`. Every verb answers what the vendor's API must: "" for done, else the kind of refusal.
"""

from __future__ import annotations

from dataclasses import dataclass, field

DRAFT, SUBMITTED, CANCELLED = 0, 1, 2
SERIES = {"Quotation": "SAL-QTN", "Sales Order": "SAL-ORD", "Delivery Note": "MAT-DN", "Sales Invoice": "ACC-SINV"}
MADE_FROM = {"Sales Order": "Quotation", "Delivery Note": "Sales Order", "Sales Invoice": "Sales Order"}

Key = tuple[str, str]  # (DocType, name)


@dataclass
class Document:
    state: int = DRAFT
    source: Key | None = None  # what its rows were made from
    amended_from: Key | None = None


@dataclass
class Model:
    documents: dict[Key, Document] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SERIES, 0))

    def state(self, key: Key | None) -> int | None:
        return self.documents[key].state if key is not None and key in self.documents else None

    def numbered(self, kind: str, number: int) -> str:
        return f"{SERIES[kind]}-2026-{number:05d}"

    def pointing_at(self, key: Key) -> list[Key]:
        return [each for each, doc in self.documents.items() if key in (doc.source, doc.amended_from)]

    # -- new documents --------------------------------------------------------------------------------------------

    def create(self, kind: str, source: Key | None, state: int = DRAFT) -> str:
        """A document made from a submitted one, or from nothing."""
        if self.state(source) == CANCELLED:
            return "CancelledLinkError"
        self.counters[kind] += 1
        self.documents[kind, self.numbered(kind, self.counters[kind])] = Document(state, source)
        return ""

    def amendment_of(self, key: Key) -> Key:
        """The name an amendment of this document gets, free or not."""
        kind, name = key
        if self.documents[key].amended_from is None:
            return kind, f"{name}-1"
        stem, _, number = name.rpartition("-")
        return kind, f"{stem}-{int(number) + 1}"

    def amend(self, key: Key) -> str:
        if self.documents[key].state != CANCELLED:
            return "ValidationError"
        if self.state(self.documents[key].source) == CANCELLED:
            return "CancelledLinkError"
        new = self.amendment_of(key)
        if new in self.documents:
            return "DuplicateEntryError"
        self.documents[new] = Document(DRAFT, self.documents[key].source, key)
        return ""

    # -- documents that exist -------------------------------------------------------------------------------------

    def save(self, key: Key) -> str:
        """A PUT of something that may change after submit."""
        document = self.documents[key]
        if document.state == CANCELLED:
            return "ValidationError"
        return "CancelledLinkError" if self.state(document.source) == CANCELLED else ""

    def submit(self, key: Key) -> str:
        refused = self.save(key)
        if not refused:
            self.documents[key].state = SUBMITTED
        return refused

    def cancel(self, key: Key) -> str:
        """Only a submitted document can be; what is submitted behind it keeps it, and so does an order's draft invoice."""
        document = self.documents[key]
        if document.state != SUBMITTED:
            return "DocstatusTransitionError" if document.state == DRAFT else "ValidationError"
        behind = [each for each in self.pointing_at(key) if self.documents[each].source == key]
        if any(each[0] == "Sales Invoice" and self.documents[each].state == DRAFT for each in behind):
            return "ValidationError"
        if any(self.documents[each].state == SUBMITTED for each in behind):
            return "LinkExistsError"
        document.state = CANCELLED
        return ""

    def back_to_draft(self, key: Key) -> str:
        return ("", "DocstatusTransitionError", "ValidationError")[self.documents[key].state]

    def delete(self, key: Key) -> str:
        """Nothing that is submitted, nothing that anything points at; the last number is the next one again."""
        if self.documents[key].state == SUBMITTED:
            return "ValidationError"
        if self.pointing_at(key):
            return "LinkExistsError"
        del self.documents[key]
        kind, name = key
        if name == self.numbered(kind, self.counters[kind]):
            self.counters[kind] -= 1
        return ""
