"""Stock property definitions of quotes, orders, invoices, payments, subscriptions, discounts, fees and taxes.

How a line reads is told in `stock.py`. Source: facts section 7; names marked there as inferred (`hs_amount_billed`,
`hs_balance_due`, `hs_number`) and labels are our guess.
"""

from __future__ import annotations

from fake_crm.hubspot.model.stock_sales import CURRENCIES, FREQUENCY

_QUOTE_STATUS = (
    "DRAFT=Draft;APPROVAL_NOT_NEEDED=No approval needed;PENDING_APPROVAL=Pending approval;APPROVED=Approved;REJECTED=Rejected;"
    "ACCEPTED=Accepted"
)
_TOTALS = "total_first_payment=First payment;total_contract_value=Contract value"
_ACCEPTANCE = "click_to_accept=Click;e_sign=E-signature;print_and_sign=Print and sign"
_METHODS = "ACH=ACH;CREDIT_OR_DEBIT_CARD=Card;SEPA=SEPA;BACS=BACS;PADS=PADS"
QUOTES = f"""
hs_title | Quote title | string/text
hs_expiration_date | Expiration date | date/date
hs_status | Quote approval status | enumeration/select | {_QUOTE_STATUS}
hs_template_type | Template type | enumeration/select | CUSTOMIZABLE_QUOTE_TEMPLATE=Customizable;CPQ_QUOTE=CPQ;QUOTE=Basic
hs_public_url_key | Public URL key | string/text | ro
hs_quote_amount | Quote amount | number/number | ro
hs_quote_number | Reference number | string/text
hs_domain | Domain | string/text
hs_slug | Slug | string/text
hs_proposal_slug | Proposal slug | string/text
hs_currency | Currency | enumeration/select | {CURRENCIES}
hs_timezone | Time zone | string/text
hs_locale | Locale | string/text
hs_language | Language | string/text
hs_quote_total_preference | Total preference | enumeration/select | {_TOTALS}
hs_locked | Locked | bool/booleancheckbox | ro
hs_quote_link | Quote link | string/text | ro
hs_pdf_download_link | PDF | string/text | ro
hs_esign_enabled | E-signature | bool/booleancheckbox
hs_esign_num_signers_required | Signers required | number/number | ro
hs_acceptance_method | Acceptance method | enumeration/select | {_ACCEPTANCE}
hs_payment_enabled | Payments | bool/booleancheckbox
hs_billing_enabled | Billing | bool/booleancheckbox
hs_payment_type | Payment type | enumeration/select | HUBSPOT=HubSpot;BYO_STRIPE=Stripe
hs_allowed_payment_methods | Payment methods | enumeration/checkbox | {_METHODS}
hs_payment_status | Payment status | enumeration/select | PENDING=Pending;PROCESSING=Processing;PAID=Paid
hs_net_payment_terms | Net payment terms | number/number
hs_collection_process | Collection process | enumeration/select | AUTO_PAYMENTS=Automatic;MANUAL_PAYMENTS=Manual
hs_sender_firstname | Sender first name | string/text
hs_sender_lastname | Sender last name | string/text
hs_sender_email | Sender email | string/text
hs_sender_company_name | Sender company | string/text
hs_terms | Purchase terms | string/textarea
hs_comments | Comments to buyer | string/textarea
"""
ORDERS = f"""
hs_order_name | Order name | string/text
hs_external_order_id | External order ID | string/text | unique
hs_external_order_status | External order status | string/text
hs_external_created_date | External created date | datetime/date
hs_currency_code | Currency code | enumeration/select | {CURRENCIES}
hs_total_price | Total price | number/number
hs_subtotal_price | Subtotal price | number/number
hs_tax | Tax | number/number
hs_source_store | Source store | string/text
hs_fulfillment_status | Fulfillment status | string/text
hs_payment_status | Payment status | string/text
hs_shipping_tracking_number | Tracking number | string/text
hs_shipping_status_url | Shipping status URL | string/text
hs_shipping_address_street | Shipping street | string/text
hs_shipping_address_city | Shipping city | string/text
hs_shipping_address_state | Shipping state | string/text
hs_shipping_address_postal_code | Shipping postal code | string/text
hs_exchange_rate | Exchange rate | number/number
hs_pipeline | Pipeline | enumeration/select | ext:pipeline
hs_pipeline_stage | Stage | enumeration/radio | ext:stage
"""
_INVOICE_STATUS = "draft=Draft;open=Open;paid=Paid;voided=Voided"
INVOICES = f"""
hs_number | Invoice number | string/text | ro
hs_title | Invoice title | string/text
hs_currency | Currency | enumeration/select | {CURRENCIES}
hs_invoice_status | Status | enumeration/select | {_INVOICE_STATUS}
hs_invoice_date | Invoice date | datetime/date
hs_due_date | Due date | datetime/date
hs_amount_billed | Amount billed | number/number | ro
hs_amount_paid | Amount paid | number/number | ro
hs_balance_due | Balance due | number/number | ro
hs_invoice_link | Invoice link | string/text | ro
hs_pdf_download_link | PDF | string/text | ro
hs_invoice_billable | Billable | bool/booleancheckbox
hs_invoice_payment_collection_method | Collection method | enumeration/select | manual=Manual;none=None
hs_allow_partial_payments | Partial payments | bool/booleancheckbox
hs_purchase_order_number | PO number | string/text
hs_comments | Comments | string/textarea
hs_tax_id | Tax ID | string/text
hs_external_invoice_id | External invoice ID | string/text
"""
_PAYMENT_STATUS = (
    "processing=Processing;succeeded=Succeeded;failed=Failed;partially_refunded=Partially refunded;refunded=Refunded;"
    "processing_refund=Processing refund;disputed_won=Dispute won;disputed_lost=Dispute lost;"
    "disputed_action_required=Dispute, action required;disputed_awaiting_decision=Dispute, awaiting decision"
)
_PAYMENT_METHODS = "card=Card;ach=ACH;cash=Cash;check=Check;wire_transfer=Wire transfer;sepa=SEPA;bacs=BACS;pads=PADS;other=Other"
PAYMENTS = f"""
hs_initial_amount | Gross amount | number/number
hs_initiated_date | Payment date | datetime/date
hs_currency_code | Currency | enumeration/select | {CURRENCIES}
hs_latest_status | Status | enumeration/select | {_PAYMENT_STATUS}
hs_payment_method_type | Payment method | enumeration/select | {_PAYMENT_METHODS}
hs_reference_number | Reference number | string/text
hs_customer_email | Customer email | string/text
hs_net_amount | Net amount | number/number | ro
hs_fees_amount | Fees amount | number/number
hs_refunds_amount | Refunds amount | number/number
hs_processor_type | Processor | enumeration/select | hs_payments=HubSpot payments;byo_stripe=Stripe;none=None
hs_internal_comment | Internal comment | string/textarea
"""
_SUBSCRIPTION_STATUS = "active=Active;past_due=Past due;canceled=Canceled;expired=Expired;scheduled=Scheduled"
SUBSCRIPTIONS = f"""
hs_name | Name | string/text
hs_status | Status | enumeration/select | {_SUBSCRIPTION_STATUS}
hs_recurring_billing_frequency | Billing frequency | enumeration/select | {FREQUENCY}
hs_recurring_billing_start_date | Start date | datetime/date
hs_last_payment_amount | Last payment amount | number/number
hs_next_payment_amount | Next payment amount | number/number
hs_next_payment_due_date | Next payment due date | datetime/date
hs_currency_code | Currency | enumeration/select | {CURRENCIES}
hs_collection_process | Collection process | enumeration/select | automatic_payments=Automatic;manual_payments=Manual
hs_invoice_creation | Invoice creation | enumeration/select | off=Off;on=On
"""
_ADJUSTMENT = """
hs_label | Label | string/text
hs_type | Type | enumeration/select | FIXED=Fixed;PERCENT=Percent
hs_value | Value | number/number
hs_sort_order | Sort order | number/number
"""
DISCOUNTS = f"""
{_ADJUSTMENT.strip()}
hs_duration | Duration | enumeration/select | ONCE=Once;FOREVER=Forever
"""
FEES = _ADJUSTMENT
TAXES = _ADJUSTMENT
QUOTE_TEMPLATES = """
hs_name | Name | string/text
hs_active | Active | bool/booleancheckbox
"""
