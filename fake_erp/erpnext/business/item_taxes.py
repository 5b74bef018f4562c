"""Taxes that documents take from elsewhere: an item's own rates, and the rows of a template. Source: facts 4.9 step 6, P16.

An Item Tax Template changes the rate of tax rows that are there; it adds none (our guess). What a client writes into
`item_tax_rate` is lost, as the vendor recomputes that field from the template on every save (our guess).
"""

from __future__ import annotations

from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import encode

_TAKEN = ("charge_type", "row_id", "account_head", "description", "included_in_print_rate", "cost_center", "rate", "tax_amount")


def fill_item_tax(site: Site, doc: Doc, row: Doc, item: Doc, day: str) -> None:
    """The template of the row, else the item's for the day; and the rates it has by account."""
    if doc.get("is_return") and doc.get("return_against"):
        return
    template = row.get("item_tax_template") or _template_of(item, doc.get("tax_category") or "", day)
    row["item_tax_template"], row["item_tax_rate"] = template, "{}"
    record = site.store.get("Item Tax Template", template) if template else None
    if record is not None:
        row["item_tax_rate"] = encode({line["tax_type"]: line["tax_rate"] for line in record.fields["taxes"]}).decode()


def _template_of(item: Doc, category: str, day: str) -> str | None:
    """Of the item's templates for the document's tax category, the one that began last."""
    best, found = "", None
    for line in item.get("taxes") or ():
        start = line.get("valid_from") or ""
        if (line.get("tax_category") or "") == category and start <= day and (found is None or start > best):
            best, found = start, line["item_tax_template"]
    return found


def add_template_taxes(site: Site, doc: Doc) -> None:
    """The rows of `taxes_and_charges`, where the site is set up to add them; by default the name adds nothing [P16]."""
    name = doc.get("taxes_and_charges")
    if not name or doc["taxes"] or not site.settings.add_taxes_from_taxes_and_charges_template:
        return
    template = site.store.get("Sales Taxes and Charges Template", name)
    blank = site.meta("Sales Taxes and Charges").blank
    for number, line in enumerate(template.fields["taxes"] if template is not None else (), start=1):
        taken = {key: line[key] for key in _TAKEN if key in line}
        doc["taxes"].append({"doctype": "Sales Taxes and Charges", **blank, **taken, "idx": number, "parentfield": "taxes"})
