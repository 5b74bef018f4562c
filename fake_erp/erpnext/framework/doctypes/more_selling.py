"""Further columns of quotations and sales orders: what the vendor's DocTypes have, and no rule here needs.

Sparse, see meta.py. Source: the vendor's DocType definitions of erpnext 15.109 and frappe 15. A line for a column that the other
tables have corrects that.
"""

from __future__ import annotations

from typing import Final

QUOTATION: Final = """
has_unit_price_items | Check | Has Unit Price Items | nocopy
scan_barcode | Data:Barcode | Scan Barcode
last_scanned_warehouse | Data | Last Scanned Warehouse | virtual
total_net_weight | Float | Total Net Weight | ro
tax_category | Link:Tax Category | Tax Category
shipping_rule | Link:Shipping Rule | Shipping Rule
incoterm | Link:Incoterm | Incoterm
named_place | Data | Named Place
coupon_code | Link:Coupon Code | Coupon Code
referral_sales_partner | Link:Sales Partner | Referral Sales Partner
other_charges_calculation | Text Editor | Taxes and Charges Calculation | ro, nocopy
packed_items | Table:Packed Item | Bundle Items
pricing_rules | Table:Pricing Rule Detail | Pricing Rule Detail | ro
company_address | Link:Address | Company Address Name
company_address_display | Small Text | Company Address | ro
company_contact_person | Link:Contact | Company Contact Person
payment_terms_template | Link:Payment Terms Template | Payment Terms Template
tc_name | Link:Terms and Conditions | Terms
auto_repeat | Link:Auto Repeat | Auto Repeat | ro, nocopy
letter_head | Link:Letter Head | Letter Head | submit
group_same_items | Check | Group same items | submit
select_print_heading | Link:Print Heading | Print Heading | submit, nocopy
lost_reasons | Table MultiSelect:Quotation Lost Reason Detail | Lost Reasons | ro, submit, nocopy
competitors | Table MultiSelect:Competitor Detail | Competitors | submit
order_lost_reason | Small Text | Detailed Reason | submit, nocopy
campaign | Link:Campaign | Campaign
source | Link:Lead Source | Source
opportunity | Link:Opportunity | Opportunity | ro
supplier_quotation | Link:Supplier Quotation | Supplier Quotation
enq_det | Text | Opportunity Item | ro
"""

QUOTATION_ITEM: Final = """
customer_item_code | Data | Customer's Item Code | ro
brand | Link:Brand | Brand | ro
image | Attach | Image | fetch=item_code.image
ordered_qty | Float | Ordered Qty | reqd, ro, nocopy, nonneg
company_total_stock | Float | Qty (Company) | ro, submit, nocopy
pricing_rules | Small Text | Pricing Rules | ro
is_free_item | Check | Is Free Item | ro
has_alternative_item | Check | Has Alternative Item | ro
valuation_rate | Currency | Valuation Rate | ro, nocopy
gross_profit | Currency | Gross Profit | ro, nocopy
weight_per_unit | Float | Weight Per Unit | ro
total_weight | Float | Total Weight | ro
weight_uom | Link:UOM | Weight UOM | ro
against_blanket_order | Check | Against Blanket Order | nocopy
blanket_order | Link:Blanket Order | Blanket Order | nocopy
blanket_order_rate | Currency | Blanket Order Rate | ro, nocopy
additional_notes | Text | Additional Notes
page_break | Check | Page Break | submit, nocopy
"""

