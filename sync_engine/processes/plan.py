"""Decisions, without I/O: (dictionary, what the two systems say, link) → what to do, or a Problem for a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sync_engine.dictionary import Dictionary, Entity, FieldMap
from sync_engine.mapping.values import (
    NUMBERS,
    ZERO,
    carried,
    counterparts,
    delivery_date,
    number,
    number_text,
    same,
    written_by_engine,
)
from sync_engine.outcomes import Problem
from sync_engine.vendors.hubspot import CrmRecord

CENT = Decimal("0.01")


def is_wanted(entity: Entity, record: CrmRecord) -> bool:
    """Whether the CRM record is to have a counterpart."""
    return all(record.get(name) == value for name, value in entity.when.items())


def check_deal(dictionary: Dictionary, deal: CrmRecord, lines: Sequence[CrmRecord]) -> Problem | None:
    """Why no order can be made of a deal as it is, or None."""
    entity = dictionary.entity("order")
    record = f"crm {entity.crm.kind} {deal.id}"
    if primary(deal, dictionary.entity("customer").crm.kind) is None:
        return Problem(
            record,
            "The deal has no company, so the ERP has no customer to write the order for.",
            "Associate the deal with its company.",
        )
    return _check_currency(dictionary, entity, deal) or check_money(entity, deal, lines)


def _check_currency(dictionary: Dictionary, entity: Entity, deal: CrmRecord) -> Problem | None:
    """A number means nothing without its currency. A deal that states none is in the account's own."""
    name = entity.currency_fields.get("crm")
    stated = deal.get(name).strip().upper() if name is not None else ""
    if stated in ("", dictionary.currency.upper()):
        return None
    return Problem(
        f"crm {entity.crm.kind} {deal.id}",
        f"The deal is in {stated}, but orders are written in {dictionary.currency}.",
        f"State the deal in {dictionary.currency}, or enter its order in the ERP by hand.",
    )


def agrees(entity: Entity, shadow: Mapping[str, str] | None, record: CrmRecord) -> bool:
    """Whether the record still shows what was last written to it."""
    if shadow is None:
        return False
    return all(record.get(name) == value for name, value in shadow.items()) or not differing(
        entity, "erp", record.properties, shadow
    )


def primary(deal: CrmRecord, kind: str) -> str | None:
    """The primary associated record: the row whose type has no `_unlabeled`; else the first."""
    rows = deal.related.get(kind, ())
    for id, association in rows:
        if association and not association.endswith("_unlabeled"):
            return id
    return rows[0][0] if rows else None


def check_money(entity: Entity, deal: CrmRecord, lines: Sequence[CrmRecord]) -> Problem | None:
    """No order with wrong money: the deal's amount must be the sum of its lines, and the ERP must be able to hold each price."""
    record = f"crm {entity.crm.kind} {deal.id}"
    if not lines:
        return Problem(record, "The deal has no line items, so there is nothing to order.", "Add the products that were sold.")
    try:
        total, fine = ZERO, False
        for line in lines:
            quantity, price = number(line.get("quantity")) or ZERO, number(line.get("price")) or ZERO
            total += quantity * price
            fine = fine or price != price.quantize(CENT)
        amount = number(deal.get(entity.field("Value").crm.field)) if _has_value(entity) else total
    except ValueError as error:
        return Problem(record, f"A line item or the deal's amount cannot be read: {error}.", "Correct the number in the CRM.")
    if amount is None or amount != total:
        shown = number_text(amount) if amount is not None else "empty"
        cause = f"The deal's amount is {shown}, but its line items add up to {number_text(total)}."
        return Problem(record, cause, "Correct the amount or the line items; the order is created once they agree.")
    if fine:
        return Problem(
            record, "A unit price has fractions of a cent, which the ERP cannot hold.", "Round the price, or sell in larger units."
        )
    return None


def _has_value(entity: Entity) -> bool:
    return any(field.name == "Value" for field in entity.fields)


def customer_doc(dictionary: Dictionary, company: CrmRecord) -> dict[str, Any]:
    entity, settings = dictionary.entity("customer"), dictionary.settings
    doc: dict[str, Any] = {**entity.erp.constants, entity.erp.link_field: company.id}
    for name in ("customer_group", "territory"):
        if settings.get(name):
            doc[name] = settings[name]
    doc.update(owned_by_crm(entity, company, creating=True))
    return {name: value for name, value in doc.items() if value != ""}


def owned_by_crm(entity: Entity, record: CrmRecord, *, creating: bool = False) -> dict[str, str]:
    """The ERP fields that the CRM owns, as they should be."""
    return counterparts(written_by_engine(entity, "crm", creating=creating), record.properties)


def differing(entity: Entity, owner: str, current: Mapping[str, Any], wanted: Mapping[str, str]) -> dict[str, str]:
    """The part of `wanted` that the other system does not show yet."""
    fields: dict[str, FieldMap] = {
        field.target().field: field for field in entity.fields if field.owner == owner and not field.derived
    }
    return {name: value for name, value in wanted.items() if not _equal(fields.get(name), current.get(name), value)}


