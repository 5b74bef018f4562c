"""Fields of quotations, sales orders and the tables that all selling documents share.

Source: the field lists of erpnext 15.109.0 and frappe 15.54.1; only what quote-to-cash needs. See meta.py for the notation.
"""

from __future__ import annotations

from typing import Final

SELLING_HEADER: Final = """
company | Link:Company | Company | reqd
currency | Link:Currency | Currency | reqd
conversion_rate | Float | Exchange Rate | reqd
selling_price_list | Link:Price List | Price List | reqd
price_list_currency | Link:Currency | Price List Currency | reqd, ro
plc_conversion_rate | Float | Price List Exchange Rate | reqd
ignore_pricing_rule | Check | Ignore Pricing Rule
total_qty | Float | Total Quantity | ro
base_total | Currency | Total (Company Currency) | ro
total | Currency | Total | ro
net_total | Currency | Net Total | ro
taxes_and_charges | Link:Sales Taxes and Charges Template | Sales Taxes and Charges Template
taxes | Table:Sales Taxes and Charges | Sales Taxes and Charges
base_total_taxes_and_charges | Currency | Total Taxes and Charges (Company Currency) | ro
total_taxes_and_charges | Currency | Total Taxes and Charges | ro
base_rounding_adjustment | Currency | Rounding Adjustment (Company Currency) | ro, nocopy
base_rounded_total | Currency | Rounded Total (Company Currency) | ro
rounding_adjustment | Currency | Rounding Adjustment | ro, nocopy
rounded_total | Currency | Rounded Total | ro
disable_rounded_total | Check | Disable Rounded Total
base_discount_amount | Currency | Additional Discount Amount (Company Currency) | ro
additional_discount_percentage | Float | Additional Discount Percentage
discount_amount | Currency | Additional Discount Amount
contact_person | Link:Contact | Contact Person
contact_display | Small Text | Contact | ro
contact_mobile | Small Text | Mobile No | ro
contact_email | Data:Email | Contact Email | ro
customer_group | Link:Customer Group | Customer Group
territory | Link:Territory | Territory
"""

SELLING_ROW: Final = """
item_name | Data | Item Name | reqd
description | Text Editor | Description
item_group | Link:Item Group | Item Group | ro
uom | Link:UOM | UOM | reqd
price_list_rate | Currency | Price List Rate | ro
base_price_list_rate | Currency | Price List Rate (Company Currency) | ro
margin_type | Select:;Percentage;Amount | Margin Type
margin_rate_or_amount | Float | Margin Rate or Amount
rate_with_margin | Currency | Rate With Margin | ro
discount_amount | Currency | Discount Amount
distributed_discount_amount | Currency | Distributed Discount Amount
base_rate_with_margin | Currency | Rate With Margin (Company Currency) | ro
item_tax_template | Link:Item Tax Template | Item Tax Template
item_tax_rate | Code | Item Tax Rate | ro
stock_uom_rate | Currency | Rate of Stock UOM | ro, nocopy
net_rate | Currency | Net Rate | ro
net_amount | Currency | Net Amount | ro
base_net_rate | Currency | Net Rate (Company Currency) | ro
base_net_amount | Currency | Net Amount (Company Currency) | ro
actual_qty | Float | Qty (Warehouse) | ro, submit, nocopy
"""

QUOTATION: Final = """
title | Data | Title | submit, nocopy, default={customer_name}
naming_series | Select:SAL-QTN-.YYYY.- | Series | reqd, nocopy, once
quotation_to | Link:DocType | Quotation To | reqd, default=Customer
party_name | Dynamic Link:quotation_to | Party
customer_name | Data | Customer Name | ro
transaction_date | Date | Date | reqd, nocopy, default=Today
valid_till | Date | Valid Till
order_type | Select:;Sales;Maintenance;Shopping Cart | Order Type | reqd, default=Sales
amended_from | Link:Quotation | Amended From | ro, nocopy
items | Table:Quotation Item | Items | reqd
base_net_total | Currency | Net Total (Company Currency) | ro
base_grand_total | Currency | Grand Total (Company Currency) | ro
base_in_words | Data | In Words (Company Currency) | ro, length=240
grand_total | Currency | Grand Total | ro
in_words | Data | In Words | ro, length=240
apply_discount_on | Select:;Grand Total;Net Total | Apply Additional Discount On | default=Grand Total
customer_address | Link:Address | Customer Address
address_display | Small Text | Address | ro
shipping_address_name | Link:Address | Shipping Address
shipping_address | Small Text | Shipping Address | ro
payment_terms_template | Data | Payment Terms Template | nocopy
payment_schedule | Table:Payment Schedule | Payment Schedule | nocopy
terms | Text Editor | Term Details
status | Select:Draft;Open;Replied;Partially Ordered;Ordered;Lost;Cancelled;\
Expired | Status | reqd, ro, nocopy, default=Draft
language | Data | Print Language | ro
order_lost_reason | Small Text | Detailed Reason | ro, nocopy
lost_reasons | Table:Quotation Lost Reason Detail | Lost Reasons | nocopy
"""

