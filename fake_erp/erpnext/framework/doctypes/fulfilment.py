"""Fields of delivery notes, sales invoices, payment entries, bins and stock entries.

Source: the field lists of erpnext 15.109.0 and frappe 15.54.1; only what quote-to-cash needs. See meta.py for the notation.
"""

from __future__ import annotations

from typing import Final

from fake_erp.erpnext.framework.doctypes.selling import SELLING_HEADER, SELLING_ROW

DELIVERY_NOTE: Final = """
title | Data | Title | submit, nocopy, default={customer_name}
naming_series | Select:MAT-DN-.YYYY.-;MAT-DN-RET-.YYYY.- | Series | reqd, nocopy, once
customer | Link:Customer | Customer | reqd
tax_id | Data | Tax Id | ro
customer_name | Data | Customer Name | ro, fetch=customer.customer_name
posting_date | Date | Date | reqd, nocopy, default=Today
posting_time | Time | Posting Time | reqd, default=Now
set_posting_time | Check | Edit Posting Date and Time
amended_from | Link:Delivery Note | Amended From | ro, nocopy
is_return | Check | Is Return | ro, nocopy
return_against | Link:Delivery Note | Return Against Delivery Note | ro, nocopy
set_warehouse | Link:Warehouse | Set Source Warehouse
items | Table:Delivery Note Item | Delivery Note Item | reqd
base_net_total | Currency | Net Total (Company Currency) | ro
base_grand_total | Currency | Grand Total (Company Currency) | ro
base_in_words | Data | In Words (Company Currency) | ro, length=240
grand_total | Currency | Grand Total | ro
in_words | Data | In Words | ro, length=240
apply_discount_on | Select:;Grand Total;Net Total | Apply Additional Discount On | default=Grand Total
customer_address | Link:Address | Billing Address Name
address_display | Small Text | Billing Address | ro
shipping_address_name | Link:Address | Shipping Address
shipping_address | Small Text | Shipping Address | ro
terms | Text Editor | Terms and Conditions Details
per_billed | Percent | % Amount Billed | ro, nocopy
per_returned | Percent | % Returned | ro, nocopy
status | Select:;Draft;To Bill;Partially Billed;Completed;Return;Return Issued;Cancelled;\
Closed | Status | reqd, ro, nocopy, default=Draft
po_no | Small Text | Customer's Purchase Order No | submit, nocopy
po_date | Date | Customer's Purchase Order Date
lr_no | Data | Transport Receipt No
instructions | Text | Instructions
group_same_items | Check | Group same items | submit
language | Data | Print Language | ro
is_internal_customer | Check | Is Internal Customer | ro, fetch=customer.is_internal_customer
"""

DELIVERY_NOTE_ITEM: Final = """
item_code | Link:Item | Item Code | reqd
qty | Float | Quantity | reqd
stock_uom | Link:UOM | Stock UOM | reqd, ro
conversion_factor | Float | UOM Conversion Factor | reqd, ro
stock_qty | Float | Qty in Stock UOM | ro, nocopy
discount_percentage | Float | Discount (%) on Price List Rate with Margin
rate | Currency | Rate
amount | Currency | Amount | ro
base_rate | Currency | Rate (Company Currency) | ro
base_amount | Currency | Amount (Company Currency) | ro
warehouse | Link:Warehouse | Warehouse
is_free_item | Check | Is Free Item | ro
billed_amt | Currency | Billed Amt | ro, nocopy
returned_qty | Float | Returned Qty in Stock UOM | ro, nocopy
against_sales_order | Link:Sales Order | Against Sales Order | ro, nocopy
so_detail | Data | Against Sales Order Item | ro, nocopy
against_sales_invoice | Link:Sales Invoice | Against Sales Invoice | ro, nocopy
si_detail | Data | Against Sales Invoice Item | ro, nocopy
dn_detail | Data | Against Delivery Note Item | ro, nocopy
expense_account | Link:Account | Expense Account | nocopy
cost_center | Link:Cost Center | Cost Center | nocopy
"""

