"""Documents that examples speak of. tests/contract/erpnext_examples.py prepares a site that has them, under names of its own.

`BODIES` is what makes one document of each DocType; the prepared site has made it once, except for the call that makes it.
`CHANGES` is what an update sends. `NEXT` is what one does with a document afterwards: key → entry, and the body of that call.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

CUSTOMER: Final = "ACME"
ITEM: Final = "SKU-1"
ORDER: Final = "SAL-ORD-2026-00001"  # submitted
DRAFT: Final = "SAL-ORD-2026-00002"
QUOTE: Final = "SAL-QTN-2026-00001"  # submitted
NOTE: Final = "MAT-DN-2026-00001"  # submitted, of ORDER
INVOICE: Final = "ACC-SINV-2026-00001"  # submitted, of ORDER
USER: Final = "api@example.com"
CLIENT: Final = "4f1f5cdd1d"  # an OAuth client
CODE: Final = "q5mOP7C7HSGF3zlQ"
ACCESS_TOKEN: Final = "AyN8dC2eRQhQG2Zx"
REFRESH_TOKEN: Final = "mJ0e3nVbyxfHf4Rk"
ROW: Final = "0m1q8v3k2d"  # the row of ORDER
FILE: Final = "order.txt"
REDIRECT: Final = "https://app.example/callback"
_ITEMS: Final = [{"item_code": ITEM, "qty": 3, "rate": 33.33, "warehouse": "Stores - ACM"}]
_TAX: Final = {"charge_type": "On Net Total", "account_head": "VAT - ACM", "description": "VAT 19%", "rate": 19}
_COMPANY: Final = "Acme GmbH"

# Written by the site itself: a client only reads them.
READ_ONLY: Final = (
    "Bin", "GL Entry", "Payment Ledger Entry", "Stock Ledger Entry", "Webhook Request Log", "Version", "Deleted Document",
)  # fmt: skip

BODIES: Final[Mapping[str, dict[str, Any]]] = {
    "Quotation": {"party_name": CUSTOMER, "items": _ITEMS},
    "Sales Order": {"customer": CUSTOMER, "delivery_date": "2026-04-01", "po_no": "WEB-1001", "items": _ITEMS, "taxes": [_TAX]},
    "Delivery Note": {"customer": CUSTOMER, "items": _ITEMS},
    "Sales Invoice": {"customer": CUSTOMER, "items": _ITEMS, "taxes": [_TAX]},
    "Payment Entry": {
        "payment_type": "Receive",
        "party_type": "Customer",
        "party": CUSTOMER,
        "paid_amount": 50,
        "received_amount": 50,
        "paid_from": "Debtors - ACM",
        "paid_from_account_currency": "EUR",
        "paid_to": "Cash - ACM",
        "paid_to_account_currency": "EUR",
        "reference_no": "T-1",
        "reference_date": "2026-02-03",
    },
    "Payment Request": {
        "payment_request_type": "Inward",
        "party_type": "Customer",
        "party": CUSTOMER,
        "reference_doctype": "Sales Order",
        "reference_name": ORDER,
        "grand_total": 50,
        "currency": "EUR",
    },
    "Stock Entry": {
        "stock_entry_type": "Material Receipt",
        "items": [{"item_code": ITEM, "qty": 10, "t_warehouse": "Stores - ACM", "basic_rate": 5}],
    },
    "Customer": {"customer_name": "Bolt", "customer_type": "Company"},
    "Address": {
        "address_title": "Bolt",
        "address_type": "Billing",
        "address_line1": "Road 1",
        "city": "Berlin",
        "country": "Germany",
        "links": [{"link_doctype": "Customer", "link_name": CUSTOMER}],
    },
    "Contact": {
        "first_name": "Jo",
        "email_ids": [{"email_id": "jo@acme.com", "is_primary": 1}],
        "links": [{"link_doctype": "Customer", "link_name": CUSTOMER}],
    },
    "Item": {"item_code": "SKU-9", "item_name": "Anvil", "item_group": "Products", "stock_uom": "Nos"},
    "Item Price": {"item_code": ITEM, "price_list": "Standard Selling", "price_list_rate": 30, "valid_from": "2026-06-01"},
    "Currency Exchange": {"from_currency": "USD", "to_currency": "EUR", "exchange_rate": 0.9, "date": "2026-01-02"},
    "Item Tax Template": {"title": "Reduced", "company": _COMPANY, "taxes": [{"tax_type": "VAT - ACM", "tax_rate": 7}]},
    "Custom Field": {"dt": "Sales Order", "label": "External ID", "fieldtype": "Data", "unique": 1, "no_copy": 1},
    "Webhook": {
        "name": "orders",
        "webhook_doctype": "Sales Order",
        "webhook_docevent": "on_submit",
        "request_url": "https://app.example/hook",
        "request_structure": "JSON",
        "webhook_json": '{"name": "{{ doc.name }}"}',
    },
    "Company": {"company_name": "Bolt AG", "abbr": "BLT", "default_currency": "CHF", "country": "Switzerland"},
    "Account": {"account_name": "Discounts", "company": _COMPANY, "root_type": "Expense"},
    "Warehouse": {"warehouse_name": "Returns", "company": _COMPANY, "parent_warehouse": "All Warehouses - ACM"},
    "Cost Center": {"cost_center_name": "Shop", "company": _COMPANY, "parent_cost_center": "Acme GmbH - ACM"},
    "Customer Group": {"customer_group_name": "Resellers", "parent_customer_group": "All Customer Groups"},
    "Territory": {"territory_name": "Bavaria", "parent_territory": "Germany"},
    "Item Group": {"item_group_name": "Tools", "parent_item_group": "All Item Groups"},
    "Price List": {"price_list_name": "Resellers", "currency": "EUR", "selling": 1},
    "UOM": {"uom_name": "Pallet", "must_be_whole_number": 1},
    "Currency": {"currency_name": "BRL", "enabled": 1},
    "Mode of Payment": {"mode_of_payment": "PayPal", "type": "Bank"},
    "Fiscal Year": {"year": "2036", "year_start_date": "2036-01-01", "year_end_date": "2036-12-31"},
    "Country": {"country_name": "Iceland", "code": "is"},
    "Language": {"language_code": "is", "language_name": "Icelandic"},
    "Sales Taxes and Charges Template": {"title": "Germany VAT 7%", "company": _COMPANY, "taxes": [{**_TAX, "rate": 7}]},
    "User": {"email": "kim@example.com", "first_name": "Kim", "roles": [{"role": "Sales User"}]},
    "Role": {"role_name": "Returns Clerk"},
    "User Permission": {"user": "Administrator", "allow": "Territory", "for_value": "Germany"},
    "OAuth Client": {"app_name": "Shop", "redirect_uris": REDIRECT, "default_redirect_uri": REDIRECT, "scopes": "all openid"},
    "File": {"file_name": "note.txt", "file_url": "https://files.example/note.txt"},
    "Comment": {"comment_type": "Comment", "reference_doctype": "Customer", "reference_name": CUSTOMER, "content": "Called."},
}

_ADDRESS: Final = {"city": "Hamburg"}
CHANGES: Final[Mapping[str, dict[str, Any]]] = {
    "Quotation": {"valid_till": "2026-12-31"},
    "Sales Order": {"po_no": "WEB-1002"},
    "Customer": {"tax_id": "DE123456789"},
    "Address": _ADDRESS,
    "Item": {"description": "Falls from above"},
    "Item Price": {"price_list_rate": 290},
    "Custom Field": {"description": "The shop's number"},
    "Webhook": {"enabled": 0},
}

_PROPOSED: Final = {"source_name": "$response.body#/data/name"}
_PAYMENT: Final = "erpnext.accounts.doctype.payment_entry.payment_entry.get_payment_entry"
NEXT: Final[Mapping[str, tuple[tuple[str, str, Mapping[str, Any]], ...]]] = {
    "Quotation": (("order", "erpnext.selling.doctype.quotation.quotation.make_sales_order", _PROPOSED),),
    "Sales Order": (
        ("deliver", "erpnext.selling.doctype.sales_order.sales_order.make_delivery_note", _PROPOSED),
        ("bill", "erpnext.selling.doctype.sales_order.sales_order.make_sales_invoice", _PROPOSED),
        (
            "close",
            "erpnext.selling.doctype.sales_order.sales_order.update_status",
            {"name": "$response.body#/data/name", "status": "Closed"},
        ),
    ),
    "Delivery Note": (
        ("bill", "erpnext.stock.doctype.delivery_note.delivery_note.make_sales_invoice", _PROPOSED),
        ("takeBack", "erpnext.stock.doctype.delivery_note.delivery_note.make_sales_return", _PROPOSED),
    ),
    "Sales Invoice": (
        ("pay", _PAYMENT, {"dt": "Sales Invoice", "dn": "$response.body#/data/name"}),
        ("credit", "erpnext.accounts.doctype.sales_invoice.sales_invoice.make_sales_return", _PROPOSED),
    ),
}


# What those documents are called: the prepared site's own names stand in for names that are drawn.
NAMES: Final[Mapping[str, str]] = {
    "Quotation": "SAL-QTN-2026-00002", "Sales Order": DRAFT, "Delivery Note": "MAT-DN-2026-00002",
    "Sales Invoice": "ACC-SINV-2026-00002", "Payment Entry": "ACC-PAY-2026-00001", "Payment Request": "ACC-PRQ-2026-00001",
    "Stock Entry": "MAT-STE-2026-00003", "Customer": "Bolt", "Address": "Bolt-Billing", "Contact": "Jo-ACME", "Item": "SKU-9",
    "Item Price": "7h2kq0v9ab", "Currency Exchange": "2026-01-02-USD-EUR", "Item Tax Template": "Reduced - ACM",
    "Custom Field": "Sales Order-custom_external_id", "Webhook": "orders", "Company": "Bolt AG", "Account": "Discounts - ACM",
    "Warehouse": "Returns - ACM", "Cost Center": "Shop - ACM", "Customer Group": "Resellers", "Territory": "Bavaria",
    "Item Group": "Tools", "Price List": "Resellers", "UOM": "Pallet", "Currency": "BRL", "Mode of Payment": "PayPal",
    "Fiscal Year": "2036", "Country": "Iceland", "Language": "is", "Sales Taxes and Charges Template": "Germany VAT 7%",
    "User": "kim@example.com", "Role": "Returns Clerk", "User Permission": "8c1hq0v9bd", "OAuth Client": "5c2d9e0f1a",
    "File": "9d2iq0v9ce", "Comment": "ae3jq0v9df", "Bin": "bf4kq0v9eg", "GL Entry": "cg5lq0v9fh",
    "Payment Ledger Entry": "dh6mq0v9gi",
    "Stock Ledger Entry": "ei7nq0v9hj", "Webhook Request Log": "fj8oq0v9ik", "Version": "gk9pq0v9jl",
    "Deleted Document": "hl0qq0v9km",
}  # fmt: skip


def is_done(verb: str, doctype: str) -> bool:
    """Whether a client does this with documents of the DocType."""
    return doctype not in READ_ONLY or verb in ("list", "read")
