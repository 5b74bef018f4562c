"""A sales person at HubSpot's screens: every verb makes the calls the UI would make, as `person:<name>`.

Products are picked from the library by SKU without a search, as the UI's picker does. Our stages: quoted → contractsent,
won → closedwon, lost → closedlost.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from fake_crm.hubspot.errors import HubSpotError
from fake_crm.hubspot.model.account import Account
from harness.kit.call import Call
from harness.kit.fake import Fake
from harness.kit.money import decimal_of
from harness.kit.people import Company, Contact, Deal, Line, NotPossible, Product, Thing

STAGES = {"quoted": "contractsent", "won": "closedwon", "lost": "closedlost"}
COMPANY_FIELDS = {
    "name": "name",
    "domain": "domain",
    "phone": "phone",
    "street": "address",
    "city": "city",
    "zip": "zip",
    "country": "country",
    "tax_id": "tax_id",
}
CONTACT_FIELDS = {"first_name": "firstname", "last_name": "lastname", "email": "email", "phone": "phone"}
KINDS: dict[Thing, str] = {"company": "companies", "contact": "contacts", "deal": "deals"}


class HubSpotSalesDesk:
    """Implements `harness.kit.people.SalesDesk`. `tax_id` is a custom property: it is filled in once it exists."""

    def __init__(self, fake: Fake, account: Account, person: str) -> None:
        self._fake, self._account, self._person = fake, account, person

    def add_product(self, product: Product) -> str:
        properties = {
            "name": product.name,
            "hs_sku": product.sku,
            "price": f"{product.price:f}",
            "description": product.description,
        }
        return self._create("products", properties)

    def add_company(self, company: Company) -> str:
        given = {name: getattr(company, field) for field, name in COMPANY_FIELDS.items()}
        if self._account.definitions.find("companies", "tax_id") is None:
            del given["tax_id"]
        return self._create("companies", given)

    def add_contact(self, contact: Contact, company_id: str) -> str:
        properties = {
            "firstname": contact.first_name,
            "lastname": contact.last_name,
            "email": contact.email,
            "phone": contact.phone,
        }
        return self._create("contacts", properties, [(company_id, 279)])

    def open_deal(self, deal: Deal) -> str:
        """Deal with company and contact, then its line items in one batch."""
        properties = {
            "dealname": deal.name,
            "pipeline": "default",
            "dealstage": "appointmentscheduled",
            "closedate": deal.close_date.isoformat(),
            "amount": f"{sum((line.amount for line in deal.lines), Decimal(0)):f}",
        }
        deal_id = self._create("deals", properties, [(deal.company_id, 341), (deal.contact_id, 3)])
        if deal.lines:
            self._call(
                "POST", "/crm/v3/objects/line_items/batch/create", {"inputs": [self._line(each, deal_id) for each in deal.lines]}
            )
        return deal_id

    def change_quantity(self, deal_id: str, sku: str, quantity: Decimal) -> None:
        self._change_line(deal_id, sku, {"quantity": f"{quantity:f}"})

    def change_price(self, deal_id: str, sku: str, price: Decimal) -> None:
        self._change_line(deal_id, sku, {"price": f"{price:f}"})

    def add_line(self, deal_id: str, line: Line) -> None:
        self._call("POST", "/crm/v3/objects/line_items", self._line(line, deal_id))
        self._add_up(deal_id)

    def remove_line(self, deal_id: str, sku: str) -> None:
        self._call("DELETE", f"/crm/v3/objects/line_items/{self._line_id(deal_id, sku)}", None)
        self._add_up(deal_id)

    def move_deal(self, deal_id: str, stage: str) -> None:
        self._call("PATCH", f"/crm/v3/objects/deals/{deal_id}", {"properties": {"dealstage": STAGES.get(stage, stage)}})

    def edit_company(self, company_id: str, changes: Mapping[str, str]) -> None:
        properties = {COMPANY_FIELDS.get(name, name): value for name, value in changes.items()}
        self._call("PATCH", f"/crm/v3/objects/companies/{company_id}", {"properties": properties})

    def edit_contact(self, contact_id: str, changes: Mapping[str, str]) -> None:
        properties = {CONTACT_FIELDS.get(name, name): value for name, value in changes.items()}
        self._call("PATCH", f"/crm/v3/objects/contacts/{contact_id}", {"properties": properties})

    def company_field(self, company_id: str, name: str) -> str:
        field = COMPANY_FIELDS.get(name, name)
        shown = self._call("GET", f"/crm/v3/objects/companies/{company_id}", None, f"properties={field}")
        return shown["properties"].get(field) or ""

    def merge_companies(self, kept_id: str, other_id: str) -> str:
        merged: str = self._call(
            "POST", "/crm/v3/objects/companies/merge", {"primaryObjectId": kept_id, "objectIdToMerge": other_id}
        )["id"]
        return merged

    def archive(self, thing: Thing, record_id: str) -> None:
        self._call("DELETE", f"/crm/v3/objects/{KINDS[thing]}/{record_id}", None)

    def restore(self, thing: Thing, record_id: str) -> None:
        """The API has no such call (facts 4.6)."""
        store = self._account.store
        actor, store.actor = store.actor, f"person:{self._person}"
        try:
            self._account.bin.restore(self._account.resolve(KINDS.get(thing, thing)), record_id)
        except HubSpotError as refused:
            raise NotPossible(str(refused)) from None
        finally:
            store.actor = actor

    # -- inside ---------------------------------------------------------------------------------------------------

    def _create(self, kind: str, properties: Mapping[str, str], links: list[tuple[str, int]] | None = None) -> str:
        filled = {name: value for name, value in properties.items() if value}
        body: dict[str, Any] = {"properties": filled}
        if links:
            body["associations"] = [_link(other_id, number) for other_id, number in links]
        created: str = self._call("POST", f"/crm/v3/objects/{kind}", body)["id"]
        return created

    def _line(self, line: Line, deal_id: str) -> dict[str, Any]:
        """A position made from the library's product, or a plain one where the SKU is no product."""
        given = {"quantity": f"{line.quantity:f}", "price": f"{line.price:f}", "name": line.name, "hs_sku": line.sku}
        product = next((each for each in self._account.store.where("products", "hs_sku", line.sku) if not each.archived), None)
        if product is not None:
            given["hs_product_id"] = product.id
        return {"properties": given, "associations": [_link(deal_id, 20)]}

    def _change_line(self, deal_id: str, sku: str, changes: Mapping[str, str]) -> None:
        self._call("PATCH", f"/crm/v3/objects/line_items/{self._line_id(deal_id, sku)}", {"properties": changes})
        self._add_up(deal_id)

    def _line_id(self, deal_id: str, sku: str) -> str:
        line = next((each for each in self._lines(deal_id) if each["properties"]["hs_sku"] == sku), None)
        if line is None:
            raise NotPossible(f"deal {deal_id} has no line item with SKU {sku}")
        return str(line["id"])

    def _add_up(self, deal_id: str) -> None:
        total = sum((decimal_of(each["properties"]["amount"]) or Decimal(0) for each in self._lines(deal_id)), Decimal(0))
        self._call("PATCH", f"/crm/v3/objects/deals/{deal_id}", {"properties": {"amount": f"{total:f}"}})

    def _lines(self, deal_id: str) -> list[dict[str, Any]]:
        rows = self._call("GET", f"/crm/v4/objects/deals/{deal_id}/associations/line_items", None)["results"]
        inputs = [{"id": str(each["toObjectId"])} for each in rows]
        if not inputs:
            return []
        body = {"inputs": inputs, "properties": ["hs_sku", "quantity", "price", "amount"]}
        found: list[dict[str, Any]] = self._call("POST", "/crm/v3/objects/line_items/batch/read", body)["results"]
        return found

    def _call(self, method: str, path: str, body: Any, query: str = "") -> Any:
        raw = msgspec.json.encode(body) if body is not None else b""
        reply = self._fake.handle(Call(method, path, query, body=raw, caller=f"person:{self._person}", person=self._person))
        answer = reply.json() if reply.body else {}
        if not reply.ok:
            raise NotPossible(answer["message"] if isinstance(answer, dict) else f"HubSpot answered {reply.status}")
        return answer


def _link(other_id: str, number: int) -> dict[str, Any]:
    return {"to": {"id": other_id}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": number}]}
