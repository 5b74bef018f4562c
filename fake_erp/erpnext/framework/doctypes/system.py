"""Fields of custom fields, webhooks and the small masters a site starts with.

Source: the field lists of erpnext 15.109.0 and frappe 15.54.1; only what quote-to-cash needs. See meta.py for the notation.
"""

from __future__ import annotations

from typing import Final

from fake_erp.erpnext.framework.doctypes import access

CUSTOM_FIELD: Final = """
dt | Link:DocType | DocType | reqd
label | Data | Label | nocopy
fieldname | Data | Fieldname | ro, nocopy
insert_after | Data | Insert After | nocopy
length | Int | Length
fieldtype | Select:Autocomplete;Attach;Attach Image;Barcode;Button;Check;Code;Color;Column Break;Currency;Data;Date;\
Datetime;Duration;Dynamic Link;Float;Fold;Geolocation;Heading;HTML;HTML Editor;Icon;Image;Int;JSON;Link;Long Text;\
Markdown Editor;Password;Percent;Phone;Read Only;Rating;Section Break;Select;Signature;Small Text;Tab Break;Table;\
Table MultiSelect;Text;Text Editor;Time | Field Type | reqd, default=Data
precision | Select:;0;1;2;3;4;5;6;7;8;9 | Precision
options | Small Text | Options
fetch_from | Small Text | Fetch From
fetch_if_empty | Check | Fetch on Save if Empty
default | Text | Default Value
non_negative | Check | Non Negative
reqd | Check | Is Mandatory Field
unique | Check | Unique
read_only | Check | Read Only
hidden | Check | Hidden
no_copy | Check | No Copy
allow_on_submit | Check | Allow on Submit
in_list_view | Check | In List View
description | Text | Field Description
permlevel | Int | Permission Level
"""

WEBHOOK: Final = """
webhook_doctype | Link:DocType | DocType | reqd, once
webhook_docevent | Select:after_insert;on_update;on_submit;on_cancel;on_trash;on_update_after_submit;\
on_change | Doc Event | once
enabled | Check | Enabled | default=1
condition | Small Text | Condition
request_url | Small Text | Request URL | reqd
is_dynamic_url | Check | Is Dynamic URL?
timeout | Int | Request Timeout | default=5
background_jobs_queue | Autocomplete | Background Jobs Queue
request_method | Select:POST;PUT;DELETE | Request Method | reqd, default=POST
request_structure | Select:;Form URL-Encoded;JSON | Request Structure
enable_security | Check | Enable Security
webhook_secret | Password | Webhook Secret
webhook_headers | Table:Webhook Header | Headers
webhook_data | Table:Webhook Data | Data
webhook_json | Code | JSON Request Body
"""

WEBHOOK_HEADER: Final = """
key | Small Text | Key
value | Small Text | Value
"""

WEBHOOK_DATA: Final = """
fieldname | Data | Fieldname | reqd
key | Data | Key | reqd
"""

WEBHOOK_REQUEST_LOG: Final = """
webhook | Link:Webhook | Webhook
reference_document | Data | Reference Document | ro
headers | Code | Headers | ro
data | Code | Data | ro
user | Link:User | User | ro
url | Data | URL | ro
response | Code | Response | ro
error | Text | Error | ro
"""

COMPANY: Final = """
company_name | Data | Company | reqd
abbr | Data | Abbr | reqd
default_currency | Link:Currency | Default Currency | reqd
country | Link:Country | Country | reqd
default_receivable_account | Link:Account | Default Receivable Account
default_income_account | Link:Account | Default Income Account
default_expense_account | Link:Account | Default Cost of Goods Sold Account
default_cash_account | Link:Account | Default Cash Account
credit_limit | Currency | Credit Limit
default_bank_account | Link:Account | Default Bank Account
cost_center | Link:Cost Center | Default Cost Center
credit_limit | Currency | Credit Limit
tax_id | Data | Tax ID
"""

ACCOUNT: Final = """
account_name | Data | Account Name | reqd
company | Link:Company | Company | reqd
is_group | Check | Is Group
root_type | Select:;Asset;Liability;Income;Expense;Equity | Root Type
account_type | Data | Account Type
account_currency | Link:Currency | Currency
parent_account | Link:Account | Parent Account
disabled | Check | Disable
"""

