"""What a site's version and its defaults change in the schema. Source: facts 9; the columns of version 16's table are our guess."""

from __future__ import annotations

from typing import Final

from fake_erp.erpnext.framework.meta import DocType, Field, parse
from fake_erp.erpnext.settings import Settings

SELLING: Final = ("Quotation", "Sales Order", "Delivery Note", "Sales Invoice")
TAX_DETAILS: Final = "item_wise_tax_details"

_ITEM_WISE_TAX_DETAIL: Final = """
item_row | Data | Item Row
tax_row | Data | Tax Row
rate | Float | Rate
amount | Currency | Amount
taxable_amount | Currency | Taxable Amount
"""


def vary(doctypes: dict[str, DocType], settings: Settings) -> None:
    """Change freshly made DocTypes to those of this site."""
    if settings.version >= 16:
        _tax_details_in_rows(doctypes)
        logs = doctypes["Webhook Request Log"]
        logs.fields["reference_doctype"] = Field("reference_doctype", "Data", "Reference Doctype", flags=frozenset({"ro"}))
        logs.derive()
    if settings.disable_rounded_total:
        for meta in doctypes.values():
            if "disable_rounded_total" in meta.fields:
                meta.fields["disable_rounded_total"].default = "1"
                meta.derive()


def _tax_details_in_rows(doctypes: dict[str, DocType]) -> None:
    """What every item bears of every tax is a table of its own in version 16, and no longer JSON text in the tax row."""
    doctypes["Item Wise Tax Detail"] = parse("Item Wise Tax Detail", "child", _ITEM_WISE_TAX_DETAIL)
    for name in SELLING:
        doctypes[name].fields[TAX_DETAILS] = Field(TAX_DETAILS, "Table", "Item Wise Tax Details", "Item Wise Tax Detail")
        doctypes[name].derive()
    taxes = doctypes["Sales Taxes and Charges"]
    del taxes.fields["item_wise_tax_detail"]
    for name, label in (("net_amount", "Net Amount"), ("base_net_amount", "Net Amount (Company Currency)")):
        taxes.fields[name] = Field(name, "Currency", label, flags=frozenset({"ro"}))
    taxes.derive()
