"""The site as a normal setup wizard leaves it: company Acme GmbH with accounts, warehouses, groups, price lists and units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fake_erp.erpnext.framework.drafts import new_document, stored_form
from fake_erp.erpnext.framework.site import Site

COMPANY: Final = "Acme GmbH"
ABBR: Final = "ACM"
CURRENCY: Final = "EUR"
WAREHOUSE: Final = "Stores - ACM"
COST_CENTER: Final = "Main - ACM"
PRICE_LIST: Final = "Standard Selling"
RECEIVABLE: Final = "Debtors - ACM"
INCOME: Final = "Sales - ACM"
EXPENSE: Final = "Cost of Goods Sold - ACM"
CASH: Final = "Cash - ACM"
ADMIN: Final = "Administrator"

# The smallest coin of each currency; none means that totals are rounded to whole units.
CURRENCIES: Final = {
    "EUR": "0.01", "USD": "0.01", "CNY": "0.01", "CHF": "0.05",
    "GBP": "", "INR": "", "SEK": "", "NOK": "", "DKK": "", "PLN": "", "CZK": "", "HUF": "", "AUD": "",
    "CAD": "", "AED": "", "JPY": "",
}  # fmt: skip
COUNTRIES: Final = {
    "Germany": "de", "Austria": "at", "Switzerland": "ch", "France": "fr", "Italy": "it", "Spain": "es",
    "Portugal": "pt", "Netherlands": "nl",
    "Belgium": "be", "Luxembourg": "lu", "Denmark": "dk", "Sweden": "se", "Norway": "no", "Finland": "fi",
    "Poland": "pl", "Czech Republic": "cz",
    "Hungary": "hu", "Ireland": "ie", "United Kingdom": "gb", "United States": "us", "Canada": "ca", "Mexico": "mx", "Brazil": "br",
    "India": "in", "China": "cn", "Japan": "jp", "Australia": "au", "New Zealand": "nz",
    "South Africa": "za", "United Arab Emirates": "ae",
}  # fmt: skip
ACCOUNTS: Final = {
    "Debtors": ("Asset", "Receivable"), "Creditors": ("Liability", "Payable"), "Cash": ("Asset", "Cash"), "Bank": ("Asset", "Bank"),
    "Sales": ("Income", "Income Account"), "Cost of Goods Sold": ("Expense", "Cost of Goods Sold"),
    "Stock In Hand": ("Asset", "Stock"),
    "Stock Adjustment": ("Expense", "Stock Adjustment"), "Round Off": ("Expense", "Round Off"), "Write Off": ("Expense", ""),
    "Exchange Gain/Loss": ("Expense", ""), "VAT": ("Liability", "Tax"), "Freight and Forwarding Charges": ("Expense", "Chargeable"),
}  # fmt: skip


def set_up(site: Site) -> None:
    """Put the masters into an empty site, owned by Administrator."""
    for code, coin in CURRENCIES.items():
        _add(site, "Currency", code, currency_name=code, enabled=1, smallest_currency_fraction_value=coin or 0)
    for name, code in COUNTRIES.items():
        _add(site, "Country", name, country_name=name, code=code)
    for code, name in (("en", "English"), ("de", "Deutsch"), ("fr", "Français")):
        _add(site, "Language", code, language_code=code, language_name=name)
    _company(site)
    _groups(site)
    for unit in ("Nos", "Unit", "Box", "Pair", "Set"):
        _add(site, "UOM", unit, uom_name=unit, must_be_whole_number=int(unit in ("Nos", "Pair", "Set")))
    for unit in ("Kg", "Gram", "Hour", "Litre", "Meter"):
        _add(site, "UOM", unit, uom_name=unit)
    _add(site, "Price List", PRICE_LIST, price_list_name=PRICE_LIST, currency=CURRENCY, selling=1)
    _add(site, "Price List", "Standard Buying", price_list_name="Standard Buying", currency=CURRENCY, buying=1)
    for mode, kind in (
        ("Cheque", "Bank"),
        ("Cash", "Cash"),
        ("Credit Card", "Bank"),
        ("Wire Transfer", "Bank"),
        ("Bank Draft", "Bank"),
    ):
        _add(site, "Mode of Payment", mode, mode_of_payment=mode, type=kind)
    for year in range(2020, 2036):
        _add(site, "Fiscal Year", str(year), year=str(year), year_start_date=f"{year}-01-01", year_end_date=f"{year}-12-31")
    taxes = [{"charge_type": "On Net Total", "account_head": "VAT - ACM", "description": "VAT 19%", "rate": 19}]
    template = "Germany VAT 19% - ACM"
    _add(site, "Sales Taxes and Charges Template", template, title=template, company=COMPANY, taxes=taxes)


def _company(site: Site) -> None:
    _add(
        site, "Company", COMPANY,
        company_name=COMPANY, abbr=ABBR, default_currency=CURRENCY, country="Germany", cost_center=COST_CENTER,
        default_receivable_account=RECEIVABLE, default_income_account=INCOME,
        default_expense_account=EXPENSE, default_cash_account=CASH,
    )  # fmt: skip
    for account, (root, kind) in ACCOUNTS.items():
        _add(
            site, "Account", f"{account} - {ABBR}",
            account_name=account, company=COMPANY, root_type=root, account_type=kind, account_currency=CURRENCY,
        )  # fmt: skip
    for warehouse in ("All Warehouses", "Stores", "Work In Progress", "Finished Goods", "Goods In Transit"):
        group = int(warehouse == "All Warehouses")
        parent = None if group else f"All Warehouses - {ABBR}"
        _add(
            site,
            "Warehouse",
            f"{warehouse} - {ABBR}",
            warehouse_name=warehouse,
            company=COMPANY,
            is_group=group,
            parent_warehouse=parent,
        )
    for center in (COMPANY, "Main"):
        parent = None if center == COMPANY else f"{COMPANY} - {ABBR}"
        group = int(center == COMPANY)
        _add(
            site,
            "Cost Center",
            f"{center} - {ABBR}",
            cost_center_name=center,
            company=COMPANY,
            is_group=group,
            parent_cost_center=parent,
        )


def _groups(site: Site) -> None:
    trees = {
        "Customer Group": ("All Customer Groups", "Individual", "Commercial", "Non Profit", "Government"),
        "Territory": ("All Territories", "Germany", "Rest Of The World"),
        "Item Group": ("All Item Groups", "Products", "Raw Material", "Services", "Sub Assemblies", "Consumable"),
    }
    for doctype, (root, *leaves) in trees.items():
        slug = doctype.lower().replace(" ", "_")
        _add(site, doctype, root, **{f"{slug}_name": root, "is_group": 1})
        for leaf in leaves:
            _add(site, doctype, leaf, **{f"{slug}_name": leaf, f"parent_{slug}": root})


def _add(site: Site, doctype: str, name: str, /, **values: Any) -> None:
    """A master straight into the store, without hooks."""
    meta = site.meta(doctype)
    doc = new_document(site, meta, values)
    stamp = site.time.stamp()
    standard: Mapping[str, Any] = {"name": name, "owner": ADMIN, "creation": stamp, "modified": stamp, "modified_by": ADMIN}
    doc.update(standard)
    for table in meta.tables:
        for row in doc[table]:
            row.update(standard, name=site.random_name(), docstatus=0, parent=name, parenttype=doctype)
    site.store.insert(doctype, name, stored_form(site, meta, doc, set()))
