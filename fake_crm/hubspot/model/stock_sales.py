"""Stock property definitions of contacts, companies, tickets, deals, products and line items: enough for quote-to-cash, by no means
the vendor's few hundred. How a line reads is told in `stock.py`.

Source: facts sections 5 to 7 and 10.1; labels are the vendor's own where its exports name them.
"""

from __future__ import annotations

SYSTEM = """
hs_object_id | Record ID | number/number | ro
createdate | Create Date | datetime/date | ro
hs_createdate | Object create date/time | datetime/date | ro
hs_lastmodifieddate | Last Modified Date | datetime/date | ro
hs_object_source | Record source | enumeration/select | ro
hs_object_source_id | Record source ID | string/text | ro
hs_object_source_label | Record source label | string/text | ro
hs_merged_object_ids | Merged record IDs | enumeration/checkbox | ro
hubspot_owner_id | {owner} owner | enumeration/select | ext:owner
hubspot_owner_assigneddate | Owner assigned date | datetime/date | ro
hs_all_owner_ids | All owner IDs | enumeration/checkbox | ro
hs_user_ids_of_all_owners | User IDs of all owners | enumeration/checkbox | ro
"""
CURRENCIES = "EUR=EUR;USD=USD;GBP=GBP;CHF=CHF;PLN=PLN;SEK=SEK;DKK=DKK"
_LIFECYCLE = (
    "subscriber=Subscriber;lead=Lead;marketingqualifiedlead=Marketing Qualified Lead;salesqualifiedlead=Sales Qualified Lead;"
    "opportunity=Opportunity;customer=Customer;evangelist=Evangelist;other=Other"
)
_LEAD_STATUS = (
    "NEW=New;OPEN=Open;IN_PROGRESS=In Progress;OPEN_DEAL=Open Deal;UNQUALIFIED=Unqualified;"
    "ATTEMPTED_TO_CONTACT=Attempted to Contact;CONNECTED=Connected;BAD_TIMING=Bad Timing"
)
CONTACTS = f"""
email | Email | string/text
hs_additional_emails | Additional email addresses | enumeration/checkbox | ro
hs_calculated_merged_vids | Merged contact IDs | string/text | ro
firstname | First Name | string/text
lastname | Last Name | string/text
phone | Phone Number | string/phonenumber
mobilephone | Mobile Phone Number | string/phonenumber
fax | Fax Number | string/phonenumber
company | Company Name | string/text
jobtitle | Job Title | string/text
website | Website URL | string/text
address | Street Address | string/text
city | City | string/text
state | State/Region | string/text
zip | Postal Code | string/text
country | Country/Region | string/text
salutation | Salutation | string/text
message | Message | string/textarea
lifecyclestage | Lifecycle Stage | enumeration/radio | {_LIFECYCLE}
hs_lead_status | Lead Status | enumeration/radio | {_LEAD_STATUS}
hs_marketable_status | Marketing contact status | bool/booleancheckbox | ro
hs_marketable_until_renewal | Marketing contact until next update | bool/booleancheckbox | ro
lastmodifieddate | Last Modified Date | datetime/date | ro
num_associated_deals | Number of Associated Deals | number/number | ro
"""
COMPANIES = f"""
name | Company name | string/text
domain | Company Domain Name | string/text
website | Website URL | string/text
phone | Phone Number | string/phonenumber
address | Street Address | string/text
address2 | Street Address 2 | string/text
city | City | string/text
state | State/Region | string/text
zip | Postal Code | string/text
country | Country/Region | string/text
description | Description | string/textarea
about_us | About Us | string/textarea
industry | Industry | string/text
numberofemployees | Number of Employees | number/number
annualrevenue | Annual Revenue | number/number
founded_year | Year Founded | string/text
timezone | Time Zone | string/text
type | Type | enumeration/select | PROSPECT=Prospect;PARTNER=Partner;RESELLER=Reseller;VENDOR=Vendor;OTHER=Other
lifecyclestage | Lifecycle Stage | enumeration/radio | {_LIFECYCLE}
hs_lead_status | Lead Status | enumeration/radio | {_LEAD_STATUS}
num_associated_contacts | Number of Associated Contacts | number/number | ro
num_associated_deals | Number of Associated Deals | number/number | ro
"""
DEALS = f"""
dealname | Deal Name | string/text
amount | Amount | number/number
dealstage | Deal Stage | enumeration/radio | ext:stage
pipeline | Pipeline | enumeration/select | ext:pipeline
closedate | Close Date | datetime/date
dealtype | Deal Type | enumeration/radio | newbusiness=New Business;existingbusiness=Existing Business
description | Deal Description | string/textarea
deal_currency_code | Currency | enumeration/select | {CURRENCIES}
hs_priority | Priority | enumeration/select | low=Low;medium=Medium;high=High
hs_next_step | Next step | string/text
closed_lost_reason | Closed Lost Reason | string/textarea
closed_won_reason | Closed Won Reason | string/textarea
hs_is_closed | Is Deal Closed? | bool/booleancheckbox | ro
hs_is_closed_won | Is Closed Won | bool/booleancheckbox | ro
hs_deal_stage_probability | Deal probability | number/number | ro
amount_in_home_currency | Amount in company currency | number/number | ro
hs_projected_amount | Weighted amount | number/number | ro
hs_forecast_amount | Forecast amount | number/number | ro
hs_closed_amount | Closed Deal Amount | number/number | ro
hs_tcv | Total contract value | number/number | ro
hs_acv | Annual contract value | number/number | ro
hs_arr | Annual recurring revenue | number/number | ro
hs_mrr | Monthly recurring revenue | number/number | ro
num_associated_contacts | Number of Associated Contacts | number/number | ro
num_notes | Number of Sales Activities | number/number | ro
notes_last_updated | Last Activity Date | datetime/date | ro
hs_num_of_associated_line_items | Number of Associated Line Items | number/number | ro
"""
FREQUENCY = "weekly=Weekly;monthly=Monthly;quarterly=Quarterly;annually=Annually"
_BILLING = f"""
hs_recurring_billing_period | Term | string/text
recurringbillingfrequency | Billing frequency | enumeration/select | {FREQUENCY}
hs_pricing_model | Pricing model | enumeration/select | flat=Flat;volume=Volume;graduated=Graduated;stairstep=Stairstep
hs_tier_ranges | Tier ranges | string/text
hs_tier_prices | Tier prices | string/text
"""
PRODUCTS = f"""
name | Name | string/text
description | Product description | string/textarea
price | Unit price | number/number
hs_sku | SKU | string/text
hs_cost_of_goods_sold | Unit cost | number/number
hs_folder | Folder | string/text
hs_url | URL | string/text
hs_product_type | Product Type | enumeration/select | inventory=Inventory;non_inventory=Non-Inventory;service=Service
tax | Tax | number/number
{_BILLING.strip()}
"""
LINE_ITEMS = f"""
name | Name | string/text
description | Description | string/textarea
price | Unit price | number/number
quantity | Quantity | number/number
amount | Net price | number/number
discount | Unit discount | number/number
hs_discount_percentage | Discount percentage | number/number
hs_sku | SKU | string/text
hs_product_id | Product ID | number/number
hs_line_item_currency_code | Currency | string/text
hs_cost_of_goods_sold | Unit cost | number/number
hs_position_on_quote | Position on quote | number/number
hs_recurring_billing_start_date | Billing start date | date/date
hs_recurring_billing_end_date | Billing end date | date/date
hs_tax_rate_group_id | Tax rate | string/text
tax | Tax | number/number
{_BILLING.strip()}
"""
_PRIORITY = "LOW=Low;MEDIUM=Medium;HIGH=High;URGENT=Urgent"
_TICKET_CATEGORY = "PRODUCT_ISSUE=Product Issue;BILLING_ISSUE=Billing Issue;GENERAL_INQUIRY=General Inquiry"
TICKETS = f"""
subject | Ticket name | string/text
content | Ticket description | string/textarea
hs_pipeline | Pipeline | enumeration/select | ext:pipeline
hs_pipeline_stage | Ticket status | enumeration/radio | ext:stage
hs_ticket_id | Ticket ID | number/number | ro
hs_ticket_priority | Priority | enumeration/select | {_PRIORITY}
hs_ticket_category | Category | enumeration/checkbox | {_TICKET_CATEGORY}
closed_date | Close date | datetime/date | ro
"""
