"""HubSpot's batch endpoints: many records for one call of the quota (contract: hubspot/facts.md sections 4.4, 9.1).

Batches are all-or-nothing unless every input carries an `objectWriteTraceId` of its own. Ours do; an account that refuses the
whole batch nevertheless is answered by halving it until the offender stands alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from urllib.parse import quote

from sync_engine.outcomes import NotFound, Refused, Transient, Unknown, VendorError
from sync_engine.vendors.caller import Answer
from sync_engine.vendors.hubspot_calls import BATCH_MAX as BATCH_MAX
from sync_engine.vendors.hubspot_calls import HubSpotCalls, error_in
from sync_engine.vendors.hubspot_records import CrmRecord, NewRecord, Written, after_in, by_id, input_of, links_in, record_in
from sync_engine.vendors.together import is_side_by_side
from sync_engine.wire import write_json

ASSOCIATIONS_MAX = 1000
Links = dict[str, list[tuple[str, str]]]  # id → (other id, `primary` or empty)
NO_ASSOCIATIONS = "crm.associations.NO_ASSOCIATIONS_FOUND"


class Batches(HubSpotCalls):
    """Reads and writes of many records."""

    async def read_many(self, kind: str, ids: Sequence[str], properties: Sequence[str]) -> dict[str, CrmRecord]:
        """By id; unknown and archived ids are absent. A record that was merged away comes under the id of the survivor."""
        return {record.id: record for record in await self._read_batches(kind, ids, properties)}

    async def read_many_by(
        self, kind: str, unique_property: str, values: Sequence[str], properties: Sequence[str]
    ) -> dict[str, CrmRecord]:
        """By the value of a unique property, not subject to the lag of search; unknown values are absent."""
        wanted = [*properties, unique_property]
        records = await self._read_batches(kind, values, wanted, {"idProperty": unique_property})
        return {record.get(unique_property): record for record in records}

    async def read_many_with(
        self, kind: str, ids: Sequence[str], properties: Sequence[str], associations: Iterable[str]
    ) -> dict[str, CrmRecord]:
        """As `read_many`, with `related`: two reads, so an edit may fall between them. Records first, associations later.

        A call takes ten times as many associations as records: those of several batches on their way travel together.
        """
        found = await self.read_many(kind, ids, properties)
        links = {other: await self._associations(kind, list(found), other) for other in associations}
        return {
            id: CrmRecord(kind, id, record.properties, {other: rows.get(id, []) for other, rows in links.items()})
            for id, record in found.items()
        }

    async def _associations(self, kind: str, ids: Sequence[str], other: str) -> Links:
        company = self._together.of("associations", kind, other, go=partial(self._associations_some, kind, other))
        links: Links = await company.join(ids)
        return links

    async def _associations_some(self, kind: str, other: str, asked: Sequence[Sequence[str]]) -> list[Links | VendorError]:
        found = await self.associations_many(kind, [id for ids in asked for id in ids], other)
        return [{id: found[id] for id in ids} for ids in asked]

    async def associations_many(self, kind: str, ids: Sequence[str], other: str) -> Links:
        """Every id asked for → (other id, `primary` or empty), in id order, long lists to their end."""
        found: Links = {id: [] for id in ids}
        inputs: list[dict[str, str]] = [{"id": id} for id in found]
        while inputs:
            batch, inputs = inputs[:ASSOCIATIONS_MAX], inputs[ASSOCIATIONS_MAX:]
            answer = await self._post(
                f"/crm/v4/associations/{kind}/{other}/batch/read", {"inputs": batch}, safe=True, needs="results"
            )
            for error in answer.json.get("errors", ()):
                if error.get("subCategory") != NO_ASSOCIATIONS:  # none is an answer; anything else would look like none
                    raise Transient("crm", f"the CRM could not read associations: {error.get('message', '')}")
            for row in answer.json["results"]:
                id = str(row["from"]["id"])
                found.setdefault(id, []).extend(links_in(row.get("to", ())))
                after = after_in(row)
                if after is not None:
                    inputs.append({"id": id, "after": after})
        return {id: sorted(set(rows), key=by_id) for id, rows in found.items()}

    async def update_many(self, kind: str, changes: Mapping[str, Mapping[str, str]]) -> Written:
        """Write absolute values, any number of records; a bad record never spoils the others. Raises VendorError only when the
        CRM could not be asked: repeating is safe."""
        written, rows = Written(), list(changes.items())
        for start in range(0, len(rows), BATCH_MAX):
            await self._update_batch(kind, rows[start : start + BATCH_MAX], written)
        return written

    async def _update_batch(self, kind: str, rows: Sequence[tuple[str, Mapping[str, str]]], written: Written) -> None:
        if len(rows) == 1:
            await self._update_one(kind, *rows[0], written)
            return
        inputs = [{"id": id, "properties": dict(properties), "objectWriteTraceId": id} for id, properties in rows]
        try:
            answer = await self._post(f"/crm/v3/objects/{kind}/batch/update", {"inputs": inputs}, safe=True)
        except Refused:
            middle = len(rows) // 2
            await self._update_batch(kind, rows[:middle], written)
            await self._update_batch(kind, rows[middle:], written)
            return
        done = {str(row["id"]): row for row in answer.json.get("results", ())}
        refused = _errors(answer, "ids")
        for id, properties in rows:
            if id in done:
                written.done[id] = record_in(kind, done[id])
            elif id in refused:
                written.failed[id] = refused[id]
            else:  # merged away: a batch drops it without a word, its own path leads to the survivor
                await self._update_one(kind, id, properties, written)

    async def _update_one(self, kind: str, id: str, properties: Mapping[str, str], written: Written) -> None:
        try:
            written.done[id] = await self._update_alone(kind, id, properties)
        except Refused as error:
            written.failed[id] = error

    async def update(self, kind: str, id: str, properties: Mapping[str, str]) -> CrmRecord:
        """Write absolute values. The answer shows what the CRM made of them, and its version.

        While the quota is short, and side by side with others, updates of one kind travel together.
        """
        if self.burst.crowded or is_side_by_side():
            updated: CrmRecord = await self._together.of("update", kind, go=partial(self._update_some, kind)).join((id, properties))
            return updated
        return await self._update_alone(kind, id, properties)

    async def _update_alone(self, kind: str, id: str, properties: Mapping[str, str]) -> CrmRecord:
        body = write_json({"properties": dict(properties)})
        answer = await self._caller.call(self.burst, "PATCH", f"/crm/v3/objects/{kind}/{quote(id)}", body, safe=True, needs="id")
        return record_in(kind, answer.json)

    async def _update_some(self, kind: str, asked: Sequence[tuple[str, Mapping[str, str]]]) -> list[CrmRecord | VendorError]:
        """A batch takes each id once: who comes second goes second."""
        ends: dict[int, CrmRecord | VendorError] = {}
        while len(ends) < len(asked):
            turn: dict[str, int] = {}
            for at, (id, _) in enumerate(asked):
                if at not in ends:
                    turn.setdefault(id, at)
            written = Written()
            await self._update_batch(kind, [asked[at] for at in turn.values()], written)
            ends |= {at: written.done.get(id) or written.failed[id] for id, at in turn.items()}
        return [ends[at] for at in range(len(asked))]

    async def create(self, kind: str, properties: Mapping[str, str], associations: Mapping[str, Sequence[str]] = {}) -> str:
        """The new id. `associations`: kind → ids. Raises Conflict for a taken unique value, Unknown without a clear answer."""
        body = input_of(kind, NewRecord(properties, associations))
        answer = await self._post(f"/crm/v3/objects/{kind}", body, safe=False, needs="id")
        return str(answer.json["id"])

    async def create_many(self, kind: str, records: Sequence[NewRecord]) -> list[str | VendorError]:
        """For each record its id, or why there is none: Unknown means that it may exist, so look before creating it again.

        Never raises VendorError, for what is created already must not be forgotten.
        """
        ends: list[str | VendorError] = []
        for start in range(0, len(records), BATCH_MAX):
            ends += await self._create_batch(kind, records[start : start + BATCH_MAX])
        return ends

    async def _create_batch(self, kind: str, records: Sequence[NewRecord]) -> list[str | VendorError]:
        inputs = [{**input_of(kind, new), "objectWriteTraceId": str(at)} for at, new in enumerate(records)]
        try:
            answer = await self._post(f"/crm/v3/objects/{kind}/batch/create", {"inputs": inputs}, safe=False)
        except Refused as error:
            if len(records) == 1:
                return [error]
            middle = len(records) // 2
            return [*await self._create_batch(kind, records[:middle]), *await self._create_batch(kind, records[middle:])]
        except VendorError as error:
            return [error] * len(records)
        made = {str(row.get("objectWriteTraceId")): str(row["id"]) for row in answer.json.get("results", ())}
        refused = _errors(answer, "objectWriteTraceId")
        lost = Unknown("crm", "the CRM's answer does not say whether the record was created")
        return [made.get(str(at)) or refused.get(str(at), lost) for at in range(len(records))]

    async def archive(self, kind: str, id: str) -> None:
        """Into the recycle bin; a record that is there already, or unknown, is no error."""
        try:
            await self._caller.call(self.burst, "DELETE", f"/crm/v3/objects/{kind}/{quote(id)}", safe=True)
        except NotFound:
            return

    async def archive_many(self, kind: str, ids: Sequence[str]) -> None:
        for start in range(0, len(ids), BATCH_MAX):
            inputs = [{"id": id} for id in ids[start : start + BATCH_MAX]]
            await self._post(f"/crm/v3/objects/{kind}/batch/archive", {"inputs": inputs}, safe=True)

    async def _read_batches(
        self, kind: str, keys: Sequence[str], properties: Sequence[str], more: Mapping[str, str] = {}
    ) -> list[CrmRecord]:
        found: list[CrmRecord] = []
        for start in range(0, len(keys), BATCH_MAX):
            body = {"inputs": [{"id": key} for key in keys[start : start + BATCH_MAX]], "properties": list(properties), **more}
            try:
                answer = await self._post(f"/crm/v3/objects/{kind}/batch/read", body, safe=True, needs="results")
            except NotFound:
                continue  # some accounts answer 404 when none of the ids exists
            found += [record_in(kind, row) for row in answer.json["results"]]
        return found


def _errors(answer: Answer, key: str) -> dict[str, VendorError]:
    """The errors of a batch by trace id or, without one, by the ids or trace ids under `key`."""
    found: dict[str, VendorError] = {}
    for entry in answer.json.get("errors", ()):
        context = entry.get("context") or {}
        for name in context.get("objectWriteTraceId") or context.get(key) or ():
            found[str(name)] = error_in(entry)
    return found
