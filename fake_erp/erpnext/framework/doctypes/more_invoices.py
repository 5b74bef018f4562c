"""Further columns of sales invoices: what the vendor's DocTypes have, and no rule here needs.

Sparse, see meta.py. Source: the vendor's DocType definitions of erpnext 15.109 and frappe 15. A line for a column that the other
tables have corrects that.
"""

from __future__ import annotations

from typing import Final

SALES_INVOICE: Final = """
company_tax_id | Data | Company Tax ID | ro, fetch=company.tax_id
pos_profile | Link:POS Profile | POS Profile
is_consolidated | Check | Is Consolidated | ro
is_debit_note | Check | Is Rate Adjustment Entry (Debit Note)
project | Link:Project | Project | submit
scan_barcode | Data:Barcode | Scan Barcode
last_scanned_warehouse | Data | Last Scanned Warehouse | virtual
set_warehouse | Link:Warehouse | Source Warehouse
set_target_warehouse | Link:Warehouse | Set Target Warehouse
total_net_weight | Float | Total Net Weight | ro
tax_category | Link:Tax Category | Tax Category
shipping_rule | Link:Shipping Rule | Shipping Rule
incoterm | Link:Incoterm | Incoterm
named_place | Data | Named Place
use_company_roundoff_cost_center | Check | Use Company default Cost Center for Round off
is_cash_or_non_trade_discount | Check | Is Cash or Non Trade Discount
additional_discount_account | Link:Account | Discount Account | submit
other_charges_calculation | Text Editor | Taxes and Charges Calculation | ro, nocopy
pricing_rules | Table:Pricing Rule Detail | Pricing Rule Detail | ro
packed_items | Table:Packed Item | Packed Items
timesheets | Table:Sales Invoice Timesheet | Time Sheets
total_billing_hours | Float | Total Billing Hours | ro
total_billing_amount | Currency | Total Billing Amount | ro
cash_bank_account | Link:Account | Cash/Bank Account | submit
payments | Table:Sales Invoice Payment | Sales Invoice Payment
base_paid_amount | Currency | Paid Amount (Company Currency) | ro, nocopy
paid_amount | Currency | Paid Amount | ro, nocopy
base_change_amount | Currency | Base Change Amount (Company Currency) | ro, nocopy
change_amount | Currency | Change Amount | nocopy
account_for_change_amount | Link:Account | Account for Change Amount | submit
write_off_outstanding_amount_automatically | Check | Write Off Outstanding Amount
write_off_account | Link:Account | Write Off Account | submit
write_off_cost_center | Link:Cost Center | Write Off Cost Center
redeem_loyalty_points | Check | Redeem Loyalty Points | nocopy
loyalty_points | Int | Loyalty Points | nocopy
loyalty_amount | Currency | Loyalty Amount | ro, nocopy
loyalty_program | Link:Loyalty Program | Loyalty Program | ro, nocopy, fetch=customer.loyalty_program
loyalty_redemption_account | Link:Account | Redemption Account | submit, nocopy
loyalty_redemption_cost_center | Link:Cost Center | Redemption Cost Center | nocopy
dispatch_address_name | Link:Address | Dispatch Address Name | submit
dispatch_address | Small Text | Dispatch Address | ro, submit
company_address | Link:Address | Company Address Name
company_address_display | Small Text | Company Address | ro
company_contact_person | Link:Contact | Company Contact Person
ignore_default_payment_terms_template | Check | Ignore Default Payment Terms Template | ro
payment_terms_template | Link:Payment Terms Template | Payment Terms Template | nocopy
tc_name | Link:Terms and Conditions | Terms
is_opening | Select:No;Yes | Is Opening Entry | submit, length=4, default=No
unrealized_profit_loss_account | Link:Account | Unrealized Profit / Loss Account | submit
against_income_account | Small Text | Against Income Account | nocopy
sales_partner | Link:Sales Partner | Sales Partner
amount_eligible_for_commission | Currency | Amount Eligible for Commission | ro
commission_rate | Float | Commission Rate (%) | ifempty, fetch=sales_partner.commission_rate
total_commission | Currency | Total Commission
sales_team | Table:Sales Team | Sales Contributions and Incentives | submit
letter_head | Link:Letter Head | Letter Head | submit
select_print_heading | Link:Print Heading | Print Heading | submit, nocopy
subscription | Link:Subscription | Subscription
from_date | Date | From Date | submit, nocopy
auto_repeat | Link:Auto Repeat | Auto Repeat | ro, submit, nocopy
to_date | Date | To Date | submit, nocopy
inter_company_invoice_reference | Link:Purchase Invoice | Inter Company Invoice Reference | ro
campaign | Link:Campaign | Campaign
represents_company | Link:Company | Represents Company | ro, fetch=customer.represents_company
source | Link:Lead Source | Source
is_discounted | Check | Is Discounted | ro, nocopy
"""

