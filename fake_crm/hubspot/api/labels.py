"""Labels of associations: an account's own kinds of link between two types. Source: facts sections 9.1 and 9.4.

A label has an id in each direction. The vendor's own types cannot be changed. Texts of refusals are our guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fake_crm.hubspot.api.associations import CREATE_MAX, check_direction, end, ends
from fake_crm.hubspot.api.batch import inputs_of
from fake_crm.hubspot.api.inline_links import types_in
from fake_crm.hubspot.errors import HubSpotError, missing_attributes, validation
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.model.association_types import HUBSPOT_DEFINED, AssociationType
from fake_crm.hubspot.model.standard_types import ObjectType
from fake_crm.hubspot.paths import ASSOCIATIONS
from fake_crm.hubspot.wire import body_object, no_content, ok, text_in
from harness.kit.call import Call, Reply
from harness.kit.routing import Route

Wire = dict[str, Any]
LABELS_MAX = 10  # of one pair of types
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")  # no hyphens, no digit first


def routes() -> Iterator[Route]:
    for base in ASSOCIATIONS:
        labels = f"{base}/{{type}}/{{to}}/labels"
        yield Route("GET", labels, read_labels, "read_association_labels")
        yield Route("POST", labels, create_label, "create_association_label")
        yield Route("PUT", labels, update_label, "update_association_label")
        yield Route("DELETE", f"{labels}/{{name}}", archive_label, "archive_association_label")
        yield Route(
            "POST", f"{base}/{{type}}/{{to}}/batch/labels/archive", batch_archive_labels, "batch_archive_association_labels"
        )


def read_labels(account: Account, call: Call) -> Reply:
    """200 with the association types of a direction."""
    source, target = ends(account, call)
    return ok({"results": [_row(each) for each in account.association_types.of(source, target)]})


def create_label(account: Account, call: Call) -> Reply:
    """200 with the label as seen from both ends: `label` from here, `inverseLabel` (the same if absent) from there."""
    (source, target), body = ends(account, call), body_object(call)
    name, label = text_in(body, "name"), text_in(body, "label")
    missing = [key for key, value in (("label", label), ("name", name)) if not value]
    if missing or name is None or label is None:
        raise missing_attributes(missing)
    inverse = text_in(body, "inverseLabel") or label
    if not _NAME.fullmatch(name):
        raise validation(f"Association name '{name}' is invalid: use letters, digits and underscores, first no digit.")
    if account.association_types.plain(source, target) is None:
        raise validation(f"No default association type exists from {source.type_id} to {target.type_id}.")
    _check_free(account, source, target, name, label, inverse)
    with account.store.transaction():
        made = account.association_types.add(source, target, name, label, inverse)
    return ok({"results": [_row(each) for each in {each.id: each for each in made}.values()]})


def update_label(account: Account, call: Call) -> Reply:
    """204: the label, and with `inverseLabel` the one of the other direction, read differently from now on."""
    (source, target), body = ends(account, call), body_object(call)
    number, label = body.get("associationTypeId"), text_in(body, "label")
    missing = [key for key, value in (("associationTypeId", number), ("label", label)) if value in (None, "")]
    if missing or label is None:
        raise missing_attributes(missing)
    kind = _own(account, source, target, str(number)[:12])
    inverse = text_in(body, "inverseLabel")
    for words, at in ((label, kind.id), (inverse, kind.inverse)):
        here = source if at == kind.id else target
        there = target if at == kind.id else source
        if words and any(
            each.label == words and each.id not in (kind.id, kind.inverse) for each in account.association_types.of(here, there)
        ):
            raise validation(f"A label '{words}' already exists from {here.type_id} to {there.type_id}.")
    with account.store.transaction():
        same = account.association_types.get(kind.inverse)
        account.association_types.relabel(kind.id, label)
        if inverse or (same is not None and same.label == kind.label):
            account.association_types.relabel(kind.inverse, inverse or label)
    return no_content()


def archive_label(account: Account, call: Call) -> Reply:
    """204: the label is gone in both directions; records that had it stay linked."""
    source, target = ends(account, call)
    kind = _own(account, source, target, call.params["name"])
    with account.store.transaction():
        account.links.forget(kind)
        account.association_types.remove(kind.id)
    return no_content()


def batch_archive_labels(account: Account, call: Call) -> Reply:
    """204: these labels are taken from these pairs, which stay linked; without the plain type nothing is left (facts 9.4)."""
    source, target = ends(account, call)
    with account.store.transaction():
        for row in inputs_of(body_object(call), CREATE_MAX):
            types = types_in(account, row.get("types"))
            check_direction(source, target, types)
            account.links.drop(source, end(row, "from"), target, end(row, "to"), [each.id for each in types])
    return no_content()


# -- inside -----------------------------------------------------------------------------------------------------------


def _row(kind: AssociationType) -> Wire:
    return {"category": kind.category, "typeId": kind.id, "label": kind.label}


def _own(account: Account, source: ObjectType, target: ObjectType, number: str) -> AssociationType:
    """A label of the account's own in this direction. Raises HubSpotError 400 for the vendor's types, 404 for none."""
    found = next((each for each in account.association_types.of(source, target) if str(each.id) == number), None)
    if found is None:
        text = f"Association type {number} does not exist from {source.type_id} to {target.type_id}"
        raise HubSpotError(404, text, "OBJECT_NOT_FOUND")
    if found.category == HUBSPOT_DEFINED or found.label is None:
        raise validation(f"Association type {found.id} is no label of this account and cannot be changed here.")
    return found


def _check_free(account: Account, source: ObjectType, target: ObjectType, name: str, label: str, inverse: str) -> None:
    """Whether name and labels are free and there is room for one more. Raises HubSpotError 400."""
    types = account.association_types
    if types.named(name) is not None:
        raise validation(f"An association named '{name}' already exists.")
    for words, here, there in ((label, source, target), (inverse, target, source)):
        if any(each.label == words for each in types.of(here, there)):
            raise validation(f"A label '{words}' already exists from {here.type_id} to {there.type_id}.")
    own = {frozenset((each.id, each.inverse)) for each in types.of(source, target) if _is_label(each)}
    if len(own) >= LABELS_MAX:
        raise validation(f"At most {LABELS_MAX} labels can exist between {source.type_id} and {target.type_id}.")


def _is_label(kind: AssociationType) -> bool:
    return kind.category != HUBSPOT_DEFINED and kind.label is not None