SALES_ORDER: Final = """
has_unit_price_items | Check | Has Unit Price Items | nocopy
project | Link:Project | Project
scan_barcode | Data:Barcode | Scan Barcode
last_scanned_warehouse | Data | Last Scanned Warehouse | virtual
reserve_stock | Check | Reserve Stock | nocopy
total_net_weight | Float | Total Net Weight | ro
tax_category | Link:Tax Category | Tax Category
shipping_rule | Link:Shipping Rule | Shipping Rule
incoterm | Link:Incoterm | Incoterm
named_place | Data | Named Place
coupon_code | Link:Coupon Code | Coupon Code
other_charges_calculation | Text Editor | Taxes and Charges Calculation | ro, nocopy
packed_items | Table:Packed Item | Packed Items
pricing_rules | Table:Pricing Rule Detail | Pricing Rule Detail | ro
contact_phone | Data:Phone | Phone | ro
company_address | Link:Address | Company Address Name
company_address_display | Small Text | Company Address | ro
company_contact_person | Link:Contact | Company Contact Person
payment_terms_template | Link:Payment Terms Template | Payment Terms Template
tc_name | Link:Terms and Conditions | Terms
sales_partner | Link:Sales Partner | Sales Partner
amount_eligible_for_commission | Currency | Amount Eligible for Commission | ro, submit
commission_rate | Float | Commission Rate | ifempty, fetch=sales_partner.commission_rate
total_commission | Currency | Total Commission
sales_team | Table:Sales Team | Sales Team | submit
loyalty_points | Int | Loyalty Points | ro
loyalty_amount | Currency | Loyalty Amount | ro
auto_repeat | Link:Auto Repeat | Auto Repeat | nocopy
letter_head | Link:Letter Head | Letter Head | submit
select_print_heading | Link:Print Heading | Print Heading | submit, nocopy
ignore_default_payment_terms_template | Check | Ignore Default Payment Terms Template | ro
represents_company | Link:Company | Represents Company | ro, fetch=customer.represents_company
source | Link:Lead Source | Source
inter_company_order_reference | Link:Purchase Order | Inter Company Order Reference | ro
campaign | Link:Campaign | Campaign
"""

SALES_ORDER_ITEM: Final = """
customer_item_code | Data | Customer's Item Code | ro
ensure_delivery_based_on_produced_serial_no | Check | Ensure Delivery Based on Produced Serial No
brand | Link:Brand | Brand Name | ro
image | Attach | Image | fetch=item_code.image
stock_reserved_qty | Float | Stock Reserved Qty (in Stock UOM) | ro, nocopy, nonneg
pricing_rules | Small Text | Pricing Rules | ro
grant_commission | Check | Grant Commission | ro, fetch=item_code.grant_commission
valuation_rate | Currency | Valuation Rate | ro, nocopy
gross_profit | Currency | Gross Profit | ro, nocopy
delivered_by_supplier | Check | Supplier delivers to Customer
supplier | Link:Supplier | Supplier | submit
weight_per_unit | Float | Weight Per Unit
total_weight | Float | Total Weight | ro
weight_uom | Link:UOM | Weight UOM
target_warehouse | Link:Warehouse | Customer Warehouse (Optional) | nocopy
against_blanket_order | Check | Against Blanket Order
blanket_order | Link:Blanket Order | Blanket Order | nocopy
blanket_order_rate | Currency | Blanket Order Rate | ro, nocopy
company_total_stock | Float | Qty (Company) | ro, submit, nocopy
bom_no | Link:BOM | BOM No | nocopy
planned_qty | Float | Planned Quantity | ro, nocopy
production_plan_qty | Float | Production Plan Qty | ro, nocopy
requested_qty | Float | Requested Qty | ro, nocopy
work_order_qty | Float | Work Order Qty | ro, nocopy
produced_qty | Float | Produced Quantity | ro
additional_notes | Text | Additional Notes
material_request | Link:Material Request | Material Request
purchase_order | Link:Purchase Order | Purchase Order | ro
material_request_item | Data | Material Request Item
purchase_order_item | Data | Purchase Order Item | ro
project | Link:Project | Project | submit
"""

SALES_TEAM: Final = """
sales_person | Link:Sales Person | Sales Person | reqd, submit
contact_no | Data | Contact No. | submit
allocated_percentage | Float | Contribution (%) | submit
allocated_amount | Currency | Contribution to Net Total | ro, submit
commission_rate | Data | Commission Rate | ro, ifempty, fetch=sales_person.commission_rate
incentives | Currency | Incentives | submit
"""

SALES_TAXES_AND_CHARGES: Final = """
included_in_paid_amount | Check | Considered In Paid Amount
project | Link:Project | Project | submit
dont_recompute_tax | Check | Dont Recompute tax | ro
"""

TABLES: Final = {
    "Sales Team": ("child", SALES_TEAM),
}

MORE: Final = {
    "Quotation": QUOTATION,
    "Quotation Item": QUOTATION_ITEM,
    "Sales Order": SALES_ORDER,
    "Sales Order Item": SALES_ORDER_ITEM,
    "Sales Taxes and Charges": SALES_TAXES_AND_CHARGES,
}
