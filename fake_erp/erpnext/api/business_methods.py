"""Functions of ERPNext that change or make documents: closing, payment requests, lost quotations. Source: facts 4.2 to 4.5."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fake_erp.erpnext.api.functions import Function, function
from fake_erp.erpnext.api.requests import as_object
from fake_erp.erpnext.api.shapes import shown
from fake_erp.erpnext.business import delivery_note, sales_order
from fake_erp.erpnext.business.payment_request import make_payment_request
from fake_erp.erpnext.business.quotation import declare_lost
from harness.kit.call import Call

if TYPE_CHECKING:
    from fake_erp.erpnext.dialect import ErpNextFake

Args = dict[str, Any]


def update_status(fake: ErpNextFake, call: Call, args: Args) -> None:
    """Close, hold or (with `Draft`) reopen a submitted order."""
    fake.permissions.check("Sales Order", "submit")
    sales_order.change_status(fake.site, str(args["name"]), str(args["status"]))


def close_or_unclose(fake: ErpNextFake, call: Call, args: Args) -> None:
    """`names` is a JSON text of a list. Orders that cannot be closed or opened are passed over in silence."""
    fake.permissions.check("Sales Order", "write")
    names = as_object(args["names"])
    for name in names if isinstance(names, list) else ():
        fields = fake.site.fetch("Sales Order", str(name)).fields
        if fields["docstatus"] != 1:
            continue
        if args["status"] != "Closed":
            if fields["status"] == "Closed":
                sales_order.change_status(fake.site, str(name), "Draft")
        elif fields["status"] != "Closed" and (fields["per_delivered"] < 100 or fields["per_billed"] < 100):
            sales_order.change_status(fake.site, str(name), "Closed")


def update_delivery_note_status(fake: ErpNextFake, call: Call, args: Args) -> None:
    fake.permissions.check("Delivery Note", "submit")
    delivery_note.change_status(fake.site, str(args["docname"]), str(args["status"]))


def payment_request(fake: ErpNextFake, call: Call, args: Args) -> Any:
    fake.permissions.check("Payment Request", "create")
    return shown(fake.site, make_payment_request(fake.site, args))


def declare_enquiry_lost(fake: ErpNextFake, doctype: str, name: str, args: Args) -> None:
    """A method of quotations: `lost_reasons_list`, `competitors` (ignored), `detailed_reason`."""
    fake.permissions.check("Quotation", "write")
    reasons = as_object(args.get("lost_reasons_list"))
    details = args.get("detailed_reason")
    rows = [reason for reason in reasons if isinstance(reason, dict)] if isinstance(reasons, list) else []
    declare_lost(fake.site, name, rows, str(details) if details else None)


_ORDER = "erpnext.selling.doctype.sales_order.sales_order"
_NOTE = "erpnext.stock.doctype.delivery_note.delivery_note"
_REQUEST = "erpnext.accounts.doctype.payment_request.payment_request"
METHODS: dict[str, Function] = {
    f"{_ORDER}.update_status": function(update_status, "update_status", "status name"),
    f"{_ORDER}.close_or_unclose_sales_orders": function(close_or_unclose, "close_or_unclose_sales_orders", "names status"),
    f"{_NOTE}.update_delivery_note_status": function(update_delivery_note_status, "update_delivery_note_status", "docname status"),
    f"{_REQUEST}.make_payment_request": function(payment_request, "make_payment_request", "dt? dn?"),
}
