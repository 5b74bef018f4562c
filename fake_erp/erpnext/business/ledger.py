"""The ledgers: GL Entry, Payment Ledger Entry, Stock Ledger Entry. Source: facts 4.5 to 4.7 and 4.10; fields and names our guess.

A run makes hundreds of thousands of ledger rows and reads none of them. So submitting and cancelling only `note` what the rows
need that the document does not say, and `write` makes the rows when somebody asks for a ledger. What is noted may be of a
transaction that was rolled back: only documents that are what the note says have rows.

    submitted   rows of its own          cancelled   the same rows, marked, and their reversal, marked too
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final, NamedTuple

from fake_erp.erpnext.business.ledger_rows import Line, account_rows, payment_rows
from fake_erp.erpnext.errors import throw
from fake_erp.erpnext.framework.controller import Controller
from fake_erp.erpnext.framework.drafts import new_document
from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.naming import next_in_series
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import exact
from harness.kit.records import Record

GENERAL, PAYMENTS, STOCK = "GL Entry", "Payment Ledger Entry", "Stock Ledger Entry"
LEDGERS: Final = (GENERAL, PAYMENTS, STOCK)
_SERIES: Final = {GENERAL: "ACC-GLE-.YYYY.-.#####", STOCK: "MAT-SLE-.YYYY.-.#####"}


class LedgerController(Controller):
    """Only documents make ledger rows."""

    def before_insert(self, site: Site, doc: Doc) -> None:
        raise throw(f"Creating a {doc['doctype']}: Not supported by fake")


class Move(NamedTuple):
    """What one document moved of one item in one warehouse, in stock units and company currency."""

    item_code: str
    warehouse: str
    qty: Decimal
    qty_after: Decimal
    rate: Decimal  # valuation rate afterwards
    value: Decimal
    value_after: Decimal


class Note(NamedTuple):
    """What the ledgers have to be told of one submission or cancellation."""

    stamp: str
    user: str
    moves: tuple[Move, ...] = ()
    written: bool = False


def note(site: Site, doc: Doc, moves: tuple[Move, ...] | None = None) -> None:
    """A document is booked, or booked anew: then its moves stay what they were."""
    key = (doc["doctype"], doc["name"], doc["docstatus"])
    before = site.booked.pop(key, None)
    kept = moves if moves is not None else before.moves if before is not None else ()
    site.booked[key] = Note(site.time.stamp(), site.user, kept)


def moves_of(site: Site, doctype: str, name: str) -> tuple[Move, ...]:
    """What submitting a document has moved."""
    found = site.booked.get((doctype, name, 1))
    return found.moves if found is not None else ()


def write(site: Site) -> None:
    """Bring the ledgers up to date. Call it inside a transaction of its own."""
    for key, entry in list(site.booked.items()):
        doctype, name, docstatus = key
        record = site.store.get(doctype, name)
        if entry.written or record is None or record.fields["docstatus"] < docstatus:
            continue
        if docstatus == 1:
            _book(site, record, entry)
        else:
            _reverse(site, record, entry)
        site.booked[key] = entry._replace(written=True)


def _book(site: Site, record: Record, entry: Note) -> None:
    for ledger in (GENERAL, PAYMENTS):
        for old in list(site.store.where(ledger, "voucher_no", record.id)):
            if old.fields["voucher_type"] == record.kind and not old.fields.get("is_cancelled"):
                site.store.delete(ledger, old.id)
    doc = record.fields
    value = sum((move.value for move in entry.moves), Decimal(0))
    lines = account_rows(site, doc, value)
    for line in lines:
        _insert(site, GENERAL, record, entry, _general(doc, line, [other.account for other in lines if other is not line]))
    for values in payment_rows(doc, lines):
        _insert(site, PAYMENTS, record, entry, values)
    if not site.store.where(STOCK, "voucher_no", record.id):
        for move in entry.moves:
            _insert(site, STOCK, record, entry, _moved(site, doc, move))


def _reverse(site: Site, record: Record, entry: Note) -> None:
    """The rows are marked and met by their opposites."""
    remarks = f"On cancellation of {record.id}"
    for ledger, mark in ((GENERAL, "is_cancelled"), (PAYMENTS, "delinked"), (STOCK, "is_cancelled")):
        for old in list(site.store.where(ledger, "voucher_no", record.id)):
            if old.fields["voucher_type"] != record.kind or old.fields[mark]:
                continue
            site.store.update(ledger, old.id, {mark: 1, "modified": entry.stamp, "modified_by": entry.user})
            if ledger != STOCK:
                _insert(site, ledger, record, entry, {**_opposite(old.fields), mark: 1, "remarks": remarks})
    for move in entry.moves:
        _insert(site, STOCK, record, entry, {**_moved(site, record.fields, move), "is_cancelled": 1})


def _opposite(row: Doc) -> Doc:
    swapped = dict(row)
    for debit, credit in (("debit", "credit"), ("debit_in_account_currency", "credit_in_account_currency")):
        if debit in row:
            swapped[debit], swapped[credit] = row[credit], row[debit]
    for name in ("amount", "amount_in_account_currency"):
        if name in row:
            swapped[name] = exact(-row[name])
    return swapped


def _general(doc: Doc, line: Line, against: list[str]) -> Doc:
    amount, own = exact(abs(line.amount)), exact(abs(line.own_amount))
    side, other = ("debit", "credit") if line.amount > 0 else ("credit", "debit")
    return {
        "account": line.account,
        "account_currency": line.currency,
        side: amount,
        f"{side}_in_account_currency": own,
        other: Decimal("0.0"),
        f"{other}_in_account_currency": Decimal("0.0"),
        "party_type": "Customer" if line.party else None,
        "party": line.party,
        "against": ", ".join(dict.fromkeys(against)),
        "against_voucher_type": line.against_type,
        "against_voucher": line.against,
        "cost_center": line.cost_center,
        "remarks": doc.get("remarks") or "No Remarks",
        "due_date": doc.get("due_date") if line.party else None,
    }


def _moved(site: Site, doc: Doc, move: Move) -> Doc:
    rate = exact(site.rounding.money(site.rounding.ratio(move.value, move.qty))) if move.qty else Decimal("0.0")
    return {
        "item_code": move.item_code,
        "warehouse": move.warehouse,
        "actual_qty": move.qty,
        "qty_after_transaction": move.qty_after,
        "incoming_rate": rate if move.qty > 0 else Decimal("0.0"),
        "outgoing_rate": rate if move.qty < 0 else Decimal("0.0"),
        "valuation_rate": move.rate,
        "stock_value": move.value_after,
        "stock_value_difference": move.value,
        "stock_uom": site.value("Item", move.item_code, "stock_uom"),
        "posting_time": doc.get("posting_time"),
        "fiscal_year": str(doc.get("posting_date"))[:4],
    }


def _insert(site: Site, ledger: str, voucher: Record, entry: Note, values: Doc) -> None:
    meta, doc = site.meta(ledger), voucher.fields
    shared: dict[str, Any] = {
        "voucher_type": voucher.kind,
        "voucher_no": voucher.id,
        "company": doc.get("company"),
        "posting_date": doc.get("posting_date"),
    }
    row = {**new_document(site, meta, {}), **shared, **values, "docstatus": 1}
    if ledger == GENERAL:
        row["fiscal_year"], row["transaction_date"] = str(doc.get("posting_date"))[:4], doc.get("reference_date")
    row["name"] = next_in_series(site, _SERIES[ledger], row) if ledger in _SERIES else site.random_name()
    row["creation"] = row["modified"] = entry.stamp
    row["owner"] = row["modified_by"] = entry.user
    site.store.insert(ledger, row["name"], {key: row.get(key) for key in meta.order})
