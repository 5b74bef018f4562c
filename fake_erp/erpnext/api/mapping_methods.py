"""One document from another, by their dotted paths: proposals that are stored by nobody. Source: facts 4.4."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fake_erp.erpnext.api.functions import Function, Method, function
from fake_erp.erpnext.api.requests import as_object
from fake_erp.erpnext.business.mapping import MAPPERS, get_payment_entry
from fake_erp.erpnext.errors import Refused, not_modelled, python_error
from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.wire import without_nulls
from harness.kit.call import Call

if TYPE_CHECKING:
    from fake_erp.erpnext.dialect import ErpNextFake

Args = dict[str, Any]
_MAKE_DELIVERY = "erpnext.selling.doctype.sales_order.sales_order.make_delivery_note"
_SOURCE_ROWS = ("so_detail", "quotation_item", "dn_detail", "si_detail", "sales_invoice_item")


def mapper(path: str) -> Method:
    """The function behind a mapping method's path."""

    def run(fake: ErpNextFake, call: Call, args: Args) -> Doc:
        doc = _chosen(fake, path, str(args["source_name"]), args.get("kwargs") or args.get("args"))
        return _added_to(args.get("target_doc"), doc)

    return run


def make_mapped_doc(fake: ErpNextFake, call: Call, args: Args) -> Doc:
    """The dispatcher; `selected_children` keeps only rows made of the named ones."""
    path = str(args["method"])
    if path not in MAPPERS:
        if path.startswith(("frappe.", "erpnext.")):
            raise not_modelled(path)
        raise Refused(403, "PermissionError")
    doc = _chosen(fake, path, str(args["source_name"]), args.get("args"))
    selected = as_object(args.get("selected_children") or None) or {}
    for table, names in selected.items() if isinstance(selected, dict) else ():
        if isinstance(names, list) and isinstance(doc.get(table), list):
            doc[table] = [row for row in doc[table] if any(row.get(column) in names for column in _SOURCE_ROWS)]
    return doc


def _chosen(fake: ErpNextFake, path: str, source: str, options: Any) -> Doc:
    """The proposal; one of a delivery has only rows that are named in `filtered_children` or due at one of `delivery_dates`."""
    doc = _proposal(fake, MAPPERS[path](fake.site, source))
    options = as_object(options or None)
    if path != _MAKE_DELIVERY or not isinstance(options, dict):
        return doc
    names, dates = options.get("filtered_children"), options.get("delivery_dates")
    due = {row["name"]: row.get("delivery_date") for row in fake.site.fetch("Sales Order", source).fields["items"]}
    if isinstance(names, list) and names:
        doc["items"] = [row for row in doc["items"] if row["so_detail"] in names]
    if isinstance(dates, list) and dates:
        doc["items"] = [row for row in doc["items"] if due[row["so_detail"]] in dates]
    return doc


def _added_to(target: Any, doc: Doc) -> Doc:
    """An unsaved document that is extended: its rows stay in front, its header and its taxes become those of the source.

    Raises Refused (500) for what is no document.
    """
    held = as_object(target or None)
    if not held:
        return doc
    if not isinstance(held, dict):
        raise python_error("AttributeError", f"'{type(held).__name__}' object has no attribute 'get'")
    before = held.get("items")
    rows = [*(row for row in before if isinstance(row, dict)), *doc["items"]] if isinstance(before, list) else doc["items"]
    return {**held, **doc, "items": [{**row, "idx": position} for position, row in enumerate(rows, start=1)]}


def payment_entry(fake: ErpNextFake, call: Call, args: Args) -> Doc:
    return _proposal(fake, get_payment_entry(fake.site, str(args["dt"]), str(args["dn"])))


def _proposal(fake: ErpNextFake, doc: Doc) -> Doc:
    """Nulls left out. Raises Refused (403) for who may not create the target."""
    fake.permissions.check(str(doc["doctype"]), "create")
    rows = {key: [without_nulls(row) for row in value] for key, value in doc.items() if isinstance(value, list)}
    return {**without_nulls(doc), **rows}


METHODS: dict[str, Function] = {
    "frappe.model.mapper.make_mapped_doc": function(make_mapped_doc, "make_mapped_doc", "method source_name"),
    "erpnext.accounts.doctype.payment_entry.payment_entry.get_payment_entry": function(payment_entry, "get_payment_entry", "dt dn"),
    **{path: function(mapper(path), path.rpartition(".")[2], "source_name") for path in MAPPERS},
}
