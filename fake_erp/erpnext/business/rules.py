"""Which DocType follows which rules."""

from __future__ import annotations

from fake_erp.erpnext.business.delivery_note import DeliveryNoteController
from fake_erp.erpnext.business.exchange import CurrencyExchangeController
from fake_erp.erpnext.business.ledger import LEDGERS, LedgerController
from fake_erp.erpnext.business.parties import AddressController, ContactController, CustomerController, ItemController
from fake_erp.erpnext.business.payment_entry import PaymentEntryController
from fake_erp.erpnext.business.payment_request import PaymentRequestController
from fake_erp.erpnext.business.pricing import ItemPriceController
from fake_erp.erpnext.business.quotation import QuotationController
from fake_erp.erpnext.business.sales_invoice import SalesInvoiceController
from fake_erp.erpnext.business.sales_order import SalesOrderController
from fake_erp.erpnext.business.stock import StockEntryController
from fake_erp.erpnext.events.subscriptions import WebhookController
from fake_erp.erpnext.framework.comments import CommentController
from fake_erp.erpnext.framework.controller import CONTROLLERS
from fake_erp.erpnext.framework.customize import CustomFieldController


def register() -> None:
    """Fill the table that the document machinery looks controllers up in. Safe to repeat."""
    CONTROLLERS.update(
        {
            "Address": AddressController(),
            "Comment": CommentController(),
            "Contact": ContactController(),
            "Currency Exchange": CurrencyExchangeController(),
            "Custom Field": CustomFieldController(),
            "Customer": CustomerController(),
            "Delivery Note": DeliveryNoteController(),
            "Item": ItemController(),
            **dict.fromkeys(LEDGERS, LedgerController()),
            "Item Price": ItemPriceController(),
            "Payment Entry": PaymentEntryController(),
            "Payment Request": PaymentRequestController(),
            "Quotation": QuotationController(),
            "Sales Invoice": SalesInvoiceController(),
            "Sales Order": SalesOrderController(),
            "Stock Entry": StockEntryController(),
            "Webhook": WebhookController(),
        }
    )
