"""HUBSPOT_DEFINED association types between the modelled types, both directions.

Source: facts section 9.5; the labels of parent and child companies are our guess.
"""

from __future__ import annotations

from dataclasses import dataclass

from fake_crm.hubspot.model.types import COMPANIES, CONTACTS, DEALS, LINE_ITEMS, ObjectType


@dataclass(frozen=True, slots=True)
class AssociationType:
    """One direction of a kind of link. `label` None is the plain one every link has; `inverse` is its id from the other end."""

    id: int
    source: ObjectType
    target: ObjectType
    label: str | None
    inverse: int
    name: str  # as the v3 routes call it: `deal_to_company_unlabeled`


_PAIRS: tuple[tuple[ObjectType, ObjectType, str | None, int, int], ...] = (
    (CONTACTS, COMPANIES, None, 279, 280),
    (CONTACTS, COMPANIES, "Primary", 1, 2),
    (DEALS, CONTACTS, None, 3, 4),
    (DEALS, COMPANIES, None, 341, 342),
    (DEALS, COMPANIES, "Primary", 5, 6),
    (DEALS, LINE_ITEMS, None, 19, 20),
    (DEALS, DEALS, None, 451, 451),
    (CONTACTS, CONTACTS, None, 449, 449),
    (COMPANIES, COMPANIES, None, 450, 450),
    (COMPANIES, COMPANIES, "Child Company", 13, 14),
)
_WITH_PRIMARY = {("contacts", "companies"), ("companies", "contacts"), ("deals", "companies"), ("companies", "deals")}


def _name(source: ObjectType, target: ObjectType, label: str | None, way: str) -> str:
    if label == "Child Company":
        return "parent_to_child_company" if way == "forward" else "child_to_parent_company"
    plain = f"{source.singular}_to_{target.singular}"
    return f"{plain}_unlabeled" if label is None and (source.plural, target.plural) in _WITH_PRIMARY else plain


def _all() -> list[AssociationType]:
    found: list[AssociationType] = []
    for source, target, label, forward, back in _PAIRS:
        found.append(AssociationType(forward, source, target, label, back, _name(source, target, label, "forward")))
        if back != forward:
            back_label = "Parent Company" if label == "Child Company" else label
            found.append(AssociationType(back, target, source, back_label, forward, _name(target, source, label, "back")))
    return found


BY_ID = {each.id: each for each in _all()}
PLAIN = {(each.source.plural, each.target.plural): each for each in BY_ID.values() if each.label is None}
PRIMARY = {(each.source.plural, each.target.plural): each for each in BY_ID.values() if each.label == "Primary"}
BY_PAIR: dict[tuple[str, str], list[AssociationType]] = {}
for _each in BY_ID.values():
    BY_PAIR.setdefault((_each.source.plural, _each.target.plural), []).append(_each)
BY_NAME = {each.name: each for each in BY_ID.values()}
