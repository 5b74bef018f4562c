"""Fields of customers, addresses, contacts, items and prices.

Source: the field lists of erpnext 15.109.0 and frappe 15.54.1; only what quote-to-cash needs. See meta.py for the notation.
"""

from __future__ import annotations

from typing import Final

CUSTOMER: Final = """
naming_series | Select:CUST-.YYYY.- | Series | nocopy, once
customer_name | Data | Customer Name | reqd, nocopy
customer_type | Select:Company;Individual;Partnership | Customer Type | reqd, default=Company
customer_group | Link:Customer Group | Customer Group
territory | Link:Territory | Territory
default_currency | Link:Currency | Billing Currency | nocopy
default_price_list | Link:Price List | Default Price List
is_internal_customer | Check | Is Internal Customer
website | Data | Website
language | Link:Language | Print Language
customer_details | Text | Customer Details
customer_primary_address | Link:Address | Customer Primary Address
primary_address | Text | Primary Address | ro
customer_primary_contact | Link:Contact | Customer Primary Contact
mobile_no | Data | Mobile No | fetch=customer_primary_contact.mobile_no
email_id | Data | Email Id | fetch=customer_primary_contact.email_id
first_name | Data | First Name | fetch=customer_primary_contact.first_name
last_name | Data | Last Name | fetch=customer_primary_contact.last_name
tax_id | Data | Tax ID
credit_limits | Table:Customer Credit Limit | Credit Limit
accounts | Table:Party Account | Accounts
so_required | Check | Allow Sales Invoice Creation Without Sales Order
dn_required | Check | Allow Sales Invoice Creation Without Delivery Note
is_frozen | Check | Is Frozen
disabled | Check | Disabled
"""

CUSTOMER_CREDIT_LIMIT: Final = """
company | Link:Company | Company
credit_limit | Currency | Credit Limit
bypass_credit_limit_check | Check | Bypass Credit Limit Check at Sales Order
"""

PARTY_ACCOUNT: Final = """
company | Link:Company | Company | reqd
account | Link:Account | Default Account
"""

ADDRESS: Final = """
address_title | Data | Address Title
address_type | Select:Billing;Shipping;Office;Personal;Plant;Postal;Shop;Subsidiary;Warehouse;Current;Permanent;\
Other | Address Type | reqd
address_line1 | Data | Address Line 1 | reqd, length=240
address_line2 | Data | Address Line 2 | length=240
city | Data | City/Town | reqd
county | Data | County
state | Data | State/Province
country | Link:Country | Country | reqd
pincode | Data | Postal Code
email_id | Data:Email | Email Address
phone | Data | Phone
fax | Data | Fax
is_primary_address | Check | Preferred Billing Address
is_shipping_address | Check | Preferred Shipping Address
disabled | Check | Disabled
links | Table:Dynamic Link | Links
"""

CONTACT: Final = """
first_name | Data | First Name
middle_name | Data | Middle Name
last_name | Data | Last Name
full_name | Data | Full Name | ro
email_id | Data:Email | Email Address | ro
status | Select:Passive;Open;Replied | Status | default=Passive
designation | Data | Designation
phone | Data:Phone | Phone | ro
mobile_no | Data:Phone | Mobile No | ro
company_name | Data | Company Name
email_ids | Table:Contact Email | Email IDs
phone_nos | Table:Contact Phone | Contact Numbers
links | Table:Dynamic Link | Links
is_primary_contact | Check | Is Primary Contact
department | Data | Department
unsubscribed | Check | Unsubscribed
address | Link:Address | Address
"""

DYNAMIC_LINK: Final = """
link_doctype | Link:DocType | Link Document Type | reqd
link_name | Dynamic Link:link_doctype | Link Name | reqd
link_title | Data | Link Title | ro
"""

CONTACT_EMAIL: Final = """
email_id | Data:Email | Email ID | reqd
is_primary | Check | Is Primary
"""

CONTACT_PHONE: Final = """
phone | Data:Phone | Number | reqd
is_primary_phone | Check | Is Primary Phone
is_primary_mobile_no | Check | Is Primary Mobile
"""

ITEM: Final = """
naming_series | Select:STO-ITEM-.YYYY.- | Series | once
item_code | Data | Item Code | reqd
item_name | Data | Item Name
item_group | Link:Item Group | Item Group | reqd
stock_uom | Link:UOM | Default Unit of Measure | reqd
disabled | Check | Disabled
is_stock_item | Check | Maintain Stock | default=1
has_variants | Check | Has Variants
opening_stock | Float | Opening Stock
valuation_rate | Currency | Valuation Rate
standard_rate | Currency | Standard Selling Rate
over_delivery_receipt_allowance | Float | Over Delivery/Receipt Allowance (%)
over_billing_allowance | Float | Over Billing Allowance (%)
image | Attach Image | Image
description | Text Editor | Description
uoms | Table:UOM Conversion Detail | UOMs
end_of_life | Date | End of Life | default=2099-12-31
weight_per_unit | Float | Weight Per Unit | nonneg
allow_negative_stock | Check | Allow Negative Stock
has_batch_no | Check | Has Batch No
has_serial_no | Check | Has Serial No
item_defaults | Table:Item Default | Item Defaults
taxes | Table:Item Tax | Taxes
is_purchase_item | Check | Allow Purchase | default=1
sales_uom | Link:UOM | Default Sales Unit of Measure
country_of_origin | Link:Country | Country of Origin
is_sales_item | Check | Allow Sales | default=1
total_projected_qty | Float | Total Projected Qty | ro
"""

UOM_CONVERSION_DETAIL: Final = """
uom | Link:UOM | UOM
conversion_factor | Float | Conversion Factor
"""

ITEM_DEFAULT: Final = """
company | Link:Company | Company | reqd
default_warehouse | Link:Warehouse | Default Warehouse
default_price_list | Link:Price List | Default Price List
buying_cost_center | Link:Cost Center | Default Buying Cost Center
expense_account | Link:Account | Default Expense Account
selling_cost_center | Link:Cost Center | Default Selling Cost Center
income_account | Link:Account | Default Income Account
"""

ITEM_PRICE: Final = """
item_code | Link:Item | Item Code | reqd
uom | Link:UOM | UOM | reqd, ifempty
packing_unit | Int | Packing Unit
item_name | Data | Item Name | ro
item_description | Text | Item Description | ro
price_list | Link:Price List | Price List | reqd
customer | Link:Customer | Customer
buying | Check | Buying | ro
selling | Check | Selling | ro
currency | Link:Currency | Currency | ro
price_list_rate | Currency | Rate | reqd
valid_from | Date | Valid From | default=Today
valid_upto | Date | Valid Upto
note | Text | Note
reference | Data | Reference
"""

TABLES: Final = {
    "Customer": ("series, title=customer_name", CUSTOMER),
    "Customer Credit Limit": ("child", CUSTOMER_CREDIT_LIMIT),
    "Party Account": ("child", PARTY_ACCOUNT),
    "Address": ("custom", ADDRESS),
    "Contact": ("custom, title=full_name", CONTACT),
    "Dynamic Link": ("child", DYNAMIC_LINK),
    "Contact Email": ("child", CONTACT_EMAIL),
    "Contact Phone": ("child", CONTACT_PHONE),
    "Item": ("field=item_code, title=item_name", ITEM),
    "UOM Conversion Detail": ("child", UOM_CONVERSION_DETAIL),
    "Item Default": ("child", ITEM_DEFAULT),
    "Item Price": ("hash, title=item_name", ITEM_PRICE),
}
