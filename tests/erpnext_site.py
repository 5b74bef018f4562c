"""An ERPNext site at a desk: a fake with a clock that moves when told to, and verbs for calling it."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from fake_erp.erpnext import SPEC
from fake_erp.erpnext.dialect import ErpNextFake
from harness.kit.call import Call, Reply
from harness.kit.clock import ManualClock
from harness.kit.fake import FakeSetup
from harness.kit.journal import Journal
from harness.kit.people import Product
from harness.kit.seed import Seed

SALES_ORDER = "erpnext.selling.doctype.sales_order.sales_order"
QUOTATION = "erpnext.selling.doctype.quotation.quotation"
DELIVERY_NOTE = "erpnext.stock.doctype.delivery_note.delivery_note"
SALES_INVOICE = "erpnext.accounts.doctype.sales_invoice.sales_invoice"
GET_PAYMENT_ENTRY = "erpnext.accounts.doctype.payment_entry.payment_entry.get_payment_entry"
TOKEN = {"authorization": "token syncproof:syncproof", "accept": "application/json"}
VAT = {"charge_type": "On Net Total", "account_head": "VAT - ACM", "description": "VAT 19%", "rate": 19}
EXTERNAL_ID = {
    "dt": "Sales Order",
    "label": "External ID",
    "fieldname": "custom_external_id",
    "fieldtype": "Data",
    "unique": 1,
    "no_copy": 1,
}


class ErpSite:
    """A site with two items (100 on hand each) and the customer ACME, and the calls tests make all the time."""

    def __init__(self, **switches: Any) -> None:
        self.clock = ManualClock()
        fake = SPEC.create(FakeSetup("erp", self.clock, Seed(1), Journal(), SPEC.default_host, switches))
        assert isinstance(fake, ErpNextFake)
        self.fake = fake
        self.people = fake.erp_desk("Erika")
        for sku, price in (("SKU-1", "33.33"), ("SKU-2", "12.50")):
            self.people.add_item(Product(sku, f"Widget {sku}", Decimal(price)), Decimal(100))
        self.post("Customer", customer_name="ACME", customer_type="Company")

    def send(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, **query: Any) -> Reply:
        texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in query.items()}
        raw = json.dumps(body).encode() if body is not None else b""
        sent = {**(TOKEN if headers is None else headers), **({"content-type": "application/json"} if raw else {})}
        return self.fake.handle(Call(method, path, urlencode(texts), sent, raw))

    def call(self, method: str, /, **arguments: Any) -> Reply:
        """POST to a function by its dotted path."""
        return self.send("POST", f"/api/method/{method}", arguments)

    def post(self, doctype: str, /, **values: Any) -> Reply:
        self.wait(1)
        return self.send("POST", f"/api/resource/{doctype}", values)

    def add(self, doctype: str, /, **values: Any) -> dict[str, Any]:
        """Create a document that must be accepted."""
        return data_of(self.post(doctype, **values))

    def get(self, doctype: str, name: str, /) -> dict[str, Any]:
        return data_of(self.send("GET", f"/api/resource/{doctype}/{name}"))

    def put(self, doctype: str, name: str, /, **values: Any) -> Reply:
        self.wait(1)
        return self.send("PUT", f"/api/resource/{doctype}/{name}", values)

    def delete(self, doctype: str, name: str, /) -> Reply:
        return self.send("DELETE", f"/api/resource/{doctype}/{name}")

    def rows(self, doctype: str, **query: Any) -> list[dict[str, Any]]:
        reply = self.send("GET", f"/api/resource/{doctype}", **query)
        assert reply.status == 200, reply.body
        return list(reply.json()["data"])

    def order(self, *lines: tuple[str, float, float], **values: Any) -> Reply:
        items = [
            {"item_code": sku, "qty": qty, "rate": rate, "warehouse": "Stores - ACM"}
            for sku, qty, rate in lines or [("SKU-1", 3, 33.33)]
        ]
        return self.post("Sales Order", **{"customer": "ACME", "delivery_date": "2026-04-01", "items": items, **values})

    def draft_order(self, *lines: tuple[str, float, float], **values: Any) -> str:
        return str(data_of(self.order(*lines, **values))["name"])

    def submitted_order(self, *lines: tuple[str, float, float], **values: Any) -> str:
        return self.draft_order(*lines, docstatus=1, **values)

    def proposal(self, method: str, name: str) -> dict[str, Any]:
        """What a mapping method of the site proposes for a source document."""
        reply = self.call(method, source_name=name)
        assert reply.status == 200, reply.body
        return dict(reply.json()["message"])

    def bin(self, sku: str) -> tuple[float, float]:
        """On hand and reserved."""
        (row,) = self.rows("Bin", filters={"item_code": sku}, fields=["actual_qty", "reserved_qty"])
        return row["actual_qty"], row["reserved_qty"]

    def wait(self, seconds: float) -> None:
        self.clock.advance(timedelta(seconds=seconds))


def data_of(reply: Reply) -> dict[str, Any]:
    assert reply.status == 200, reply.body
    return dict(reply.json()["data"])


def messages_of(reply: Reply) -> list[dict[str, Any]]:
    """The entries of `_server_messages`, unpacked from their two layers of text."""
    return [json.loads(entry) for entry in json.loads(reply.json().get("_server_messages", "[]"))]


def refused(reply: Reply, status: int, exc_type: str) -> str:
    """Assert the kind of refusal; returns the words people see."""
    body = reply.json()
    assert (reply.status, body["exc_type"]) == (status, exc_type), body
    messages = messages_of(reply)
    return str(messages[-1]["message"] if messages else body.get("exception", ""))
