"""Stock property definitions of the modelled types: enough for quote-to-cash, by no means the vendor's few hundred.

One line each: name | label | type/fieldType | flags. Flags: `ro` read only, `ext:owner|pipeline|stage` externally held options, or
options as `value=Label;…`. Source: facts sections 5 to 7 and 10.1; labels are the vendor's own where its exports name them.
"""

from __future__ import annotations

from typing import Any

_SYSTEM = """
hs_object_id | Record ID | number/number | ro
createdate | Create Date | datetime/date | ro
hs_createdate | Object create date/time | datetime/date | ro
hs_lastmodifieddate | Last Modified Date | datetime/date | ro
hs_object_source | Record source | enumeration/select | ro
hs_object_source_id | Record source ID | string/text | ro
hs_object_source_label | Record source label | string/text | ro
hs_merged_object_ids | Merged record IDs | enumeration/checkbox | ro
hubspot_owner_id | {owner} owner | enumeration/select | ext:owner
hubspot_owner_assigneddate | Owner assigned date | datetime/date | ro
"""
_LIFECYCLE = (
    "subscriber=Subscriber;lead=Lead;marketingqualifiedlead=Marketing Qualified Lead;salesqualifiedlead=Sales Qualified Lead;"
    "opportunity=Opportunity;customer=Customer;evangelist=Evangelist;other=Other"
)
_LEAD_STATUS = (
    "NEW=New;OPEN=Open;IN_PROGRESS=In Progress;OPEN_DEAL=Open Deal;UNQUALIFIED=Unqualified;"
    "ATTEMPTED_TO_CONTACT=Attempted to Contact;CONNECTED=Connected;BAD_TIMING=Bad Timing"
)
_CONTACTS = f"""
email | Email | string/text
hs_additional_emails | Additional email addresses | enumeration/checkbox | ro
firstname | First Name | string/text
lastname | Last Name | string/text
phone | Phone Number | string/phonenumber
mobilephone | Mobile Phone Number | string/phonenumber
fax | Fax Number | string/phonenumber
company | Company Name | string/text
jobtitle | Job Title | string/text
website | Website URL | string/text
address | Street Address | string/text
city | City | string/text
state | State/Region | string/text
zip | Postal Code | string/text
country | Country/Region | string/text
salutation | Salutation | string/text
message | Message | string/textarea
lifecyclestage | Lifecycle Stage | enumeration/radio | {_LIFECYCLE}
hs_lead_status | Lead Status | enumeration/radio | {_LEAD_STATUS}
lastmodifieddate | Last Modified Date | datetime/date | ro
num_associated_deals | Number of Associated Deals | number/number | ro
"""
_COMPANIES = f"""
name | Company name | string/text
domain | Company Domain Name | string/text
website | Website URL | string/text
phone | Phone Number | string/phonenumber
address | Street Address | string/text
address2 | Street Address 2 | string/text
city | City | string/text
state | State/Region | string/text
zip | Postal Code | string/text
country | Country/Region | string/text
description | Description | string/textarea
about_us | About Us | string/textarea
industry | Industry | string/text
numberofemployees | Number of Employees | number/number
annualrevenue | Annual Revenue | number/number
founded_year | Year Founded | string/text
timezone | Time Zone | string/text
type | Type | enumeration/select | PROSPECT=Prospect;PARTNER=Partner;RESELLER=Reseller;VENDOR=Vendor;OTHER=Other
lifecyclestage | Lifecycle Stage | enumeration/radio | {_LIFECYCLE}
hs_lead_status | Lead Status | enumeration/radio | {_LEAD_STATUS}
num_associated_contacts | Number of Associated Contacts | number/number | ro
num_associated_deals | Number of Associated Deals | number/number | ro
"""
_DEALS = """
dealname | Deal Name | string/text
amount | Amount | number/number
dealstage | Deal Stage | enumeration/radio | ext:stage
pipeline | Pipeline | enumeration/select | ext:pipeline
closedate | Close Date | datetime/date
dealtype | Deal Type | enumeration/radio | newbusiness=New Business;existingbusiness=Existing Business
description | Deal Description | string/textarea
deal_currency_code | Currency | enumeration/select | EUR=EUR;USD=USD;GBP=GBP;CHF=CHF;PLN=PLN;SEK=SEK;DKK=DKK
hs_priority | Priority | enumeration/select | low=Low;medium=Medium;high=High
hs_next_step | Next step | string/text
closed_lost_reason | Closed Lost Reason | string/textarea
closed_won_reason | Closed Won Reason | string/textarea
hs_is_closed | Is Deal Closed? | bool/booleancheckbox | ro
hs_is_closed_won | Is Closed Won | bool/booleancheckbox | ro
hs_deal_stage_probability | Deal probability | number/number | ro
num_associated_contacts | Number of Associated Contacts | number/number | ro
hs_num_of_associated_line_items | Number of Associated Line Items | number/number | ro
"""
_FREQUENCY = "weekly=Weekly;monthly=Monthly;quarterly=Quarterly;annually=Annually"
_BILLING = f"""
hs_recurring_billing_period | Term | string/text
recurringbillingfrequency | Billing frequency | enumeration/select | {_FREQUENCY}
hs_pricing_model | Pricing model | enumeration/select | flat=Flat;volume=Volume;graduated=Graduated;stairstep=Stairstep
hs_tier_ranges | Tier ranges | string/text
hs_tier_prices | Tier prices | string/text
"""
_PRODUCTS = f"""
name | Name | string/text
description | Product description | string/textarea
price | Unit price | number/number
hs_sku | SKU | string/text
hs_cost_of_goods_sold | Unit cost | number/number
hs_folder | Folder | string/text
hs_url | URL | string/text
hs_product_type | Product Type | enumeration/select | inventory=Inventory;non_inventory=Non-Inventory;service=Service
tax | Tax | number/number
{_BILLING.strip()}
"""
_LINE_ITEMS = f"""
name | Name | string/text
description | Description | string/textarea
price | Unit price | number/number
quantity | Quantity | number/number
amount | Net price | number/number
discount | Unit discount | number/number
hs_discount_percentage | Discount percentage | number/number
hs_sku | SKU | string/text
hs_product_id | Product ID | number/number
hs_line_item_currency_code | Currency | string/text
hs_cost_of_goods_sold | Unit cost | number/number
hs_position_on_quote | Position on quote | number/number
hs_recurring_billing_start_date | Billing start date | date/date
hs_recurring_billing_end_date | Billing end date | date/date
hs_tax_rate_group_id | Tax rate | string/text
tax | Tax | number/number
{_BILLING.strip()}
"""
_TABLES = {
    "contacts": (_CONTACTS, "contactinformation", "Contact"),
    "companies": (_COMPANIES, "companyinformation", "Company"),
    "deals": (_DEALS, "dealinformation", "Deal"),
    "products": (_PRODUCTS, "productinformation", "Product"),
    "line_items": (_LINE_ITEMS, "lineiteminformation", "Line item"),
}
_BOOLEANS = [{"label": "Yes", "value": "true"}, {"label": "No", "value": "false"}]
EPOCH_TEXT = "1970-01-01T00:00:00Z"

EXTERNAL = {"hubspot_owner_id": "owner", "dealstage": "stage", "pipeline": "pipeline"}
GROUPS = {kind: group for kind, (_, group, _) in _TABLES.items()}


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
    if (name == "email" and group == "contactinformation") or name == "hs_object_id":
        row["hasUniqueValue"] = True
    return {key: value for key, value in row.items() if value is not None}


def _table(kind: str) -> dict[str, dict[str, Any]]:
    own, group, owner = _TABLES[kind]
    lines = own.strip().splitlines() + _SYSTEM.format(owner=owner).strip().splitlines()
    rows = [_row(line, group) for line in lines]
    return {row["name"]: row for row in rows}


STOCK: dict[str, dict[str, dict[str, Any]]] = {kind: _table(kind) for kind in _TABLES}
