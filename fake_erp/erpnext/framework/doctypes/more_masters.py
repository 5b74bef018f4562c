"""Further columns of customers, items, contacts and a site's own setup: what the vendor's DocTypes have, and no rule here needs.

Sparse, see meta.py. Source: the vendor's DocType definitions of erpnext 15.109 and frappe 15. A line for a column that the other
tables have corrects that.
"""

from __future__ import annotations

from typing import Final

CUSTOMER: Final = """
salutation | Link:Salutation | Salutation
gender | Link:Gender | Gender
lead_name | Link:Lead | From Lead | nocopy
opportunity_name | Link:Opportunity | From Opportunity | nocopy
prospect_name | Link:Prospect | From Prospect | nocopy
account_manager | Link:User | Account Manager
image | Attach Image | Image
default_bank_account | Link:Bank Account | Default Company Bank Account
represents_company | Link:Company | Represents Company | unique
companies | Table:Allowed To Transact With | Allowed To Transact With
market_segment | Link:Market Segment | Market Segment
industry | Link:Industry Type | Industry
customer_pos_id | Data | Customer POS id | ro, nocopy
mobile_no | Read Only:Mobile | Mobile No | fetch=customer_primary_contact.mobile_no
email_id | Read Only:Email | Email Id | fetch=customer_primary_contact.email_id
first_name | Read Only | First Name | fetch=customer_primary_contact.first_name
last_name | Read Only | Last Name | fetch=customer_primary_contact.last_name
tax_category | Link:Tax Category | Tax Category
tax_withholding_category | Link:Tax Withholding Category | Tax Withholding Category
payment_terms | Link:Payment Terms Template | Default Payment Terms Template
loyalty_program | Link:Loyalty Program | Loyalty Program | nocopy
loyalty_program_tier | Data | Loyalty Program Tier | ro, nocopy
sales_team | Table:Sales Team | Sales Team
default_sales_partner | Link:Sales Partner | Sales Partner
default_commission_rate | Float | Commission Rate
portal_users | Table:Portal User | Customer Portal Users
"""

PARTY_ACCOUNT: Final = """
advance_account | Link:Account | Advance Account
"""

CONTACT: Final = """
user | Link:User | User Id
sync_with_google_contacts | Check | Sync with Google Contacts
salutation | Link:Salutation | Salutation
gender | Link:Gender | Gender
image | Attach Image | Image
google_contacts | Link:Google Contacts | Google Contacts
google_contacts_id | Data | Google Contacts Id | ro
pulled_from_google_contacts | Check | Pulled from Google Contacts | ro
"""

ITEM: Final = """
allow_alternative_item | Check | Allow Alternative Item
is_fixed_asset | Check | Is Fixed Asset
auto_create_assets | Check | Auto Create Assets on Purchase
is_grouped_asset | Check | Create Grouped Asset
asset_category | Link:Asset Category | Asset Category
asset_naming_series | Select | Asset Naming Series
brand | Link:Brand | Brand
shelf_life_in_days | Int | Shelf Life In Days | nonneg
valuation_method | Select:;FIFO;Moving Average;LIFO | Valuation Method
warranty_period | Data | Warranty Period (in days)
weight_uom | Link:UOM | Weight UOM
barcodes | Table:Item Barcode | Barcodes
reorder_levels | Table:Item Reorder | Reorder level based on Warehouse
create_new_batch | Check | Automatically Create New Batch
batch_number_series | Data | Batch Number Series
has_expiry_date | Check | Has Expiry Date
retain_sample | Check | Retain Sample
sample_quantity | Int | Max Sample Quantity
serial_no_series | Data | Serial Number Series
variant_of | Link:Item | Variant Of | ro, once
variant_based_on | Select:Item Attribute;Manufacturer | Variant Based On | default=Item Attribute
attributes | Table:Item Variant Attribute | Variant Attributes
enable_deferred_expense | Check | Enable Deferred Expense
no_of_months_exp | Int | No of Months (Expense)
enable_deferred_revenue | Check | Enable Deferred Revenue
no_of_months | Int | No of Months (Revenue)
purchase_uom | Link:UOM | Default Purchase Unit of Measure
min_order_qty | Float | Minimum Order Qty | nonneg
safety_stock | Float | Safety Stock | nonneg
lead_time_days | Int | Lead Time in days | nonneg
last_purchase_rate | Float | Last Purchase Rate | ro, nocopy, nonneg
is_customer_provided_item | Check | Is Customer Provided Item
customer | Link:Customer | Customer
delivered_by_supplier | Check | Delivered by Supplier (Drop Ship)
supplier_items | Table:Item Supplier | Supplier Items
customs_tariff_number | Link:Customs Tariff Number | Customs Tariff Number
grant_commission | Check | Grant Commission | default=1
max_discount | Float | Max Discount (%)
customer_items | Table:Item Customer Detail | Customer Items
inspection_required_before_purchase | Check | Inspection Required before Purchase
quality_inspection_template | Link:Quality Inspection Template | Quality Inspection Template
inspection_required_before_delivery | Check | Inspection Required before Delivery
default_item_manufacturer | Link:Manufacturer | Default Item Manufacturer | ro
default_manufacturer_part_no | Data | Default Manufacturer Part No | ro
"""

