"""Custom objects of one account: their definitions, made and taken away with everything that belongs to them.

The store's kind `schemas` holds a definition as the wire shows it, without its properties and associations: those are definitions
and association types like any other. Source: facts section 10.4.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from fake_crm.hubspot.model import association_types, definitions, pipeline_audit, pipelines
from fake_crm.hubspot.model.standard_types import ObjectType
from fake_crm.hubspot.model.types import KIND
from fake_crm.hubspot.wire import wire_time
from harness.kit.records import Record

if TYPE_CHECKING:
    from fake_crm.hubspot.model.account import Account

Row = dict[str, Any]
_BELONGINGS = (
    definitions.KIND,
    pipelines.KIND,
    pipeline_audit.KIND,
    "property_groups",
)  # kinds whose records name a type in the field `object`


def find(account: Account, name: str, *, archived: bool = False) -> Record | None:
    """A definition by `2-…`, `p48211907_rental` or `p_rental`, in any case."""
    lowered = name.lower()
    for record in account.store.all(KIND):
        full = record.fields["schema"]["fullyQualifiedName"].lower()
        if record.archived is archived and lowered in (record.id, full, f"p_{full.partition('_')[2]}"):
            return record
    return None


def create(account: Account, row: Row, properties: Iterable[Row], targets: Iterable[ObjectType], *, to_itself: bool) -> ObjectType:
    """Store a definition, its properties and the plain associations with other types, both directions each."""
    account.store.insert(KIND, row["objectTypeId"], {"schema": row})
    kind = account.resolve(row["objectTypeId"])
    account.store.define(kind.plural)
    for each in properties:
        account.definitions.put(kind.plural, each)
    for target in (*targets, *([kind] if to_itself else [])):
        other = row["name"] if target is kind else target.singular
        account.association_types.add(kind, target, f"{row['name']}_to_{other}", None, None)
    return kind


def archive(account: Account, record: Record) -> None:
    """Put a definition into the bin; its association types are gone for those that remain."""
    for each in list(association_records(account, record.id)):
        account.store.archive(association_types.KIND, each.id)
    account.store.archive(KIND, record.id)


def purge(account: Account, record: Record) -> None:
    """Remove a definition and all that belongs to it for good: its name is free again."""
    store, name = account.store, record.fields["schema"]["fullyQualifiedName"]
    for each in list(association_records(account, record.id, archived=True)):
        store.delete(association_types.KIND, each.id)
    for kind in _BELONGINGS:
        for each in [each for each in store.all(kind) if each.fields["object"] == name]:
            if kind == definitions.KIND and store.is_unique(name, each.fields["definition"]["name"]):
                store.drop_unique(name, each.fields["definition"]["name"])
            store.delete(kind, each.id)
    for each in list(store.all(name)):
        store.delete(name, each.id)
    store.delete(KIND, record.id)


def association_records(account: Account, type_id: str, *, archived: bool = False) -> Iterable[Record]:
    """The account's own association types from or to a type; with `archived` those in the bin as well."""
    for record in account.store.all(association_types.KIND):
        if type_id in (record.fields["source"], record.fields["target"]) and (archived or not record.archived):
            yield record


def association_row(record: Record) -> Row:
    """One direction of an association as a schema shows it."""
    return {
        "id": record.id,
        "name": record.fields["name"],
        "fromObjectTypeId": record.fields["source"],
        "toObjectTypeId": record.fields["target"],
        "createdAt": wire_time(record.created_at),
        "updatedAt": wire_time(record.updated_at),
    }
