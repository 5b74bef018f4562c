"""The recycle bin: 90 days in which people may take a record out again. Source: facts section 4.6.

The store keeps archived records for good; after 90 days, or once they went under in a merge, nobody can reach them any more.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from fake_crm.hubspot.errors import contact_exists, not_found
from fake_crm.hubspot.model.standard_types import CONTACTS, ObjectType
from harness.kit.records import Record, UniqueConflict

if TYPE_CHECKING:
    from fake_crm.hubspot.model.account import Account

KEPT = timedelta(days=90)


class Bin:
    """Of one account. Links of an archived record stay in the store, hidden; they are there again when it comes back."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def holds(self, kind: ObjectType, record: Record) -> bool:
        at = record.archived_at
        return at is not None and self._account.clock.now() - at < KEPT and not self._account.merging.is_gone(kind, record.id)

    def restore(self, kind: ObjectType, record_id: str) -> Record:
        """Take a record out, with its links. Raises HubSpotError: 404 where it is not in the bin, 409 or 400 where another
        record has one of its unique values by now; and then nothing was changed."""
        account = self._account
        record = account.store.get(kind.plural, record_id)
        if record is None or not self.holds(kind, record):
            raise not_found()
        with account.store.transaction():
            if kind is CONTACTS:
                self._check_emails(record)
            try:
                account.store.restore_record(kind.plural, record_id)
            except UniqueConflict as taken:
                raise account.taken(kind, taken, record_id) from None
            account.emails.belong_to(record_id, record.fields.get("hs_additional_emails") or "")
            account.links.came_back(kind, record_id)
        return record

    def _check_emails(self, record: Record) -> None:
        emails, store = self._account.emails, self._account.store
        for email in (record.fields.get("email") or "", *(record.fields.get("hs_additional_emails") or "").split(";")):
            if email:
                emails.check_free(email, record.id)
                holder = store.find("contacts", "email", email)
                if holder is not None:
                    raise contact_exists(holder.id)
