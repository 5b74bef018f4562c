"""From document to document, and what happens to orders besides saving. Source: facts 4.3, 4.4, 4.7."""

from __future__ import annotations

from fake_erp.erpnext.business.mapping import MAPPERS
from fake_erp.erpnext.contract import examples
from fake_erp.erpnext.contract.shapes import (
    ABSENT,
    ARGUMENTS,
    CHECK,
    DOCTYPE,
    NAME,
    NOTHING,
    STORED,
    TAKEN,
    TEXT,
    VALUES,
    given,
    message,
    ref,
    stumbles,
)
from harness.kit.contract import Answer, Confidence, Example, Link, Operation, Schema

AREA = "selling"
_KINDS = {
    "quotation": "Quotation",
    "sales_order": "Sales Order",
    "delivery_note": "Delivery Note",
    "sales_invoice": "Sales Invoice",
    "payment_entry": "Payment Entry",
    "payment_request": "Payment Request",
}
_SOURCES = {
    "quotation": examples.QUOTE,
    "sales_order": examples.ORDER,
    "delivery_note": examples.NOTE,
    "sales_invoice": examples.INVOICE,
}
# An unsaved document: what a create takes.
PROPOSAL: Schema = {
    "allOf": [ref("Document"), {"properties": {"docstatus": {"const": 0}, "__islocal": {"const": 1}, "__unsaved": {"const": 1}}}]
}
_PROPOSED = {200: Answer(message(PROPOSAL)), **ABSENT, **stumbles(*ARGUMENTS)}
_MAPS = "which fields are carried over besides those of our field lists is not modelled"
PAYMENT = "erpnext.accounts.doctype.payment_entry.payment_entry.get_payment_entry"
_ORDER = "erpnext.selling.doctype.sales_order.sales_order"


def _target(path: str) -> str:
    """The DocType that a mapping method proposes."""
    source, _, function = path.rpartition(".")
    if function == "make_sales_return":
        return source.rpartition(".")[2]
    return function.removeprefix("make_")


def _mapper(path: str) -> Operation:
    source, target = path.split(".")[-2], _target(path)
    return Operation(
        f"Propose a {_KINDS[target]} for what is left of a {_KINDS[source]}; nothing is stored or reserved.",
        AREA,
        _PROPOSED,
        "facts 4.4",
        Confidence.DOCUMENTED,
        body=given({"source_name": NAME}, {"target_doc": {"type": ["object", "string", "null"]}}),
        examples=[Example(body={"source_name": _SOURCES[source]})],
        links={"create": Link(f"create_{target}", {}, "$response.body#/message")},
        deviations=_MAPS,
    )


OPERATIONS = {
    **{path: _mapper(path) for path in MAPPERS},
    "frappe.model.mapper.make_mapped_doc": Operation(
        "What another mapping method proposes, with the chosen rows only.",
        AREA,
        {**_PROPOSED, 403: Answer(ref("Error"), "A method that no client may call.")},
        "facts 4.4",
        Confidence.DOCUMENTED,
        body=given(
            {"method": {"enum": sorted(MAPPERS)}, "source_name": NAME}, {"selected_children": {"type": ["object", "string"]}}
        ),
        examples=[Example(body={"method": f"{_ORDER}.make_delivery_note", "source_name": examples.ORDER})],
        deviations=_MAPS,
    ),
    PAYMENT: Operation(
        "Propose a Payment Entry of what is owed for an order or invoice.",
        AREA,
        _PROPOSED,
        "facts 4.4, 4.7",
        Confidence.DOCUMENTED,
        body=given({"dt": DOCTYPE, "dn": NAME}),
        examples=[Example(body={"dt": "Sales Invoice", "dn": examples.INVOICE})],
        links={"create": Link("create_payment_entry", {}, "$response.body#/message")},
        deviations=_MAPS,
    ),
    f"{_ORDER}.update_status": Operation(
        "Close or hold a submitted order, or open it again with `Draft`.",
        AREA,
        {200: Answer(NOTHING), **ABSENT, **stumbles(*ARGUMENTS)},
        "facts 4.3",
        Confidence.DOCUMENTED,
        body=given({"name": NAME, "status": {"enum": ["Closed", "On Hold", "Draft"]}}),
        examples=[Example(body={"name": examples.ORDER, "status": "Closed"})],
    ),
    f"{_ORDER}.close_or_unclose_sales_orders": Operation(
        "Close many submitted orders, or open them again with any other status.",
        AREA,
        {200: Answer(NOTHING), **ABSENT, **stumbles(*ARGUMENTS)},
        "facts 4.3",
        Confidence.DOCUMENTED,
        body=given({"names": {"type": ["array", "string"]}, "status": TEXT}),
        examples=[Example(body={"names": f'["{examples.ORDER}"]', "status": "Closed"})],
    ),
    "erpnext.stock.doctype.delivery_note.delivery_note.update_delivery_note_status": Operation(
        "Close a submitted delivery note, or open it again.",
        AREA,
        {200: Answer(NOTHING), **ABSENT, **stumbles(*ARGUMENTS)},
        "facts 4.5",
        Confidence.DOCUMENTED,
        body=given({"docname": NAME, "status": TEXT}),
        examples=[Example(body={"docname": examples.NOTE, "status": "Closed"})],
    ),
    "erpnext.accounts.doctype.payment_request.payment_request.make_payment_request": Operation(
        "Ask a customer for what an order or invoice is still owed; the request is stored, and submitted with `submit_doc`.",
        AREA,
        {200: Answer(message(STORED)), **ABSENT, **TAKEN, **stumbles(*ARGUMENTS, *VALUES, "KeyError")},
        "facts 4.4",
        Confidence.DOCUMENTED,
        body=given({"dt": DOCTYPE, "dn": NAME}, {"submit_doc": CHECK, "mute_email": CHECK}),
        examples=[Example(body={"dt": "Sales Order", "dn": examples.ORDER})],
    ),
    "erpnext.controllers.accounts_controller.update_child_qty_rate": Operation(
        "Change, add and remove the items of a submitted order or quotation; rows that are not told are removed.",
        AREA,
        {200: Answer(NOTHING), **ABSENT, **stumbles(*ARGUMENTS, *VALUES)},
        "facts 4.3",
        Confidence.DOCUMENTED,
        body=given({"parent_doctype": DOCTYPE, "parent_doctype_name": NAME, "trans_items": TEXT}, {"child_docname": TEXT}),
        examples=[
            Example(
                body={
                    "parent_doctype": "Sales Order",
                    "parent_doctype_name": examples.ORDER,
                    "child_docname": "items",
                    "trans_items": f'[{{"docname": "{examples.ROW}", "item_code": "SKU-1", "qty": 5, "rate": 33.33}}]',
                }
            )
        ],
        deviations="the table is always `items`",
    ),
}
