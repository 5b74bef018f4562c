"""Deal pipelines and their stages: the default one, those an administrator made, and the routes that read and write them.

The store's kind `pipelines` holds wire rows; the default pipeline enters it only once it is changed. Metadata values are strings.
Source: facts section 10.2. Not modelled: audit, pipelines of other types, the checks of references before a delete.
"""

from __future__ import annotations

from typing import Any

from fake_crm.hubspot.model.stock import EPOCH_TEXT
from harness.kit.records import RecordStore

KIND = "pipelines"
Row = dict[str, Any]


def stage_row(stage_id: str, label: str, order: int, probability: str, at: str) -> Row:
    """A stage as the wire shows it; `isClosed` follows from the probability (1.0 won, 0.0 lost)."""
    closed = float(probability) in (0.0, 1.0)
    return {
        "id": stage_id,
        "label": label,
        "displayOrder": order,
        "metadata": {"isClosed": "true" if closed else "false", "probability": probability},
        "createdAt": at,
        "updatedAt": at,
        "archived": False,
        "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
    }


_STAGES = (
    ("appointmentscheduled", "Appointment Scheduled", "0.2"),
    ("qualifiedtobuy", "Qualified To Buy", "0.4"),
    ("presentationscheduled", "Presentation Scheduled", "0.6"),
    ("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
    ("contractsent", "Contract Sent", "0.9"),
    ("closedwon", "Closed Won", "1.0"),
    ("closedlost", "Closed Lost", "0.0"),
)
DEFAULT: Row = {
    "id": "default",
    "label": "Sales Pipeline",
    "displayOrder": 0,
    "stages": [stage_row(stage, label, order, odds, EPOCH_TEXT) for order, (stage, label, odds) in enumerate(_STAGES)],
    "createdAt": EPOCH_TEXT,
    "updatedAt": EPOCH_TEXT,
    "archived": False,
}


class Stage:
    """What deals derive from their stage."""

    __slots__ = ("closed", "id", "probability", "won")

    def __init__(self, row: Row) -> None:
        self.id: str = row["id"]
        self.probability: str = row["metadata"]["probability"]
        self.closed = row["metadata"]["isClosed"] == "true"
        self.won = self.closed and float(self.probability) > 0

    @property
    def derived(self) -> dict[str, str]:
        probability = "1" if self.won else "0" if self.closed else self.probability
        return {
            "hs_is_closed": "true" if self.closed else "false",
            "hs_is_closed_won": "true" if self.won else "false",
            "hs_deal_stage_probability": probability,
        }


class Pipelines:
    def __init__(self, store: RecordStore) -> None:
        self._store = store
        self._stages: dict[str, tuple[Row, dict[str, Stage]]] = {}
        store.define(KIND)

    def rows(self) -> list[Row]:
        own = {record.id: record for record in self._store.all(KIND)}
        first = [] if "default" in own else [DEFAULT]
        return first + [record.fields["pipeline"] for record in own.values() if not record.archived]

    def row(self, pipeline_id: str) -> Row | None:
        record = self._store.get(KIND, pipeline_id)
        if record is None:
            return DEFAULT if pipeline_id == "default" else None
        found: Row = record.fields["pipeline"]
        return None if record.archived else found

    def stages(self, pipeline_id: str) -> dict[str, Stage] | None:
        """Stages by id, in their order, or None for an unknown pipeline."""
        row = self.row(pipeline_id)
        if row is None:
            return None
        cached = self._stages.get(pipeline_id)
        if cached is None or cached[0] is not row:
            cached = self._stages[pipeline_id] = (row, {each["id"]: Stage(each) for each in row["stages"]})
        return cached[1]

    def put(self, row: Row) -> None:
        if self._store.get(KIND, row["id"]) is None:
            self._store.insert(KIND, row["id"], {"pipeline": row})
        else:
            self._store.update(KIND, row["id"], {"pipeline": row})

    def archive(self, pipeline_id: str) -> None:
        if self._store.get(KIND, pipeline_id) is None:
            self.put(DEFAULT)
        self._store.archive(KIND, pipeline_id)
