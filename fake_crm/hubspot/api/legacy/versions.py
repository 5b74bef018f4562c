"""The values a property had, newest first, for the `versions` of v1 and v2."""

from __future__ import annotations

from dataclasses import dataclass

from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.model.history import Past
from fake_crm.hubspot.model.standard_types import ObjectType
from harness.kit.clock import epoch_ms
from harness.kit.records import Record


@dataclass(frozen=True, slots=True)
class Version:
    """One value. `at_ms` is when it was written, epoch milliseconds."""

    value: str
    at_ms: int
    source: str
    source_id: str | None = None
    source_label: str | None = None


def versions_of(account: Account, kind: ObjectType, record: Record, name: str, value: str) -> list[Version]:
    """The property's history; at least the present value, as if the account itself had just worked it out."""
    found = [_version(past) for past in account.history.of(kind, record, name) or ()]
    if found and found[0].value == value:
        return found
    return [Version(value, epoch_ms(record.updated_at), "CALCULATED"), *found]


def _version(past: Past) -> Version:
    return Version(past.value, epoch_ms(past.at), past.source, past.source_id, past.label)
