"""HubSpot CRM v3/v4 (contracts: hubspot/facts.md sections 3, 4, 8, 9, 10, 11). Property values are strings or None.

This is the whole client: single records, search and properties here, many at once in `hubspot_batches`, errors in `hubspot_calls`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from sync_engine.outcomes import VendorError
from sync_engine.vendors.hubspot_batches import BATCH_MAX as BATCH_MAX
from sync_engine.vendors.hubspot_batches import Batches
from sync_engine.vendors.hubspot_records import MERGED_IDS as MERGED_IDS
from sync_engine.vendors.hubspot_records import CrmRecord as CrmRecord
from sync_engine.vendors.hubspot_records import after_in, by_id, has_more, links_in, record_in
from sync_engine.vendors.together import is_side_by_side

LIST_PAGE = 100
SEARCH_PAGE = 200
MODIFIED = "hs_lastmodifieddate"


@dataclass(frozen=True, slots=True)
class InstantPage:
    """Records of one millisecond with a larger id than `behind`."""

    at_ms: int
    behind: str


def modified_property(kind: str) -> str:
    """Contacts have their own: a filter on the common one matches none of them, without an error."""
    return "lastmodifieddate" if kind == "contacts" else MODIFIED


class HubSpot(Batches):
    """The CRM client. Every method raises VendorError."""

    # -- records --------------------------------------------------------------------------------------------------

    async def read(self, kind: str, id: str, properties: Iterable[str], associations: Iterable[str] = ()) -> CrmRecord:
        """Raises NotFound for unknown and archived records. While the quota is short, and side by side with
        others, plain reads travel together."""
        names, others = list(properties), list(associations)
        if not others and (self.burst.crowded or is_side_by_side()):
            company = self._together.of("read", kind, *names, go=partial(self._read_some, kind, names))
            record: CrmRecord = await company.join(id)
            return record
        return await self._read_one(kind, id, names, others, "")

    async def _read_some(self, kind: str, properties: Sequence[str], ids: Sequence[str]) -> list[CrmRecord | VendorError]:
        found = await self.read_many(kind, list(dict.fromkeys(ids)), properties) if len(ids) > 1 else {}
        ends: list[CrmRecord | VendorError] = []
        for id in ids:
            try:
                ends.append(found.get(id) or await self._read_one(kind, id, properties, (), ""))
            except VendorError as error:
                ends.append(error)
        return ends

    async def read_by(
        self, kind: str, unique_property: str, value: str, properties: Iterable[str], associations: Iterable[str] = ()
    ) -> CrmRecord:
        """By a unique property (contacts: `email`), not subject to the lag of search. Raises NotFound."""
        return await self._read_one(kind, value, properties, associations, f"&idProperty={quote(unique_property)}")

    async def _read_one(self, kind: str, key: str, properties: Iterable[str], associations: Iterable[str], more: str) -> CrmRecord:
        query, wanted = f"properties={quote(','.join(properties), safe=',')}{more}", list(associations)
        if wanted:
            query += f"&associations={','.join(wanted)}"
        answer = await self._get(f"/crm/v3/objects/{kind}/{quote(key, safe='')}?{query}", needs="id")
        return await self._completed(record_in(kind, answer.json), answer.json, wanted)

    async def _all_associations(self, kind: str, id: str, other: str) -> list[tuple[str, str]]:
        """All associations of one record by their own path, which has pages."""
        rows: list[tuple[str, str]] = []
        after = ""
        while True:
            answer = await self._get(f"/crm/v4/objects/{kind}/{quote(id)}/associations/{other}?limit=500{after}")
            rows += links_in(answer.json["results"])
            following = after_in(answer.json)
            if following is None:
                return sorted(rows, key=by_id)
            after = f"&after={quote(following)}"

    async def page(
        self, kind: str, properties: Sequence[str], after: str | None = None, associations: Sequence[str] = ()
    ) -> tuple[list[CrmRecord], str | None]:
        """100 records in id order, not subject to the lag of search, and where the next page starts: for walks over everything."""
        query = f"limit={LIST_PAGE}&properties={quote(','.join(properties), safe=',')}"
        if associations:
            query += f"&associations={','.join(associations)}"
        if after:
            query += f"&after={quote(after)}"
        answer = await self._get(f"/crm/v3/objects/{kind}?{query}")
        records = [await self._completed(record_in(kind, row), row, associations) for row in answer.json["results"]]
        return records, after_in(answer.json)

    async def _completed(self, record: CrmRecord, row: Mapping[str, Any], associations: Iterable[str]) -> CrmRecord:
        """Long lists of associations are cut in the object's own reply: read the rest."""
        for other in associations:
            if has_more(row, other):
                rows = await self._all_associations(record.kind, record.id, other)
                record = CrmRecord(record.kind, record.id, record.properties, {**record.related, other: rows})
        return record

    # -- search: an index that lags --------------------------------------------------------------------------------

    async def find_by(self, kind: str, property: str, value: str, properties: Sequence[str] = ()) -> list[CrmRecord]:
        """Records that hold exactly this value now, oldest first, at most 200.

        The index lags by seconds to an hour and compares without case, so rows that differ are left out, but a record that was
        just written may be missing: an empty answer proves nothing. Where a property is unique, `read_by` does.
        """
        body: dict[str, Any] = {
            "filterGroups": [{"filters": [{"propertyName": property, "operator": "EQ", "value": value}]}],
            "properties": [*properties, property],
            "limit": SEARCH_PAGE,
        }
        answer = await self._search(kind, body)
        return [record for row in answer.json["results"] if (record := record_in(kind, row)).get(property) == value]

    async def find_many_by(
        self, kind: str, property: str, values: Sequence[str], properties: Sequence[str] = ()
    ) -> dict[str, list[CrmRecord]]:
        """`find_by` for at most 100 values in one search (a page of 200 records each): value → its records; others are absent."""
        body: dict[str, Any] = {
            "filterGroups": [
                {"filters": [{"propertyName": property, "operator": "IN", "values": sorted({value.lower() for value in values})}]}
            ],
            "properties": [*properties, property],
            "limit": SEARCH_PAGE,
        }
        found: dict[str, list[CrmRecord]] = {}
        while True:
            answer = await self._search(kind, body)
            for row in answer.json["results"]:
                record = record_in(kind, row)
                if record.get(property) in values:
                    found.setdefault(record.get(property), []).append(record)
            after = after_in(answer.json)
            if after is None:
                return found
            body["after"] = after

    async def search_modified(
        self, kind: str, since_ms: int, properties: Sequence[str], after: str | None, instant: InstantPage | None = None
    ) -> tuple[list[CrmRecord], str | None]:
        """One page of records changed since then, oldest first, from an index that lags; and where the next page starts.

        `instant`: only what changed in that very millisecond, by id, behind one id; a search shows 10,000 records at most.
        """
        modified = modified_property(kind)
        filters = [{"propertyName": modified, "operator": "GTE", "value": str(since_ms)}]
        sort = modified
        if instant is not None:
            filters = [
                {"propertyName": modified, "operator": "EQ", "value": str(instant.at_ms)},
                {"propertyName": "hs_object_id", "operator": "GT", "value": instant.behind},
            ]
            sort = "hs_object_id"
        body: dict[str, Any] = {
            "filterGroups": [{"filters": filters}],
            "sorts": [{"propertyName": sort, "direction": "ASCENDING"}],
            "properties": [*properties, modified],
            "limit": SEARCH_PAGE,
        }
        if after is not None:
            body["after"] = after
        answer = await self._search(kind, body)
        return [record_in(kind, row) for row in answer.json["results"]], after_in(answer.json)

    # -- what became of records ------------------------------------------------------------------------------------

    async def archived_page(self, kind: str, after: str | None = None) -> tuple[list[tuple[str, str]], str | None]:
        """(id, archived at) of 100 records in the recycle bin, and where the next page starts. Search does not show them."""
        more = f"&after={quote(after)}" if after is not None else ""
        answer = await self._get(f"/crm/v3/objects/{kind}?limit={LIST_PAGE}&archived=true&properties=hs_object_id{more}")
        rows = [(str(row["id"]), str(row.get("archivedAt") or "")) for row in answer.json["results"]]
        return rows, after_in(answer.json)

    async def history(self, kind: str, id: str, properties: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
        """Property → (value, ISO instant of its writing), newest first; properties that never had a value are absent."""
        names = quote(",".join(properties), safe=",")
        answer = await self._get(f"/crm/v3/objects/{kind}/{quote(id)}?propertiesWithHistory={names}", needs="id")
        history = answer.json.get("propertiesWithHistory") or {}
        found = {name: [(str(row.get("value") or ""), str(row.get("timestamp"))) for row in rows] for name, rows in history.items()}
        return {name: sorted(rows, key=_written_at, reverse=True) for name, rows in found.items() if rows}

    # -- properties -----------------------------------------------------------------------------------------------

    async def property_types(self, kind: str) -> dict[str, str]:
        """Every property of a kind of record: name → type."""
        answer = await self._get(f"/crm/v3/properties/{kind}")
        return {str(row["name"]): str(row.get("type", "")) for row in answer.json["results"]}

    async def property_group(self, kind: str) -> str:
        """The group that most properties of the kind are in: custom objects name theirs after themselves."""
        answer = await self._get(f"/crm/v3/properties/{kind}")
        groups = [str(row.get("groupName", "")) for row in answer.json["results"]]
        return max(sorted(set(groups)), key=groups.count, default="")

    async def create_property(self, kind: str, definition: Mapping[str, Any]) -> None:
        """Raises Conflict when the name exists."""
        await self._post(f"/crm/v3/properties/{kind}", definition, safe=True)


def _written_at(entry: tuple[str, str]) -> datetime:
    return datetime.fromisoformat(entry[1].replace("Z", "+00:00"))