ITEM_DEFAULT: Final = """
default_discount_account | Link:Account | Default Discount Account
default_supplier | Link:Supplier | Default Supplier
default_provisional_account | Link:Account | Default Provisional Account
deferred_expense_account | Link:Account | Deferred Expense Account
deferred_revenue_account | Link:Account | Deferred Revenue Account
"""

ITEM_PRICE: Final = """
brand | Link:Brand | Brand | ro, fetch=item_code.brand
supplier | Link:Supplier | Supplier
batch_no | Link:Batch | Batch No
lead_time_days | Int | Lead Time in days
"""

ITEM_TAX: Final = """
tax_category | Link:Tax Category | Tax Category
"""

DYNAMIC_LINK: Final = """
link_title | Read Only | Link Title | ro
"""

CUSTOM_FIELD: Final = """
is_system_generated | Check | Is System Generated | ro
module | Link:Module Def | Module (for export)
placeholder | Data | Placeholder
insert_after | Select | Insert After | nocopy
link_filters | JSON | Link Filters
hide_seconds | Check | Hide Seconds
hide_days | Check | Hide Days
sort_options | Check | Sort Options
collapsible | Check | Collapsible
collapsible_depends_on | Code | Collapsible Depends On
depends_on | Code | Depends On | length=255
mandatory_depends_on | Code | Mandatory Depends On | length=255
read_only_depends_on | Code | Read Only Depends On | length=255
is_virtual | Check | Is Virtual
ignore_user_permissions | Check | Ignore User Permissions
print_hide | Check | Print Hide
print_hide_if_no_value | Check | Print Hide If No Value
print_width | Data | Print Width | nocopy
in_standard_filter | Check | In Standard Filter
in_global_search | Check | In Global Search
in_preview | Check | In Preview
bold | Check | Bold
report_hide | Check | Report Hide
search_index | Check | Index | nocopy
allow_in_quick_entry | Check | Allow in Quick Entry
ignore_xss_filter | Check | Ignore XSS Filter
translatable | Check | Translatable
hide_border | Check | Hide Border
show_dashboard | Check | Show Dashboard
width | Data | Width
columns | Int | Columns
"""

WEBHOOK: Final = """
preview_document | Dynamic Link:webhook_doctype | Select Document
meets_condition | Data | Meets Condition? | virtual
preview_request_body | Code | Request Body | virtual
"""

WEBHOOK_DATA: Final = """
fieldname | Select | Fieldname | reqd
"""

MORE: Final = {
    "Customer": CUSTOMER,
    "Party Account": PARTY_ACCOUNT,
    "Contact": CONTACT,
    "Item": ITEM,
    "Item Default": ITEM_DEFAULT,
    "Item Price": ITEM_PRICE,
    "Item Tax": ITEM_TAX,
    "Dynamic Link": DYNAMIC_LINK,
    "Custom Field": CUSTOM_FIELD,
    "Webhook": WEBHOOK,
    "Webhook Data": WEBHOOK_DATA,
}
