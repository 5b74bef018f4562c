"""Which DocType follows which rules."""

from __future__ import annotations

from fake_erp.erpnext.controller import CONTROLLERS
from fake_erp.erpnext.customize import CustomFieldController, WebhookController
from fake_erp.erpnext.delivery_note import DeliveryNoteController
from fake_erp.erpnext.parties import AddressController, ContactController, CustomerController, ItemController
from fake_erp.erpnext.payment_entry import PaymentEntryController
from fake_erp.erpnext.pricing import ItemPriceController
from fake_erp.erpnext.quotation import QuotationController
from fake_erp.erpnext.sales_invoice import SalesInvoiceController
from fake_erp.erpnext.sales_order import SalesOrderController
from fake_erp.erpnext.stock import StockEntryController


def register() -> None:
    """Fill the table that the document machinery looks controllers up in. Safe to repeat."""
    CONTROLLERS.update(
        {
            "Address": AddressController(),
            "Contact": ContactController(),
            "Custom Field": CustomFieldController(),
            "Customer": CustomerController(),
            "Delivery Note": DeliveryNoteController(),
            "Item": ItemController(),
            "Item Price": ItemPriceController(),
            "Payment Entry": PaymentEntryController(),
            "Quotation": QuotationController(),
            "Sales Invoice": SalesInvoiceController(),
            "Sales Order": SalesOrderController(),
            "Stock Entry": StockEntryController(),
            "Webhook": WebhookController(),
        }
    )
