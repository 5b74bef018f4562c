"""Currencies of a selling document: exchange rates, and the currency its price list is in. Source: facts 4.3, 4.9 step 3, 10.1."""

from __future__ import annotations

from decimal import Decimal

from fake_erp.erpnext.errors import throw
from fake_erp.erpnext.framework.controller import Controller
from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import ONE, ZERO


class CurrencyExchangeController(Controller):
    """One exchange rate from a day on. Its name and its texts are our guess: `2026-02-03-USD-EUR`."""

    def autoname(self, site: Site, doc: Doc) -> str | None:
        parts = [doc.get("date"), doc.get("from_currency"), doc.get("to_currency")]
        if doc["for_buying"] != doc["for_selling"]:
            parts.append("Selling" if doc["for_selling"] else "Buying")
        return "-".join(str(part or "") for part in parts)

    def validate(self, site: Site, doc: Doc, old: Doc | None) -> None:
        if doc["exchange_rate"] <= 0:
            raise throw("Incorrect value:Exchange Rate must be > 0")
        if doc.get("from_currency") == doc.get("to_currency"):
            raise throw("From Currency and To Currency cannot be same")
        if not doc["for_buying"] and not doc["for_selling"]:
            raise throw("Currency Exchange must be applicable for Buying or for Selling.")


def exchange_rate(site: Site, source: str, target: str, day: str) -> Decimal:
    """What one unit of `source` is in `target` for sales on a day; 0 when the site does not know.

    The vendor asks a public service when it has no document; a fake has no such service.
    """
    if source == target:
        return ONE
    best, rate = "", ZERO
    for record in site.store.where("Currency Exchange", "from_currency", source):
        fields = record.fields
        date = fields.get("date") or ""
        if fields["to_currency"] == target and fields["for_selling"] and best <= date <= day:
            best, rate = date, fields["exchange_rate"]
    return rate


def fill_currencies(site: Site, doc: Doc, preferred: str | None, day: str) -> None:
    """Currency, exchange rate, and those of the price list. Raises Refused for a foreign currency without a rate."""
    base = site.value("Company", doc["company"], "default_currency") or "EUR"
    doc["currency"] = currency = doc.get("currency") or preferred or base
    if currency == base:
        doc["conversion_rate"] = ONE
    elif not doc["conversion_rate"]:
        doc["conversion_rate"] = exchange_rate(site, currency, base, day)
        if not doc["conversion_rate"]:
            raise throw(f"Exchange Rate is mandatory. Maybe Currency Exchange record is not created for {currency} to {base}.")
    listed = doc["price_list_currency"] = site.value("Price List", doc["selling_price_list"], "currency") or currency
    if listed == base:
        doc["plc_conversion_rate"] = ONE
    elif not doc["plc_conversion_rate"]:
        known = exchange_rate(site, listed, base, day)
        doc["plc_conversion_rate"] = known or (doc["conversion_rate"] if listed == currency else ZERO)


def in_document_currency(site: Site, doc: Doc, price: Decimal) -> Decimal:
    """A price of the price list in the currency of the document."""
    plc, conversion = doc["plc_conversion_rate"], doc["conversion_rate"]
    return price if plc == conversion else site.rounding.money(site.rounding.ratio(price * plc, conversion))
