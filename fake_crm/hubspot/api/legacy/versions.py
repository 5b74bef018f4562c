"""The values a property had, newest first, for the `versions` of v1 and v2."""

from __future__ import annotations

from dataclasses import dataclass

from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.model.definitions import Property
from fake_crm.hubspot.model.standard_types import ObjectType
from fake_crm.hubspot.wire import ms_of
from harness.kit.records import Record


@dataclass(frozen=True, slots=True)
class Version:
    """One value. `at_ms` is when it was written, epoch milliseconds."""

    value: str
    at_ms: int
    source: str
    source_id: str | None = None
    source_label: str | None = None


def versions_of(account: Account, kind: ObjectType, record: Record, prop: Property, value: str) -> list[Version]:
    """At least the present value, written when the record last changed."""
    fields = record.fields
    at = ms_of(fields[kind.modified]) or 0
    if prop.read_only:
        return [Version(value, at, "CALCULATED")]
    source, source_id = fields.get("hs_object_source", "IMPORT"), fields.get("hs_object_source_id")
    return [Version(value, at, source, source_id, fields.get("hs_object_source_label"))]
