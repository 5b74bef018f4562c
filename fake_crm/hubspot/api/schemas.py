"""Schemas: custom objects, their definitions and what they are associated with. Source: facts section 10.4.

Which status a refusal has, and its text, is our guess. The vendor's own types can be read here too (our guess), not listed.
Not modelled: the associations with activities that the vendor makes by itself, audit metadata.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fake_crm.hubspot.api.query import asked
from fake_crm.hubspot.api.schema_input import changed_schema, new_properties, new_schema, targets_in
from fake_crm.hubspot.errors import HubSpotError, missing_attributes, missing_scopes, too_many_inputs, validation
from fake_crm.hubspot.model import association_types, schemas
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.model.standard_types import ObjectType
from fake_crm.hubspot.model.types import KIND
from fake_crm.hubspot.paths import SCHEMAS
from fake_crm.hubspot.wire import body_object, names_in, no_content, ok, text_in
from harness.kit.call import Call, Reply
from harness.kit.records import Record
from harness.kit.routing import Route

Wire = dict[str, Any]
INPUTS_MAX = 100  # our guess


def routes() -> Iterator[Route]:
    for base in SCHEMAS:
        one = f"{base}/{{schema}}"
        yield Route("GET", base, list_schemas, "list_schemas")
        yield Route("POST", base, create_schema, "create_schema")
        yield Route("POST", f"{base}/batch/read", batch_read, "batch_read_schemas")
        yield Route("GET", one, read_schema, "read_schema")
        yield Route("PATCH", one, update_schema, "update_schema")
        yield Route("DELETE", one, archive_schema, "archive_schema")
        yield Route("POST", f"{one}/associations", create_association, "create_schema_association")
        yield Route("DELETE", f"{one}/associations/{{name}}", archive_association, "archive_schema_association")


def list_schemas(account: Account, call: Call) -> Reply:
    """200 with the custom objects, live ones unless `archived=true`; never the vendor's own types."""
    archived, parts = asked(call).archived, _parts(call)
    rows = [_whole(account, record, parts) for record in account.store.all(KIND) if record.archived is archived]
    return ok({"results": rows})


def create_schema(account: Account, call: Call) -> Reply:
    """201 with the whole definition; 400 for what does not fit, 409 for a name that is taken, also by an archived object."""
    settings, body = account.settings, body_object(call)
    if settings.tier != "enterprise" and not settings.custom_objects_on_any_tier:
        raise missing_scopes(["crm.schemas.custom.write"])  # facts 2.4: Enterprise only; the refusal is our guess
    row = new_schema(account, body)
    properties, targets = new_properties(account, row, body), targets_in(account, body)
    number = account.ids.next(KIND)
    row |= {"id": number, "objectTypeId": f"2-{number}"}
    with account.store.transaction():
        to_itself = body.get("shouldCreateSameObjectAssociation") is True
        schemas.create(account, row, properties, targets, to_itself=to_itself)
    return ok(_whole(account, _record(account, row["objectTypeId"])), 201)


def read_schema(account: Account, call: Call) -> Reply:
    """200 with the definition of a custom object, or of one of the vendor's own types."""
    name, parts = call.params["schema"], _parts(call)
    record = schemas.find(account, name)
    if record is not None:
        return ok(_whole(account, record, parts))
    return ok(_standard(account, account.resolve(name), parts))


def update_schema(account: Account, call: Call) -> Reply:
    """200 with the definition alone: labels, description and which properties are displayed, required, searched."""
    record = _record(account, call.params["schema"])
    row = changed_schema(account, record.fields["schema"], body_object(call))
    account.store.update(KIND, record.id, {"schema": row})
    return ok({**row, "portalId": account.portal_id})


def archive_schema(account: Account, call: Call) -> Reply:
    """204. Refused while records exist. With `archived=true` the definition is gone for good and its name free again."""
    name, for_good = call.params["schema"], asked(call).archived
    record = schemas.find(account, name, archived=True) if for_good else None
    if record is None:
        record = _record(account, name)
    row = record.fields["schema"]
    count = sum(not each.archived for each in account.store.all(row["fullyQualifiedName"]))
    if count:
        raise validation(f"Object type {row['fullyQualifiedName']} cannot be deleted: {count} of its records exist.")
    with account.store.transaction():
        (schemas.purge if for_good else schemas.archive)(account, record)
    return no_content()


