"""Child DocTypes of tables that documents may carry and nothing here works with: kept as they are written.

Which columns they have is our guess: the vendor's definitions of these are not among our facts.
"""

from __future__ import annotations

from typing import Final

ITEM_BARCODE: Final = """
barcode | Data | Barcode
barcode_type | Data | Barcode Type
uom | Link:UOM | UOM
"""

ITEM_REORDER: Final = """
warehouse_group | Link:Warehouse | Check Availability in Warehouse
warehouse | Link:Warehouse | Request for
warehouse_reorder_level | Float | Re-order Level
warehouse_reorder_qty | Float | Re-order Qty
material_request_type | Select:Purchase;Transfer;Material Issue;Manufacture | Material Request Type
"""

ITEM_VARIANT_ATTRIBUTE: Final = """
attribute | Link:Item Attribute | Attribute
attribute_value | Data | Attribute Value
numeric_values | Check | Numeric Values
from_range | Float | From Range
to_range | Float | To Range
increment | Float | Increment
"""

ITEM_SUPPLIER: Final = """
supplier | Link:Supplier | Supplier
supplier_part_no | Data | Supplier Part Number
"""

ITEM_CUSTOMER_DETAIL: Final = """
customer_name | Link:Customer | Customer Name
customer_group | Link:Customer Group | Customer Group
ref_code | Data | Ref Code
"""

ALLOWED_TO_TRANSACT_WITH: Final = """
company | Link:Company | Company
"""

PORTAL_USER: Final = """
user | Link:User | User
"""

PRICING_RULE_DETAIL: Final = """
pricing_rule | Link:Pricing Rule | Pricing Rule
item_code | Data | Item Code
margin_type | Data | Margin Type
rate_or_discount | Data | Rate or Discount
child_docname | Data | Child Docname
rule_applied | Check | Rule Applied | default=1
"""

COMPETITOR_DETAIL: Final = """
competitor | Link:Competitor | Competitor
"""

SALES_INVOICE_TIMESHEET: Final = """
activity_type | Link:Activity Type | Activity Type
description | Small Text | Description
from_time | Datetime | From Time
to_time | Datetime | To Time
billing_hours | Float | Billing Hours
billing_amount | Currency | Billing Amount
time_sheet | Link:Timesheet | Time Sheet
timesheet_detail | Data | Timesheet Detail
project_name | Data | Project Name
"""

ADVANCE_TAXES_AND_CHARGES: Final = """
charge_type | Select:;Actual;On Paid Amount;On Previous Row Amount;On Previous Row Total | Type
row_id | Data | Reference Row #
account_head | Link:Account | Account Head
description | Small Text | Description
included_in_paid_amount | Check | Considered In Paid Amount
cost_center | Link:Cost Center | Cost Center
rate | Float | Rate
tax_amount | Currency | Amount
total | Currency | Total
base_tax_amount | Currency | Amount (Company Currency)
base_total | Currency | Total (Company Currency)
"""

SUBSCRIPTION_PLAN_DETAIL: Final = """
plan | Link:Subscription Plan | Plan
qty | Int | Quantity
"""

TABLES: Final = {
    "Item Barcode": ("child", ITEM_BARCODE),
    "Item Reorder": ("child", ITEM_REORDER),
    "Item Variant Attribute": ("child", ITEM_VARIANT_ATTRIBUTE),
    "Item Supplier": ("child", ITEM_SUPPLIER),
    "Item Customer Detail": ("child", ITEM_CUSTOMER_DETAIL),
    "Allowed To Transact With": ("child", ALLOWED_TO_TRANSACT_WITH),
    "Portal User": ("child", PORTAL_USER),
    "Pricing Rule Detail": ("child", PRICING_RULE_DETAIL),
    "Competitor Detail": ("child", COMPETITOR_DETAIL),
    "Sales Invoice Timesheet": ("child", SALES_INVOICE_TIMESHEET),
    "Advance Taxes and Charges": ("child", ADVANCE_TAXES_AND_CHARGES),
    "Subscription Plan Detail": ("child", SUBSCRIPTION_PLAN_DETAIL),
}
