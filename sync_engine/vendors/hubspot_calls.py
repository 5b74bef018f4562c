"""Calls to HubSpot: credentials, quotas, and what its refusals mean (contract: hubspot/facts.md sections 3 and 11)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from random import Random
from typing import Any

from sync_engine.governor import HubSpotGovernor, Pace, SearchGovernor
from sync_engine.outcomes import Conflict, NotFound, Refused, Throttled, Transient, Unknown, VendorError, WrongKey
from sync_engine.ports import Clock, Http
from sync_engine.vendors.caller import Answer, Caller
from sync_engine.vendors.together import Companies
from sync_engine.wire import plain, write_json

BATCH_MAX = 100  # records in one call
DAILY_WAIT = timedelta(hours=1)  # the counter resets at midnight of an account's zone we do not know: look again every hour
POLICY_WAIT = {"TEN_SECONDLY_ROLLING": timedelta(seconds=10), "SECONDLY": timedelta(seconds=1), "DAILY": DAILY_WAIT}


class HubSpotCalls:
    """What the parts of the client share. Every call raises VendorError."""

    def __init__(self, base_url: str, token: str, http: Http, clock: Clock, random: Random, timeout_s: float = 15.0) -> None:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Accept": "application/json"}
        self.burst = HubSpotGovernor(clock)
        self.searches = SearchGovernor(clock)
        self._together = Companies(BATCH_MAX)
        self._caller = Caller("crm", base_url, headers, http, clock, random, self._classify, timeout_s)

    @property
    def calls(self) -> int:
        return self._caller.calls

    def share(self, count: int) -> None:
        """`count` replicas divide the account's quotas evenly."""
        self.burst.share(count)
        self.searches.share(count)

    def paces(self) -> dict[str, Pace]:
        """How each quota is used right now, by name."""
        return {"crm calls": self.burst.describe(), "crm searches": self.searches.describe()}

    async def _get(self, path: str, needs: str = "results") -> Answer:
        return await self._caller.call(self.burst, "GET", path, safe=True, needs=needs)

    async def _post(self, path: str, body: Any, *, safe: bool, needs: str = "") -> Answer:
        return await self._caller.call(self.burst, "POST", path, write_json(body), safe=safe, needs=needs)

    async def _search(self, kind: str, body: Any) -> Answer:
        path = f"/crm/v3/objects/{kind}/search"
        return await self._caller.call(self.searches, "POST", path, write_json(body), safe=True, needs="results")

    def _classify(self, answer: Answer, safe: bool) -> VendorError:
        """Definite refusals: 4xx. Everything 5xx is indefinite (facts 11.2)."""
        body = answer.json if isinstance(answer.json, dict) else {}
        if answer.status == 429:
            return self._throttled(body, answer.headers)
        return error_of(answer.status, body, answer.headers, safe)

    def _throttled(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> Throttled:
        policy = str(body.get("policyName", ""))
        wait = _retry_after(headers) or POLICY_WAIT.get(policy, timedelta(seconds=10))
        (self.searches if policy == "SECONDLY" else self.burst).pause(wait)
        if policy == "DAILY":
            self.searches.pause(wait)
        return Throttled("crm", f"the CRM's limit {policy or 'for calls'} is used up", wait)


def error_of(status: int, body: Mapping[str, Any], headers: Mapping[str, str], safe: bool) -> VendorError:
    """The error of a whole reply, or of one entry in the `errors` of a batch (its status then told by its category)."""
    message = plain(str(body.get("message", ""))) or f"HTTP {status}"
    if status == 423:
        return Transient("crm", "the CRM has locked the record for a moment", timedelta(seconds=2))
    if status == 401:
        return WrongKey("crm", f"the CRM refused our key: {message}", _retry_after(headers) or timedelta(seconds=30))
    if status in (408, 477):
        return Transient("crm", f"the CRM refused the call: {message}", _retry_after(headers) or timedelta(seconds=30))
    if status == 404:
        return NotFound("crm", f"the CRM does not know this record: {message}")
    if status == 409 or "already has that value" in message or "CONFLICTING_UNIQUE_VALUE" in message:
        return Conflict("crm", message)
    if 300 <= status < 500:
        return Refused("crm", message)
    text = f"the CRM failed (HTTP {status})"
    return Transient("crm", text) if safe else Unknown("crm", text)


STATUS_OF = {"OBJECT_NOT_FOUND": 404, "CONFLICT": 409, "OBJECT_ALREADY_EXISTS": 409, "VALIDATION_ERROR": 400}


def error_in(entry: Mapping[str, Any]) -> VendorError:
    """The error of one entry in a batch's `errors`: its category stands for a status; an unknown one is a refusal."""
    return error_of(STATUS_OF.get(str(entry.get("category", "")), 400), entry, {}, True)


def _retry_after(headers: Mapping[str, str]) -> timedelta | None:
    text = headers.get("retry-after", "")
    return timedelta(seconds=int(text)) if text.isascii() and text.isdigit() else None
