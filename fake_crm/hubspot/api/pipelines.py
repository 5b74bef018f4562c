"""Routes of deal pipelines and stages. Source: facts section 10.2.

Not modelled: PUT, audit, `validateReferencesBeforeDelete`; pipelines of other types answer 501.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fake_crm.hubspot.errors import HubSpotError, missing_attributes, not_modelled, validation
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.model.pipelines import stage_row
from fake_crm.hubspot.model.types import DEALS, resolve
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


def _only_deals(call: Call) -> None:
    kind = resolve(call.params["type"])
    if kind is not DEALS:
        raise not_modelled(f"pipelines of {kind.plural}")


def _pipeline(account: Account, call: Call) -> Wire:
    _only_deals(call)
    row = account.pipelines.row(call.params["id"])
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
    _only_deals(call)
    return ok({"results": account.pipelines.rows()})


def read_pipeline(account: Account, call: Call) -> Reply:
    return ok(_pipeline(account, call))


def create_pipeline(account: Account, call: Call) -> Reply:
    """201. Ids may be given (`pipelineId`, `stageId`, lower case only) or are generated digit strings."""
    _only_deals(call)
    body, at = body_object(call), account.now()
    label = _label(body)
    if any(row["label"] == label for row in account.pipelines.rows()):
        raise validation(f"A pipeline with the label '{label}' already exists.")  # our guess
    row = {
        "id": _new_id(account, body, "pipelineId"),
        "label": label,
        "displayOrder": _order(body),
        "stages": [_new_stage(account, each, at) for each in objects_in(body, "stages")],
        "createdAt": at,
        "updatedAt": at,
        "archived": False,
    }
    account.pipelines.put(row)
    return ok(row, 201)


def update_pipeline(account: Account, call: Call) -> Reply:
    row, body = _pipeline(account, call), body_object(call)
    changed = {**row, "updatedAt": account.now()}
    if "label" in body:
        changed["label"] = _label(body)
    if "displayOrder" in body:
        changed["displayOrder"] = _order(body)
    account.pipelines.put(changed)
    return ok(changed)


def archive_pipeline(account: Account, call: Call) -> Reply:
    """204; deals in it are stranded."""
    _pipeline(account, call)
    account.pipelines.archive(call.params["id"])
    return no_content()


def list_stages(account: Account, call: Call) -> Reply:
    return ok({"results": _pipeline(account, call)["stages"]})


def read_stage(account: Account, call: Call) -> Reply:
    return ok(_stage(_pipeline(account, call), call))


def create_stage(account: Account, call: Call) -> Reply:
    row, body, at = _pipeline(account, call), body_object(call), account.now()
    stage = _new_stage(account, body, at)
    if any(each["id"] == stage["id"] or each["label"] == stage["label"] for each in row["stages"]):
        raise validation(f"A stage with the label '{stage['label']}' or its id already exists in the pipeline.")  # our guess
    account.pipelines.put({**row, "stages": [*row["stages"], stage], "updatedAt": at})
    return ok(stage, 201)


def update_stage(account: Account, call: Call) -> Reply:
    """200. Renaming and moving keep the id; the probability decides what counts as won (1.0) and lost (0.0)."""
    row, body, at = _pipeline(account, call), body_object(call), account.now()
    stage = _stage(row, call)
    probability = _probability(body) if "metadata" in body else stage["metadata"]["probability"]
    label = _label(body) if "label" in body else stage["label"]
    order = _order(body) if "displayOrder" in body else stage["displayOrder"]
    changed = {**stage_row(stage["id"], label, order, probability, at), "createdAt": stage["createdAt"]}
    stages = [changed if each is stage else each for each in row["stages"]]
    account.pipelines.put({**row, "stages": stages, "updatedAt": at})
    return ok(changed)


def archive_stage(account: Account, call: Call) -> Reply:
    row = _pipeline(account, call)
    stage = _stage(row, call)
    account.pipelines.put({**row, "stages": [each for each in row["stages"] if each is not stage], "updatedAt": account.now()})
    return no_content()


# -- inside -----------------------------------------------------------------------------------------------------------


def _new_stage(account: Account, body: Wire, at: str) -> Wire:
    return stage_row(_new_id(account, body, "stageId"), _label(body), _order(body), _probability(body), at)


def _new_id(account: Account, body: Wire, key: str) -> str:
    given = body.get(key)
    if given is None:
        return account.ids.next("pipelines")
    if not isinstance(given, str) or not given or given != given.lower():
        raise validation(f"{key} must be lower case.")  # our guess
    if key == "pipelineId" and account.pipelines.row(given) is not None:
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
