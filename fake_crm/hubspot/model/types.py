"""Object types: their names and ids in paths, what a read returns unasked, and what a create needs.

Source: facts sections 5.1 (ids and names), 5.2 (default properties), 5.3 (required on create), 8.2 (searchable by `query`).
"""

from __future__ import annotations

from dataclasses import dataclass

from fake_crm.hubspot.errors import HubSpotError, not_modelled


@dataclass(frozen=True, slots=True)
class ObjectType:
    """One modelled type. `plural` is also the store's kind; `defaults` is sorted, as the vendor's samples are."""

    type_id: str
    plural: str
    singular: str
    label: str  # in error texts and association types: `DEAL`, `LINE_ITEM`
    links_key: str  # in `associations` of a read: line items come back with a space
    modified: str
    defaults: tuple[str, ...]
    required: tuple[str, ...] = ()
    searchable: tuple[str, ...] = ()

    @property
    def system(self) -> tuple[str, str, str]:
        """Always part of a read, whatever was asked."""
        return ("createdate", "hs_object_id", self.modified)


CONTACTS = ObjectType(
    "0-1", "contacts", "contact", "CONTACT", "contacts", "lastmodifieddate",
    ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
    searchable=("firstname", "lastname", "email", "phone", "hs_additional_emails", "fax", "mobilephone", "company"),
)  # fmt: skip
COMPANIES = ObjectType(
    "0-2", "companies", "company", "COMPANY", "companies", "hs_lastmodifieddate",
    ("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"),
    searchable=("website", "phone", "name", "domain"),
)  # fmt: skip
DEALS = ObjectType(
    "0-3", "deals", "deal", "DEAL", "deals", "hs_lastmodifieddate",
    ("amount", "closedate", "createdate", "dealname", "dealstage", "hs_lastmodifieddate", "hs_object_id", "pipeline"),
    searchable=("dealname", "pipeline", "dealstage", "description", "dealtype"),
)  # fmt: skip
PRODUCTS = ObjectType(
    "0-7", "products", "product", "PRODUCT", "products", "hs_lastmodifieddate",
    ("createdate", "description", "hs_lastmodifieddate", "hs_object_id", "name", "price"),
    required=("name",),
    searchable=("name", "description", "price", "hs_sku"),
)  # fmt: skip
LINE_ITEMS = ObjectType(
    "0-8", "line_items", "line_item", "LINE_ITEM", "line items", "hs_lastmodifieddate",
    ("amount", "createdate", "hs_lastmodifieddate", "hs_object_id", "price", "quantity"),
)  # fmt: skip

MODELLED = (CONTACTS, COMPANIES, DEALS, PRODUCTS, LINE_ITEMS)
BY_KIND = {kind.plural: kind for kind in MODELLED}
BY_TYPE_ID = {kind.type_id: kind for kind in MODELLED}
_BY_NAME = {name: kind for kind in MODELLED for name in (kind.plural, kind.singular, kind.type_id)}

_NOT_MODELLED = {
    "0-5": ("tickets", "ticket"),
    "0-14": ("quotes", "quote"),
    "0-18": ("communications", "communication"),
    "0-19": ("feedback_submissions", "feedback_submission"),
    "0-27": ("tasks", "task"),
    "0-46": ("notes", "note"),
    "0-47": ("meetings", "meeting"),
    "0-48": ("calls", "call"),
    "0-49": ("emails", "email"),
    "0-53": ("invoices", "invoice"),
    "0-54": ("marketing_events", "marketing_event"),
    "0-64": ("quote_templates", "quote_template"),
    "0-69": ("subscriptions", "subscription"),
    "0-74": ("goal_targets", "goal_target"),
    "0-84": ("discounts", "discount"),
    "0-85": ("fees", "fee"),
    "0-86": ("taxes", "tax"),
    "0-101": ("commerce_payments", "commerce_payment"),
    "0-115": ("users", "user"),
    "0-116": ("postal_mail", "postal_mails"),
    "0-123": ("orders", "order"),
    "0-136": ("leads", "lead"),
    "0-142": ("carts", "cart"),
    "0-162": ("services", "service"),
    "0-410": ("courses", "course"),
    "0-420": ("listings", "listing"),
    "0-421": ("appointments", "appointment"),
    "0-970": ("projects", "project"),
}
_KNOWN = {name: f"{names[0]} ({type_id})" for type_id, names in _NOT_MODELLED.items() for name in (type_id, *names)}


def resolve(name: str) -> ObjectType:
    """The type a path segment names, singular or plural or id, in any case. Raises HubSpotError: 400 unknown, 501 not modelled."""
    found = _BY_NAME.get(name)
    if found is not None:
        return found
    lowered = name.lower()
    found = _BY_NAME.get(lowered)
    if found is not None:
        return found
    if lowered in _KNOWN:
        raise not_modelled(f"the object type {_KNOWN[lowered]}")
    group, dash, number = name.partition("-")
    if dash and group.isdigit() and number.isdigit():
        raise HubSpotError(400, f"Invalid object or event type id: {name}")
    raise HubSpotError(400, f"Unable to infer object type from: {name}")


def names_of(name: str) -> ObjectType | None:
    """Like `resolve`, but None instead of an error: for naming operations."""
    return _BY_NAME.get(name) or _BY_NAME.get(name.lower())
