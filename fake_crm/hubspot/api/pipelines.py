"""Routes of deal pipelines and stages. Source: facts section 10.2.

Not modelled: PUT, audit, `validateReferencesBeforeDelete`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fake_crm.hubspot.errors import HubSpotError, missing_attributes, validation
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.model.pipelines import deal_metadata, order_metadata, stage_row, ticket_metadata
from fake_crm.hubspot.model.standard_types import DEALS, ORDERS, ObjectType
from fake_crm.hubspot.paths import PIPELINES
from fake_crm.hubspot.wire import body_object, no_content, objects_in, ok
from harness.kit.call import Call, Reply
from harness.kit.routing import Route

Wire = dict[str, Any]


def routes() -> Iterator[Route]:
    for base in PIPELINES:
        one = f"{base}/{{type}}/{{id}}"
        yield Route("GET", f"{base}/{{type}}", list_pipelines, "list_pipelines")
        yield Route("POST", f"{base}/{{type}}", create_pipeline, "create_pipeline")
        yield Route("GET", one, read_pipeline, "read_pipeline")
        yield Route("PATCH", one, update_pipeline, "update_pipeline")
        yield Route("DELETE", one, archive_pipeline, "archive_pipeline")
        yield Route("GET", f"{one}/stages", list_stages, "list_stages")
        yield Route("POST", f"{one}/stages", create_stage, "create_stage")
        yield Route("GET", f"{one}/stages/{{stage_id}}", read_stage, "read_stage")
        yield Route("PATCH", f"{one}/stages/{{stage_id}}", update_stage, "update_stage")
        yield Route("DELETE", f"{one}/stages/{{stage_id}}", archive_stage, "archive_stage")


def _kind(account: Account, call: Call) -> ObjectType:
    """The type in the path. Raises HubSpotError 400 where it has no pipelines (our guess)."""
    kind = account.resolve(call.params["type"])
    if kind.pipeline is None:
        raise validation(f"Object type {kind.type_id} does not support pipelines.")
    return kind


def _pipeline(account: Account, call: Call) -> Wire:
    row = account.pipelines.row(_kind(account, call), call.params["id"])
    if row is None:
        raise _absent("Pipeline", call.params["id"])
    return row


def _stage(row: Wire, call: Call) -> Wire:
    for stage in row["stages"]:
        if stage["id"] == call.params["stage_id"]:
            found: Wire = stage
            return found
    raise _absent("Stage", call.params["stage_id"])


def _absent(what: str, name: str) -> HubSpotError:
    return HubSpotError(404, f"{what} ID {name} does not exist", "OBJECT_NOT_FOUND")  # the text is our guess


def list_pipelines(account: Account, call: Call) -> Reply:
    return ok({"results": account.pipelines.rows(_kind(account, call))})


def read_pipeline(account: Account, call: Call) -> Reply:
    return ok(_pipeline(account, call))


def create_pipeline(account: Account, call: Call) -> Reply:
    """201. Ids may be given (`pipelineId`, `stageId`, lower case only) or are generated digit strings."""
    body, at = body_object(call), account.now()
    label = _label(body)
    if any(row["label"] == label for row in account.pipelines.rows(_kind(account, call))):
        raise validation(f"A pipeline with the label '{label}' already exists.")  # our guess
    row = {
        "id": _new_id(account, _kind(account, call), body, "pipelineId"),
        "label": label,
        "displayOrder": _order(body),
        "stages": [_new_stage(account, _kind(account, call), each, at) for each in objects_in(body, "stages")],
        "createdAt": at,
        "updatedAt": at,
        "archived": False,
    }
    account.pipelines.put(_kind(account, call), row)
    return ok(row, 201)


def update_pipeline(account: Account, call: Call) -> Reply:
    row, body = _pipeline(account, call), body_object(call)
    changed = {**row, "updatedAt": account.now()}
    if "label" in body:
        changed["label"] = _label(body)
    if "displayOrder" in body:
        changed["displayOrder"] = _order(body)
    account.pipelines.put(_kind(account, call), changed)
    return ok(changed)


def archive_pipeline(account: Account, call: Call) -> Reply:
    """204; deals in it are stranded."""
    _pipeline(account, call)
    account.pipelines.archive(_kind(account, call), call.params["id"])
    return no_content()


def list_stages(account: Account, call: Call) -> Reply:
    return ok({"results": _pipeline(account, call)["stages"]})


def read_stage(account: Account, call: Call) -> Reply:
    return ok(_stage(_pipeline(account, call), call))


def create_stage(account: Account, call: Call) -> Reply:
    row, body, at = _pipeline(account, call), body_object(call), account.now()
    stage = _new_stage(account, _kind(account, call), body, at)
    if any(each["id"] == stage["id"] or each["label"] == stage["label"] for each in row["stages"]):
        raise validation(f"A stage with the label '{stage['label']}' or its id already exists in the pipeline.")  # our guess
    account.pipelines.put(_kind(account, call), {**row, "stages": [*row["stages"], stage], "updatedAt": at})
    return ok(stage, 201)


def update_stage(account: Account, call: Call) -> Reply:
    """200. Renaming and moving keep the id; the probability decides what counts as won (1.0) and lost (0.0)."""
    row, body, at = _pipeline(account, call), body_object(call), account.now()
    stage = _stage(row, call)
    metadata = _metadata(_kind(account, call), body) if "metadata" in body else stage["metadata"]
    label = _label(body) if "label" in body else stage["label"]
    order = _order(body) if "displayOrder" in body else stage["displayOrder"]
    changed = {**stage_row(stage["id"], label, order, metadata, at), "createdAt": stage["createdAt"]}
    stages = [changed if each is stage else each for each in row["stages"]]
    account.pipelines.put(_kind(account, call), {**row, "stages": stages, "updatedAt": at})
    return ok(changed)


def archive_stage(account: Account, call: Call) -> Reply:
    row = _pipeline(account, call)
    stage = _stage(row, call)
    account.pipelines.put(
        DEALS, {**row, "stages": [each for each in row["stages"] if each is not stage], "updatedAt": account.now()}
    )
    return no_content()


# -- inside -----------------------------------------------------------------------------------------------------------


def _new_stage(account: Account, kind: ObjectType, body: Wire, at: str) -> Wire:
    return stage_row(_new_id(account, kind, body, "stageId"), _label(body), _order(body), _metadata(kind, body), at)


def _new_id(account: Account, kind: ObjectType, body: Wire, key: str) -> str:
    given = body.get(key)
    if given is None:
        return account.ids.next("pipelines")
    if not isinstance(given, str) or not given or given != given.lower():
        raise validation(f"{key} must be lower case.")  # our guess
    if key == "pipelineId" and account.pipelines.row(kind, given) is not None:
        raise validation(f"A pipeline with the id '{given}' already exists.")  # our guess
    return given


def _label(body: Wire) -> str:
    label = body.get("label")
    if not isinstance(label, str) or not label:
        raise missing_attributes(["label"])
    return label


def _order(body: Wire) -> int:
    order = body.get("displayOrder", 0)
    return order if isinstance(order, int) and not isinstance(order, bool) else 0


def _metadata(kind: ObjectType, body: Wire) -> dict[str, str]:
    """A deal's stage needs a probability; a ticket's and an order's may say whether it is closed (open by default)."""
    if kind is DEALS:
        return deal_metadata(_probability(body))
    given = body.get("metadata")
    name = "state" if kind is ORDERS else "ticketState"
    state = given.get(name, "OPEN") if isinstance(given, dict) else "OPEN"
    if state not in ("OPEN", "CLOSED"):
        raise validation(f"metadata.{name} must be OPEN or CLOSED, was {state}")  # our guess
    return order_metadata(state) if kind is ORDERS else ticket_metadata(state)


def _probability(body: Wire) -> str:
    """`metadata.probability`, 0.0 to 1.0 in steps of 0.1."""
    metadata = body.get("metadata")
    value = metadata.get("probability") if isinstance(metadata, dict) else None
    if value is None:
        raise missing_attributes(["metadata.probability"])
    try:
        number = float(str(value))
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1 or abs(number * 10 - round(number * 10)) > 1e-9:
        raise validation(f"metadata.probability must be between 0.0 and 1.0 in steps of 0.1, was {value}")  # our guess
    return f"{number:.1f}"
