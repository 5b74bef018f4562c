"""Pipelines and their stages: the default ones of deals, tickets, orders and custom objects, and those an administrator made.

The store's kind `pipelines` holds wire rows under `deals/default`; a default pipeline enters it only once it is changed. Metadata
values are strings. Source: facts section 10.2; the stages of tickets and orders and all ids but the deals' are our guess.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from fake_crm.hubspot.model.standard_types import ObjectType
from fake_crm.hubspot.model.stock import EPOCH_TEXT
from fake_crm.hubspot.wire import wire_time
from harness.kit.records import Record, RecordStore

KIND = "pipelines"
Row = dict[str, Any]


def deal_metadata(probability: str) -> dict[str, str]:
    """`isClosed` follows from the probability (1.0 won, 0.0 lost)."""
    closed = float(probability) in (0.0, 1.0)
    return {"isClosed": "true" if closed else "false", "probability": probability}


def ticket_metadata(state: str) -> dict[str, str]:
    return {"isClosed": "true" if state == "CLOSED" else "false", "ticketState": state}


def order_metadata(state: str) -> dict[str, str]:
    return {"state": state}


def stage_row(stage_id: str, label: str, order: int, metadata: dict[str, str], at: str) -> Row:
    """A stage as the wire shows it."""
    return {
        "id": stage_id,
        "label": label,
        "displayOrder": order,
        "metadata": metadata,
        "createdAt": at,
        "updatedAt": at,
        "archived": False,
        "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
    }


_DEAL_STAGES = (
    ("appointmentscheduled", "Appointment Scheduled", "0.2"),
    ("qualifiedtobuy", "Qualified To Buy", "0.4"),
    ("presentationscheduled", "Presentation Scheduled", "0.6"),
    ("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
    ("contractsent", "Contract Sent", "0.9"),
    ("closedwon", "Closed Won", "1.0"),
    ("closedlost", "Closed Lost", "0.0"),
)
_TICKET_STAGES = (
    ("1", "New", "OPEN"),
    ("2", "Waiting on contact", "OPEN"),
    ("3", "Waiting on us", "OPEN"),
    ("4", "Closed", "CLOSED"),
)
_ORDER_STAGES = (
    ("937401", "Open", "OPEN"), ("937402", "Processed", "OPEN"), ("937403", "Shipped", "OPEN"),
    ("937404", "Delivered", "CLOSED"), ("937405", "Cancelled", "CLOSED"),
)  # fmt: skip
_CUSTOM_STAGES = (("938201", "New", "OPEN"), ("938202", "Done", "CLOSED"))


@cache
def default_pipeline(kind: str) -> Row:
    """The pipeline every account has for a type. Types without pipelines have none: ask `ObjectType.pipeline` first."""
    if kind == "deals":
        return _pipeline("default", "Sales Pipeline", _stages(_DEAL_STAGES, deal_metadata))
    if kind == "tickets":
        return _pipeline("0", "Support Pipeline", _stages(_TICKET_STAGES, ticket_metadata))
    if kind == "orders":
        return _pipeline("937400", "Order Pipeline", _stages(_ORDER_STAGES, order_metadata))
    return _pipeline("938200", "Default Pipeline", _stages(_CUSTOM_STAGES, ticket_metadata))


def _stages(table: tuple[tuple[str, str, str], ...], metadata: Callable[[str], dict[str, str]]) -> list[Row]:
    return [stage_row(key, label, order, metadata(value), EPOCH_TEXT) for order, (key, label, value) in enumerate(table)]


def _pipeline(pipeline_id: str, label: str, stages: list[Row]) -> Row:
    return {
        "id": pipeline_id,
        "label": label,
        "displayOrder": 0,
        "stages": stages,
        "createdAt": EPOCH_TEXT,
        "updatedAt": EPOCH_TEXT,
        "archived": False,
    }


class Stage:
    """What records derive from their stage. Only a deal's has a probability and can be won."""

    __slots__ = ("closed", "derived", "id", "label", "probability", "won")

    def __init__(self, row: Row) -> None:
        metadata = row["metadata"]
        self.id: str = row["id"]
        self.label: str = row["label"]
        self.probability: str = metadata.get("probability", "")
        state = metadata.get("ticketState") or metadata.get("state")
        self.closed = metadata.get("isClosed") == "true" or state == "CLOSED"
        self.won = self.closed and bool(self.probability) and float(self.probability) > 0
        self.derived = {
            "hs_is_closed": "true" if self.closed else "false",
            "hs_is_closed_won": "true" if self.won else "false",
            "hs_deal_stage_probability": "1" if self.won else "0" if self.closed else self.probability,
        }


