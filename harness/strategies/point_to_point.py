"""Point-to-point: the webhook handler calls the other system directly. The integration that people write first.

No store, no queue, no idempotency key. An error of the network is tried three times, an error of the other system is logged.
It looks before it creates, checks for what it expects, and works on a sunny day; what it lacks is a memory.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx

log = logging.getLogger("point_to_point").info  # what such integrations call error handling
TRIES = 3
WAIT_BEFORE_NEXT_TRY = timedelta(seconds=2)
DELIVERY_DAYS = 7
COMPANY, WAREHOUSE = "Acme GmbH", "Stores - ACM"
VAT = {"charge_type": "On Net Total", "account_head": "VAT - ACM", "description": "VAT 19%", "rate": 19}
ORDER_STATUS = {
    "Draft": "draft",
    "To Deliver and Bill": "open",
    "To Deliver": "to deliver",
    "To Bill": "to bill",
    "Completed": "completed",
    "Closed": "closed",
    "On Hold": "on hold",
    "Cancelled": "cancelled",
}
DEAL_PROPERTIES = (
    "erp_order_id",
    "erp_order_status",
    "erp_shipped_percent",
    "erp_invoiced_amount",
    "erp_paid_amount",
    "erp_sync_error",
)
CUSTOMER_FIELDS = {"name": "customer_name", "domain": "website", "phone": "custom_phone", "tax_id": "tax_id"}


class PointToPoint:
    """One HubSpot, one ERPNext, and a function for each webhook. `surroundings` is what the harness hands every engine."""

    def __init__(self, surroundings: Any) -> None:
        crm, erp = surroundings.crm, surroundings.erp
        if (crm.vendor, erp.vendor) != ("hubspot", "erpnext"):
            raise ValueError(f"point-to-point is written for hubspot and erpnext, not for {crm.vendor} and {erp.vendor}")
        self._clock = surroundings.clock
        transport = surroundings.transport
        self._crm = httpx.AsyncClient(
            base_url=crm.base_url, headers={"Authorization": f"Bearer {crm.credentials['token']}"}, transport=transport, timeout=30
        )
        secret = f"token {erp.credentials['api_key']}:{erp.credentials['api_secret']}"
        self._erp = httpx.AsyncClient(
            base_url=erp.base_url, headers={"Authorization": secret, "Accept": "application/json"}, transport=transport, timeout=30
        )

    async def run(self) -> None:
        """Make the fields it needs, then wait for webhooks for ever."""
        await self._install()
        while True:
            await self._clock.sleep(timedelta(hours=24))

    async def receive(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> int:
        """Handle one webhook call while the vendor waits for the answer."""
        payload = json.loads(body)
        try:
            if path.endswith("/crm"):
                for event in payload:
                    await self._crm_event(event)
            else:
                await self._erp_event(payload["doctype"], payload["name"])
        except Refused as refusal:
            log(f"giving up on {path}: {refusal}")  # trying again would not help, and a 500 would make the vendor resend for a day
        return 200

    # -- CRM → ERP ------------------------------------------------------------------------------------------------

    async def _crm_event(self, event: dict[str, Any]) -> None:
        kind, value = event.get("subscriptionType", ""), event.get("propertyValue")
        if kind == "deal.propertyChange" and event.get("propertyName") == "dealstage" and value == "closedwon":
            await self._order(str(event["objectId"]))
        elif kind == "company.propertyChange" and event.get("propertyName") in CUSTOMER_FIELDS:
            await self._update_customer(str(event["objectId"]), CUSTOMER_FIELDS[event["propertyName"]], value)

    async def _order(self, deal_id: str) -> None:
        deal = await self._call(
            self._crm, "GET", f"/crm/v3/objects/deals/{deal_id}?properties=dealname,amount&associations=companies,line_items"
        )
        links = deal.get("associations", {})
        company_id = links["companies"]["results"][0]["id"]
        wanted = [{"id": row["id"]} for row in links["line items"]["results"]]
        read = await self._call(
            self._crm,
            "POST",
            "/crm/v3/objects/line_items/batch/read",
            {"inputs": wanted, "properties": ["hs_sku", "quantity", "price"]},
        )
        customer = await self._customer(company_id)
        order = {
            "customer": customer,
            "company": COMPANY,
            "delivery_date": (self._clock.now() + timedelta(days=DELIVERY_DAYS)).date().isoformat(),
            "custom_crm_deal_id": deal_id,
            "custom_crm_deal_name": deal["properties"]["dealname"],
            "items": [_order_row(line["properties"]) for line in read["results"]],
            "taxes": [VAT],
            "docstatus": 1,
        }
        created = await self._call(self._erp, "POST", "/api/resource/Sales Order", order)
        await self._show_order(deal_id, created["data"])

    async def _customer(self, company_id: str) -> str:
        found = await self._find("Customer", [["custom_crm_company_id", "=", company_id]], ["name"])
        if found:
            return str(found[0]["name"])
        company = await self._call(self._crm, "GET", f"/crm/v3/objects/companies/{company_id}?properties=name,domain,phone,tax_id")
        values = {erp: company["properties"].get(crm) for crm, erp in CUSTOMER_FIELDS.items()}
        body = {**values, "customer_type": "Company", "custom_crm_company_id": company_id}
        created = await self._call(self._erp, "POST", "/api/resource/Customer", body)
        name = str(created["data"]["name"])
        await self._call(self._crm, "PATCH", f"/crm/v3/objects/companies/{company_id}", {"properties": {"erp_customer_id": name}})
        return name

    async def _update_customer(self, company_id: str, field: str, value: str | None) -> None:
        for customer in await self._find("Customer", [["custom_crm_company_id", "=", company_id]], ["name"]):
            await self._call(self._erp, "PUT", f"/api/resource/Customer/{customer['name']}", {field: value})

    # -- ERP → CRM ------------------------------------------------------------------------------------------------

    async def _erp_event(self, doctype: str, name: str) -> None:
        for order_id in await self._orders_of(doctype, name):
            order = await self._call(self._erp, "GET", f"/api/resource/Sales Order/{order_id}")
            deal_id = order["data"].get("custom_crm_deal_id")
            if deal_id:
                await self._show_order(deal_id, order["data"])

    async def _orders_of(self, doctype: str, name: str) -> list[str]:
        if doctype == "Sales Order":
            return [name]
        if doctype not in ("Delivery Note", "Sales Invoice", "Payment Entry"):
            return []
        document = (await self._call(self._erp, "GET", f"/api/resource/{doctype}/{name}"))["data"]
        if doctype == "Payment Entry":
            invoices = [
                row["reference_name"] for row in document.get("references", []) if row["reference_doctype"] == "Sales Invoice"
            ]
            return [order for invoice in invoices for order in await self._orders_of("Sales Invoice", invoice)]
        field = "against_sales_order" if doctype == "Delivery Note" else "sales_order"
        return sorted({row[field] for row in document["items"] if row.get(field)})

    async def _show_order(self, deal_id: str, order: dict[str, Any]) -> None:
        filters = [["Sales Invoice Item", "sales_order", "=", order["name"]], ["Sales Invoice", "docstatus", "=", 1]]
        rows = {
            row["name"]: row for row in await self._find("Sales Invoice", filters, ["name", "grand_total", "outstanding_amount"])
        }
        invoiced = sum((Decimal(str(row["grand_total"])) for row in rows.values()), Decimal(0))
        outstanding = sum((Decimal(str(row["outstanding_amount"])) for row in rows.values()), Decimal(0))
        properties = {
            "erp_order_id": order["name"],
            "erp_order_status": ORDER_STATUS[order["status"]],
            "erp_shipped_percent": str(order.get("per_delivered", 0)),
            "erp_invoiced_amount": str(invoiced),
            "erp_paid_amount": str(invoiced - outstanding),
        }
        await self._call(self._crm, "PATCH", f"/crm/v3/objects/deals/{deal_id}", {"properties": properties})

    # -- plumbing -------------------------------------------------------------------------------------------------

    async def _install(self) -> None:
        for kind, names in (("deals", DEAL_PROPERTIES), ("companies", ("erp_customer_id", "erp_sync_error", "tax_id"))):
            group = "dealinformation" if kind == "deals" else "companyinformation"
            for name in names:
                body = {"name": name, "label": name, "type": "string", "fieldType": "text", "groupName": group}
                await self._unless_there(self._crm, f"/crm/v3/properties/{kind}", body)
        for doctype, field in (
            ("Customer", "custom_crm_company_id"),
            ("Customer", "custom_phone"),
            ("Sales Order", "custom_crm_deal_id"),
            ("Sales Order", "custom_crm_deal_name"),
        ):
            custom: dict[str, Any] = {"dt": doctype, "label": field, "fieldname": field, "fieldtype": "Data", "no_copy": 1}
            await self._unless_there(self._erp, "/api/resource/Custom Field", custom)

    async def _unless_there(self, client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> None:
        try:
            await self._call(client, "POST", path, body)
        except Refused as refusal:
            log(f"already there, it seems: {refusal}")

    async def _find(self, doctype: str, filters: list[Any], fields: list[str]) -> list[dict[str, Any]]:
        query = httpx.QueryParams({"filters": json.dumps(filters), "fields": json.dumps(fields)})
        return list((await self._call(self._erp, "GET", f"/api/resource/{doctype}?{query}"))["data"])

    async def _call(self, client: httpx.AsyncClient, method: str, path: str, body: Any = None) -> Any:
        """Send, and try again when the network or the server fails. Raises Refused when the other side says no."""
        for attempt in range(1, TRIES + 1):
            try:
                response = await client.request(method, path, json=body)
                if response.status_code < 400:
                    return response.json()
                if response.status_code < 500 and response.status_code != 429:
                    raise Refused(f"{method} {path}: {response.status_code} {response.text[:200]}")
                problem = f"{response.status_code}"
            except (httpx.HTTPError, json.JSONDecodeError) as error:
                problem = type(error).__name__
            log(f"{method} {path} failed ({problem}), attempt {attempt}")
            await self._clock.sleep(WAIT_BEFORE_NEXT_TRY)
        raise Refused(f"{method} {path}: failed {TRIES} times")


class Refused(Exception):
    """The other system said no, or could not be reached three times."""


def _order_row(line: dict[str, Any]) -> dict[str, Any]:
    return {"item_code": line["hs_sku"], "qty": float(line["quantity"]), "rate": float(line["price"]), "warehouse": WAREHOUSE}


class Spec:
    """How the harness finds it."""

    name = "point-to-point"
    description = "A webhook handler that calls the other system directly: no store, retries on error. Fails, to show how."

    def create(self, surroundings: Any) -> PointToPoint:
        return PointToPoint(surroundings)

    def command(self, surroundings: Any) -> None:
        return None

    def environment(self, surroundings: Any) -> dict[str, str]:
        return {}


SPEC = Spec()
