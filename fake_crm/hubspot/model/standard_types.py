"""The vendor's own object types: ids, names, what a read returns unasked, what a creation needs, what `query` looks at.

Source: facts sections 5.1 (ids and names), 5.2 (default properties), 5.3 (required on create), 8.2 (searchable by `query`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class ObjectType:
    """One modelled type. `plural` is also the store's kind; `defaults` is sorted, as the vendor's samples are."""

    type_id: str
    plural: str
    singular: str
    label: str  # in error texts and association types: `DEAL`, `LINE_ITEM`; a custom object's own name
    links_key: str  # in `associations` of a read: line items come back with a space
    modified: str
    defaults: tuple[str, ...]
    required: tuple[str, ...] = ()
    searchable: tuple[str, ...] = ()
    created: str = "createdate"
    pipeline: tuple[str, str] | None = None  # the properties that hold pipeline and stage

    @property
    def system(self) -> tuple[str, str, str]:
        """Always part of a read, whatever was asked."""
        return (self.created, "hs_object_id", self.modified)

    @property
    def is_custom(self) -> bool:
        return self.type_id.startswith("2-")


_COMMERCE_DEFAULTS = ("hs_createdate", "hs_lastmodifieddate", "hs_object_id")


def _commerce(type_id: str, plural: str, singular: str, label: str, required: tuple[str, ...] = ()) -> ObjectType:
    """The younger types: an object create date instead of a create date, nothing searchable."""
    return ObjectType(
        type_id,
        plural,
        singular,
        label,
        plural.replace("_", " "),
        "hs_lastmodifieddate",
        _COMMERCE_DEFAULTS,
        required=required,
        created="hs_createdate",
        pipeline=("hs_pipeline", "hs_pipeline_stage") if plural == "orders" else None,
    )


CONTACTS = ObjectType(
    "0-1", "contacts", "contact", "CONTACT", "contacts", "lastmodifieddate",
    ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
    searchable=("firstname", "lastname", "email", "phone", "hs_additional_emails", "fax", "mobilephone", "company",
                "hs_marketable_until_renewal"),
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
    pipeline=("pipeline", "dealstage"),
)  # fmt: skip
TICKETS = ObjectType(
    "0-5", "tickets", "ticket", "TICKET", "tickets", "hs_lastmodifieddate",
    ("content", "createdate", "hs_lastmodifieddate", "hs_object_id", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_category",
     "hs_ticket_priority", "subject"),
    required=("subject", "hs_pipeline_stage"),
    searchable=("subject", "content", "hs_pipeline_stage", "hs_ticket_category", "hs_ticket_id"),
    pipeline=("hs_pipeline", "hs_pipeline_stage"),
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
QUOTES = ObjectType(
    "0-14", "quotes", "quote", "QUOTE", "quotes", "hs_lastmodifieddate",
    ("hs_createdate", "hs_expiration_date", "hs_lastmodifieddate", "hs_object_id", "hs_public_url_key", "hs_status", "hs_title"),
    required=("hs_title", "hs_expiration_date"),
    searchable=("hs_sender_firstname", "hs_sender_lastname", "hs_proposal_slug", "hs_title", "hs_sender_company_name",
                "hs_sender_email", "hs_quote_number", "hs_public_url_key"),
    created="hs_createdate",
)  # fmt: skip
INVOICES = _commerce("0-53", "invoices", "invoice", "INVOICE", ("hs_currency",))
QUOTE_TEMPLATES = _commerce("0-64", "quote_templates", "quote_template", "QUOTE_TEMPLATE")
SUBSCRIPTIONS = _commerce("0-69", "subscriptions", "subscription", "SUBSCRIPTION")
DISCOUNTS = _commerce("0-84", "discounts", "discount", "DISCOUNT")
FEES = _commerce("0-85", "fees", "fee", "FEE")
TAXES = _commerce("0-86", "taxes", "tax", "TAX")
PAYMENTS = _commerce(
    "0-101", "commerce_payments", "commerce_payment", "COMMERCE_PAYMENT", ("hs_initial_amount", "hs_initiated_date")
)
ORDERS = _commerce("0-123", "orders", "order", "ORDER")

STANDARD = (
    CONTACTS, COMPANIES, DEALS, TICKETS, PRODUCTS, LINE_ITEMS, QUOTES, INVOICES, QUOTE_TEMPLATES, SUBSCRIPTIONS,
    DISCOUNTS, FEES, TAXES, PAYMENTS, ORDERS,
)  # fmt: skip
BY_KIND = {kind.plural: kind for kind in STANDARD}
BY_NAME = {name: kind for kind in STANDARD for name in (kind.plural, kind.singular, kind.type_id)}

# type id → plural and singular: known to exist, answered with 501
NOT_MODELLED = {
    "0-18": ("communications", "communication"),
    "0-19": ("feedback_submissions", "feedback_submission"),
    "0-27": ("tasks", "task"),
    "0-46": ("notes", "note"),
    "0-47": ("meetings", "meeting"),
    "0-48": ("calls", "call"),
    "0-49": ("emails", "email"),
    "0-54": ("marketing_events", "marketing_event"),
    "0-74": ("goal_targets", "goal_target"),
    "0-115": ("users", "user"),
    "0-116": ("postal_mail", "postal_mails"),
    "0-136": ("leads", "lead"),
    "0-142": ("carts", "cart"),
    "0-162": ("services", "service"),
    "0-410": ("courses", "course"),
    "0-420": ("listings", "listing"),
    "0-421": ("appointments", "appointment"),
    "0-970": ("projects", "project"),
}
# the same for a type whose id no source of ours tells
NOT_MODELLED_BY_NAME = ("contracts", "contract")