SALES_INVOICE: Final = """
title | Data | Title | submit, nocopy, default={customer_name}
naming_series | Select:ACC-SINV-.YYYY.-;ACC-SINV-RET-.YYYY.- | Series | reqd, nocopy, once
customer | Link:Customer | Customer
customer_name | Small Text | Customer Name | ro, fetch=customer.customer_name
tax_id | Data | Tax Id | ro, fetch=customer.tax_id
posting_date | Date | Posting Date | reqd, nocopy, default=Today
posting_time | Time | Posting Time | nocopy, default=Now
set_posting_time | Check | Edit Posting Date and Time
due_date | Date | Payment Due Date | nocopy
is_pos | Check | Include Payment (POS)
is_return | Check | Is Return (Credit Note) | nocopy
return_against | Link:Sales Invoice | Return Against | nocopy
update_outstanding_for_self | Check | Update Outstanding for Self | nocopy, default=1
update_billed_amount_in_sales_order | Check | Update Billed Amount in Sales Order
update_billed_amount_in_delivery_note | Check | Update Billed Amount in Delivery Note | default=1
amended_from | Link:Sales Invoice | Amended From | ro, nocopy
cost_center | Link:Cost Center | Cost Center | submit
update_stock | Check | Update Stock
items | Table:Sales Invoice Item | Items | reqd
base_net_total | Currency | Net Total (Company Currency) | reqd, ro
base_grand_total | Currency | Grand Total (Company Currency) | reqd, ro
base_in_words | Small Text | In Words (Company Currency) | ro, length=240
grand_total | Currency | Grand Total | reqd, ro
in_words | Small Text | In Words | ro, length=240
apply_discount_on | Select:;Grand Total;Net Total | Apply Additional Discount On | length=15, default=Grand Total
allocate_advances_automatically | Check | Allocate Advances Automatically (FIFO)
only_include_allocated_payments | Check | Only Include Allocated Payments
advances | Table:Sales Invoice Advance | Advances
total_advance | Currency | Total Advance | ro
outstanding_amount | Currency | Outstanding Amount | ro, nocopy
write_off_amount | Currency | Write Off Amount | nocopy
base_write_off_amount | Currency | Write Off Amount (Company Currency) | ro, nocopy
customer_address | Link:Address | Customer Address
address_display | Small Text | Address | ro
shipping_address_name | Link:Address | Shipping Address Name
shipping_address | Small Text | Shipping Address | ro
payment_schedule | Table:Payment Schedule | Payment Schedule | nocopy
terms | Text Editor | Terms and Conditions Details
po_no | Data | Customer's Purchase Order | submit, nocopy
po_date | Date | Customer's Purchase Order Date | submit
debit_to | Link:Account | Debit To | reqd
party_account_currency | Link:Currency | Party Account Currency | ro, nocopy
status | Select:;Draft;Return;Credit Note Issued;Submitted;Paid;Partly Paid;Unpaid;Unpaid and Discounted;\
Partly Paid and Discounted;Overdue and Discounted;Overdue;Cancelled;\
Internal Transfer | Status | ro, nocopy, length=30, default=Draft
language | Data | Print Language | ro, length=6
group_same_items | Check | Group same items | submit
is_internal_customer | Check | Is Internal Customer | ro, fetch=customer.is_internal_customer
remarks | Small Text | Remarks | nocopy
"""

SALES_INVOICE_ITEM: Final = """
item_code | Link:Item | Item
qty | Float | Quantity
stock_uom | Link:UOM | Stock UOM | ro
conversion_factor | Float | UOM Conversion Factor | reqd
stock_qty | Float | Qty as per Stock UOM | ro, nocopy
discount_percentage | Percent | Discount (%) on Price List Rate with Margin
rate | Currency | Rate | reqd
amount | Currency | Amount | reqd, ro
base_rate | Currency | Rate (Company Currency) | reqd, ro
base_amount | Currency | Amount (Company Currency) | reqd, ro
warehouse | Link:Warehouse | Warehouse
is_free_item | Check | Is Free Item | ro
income_account | Link:Account | Income Account | reqd, submit
expense_account | Link:Account | Expense Account | submit
sales_order | Link:Sales Order | Sales Order | ro, nocopy
so_detail | Data | Sales Order Item | ro, nocopy
delivery_note | Link:Delivery Note | Delivery Note | ro, nocopy
dn_detail | Data | Delivery Note Item | ro, nocopy
sales_invoice_item | Data | Sales Invoice Item | ro, nocopy
delivered_qty | Float | Delivered Qty | ro
cost_center | Link:Cost Center | Cost Center | reqd, submit
"""

SALES_INVOICE_ADVANCE: Final = """
reference_type | Link:DocType | Reference Type | ro
reference_name | Dynamic Link:reference_type | Reference Name | ro, nocopy
remarks | Text | Remarks | ro
reference_row | Data | Reference Row | ro, nocopy
advance_amount | Currency | Advance amount | ro
allocated_amount | Currency | Allocated amount
exchange_gain_loss | Currency | Exchange Gain/Loss | ro
ref_exchange_rate | Float | Reference Exchange Rate | ro
"""

PAYMENT_ENTRY: Final = """
naming_series | Select:ACC-PAY-.YYYY.- | Series | reqd, once
payment_type | Select:Receive;Pay;Internal Transfer | Payment Type | reqd
posting_date | Date | Posting Date | reqd, default=Today
company | Link:Company | Company | reqd
mode_of_payment | Link:Mode of Payment | Mode of Payment
party_type | Link:DocType | Party Type
party | Dynamic Link:party_type | Party
party_name | Data | Party Name | submit
paid_from | Link:Account | Account Paid From | reqd
paid_from_account_type | Data | Paid From Account Type | fetch=paid_from.account_type
paid_from_account_currency | Link:Currency | Account Currency (From) | reqd, ro
paid_to | Link:Account | Account Paid To | reqd
paid_to_account_type | Data | Paid To Account Type | fetch=paid_to.account_type
paid_to_account_currency | Link:Currency | Account Currency (To) | reqd, ro
paid_amount | Currency | Paid Amount | reqd
source_exchange_rate | Float | Source Exchange Rate | reqd
base_paid_amount | Currency | Paid Amount (Company Currency) | reqd, ro
received_amount | Currency | Received Amount | reqd
target_exchange_rate | Float | Target Exchange Rate | reqd
base_received_amount | Currency | Received Amount (Company Currency) | reqd, ro
references | Table:Payment Entry Reference | Payment References
total_allocated_amount | Currency | Total Allocated Amount | ro
base_total_allocated_amount | Currency | Total Allocated Amount (Company Currency) | ro
unallocated_amount | Currency | Unallocated Amount
difference_amount | Currency | Difference Amount (Company Currency) | ro
deductions | Table:Payment Entry Deduction | Payment Deductions or Loss
reference_no | Data | Cheque/Reference No
reference_date | Date | Cheque/Reference Date
cost_center | Link:Cost Center | Cost Center | submit
status | Select:;Draft;Submitted;Cancelled | Status | ro, nocopy, default=Draft
remarks | Small Text | Remarks | nocopy
amended_from | Link:Payment Entry | Amended From | ro, nocopy
title | Data | Title | ro
"""

