"""Pipelines of deals, tickets, orders and custom objects. Source: facts section 10.2.

Every change is noted in the pipeline's audit. That the last pipeline of a type stays is our guess. Stages: `stages.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fake_crm.hubspot.api.pipeline_input import absent, check_unused, kind_of, label_in, pipeline_id_in, stages_in
from fake_crm.hubspot.errors import validation
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.model.pipeline_audit import CHANGED, CREATED, DELETED
from fake_crm.hubspot.model.standard_types import ObjectType
from fake_crm.hubspot.paths import PIPELINES
from fake_crm.hubspot.wire import body_object, no_content, ok, order_in
from harness.kit.call import Call, Reply
from harness.kit.routing import Route

Wire = dict[str, Any]


def routes() -> Iterator[Route]:
    for base in PIPELINES:
        one = f"{base}/{{type}}/{{id}}"
        yield Route("GET", f"{base}/{{type}}", list_pipelines, "list_pipelines")
        yield Route("POST", f"{base}/{{type}}", create_pipeline, "create_pipeline")
        yield Route("GET", one, read_pipeline, "read_pipeline")
        yield Route("PUT", one, replace_pipeline, "replace_pipeline")
        yield Route("PATCH", one, update_pipeline, "update_pipeline")
        yield Route("DELETE", one, archive_pipeline, "archive_pipeline")
        yield Route("GET", f"{one}/audit", read_audit, "read_pipeline_audit")


def list_pipelines(account: Account, call: Call) -> Reply:
    return ok({"results": account.pipelines.rows(kind_of(account, call))})


def read_pipeline(account: Account, call: Call) -> Reply:
    return ok(pipeline_of(account, call))


def create_pipeline(account: Account, call: Call) -> Reply:
    """201. Ids may be given (`pipelineId`, `stageId`, lower case only) or are generated digit strings."""
    kind, body, at = kind_of(account, call), body_object(call), account.now()
    row = {
        "id": pipeline_id_in(account, kind, body),
        "label": _label(account, kind, body, ""),
        "displayOrder": order_in(body, 0),
        "stages": stages_in(account, kind, body, at),
        "createdAt": at,
        "updatedAt": at,
        "archived": False,
    }
    store(account, kind, row, [], CREATED)
    return ok(row, 201)


def replace_pipeline(account: Account, call: Call) -> Reply:
    """200 with exactly what the body says: stages whose `stageId` is known keep their id, others are new, the rest goes."""
    kind, row, body, at = kind_of(account, call), pipeline_of(account, call), body_object(call), account.now()
    label, order = _label(account, kind, body, row["id"]), order_in(body, 0)
    stages = stages_in(account, kind, body, at, {each["id"]: each for each in row["stages"]})
    kept = {each["id"] for each in stages}
    check_unused(account, call, kind, row, [each for each in row["stages"] if each["id"] not in kept])
    changed = {**row, "label": label, "displayOrder": order, "stages": stages, "updatedAt": at}
    store(account, kind, changed, row["stages"], CHANGED)
    return ok(changed)


def update_pipeline(account: Account, call: Call) -> Reply:
    """200 with the new label or place. `archived: false` brings an archived pipeline back, and is refused for a live one."""
    kind, body = kind_of(account, call), body_object(call)
    if "archived" in body:
        return _restore(account, call, kind, body)
    row = pipeline_of(account, call)
    changed = {**row, "updatedAt": account.now()}
    if "label" in body:
        changed["label"] = _label(account, kind, body, row["id"])
    changed["displayOrder"] = order_in(body, row["displayOrder"])
    store(account, kind, changed, row["stages"], CHANGED)
    return ok(changed)


def archive_pipeline(account: Account, call: Call) -> Reply:
    """204; unless the caller asks for a check, records in it are stranded."""
    kind, row = kind_of(account, call), pipeline_of(account, call)
    check_unused(account, call, kind, row, row["stages"])
    if len(account.pipelines.rows(kind)) == 1:
        raise validation(f"Pipeline {row['id']} is the last one of {kind.type_id} and cannot be deleted.")
    with account.store.transaction():
        account.pipelines.archive(kind, row["id"])
        account.pipeline_audit.note(kind, row["id"], DELETED, row, account.now())
    return no_content()


def read_audit(account: Account, call: Call) -> Reply:
    """200 with all changes, of a deleted pipeline too; the vendor's own pipeline has none until it is changed."""
    kind, name = kind_of(account, call), call.params["id"]
    rows = account.pipeline_audit.rows(kind, name)
    if not rows:
        pipeline_of(account, call)
    return ok({"results": rows})


# -- for the stages ---------------------------------------------------------------------------------------------------


def pipeline_of(account: Account, call: Call) -> Wire:
    """The live pipeline in the path. Raises HubSpotError 404."""
    row = account.pipelines.row(kind_of(account, call), call.params["id"])
    if row is None:
        raise absent("Pipeline", call.params["id"])
    return row


def store(account: Account, kind: ObjectType, row: Wire, stages_before: list[Wire], action: str) -> None:
    """Keep a new or changed pipeline, and note it and its stages."""
    at = row["updatedAt"]
    with account.store.transaction():
        account.pipelines.put(kind, row)
        account.pipeline_audit.note(kind, row["id"], action, row, at)
        account.pipeline_audit.note_stages(kind, row["id"], stages_before, row["stages"], at)


# -- inside -----------------------------------------------------------------------------------------------------------


def _restore(account: Account, call: Call, kind: ObjectType, body: Wire) -> Reply:
    archived = next((each for each in account.pipelines.rows(kind, archived=True) if each["id"] == call.params["id"]), None)
    if archived is None or body["archived"] is not False:
        pipeline_of(account, call)
        raise validation("archived may only be given, as false, to restore an archived pipeline.")
    changed = {key: value for key, value in archived.items() if key != "archivedAt"} | {"archived": False}
    changed |= {"label": _label(account, kind, {**archived, **body}, archived["id"]), "updatedAt": account.now()}
    changed["displayOrder"] = order_in(body, archived["displayOrder"])
    with account.store.transaction():
        account.pipelines.restore(kind, archived["id"])
        store(account, kind, changed, archived["stages"], CHANGED)
    return ok(changed)


def _label(account: Account, kind: ObjectType, body: Wire, own_id: str) -> str:
    """A label that no other pipeline of the type has. Raises HubSpotError 400."""
    label = label_in(body)
    if any(row["label"] == label and row["id"] != own_id for row in account.pipelines.rows(kind)):
        raise validation(f"A pipeline with the label '{label}' already exists.")
    return label
