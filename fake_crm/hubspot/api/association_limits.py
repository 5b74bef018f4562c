"""Limits of associations: how many records one record may be linked to, per association type. Source: facts section 9.1.

The operations are the vendor's document associations_schema_v4's; which refusals there are is told by the vendor's changelog (a
label's limit is at most that of the plain type), their texts are our guess.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fake_crm.hubspot.api.associations import ends
from fake_crm.hubspot.api.batch import complete, inputs_of
from fake_crm.hubspot.api.inline_links import type_in
from fake_crm.hubspot.errors import HubSpotError, missing_attributes, validation, wrong_shape
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.model.association_types import AssociationType
from fake_crm.hubspot.paths import ASSOCIATIONS
from fake_crm.hubspot.wire import body_object, no_content, ok, whole
from harness.kit.call import Call, Reply
from harness.kit.routing import Route

Wire = dict[str, Any]
MOST = 50_000  # what a subscription allows at the most; our guess


def routes() -> Iterator[Route]:
    for base in ASSOCIATIONS:
        limits = f"{base}/definitions/configurations"
        pair = f"{limits}/{{type}}/{{to}}"
        yield Route("GET", f"{limits}/all", list_limits, "list_association_limits")
        yield Route("GET", pair, read_limits, "read_association_limits")
        yield Route("POST", f"{pair}/batch/create", batch_create, "batch_create_association_limits")
        yield Route("POST", f"{pair}/batch/update", batch_update, "batch_update_association_limits")
        yield Route("POST", f"{pair}/batch/purge", batch_purge, "batch_purge_association_limits")


def list_limits(account: Account, call: Call) -> Reply:
    return ok({"results": [_row(kind, most) for kind, most in account.links.limits.all()]})


def read_limits(account: Account, call: Call) -> Reply:
    """200 with the limits of one direction."""
    return ok({"results": [_row(kind, most) for kind, most in account.links.limits.of(*ends(account, call))]})


def batch_create(account: Account, call: Call) -> Reply:
    """201 with the new limits; 207 with an error for each type that has one or whose limit does not fit."""
    return _write(account, call, exists=False, status=201)


def batch_update(account: Account, call: Call) -> Reply:
    """200 with the changed limits; 207 with an error for each type that has none or whose limit does not fit."""
    return _write(account, call, exists=True, status=200)


def batch_purge(account: Account, call: Call) -> Reply:
    """204: these types have no limit any more."""
    with account.store.transaction():
        for row in inputs_of(body_object(call)):
            account.links.limits.remove(_type(account, call, row))
    return no_content()


# -- inside -----------------------------------------------------------------------------------------------------------


def _write(account: Account, call: Call, *, exists: bool, status: int) -> Reply:
    results: list[Wire] = []
    errors: list[Wire] = []
    with account.store.transaction():
        for row in inputs_of(body_object(call)):
            kind, most = _type(account, call, row), _most(row)
            try:
                _check(account, kind, most, exists)
            except HubSpotError as refused:
                errors.append(refused.entry(typeId=[str(kind.id)]))
                continue
            account.links.limits.put(kind, most)
            made = _row(kind, most)
            if exists:
                made.pop("label", None)
            results.append(made)
    return complete(account, results, errors, status)


def _check(account: Account, kind: AssociationType, most: int, exists: bool) -> None:
    limits = account.links.limits
    if (limits.get(kind) is not None) is not exists:
        raise validation(f"Association type {kind.id} has {'no limit' if exists else 'a limit already'}.")
    lowest, highest = 1, MOST
    for other, held in limits.of(kind.source, kind.target):
        if kind.label is None and other.label is not None:
            lowest = max(lowest, held)
        if kind.label is not None and other.label is None:
            highest = min(highest, held)
    if not lowest <= most <= highest:
        raise validation(f"maxToObjectIds must be between {lowest} and {highest}, was {most}.")


def _type(account: Account, call: Call, row: Wire) -> AssociationType:
    """The type an input names, of the direction in the path. Raises HubSpotError 400."""
    source, target = ends(account, call)
    missing = [key for key in ("category", "typeId") if row.get(key) is None]
    if missing:
        raise missing_attributes(missing)
    kind = type_in(account, row["typeId"], row["category"])
    if (kind.source.type_id, kind.target.type_id) != (source.type_id, target.type_id):
        raise validation(f"Association type {kind.id} does not lead from {source.type_id} to {target.type_id}.")
    return kind


def _most(row: Wire) -> int:
    most = row.get("maxToObjectIds")
    if most is None:
        raise missing_attributes(["maxToObjectIds"])
    number = whole(most)
    if number is None or abs(number) >= 2**31:
        raise wrong_shape("Cannot deserialize value of type `int` at `maxToObjectIds`")
    return number


def _row(kind: AssociationType, most: int) -> Wire:
    row = {"category": kind.category, "typeId": kind.id, "userEnforcedMaxToObjectIds": most}
    return row if kind.label is None else {**row, "label": kind.label}