PAYMENT_ENTRY_REFERENCE: Final = """
reference_doctype | Link:DocType | Type | reqd
reference_name | Dynamic Link:reference_doctype | Name | reqd
due_date | Date | Due Date | ro
total_amount | Currency | Grand Total | ro
outstanding_amount | Currency | Outstanding | ro
allocated_amount | Currency | Allocated
exchange_rate | Float | Exchange Rate | ro
exchange_gain_loss | Currency | Exchange Gain/Loss | ro
account | Link:Account | Account
payment_request | Link:Payment Request | Payment Request
"""

PAYMENT_ENTRY_DEDUCTION: Final = """
account | Link:Account | Account | reqd
cost_center | Link:Cost Center | Cost Center | reqd, submit
amount | Currency | Amount (Company Currency) | reqd
is_exchange_gain_loss | Check | Is Exchange Gain / Loss? | ro
description | Small Text | Description
"""

BIN: Final = """
item_code | Link:Item | Item Code | reqd, ro
warehouse | Link:Warehouse | Warehouse | reqd, ro
actual_qty | Float | Actual Qty | ro
planned_qty | Float | Planned Qty | ro
indented_qty | Float | Requested Qty | ro
ordered_qty | Float | Ordered Qty | ro
projected_qty | Float | Projected Qty | ro
reserved_qty | Float | Reserved Qty | ro
stock_uom | Link:UOM | UOM | ro
valuation_rate | Float | Valuation Rate | ro
stock_value | Float | Stock Value | ro
"""

STOCK_ENTRY: Final = """
naming_series | Select:MAT-STE-.YYYY.- | Series | reqd, nocopy, once
stock_entry_type | Data | Stock Entry Type | reqd
purpose | Select:Material Issue;Material Receipt;Material Transfer | Purpose | ro
company | Link:Company | Company | reqd
posting_date | Date | Posting Date | nocopy, default=Today
posting_time | Time | Posting Time | nocopy, default=Now
set_posting_time | Check | Edit Posting Date and Time
from_warehouse | Link:Warehouse | Default Source Warehouse
to_warehouse | Link:Warehouse | Default Target Warehouse
items | Table:Stock Entry Detail | Items | reqd
total_incoming_value | Currency | Total Incoming Value | ro
total_outgoing_value | Currency | Total Outgoing Value | ro
amended_from | Link:Stock Entry | Amended From | ro, nocopy
"""

STOCK_ENTRY_DETAIL: Final = """
item_code | Link:Item | Item Code | reqd
item_name | Data | Item Name | ro
s_warehouse | Link:Warehouse | Source Warehouse
t_warehouse | Link:Warehouse | Target Warehouse
qty | Float | Qty | reqd
uom | Link:UOM | UOM
stock_uom | Link:UOM | Stock UOM | ro
conversion_factor | Float | Conversion Factor
transfer_qty | Float | Qty as per Stock UOM | ro
basic_rate | Currency | Basic Rate (as per Stock UOM)
basic_amount | Currency | Basic Amount | ro
amount | Currency | Amount | ro
"""

TABLES: Final = {
    "Delivery Note": ("submittable, series, title=title", DELIVERY_NOTE + SELLING_HEADER),
    "Delivery Note Item": ("child", DELIVERY_NOTE_ITEM + SELLING_ROW),
    "Sales Invoice": ("submittable, series, title=title", SALES_INVOICE + SELLING_HEADER),
    "Sales Invoice Item": ("child", SALES_INVOICE_ITEM + SELLING_ROW),
    "Sales Invoice Advance": ("child", SALES_INVOICE_ADVANCE),
    "Payment Entry": ("submittable, series, title=title", PAYMENT_ENTRY),
    "Payment Entry Reference": ("child", PAYMENT_ENTRY_REFERENCE),
    "Payment Entry Deduction": ("child", PAYMENT_ENTRY_DEDUCTION),
    "Bin": ("hash", BIN),
    "Stock Entry": ("submittable, series", STOCK_ENTRY),
    "Stock Entry Detail": ("child", STOCK_ENTRY_DETAIL),
}
