"""Money conserved [MONEY]: exact decimals all the way, in one currency, from the deal's positions to the last payment.

For every won deal: its amount is the sum of its positions and the net total of its order · each order row's amount is
quantity times rate (rounded to the cent) and the rows add up to the net total · submitted invoices of the order do not exceed
its grand total (by more than a cent for each invoice after the first) · what the CRM shows as invoiced and paid is what the
ERP's documents add up to · order, invoices, deal and dictionary name the same currency. Each is judged only where the records
and fields exist; taxes and discounts are the ERP's own business.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from harness.kit.money import CENT, decimal_of
from harness.kit.records import Record
from harness.oracles.after_win import is_excused
from harness.oracles.causes import cause_of_silence
from harness.oracles.differences import differences, keys_about
from harness.oracles.finding import Finding, Oracle
from harness.oracles.history import FlowCase, History
from harness.oracles.mapping import counted, sum_of
from harness.oracles.pairs import Pair, order_entity, order_pairs, settled
from harness.oracles.story import story
from harness.oracles.view import Key, View, view_of
from harness.oracles.words import called, record_name, vendor
from sync_engine.dictionary import Entity, FieldMap, Lines

NAME: Final = "money_conserved"
_CURRENCY_FIELDS: Final = ("currency", "deal_currency_code", "currency_code")  # as the vendors name them


def judge(history: History) -> list[Finding]:
    view = view_of(history)
    entity = order_entity(view)
    if entity is None:
        return []
    pairs = list(order_pairs(view))
    return [
        *(finding for flow in history.flows if flow.outcome == "won" for finding in _deal(view, entity, flow)),
        *(finding for pair in pairs for finding in _order(view, pair)),
        *(finding for pair in pairs for finding in _invoices(view, pair)),
        *(finding for pair in pairs for finding in _currencies(view, pair)),
        *(finding for pair in pairs for finding in _shown_in_crm(view, pair)),
    ]


def exercised(history: History) -> bool:
    """There is an order of a won deal, so money crossed."""
    return next(order_pairs(view_of(history)), None) is not None


def _value_field(entity: Entity) -> FieldMap | None:
    """The header amount: the number that the ERP derives from its lines."""
    return next((field for field in entity.fields if field.derived and field.crm.type == "decimal"), None)


def _number_fields(lines: Lines) -> list[FieldMap]:
    return [field for field in lines.fields if field.crm.type == "decimal"]


def _deal(view: View, entity: Entity, flow: FlowCase) -> Iterator[Finding]:
    field, lines = _value_field(entity), entity.lines
    deal = view.get("crm", entity.crm.kind, flow.deal_id)
    if field is None or lines is None or deal is None:
        return
    items = view.associated(entity.crm.kind, deal.id, lines.crm_kind)
    amount = decimal_of(deal.fields.get(field.crm.field))
    if not items or amount is None:
        return
    total = sum((_product([item.fields.get(each.crm.field) for each in _number_fields(lines)]) for item in items), Decimal(0))
    if _cents(total) != amount:
        key = ("crm", entity.crm.kind, deal.id)
        text = f"{called(key)} has amount {amount}, but its {len(items)} positions add up to {_cents(total)}"
        yield _finding(view, "positions", [key], flow.number, text)


def _order(view: View, pair: Pair) -> Iterator[Finding]:
    field, lines = _value_field(pair.entity), pair.entity.lines
    if field is None or lines is None:
        return
    order, keys = called(pair.keys[1]), [*pair.keys]
    net = decimal_of(pair.erp.fields.get(field.erp.field))
    rows = pair.erp.fields.get(lines.erp_table) or []
    amounts = [decimal_of(row.get("amount")) for row in rows]
    for row, amount in zip(rows, amounts, strict=True):
        expected = _cents(_product([row.get(each.erp.field) for each in _number_fields(lines)]))
        if amount is not None and amount != expected:
            text = f"a row of {order} has amount {amount}, but quantity times rate is {expected}"
            yield _finding(view, f"row {row.get('idx', rows.index(row) + 1)}", keys, pair.flow, text)
    known = [amount for amount in amounts if amount is not None]
    if net is not None and rows and len(known) == len(rows) and sum(known, Decimal(0)) != net:
        text = f"the rows of {order} add up to {sum(known, Decimal(0))}, but its net total is {net}"
        yield _finding(view, "net total", keys, pair.flow, text)
    difference = next((each for each in differences(view, pair) if each.field is field), None)
    if difference is not None and not is_excused(view, pair, difference.label, derived=True):
        text = f"{called(pair.keys[0])} is worth {difference.source}, but {order} has net total {difference.target}"
        yield _finding(view, field.name, keys, pair.flow, text)


def _invoices(view: View, pair: Pair) -> Iterator[Finding]:
    for field in pair.entity.fields:
        side = field.source()
        if side.of is None or side.minus is not None:
            continue
        total = decimal_of(pair.erp.fields.get(side.field))
        documents = counted(view, pair.entity, side.of, pair.erp.id)
        invoiced = sum_of(side, (document.fields for document in documents))
        rounding = CENT * (len(documents) - 1)  # each partial invoice rounds its tax on its own
        if total is not None and documents and invoiced > total + rounding:
            kind = pair.entity.related[side.of].kind
            keys: list[Key] = [*pair.keys, *(("erp", kind, document.id) for document in documents)]
            text = f"{called(pair.keys[1])} is worth {total}, but {invoiced} was invoiced for it in {len(documents)} documents"
            yield _finding(view, "over-invoiced", keys, pair.flow, text)


def _currencies(view: View, pair: Pair) -> Iterator[Finding]:
    expected = view.history.dictionary.currency
    documents = [(pair.keys[0], pair.crm), (pair.keys[1], pair.erp)]
    for name, related in pair.entity.related.items():
        found: list[tuple[Key, Record]] = [
            (("erp", related.kind, each.id), each) for each in counted(view, pair.entity, name, pair.erp.id)
        ]
        documents += found
    for key, record in documents:
        currency = next((record.fields[name] for name in _CURRENCY_FIELDS if record.fields.get(name)), expected)
        if currency != expected:
            text = f"{called(key)} is in {currency}, but this integration's money is in {expected}"
            yield _finding(view, f"currency {key[1]} {key[2]}", [*pair.keys, key], pair.flow, text)


def _shown_in_crm(view: View, pair: Pair) -> Iterator[Finding]:
    for difference in differences(view, pair):
        if difference.field is not None and difference.field.source().of is not None and settled(view, difference.source_since):
            text = (
                f"{called(pair.keys[0])} shows {difference.label} as {difference.target}, "
                f"but the documents in {vendor(view, 'erp')} add up to {difference.source}"
            )
            cause = cause_of_silence(view, list(pair.keys), difference.source_since)
            yield _finding(view, difference.label, keys_about(view, pair, difference.field), pair.flow, text, cause)


def _finding(view: View, what: str, keys: list[Key], flow: int, summary: str, likely: str = "") -> Finding:
    return Finding(NAME, f"{NAME}/{what}/{keys[0][1]} {keys[0][2]}", summary, record_name(keys[0]), flow, story(view, keys), likely)


def _product(values: list[Any]) -> Decimal:
    product = Decimal(1)
    for value in values:
        product *= decimal_of(value) or Decimal(0)
    return product


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding="ROUND_HALF_UP")


ORACLE: Final = Oracle(
    NAME,
    "No cent appears or disappears: deal, order, invoices and payments add up exactly, in one currency.",
    judge,
    exercised,
)
