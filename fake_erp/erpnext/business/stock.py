"""Stock: bins (what is on hand and reserved), shortage at submit, and the stock entries that fill a warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from fake_erp.erpnext.business import ledger
from fake_erp.erpnext.errors import throw
from fake_erp.erpnext.framework.controller import Controller
from fake_erp.erpnext.framework.links import titled_link
from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import ONE, ZERO, exact
from harness.kit.records import Record

Place = tuple[str, str]  # item code, warehouse
Movement = dict[Place, Decimal]


def bin_of(site: Site, item_code: str, warehouse: str) -> Record | None:
    for record in site.store.where("Bin", "item_code", item_code):
        if record.fields["warehouse"] == warehouse:
            return record
    return None


def add(movement: Movement, item_code: str, warehouse: str, amount: Decimal) -> None:
    if amount:
        key = (item_code, warehouse)
        movement[key] = movement.get(key, ZERO) + amount


def is_stock_item(site: Site, item_code: str | None) -> bool:
    return bool(site.value("Item", item_code, "is_stock_item"))


def post(site: Site, actual: Movement, reserved: Movement | None = None, *, voucher: Doc | None = None) -> None:
    """Move stock and reservations. Raises NegativeStockError before anything is written when an item would fall below zero.

    `voucher` is the document that moves the stock: its moves are noted for the ledgers. Cancelling it gives back the values that
    it took.
    """
    if actual and not site.settings.allow_negative_stock:
        _check_shortage(site, actual)
    reserved = reserved or {}
    values = _values(site, voucher) if actual and voucher is not None else {}
    moves = []
    for place in dict.fromkeys([*actual, *reserved]):
        move = _change_bin(site, place, actual.get(place, ZERO), reserved.get(place, ZERO), values.get(place))
        if place in actual:
            moves.append(move)
    if voucher is not None:
        ledger.note(site, voucher, tuple(moves))


def _values(site: Site, voucher: Doc) -> Movement:
    """What incoming goods are worth where the document in hand knows: as much as they were when they left or are bought for."""
    if voucher["docstatus"] == 2:
        return {(m.item_code, m.warehouse): exact(-m.value) for m in ledger.moves_of(site, voucher["doctype"], voucher["name"])}
    if voucher["doctype"] == "Stock Entry":
        return _entry_values(site, voucher)
    if not voucher["is_return"]:
        return {}
    values: Movement = {}
    rates = {m.item_code: m for m in ledger.moves_of(site, voucher["doctype"], voucher.get("return_against") or "") if m.qty}
    for row in voucher["items"]:
        left = rates.get(row.get("item_code") or "")
        if left is not None:
            worth = site.rounding.money(site.rounding.ratio(left.value, left.qty) * -row["stock_qty"])
            add(values, row["item_code"], row.get("warehouse") or "", worth)
    return values


def _entry_values(site: Site, entry: Doc) -> Movement:
    """Receipts are worth what they cost; what is moved to another warehouse keeps the value that it has where it comes from."""
    values: Movement = {}
    for row in entry["items"]:
        if row.get("t_warehouse"):
            source = bin_of(site, row["item_code"], row.get("s_warehouse") or "")
            rate = source.fields["valuation_rate"] if source is not None else row["basic_rate"]
            add(values, row["item_code"], row["t_warehouse"], site.rounding.money(row["transfer_qty"] * rate))
    return values


def _check_shortage(site: Site, actual: Movement) -> None:
    texts = []
    for (item_code, warehouse), amount in actual.items():
        if amount >= 0:
            continue
        item = site.store.get("Item", item_code)
        record = bin_of(site, item_code, warehouse)
        left = (record.fields["actual_qty"] if record is not None else ZERO) + amount
        if left < 0 and not (item is not None and item.fields["allow_negative_stock"]):
            needed = f"<strong>{exact(-left)}</strong> units of {titled_link(site, 'Item', item_code)}"
            texts.append(f"{needed} needed in {titled_link(site, 'Warehouse', warehouse)} to complete this transaction.")
    if texts:
        raise throw("\n\n".join(texts), "NegativeStockError", "Insufficient Stock")


def _change_bin(site: Site, place: Place, actual: Decimal, reserved: Decimal, worth: Decimal | None) -> ledger.Move:
    """`worth`: of what comes in or goes out, where it is known; else by moving average (our guess: the default is FIFO)."""
    record = bin_of(site, *place)
    fields: Mapping[str, Any] = record.fields if record is not None else _new_bin(site, place)
    on_hand, held = exact(fields["actual_qty"] + actual), exact(fields["reserved_qty"] + reserved)
    values: Doc = {"actual_qty": on_hand, "reserved_qty": held, "projected_qty": exact(on_hand + fields["ordered_qty"] - held)}
    rate, value = fields["valuation_rate"], fields["stock_value"]
    moved = ZERO
    if actual:
        moved = worth if worth is not None else exact(site.rounding.money(actual * rate)) if on_hand else exact(-value)
        value = values["stock_value"] = exact(value + moved)
        if on_hand > 0:
            rate = values["valuation_rate"] = exact(site.rounding.ratio(value, on_hand))
    if record is None:
        site.store.insert("Bin", fields["name"], {**fields, **values})
    else:
        site.set_values(record, values)
    return ledger.Move(place[0], place[1], actual, on_hand, rate, moved, value)


def _new_bin(site: Site, place: Place) -> Doc:
    stamp, name = site.time.stamp(), site.random_name()
    standard = {
        "name": name,
        "owner": site.user,
        "creation": stamp,
        "modified": stamp,
        "modified_by": site.user,
        "docstatus": 0,
        "idx": 0,
    }
    unit = site.value("Item", place[0], "stock_uom")
    return {**standard, **site.meta("Bin").blank, "item_code": place[0], "warehouse": place[1], "stock_uom": unit, "doctype": "Bin"}


class StockEntryController(Controller):
    """Material receipts, issues and transfers, as far as filling and emptying a warehouse needs."""

    def validate(self, site: Site, doc: Doc, old: Doc | None) -> None:
        doc["company"] = doc.get("company") or "Acme GmbH"
        doc["purpose"] = doc.get("stock_entry_type")
        if not doc["set_posting_time"]:
            doc["posting_date"], doc["posting_time"] = site.time.today(), site.time.now()
        for row in doc["items"]:
            item = site.store.get("Item", row.get("item_code") or "")
            if item is None:
                continue
            row["item_name"], row["stock_uom"] = item.fields.get("item_name"), item.fields["stock_uom"]
            row["uom"], row["conversion_factor"] = row.get("uom") or item.fields["stock_uom"], row["conversion_factor"] or ONE
            row["t_warehouse"] = row.get("t_warehouse") or doc.get("to_warehouse")
            row["s_warehouse"] = row.get("s_warehouse") or doc.get("from_warehouse")
            row["transfer_qty"] = exact(row["qty"] * row["conversion_factor"])
            row["amount"] = row["basic_amount"] = site.rounding.money(row["transfer_qty"] * row["basic_rate"])
            _check_warehouses(doc, row)
        doc["total_incoming_value"] = exact(sum((row["amount"] for row in doc["items"] if row.get("t_warehouse")), ZERO))

    def on_submit(self, site: Site, doc: Doc) -> None:
        post(site, self._movement(doc, 1), voucher=doc)

    def on_cancel(self, site: Site, doc: Doc) -> None:
        post(site, self._movement(doc, -1), voucher=doc)

    def _movement(self, doc: Doc, sign: int) -> Movement:
        movement: Movement = {}
        for row in doc["items"]:
            if row.get("t_warehouse"):
                add(movement, row["item_code"], row["t_warehouse"], sign * row["transfer_qty"])
            if row.get("s_warehouse"):
                add(movement, row["item_code"], row["s_warehouse"], -sign * row["transfer_qty"])
        return movement


def _check_warehouses(doc: Doc, row: Doc) -> None:
    purpose = doc.get("purpose")
    if purpose in ("Material Receipt", "Material Transfer") and not row.get("t_warehouse"):
        raise throw(f"Target warehouse is mandatory for row {row['idx']}")
    if purpose in ("Material Issue", "Material Transfer") and not row.get("s_warehouse"):
        raise throw(f"Source warehouse is mandatory for row {row['idx']}")
    if not row["qty"]:
        raise throw(f"Row {row['idx']}: Qty is mandatory")