SALES_INVOICE_ITEM: Final = """
barcode | Data | Barcode
has_item_scanned | Check | Has Item Scanned | ro
customer_item_code | Data | Customer's Item Code | ro
brand | Data | Brand Name
image | Attach | Image | fetch=item_code.image
pricing_rules | Small Text | Pricing Rules | ro
grant_commission | Check | Grant Commission | ro, fetch=item_code.grant_commission
delivered_by_supplier | Check | Delivered By Supplier | ro
is_fixed_asset | Check | Is Fixed Asset | ro, nocopy
asset | Link:Asset | Asset
finance_book | Link:Finance Book | Finance Book
discount_account | Link:Account | Discount Account | submit
deferred_revenue_account | Link:Account | Deferred Revenue Account
service_stop_date | Date | Service Stop Date | submit, nocopy
enable_deferred_revenue | Check | Enable Deferred Revenue
service_start_date | Date | Service Start Date | nocopy
service_end_date | Date | Service End Date | nocopy
weight_per_unit | Float | Weight Per Unit | ro
total_weight | Float | Total Weight | ro
weight_uom | Link:UOM | Weight UOM | ro
target_warehouse | Link:Warehouse | Target Warehouse | nocopy
quality_inspection | Link:Quality Inspection | Quality Inspection
serial_and_batch_bundle | Link:Serial and Batch Bundle | Serial and Batch Bundle | nocopy
use_serial_batch_fields | Check | Use Serial No / Batch Fields
allow_zero_valuation_rate | Check | Allow Zero Valuation Rate | nocopy
incoming_rate | Currency | Incoming Rate (Costing) | nocopy, nonneg
item_tax_rate | Small Text | Item Tax Rate | ro
actual_batch_qty | Float | Available Batch Qty at Warehouse | ro, submit, nocopy
serial_no | Text | Serial No | nocopy
batch_no | Link:Batch | Batch No
company_total_stock | Float | Qty (Company) | ro, submit, nocopy
pos_invoice | Link:POS Invoice | POS Invoice | nocopy
pos_invoice_item | Data | POS Invoice Item | ro, nocopy
purchase_order | Link:Purchase Order | Purchase Order | ro
purchase_order_item | Data | Purchase Order Item | ro
project | Link:Project | Project | submit
page_break | Check | Page Break | submit, nocopy
"""

SALES_INVOICE_ADVANCE: Final = """
difference_posting_date | Date | Difference Posting Date
"""

SALES_INVOICE_PAYMENT: Final = """
default | Check | Default | ro
mode_of_payment | Link:Mode of Payment | Mode of Payment | reqd
amount | Currency | Amount | reqd
reference_no | Data | Reference No
account | Link:Account | Account | ro
type | Read Only | Type | fetch=mode_of_payment.type
base_amount | Currency | Base Amount (Company Currency) | ro, nocopy
clearance_date | Date | Clearance Date | ro, nocopy
"""

TABLES: Final = {
    "Sales Invoice Payment": ("child", SALES_INVOICE_PAYMENT),
}

MORE: Final = {
    "Sales Invoice": SALES_INVOICE,
    "Sales Invoice Item": SALES_INVOICE_ITEM,
    "Sales Invoice Advance": SALES_INVOICE_ADVANCE,
}
