"""What quotations, orders, deliveries and invoices fill in and check alike. Source: facts 4.3 and 10.1."""

from __future__ import annotations

from fake_erp.erpnext.business import totals
from fake_erp.erpnext.business.exchange import fill_currencies
from fake_erp.erpnext.business.item_taxes import add_template_taxes, fill_item_tax
from fake_erp.erpnext.business.masters import COMPANY, COST_CENTER, PRICE_LIST, WAREHOUSE
from fake_erp.erpnext.business.pricing import fill_price
from fake_erp.erpnext.business.stock import bin_of
from fake_erp.erpnext.errors import throw
from fake_erp.erpnext.framework.controller import Controller
from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import ONE, ZERO, german_date, is_date
from harness.kit.records import Record


class SellingController(Controller):
    """Shared by the four selling documents; each adds its own rules in `own_rules`, after the totals' inputs are complete."""

    date_field = "transaction_date"
    is_posting = False

    def validate(self, site: Site, doc: Doc, old: Doc | None) -> None:
        if self.is_posting and not doc["set_posting_time"]:
            doc["posting_date"], doc["posting_time"] = site.time.today(), site.time.now()
        self.check_fiscal_year(site, doc)
        customer = self.fill_header(site, doc)
        for row in doc["items"]:
            self.fill_row(site, doc, row)
        add_template_taxes(site, doc)
        for tax in doc["taxes"]:
            tax["cost_center"] = tax.get("cost_center") or COST_CENTER
            tax["account_currency"] = tax.get("account_currency") or doc.get("currency")
        self.before_totals(site, doc, old)
        totals.compute(site, doc)
        if customer is not None:
            check_party(customer)
        self.own_rules(site, doc, old)

    def before_totals(self, site: Site, doc: Doc, old: Doc | None) -> None: ...

    def own_rules(self, site: Site, doc: Doc, old: Doc | None) -> None: ...

    def check_fiscal_year(self, site: Site, doc: Doc) -> None:
        day = doc.get(self.date_field) or ""
        if day and not is_date(day):
            raise throw(f"<strong>{day}</strong> is not a valid date string.", title="Invalid Date")
        if day and site.store.get("Fiscal Year", day[:4]) is None:
            company = doc.get("company") or COMPANY
            text = f"Date {german_date(day)} is not in any active Fiscal Year for <strong>{company}</strong>"
            raise throw(text, "FiscalYearError")

    def party_of(self, doc: Doc) -> str | None:
        return doc.get("customer")

    def fill_header(self, site: Site, doc: Doc) -> Record | None:
        """Company, currency, price list and what is known of the customer. Returns the customer, if there is one."""
        get = doc.get
        doc["company"] = get("company") or COMPANY
        party = self.party_of(doc)
        customer = site.store.get("Customer", party) if party else None
        known = customer.fields if customer is not None else {}
        if customer is not None:
            doc["customer_name"] = known.get("customer_name")
            for name in ("customer_group", "territory", "language"):
                doc[name] = get(name) or known.get(name)
            doc["language"] = doc["language"] or "en"
            doc["customer_address"] = get("customer_address") or known.get("customer_primary_address")
            doc["contact_person"] = get("contact_person") or known.get("customer_primary_contact")
        doc["selling_price_list"] = get("selling_price_list") or known.get("default_price_list") or PRICE_LIST
        fill_currencies(site, doc, known.get("default_currency"), get(self.date_field) or site.time.today())
        if get("title") == "{customer_name}" and doc["doctype"] != "Sales Order":
            doc["title"] = doc.get("customer_name")
        return customer

    def fill_row(self, site: Site, doc: Doc, row: Doc) -> None:
        """What a row takes from its item, price list, warehouse and bin; and the checks of a single row."""
        item = site.store.get("Item", row.get("item_code") or "")
        if item is None:
            row["uom"], row["conversion_factor"] = row.get("uom") or "Nos", row["conversion_factor"] or ONE
            return
        day = doc.get(self.date_field) or site.time.today()
        fill_from_item(site, doc, row, item.fields, day)
        fill_price(site, doc, row, self.party_of(doc), day)
        check_quantity(site, row)


