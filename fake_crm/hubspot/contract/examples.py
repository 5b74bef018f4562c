"""Ids and values that examples speak of. A test prepares an account with all of them and sends every example there."""

from __future__ import annotations

COMPANY, CONTACT, DEAL, PRODUCT = "37765128953", "37765128101", "12877907025", "20117384920"
SECOND_COMPANY, SECOND_DEAL = "37765128954", "12877907026"  # the deal is linked to the first company, the second is not
OWNER = "30551208"
PIPELINE, STAGE = "48211001", "48211002"  # of deals, made for the examples
PROPERTY, GROUP = "erp_order_id", "erp"  # of deals: a unique text property, and a group
ORDER_NUMBER = "SO-1044"  # the first deal's `erp_order_id`
APP, SUBSCRIPTION = "1344071", "1"  # the app, and its first webhook subscription
REDIRECT = "https://app.test/back"  # where the OAuth app waits for its code
CODE, REFRESH_TOKEN, ACCESS_TOKEN = "na1-code-of-jo", "na1-refresh-of-jo", "CNi1-access-of-jo"  # of that app
SCHEMA, SCHEMA_ASSOCIATION = "2-4410077", "4410078"  # a custom object, and its association with companies
LABEL, LIMITED = 48211057, 48211058  # labels of deals and companies, the second with a limit
