"""Associations inside a create, and association types as bodies name them. Source: facts sections 3.3, 4.1 and 9."""

from __future__ import annotations

from typing import Any

from fake_crm.hubspot.access.scopes import check_end
from fake_crm.hubspot.errors import HubSpotError, invalid_associations, missing_attributes, validation
from fake_crm.hubspot.model.account import Account, NewLink
from fake_crm.hubspot.model.association_types import AssociationType
from fake_crm.hubspot.model.standard_types import ObjectType
from fake_crm.hubspot.wire import id_text, is_id, objects_in, whole

Wire = dict[str, Any]


def links_in(account: Account, kind: ObjectType, body: Wire) -> list[NewLink]:
    """The `associations` of a create, checked: types of the right direction, live targets. Raises HubSpotError 400."""
    if not body.get("associations"):
        return []
    links: list[NewLink] = []
    missing: dict[str, list[str]] = {}
    for row in objects_in(body, "associations"):
        target = row.get("to")
        if not isinstance(target, dict) or "id" not in target:
            raise missing_attributes(["to"])
        other_id = id_text(target["id"])
        for link in types_in(account, row.get("types")):
            if link.source.type_id != kind.type_id:
                raise wrong_direction(kind, link)
            check_end(account, link.target, "write")
            if account.live(link.target, other_id) is None:
                missing.setdefault(link.target.label, []).append(other_id)
            links.append((link, other_id))
    for label, ids in missing.items():
        raise invalid_associations(label, ids)
    return links


def types_in(account: Account, value: Any) -> list[AssociationType]:
    """`[{associationCategory, associationTypeId}]`, each known. Raises HubSpotError 400."""
    if not isinstance(value, list) or not value:
        raise missing_attributes(["types"])
    rows = [each if isinstance(each, dict) else {} for each in value]
    return [type_in(account, each.get("associationTypeId"), each.get("associationCategory")) for each in rows]


def type_in(account: Account, given: Any, category: Any) -> AssociationType:
    """The type with this id, a number or text, in this category. Raises HubSpotError 400; the texts are our guess."""
    number = given if isinstance(given, str) else whole(given)
    text = str(number)[:12] if number is not None else ""
    known = account.association_types.get(int(text)) if is_id(text) and len(text) < 12 else None
    if known is None:
        raise validation(f"No association type with id {text or 'null'} exists.")
    if category is None:
        raise missing_attributes(["associationCategory"])
    if category != known.category:
        raise validation(f"No association type with id {text} exists in category {str(category)[:40]}.")
    return known


def wrong_direction(kind: ObjectType, link: AssociationType) -> HubSpotError:
    text = f"Association type {link.id} invalid from object type {kind.type_id} for associations to be created."
    return validation(f"{text} expected: {link.source.type_id}")
