"""Stages of a pipeline. Source: facts section 10.2. A stage keeps its id when it is renamed or moved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fake_crm.hubspot.api.pipeline_input import absent, arranged, check_unused, kind_of, label_in, metadata_in, restaged, stage_in
from fake_crm.hubspot.api.pipelines import pipeline_of
from fake_crm.hubspot.errors import validation
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.paths import PIPELINES
from fake_crm.hubspot.wire import body_object, no_content, ok, order_in
from harness.kit.call import Call, Reply
from harness.kit.routing import Route

Wire = dict[str, Any]


def routes() -> Iterator[Route]:
    for base in PIPELINES:
        stages = f"{base}/{{type}}/{{id}}/stages"
        one = f"{stages}/{{stage_id}}"
        yield Route("GET", stages, list_stages, "list_stages")
        yield Route("POST", stages, create_stage, "create_stage")
        yield Route("GET", one, read_stage, "read_stage")
        yield Route("PUT", one, replace_stage, "replace_stage")
        yield Route("PATCH", one, update_stage, "update_stage")
        yield Route("DELETE", one, archive_stage, "archive_stage")
        yield Route("GET", f"{one}/audit", read_audit, "read_stage_audit")


def list_stages(account: Account, call: Call) -> Reply:
    return ok({"results": pipeline_of(account, call)["stages"]})


def read_stage(account: Account, call: Call) -> Reply:
    return ok(_stage(pipeline_of(account, call), call))


def create_stage(account: Account, call: Call) -> Reply:
    """201; 400 when id or label is taken in the pipeline."""
    kind, row = kind_of(account, call), pipeline_of(account, call)
    stage = stage_in(account, kind, body_object(call), account.now())
    _store(account, call, row, [*row["stages"], stage])
    return ok(stage, 201)


def replace_stage(account: Account, call: Call) -> Reply:
    """200 with exactly what the body says."""
    kind, row, body = kind_of(account, call), pipeline_of(account, call), body_object(call)
    stage = _stage(row, call)
    changed = restaged(stage, label_in(body), order_in(body, 0), metadata_in(kind, body), account.now())
    _store(account, call, row, [changed if each is stage else each for each in row["stages"]])
    return ok(changed)


def update_stage(account: Account, call: Call) -> Reply:
    """200. Renaming and moving keep the id; the probability decides what counts as won (1.0) and lost (0.0)."""
    kind, row, body = kind_of(account, call), pipeline_of(account, call), body_object(call)
    stage = _stage(row, call)
    if body.get("archived") is True:
        raise validation("A stage is archived by DELETE.")  # our guess
    metadata = metadata_in(kind, body) if body.get("metadata") is not None else stage["metadata"]
    label = label_in(body) if "label" in body else stage["label"]
    changed = restaged(stage, label, order_in(body, stage["displayOrder"]), metadata, account.now())
    _store(account, call, row, [changed if each is stage else each for each in row["stages"]])
    return ok(changed)


def archive_stage(account: Account, call: Call) -> Reply:
    """204; unless the caller asks for a check, records in it are stranded."""
    kind, row = kind_of(account, call), pipeline_of(account, call)
    stage = _stage(row, call)
    check_unused(account, call, kind, row, [stage])
    _store(account, call, row, [each for each in row["stages"] if each is not stage])
    return no_content()


def read_audit(account: Account, call: Call) -> Reply:
    """200 with all changes of a stage, of a deleted one too."""
    kind, row = kind_of(account, call), pipeline_of(account, call)
    rows = account.pipeline_audit.rows(kind, row["id"], call.params["stage_id"])
    if not rows:
        _stage(row, call)
    return ok({"results": rows})


def _stage(row: Wire, call: Call) -> Wire:
    for stage in row["stages"]:
        if stage["id"] == call.params["stage_id"]:
            found: Wire = stage
            return found
    raise absent("Stage", call.params["stage_id"])


def _store(account: Account, call: Call, row: Wire, stages: list[Wire]) -> None:
    kind, at = kind_of(account, call), account.now()
    with account.store.transaction():
        account.pipelines.put(kind, {**row, "stages": arranged(kind, stages), "updatedAt": at})
        account.pipeline_audit.note_stages(kind, row["id"], row["stages"], stages, at)
