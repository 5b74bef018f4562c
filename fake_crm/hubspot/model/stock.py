"""Stock property definitions of the modelled types, as the wire shows them, from the tables of `stock_sales` and `stock_commerce`.

One line each: name | label | type/fieldType | flags. Flags: `ro` read only, `unique`, `ext:owner|pipeline|stage` externally held
options, or options as `value=Label;…`. Source: facts section 10.1; the groups of the younger types are our guess.
"""

from __future__ import annotations

from typing import Any

from fake_crm.hubspot.model import stock_commerce as commerce
from fake_crm.hubspot.model import stock_sales as sales

_TABLES = {
    "contacts": (sales.CONTACTS, "contactinformation", "Contact"),
    "companies": (sales.COMPANIES, "companyinformation", "Company"),
    "deals": (sales.DEALS, "dealinformation", "Deal"),
    "tickets": (sales.TICKETS, "ticketinformation", "Ticket"),
    "products": (sales.PRODUCTS, "productinformation", "Product"),
    "line_items": (sales.LINE_ITEMS, "lineiteminformation", "Line item"),
    "quotes": (commerce.QUOTES, "quoteinformation", "Quote"),
    "orders": (commerce.ORDERS, "order_information", "Order"),
    "invoices": (commerce.INVOICES, "invoice_information", "Invoice"),
    "commerce_payments": (commerce.PAYMENTS, "payment_information", "Payment"),
    "subscriptions": (commerce.SUBSCRIPTIONS, "subscription_information", "Subscription"),
    "discounts": (commerce.DISCOUNTS, "discount_information", "Discount"),
    "fees": (commerce.FEES, "fee_information", "Fee"),
    "taxes": (commerce.TAXES, "tax_information", "Tax"),
    "quote_templates": (commerce.QUOTE_TEMPLATES, "quote_template_information", "Quote template"),
}
_BOOLEANS = [{"label": "Yes", "value": "true"}, {"label": "No", "value": "false"}]
EPOCH_TEXT = "1970-01-01T00:00:00Z"

EXTERNAL = {
    "hubspot_owner_id": "owner",
    "dealstage": "stage",
    "pipeline": "pipeline",
    "hs_pipeline": "pipeline",
    "hs_pipeline_stage": "stage",
}
# money in the record's own currency, and in the account's; which exactly is our guess
_MONEY = frozenset(("dealinformation/amount", *(f"dealinformation/hs_{each}" for each in ("tcv", "acv", "arr", "mrr"))))
_HOME_MONEY = frozenset(
    ("dealinformation/amount_in_home_currency", "dealinformation/hs_projected_amount", "dealinformation/hs_forecast_amount",
     "dealinformation/hs_closed_amount", "productinformation/price", "companyinformation/annualrevenue")
)  # fmt: skip
_FIXED_OPTIONS = ("lifecyclestage", "hs_lead_status")  # not editable by API (facts 10.1)
_CUSTOM = (
    "hs_pipeline | Pipeline | enumeration/select | ext:pipeline\nhs_pipeline_stage | Stage | enumeration/radio | ext:stage",
    "",
    "",
)


def group_of(kind: str) -> str:
    """The stock group of a type's properties; a custom object's is made of its name."""
    found = _TABLES.get(kind)
    return found[1] if found is not None else f"{kind.partition('_')[2]}_information"


def option_rows(options: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Options as the wire shows them; a missing `displayOrder` is the position."""
    return [
        {
            "label": str(each["label"]),
            "value": str(each["value"]),
            "description": str(each.get("description") or ""),
            "displayOrder": each.get("displayOrder", position),
            "hidden": bool(each.get("hidden", False)),
        }
        for position, each in enumerate(options)
    ]


def definition_row(
    name: str,
    label: str,
    value_type: str,
    field_type: str,
    group: str,
    options: list[dict[str, Any]],
    *,
    read_only: bool,
    custom: bool,
    at: str,
) -> dict[str, Any]:
    """A definition as the wire shows it."""
    return {
        "name": name,
        "label": label,
        "type": value_type,
        "fieldType": field_type,
        "description": "",
        "groupName": group,
        "options": option_rows(options),
        "displayOrder": -1,
        "calculated": False,
        "externalOptions": False,
        "hasUniqueValue": False,
        "hidden": False,
        "hubspotDefined": not custom,
        "formField": False,
        "dataSensitivity": "non_sensitive",
        "archived": False,
        "createdAt": at,
        "updatedAt": at,
        "modificationMetadata": {
            "archivable": custom,
            "readOnlyDefinition": not custom,
            "readOnlyOptions": False,
            "readOnlyValue": read_only,
        },
    }


def _row(line: str, group: str) -> dict[str, Any]:
    name, label, kinds, *rest = (part.strip() for part in line.split("|"))
    flag = rest[0] if rest else ""
    value_type, _, field_type = kinds.partition("/")
    options = list(_BOOLEANS) if value_type == "bool" else []
    if "=" in flag:
        options = [dict(zip(("value", "label"), pair.split("="), strict=True)) for pair in flag.split(";")]
    row = definition_row(name, label, value_type, field_type, group, options, read_only=flag == "ro", custom=False, at=EPOCH_TEXT)
    if name in EXTERNAL:
        row["externalOptions"] = True
        row["referencedObjectType"] = "OWNER" if name == "hubspot_owner_id" else None
    if (name == "email" and group == "contactinformation") or name == "hs_object_id" or flag == "unique":
        row["hasUniqueValue"] = True
    if name in _FIXED_OPTIONS or name in EXTERNAL:
        row["modificationMetadata"]["readOnlyOptions"] = True
    where = f"{group}/{name}"
    if where in _MONEY or where in _HOME_MONEY:
        row["showCurrencySymbol"] = True
        row["currencyPropertyName"] = "deal_currency_code" if where in _MONEY else None
    return {key: value for key, value in row.items() if value is not None}


# hs_createdate is every type's; only the older ones have a createdate of its own
_OLDER = frozenset(("contacts", "companies", "deals", "tickets", "products", "line_items"))


def _table(kind: str) -> dict[str, dict[str, Any]]:
    own, group, owner = _TABLES.get(kind, _CUSTOM)
    lines = own.strip().splitlines() + sales.SYSTEM.format(owner=owner or "Record").strip().splitlines()
    rows = [_row(line, group or "custom_information") for line in lines]
    return {row["name"]: row for row in rows if row["name"] != "createdate" or kind in _OLDER}


class _Stock(dict[str, dict[str, dict[str, Any]]]):
    """Rows by kind and name; custom objects share the vendor's own few."""

    def __missing__(self, kind: str) -> dict[str, dict[str, Any]]:
        rows = {name: {**row, "groupName": group_of(kind)} for name, row in _CUSTOM_ROWS.items()}
        self[kind] = rows
        return rows


_CUSTOM_ROWS = _table("custom")
STOCK = _Stock({kind: _table(kind) for kind in _TABLES})
