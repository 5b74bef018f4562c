"""Single documents of ERPNext, and what its refusals mean (contracts: erpnext/facts.md sections 2, 3, 4.3, 5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any

from sync_engine.governor import ErpGovernor, Pace
from sync_engine.outcomes import Conflict, NotFound, Refused, Throttled, Transient, Unknown, VendorError, WrongKey
from sync_engine.ports import Clock, Http
from sync_engine.vendors.caller import Answer, Caller
from sync_engine.vendors.together import Companies
from sync_engine.wire import NotJson, plain, read_json, segment, write_json, write_text

Doc = Mapping[str, Any]
ROLLED_BACK = frozenset({"QueryDeadlockError", "QueryTimeoutError", "SessionStopped", "InReadOnlyMode"})  # 5xx that wrote nothing
PASSING = frozenset(
    {"TimestampMismatchError", "DocumentLockedError", "QueryDeadlockError", "QueryTimeoutError"}
)  # 417 worth repeating
UNFIT = frozenset({"DataError"})  # 5xx of a value that its column can never hold; rolled back
TAKEN = frozenset({"UniqueValidationError", "DuplicateEntryError"})
CANCELLED = 2
TOGETHER_MAX = 100  # documents in one list


class Documents:
    """What is done with one document."""

    def __init__(
        self, base_url: str, api_key: str, api_secret: str, http: Http, clock: Clock, random: Random, timeout_s: float = 15.0
    ) -> None:
        headers = {
            "Authorization": f"token {api_key}:{api_secret}",
            "Content-Type": "application/json",
            "Accept": "application/json",
        }
        self.governor = ErpGovernor(clock)
        self._together = Companies(TOGETHER_MAX)
        self._caller = Caller("erp", base_url, headers, http, clock, random, self._classify, timeout_s)

    @property
    def calls(self) -> int:
        return self._caller.calls

    def share(self, count: int) -> None:
        """`count` replicas divide the site's processing time."""
        self.governor.share(count)

    def paces(self) -> dict[str, Pace]:
        """How the site's quota is used right now."""
        return {"erp processing time": self.governor.describe()}

    async def create(self, kind: str, doc: Doc) -> Doc:
        """Insert (and submit, with `docstatus` 1, in the same transaction).

        Raises Conflict for a taken unique value, Unknown without a clear answer.
        """
        answer = await self._caller.call(
            self.governor, "POST", f"/api/resource/{segment(kind)}", write_json(doc), safe=False, needs="data"
        )
        return _data(answer)

    async def amend(self, kind: str, cancelled: str, doc: Doc) -> Doc:
        """`create` in the place of a cancelled document. Its unique fields must be cleared first: they still count.

        The new name is the old one with `-1`, `-2`, …, so a second amendment of one document raises Conflict.
        """
        return await self.create(kind, {**doc, "amended_from": cancelled})

    async def read(self, kind: str, name: str) -> Doc:
        """Null fields are absent. Raises NotFound."""
        path = f"/api/resource/{segment(kind)}/{segment(name)}"
        return _data(await self._caller.call(self.governor, "GET", path, safe=True, needs="data"))

    async def update(self, kind: str, name: str, changes: Doc) -> Doc:
        """Change the given fields to absolute values: safe to repeat."""
        path = f"/api/resource/{segment(kind)}/{segment(name)}"
        return _data(await self._caller.call(self.governor, "PUT", path, write_json(changes), safe=True, needs="data"))

    async def submit(self, kind: str, name: str) -> Doc:
        """Submitting what is submitted changes nothing but `modified`: safe to repeat. Raises Refused for a cancelled one."""
        return await self.update(kind, name, {"docstatus": 1})

    async def cancel(self, kind: str, name: str) -> None:
        """Cancelling what is cancelled is no error: the site refuses it, so its state decides. Raises Refused for linked ones."""
        try:
            await self.call("frappe.client.cancel", {"doctype": kind, "name": name}, safe=True)
        except NotFound:
            raise
        except Refused:
            if (await self.read(kind, name)).get("docstatus") != CANCELLED:
                raise

    async def delete(self, kind: str, name: str) -> None:
        """What is not there (any more) is no error. Raises Refused for submitted and linked documents."""
        try:
            await self._caller.call(self.governor, "DELETE", f"/api/resource/{segment(kind)}/{segment(name)}", safe=True)
        except NotFound:
            return

    async def update_child_qty_rate(self, kind: str, name: str, rows: Sequence[Mapping[str, Any]], table: str = "items") -> None:
        """Replace the rows of a submitted order: `docname` names a row that stays, a row without it is new, all others go.

        The list is absolute, so repeating it is safe: rows added by the first try are replaced. Raises Refused.
        """
        args = {"parent_doctype": kind, "parent_doctype_name": name, "child_docname": table, "trans_items": write_text(list(rows))}
        await self.call("erpnext.controllers.accounts_controller.update_child_qty_rate", args, safe=True)

    async def call(self, method: str, args: Mapping[str, Any], *, safe: bool = False, needs: str = "") -> Any:
        """Call a function of the site; the answer is its `message` (None when it returns nothing). `safe`: it may be repeated."""
        answer = await self._caller.call(self.governor, "POST", f"/api/method/{method}", write_json(args), safe=safe, needs=needs)
        return answer.json.get("message")

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
            return WrongKey("erp", "the ERP refused our key", timedelta(seconds=30))
        if status == 404 and kind:
            return NotFound("erp", message)
        if kind in UNFIT or (400 <= status < 500 and kind):
            return Refused("erp", message)
        text = f"the ERP failed (HTTP {status})" if not kind else f"the ERP failed: {message}"
        return Transient("erp", text) if safe else Unknown("erp", text)


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
    data: Doc = answer.json["data"]
    return data


def _seconds(text: str | None) -> timedelta | None:
    return timedelta(seconds=int(text)) if text is not None and text.isascii() and text.isdigit() else None
