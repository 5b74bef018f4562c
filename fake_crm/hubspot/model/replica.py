"""A read replica that lags behind the account (setting `read_lag_s`, 0 by default). Source: facts section 17, a fault to switch on.

Reads of one record, lists, batch reads and associations show the account as it was that long ago. Lookups by a unique value find
by the present values. Not imitated: a link that was taken away is gone at once, a restored record was never away.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from fake_crm.hubspot.model.standard_types import ObjectType
from harness.kit.records import Record

if TYPE_CHECKING:
    from fake_crm.hubspot.model.account import Account


class Replica:
    """Of one account. `lags` is whether it shows anything else than the account itself."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._lag = timedelta(seconds=account.settings.read_lag_s)
        self.lags = account.settings.read_lag_s > 0

    def record(self, record: Record) -> Record | None:
        """The record as reads see it, or None where they do not see it yet."""
        at = self._account.clock.now() - self._lag
        if record.updated_at <= at:
            return record
        if record.created_at > at:
            return None
        fields, version = record.fields, record.version
        for change in self._account.history.changes(record):
            if change.at <= at:
                break
            fields, version = {**fields, **change.old}, change.version - 1
        if record.archived_at is None or record.archived_at <= at:
            return replace(record, fields=fields, version=version)
        return replace(record, fields=fields, version=version, archived=False, archived_at=None)

    def links(self, source: ObjectType, source_id: str, target: ObjectType) -> list[Record]:
        """Links to live records as reads see them, oldest first."""
        found = self._account.links.of(source, source_id, target)
        if not self.lags:
            return found
        at = self._account.clock.now() - self._lag
        return [link for link in found if link.created_at <= at]
