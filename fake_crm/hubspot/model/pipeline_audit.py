"""Who changed a pipeline or one of its stages, when, and to what. Source: the vendor's document `pipelines`.

The store's kind `pipeline_audits` holds one row a change; `of` is `deals/default`, or `deals/default/closedwon` for a stage. Names
of actions, and that the newest comes first, are our guess.
"""

from __future__ import annotations

from typing import Any

from fake_crm.hubspot.model.owners import user_id_of
from fake_crm.hubspot.model.standard_types import ObjectType
from harness.kit.records import RecordStore

KIND = "pipeline_audits"
CREATED, CHANGED, DELETED = "CREATE", "UPDATE", "DELETE"
Row = dict[str, Any]


class PipelineAudit:
    def __init__(self, store: RecordStore, portal_id: int) -> None:
        self._store, self._portal_id = store, portal_id
        store.define(KIND, indexes=("of",))

    def rows(self, kind: ObjectType, pipeline_id: str, stage_id: str | None = None) -> list[Row]:
        """Changes as the wire shows them, the newest first."""
        found = self._store.where(KIND, "of", _key(kind, pipeline_id, stage_id))
        return [record.fields["row"] for record in reversed(found)]

    def note(self, kind: ObjectType, pipeline_id: str, action: str, row: Row, at: str, *, is_stage: bool = False) -> None:
        """`row` is the pipeline or stage as it is after the change, or was before it was deleted."""
        entry = {"action": action, "identifier": row["id"], "portalId": self._portal_id, "timestamp": at, "rawObject": row}
        role, _, person = self._store.actor.partition(":")
        if role == "person":
            entry["fromUserId"] = user_id_of(person)
        of = _key(kind, pipeline_id, row["id"] if is_stage else None)
        self._store.insert(KIND, str(self._store.count(KIND) + 1), {"object": kind.plural, "of": of, "row": entry})

    def note_stages(self, kind: ObjectType, pipeline_id: str, before: list[Row], after: list[Row], at: str) -> None:
        """Compare the stages of a pipeline before and after."""
        old = {row["id"]: row for row in before}
        for row in after:
            was = old.pop(row["id"], None)
            if was is None:
                self.note(kind, pipeline_id, CREATED, row, at, is_stage=True)
            elif was != row:
                self.note(kind, pipeline_id, CHANGED, row, at, is_stage=True)
        for row in old.values():
            self.note(kind, pipeline_id, DELETED, row, at, is_stage=True)


def _key(kind: ObjectType, pipeline_id: str, stage_id: str | None) -> str:
    return f"{kind.plural}/{pipeline_id}" if stage_id is None else f"{kind.plural}/{pipeline_id}/{stage_id}"
