"""Payment Request: asking a customer for what an order or invoice still owes. Source: facts 4.4; rules and words our guess.

`make_payment_request` stores a draft, unlike the mapping methods. A payment finds its request by document and amount, and says in
its rows which it settles. No e-mail is sent.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from fake_erp.erpnext.business.outstanding import INVOICE, ORDER, amounts_due
from fake_erp.erpnext.errors import throw
from fake_erp.erpnext.framework import documents
from fake_erp.erpnext.framework.controller import Controller
from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import ZERO, exact
from harness.kit.records import Record

REQUEST: Final = "Payment Request"


class PaymentRequestController(Controller):
    def validate(self, site: Site, doc: Doc, old: Doc | None) -> None:
        target = _target(site, doc)
        asked = _asked(site, target.id, but=doc.get("name")) + doc["grand_total"]
        if asked > amounts_due(site, target)[1]:
            raise throw(f"Total Payment Request amount cannot be greater than {target.kind} amount")
        doc["transaction_date"] = doc.get("transaction_date") or site.time.today()
        doc["status"] = "Draft"
        if doc["docstatus"] == 1:
            doc["status"], doc["outstanding_amount"] = "Requested", doc["grand_total"]

    def before_cancel(self, site: Site, doc: Doc) -> None:
        doc["status"] = "Cancelled"


def make_payment_request(site: Site, args: Doc) -> Doc:
    """A request for what is owed and not asked for yet: the draft that is there, else a new one; `submit_doc` submits it."""
    target = _target(site, {"reference_doctype": args.get("dt"), "reference_name": args.get("dn")})
    amount = amounts_due(site, target)[1]
    if amount <= 0:
        raise throw("Payment Entry is already created")
    amount = exact(amount - _asked(site, target.id))
    if amount <= 0:
        raise throw("Payment Request is already created")
    submit = bool(args.get("submit_doc") and str(args["submit_doc"]) not in ("0", "false", "False"))
    draft = next((r for r in site.store.where(REQUEST, "reference_name", target.id) if r.fields["docstatus"] == 0), None)
    if draft is not None:
        return documents.update(site, REQUEST, draft.id, {"grand_total": amount, **({"docstatus": 1} if submit else {})})
    return documents.insert(site, REQUEST, {**_request(target, amount, args), "docstatus": int(submit)})


def _request(target: Record, amount: Decimal, args: Doc) -> dict[str, Any]:
    fields = target.fields
    return {
        "payment_request_type": args.get("payment_request_type") or "Inward",
        "company": fields["company"],
        "mode_of_payment": args.get("mode_of_payment"),
        "party_type": "Customer",
        "party": fields["customer"],
        "party_name": fields.get("customer_name"),
        "reference_doctype": target.kind,
        "reference_name": target.id,
        "grand_total": amount,
        "currency": fields.get("party_account_currency") or fields["currency"],
        "party_account_currency": fields.get("party_account_currency"),
        "email_to": args.get("recipient_id") or fields["owner"],
        "subject": f"Payment Request for {target.id}",
        "mute_email": args.get("mute_email"),
    }


def _target(site: Site, doc: Doc) -> Record:
    kind, name = doc.get("reference_doctype"), str(doc.get("reference_name") or "")
    if not kind or not name:
        raise throw("To create a Payment Request reference document is required")
    if kind not in (ORDER, INVOICE):
        raise throw(f"Payment Requests cannot be created against: <strong>{kind}</strong>")
    return site.fetch(kind, name)


def _asked(site: Site, name: str, but: str | None = None) -> Decimal:
    """What submitted requests for a document still wait for."""
    requests = site.store.where(REQUEST, "reference_name", name)
    return sum((r.fields["outstanding_amount"] for r in requests if r.fields["docstatus"] == 1 and r.id != but), ZERO)


def match_requests(site: Site, payment: Doc) -> None:
    """At every save of a payment: a row that pays exactly what an open request asks for belongs to it; none takes more."""
    for row in payment["references"]:
        if not row.get("payment_request"):
            for request in site.store.where(REQUEST, "reference_name", row["reference_name"]):
                fields = request.fields
                if fields["docstatus"] == 1 and fields["outstanding_amount"] == row["allocated_amount"]:
                    row["payment_request"] = request.id
                    break
        elif row["allocated_amount"] > (site.value(REQUEST, row["payment_request"], "outstanding_amount") or ZERO):
            start = f"Row #{row['idx']}: Allocated Amount cannot be greater than Outstanding Amount of Payment Request"
            raise throw(f"{start} {row['payment_request']}")


def refresh_requests(site: Site, payment: Doc) -> None:
    """After a payment came or went: what its requests still wait for, and their status."""
    for row in payment["references"]:
        request = site.store.get(REQUEST, row.get("payment_request") or "")
        if request is None or request.fields["docstatus"] != 1:
            continue
        rows = site.references.rows("Payment Entry", "reference_name", row["reference_name"])
        paid = sum((line["allocated_amount"] for _, line in rows if line.get("payment_request") == request.id), ZERO)
        left = exact(request.fields["grand_total"] - paid)
        status = "Paid" if left <= 0 else "Partially Paid" if paid else "Requested"
        site.set_values(request, {"outstanding_amount": left, "status": status})
        site.emit("on_change", REQUEST, request.fields)