WAREHOUSE: Final = """
warehouse_name | Data | Warehouse Name | reqd
company | Link:Company | Company | reqd
is_group | Check | Is Group Warehouse
parent_warehouse | Link:Warehouse | Parent Warehouse
disabled | Check | Disabled
"""

COST_CENTER: Final = """
cost_center_name | Data | Cost Center Name | reqd
company | Link:Company | Company | reqd
is_group | Check | Is Group
parent_cost_center | Link:Cost Center | Parent Cost Center
disabled | Check | Disabled
"""

CUSTOMER_GROUP: Final = """
customer_group_name | Data | Customer Group Name | reqd
is_group | Check | Is Group
parent_customer_group | Link:Customer Group | Parent Customer Group
default_price_list | Link:Price List | Default Price List
credit_limits | Table:Customer Credit Limit | Credit Limit
"""

TERRITORY: Final = """
territory_name | Data | Territory Name | reqd
is_group | Check | Is Group
parent_territory | Link:Territory | Parent Territory
"""

ITEM_GROUP: Final = """
item_group_name | Data | Item Group Name | reqd
is_group | Check | Is Group
parent_item_group | Link:Item Group | Parent Item Group
"""

PRICE_LIST: Final = """
price_list_name | Data | Price List Name | reqd
enabled | Check | Enabled | default=1
currency | Link:Currency | Currency | reqd
buying | Check | Buying
selling | Check | Selling
"""

UOM: Final = """
uom_name | Data | UOM Name | reqd
must_be_whole_number | Check | Must be Whole Number
enabled | Check | Enabled | default=1
"""

CURRENCY: Final = """
currency_name | Data | Currency Name | reqd
enabled | Check | Enabled
fraction | Data | Fraction
smallest_currency_fraction_value | Currency | Smallest Currency Fraction Value
symbol | Data | Symbol
"""

MODE_OF_PAYMENT: Final = """
mode_of_payment | Data | Mode of Payment | reqd
enabled | Check | Enabled | default=1
type | Select:;Cash;Bank;General;Phone | Type
"""

FISCAL_YEAR: Final = """
year | Data | Year Name | reqd
year_start_date | Date | Year Start Date | reqd
year_end_date | Date | Year End Date | reqd
disabled | Check | Disabled
"""

COUNTRY: Final = """
country_name | Data | Country Name | reqd
code | Data | Code
"""

LANGUAGE: Final = """
language_code | Data | Language Code | reqd
language_name | Data | Language Name
"""

SALES_TAXES_AND_CHARGES_TEMPLATE: Final = """
title | Data | Title | reqd
company | Link:Company | Company | reqd
taxes | Table:Sales Taxes and Charges | Taxes
"""

TABLES: Final = {
    "Custom Field": ("custom", CUSTOM_FIELD),
    "Webhook": ("prompt", WEBHOOK),
    "Webhook Header": ("child", WEBHOOK_HEADER),
    "Webhook Data": ("child", WEBHOOK_DATA),
    "Webhook Request Log": ("hash", WEBHOOK_REQUEST_LOG),
    "Company": ("field=company_name", COMPANY),
    "Account": ("abbr=account_name", ACCOUNT),
    "Warehouse": ("abbr=warehouse_name", WAREHOUSE),
    "Cost Center": ("abbr=cost_center_name", COST_CENTER),
    "Customer Group": ("field=customer_group_name", CUSTOMER_GROUP),
    "Territory": ("field=territory_name", TERRITORY),
    "Item Group": ("field=item_group_name", ITEM_GROUP),
    "Price List": ("field=price_list_name", PRICE_LIST),
    "UOM": ("field=uom_name", UOM),
    "Currency": ("field=currency_name", CURRENCY),
    "Mode of Payment": ("field=mode_of_payment", MODE_OF_PAYMENT),
    "Fiscal Year": ("field=year", FISCAL_YEAR),
    "Country": ("field=country_name", COUNTRY),
    "Language": ("field=language_code", LANGUAGE),
    "Sales Taxes and Charges Template": ("field=title", SALES_TAXES_AND_CHARGES_TEMPLATE),
    **access.TABLES,
}
