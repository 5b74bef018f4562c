"""Customer, Address and Contact: duplicates are renamed, never refused; contact data makes documents of its own.

Source: facts 3.4, 4.1, P1, P40, P41.
"""

from __future__ import annotations

from typing import Any

from fake_erp.erpnext.business.credit import check_new_limits
from fake_erp.erpnext.errors import notice, throw
from fake_erp.erpnext.framework.controller import Controller
from fake_erp.erpnext.framework.documents import SENT, delete, insert
from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.naming import name_by_series
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import ZERO, fold


class CustomerController(Controller):
    def autoname(self, site: Site, doc: Doc) -> str | None:
        """The customer's name; a second one becomes `<name> - 1` and the reply says so [P1]. Or a number, as the setting says."""
        if site.settings.cust_master_name != "Customer Name":
            return name_by_series(site, site.doctypes["Customer"], doc)
        name = str(doc.get("customer_name") or "").strip()
        if not name:
            return site.random_name()  # the check of mandatory fields will refuse it
        doc["naming_series"] = doc.get("naming_series") or "CUST-.YYYY.-"
        if site.find("Customer", name) is None:
            return name
        new = f"{name} - {_highest_suffix(site, name) + 1}"
        site.notices.append(notice(f"Changed customer name to '{new}' as '{name}' already exists.", "Note", "yellow"))
        return new

    def validate(self, site: Site, doc: Doc, old: Doc | None) -> None:
        doc["language"] = doc.get("language") or "en"
        group = doc.get("customer_group")
        if group and site.value("Customer Group", group, "is_group"):
            text = "Cannot select a Group type Customer Group. Please select a non-group Customer Group."
            raise throw(text, title="Invalid Customer Group")
        if old is not None and doc["credit_limits"]:
            check_new_limits(site, doc)

    def on_update(self, site: Site, doc: Doc) -> None:
        if site.find("Customer Group", doc["name"]) is not None:
            text = "A Customer Group exists with same name please change the Customer name or rename the Customer Group"
            raise throw(text, "NameError", status=409)
        if not doc.get("customer_primary_contact") and (doc.get("email_id") or doc.get("mobile_no")):
            _make_contact(site, doc)

    def on_trash(self, site: Site, doc: Doc) -> None:
        """Contacts and addresses that belong to this customer only go with it. Source: the vendor's public source."""
        name = doc["name"]
        site.store.update("Customer", name, {"customer_primary_contact": None, "customer_primary_address": None}, touch=False)
        for kind in ("Contact", "Address"):
            for record in site.references.holders(kind, "link_name", name):
                links = {(row.get("link_doctype"), row.get("link_name")) for row in record.fields["links"]}
                if links == {("Customer", name)}:
                    delete(site, kind, record.id)

    def after_rename(self, site: Site, old: str, new: str, merge: bool) -> None:
        if site.settings.cust_master_name == "Customer Name":
            site.set_values(site.fetch("Customer", new), {"customer_name": new})

    def after_insert(self, site: Site, doc: Doc) -> None:
        """An address given with a new customer becomes a document of its own."""
        sent = doc.get(SENT) or {}
        if not sent.get("address_line1"):
            return
        missing = [f"<li>{name.title()}</li>" for name in ("city", "country") if not sent.get(name)]
        if missing:
            text = f"Following fields are mandatory to create address: <br><br> <ul>{chr(10).join(missing)}</ul>"
            raise throw(text, title="Missing Values Required")
        columns = ("address_line1", "address_line2", "city", "state", "pincode", "country")
        values = {name: sent[name] for name in columns if sent.get(name)}
        values |= {"address_title": doc["customer_name"], "is_primary_address": 1, "is_shipping_address": 1}
        values["links"] = [{"link_doctype": "Customer", "link_name": doc["name"]}]
        address = insert(site, "Address", values)
        lines = ("address_line1", "address_line2", "city", "state", "pincode", "country")
        text = "".join(f"{address[line]}<br>" for line in lines if address.get(line))
        _set(site, doc, {"customer_primary_address": address["name"], "primary_address": text})


def _make_contact(site: Site, doc: Doc) -> None:
    """Contact data given with a customer becomes its primary contact [P41]."""
    values: dict[str, Any] = {"first_name": doc.get("first_name") or doc["customer_name"], "last_name": doc.get("last_name")}
    values["is_primary_contact"] = 1
    values["links"] = [{"link_doctype": "Customer", "link_name": doc["name"]}]
    if doc.get("email_id"):
        values["email_ids"] = [{"email_id": doc["email_id"], "is_primary": 1}]
    if doc.get("mobile_no"):
        values["phone_nos"] = [{"phone": doc["mobile_no"], "is_primary_mobile_no": 1}]
    _set(site, doc, {"customer_primary_contact": insert(site, "Contact", values)["name"]})


def _set(site: Site, doc: Doc, values: Doc) -> None:
    """Written past the save in hand, with a `modified` of its own, as the vendor's `db_set`: held copies are stale at once."""
    record = site.fetch(doc["doctype"], doc["name"])
    site.set_values(record, values)
    doc.update(values)
    doc["modified"] = record.fields["modified"]


def _highest_suffix(site: Site, name: str) -> int:
    """The number of the last of `<name> - 1`, `<name> - 2`, holes and all; 0 without any."""
    start, numbers = fold(f"{name} - "), [0]
    for record in site.store.all("Customer"):
        head, _, number = record.id.rpartition(" ")
        if number.isdecimal() and fold(f"{head} ").endswith(start):
            numbers.append(int(number))
    return max(numbers)


