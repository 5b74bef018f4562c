"""Fields of the documents behind prices and taxes: exchange rates, tax rates by item. See meta.py for the notation.

Source: the field lists of erpnext 15 as far as facts 4.9 and 10.1 need them; which fields they have beyond those is our guess.
"""

from __future__ import annotations

from typing import Final

CURRENCY_EXCHANGE: Final = """
date | Date | Date | reqd, default=Today
from_currency | Link:Currency | From Currency | reqd
to_currency | Link:Currency | To Currency | reqd
exchange_rate | Float | Exchange Rate | reqd, precision=9
for_buying | Check | For Buying | default=1
for_selling | Check | For Selling | default=1
"""

ITEM_TAX_TEMPLATE: Final = """
title | Data | Title | reqd
company | Link:Company | Company | reqd
disabled | Check | Disabled
taxes | Table:Item Tax Template Detail | Tax Rates | reqd
"""

ITEM_TAX_TEMPLATE_DETAIL: Final = """
tax_type | Link:Account | Tax | reqd
tax_rate | Float | Tax Rate
"""

ITEM_TAX: Final = """
item_tax_template | Link:Item Tax Template | Item Tax Template | reqd
tax_category | Data | Tax Category
valid_from | Date | Valid From
minimum_net_rate | Float | Minimum Net Rate
maximum_net_rate | Float | Maximum Net Rate
"""

TABLES: Final = {
    "Currency Exchange": ("custom", CURRENCY_EXCHANGE),
    "Item Tax Template": ("abbr=title", ITEM_TAX_TEMPLATE),
    "Item Tax Template Detail": ("child", ITEM_TAX_TEMPLATE_DETAIL),
    "Item Tax": ("child", ITEM_TAX),
}