QUOTATION_ITEM: Final = """
item_code | Link:Item | Item Code
qty | Float | Quantity | reqd
stock_uom | Link:UOM | Stock UOM | ro
conversion_factor | Float | UOM Conversion Factor | reqd, ro
stock_qty | Float | Qty as per Stock UOM | ro, nocopy
discount_percentage | Percent | Discount (%) on Price List Rate with Margin
rate | Currency | Rate
amount | Currency | Amount | ro
base_rate | Currency | Rate (Company Currency) | ro
base_amount | Currency | Amount (Company Currency) | ro
warehouse | Link:Warehouse | Warehouse
is_alternative | Check | Is Alternative
prevdoc_doctype | Link:DocType | Against Doctype | ro, nocopy
prevdoc_docname | Dynamic Link:prevdoc_doctype | Against Docname | ro, nocopy
projected_qty | Float | Projected Qty | ro, submit
"""

SALES_ORDER: Final = """
title | Data | Title | submit, nocopy, default={customer_name}
naming_series | Select:SAL-ORD-.YYYY.- | Series | reqd, nocopy, once
customer | Link:Customer | Customer | reqd
customer_name | Data | Customer Name | ro, fetch=customer.customer_name
tax_id | Data | Tax Id | ro, fetch=customer.tax_id
order_type | Select:;Sales;Maintenance;Shopping Cart | Order Type | reqd, default=Sales
transaction_date | Date | Date | reqd, nocopy, default=Today
delivery_date | Date | Delivery Date | submit, nocopy
po_no | Data | Customer's Purchase Order | submit
po_date | Date | Customer's Purchase Order Date | submit
skip_delivery_note | Check | Skip Delivery Note
amended_from | Link:Sales Order | Amended From | ro, nocopy
cost_center | Link:Cost Center | Cost Center
set_warehouse | Link:Warehouse | Set Source Warehouse
items | Table:Sales Order Item | Items | reqd
base_net_total | Currency | Net Total (Company Currency) | ro
base_grand_total | Currency | Grand Total (Company Currency) | ro
base_in_words | Data | In Words (Company Currency) | ro, length=240
grand_total | Currency | Grand Total | ro
in_words | Data | In Words | ro, length=240
apply_discount_on | Select:;Grand Total;Net Total | Apply Additional Discount On | default=Grand Total
customer_address | Link:Address | Customer Address
address_display | Small Text | Address | ro, submit
shipping_address_name | Link:Address | Shipping Address Name
shipping_address | Small Text | Shipping Address | ro, submit
payment_terms_template | Data | Payment Terms Template | nocopy
payment_schedule | Table:Payment Schedule | Payment Schedule | nocopy
dispatch_address_name | Link:Address | Dispatch Address Name | submit
dispatch_address | Small Text | Dispatch Address | ro, submit
from_date | Date | From Date | submit, nocopy
to_date | Date | To Date | submit, nocopy
terms | Text Editor | Terms and Conditions Details
status | Select:;Draft;On Hold;To Deliver and Bill;To Bill;To Deliver;Completed;Cancelled;\
Closed | Status | reqd, ro, nocopy, default=Draft
delivery_status | Select:Not Delivered;Fully Delivered;Partly Delivered;Closed;Not Applicable | Delivery Status | nocopy
per_delivered | Percent | %  Delivered | ro, nocopy
per_billed | Percent | % Amount Billed | ro, nocopy
per_picked | Percent | % Picked | ro, nocopy
billing_status | Select:Not Billed;Fully Billed;Partly Billed;Closed | Billing Status | nocopy
advance_paid | Currency | Advance Paid | ro, nocopy
group_same_items | Check | Group same items | submit
language | Data | Print Language | ro
is_internal_customer | Check | Is Internal Customer | ro, fetch=customer.is_internal_customer
party_account_currency | Link:Currency | Party Account Currency | ro, nocopy
"""

