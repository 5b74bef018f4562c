"""Positions that came to, or were taken out of, deals that have an order: a search shows neither the line item that is archived or
no longer associated, nor any change of its deal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from math import ceil

from sync_engine.context import Context
from sync_engine.dictionary import System
from sync_engine.polling.watch import write_down
from sync_engine.processes.agreed import PAIR, agreed_in

EVERY = timedelta(hours=1)
BEHIND = "lines of deals behind"  # cursor: the deal at which the last look ended
PAGE, PAGES_MAX = 1_000, 10  # a call reads the associations of so many deals; calls of one look


class LinesWatch:
    """Which line items the deals with a standing win have, against what was agreed: every hour, 10,000 deals at most, in turn."""

    system: System = "crm"

    def __init__(self, context: Context, look: Callable[[str], bool]) -> None:
        order = context.dictionary.entity("order")
        assert order.lines is not None
        self.c, self._look, self._deals, self._lines = context, look, order.crm.kind, order.lines.crm_kind
        self.every, self.name = max(1, ceil(EVERY / context.settings.poll_every)), f"crm {self._lines} of {self._deals}"

    async def look(self) -> bool:
        """A difference that was looked at before, and still is one, waits for a person: for two days it asks for nothing more."""
        store = self.c.store
        behind = store.cursor(BEHIND)
        for _ in range(PAGES_MAX):
            pairs = store.links(PAIR, behind, PAGE)
            agreed = {pair.crm_id: found for pair in pairs if (found := agreed_in(pair)) is not None and found.state == "won"}
            links = await self.c.crm.associations_many(self._deals, list(agreed), self._lines) if agreed else {}
            now = {id: {line for line, _ in links[id]} for id in agreed}
            rows = [(id, " ".join(sorted(now[id]))) for id in agreed if now[id] != set(agreed[id].lines)]
            behind = pairs[-1].crm_id if len(pairs) == PAGE else ""
            write_down(self.c, self.name, rows, lambda row: row, lambda row: self._look(row[0]), (BEHIND, behind))
            if not behind:
                break
        return False
