"""HubSpot CRM v3/v4 (contracts: hubspot/facts.md sections 3, 4, 8, 9, 10, 11). Property values are strings or None."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any
from urllib.parse import quote

from sync_engine.governor import HubSpotGovernor, WindowGovernor
from sync_engine.outcomes import Conflict, NotFound, Refused, Throttled, Transient, Unknown, VendorError
from sync_engine.ports import Clock, Http
from sync_engine.vendors.caller import Answer, Caller
from sync_engine.wire import plain, write_json

BATCH_MAX = 100
SEARCH_PAGE = 200
DAILY_WAIT = timedelta(hours=1)  # the counter resets at midnight of an account's zone we do not know: look again every hour
POLICY_WAIT = {"TEN_SECONDLY_ROLLING": timedelta(seconds=10), "SECONDLY": timedelta(seconds=1), "DAILY": DAILY_WAIT}


@dataclass(frozen=True, slots=True)
class CrmRecord:
    """One record. `id` may differ from the id asked for: the record was merged.

    `related`: kind → (id, association type), in id order.
    """

    kind: str
    id: str
    properties: Mapping[str, str | None]
    related: Mapping[str, Sequence[tuple[str, str]]]

    def get(self, name: str) -> str:
        """The value, or an empty text."""
        return self.properties.get(name) or ""

    def ids(self, kind: str) -> list[str]:
        """Associated record ids without repetition: a primary company is listed twice."""
        return list(dict.fromkeys(id for id, _ in self.related.get(kind, ())))


class HubSpot:
    """The CRM client. Every method raises VendorError."""

    def __init__(self, base_url: str, token: str, http: Http, clock: Clock, random: Random, timeout_s: float = 15.0) -> None:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Accept": "application/json"}
        self.burst = HubSpotGovernor(clock)
        self.searches = WindowGovernor(clock, limit=4, window=timedelta(seconds=1), margin=timedelta(milliseconds=50))
        self._caller = Caller("crm", base_url, headers, http, clock, random, self._classify, timeout_s)

    @property
    def calls(self) -> int:
        return self._caller.calls

    # -- records --------------------------------------------------------------------------------------------------

    async def read(self, kind: str, id: str, properties: Iterable[str], associations: Iterable[str] = ()) -> CrmRecord:
        """Raises NotFound for unknown and archived records."""
        query = f"properties={quote(','.join(properties), safe=',')}"
        wanted = list(associations)
        if wanted:
            query += f"&associations={','.join(wanted)}"
        answer = await self._caller.call(self.burst, "GET", f"/crm/v3/objects/{kind}/{quote(id)}?{query}", safe=True)
        record = _record(kind, answer.json)
        for other in wanted:
            if _more(answer.json, other):
                rows = await self._all_associations(kind, record.id, other)
                record = CrmRecord(kind, record.id, record.properties, {**record.related, other: rows})
        return record

    async def _all_associations(self, kind: str, id: str, other: str) -> list[tuple[str, str]]:
        """Long lists are cut in the object's own reply; their own path pages through all of them."""
        rows: list[tuple[str, str]] = []
        after = ""
        while True:
            path = f"/crm/v4/objects/{kind}/{quote(id)}/associations/{other}?limit=500{after}"
            answer = await self._caller.call(self.burst, "GET", path, safe=True)
            rows += [(str(row["toObjectId"]), "") for row in answer.json.get("results", ())]
            following = _after(answer.json)
            if following is None:
                return sorted(rows, key=_by_id)
            after = f"&after={quote(following)}"

    async def read_many(self, kind: str, ids: Sequence[str], properties: Sequence[str]) -> dict[str, CrmRecord]:
        """By id; unknown and archived ids are absent."""
        found: dict[str, CrmRecord] = {}
        for start in range(0, len(ids), BATCH_MAX):
            body = {"inputs": [{"id": id} for id in ids[start : start + BATCH_MAX]], "properties": list(properties)}
            try:
                answer = await self._caller.call(
                    self.burst, "POST", f"/crm/v3/objects/{kind}/batch/read", write_json(body), safe=True
                )
            except NotFound:
                continue  # some accounts answer 404 when none of the ids exists
            for row in answer.json.get("results", ()):
                found[str(row["id"])] = _record(kind, row)
        return found

    async def update(self, kind: str, id: str, properties: Mapping[str, str]) -> None:
        body = write_json({"properties": dict(properties)})
        await self._caller.call(self.burst, "PATCH", f"/crm/v3/objects/{kind}/{quote(id)}", body, safe=True)

    async def update_many(self, kind: str, changes: Mapping[str, Mapping[str, str]]) -> set[str]:
        """At most 100 records in one call; the answer holds the ids that were written. Ids merged away are silently missing."""
        body = {"inputs": [{"id": id, "properties": dict(properties)} for id, properties in changes.items()]}
        answer = await self._caller.call(self.burst, "POST", f"/crm/v3/objects/{kind}/batch/update", write_json(body), safe=True)
        return {str(row["id"]) for row in answer.json.get("results", ())}

    async def search_modified(
        self, kind: str, since_ms: int, properties: Sequence[str], after: str | None
    ) -> tuple[list[CrmRecord], str | None]:
        """One page of records changed since then, oldest first, from an index that lags; and where the next page starts."""
        body: dict[str, Any] = {
            "filterGroups": [{"filters": [{"propertyName": MODIFIED, "operator": "GTE", "value": str(since_ms)}]}],
            "sorts": [{"propertyName": MODIFIED, "direction": "ASCENDING"}],
            "properties": [*properties, MODIFIED],
            "limit": SEARCH_PAGE,
        }
        if after is not None:
            body["after"] = after
        answer = await self._caller.call(self.searches, "POST", f"/crm/v3/objects/{kind}/search", write_json(body), safe=True)
        return [_record(kind, row) for row in answer.json.get("results", ())], _after(answer.json)

    # -- properties -----------------------------------------------------------------------------------------------

    async def property_types(self, kind: str) -> dict[str, str]:
        """Every property of a kind of record: name → type."""
        answer = await self._caller.call(self.burst, "GET", f"/crm/v3/properties/{kind}", safe=True)
        return {str(row["name"]): str(row.get("type", "")) for row in answer.json.get("results", ())}

    async def create_property(self, kind: str, definition: Mapping[str, Any]) -> None:
        """Raises Conflict when the name exists."""
        await self._caller.call(self.burst, "POST", f"/crm/v3/properties/{kind}", write_json(definition), safe=True)

    # -- errors ---------------------------------------------------------------------------------------------------

    def _classify(self, answer: Answer, safe: bool) -> VendorError:
        """Definite refusals: 4xx. Everything 5xx is indefinite (facts 11.2)."""
        body = answer.json if isinstance(answer.json, dict) else {}
        message, status = plain(str(body.get("message", ""))) or f"HTTP {answer.status}", answer.status
        if status == 429:
            return self._throttled(body, answer.headers)
        if status == 423:
            return Transient("crm", "the CRM has locked the record for a moment", timedelta(seconds=2))
        if status in (401, 408, 477):
            return Transient("crm", f"the CRM refused the call: {message}", _retry_after(answer.headers) or timedelta(seconds=30))
        if status == 404:
            return NotFound("crm", f"the CRM does not know this record: {message}")
        if status == 409 or "already has that value" in message or "CONFLICTING_UNIQUE_VALUE" in message:
            return Conflict("crm", message)
        if 300 <= status < 500:
            return Refused("crm", message)
        text = f"the CRM failed (HTTP {status})"
        return Transient("crm", text) if safe else Unknown("crm", text)

    def _throttled(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> Throttled:
        policy = str(body.get("policyName", ""))
        wait = _retry_after(headers) or POLICY_WAIT.get(policy, timedelta(seconds=10))
        (self.searches if policy == "SECONDLY" else self.burst).pause(wait)
        if policy == "DAILY":
            self.searches.pause(wait)
        return Throttled("crm", f"the CRM's limit {policy or 'for calls'} is used up", wait)


MODIFIED = "hs_lastmodifieddate"


def _record(kind: str, row: Mapping[str, Any]) -> CrmRecord:
    related: dict[str, list[tuple[str, str]]] = {}
    for key, value in (row.get("associations") or {}).items():
        pairs = [(str(entry["id"]), str(entry.get("type", ""))) for entry in value.get("results", ())]
        related[key.replace(" ", "_")] = sorted(pairs, key=_by_id)  # line items come back as "line items"
    return CrmRecord(kind, str(row["id"]), row.get("properties") or {}, related)


def _by_id(pair: tuple[str, str]) -> tuple[int, str]:
    """Ids grow with creation: the order in which a person entered the positions. Lists have no stable order of their own."""
    return (int(pair[0]) if pair[0].isdigit() else 0, pair[1])


def _more(row: Mapping[str, Any], kind: str) -> bool:
    associations = row.get("associations") or {}
    block = associations.get(kind) or associations.get(kind.replace("_", " ")) or {}
    return bool((block.get("paging") or {}).get("next"))


def _after(body: Mapping[str, Any]) -> str | None:
    following = (body.get("paging") or {}).get("next") or {}
    after = following.get("after")
    return str(after) if after is not None else None


def _retry_after(headers: Mapping[str, str]) -> timedelta | None:
    text = headers.get("retry-after", "")
    return timedelta(seconds=int(text)) if text.isascii() and text.isdigit() else None
