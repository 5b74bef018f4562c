"""Deals, tickets and orders follow their stage. Source: facts section 6 (auto-populated on deals), 7.4 (orders)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fake_crm.hubspot.model.pipelines import Stage
from fake_crm.hubspot.model.rules.base import Values
from fake_crm.hubspot.model.rules.staged import StagedRules
from fake_crm.hubspot.model.standard_types import COMPANIES, CONTACTS, DEALS, ORDERS, TICKETS
from fake_crm.hubspot.wire import ms_of
from harness.kit.records import Record

if TYPE_CHECKING:
    from fake_crm.hubspot.model.account import Account, NewLink


class DealRules(StagedRules):
    kind = DEALS

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self.follows_updates = account.settings.deals_raise_lifecycle

    def created(self, values: Values, links: list[NewLink], now: str) -> None:
        """Fill in pipeline, first stage, currency and what follows from the stage."""
        stage = self.first_stage(values)
        values.setdefault("deal_currency_code", self.account.settings.currency)
        if stage is None:
            return
        values.update(stage.derived)
        values[f"hs_v2_date_entered_{stage.id}"] = now

    def changed(self, record: Record, values: Values, changes: Values, now: str) -> None:
        """Let a deal follow a change of its stage. Moving into won or lost sets `closedate` unless the request did."""
        stage, current = self.new_stage(record, values, changes), record.fields
        if stage is None:
            if changes.get("dealstage") == "" and current.get("dealstage"):
                changes.update(_NOWHERE)
                _leave(current["dealstage"], current, changes, now)
            return
        changes.update({name: value for name, value in stage.derived.items() if current.get(name) != value})
        if stage.id != current.get("dealstage"):
            changes[f"hs_v2_date_entered_{stage.id}"] = now
            if current.get("dealstage"):
                _leave(current["dealstage"], current, changes, now)
        if self.account.settings.closedate_on_close and "closedate" not in values and _closes(stage, current):
            changes["closedate"] = now
        if self.account.settings.deals_raise_lifecycle and stage.won:
            self.raise_lifecycle(record.id, "customer")

    def linked(self, record: Record, other_kind: str, other_id: str, *, is_new: bool) -> None:
        """Two automations of an account that are off by default (facts 7.7): the life cycle of those a deal is made with, and
        the company of its contact."""
        settings = self.account.settings
        if settings.deals_raise_lifecycle and other_kind in ("contacts", "companies"):
            won = record.fields.get("hs_is_closed_won") == "true"
            self.raise_lifecycle(record.id, "customer" if won else "opportunity")
        if settings.deals_inherit_company and other_kind == "contacts":
            self._inherit_company(record.id, other_id)

    def raise_lifecycle(self, deal_id: str, stage: str) -> None:
        account = self.account
        for kind in (CONTACTS, COMPANIES):
            for link in account.links.of(DEALS, deal_id, kind):
                other = account.live(kind, link.fields["to_id"])
                if other is not None:
                    account.patch(kind, other, {"lifecyclestage": stage})

    def _inherit_company(self, deal_id: str, contact_id: str) -> None:
        account = self.account
        primary = account.association_types.primary(CONTACTS, COMPANIES)
        plain = account.association_types.plain(DEALS, COMPANIES)
        assert primary is not None
        assert plain is not None
        for link in account.links.of(CONTACTS, contact_id, COMPANIES):
            if primary.id in link.fields["types"]:
                account.link(DEALS, deal_id, COMPANIES, link.fields["to_id"], [plain.id], keep=True)


# what follows from no stage at all (our guess)
_NOWHERE = {"hs_is_closed": "false", "hs_is_closed_won": "false", "hs_deal_stage_probability": ""}


def _leave(stage_id: str, current: dict[str, Any], changes: Values, now: str) -> None:
    """The time in a stage is told when it is left, in ms, all stays together (our guess; facts 6 have the names)."""
    changes[f"hs_v2_date_exited_{stage_id}"] = now
    since, until = ms_of(current.get(f"hs_v2_date_entered_{stage_id}") or now), ms_of(now)
    if since is not None and until is not None:
        name = f"hs_time_in_{stage_id}"
        changes[name] = str(int(current.get(name) or 0) + until - since)


def _closes(stage: Stage, current: dict[str, Any]) -> bool:
    """Into won or lost, and between the two; not from one won stage to another."""
    if not stage.closed:
        return False
    was_won = current.get("hs_is_closed_won") == "true"
    return current.get("hs_is_closed") != "true" or was_won != stage.won


class TicketRules(StagedRules):
    kind = TICKETS

    def created(self, values: Values, links: list[NewLink], now: str) -> None:
        values["hs_ticket_id"] = values["hs_object_id"]
        stage = self.first_stage(values)
        if stage is not None and stage.closed:
            values["closed_date"] = now

    def changed(self, record: Record, values: Values, changes: Values, now: str) -> None:
        """Closing sets the close date, opening again clears it (our guess)."""
        stage = self.new_stage(record, values, changes)
        if stage is not None and stage.closed is not bool(record.fields.get("closed_date")):
            changes["closed_date"] = now if stage.closed else ""


class OrderRules(StagedRules):
    kind = ORDERS

    def created(self, values: Values, links: list[NewLink], now: str) -> None:
        """An order starts in its pipeline's first stage (our guess)."""
        self.first_stage(values)

    def changed(self, record: Record, values: Values, changes: Values, now: str) -> None:
        self.new_stage(record, values, changes)