def batch_read(account: Account, call: Call) -> Reply:
    """200 with the definitions that exist, by id or full name; others are left out (our guess)."""
    body = body_object(call)
    names = names_in(body, "inputs")
    if len(names) > INPUTS_MAX:
        raise too_many_inputs(INPUTS_MAX)
    parts = {each for each in ("Association", "Property") if body.get(f"include{each}Definitions") is not False}
    found = [record for name in dict.fromkeys(names) if (record := schemas.find(account, name)) is not None]
    return ok({"results": [_whole(account, record, parts) for record in found]})


# -- associations -----------------------------------------------------------------------------------------------------


def create_association(account: Account, call: Call) -> Reply:
    """201 with the new association from the one type to the other; its way back is made with it."""
    record, body = _record(account, call.params["schema"]), body_object(call)
    ends = [text_in(body, key) for key in ("fromObjectTypeId", "toObjectTypeId")]
    missing = [key for key, value in zip(("fromObjectTypeId", "toObjectTypeId"), ends, strict=True) if not value]
    if missing:
        raise missing_attributes(missing)
    source, target = (account.resolve(each or "") for each in ends)
    if record.id not in (source.type_id, target.type_id):
        raise validation(f"An association of {record.id} must start or end there.")
    name = text_in(body, "name") or f"{_own_name(source)}_to_{_own_name(target)}"
    if account.association_types.named(name) is not None:
        raise validation(f"An association named '{name}' already exists.")
    with account.store.transaction():
        made, _ = account.association_types.add(source, target, name, None, None)
    return ok(_association(account, made.id), 201)


def archive_association(account: Account, call: Call) -> Reply:
    """204; links of this association lose it, and are gone where it was the plain one."""
    record, key = _record(account, call.params["schema"]), call.params["name"]
    found = next((each for each in schemas.association_records(account, record.id) if key in (each.id, each.fields["name"])), None)
    if found is None:
        raise HubSpotError(404, f"Association {key} does not exist on {record.id}", "OBJECT_NOT_FOUND")
    made = account.association_types.get(int(found.id))
    assert made is not None
    with account.store.transaction():
        account.links.forget(made)
        account.association_types.remove(made.id)
    return no_content()


# -- inside -----------------------------------------------------------------------------------------------------------


def _record(account: Account, name: str) -> Record:
    """A live custom object. Raises HubSpotError 400 for a name that is none, and for the vendor's own types."""
    record = schemas.find(account, name)
    if record is None:
        kind = account.resolve(name)
        raise validation(f"Object type {kind.type_id} is defined by HubSpot and cannot be changed.")
    return record


def _parts(call: Call) -> set[str]:
    query = call.query_dict()
    return {each for each in ("Association", "Property") if query.get(f"include{each}Definitions", "").lower() != "false"}


def _whole(account: Account, record: Record, parts: set[str] | frozenset[str] = frozenset(("Association", "Property"))) -> Wire:
    row = {**record.fields["schema"], "archived": record.archived}
    own = schemas.association_records(account, record.id, archived=record.archived)
    row["associations"] = [schemas.association_row(each) for each in own] if "Association" in parts else []
    row["properties"] = account.definitions.rows(row["fullyQualifiedName"]) if "Property" in parts else []
    return row


def _standard(account: Account, kind: ObjectType, parts: set[str]) -> Wire:
    own = schemas.association_records(account, kind.type_id)
    return {
        "id": kind.type_id,
        "objectTypeId": kind.type_id,
        "fullyQualifiedName": kind.label,
        "name": kind.label,
        "labels": {each: getattr(kind, each).replace("_", " ").capitalize() for each in ("singular", "plural")},
        "requiredProperties": list(kind.required),
        "searchableProperties": list(kind.searchable),
        "archived": False,
        "associations": [schemas.association_row(each) for each in own] if "Association" in parts else [],
        "properties": account.definitions.rows(kind.plural) if "Property" in parts else [],
    }


def _association(account: Account, number: int) -> Wire:
    record = account.store.get(association_types.KIND, str(number))
    assert record is not None
    return schemas.association_row(record)


def _own_name(kind: ObjectType) -> str:
    return kind.plural.partition("_")[2] if kind.is_custom else kind.singular
