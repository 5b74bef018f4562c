"""Which deal an event or a polled record is a hint to look at. No value of a hint is ever copied to the other side."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sync_engine.context import Context
from sync_engine.processes.agreed import deals_of_line, follows_changes, line_text, recall
from sync_engine.processes.events import is_worth_a_look, tracked_fields
from sync_engine.vendors.hubspot import CrmRecord

NEW_DEAL = timedelta(seconds=5)  # its company and positions come after it, and the looks at many new deals share their calls


class DealHints:
    """Asks for looks at deals, inside the caller's transaction. Never talks to a vendor."""

    def __init__(self, context: Context) -> None:
        self.c = context
        self.order = order = context.dictionary.entity("order")
        self._own_fields = {field.crm.field for field in order.fields if field.owner == "erp"} | {
            order.crm.link_field,
            order.error_field,
        }
        self.follows_changes = follows_changes(context.dictionary)
        self._tracked = tracked_fields(order) if self.follows_changes else set()
        self._leaves, self._disappears = (
            bool(context.dictionary.processes_of("crm", "order", event)) for event in ("leaves", "disappears")
        )

    def ask(self, deal_id: str) -> None:
        self.c.queue.put("order", "order", deal_id)

    # -- webhooks -------------------------------------------------------------------------------------------------

    def look_at(self, deal_id: str, what: str, name: str, value: str) -> None:
        """An event of a deal; `name` and `value` of the property, where one changed."""
        linked = self.c.store.linked("order", deal_id) is not None
        if what == "creation":
            if self.c.settings.start_from is None:  # else it may be history that is being loaded, which polling knows
                self.c.queue.put("order", "order", deal_id, NEW_DEAL)  # no event says whether it was won at once
            return
        if what == "propertyChange":
            asks = self._is_linked_news(deal_id, name, value) if linked else self._is_news(deal_id, name, value)
        else:
            gone = what == "deletion" and (self._has_problem(deal_id) or (linked and self._disappears))
            asks = gone or what in ("merge", "restore")
        if asks:
            self.ask(deal_id)

    def _is_linked_news(self, deal_id: str, name: str, value: str) -> bool:
        """Whether a property of a deal with an order may ask for anything; an echo of what we wrote does not."""
        link = self.c.store.linked("order", deal_id)
        if name == self.order.error_field:
            return False  # what we tell people is no reason to look: that would end the problem that it tells of
        if name in self._own_fields:
            return link is not None and (link.shadow or {}).get(name) != value
        if name in self.order.when:
            return self._leaves or self._has_problem(deal_id)
        return name in self._tracked or self._has_problem(deal_id)

    def _is_news(self, deal_id: str, name: str, value: str) -> bool:
        if name in self._own_fields:
            return False
        if name in self.order.when:
            return self.order.when[name] == value
        return self._has_problem(deal_id)

    def look_at_association(self, event: Mapping[str, Any]) -> None:
        """A deal got or lost a company or a position: news for an order that follows, and for a deal that could not be ordered."""
        ends = str(event.get("associationType", "")).split("_TO_")
        if len(ends) != 2 or "DEAL" not in ends:
            return
        deal_id = str(event.get("fromObjectId" if ends[0] == "DEAL" else "toObjectId") or "")
        follows = self.follows_changes and "LINE_ITEM" in ends and self.c.store.linked("order", deal_id) is not None
        if deal_id and (follows or self._has_problem(deal_id)):
            self.ask(deal_id)

    def look_at_line(self, line_id: str) -> None:
        """A line item changed, came or went. One that no deal is known for is told by its association."""
        for deal_id in deals_of_line(self.c.store, line_id):
            self.ask(deal_id)

    def _has_problem(self, deal_id: str) -> bool:
        letter = self.c.store.dead_letter(f"crm {self.order.crm.kind} {deal_id}")
        return letter is not None and letter.status != "resolved"

    # -- polling --------------------------------------------------------------------------------------------------

    def polled(self, deal: CrmRecord) -> bool:
        """A deal that the search shows as changed; whether it asks for work. An open problem may be over, whatever it was."""
        store = self.c.store
        links = {id: store.linked("order", id) for id in deal.merged_ids}
        known = store.linked("order", deal.id), recall(store, deal.id)
        news = is_worth_a_look(self.c.dictionary, deal, *known, links)
        if news or self._has_problem(deal.id):
            self.ask(deal.id)
        return news

    def polled_line(self, line: CrmRecord) -> bool:
        """A line item that the search shows as changed: the change of a position does not touch its deal."""
        deals, news = deals_of_line(self.c.store, line.id), False
        for deal_id in deals:
            agreed = recall(self.c.store, deal_id)
            if agreed is None or agreed.lines.get(line.id) != line_text(self.order, line):
                self.ask(deal_id)
                news = True
        if not deals:
            self.c.queue.put("lines", "order", line.id)
        return news
