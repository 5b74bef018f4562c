"""Further columns of payments: what the vendor's DocTypes have, and no rule here needs.

Sparse, see meta.py. Source: the vendor's DocType definitions of erpnext 15.109 and frappe 15. A line for a column that the other
tables have corrects that.
"""

from __future__ import annotations

from typing import Final

PAYMENT_ENTRY: Final = """
payment_order_status | Select:Initiated;Payment Ordered | Payment Order Status | ro, nocopy
book_advance_payments_in_separate_party_account | Check | Book Advance Payments in Separate Party Account | ro, nocopy,\
 fetch=company.book_advance_payments_in_separate_party_account
reconcile_on_advance_payment_date | Check | Reconcile on Advance Payment Date | ro, nocopy,\
 fetch=company.reconcile_on_advance_payment_date
bank_account | Link:Bank Account | Company Bank Account
party_bank_account | Link:Bank Account | Party Bank Account
contact_person | Link:Contact | Contact
contact_email | Data:Email | Email | ro
party_balance | Currency | Party Balance | ro, submit, nocopy
paid_from_account_balance | Currency | Account Balance (From) | ro, submit
paid_to_account_balance | Currency | Account Balance (To) | ro, submit
paid_amount_after_tax | Currency | Paid Amount After Tax | ro
base_paid_amount_after_tax | Currency | Paid Amount After Tax (Company Currency) | ro
received_amount_after_tax | Currency | Received Amount After Tax | ro
base_received_amount_after_tax | Currency | Received Amount After Tax (Company Currency) | ro
purchase_taxes_and_charges_template | Link:Purchase Taxes and Charges Template | Purchase Taxes and Charges Template
sales_taxes_and_charges_template | Link:Sales Taxes and Charges Template | Sales Taxes and Charges Template
apply_tax_withholding_amount | Check | Apply Tax Withholding Amount
tax_withholding_category | Link:Tax Withholding Category | Tax Withholding Category
taxes | Table:Advance Taxes and Charges | Advance Taxes and Charges
base_total_taxes_and_charges | Currency | Total Taxes and Charges (Company Currency) | ro
total_taxes_and_charges | Currency | Total Taxes and Charges | ro
clearance_date | Date | Clearance Date | ro, nocopy
project | Link:Project | Project | submit
custom_remarks | Check | Custom Remarks
base_in_words | Small Text | In Words (Company Currency) | ro
is_opening | Select:No;Yes | Is Opening | default=No
letter_head | Link:Letter Head | Letter Head
print_heading | Link:Print Heading | Print Heading
bank | Read Only | Bank | fetch=bank_account.bank
bank_account_no | Read Only | Bank Account No | fetch=bank_account.bank_account_no
payment_order | Link:Payment Order | Payment Order | ro, nocopy
in_words | Small Text | In Words | ro
auto_repeat | Link:Auto Repeat | Auto Repeat | ro, submit, nocopy
"""

PAYMENT_ENTRY_REFERENCE: Final = """
bill_no | Data | Supplier Invoice No | ro, nocopy
payment_term | Link:Payment Term | Payment Term
payment_term_outstanding | Float | Payment Term Outstanding | ro
account_type | Data | Account Type
payment_type | Data | Payment Type
reconcile_effect_on | Date | Reconcile Effect On | ro
payment_request_outstanding | Float | Payment Request Outstanding | ro, virtual
advance_voucher_type | Link:DocType | Advance Voucher Type | ro
advance_voucher_no | Dynamic Link:advance_voucher_type | Advance Voucher No | ro
"""

PAYMENT_REQUEST: Final = """
subscription_plans | Table:Subscription Plan Detail | Subscription Plans
bank_account | Link:Bank Account | Bank Account
bank | Link:Bank | Bank | ro, fetch=bank_account.bank
bank_account_no | Read Only | Bank Account No | fetch=bank_account.bank_account_no
account | Read Only | Account | fetch=bank_account.account
iban | Read Only:IBAN | IBAN | fetch=bank_account.iban
branch_code | Read Only | Branch Code | ifempty, fetch=bank_account.branch_code
swift_number | Read Only | SWIFT Number | fetch=bank.swift_number
project | Link:Project | Project
print_format | Select | Print Format
payment_gateway_account | Link:Payment Gateway Account | Payment Gateway Account
payment_gateway | Read Only | Payment Gateway | fetch=payment_gateway_account.payment_gateway
payment_account | Read Only | Payment Account | ro, fetch=payment_gateway_account.payment_account
payment_order | Link:Payment Order | Payment Order | ro
"""

PAYMENT_SCHEDULE: Final = """
payment_term | Link:Payment Term | Payment Term
due_date_based_on | Select:;Day(s) after invoice date;Day(s) after the end of the invoice month;\
Month(s) after the end of the invoice month | Due Date Based On | ro
credit_days | Int | Credit Days | ro, nonneg
credit_months | Int | Credit Months | ro, nonneg
discount_date | Date | Discount Date
discount | Float | Discount | fetch=payment_term.discount
discount_validity_based_on | Select:;Day(s) after invoice date;Day(s) after the end of the invoice month;\
Month(s) after the end of the invoice month | Discount Validity Based On | ro
discount_validity | Int | Discount Validity | ro
discounted_amount | Currency | Discounted Amount | ro
"""

MORE: Final = {
    "Payment Entry": PAYMENT_ENTRY,
    "Payment Entry Reference": PAYMENT_ENTRY_REFERENCE,
    "Payment Request": PAYMENT_REQUEST,
    "Payment Schedule": PAYMENT_SCHEDULE,
}
