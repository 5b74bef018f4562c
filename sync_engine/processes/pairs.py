"""One linked pair of records, merged: read both, decide, write each side's part, remember what was agreed.

A refused field never holds up the others, and a value that seems cleared is believed only when its field still exists: somebody
who removes a custom field did not mean to empty it on every record of the other system.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sync_engine.context import Context
from sync_engine.dictionary import Entity, FieldMap, System
from sync_engine.mapping.values import sum_of
from sync_engine.outcomes import NotFound, Refused
from sync_engine.processes.flows import flows_of
from sync_engine.processes.merge import Merged, Pair, merge, merging
from sync_engine.processes.races import announced, overwritten, overwritten_before
from sync_engine.processes.shadow import as_written, keep_as_before, key
from sync_engine.provision import ask_again
from sync_engine.store import Link
from sync_engine.vendors.erpnext import Doc
from sync_engine.vendors.hubspot import CrmRecord
from sync_engine.wire import NotJson, read_json

NAMES: Mapping[System, str] = {"crm": "CRM", "erp": "ERP"}
NO_FIELD = "does not exist"
VERSIONS_MAX = 20
LOOK_AGAIN = timedelta(minutes=1)  # at a record whose field is being made again


@dataclass(slots=True)
class Outcome:
    """What a person has to know, in sentences, and what they can do; nothing of either when all is well."""

    causes: list[str] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)
    conflict: bool = False  # both sides were edited

    def tell(self, cause: str, hint: str) -> None:
        self.causes.append(cause)
        if hint not in self.hints:
            self.hints.append(hint)


class Pairs:
    """Merges pairs of one entity."""

    def __init__(self, context: Context, entity: Entity) -> None:
        self.c, self.entity = context, entity
        self.fields, self.flows = merging(entity.fields), flows_of(context.dictionary, entity)
        self._zone: ZoneInfo | None = None
        self._gate = asyncio.Semaphore(context.settings.workers)  # writes into the ERP at a time, however many are due together

    async def bring_together(self, link: Link, record: CrmRecord, doc: Doc, related: Mapping[str, Sequence[Doc]]) -> Outcome:
        """Merge the pair. Raises VendorError when a side could not be asked or did not answer; then it is safe to do again."""
        c, entity, outcome = self.c, self.entity, Outcome()
        agreed = dict(link.shadow) if link.shadow is not None else None
        lost = await overwritten_before(c.crm, record, self.fields, agreed) if agreed else {}
        if agreed and lost:
            await self._bring_back(link, record, agreed, agreed, lost)
            with c.store.transaction():
                c.store.set_shadow(entity.name, link.crm_id, agreed)
            return outcome
        sides = {each.name: self._pair(each, record, doc, related) for each in self.fields}
        for system in ("crm", "erp"):
            await self._check_cleared(link.crm_id, system, agreed, sides, outcome)
        records: dict[System, Mapping[str, Any]] = {"crm": record.properties, "erp": doc}
        merged = merge(self.fields, agreed, sides, c.clock.now(), records=records, flows=self.flows)
        if merged.unsure:
            ages = await self._ages(merged.unsure, record, doc)
            merged = merge(self.fields, agreed, sides, c.clock.now(), ages, records, self.flows)
        if merged.intents:
            with c.store.transaction():
                marks = announced(merged.intents, self.fields, record, merged.crm, c.clock.now())
                c.store.set_shadow(entity.name, link.crm_id, {**(agreed or {}), **marks})
        if merged.erp:
            await self._write(link, "erp", doc, agreed, merged, outcome)
        if merged.crm:
            await self._write(link, "crm", doc, agreed, merged, outcome)
            await self._give_back(link, record, agreed, merged)
        self._tell(merged, outcome)
        with c.store.transaction():
            c.store.set_shadow(entity.name, link.crm_id, merged.agreed)
        return outcome

    def _pair(self, each: FieldMap, record: CrmRecord, doc: Doc, related: Mapping[str, Sequence[Doc]]) -> Pair:
        value = doc.get(each.erp.field) if each.erp.of is None else sum_of(each, related.get(each.erp.of, ()))
        return record.properties.get(each.crm.field), value

    # -- fields that are gone -------------------------------------------------------------------------------------

    async def _check_cleared(
        self, record_id: str, system: System, agreed: dict[str, str] | None, sides: dict[str, Pair], outcome: Outcome
    ) -> None:
        """Leave fields out that the vendor no longer has, and forget what was agreed about them: once they are back, what the other
        side holds fills them again."""
        position = 0 if system == "crm" else 1
        doubtful = [
            each
            for each in self.fields
            if each.side(system).custom and sides[each.name][position] in (None, "") and (agreed or {}).get(key(each))
        ]
        if not doubtful:
            return
        known = await existing_fields(self.c, self.entity, system)
        for each in doubtful:
            name = each.side(system).field
            if name in known:
                continue
            del sides[each.name]
            assert agreed is not None
            for mark in ("", "< ", "! ", "> ", "# "):
                agreed.pop(f"{mark}{key(each)}", None)
            self._missing(record_id, system, name, outcome)

    def _missing(self, record_id: str, system: System, name: str, outcome: Outcome) -> None:
        with self.c.store.transaction():
            ask_again(self.c)
            self.c.queue.put("sync", self.entity.name, record_id, LOOK_AGAIN)
        kind = self.entity.binding(system).kind
        outcome.tell(
            f"The {NAMES[system]}'s field {name} of {kind} is missing.", "It is created again; look whether its values came back."
        )

    # -- writing --------------------------------------------------------------------------------------------------

    async def _write(
        self, link: Link, system: System, doc: Doc, agreed: Mapping[str, str] | None, merged: Merged, outcome: Outcome
    ) -> None:
        """All at once; a refusal is tracked down field by field, and what was refused stays as it was agreed before."""
        changes = merged.write(system)
        by_name = {each.side(system).field: each for each in self.fields}
        two_way = any(by_name[name].both_ways for name in changes)
        try:
            shown = await self._send(link, system, changes, str(doc["modified"]) if two_way and doc.get("modified") else "")
            refused: dict[str, str] = {}
        except NotFound:
            raise
        except Refused as error:
            shown, refused = await self._one_by_one(link, system, changes, error)
        for name, each in by_name.items():
            if name not in changes:
                continue
            if name not in refused and name not in shown and changes[name] and system == "erp":
                self._missing(link.crm_id, system, name, outcome)  # this ERP drops fields it does not have without a word
                refused[name] = ""
            if name not in refused:
                as_written(merged.agreed, each, system, shown.get(name, changes[name] if system == "crm" else None))
                continue
            keep_as_before(merged.agreed, agreed, each)
            if NO_FIELD in refused[name]:
                self._missing(link.crm_id, system, name, outcome)
            elif refused[name]:
                outcome.tell(
                    f"The {NAMES[system]} did not accept {each.name} {changes[name]!r}: {refused[name]}",
                    f"Correct {each.name} in the {NAMES['crm' if system == 'erp' else 'erp']}.",
                )

    async def _give_back(self, link: Link, record: CrmRecord, agreed: Mapping[str, str] | None, merged: Merged) -> None:
        """What a person wrote into the CRM between our read and our write comes back, and the next look merges it by the rules."""
        two_way = {each.crm.field: each for each in self.fields if each.both_ways and each.crm.field in merged.crm}
        lost = await overwritten(self.c.crm, record, {name: merged.crm[name] for name in two_way}) if two_way else {}
        if lost:
            await self._bring_back(link, record, merged.agreed, agreed, lost)

    async def _bring_back(
        self,
        link: Link,
        record: CrmRecord,
        agreed: dict[str, str],
        before: Mapping[str, str] | None,
        lost: Mapping[str, str],
    ) -> None:
        """`agreed` and `before`: the shadow to be written down, and the one that is taken up again for these properties."""
        await self.c.crm.update(record.kind, record.id, lost)
        for each in self.fields:
            if each.crm.field in lost:
                keep_as_before(agreed, dict(before) if before is not None else None, each)
        with self.c.store.transaction():
            self.c.queue.put("sync", self.entity.name, link.crm_id)

    async def _send(self, link: Link, system: System, changes: Mapping[str, str], version: str) -> Mapping[str, Any]:
        """`version`: the document must still be as it was read, or a person's edit in between would be lost."""
        if system == "crm":
            return (await self.c.crm.update(self.entity.crm.kind, link.crm_id, changes)).properties
        kind, body = self.entity.erp.kind, {**changes, "modified": version} if version else changes
        async with self._gate:
            shown = await self.c.erp.update(kind, link.erp_id, body)
        if version and shown.get("modified"):  # nobody wrote in between, so this version holds nothing that we have not seen
            with self.c.store.transaction():
                self.c.store.see(kind, [(link.erp_id, str(shown["modified"]))], self.c.clock.now())
        return shown

    async def _one_by_one(
        self, link: Link, system: System, changes: Mapping[str, str], error: Refused
    ) -> tuple[dict[str, Any], dict[str, str]]:
        if len(changes) == 1:
            return {}, {name: str(error) for name in changes}
        shown: dict[str, Any] = {}
        refused: dict[str, str] = {}
        for name, value in changes.items():
            try:
                shown.update({name: (await self._send(link, system, {name: value}, "")).get(name)})
            except NotFound:
                raise
            except Refused as each:
                refused[name] = str(each)
        return shown, refused

    # -- conflicts ------------------------------------------------------------------------------------------------

    async def _ages(
        self, fields: Sequence[FieldMap], record: CrmRecord, doc: Doc
    ) -> dict[str, tuple[datetime | None, datetime | None]]:
        """When each field was edited last on each side. Without Versions in the ERP, the document's own time stands for all."""
        written = await self.c.crm.history(self.entity.crm.kind, record.id, [each.crm.field for each in fields])
        edited = {name: entries[0][1] for name, entries in written.items()}
        saved = await self._saved_at(str(doc.get("name")))
        whole = await self._in_utc(str(doc.get("modified") or ""))
        return {
            each.name: (
                datetime.fromisoformat(edited[each.crm.field].replace("Z", "+00:00")) if each.crm.field in edited else None,
                await self._in_utc(saved[each.erp.field]) if each.erp.field in saved else whole,
            )
            for each in fields
        }

    async def _saved_at(self, name: str) -> dict[str, str]:
        """Field → when a save changed it last, in the site's time, as far as the ERP keeps versions and shows them to us."""
        filters = [["ref_doctype", "=", self.entity.erp.kind], ["docname", "=", name]]
        try:
            rows = await self.c.erp.list(
                "Version", ["creation", "data"], filters, order_by="creation desc, name asc", limit=VERSIONS_MAX
            )
        except Refused:
            return {}
        found: dict[str, str] = {}
        for row in rows:
            try:
                changed = read_json(str(row.get("data") or "{}").encode()).get("changed", ())
            except NotJson:
                continue
            for entry in changed:
                found.setdefault(str(entry[0]), str(row["creation"]))
        return found

    async def _in_utc(self, text: str) -> datetime | None:
        if not text:
            return None
        if self._zone is None:
            said = await self.c.erp.call("frappe.client.get_time_zone", {}, safe=True)
            self._zone = ZoneInfo(str((said or {}).get("time_zone") or "UTC"))
        return datetime.fromisoformat(text).replace(tzinfo=self._zone).astimezone(UTC)

    def _tell(self, merged: Merged, outcome: Outcome) -> None:
        outcome.conflict = outcome.conflict or bool(merged.clashes or merged.fought)
        for clash in merged.clashes:
            outcome.tell(
                f"{clash.field.name} was edited on both sides: the CRM says {clash.crm!r}, the ERP says {clash.erp!r}.",
                "Edit one of the two; it is taken over.",
            )
        for each in merged.fought:
            other: System = "erp" if each.owner == "crm" else "crm"
            outcome.tell(
                f"Something in the {NAMES[other]} keeps changing {each.name}, which the {NAMES[each.owner]} owns.",
                f"Stop that automation, or take {each.name} out of the dictionary.",
            )
        for each, why in merged.unreadable:
            outcome.tell(f"{each.name} cannot be carried over: {why}.", f"Correct {each.name} in the {NAMES[each.owner]}.")


async def existing_fields(context: Context, entity: Entity, system: System) -> set[str]:
    """The names of custom fields (ERP) or of all properties (CRM) that the vendor has now."""
    if system == "crm":
        return set(await context.crm.property_types(entity.crm.kind))
    rows = await context.erp.list("Custom Field", ["fieldname"], [["dt", "=", entity.erp.kind]], order_by="name asc")
    return {str(row["fieldname"]) for row in rows}
