"""Records that stand in a stage of a pipeline: deals, tickets, orders, custom objects. Source: facts sections 3.4, 6, 10.2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_crm.hubspot.model.pipelines import Stage
from fake_crm.hubspot.model.rules.base import Problems, Rules, Values
from fake_crm.hubspot.model.standard_types import ObjectType
from harness.kit.records import Record

if TYPE_CHECKING:
    from fake_crm.hubspot.model.account import Account, NewLink


class StagedRules(Rules):
    """A stage must be one of the record's pipeline; a pipeline must exist. A record without either gets the first."""

    kind: ObjectType

    @property
    def names(self) -> tuple[str, str]:
        names = self.kind.pipeline
        assert names is not None
        return names

    def check(self, values: Values, current: Values, problems: Problems) -> None:
        pipeline_name, stage_name = self.names
        if stage_name not in values and pipeline_name not in values:
            return
        pipelines, settings = self.account.pipelines, self.account.settings
        pipeline = values.get(pipeline_name) or current.get(pipeline_name) or pipelines.default_id(self.kind)
        stages = pipelines.stages(self.kind, pipeline)
        if stages is None:
            known = ", ".join(row["id"] for row in pipelines.rows(self.kind))
            problems.append((pipeline_name, "INVALID_OPTION", f"{pipeline} was not one of the allowed options: [{known}]"))
            return
        stage = values.get(stage_name)
        if not stage or stage in stages:
            return
        if not settings.stage_must_fit_pipeline and self._anywhere(stage):
            return
        problems.append((stage_name, "INVALID_OPTION", f"{stage} was not one of the allowed options: [{', '.join(stages)}]"))

    def _anywhere(self, stage: str) -> bool:
        return any(each["id"] == stage for row in self.account.pipelines.rows(self.kind) for each in row["stages"])

    def first_stage(self, values: Values) -> Stage | None:
        """Fill in pipeline and stage of a new record; the stage it stands in, where that is known."""
        pipeline_name, stage_name = self.names
        pipeline = values.setdefault(pipeline_name, self.account.pipelines.default_id(self.kind))
        stages = self.account.pipelines.stages(self.kind, pipeline) or {}
        if stage_name not in values and self.account.settings.first_stage_when_missing:
            values[stage_name] = next(iter(stages), "")
        return stages.get(values.get(stage_name, ""))

    def new_stage(self, record: Record, values: Values, changes: Values) -> Stage | None:
        """The stage a change moves the record to, None for one that was cleared; a change of the pipeline alone moves it to that
        one's first stage. A pipeline that is cleared is the default one again (our guess)."""
        pipeline_name, stage_name = self.names
        current = record.fields
        if changes.get(pipeline_name) == "":
            values[pipeline_name] = changes[pipeline_name] = self.account.pipelines.default_id(self.kind)
            if changes[pipeline_name] == current.get(pipeline_name):
                del changes[pipeline_name]
        if stage_name not in changes and pipeline_name not in changes:
            return None
        pipeline = changes.get(pipeline_name) or current.get(pipeline_name) or self.account.pipelines.default_id(self.kind)
        stages = self.account.pipelines.stages(self.kind, pipeline) or {}
        if pipeline_name in changes and stage_name not in values:
            changes[stage_name] = next(iter(stages), "")
        return stages.get(changes.get(stage_name, current.get(stage_name) or ""))


class CustomRules(StagedRules):
    """Custom objects and orders: a stage only where one is given or a pipeline is."""

    def __init__(self, account: Account, kind: ObjectType) -> None:
        super().__init__(account)
        self.kind = kind

    def created(self, values: Values, links: list[NewLink], now: str) -> None:
        pipeline_name, stage_name = self.names
        if pipeline_name in values or stage_name in values:
            self.first_stage(values)