class Pipelines:
    """All pipelines of one account, by type and id."""

    def __init__(self, store: RecordStore) -> None:
        self._store = store
        self._stages: dict[str, tuple[Row, dict[str, Stage]]] = {}
        store.define(KIND, indexes=("object",))

    def rows(self, kind: ObjectType, *, archived: bool = False) -> list[Row]:
        """Wire rows, the default one first."""
        own = self._store.where(KIND, "object", kind.plural)
        rows = [record.fields["pipeline"] for record in own if record.archived is archived]
        if archived:
            return [_archived(record) for record in own if record.archived]
        default = default_pipeline(kind.plural)
        return rows if any(record.fields["pipeline"]["id"] == default["id"] for record in own) else [default, *rows]

    def row(self, kind: ObjectType, pipeline_id: str) -> Row | None:
        record = self._store.get(KIND, f"{kind.plural}/{pipeline_id}")
        if record is None:
            default = default_pipeline(kind.plural)
            return default if pipeline_id == default["id"] else None
        found: Row = record.fields["pipeline"]
        return None if record.archived else found

    def known(self, kind: ObjectType, pipeline_id: str) -> bool:
        """Whether a pipeline has this id, live or archived."""
        return (
            pipeline_id == default_pipeline(kind.plural)["id"] or self._store.get(KIND, f"{kind.plural}/{pipeline_id}") is not None
        )

    def default_id(self, kind: ObjectType) -> str:
        """The pipeline of a record that names none: the vendor's own, or where that is archived the first there is."""
        found: str = default_pipeline(kind.plural)["id"]
        if self.row(kind, found) is None:
            found = next((row["id"] for row in self.rows(kind)), found)
        return found

    def stages(self, kind: ObjectType, pipeline_id: str) -> dict[str, Stage] | None:
        """Stages by id, in their order, or None for an unknown pipeline."""
        row = self.row(kind, pipeline_id)
        if row is None:
            return None
        key = f"{kind.plural}/{pipeline_id}"
        cached = self._stages.get(key)
        if cached is None or cached[0] is not row:
            cached = self._stages[key] = (row, {each["id"]: Stage(each) for each in row["stages"]})
        return cached[1]

    def put(self, kind: ObjectType, row: Row) -> None:
        key = f"{kind.plural}/{row['id']}"
        if self._store.get(KIND, key) is None:
            self._store.insert(KIND, key, {"object": kind.plural, "pipeline": row})
        else:
            self._store.update(KIND, key, {"pipeline": row})

    def archive(self, kind: ObjectType, pipeline_id: str) -> None:
        key = f"{kind.plural}/{pipeline_id}"
        if self._store.get(KIND, key) is None:
            self.put(kind, default_pipeline(kind.plural))
        self._store.archive(KIND, key)

    def restore(self, kind: ObjectType, pipeline_id: str) -> None:
        self._store.restore_record(KIND, f"{kind.plural}/{pipeline_id}")


def _archived(record: Record) -> Row:
    row = {**record.fields["pipeline"], "archived": True}
    return row if record.archived_at is None else {**row, "archivedAt": wire_time(record.archived_at)}