def _linked(doc: Doc) -> list[Doc]:
    """The links, each once, in order."""
    seen: dict[tuple[Any, Any], Doc] = {}
    for row in doc["links"]:
        seen.setdefault((row.get("link_doctype"), row.get("link_name")), row)
    return list(seen.values())


def _first_link(doc: Doc) -> str | None:
    return next((row["link_name"] for row in doc["links"] if row.get("link_name")), None)


def _free_name(site: Site, doctype: str, name: str) -> str:
    """`name`, or the first of `name-1`, `name-2` that is free."""
    candidate, number = name, 0
    while site.find(doctype, candidate) is not None:
        number += 1
        candidate = f"{name}-{number}"
    return candidate


def _title_links(site: Site, doc: Doc) -> None:
    doc["links"] = _linked(doc)
    for row in doc["links"]:
        if row.get("link_doctype") == "Customer":
            row["link_title"] = site.value("Customer", row.get("link_name"), "customer_name")


class AddressController(Controller):
    def autoname(self, site: Site, doc: Doc) -> str | None:
        title = doc.get("address_title") or _first_link(doc)
        if not title:
            raise throw("Address Title is mandatory.")
        doc["address_title"] = title
        return _free_name(site, "Address", f"{title}-{doc.get('address_type') or 'Billing'}")

    def validate(self, site: Site, doc: Doc, old: Doc | None) -> None:
        _title_links(site, doc)


class ContactController(Controller):
    def autoname(self, site: Site, doc: Doc) -> str | None:
        name = (
            _full_name(doc) or next((row["email_id"] for row in doc["email_ids"] if row.get("email_id")), "") or site.random_name()
        )
        link = _first_link(doc)
        return _free_name(site, "Contact", f"{name}-{link}" if link else name)

    def validate(self, site: Site, doc: Doc, old: Doc | None) -> None:
        """Header mail and phone come from the tables; what the client wrote there is lost [P40]."""
        _title_links(site, doc)
        doc["full_name"] = _full_name(doc)
        doc["email_id"] = _primary(doc, "email_ids", "email_id", "is_primary", "Email ID")
        doc["phone"] = _primary(doc, "phone_nos", "phone", "is_primary_phone", "Primary Phone")
        doc["mobile_no"] = _primary(doc, "phone_nos", "phone", "is_primary_mobile_no", "Primary Mobile No.")


def _full_name(doc: Doc) -> str:
    return " ".join(str(doc[part]).strip() for part in ("first_name", "middle_name", "last_name") if doc.get(part))


def _primary(doc: Doc, table: str, column: str, flag: str, label: str) -> str:
    rows = doc[table]
    chosen = [row for row in rows if row[flag]]
    if len(chosen) > 1:
        raise throw(f"Only one <strong>{label}</strong> can be set as primary.")
    if not chosen and len(rows) == 1 and column == "email_id":
        rows[0][flag] = 1
        chosen = rows
    return str(chosen[0].get(column) or "").strip() if chosen else ""


STOCK_UOM = "Nos"  # the site's default since the setup wizard; facts 0


class ItemController(Controller):
    def autoname(self, site: Site, doc: Doc) -> str | None:
        """The item's code, or a number that becomes its code, as the setting says."""
        if site.settings.item_naming_by == "Naming Series":
            doc["item_code"] = name_by_series(site, site.doctypes["Item"], doc)
        return doc.get("item_code")

    def before_rename(self, site: Site, old: str, new: str, merge: bool) -> None:
        """Merging is for items nothing was ever moved of: stock figures are not added up here."""
        if merge and site.store.where("Bin", "item_code", old):
            raise throw("Merging items with stock: Not supported by fake")
        record = site.fetch("Item", old)
        if not merge and record.fields.get("item_name") == old:
            site.set_values(record, {"item_name": new})

    def on_trash(self, site: Site, doc: Doc) -> None:
        """Prices and stock figures go with their item. Source: the vendor's public source."""
        for kind in ("Item Price", "Bin"):
            for record in site.store.where(kind, "item_code", doc["name"]):
                site.store.delete(kind, record.id)

    def before_insert(self, site: Site, doc: Doc) -> None:
        if doc.get("item_code"):
            doc["item_code"] = str(doc["item_code"]).strip()
        doc["stock_uom"] = doc.get("stock_uom") or STOCK_UOM

    def validate(self, site: Site, doc: Doc, old: Doc | None) -> None:
        doc["item_name"] = doc.get("item_name") or doc.get("item_code")
        doc["description"] = doc.get("description") or doc["item_name"]
        unit = doc.get("stock_uom")
        if unit and not any(fold(row.get("uom")) == fold(unit) for row in doc["uoms"]):
            row = {
                **site.meta("UOM Conversion Detail").blank,
                "doctype": "UOM Conversion Detail",
                "uom": unit,
                "conversion_factor": ZERO + 1,
            }
            doc["uoms"] = [*doc["uoms"], {**row, "idx": len(doc["uoms"]) + 1}]

    def after_insert(self, site: Site, doc: Doc) -> None:
        """A standard rate becomes a price in the selling list, an opening stock a stock entry."""
        if doc["standard_rate"]:
            values = {"item_code": doc["name"], "price_list": "Standard Selling", "price_list_rate": doc["standard_rate"]}
            insert(site, "Item Price", values)
        if doc["opening_stock"] and doc["valuation_rate"]:
            row = {
                "item_code": doc["name"],
                "qty": doc["opening_stock"],
                "t_warehouse": "Stores - ACM",
                "basic_rate": doc["valuation_rate"],
            }
            insert(site, "Stock Entry", {"stock_entry_type": "Material Receipt", "docstatus": 1, "items": [row]})
