"""Further columns of delivery notes and what is packed: what the vendor's DocTypes have, and no rule here needs.

Sparse, see meta.py. Source: the vendor's DocType definitions of erpnext 15.109 and frappe 15. A line for a column that the other
tables have corrects that.
"""

from __future__ import annotations

from typing import Final

DELIVERY_NOTE: Final = """
issue_credit_note | Check | Issue Credit Note
cost_center | Link:Cost Center | Cost Center
project | Link:Project | Project
scan_barcode | Data:Barcode | Scan Barcode
last_scanned_warehouse | Data | Last Scanned Warehouse | virtual
set_target_warehouse | Link:Warehouse | Set Target Warehouse | nocopy
total_net_weight | Float | Total Net Weight | ro
tax_category | Link:Tax Category | Tax Category
shipping_rule | Link:Shipping Rule | Shipping Rule
incoterm | Link:Incoterm | Incoterm
named_place | Data | Named Place
other_charges_calculation | Text Editor | Taxes and Charges Calculation | ro, nocopy
packed_items | Table:Packed Item | Packed Items
pricing_rules | Table:Pricing Rule Detail | Pricing Rule Detail | ro
dispatch_address_name | Link:Address | Dispatch Address Name
dispatch_address | Small Text | Dispatch Address | ro
company_address | Link:Address | Company Address Name
company_address_display | Small Text | Company Address | ro
company_contact_person | Link:Contact | Company Contact Person
tc_name | Link:Terms and Conditions | Terms
per_installed | Percent | % Installed | ro, nocopy
installation_status | Select | Installation Status
transporter | Link:Supplier | Transporter
driver | Link:Driver | Driver
vehicle_no | Data | Vehicle No
transporter_name | Data | Transporter Name | ro, fetch=transporter.supplier_name
driver_name | Data | Driver Name | fetch=driver.full_name
lr_date | Date | Transport Receipt Date | default=Today
sales_partner | Link:Sales Partner | Sales Partner
amount_eligible_for_commission | Currency | Amount Eligible for Commission | ro
commission_rate | Float | Commission Rate (%) | ifempty, fetch=sales_partner.commission_rate
total_commission | Currency | Total Commission
sales_team | Table:Sales Team | Sales Team | submit
auto_repeat | Link:Auto Repeat | Auto Repeat | ro, nocopy
letter_head | Link:Letter Head | Letter Head | submit
print_without_amount | Check | Print Without Amount | submit
select_print_heading | Link:Print Heading | Print Heading | submit, nocopy
represents_company | Link:Company | Represents Company | ro, fetch=customer.represents_company
inter_company_reference | Link:Purchase Receipt | Inter Company Reference
source | Link:Lead Source | Source
campaign | Link:Campaign | Campaign
excise_page | Data | Excise Page Number
"""

DELIVERY_NOTE_ITEM: Final = """
barcode | Data | Barcode
has_item_scanned | Check | Has Item Scanned | ro
customer_item_code | Data | Customer's Item Code | ro
brand | Link:Brand | Brand Name | ro
image | Attach | Image | fetch=item_code.image
pricing_rules | Small Text | Pricing Rules | ro
grant_commission | Check | Grant Commission | ro, fetch=item_code.grant_commission
incoming_rate | Currency | Incoming Rate | ro, nocopy
weight_per_unit | Float | Weight Per Unit
total_weight | Float | Total Weight | ro
weight_uom | Link:UOM | Weight UOM
target_warehouse | Link:Warehouse | Target Warehouse | nocopy
quality_inspection | Link:Quality Inspection | Quality Inspection | nocopy
allow_zero_valuation_rate | Check | Allow Zero Valuation Rate | nocopy
against_pick_list | Link:Pick List | Against Pick List | ro, nocopy
pick_list_item | Data | Pick List Item | ro, nocopy
serial_and_batch_bundle | Link:Serial and Batch Bundle | Serial and Batch Bundle | nocopy
use_serial_batch_fields | Check | Use Serial No / Batch Fields
serial_no | Text | Serial No
batch_no | Link:Batch | Batch No
actual_batch_qty | Float | Available Batch Qty at From Warehouse | ro, submit, nocopy
company_total_stock | Float | Qty (Company) | ro, submit, nocopy
installed_qty | Float | Installed Qty | ro, nocopy
packed_qty | Float | Packed Qty | ro, nocopy, nonneg
received_qty | Float | Received Qty | ro, nocopy
item_tax_rate | Small Text | Item Tax Rate | ro
material_request | Link:Material Request | Material Request
purchase_order | Link:Purchase Order | Purchase Order | ro
purchase_order_item | Data | Purchase Order Item | ro
material_request_item | Data | Material Request Item
project | Link:Project | Project
page_break | Check | Page Break | submit
"""

PACKED_ITEM: Final = """
parent_item | Link:Item | Parent Item | ro
item_code | Link:Item | Item Code | ro
item_name | Data | Item Name | ro
description | Text Editor | Description
warehouse | Link:Warehouse | From Warehouse
target_warehouse | Link:Warehouse | To Warehouse (Optional)
conversion_factor | Float | Conversion Factor
qty | Float | Qty | ro
rate | Currency | Rate | ro
uom | Link:UOM | UOM | ro
use_serial_batch_fields | Check | Use Serial No / Batch Fields
serial_and_batch_bundle | Link:Serial and Batch Bundle | Serial and Batch Bundle | nocopy
delivered_by_supplier | Check | Supplier delivers to Customer | ro
serial_no | Text | Serial No
batch_no | Link:Batch | Batch No
actual_batch_qty | Float | Actual Batch Quantity | ro, nocopy
actual_qty | Float | Actual Qty | ro, submit, nocopy
projected_qty | Float | Projected Qty | ro, submit, nocopy
ordered_qty | Float | Ordered Qty | ro, submit, nocopy
packed_qty | Float | Packed Qty | ro, nocopy, nonneg
incoming_rate | Currency | Incoming Rate | ro, nocopy
picked_qty | Float | Picked Qty | ro, nocopy
page_break | Check | Page Break | ro, submit
prevdoc_doctype | Data | Prevdoc DocType | ro
parent_detail_docname | Data | Parent Detail docname | ro, nocopy
"""

BIN: Final = """
reserved_qty_for_production | Float | Reserved Qty for Production | ro
reserved_qty_for_sub_contract | Float | Reserved Qty for Subcontract | ro
reserved_qty_for_production_plan | Float | Reserved Qty for Production Plan | ro
reserved_stock | Float | Reserved Stock | ro
"""

TABLES: Final = {
    "Packed Item": ("child", PACKED_ITEM),
}

MORE: Final = {
    "Delivery Note": DELIVERY_NOTE,
    "Delivery Note Item": DELIVERY_NOTE_ITEM,
    "Bin": BIN,
}
