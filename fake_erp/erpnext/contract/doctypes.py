"""Schemas of the modelled DocTypes, from the fake's own metadata: what a read shows, and what a client may send.

Reads leave nulls out; custom fields may stand beside the others. Dates are answered as they were sent, so an answer's date is a
text. Source: facts 2.5, 2.10, 3.1, 10.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from fake_erp.erpnext.contract.shapes import CHECK, NUMBER, STAMP, TEXT, WHOLE, given, of, ref
from fake_erp.erpnext.framework.meta import OPTIONAL, DocType, Field, standard_doctypes
from fake_erp.erpnext.framework.variants import vary
from fake_erp.erpnext.settings import Settings
from harness.kit.contract import Schema

# What nobody fills in for a client that creates a document or adds a row. A field that the schema calls mandatory and that is not
# here has a default, or is filled by the DocType's own rules.
NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "Quotation": ("items",),
    "Sales Order": ("customer", "items"),
    "Sales Order Item": ("item_code", "qty"),
    "Delivery Note": ("customer", "items"),
    "Delivery Note Item": ("item_code", "qty"),
    "Sales Invoice": ("items",),
    "Sales Invoice Item": ("item_code", "qty"),
    "Quotation Item": ("item_code", "qty"),
    "Sales Taxes and Charges": ("charge_type", "account_head", "description"),
    "Payment Entry": ("paid_from", "paid_to", "paid_amount", "received_amount"),
    "Payment Entry Reference": ("reference_doctype", "reference_name"),
    "Stock Entry": ("stock_entry_type", "items"),
    "Stock Entry Detail": ("item_code", "qty"),
    "Item Price": ("item_code", "price_list"),
    "Payment Request": ("reference_doctype", "reference_name"),
}
_FILLED: Final = frozenset({"company", "naming_series", "posting_date", "posting_time", "stock_uom"})
_NUMBERS: Final = frozenset({"Float", "Currency", "Percent", "Duration", "Rating"})
_DATETIME: Final = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?$"}
_TIME: Final = {"type": "string", "pattern": r"^\d?\d:\d\d:\d\d(\.\d{1,6})?$"}
_STANDARD: Final[Mapping[str, Schema]] = {
    "name": TEXT,
    "owner": TEXT,
    "creation": STAMP,
    "modified": STAMP,
    "modified_by": TEXT,
    "docstatus": {"enum": [0, 1, 2]},
    "idx": WHOLE,
}


@cache
def all_doctypes() -> dict[str, DocType]:
    """As a fresh site of the baseline has them."""
    made = standard_doctypes()
    vary(made, Settings())
    return made


def parents() -> list[DocType]:
    """Those that have documents of their own."""
    return [meta for meta in all_doctypes().values() if not meta.child]


def component(doctype: str) -> str:
    """`Sales Order` as schemas are called: `SalesOrder`."""
    return "".join(word[:1].upper() + word[1:] for word in doctype.split())


def answered(doctype: str) -> Schema:
    return ref(component(doctype))


def values(doctype: str) -> Schema:
    """The fields that a client may change."""
    return ref(f"{component(doctype)}Values")


def created(doctype: str) -> Schema:
    """What a client sends for a new document."""
    needed = needs(all_doctypes()[doctype])
    return {"allOf": [values(doctype), {"required": list(needed)}]} if needed else values(doctype)


def needs(meta: DocType) -> tuple[str, ...]:
    """Fields that nobody fills in for a client."""
    if meta.name in NEEDED:
        return NEEDED[meta.name]
    return tuple(f.fieldname for f in meta.required if not (f.default or f.fetch or f.choices or f.fieldname in _FILLED))


@cache
def schemas() -> dict[str, Schema]:
    """Two of each DocType: its documents, and what may be sent of them."""
    made: dict[str, Schema] = {}
    for meta in all_doctypes().values():
        made[component(meta.name)] = _shown(meta)
        made[f"{component(meta.name)}Values"] = _sent(meta)
    return made


def _shown(meta: DocType) -> Schema:
    properties: dict[str, Any] = {**_STANDARD, **{f.fieldname: _type(f, sent=False) for f in meta.columns.values()}}
    properties |= {table: of(answered(child)) for table, child in meta.tables.items()}
    properties["doctype"] = {"const": meta.name}
    if meta.child:
        properties |= {"parent": TEXT, "parentfield": TEXT, "parenttype": TEXT}
    else:
        properties |= dict.fromkeys(OPTIONAL, TEXT)  # what people did to the document: JSON text, or words with commas
    return {
        "type": "object",
        "properties": properties,
        "required": [*_STANDARD, "doctype", *meta.tables],
        "patternProperties": {"^custom_": {}},
        "additionalProperties": False,
    }


def _sent(meta: DocType) -> Schema:
    properties: dict[str, Any] = {f.fieldname: _type(f, sent=True) for f in meta.columns.values()}
    properties |= {table: of(values(child)) for table, child in meta.tables.items()}
    if meta.child:
        properties = {"name": {**TEXT, "description": "Of a row that is there already; without it the row is new."}, **properties}
        return given({name: properties.pop(name) for name in needs(meta)}, properties)
    head: dict[str, Schema] = {"modified": {**TEXT, "description": "As it was read: refused when somebody has saved since."}}
    if meta.naming == "prompt":
        head["name"] = {**TEXT, "description": "The document's name."}
    if meta.submittable:
        head["docstatus"] = {"enum": [0, 1, 2], "description": "1 submits, 2 cancels."}
    return given({}, {**head, **properties})


def _type(f: Field, *, sent: bool) -> Schema:
    kind = f.fieldtype
    if kind in _NUMBERS:
        return NUMBER
    if kind == "Check":
        return CHECK
    if kind == "Int":
        return {**WHOLE, "minimum": -(2**31), "maximum": 2**31 - 1} if sent else WHOLE
    if not sent:
        return {"enum": list(f.choices)} if f.choices and f.options else TEXT
    if f.choices and f.options:
        return {"enum": list(f.choices)}
    if kind == "Date":
        return {"type": "string", "format": "date"}
    if kind == "Datetime":
        return _DATETIME
    if kind == "Time":
        return _TIME
    made = {**TEXT, "maxLength": f.length_max} if f.length_max else dict(TEXT)
    return {**made, "description": f"The name of a {f.options}."} if kind == "Link" else made
