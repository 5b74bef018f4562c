"""From bodies to pipelines and stages: ids, labels, order, metadata. Source: facts section 10.2; texts of refusals: our guess."""

from __future__ import annotations

import re
from typing import Any

from fake_crm.hubspot.errors import HubSpotError, missing_attributes, validation
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.model.pipelines import deal_metadata, order_metadata, stage_row, ticket_metadata
from fake_crm.hubspot.model.standard_types import DEALS, ORDERS, ObjectType
from fake_crm.hubspot.wire import objects_in, order_in, text_in
from harness.kit.call import Call

Wire = dict[str, Any]
STAGES_MAX, STAGES_MAX_ELSEWHERE = 100, 30  # of deals, tickets and custom objects; of other types
_ID = re.compile(r"[^A-Z\s/?#]{1,100}")
_CHECKS = ("validatereferencesbeforedelete", "validatedealstageusagesbeforedelete")
_CHECKED_BY_DEFAULT = re.compile(r"/crm/pipelines/(?:2026-09|202[7-9]|20[3-9]\d)")
_HOLDERS_MAX = 100  # how many records an error names; our guess


def kind_of(account: Account, call: Call) -> ObjectType:
    """The type in the path. Raises HubSpotError 400 where it has no pipelines (our guess)."""
    kind = account.resolve(call.params["type"])
    if kind.pipeline is None:
        raise validation(f"Object type {kind.type_id} does not support pipelines.")
    return kind


def absent(what: str, name: str) -> HubSpotError:
    return HubSpotError(404, f"{what} ID {name} does not exist", "OBJECT_NOT_FOUND")


def label_in(body: Wire) -> str:
    label = text_in(body, "label")
    if not label:
        raise missing_attributes(["label"])
    return label


def pipeline_id_in(account: Account, kind: ObjectType, body: Wire) -> str:
    """A given `pipelineId`, or a generated one."""
    given = _id_in(body, "pipelineId")
    if given is None:
        return account.ids.next("pipelines")
    if account.pipelines.known(kind, given):
        raise validation(f"A pipeline with the id '{given}' already exists.")
    return given


def stage_in(account: Account, kind: ObjectType, body: Wire, at: str, old: dict[str, Wire] | None = None) -> Wire:
    """A stage from its body; one whose `stageId` is in `old` keeps its id and the time it was made."""
    given = _id_in(body, "stageId")
    before = (old or {}).get(given or "")
    if before is not None:
        return restaged(before, label_in(body), order_in(body, 0), metadata_in(kind, body), at)
    if given is not None and any(given == each["id"] for row in account.pipelines.rows(kind) for each in row["stages"]):
        raise validation(f"A stage with the id '{given}' already exists.")
    return stage_row(given or account.ids.next("pipelines"), label_in(body), order_in(body, 0), metadata_in(kind, body), at)


def stages_in(account: Account, kind: ObjectType, body: Wire, at: str, old: dict[str, Wire] | None = None) -> list[Wire]:
    return arranged(kind, [stage_in(account, kind, each, at, old) for each in objects_in(body, "stages")])


def restaged(row: Wire, label: str, order: int, metadata: dict[str, str], at: str) -> Wire:
    """A stage after a change; without one it stays as it is."""
    if (label, order, metadata) == (row["label"], row["displayOrder"], row["metadata"]):
        return row
    return {**stage_row(row["id"], label, order, metadata, at), "createdAt": row["createdAt"]}


def arranged(kind: ObjectType, stages: list[Wire]) -> list[Wire]:
    """Stages by order, then label; ids and labels are unique in a pipeline and there are not too many. Raises HubSpotError 400."""
    for key in ("id", "label"):
        values = [each[key] for each in stages]
        twice = next((value for value in values if values.count(value) > 1), None)
        if twice is not None:
            raise validation(f"A stage with the {key} '{twice}' already exists in the pipeline.")
    most = STAGES_MAX if kind is not ORDERS else STAGES_MAX_ELSEWHERE
    if len(stages) > most:
        raise validation(f"A pipeline can have at most {most} stages.")
    return sorted(stages, key=lambda each: (each["displayOrder"], each["label"]))


def metadata_in(kind: ObjectType, body: Wire) -> dict[str, str]:
    """A deal's stage needs a probability; a ticket's and an order's may say whether it is closed (open by default)."""
    if kind is DEALS:
        return deal_metadata(_probability(body))
    given = body.get("metadata")
    name = "state" if kind is ORDERS else "ticketState"
    state = given.get(name, "OPEN") if isinstance(given, dict) else "OPEN"
    if state not in ("OPEN", "CLOSED"):
        raise validation(f"metadata.{name} must be OPEN or CLOSED, was {str(state)[:40]}")
    return order_metadata(state) if kind is ORDERS else ticket_metadata(state)


def check_unused(account: Account, call: Call, kind: ObjectType, pipeline: Wire, stages: list[Wire]) -> None:
    """Whether no live record stands in stages that are about to go, if the caller asks. Raises HubSpotError 400 (facts 10.2).

    From 2026-09 on callers of dated paths ask unless they say otherwise (the vendor's guide to pipelines).
    """
    given = [value.lower() == "true" for name, value in call.query_pairs() if name.lower() in _CHECKS]
    if not (any(given) if given else _CHECKED_BY_DEFAULT.match(call.path)):
        return
    assert kind.pipeline is not None
    pipeline_name, stage_name = kind.pipeline
    going = {each["id"] for each in stages}
    used: set[str] = set()
    holders: list[str] = []
    for record in account.store.all(kind.plural):
        stage = record.fields.get(stage_name, "")
        if not record.archived and stage in going and record.fields.get(pipeline_name) == pipeline["id"]:
            used.add(stage)
            holders.append(record.id)
    if holders:
        stage_ids = f"[{', '.join(each['id'] for each in stages if each['id'] in used)}]"
        record_ids = f"[{', '.join(holders[:_HOLDERS_MAX])}]"
        raise validation(
            f"Stage IDs: {stage_ids} are being referenced by object IDs: {record_ids}",
            subCategory="PipelineError.STAGE_ID_IN_USE",
            context={"stageIds": [stage_ids], "objectIds": [record_ids]},
        )


# -- inside -----------------------------------------------------------------------------------------------------------


def _id_in(body: Wire, key: str) -> str | None:
    given = text_in(body, key)
    if given is not None and not _ID.fullmatch(given):
        raise validation(f"{key} must be lower case, without spaces, slashes and the like.")
    return given


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
        raise validation(f"metadata.probability must be between 0.0 and 1.0 in steps of 0.1, was {str(value)[:40]}")
    return f"{number:.1f}"
