"""Edits that happen while the engine writes: the CRM has no conditional write, but it remembers what a write replaced."""

from __future__ import annotations

from collections.abc import Mapping

from sync_engine.vendors.hubspot import CrmRecord, HubSpot


async def overwritten(crm: HubSpot, read: CrmRecord, written: Mapping[str, str]) -> dict[str, str]:
    """Property → the value that somebody wrote after our read and that our write has replaced. One call; VendorErrors are raised.

    The newest entry with our value is our write; what stands below it must be what we had read.
    """
    history = await crm.history(read.kind, read.id, list(written))
    lost: dict[str, str] = {}
    for name, value in written.items():
        values = [entry[0] for entry in history.get(name, ())]
        if value not in values:
            continue  # the CRM tidied our value, or keeps no history: nothing can be said
        below = values[values.index(value) + 1 :]
        before = below[0] if below else ""
        if before not in (read.get(name), value):
            lost[name] = before
    return lost
