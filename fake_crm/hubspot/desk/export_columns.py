"""What the columns of HubSpot's export files mean beyond properties: links to other records, and what is passed over.

The labels are those of the vendor's exports as we know them (our guess: they are not in the facts), and by no means all of them.
"""

from __future__ import annotations

from dataclasses import dataclass

ALIASES = {"price": "price", "sku": "hs_sku", "record id": "hs_object_id", "id": "hs_object_id"}


@dataclass(frozen=True, slots=True)
class LinkColumn:
    """A column that names other records, by ids or by what they are called."""

    target: str  # the plural, such as `companies`
    by_id: bool = False
    primary: bool = False


def _links() -> dict[str, LinkColumn]:
    found = {"primary company": LinkColumn("companies", primary=True)}
    for singular, target in (("company", "companies"), ("contact", "contacts"), ("deal", "deals")):
        for ending, primary in (("", False), (" (primary)", True)) if target == "companies" else (("", False),):
            found[f"associated {singular}{ending}"] = LinkColumn(target, primary=primary)
            found[f"associated {singular} ids{ending}"] = LinkColumn(target, by_id=True, primary=primary)
    found["primary associated company id"] = LinkColumn("companies", by_id=True, primary=True)
    return found


LINKS = _links()  # label in lower case → meaning
# Labels in lower case of what HubSpot counts, calculates or tracks and the fake does not keep: read over, never refused.
PASSED_OVER = frozenset(
    line.strip()
    for line in """
    amount in company currency
    annual contract value
    annual recurring revenue
    associated line item
    associated line item ids
    associated note
    associated note ids
    associated product
    associated product ids
    associated ticket
    associated ticket ids
    create date
    created by user id
    date entered current stage
    days to close
    first contact create date
    first conversion
    first conversion date
    first deal created date
    forecast amount
    hubspot score
    hubspot team
    ip city
    ip country
    is open
    last activity date
    last contacted
    last engagement date
    last modified date
    latest source
    latest traffic source
    latest traffic source date
    latest traffic source drill-down 1
    latest traffic source drill-down 2
    likelihood to close
    marketing contact status
    monthly recurring revenue
    next activity date
    number of associated companies
    number of associated contacts
    number of associated deals
    number of child companies
    number of form submissions
    number of open deals
    number of pageviews
    number of sales activities
    number of sessions
    number of times contacted
    original source
    original source drill-down 1
    original source drill-down 2
    original source type
    original traffic source
    original traffic source drill-down 1
    original traffic source drill-down 2
    recent conversion
    recent conversion date
    recent deal amount
    recent deal close date
    recent sales email replied date
    record source detail 1
    record source detail 2
    record source detail 3
    time first seen
    time last seen
    total contract value
    total open deal value
    total revenue
    updated by user id
    weighted amount
    weighted amount in company currency
    """.strip().splitlines()
)
