"""What changed in ERPNext: lists by `modified`, the site's own wall-clock text, and the list of deleted documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sync_engine.context import Context
from sync_engine.dictionary import System
from sync_engine.outcomes import Refused
from sync_engine.polling.watch import write_down
from sync_engine.provision import ask_again

ERP_POLL = ("poll", "erp", "changes")
ERP_PAGE = 500
DOORBELL_OVERLAP = timedelta(seconds=5)  # reads do not lag in this ERP; the regular look has the large overlap
DELETED = "Deleted Document"
ORDER = "modified asc, name asc"
Row = Mapping[str, Any]


class ErpWatch:
    """Documents of one kind that changed since the cursor, with the columns that all who look at them need."""

    system: System = "erp"

    def __init__(self, context: Context, kind: str, every: int = 1, *, filters: Sequence[Sequence[Any]] = ()) -> None:
        self.c, self.kind, self.every, self.name = context, kind, every, f"erp {kind}"
        self._filters = [list(each) for each in filters]
        self._fields, self._looks = ["name", "modified"], list[Callable[[Row], bool]]()

    def add(self, fields: Sequence[str], look: Callable[[Row], bool]) -> None:
        self._fields = list(dict.fromkeys([*self._fields, *fields]))
        self._looks.append(look)

    async def look(self) -> bool:
        return await self.changes(self.c.settings.overlap)

    async def changes(self, overlap: timedelta) -> bool:
        """Page by page, each from where the one before ended and not by counting rows: whatever is edited meanwhile moves to the
        end and would take its neighbours along. The last document of a page is read again, for its children may be on two pages."""
        cursor = self.c.store.cursor(self.name)
        bounds = [["modified", ">=", _earlier(cursor, overlap)]] if cursor else []
        newest, found = cursor, False
        while True:
            rows = await self._page([*self._filters, *bounds])
            newest = max([newest, *(_padded(row["modified"]) for row in rows)])
            last_page = len(rows) < ERP_PAGE
            moved = (self.name, newest) if last_page and newest != cursor else None
            found = write_down(self.c, self.kind, _whole(rows), _version, self._look, moved) or found
            if last_page:
                return found
            last = str(rows[-1]["modified"])
            if last == rows[0]["modified"]:  # one bulk edit stamped them all alike
                found = await self._instant(last) or found
                bounds = [["modified", ">", last]]
            else:
                bounds = [["modified", ">=", last]]

    async def _instant(self, modified: str) -> bool:
        """Every document with this timestamp, by name: more of them than a page shows."""
        same, behind, found = [*self._filters, ["modified", "=", modified]], "", False
        while True:
            rows: Sequence[Row] = await self._page([*same, ["name", ">", behind]], order_by="name asc")
            if len(rows) == ERP_PAGE and rows[0]["name"] == rows[-1]["name"]:  # more children than a page has rows
                rows = await self._page([*same, ["name", "=", rows[0]["name"]]], limit=0)
            elif len(rows) == ERP_PAGE:
                rows = _whole(rows)
            if not rows:
                return found
            found = write_down(self.c, self.kind, rows, _version, self._look, None) or found
            behind = str(rows[-1]["name"])

    async def _page(
        self, filters: Sequence[Sequence[Any]], *, order_by: str = ORDER, limit: int = ERP_PAGE
    ) -> list[dict[str, Any]]:
        """Without columns that somebody removed: they are made again, and what the others say must not wait for that."""
        fields = self._fields
        while True:
            try:
                return await self.c.erp.list(self.kind, fields, filters, order_by=order_by, limit=limit)
            except Refused as error:
                there = [name for name in fields if not (name.startswith("custom_") and name in str(error))]
                if len(there) == len(fields):
                    raise
                fields = there
                with self.c.store.transaction():
                    ask_again(self.c)

    def _look(self, row: Row) -> bool:
        found = False
        for look in self._looks:
            found = look(row) or found
        return found


def _whole(rows: Sequence[Row]) -> Sequence[Row]:
    """A page without its last document if that may go on behind it; it has a row for each of its children."""
    if len(rows) < ERP_PAGE:
        return rows
    return [row for row in rows if row["name"] != rows[-1]["name"]]


def _version(row: Row) -> tuple[str, str]:
    return str(row["name"]), str(row["modified"])


def _padded(modified: Any) -> str:
    """Six digits of fraction always: the site omits a fraction of zero, which would sort before the same second's other rows."""
    text = str(modified)
    return text if "." in text else f"{text}.000000"


def _earlier(cursor: str, overlap: timedelta) -> str:
    """The site's own wall-clock text, moved back; no zone is involved."""
    return (datetime.fromisoformat(cursor) - overlap).isoformat(sep=" ", timespec="microseconds")