def fill_from_item(site: Site, doc: Doc, row: Doc, known: Doc, day: str) -> None:
    """What a row takes from its item, warehouse and bin, but for its price. Raises Refused for an item that cannot be sold."""
    check_item(site, known)
    get = row.get
    row["item_name"] = get("item_name") or known.get("item_name")
    row["description"] = get("description") or known.get("description")
    row["item_group"], row["stock_uom"] = known.get("item_group"), known.get("stock_uom")
    row["uom"] = uom = get("uom") or known.get("sales_uom") or known["stock_uom"]
    row["conversion_factor"] = row["conversion_factor"] or conversion_factor(known, uom)
    if "warehouse" in row:
        row["warehouse"] = get("warehouse") or doc.get("set_warehouse") or default_of(known, "default_warehouse") or WAREHOUSE
    if "cost_center" in row:
        row["cost_center"] = get("cost_center") or default_of(known, "selling_cost_center") or COST_CENTER
    if known.get("weight_per_unit"):
        row["weight_per_unit"] = get("weight_per_unit") or known["weight_per_unit"]
        row["weight_uom"] = get("weight_uom") or known.get("weight_uom")
    fill_item_tax(site, doc, row, known, day)
    stock = bin_of(site, known["item_code"], get("warehouse") or "")
    row["actual_qty"] = stock.fields["actual_qty"] if stock is not None else ZERO
    if "projected_qty" in row:
        row["projected_qty"] = stock.fields["projected_qty"] if stock is not None else ZERO


def default_of(item: Doc, fieldname: str) -> str | None:
    for row in item.get("item_defaults") or ():
        if row.get("company") == COMPANY and row.get(fieldname):
            return str(row[fieldname])
    return None


def conversion_factor(item: Doc, uom: str) -> object:
    """Units of stock in one of `uom`; 1 where the item does not say."""
    for row in item.get("uoms") or ():
        if row.get("uom") == uom:
            return row.get("conversion_factor") or ONE
    return ONE


def check_quantity(site: Site, row: Doc) -> None:
    qty = row["qty"]
    if not qty:
        text = f"Row #{row['idx']}: Quantity for Item <strong>{row['item_code']}</strong> cannot be zero."
        raise throw(text, "InvalidQtyError", "Invalid Quantity")
    if qty % 1 and site.value("UOM", row["uom"], "must_be_whole_number"):
        text = (
            f"Row {row['idx']}: Quantity ({qty}) cannot be a fraction. To allow this, disable "
            f"'<strong>Must be Whole Number</strong>' in UOM <strong>{row['uom']}</strong>."
        )
        raise throw(text, "UOMMustBeIntegerError")


def check_item(site: Site, item: Doc) -> None:
    code = item["item_code"]
    if item["disabled"]:
        raise throw(f"Item {code} is disabled")
    end = item.get("end_of_life")
    if end and end < site.time.today():
        raise throw(f"Item {code} has reached its end of life on {german_date(end)}")
    if item["has_variants"]:
        raise throw(f"Item {code} is a template, please select one of its variants", title="Template Item Selected")


def check_party(customer: Record) -> None:
    if customer.fields["disabled"]:
        raise throw(f"Customer {customer.id} is disabled", "PartyDisabled")
    if customer.fields["is_frozen"]:
        raise throw(f"Customer {customer.id} is frozen", "PartyFrozen")


def check_rates(doc: Doc) -> None:
    """At submit only."""
    for row in doc["items"]:
        if row["rate"] < 0:
            raise throw(
                f"For item <strong>{row['item_code']}</strong>, rate must be a positive number. To Allow negative rates, enable "
                "<strong>`Allow Negative rates for Items`</strong> in <a href='/app/selling-settings'>Selling Settings</a>"
            )
