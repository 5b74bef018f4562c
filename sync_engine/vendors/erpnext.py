"""ERPNext v15 over `/api/resource` (contracts: erpnext/facts.md sections 1, 2, 3, 5, 7).

Timestamps are kept as the text the site sends: it has no zone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from random import Random
from typing import Any
from urllib.parse import quote

from sync_engine.governor import ErpGovernor
from sync_engine.outcomes import Conflict, NotFound, Refused, Throttled, Transient, Unknown, VendorError
from sync_engine.ports import Clock, Http
from sync_engine.vendors.caller import Answer, Caller
from sync_engine.wire import NotJson, plain, read_json, segment, write_json, write_text

Doc = Mapping[str, Any]
ROLLED_BACK = frozenset({"QueryDeadlockError", "QueryTimeoutError", "SessionStopped", "InReadOnlyMode"})  # 5xx that wrote nothing
PASSING = frozenset(
    {"TimestampMismatchError", "DocumentLockedError", "QueryDeadlockError", "QueryTimeoutError"}
)  # 417 worth repeating
TAKEN = frozenset({"UniqueValidationError", "DuplicateEntryError"})
IDENTICAL = "="


class ErpNext:
    """The ERP client. Every method raises VendorError."""

    def __init__(
        self, base_url: str, api_key: str, api_secret: str, http: Http, clock: Clock, random: Random, timeout_s: float = 15.0
    ) -> None:
        headers = {
            "Authorization": f"token {api_key}:{api_secret}",
            "Content-Type": "application/json",
            "Accept": "application/json",
        }
        self.governor = ErpGovernor(clock)
        self._caller = Caller("erp", base_url, headers, http, clock, random, self._classify, timeout_s)

    @property
    def calls(self) -> int:
        return self._caller.calls

    async def create(self, kind: str, doc: Doc) -> Doc:
        """Insert (and submit, with `docstatus` 1, in the same transaction).

        Raises Conflict for a taken unique value, Unknown without a clear answer.
        """
        answer = await self._caller.call(self.governor, "POST", f"/api/resource/{segment(kind)}", write_json(doc), safe=False)
        return _data(answer)

    async def read(self, kind: str, name: str) -> Doc:
        """Null fields are absent. Raises NotFound."""
        return _data(await self._caller.call(self.governor, "GET", f"/api/resource/{segment(kind)}/{segment(name)}", safe=True))

    async def update(self, kind: str, name: str, changes: Doc) -> Doc:
        """Change the given fields to absolute values: safe to repeat."""
        path = f"/api/resource/{segment(kind)}/{segment(name)}"
        return _data(await self._caller.call(self.governor, "PUT", path, write_json(changes), safe=True))

    async def list(
        self,
        kind: str,
        fields: Sequence[str],
        filters: Sequence[Sequence[Any]],
        *,
        order_by: str = "modified asc, name asc",
        start: int = 0,
        limit: int = 0,
    ) -> list[dict[str, Any]]:
        """Rows with exactly these columns. `limit` 0 means all; the vendor's own default would stop at 20. Always a total order."""
        query = (
            f"fields={_quoted(write_text(list(fields)))}&filters={quote(write_text([list(entry) for entry in filters]))}"
            f"&order_by={_quoted(order_by)}&limit_start={start}&limit_page_length={limit}"
        )
        answer = await self._caller.call(self.governor, "GET", f"/api/resource/{segment(kind)}?{query}", safe=True)
        rows = answer.json.get("data")
        return list(rows) if isinstance(rows, list) else []

    async def find(self, kind: str, field: str, value: str) -> str | None:
        """The name of the newest document whose `field` is exactly `value`: the site itself compares without case and accents."""
        rows = await self.list(
            kind, ["name", field], [[kind, field, IDENTICAL, value]], order_by="creation desc, name asc", limit=20
        )
        for row in rows:
            if row.get(field) == value:
                return str(row["name"])
        return None

    # -- errors ---------------------------------------------------------------------------------------------------

    def _classify(self, answer: Answer, safe: bool) -> VendorError:
        body = answer.json if isinstance(answer.json, dict) else {}
        kind, status = str(body.get("exc_type", "")), answer.status
        if status == 429:
            wait = _seconds(answer.headers.get("retry-after")) or timedelta(seconds=10)
            self.governor.pause(wait)
            return Throttled("erp", "the ERP's limit for processing time is used up", wait)
        message = said(body) or f"HTTP {status}"
        if kind in TAKEN:
            return Conflict("erp", message)
        if kind in PASSING or kind in ROLLED_BACK:
            return Transient("erp", f"the ERP is busy: {message}", _seconds(answer.headers.get("retry-after")))
        if status == 401:
            return Transient("erp", "the ERP refused our key", timedelta(seconds=30))
        if status == 404 and kind:
            return NotFound("erp", message)
        if 400 <= status < 500 and kind:
            return Refused("erp", message)
        text = f"the ERP failed (HTTP {status})" if not kind else f"the ERP failed: {message}"
        return Transient("erp", text) if safe else Unknown("erp", text)


@lru_cache(maxsize=64)
def _quoted(text: str) -> str:
    """For what is the same in many calls: columns and orders."""
    return quote(text)


def said(body: Mapping[str, Any]) -> str:
    """What the site tells a person: the last server message that raised, else the last one, else the exception's own text."""
    entries: list[Mapping[str, Any]] = []
    try:
        for text in read_json(str(body.get("_server_messages", "[]")).encode()):
            entry = read_json(str(text).encode())
            if isinstance(entry, dict):
                entries.append(entry)
    except (NotJson, TypeError):
        pass
    raised = [entry for entry in entries if entry.get("raise_exception")] or entries
    if raised:
        return plain(str(raised[-1].get("message", "")))
    exception = str(body.get("exception", ""))
    return plain(exception.partition(": ")[2] or exception)


def _data(answer: Answer) -> Doc:
    data = answer.json.get("data")
    return data if isinstance(data, dict) else {}


def _seconds(text: str | None) -> timedelta | None:
    return timedelta(seconds=int(text)) if text is not None and text.isascii() and text.isdigit() else None