def _equal(field: FieldMap | None, left: Any, right: str) -> bool:
    return same(field, left, right) if field is not None else (left or "") == right


def order_doc(dictionary: Dictionary, deal: CrmRecord, lines: Iterable[CrmRecord], customer: str, today: date) -> dict[str, Any]:
    """The whole order, submitted on insert: one transaction, so that it exists completely or not at all."""
    entity, settings = dictionary.entity("order"), dictionary.settings
    due = delivery_date(deal.properties.get("closedate"), today, int(settings.get("delivery_days", 7)))
    doc: dict[str, Any] = {**entity.erp.constants, entity.erp.link_field: deal.id, "docstatus": 1}
    doc[entity.belongs_to.get("customer", "customer")] = customer
    doc["delivery_date"] = due.isoformat()
    for name, setting in (("company", "company"), ("set_warehouse", "warehouse"), ("selling_price_list", "price_list")):
        if settings.get(setting):
            doc[name] = settings[setting]
    doc["currency"] = dictionary.currency
    doc.update({name: value for name, value in owned_by_crm(entity, deal, creating=True).items() if value != ""})
    assert entity.lines is not None
    doc[entity.lines.erp_table] = order_rows(dictionary, lines)
    doc["taxes"] = [dict(row) for row in settings.get("taxes", ())]
    return doc


def order_rows(dictionary: Dictionary, lines: Iterable[CrmRecord]) -> list[dict[str, Any]]:
    """The positions of an order, in the order of the deal's."""
    return [_line(dictionary.entity("order"), line, dictionary.settings.get("warehouse")) for line in lines]


def _line(entity: Entity, line: CrmRecord, warehouse: str | None) -> dict[str, Any]:
    assert entity.lines is not None
    row: dict[str, Any] = {}
    for field in entity.lines.fields:
        value = carried(field, line.properties.get(field.crm.field), line.properties)
        row[field.erp.field] = (number(value) or ZERO) if field.erp.type in NUMBERS else value
    if warehouse:
        row["warehouse"] = warehouse
    return row


def address_doc(dictionary: Dictionary, company: CrmRecord, customer: str, link_field: str) -> dict[str, Any] | None:
    """The billing address, or None while street, city or country is missing: the ERP refuses half an address."""
    street, city, country = company.get("address").strip(), company.get("city").strip(), company.get("country").strip()
    if not (street and city and country):
        return None
    title = carried(dictionary.entity("customer").fields[0], company.get("name")) or customer
    doc = {"address_title": title[:100], "address_type": "Billing", "address_line1": street, "city": city, "country": country}
    if company.get("zip").strip():
        doc["pincode"] = company.get("zip").strip()
    return {**doc, link_field: company.id, "links": [{"link_doctype": "Customer", "link_name": customer}]}


def contact_doc(contact: CrmRecord, customer: str, link_field: str) -> dict[str, Any]:
    """E-mail and phone go into the child tables: on the header the ERP would wipe them."""
    email, phone = contact.get("email").strip(), contact.get("phone").strip()
    first, last = contact.get("firstname").strip(), contact.get("lastname").strip()
    doc: dict[str, Any] = {"first_name": first or last or email or contact.id, link_field: contact.id}
    if first and last:
        doc["last_name"] = last
    if email:
        doc["email_ids"] = [{"email_id": email, "is_primary": 1}]
    if phone:
        doc["phone_nos"] = [{"phone": phone, "is_primary_mobile_no": 1}]
    return {**doc, "links": [{"link_doctype": "Customer", "link_name": customer}]}


def progress_values(entity: Entity, order: Mapping[str, Any], related: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, str]:
    """What the CRM should show of an order: the link and all the ERP owns. `related`: name → submitted documents of this order."""
    fields = written_by_engine(entity, "erp", creating=True)
    return {entity.crm.link_field: str(order["name"]), **counterparts(fields, order, related)}


def is_news(entity: Entity, order: Mapping[str, Any], shadow: Mapping[str, str] | None) -> bool:
    """Whether an order's own fields say anything the CRM was not told. Sums over other documents have their own poll."""
    if shadow is None:
        return True
    own = [field for field in written_by_engine(entity, "erp", creating=True) if field.source().of is None]
    return bool(differing(entity, "erp", shadow, counterparts(own, order)))


def total_differs(entity: Entity, deal: CrmRecord, order: Mapping[str, Any]) -> str | None:
    """Why the order is not worth what was sold, in words; None if the two agree to the cent."""
    for field in entity.fields:
        if field.derived and field.owner == "crm" and field.erp.field in order:
            ours, theirs = number(deal.properties.get(field.crm.field)), number(order[field.erp.field])
            if ours != theirs:
                return f"The ERP's order {order.get('name')} is worth {theirs}, but the deal says {ours}."
    return None
