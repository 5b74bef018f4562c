"""Edits that happen while the engine writes: the CRM has no conditional write, but it remembers what a write replaced.

What a write into the CRM is about to replace is noted in the shadow's mark of it (`shadow`), for the engine may die, or hear no
answer, between that write and the look at what it replaced.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sync_engine.dictionary import FieldMap
from sync_engine.processes.shadow import key
from sync_engine.vendors.hubspot import CrmRecord, HubSpot
from sync_engine.wire import read_json, write_text

ON_ITS_WAY = timedelta(minutes=2)  # a write is applied within that, by clocks that are never equal: later ones are a person's


async def overwritten(
    crm: HubSpot, read: CrmRecord, written: Mapping[str, str], until: Mapping[str, datetime] | None = None
) -> dict[str, str]:
    """Property → the value that somebody wrote after our read and that our write has replaced. One call; VendorErrors are raised.

    The newest entry must be our write (applied not after `until`); what stands below it must be what we had read.
    """
    history = await crm.history(read.kind, read.id, list(written))
    lost: dict[str, str] = {}
    for name, value in written.items():
        entries = history.get(name, ())
        if not entries or entries[0][0] != value:
            continue  # somebody wrote after us, the CRM tidied our value, or it keeps no history: nothing is to be brought back
        if until is not None and datetime.fromisoformat(entries[0][1].replace("Z", "+00:00")) > until[name]:
            continue
        before = next((entry[0] for entry in entries if entry[0] != value), "")
        if before not in (read.get(name), value):
            lost[name] = before
    return lost


def announced(
    intents: Mapping[str, str], fields: Iterable[FieldMap], read: CrmRecord, written: Mapping[str, str], now: datetime
) -> dict[str, str]:
    """The marks of writes about to be sent; those into the CRM with what they replace, by what, and when."""
    marks = dict(intents)
    for each in fields:
        mark, name = f"> {key(each)}", each.crm.field
        if mark in marks and name in written:
            marks[mark] = write_text([*read_json(marks[mark].encode()), read.get(name), written[name], now.isoformat()])
    return marks


async def overwritten_before(
    crm: HubSpot, record: CrmRecord, fields: Iterable[FieldMap], agreed: Mapping[str, str]
) -> dict[str, str]:
    """`overwritten`, of announced writes that arrived and of which nobody heard the end. No call where there are none."""
    read: dict[str, str | None] = {}
    written: dict[str, str] = {}
    until: dict[str, datetime] = {}
    for each in fields:
        name, said = each.crm.field, read_json(agreed.get(f"> {key(each)}", "[]").encode())
        if len(said) == 6 and record.get(name) == said[4]:
            read[name], written[name], until[name] = said[3], said[4], datetime.fromisoformat(said[5]) + ON_ITS_WAY
    return await overwritten(crm, CrmRecord(record.kind, record.id, read, {}), written, until) if written else {}
