"""Fields of the three ledgers, of payment requests and of reasons why a quotation was lost. See meta.py for the notation.

Source: payment requests by the field lists of erpnext 15.109.0; the others after their names in erpnext 15, our guess in detail.
"""

from __future__ import annotations

from typing import Final

_VOUCHER: Final = """
posting_date | Date | Posting Date
voucher_type | Link:DocType | Voucher Type
voucher_no | Dynamic Link:voucher_type | Voucher No
company | Link:Company | Company
"""

GL_ENTRY: Final = """
transaction_date | Date | Transaction Date
account | Link:Account | Account
party_type | Link:DocType | Party Type
party | Dynamic Link:party_type | Party
cost_center | Link:Cost Center | Cost Center
debit | Currency | Debit Amount
credit | Currency | Credit Amount
account_currency | Link:Currency | Account Currency
debit_in_account_currency | Currency | Debit Amount in Account Currency
credit_in_account_currency | Currency | Credit Amount in Account Currency
against | Text | Against
against_voucher_type | Link:DocType | Against Voucher Type
against_voucher | Dynamic Link:against_voucher_type | Against Voucher
remarks | Text | Remarks
is_opening | Select:No;Yes | Is Opening
is_advance | Select:No;Yes | Is Advance
fiscal_year | Link:Fiscal Year | Fiscal Year
due_date | Date | Due Date
is_cancelled | Check | Is Cancelled
"""

PAYMENT_LEDGER_ENTRY: Final = """
account_type | Select:Receivable;Payable | Account Type
account | Link:Account | Account
party_type | Link:DocType | Party Type
party | Dynamic Link:party_type | Party
due_date | Date | Due Date
cost_center | Link:Cost Center | Cost Center
against_voucher_type | Link:DocType | Against Voucher Type
against_voucher_no | Dynamic Link:against_voucher_type | Against Voucher No
amount | Currency | Amount
account_currency | Link:Currency | Currency
amount_in_account_currency | Currency | Amount in Account Currency
delinked | Check | DeLinked
remarks | Text | Remarks
"""

STOCK_LEDGER_ENTRY: Final = """
item_code | Link:Item | Item Code
warehouse | Link:Warehouse | Warehouse
posting_time | Time | Posting Time
voucher_detail_no | Data | Voucher Detail No
actual_qty | Float | Qty Change
qty_after_transaction | Float | Qty After Transaction
incoming_rate | Currency | Incoming Rate
outgoing_rate | Currency | Outgoing Rate
valuation_rate | Currency | Valuation Rate
stock_value | Currency | Balance Stock Value
stock_value_difference | Currency | Change in Stock Value
stock_uom | Link:UOM | Stock UOM
fiscal_year | Data | Fiscal Year
is_cancelled | Check | Is Cancelled
"""

PAYMENT_REQUEST: Final = """
naming_series | Select:ACC-PRQ-.YYYY.- | Series | reqd, nocopy, once
payment_request_type | Select:Outward;Inward | Payment Request Type | reqd, default=Inward
transaction_date | Date | Transaction Date
company | Link:Company | Company | ro
mode_of_payment | Link:Mode of Payment | Mode of Payment
party_type | Link:DocType | Party Type
party | Dynamic Link:party_type | Party
party_name | Data | Party Name | ro
reference_doctype | Link:DocType | Reference Doctype | ro, nocopy
reference_name | Dynamic Link:reference_doctype | Reference Name | ro, nocopy
grand_total | Currency | Amount | reqd, nonneg
currency | Link:Currency | Transaction Currency | ro
is_a_subscription | Check | Is a Subscription
outstanding_amount | Currency | Outstanding Amount | ro, nonneg
party_account_currency | Link:Currency | Party Account Currency | ro
cost_center | Link:Cost Center | Cost Center
email_to | Data | To
subject | Data | Subject
status | Select:;Draft;Requested;Initiated;Partially Paid;Payment Ordered;Paid;Failed;Cancelled | Status | ro, default=Draft
make_sales_invoice | Check | Make Sales Invoice | ro
message | Text | Message
mute_email | Check | Mute Email | ro, nocopy
payment_url | Data:URL | Payment URL | ro, length=500
payment_channel | Select:;Email;Phone | Payment Channel | ro
phone_number | Data | Phone Number
amended_from | Link:Payment Request | Amended From | ro, nocopy
"""

QUOTATION_LOST_REASON_DETAIL: Final = """
lost_reason | Data | Quotation Lost Reason
"""

TABLES: Final = {
    "GL Entry": ("custom", GL_ENTRY + _VOUCHER),
    "Payment Ledger Entry": ("hash", PAYMENT_LEDGER_ENTRY + _VOUCHER),
    "Stock Ledger Entry": ("custom", STOCK_LEDGER_ENTRY + _VOUCHER),
    "Payment Request": ("submittable, series", PAYMENT_REQUEST),
    "Quotation Lost Reason Detail": ("child", QUOTATION_LOST_REASON_DETAIL),
}
