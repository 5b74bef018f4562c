"""Prices of ERPNext that begin or end with a new day: no document changes then, so no list by `modified` shows them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sync_engine.context import Context
from sync_engine.dictionary import System
from sync_engine.polling.erp import Row
from sync_engine.processes.prices import ITEM_PRICE

LAST_DAY = "price days until"  # cursor: the day whose prices were looked at last
PAGE = 500


class PriceDays:
    """Two lists a day, once the date (UTC) has changed; every other look costs no call. Days of standing still are made up for."""

    name = "erp days of prices"
    system: System = "erp"
    every = 1

    def __init__(self, context: Context, column: str, look: Callable[[Row], bool]) -> None:
        """`column`: where a price says whose it is."""
        self.c, self._column, self._look = context, column, look

    async def look(self) -> bool:
        store, today = self.c.store, self.c.clock.now().date()
        last = store.cursor(LAST_DAY)
        if last >= today.isoformat():
            return False
        if last:  # else this is the very first look, and that at all prices goes by today's date
            yesterday = (today - timedelta(days=1)).isoformat()
            await self._ask([["valid_from", ">", last], ["valid_from", "<=", today.isoformat()]])
            await self._ask([["valid_upto", ">=", last], ["valid_upto", "<=", yesterday]])
        with store.transaction():
            store.set_cursor(LAST_DAY, today.isoformat())
        return False

    async def _ask(self, when: list[list[Any]]) -> None:
        behind = ""
        while True:
            rows = await self.c.erp.list(
                ITEM_PRICE, ["name", self._column], [*when, ["name", ">", behind]], order_by="name asc", limit=PAGE
            )
            with self.c.store.transaction():
                for row in rows:
                    self._look(row)
            if len(rows) < PAGE:
                return
            behind = str(rows[-1]["name"])
