"""The e-mail addresses contacts have besides their first one, and those nobody may have again. Source: facts 3.5, 4.1, 4.5, 6.

The store's kind `contact_emails` has the further addresses (id the address, field `contact`), `blocked_emails` those that a
GDPR delete named without there being such a contact.
"""

from __future__ import annotations

from fake_crm.hubspot.errors import contact_exists
from harness.kit.records import RecordStore

KIND, BLOCKED = "contact_emails", "blocked_emails"


class OtherEmails:
    """Of one account. Addresses are as stored: trimmed, in lower case."""

    def __init__(self, store: RecordStore) -> None:
        self._store = store
        store.define(KIND)
        store.define(BLOCKED)

    def holder(self, email: str) -> str | None:
        """The live contact that has this as a further address, or None."""
        row = self._store.get(KIND, email)
        if row is None:
            return None
        contact = self._store.get("contacts", row.fields["contact"])
        return contact.id if contact is not None and not contact.archived else None

    def belong_to(self, contact_id: str, emails: str) -> None:
        """Give all addresses of a `;`-joined list to one contact."""
        for email in filter(None, emails.split(";")):
            if self._store.get(KIND, email) is None:
                self._store.insert(KIND, email, {"contact": contact_id})
            else:
                self._store.update(KIND, email, {"contact": contact_id})

    def forget(self, emails: str) -> None:
        for email in filter(None, emails.split(";")):
            if self._store.get(KIND, email) is not None:
                self._store.delete(KIND, email)

    def check_free(self, email: str, contact_id: str) -> None:
        """Raises HubSpotError 409 where the address is a further one of another contact."""
        holder = self.holder(email)
        if holder is not None and holder != contact_id:
            raise contact_exists(holder)

    def block(self, email: str) -> None:
        if self._store.get(BLOCKED, email) is None:
            self._store.insert(BLOCKED, email, {})

    def is_blocked(self, email: str) -> bool:
        return self._store.get(BLOCKED, email) is not None