SALES_ORDER_ITEM: Final = """
item_code | Link:Item | Item Code | reqd
delivery_date | Date | Delivery Date | submit, nocopy
qty | Float | Quantity | reqd, nonneg
stock_uom | Link:UOM | Stock UOM | ro
conversion_factor | Float | UOM Conversion Factor | reqd, ro
stock_qty | Float | Qty as per Stock UOM | ro, nocopy
discount_percentage | Percent | Discount (%) on Price List Rate with Margin
rate | Currency | Rate
amount | Currency | Amount | ro
base_rate | Currency | Basic Rate (Company Currency) | ro
base_amount | Currency | Amount (Company Currency) | ro
warehouse | Link:Warehouse | Source Warehouse
is_stock_item | Check | Is Stock Item | fetch=item_code.is_stock_item
is_free_item | Check | Is Free Item | ro
billed_amt | Currency | Billed Amt | ro, nocopy
prevdoc_docname | Link:Quotation | Quotation | ro, nocopy
quotation_item | Data | quotation_item | ro, nocopy
projected_qty | Float | Projected Qty | ro, submit, nocopy
ordered_qty | Float | Ordered Qty | ro, nocopy
delivered_qty | Float | Delivered Qty | ro, nocopy
returned_qty | Float | Returned Qty | ro, nocopy
picked_qty | Float | Picked Qty (in Stock UOM) | ro, nocopy
page_break | Check | Page Break | submit
transaction_date | Date | Sales Order Date | ro
cost_center | Link:Cost Center | Cost Center | submit
reserve_stock | Check | Reserve Stock | submit, default=1
"""

SALES_TAXES_AND_CHARGES: Final = """
charge_type | Select:;Actual;On Net Total;On Previous Row Amount;On Previous Row Total;On Item Quantity | Type | reqd
row_id | Data | Reference Row #
account_head | Link:Account | Account Head | reqd, submit
description | Small Text | Description | reqd
included_in_print_rate | Check | Is this Tax included in Basic Rate?
cost_center | Link:Cost Center | Cost Center | submit
rate | Float | Tax Rate
account_currency | Link:Currency | Account Currency | ro, fetch=account_head.account_currency
tax_amount | Currency | Amount
total | Currency | Total | ro
tax_amount_after_discount_amount | Currency | Tax Amount After Discount Amount | ro
base_tax_amount | Currency | Amount (Company Currency) | ro
base_total | Currency | Total (Company Currency) | ro
base_tax_amount_after_discount_amount | Currency | Tax Amount After Discount Amount (Company Currency) | ro
item_wise_tax_detail | Code | Item Wise Tax Detail | ro
"""

PAYMENT_SCHEDULE: Final = """
description | Small Text | Description | ifempty
due_date | Date | Due Date | reqd
invoice_portion | Percent | Invoice Portion
mode_of_payment | Link:Mode of Payment | Mode of Payment
discount_type | Select:Percentage;Amount | Discount Type | default=Percentage
payment_amount | Currency | Payment Amount | reqd
outstanding | Currency | Outstanding | ro
paid_amount | Currency | Paid Amount
base_payment_amount | Currency | Payment Amount (Company Currency)
base_outstanding | Currency | Outstanding (Company Currency) | ro
base_paid_amount | Currency | Paid Amount (Company Currency) | ro
"""

TABLES: Final = {
    "Quotation": ("submittable, series, title=title", QUOTATION + SELLING_HEADER),
    "Quotation Item": ("child", QUOTATION_ITEM + SELLING_ROW),
    "Sales Order": ("submittable, series, title=customer_name", SALES_ORDER + SELLING_HEADER),
    "Sales Order Item": ("child", SALES_ORDER_ITEM + SELLING_ROW),
    "Sales Taxes and Charges": ("child", SALES_TAXES_AND_CHARGES),
    "Payment Schedule": ("child", PAYMENT_SCHEDULE),
}
