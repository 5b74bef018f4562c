"""The moments at which a type has something to say, with nothing to say by default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.kit.records import Record

if TYPE_CHECKING:
    from fake_crm.hubspot.model.account import Account, NewLink

Values = dict[str, str]
Problems = list[tuple[str, str, str]]  # (property, code, message)


class Rules:
    """Of one type in one account. `current` is what the record holds; a refusal is raised as HubSpotError and changes nothing."""

    follows_creation = False  # whether `inserted` has something to do
    follows_updates = False  # whether `changed` or `stored` write other records

    def __init__(self, account: Account) -> None:
        self.account = account

    def check(self, values: Values, current: Values, problems: Problems) -> None:
        """Look at values that fit their definitions: change them in place, or append to `problems`."""

    def created(self, values: Values, links: list[NewLink], now: str) -> None:
        """Add to `values` what follows from them, before the record is stored."""

    def inserted(self, record: Record) -> None:
        """After a new record and its links were stored, inside the transaction: let others follow."""

    def changed(self, record: Record, values: Values, changes: Values, now: str) -> None:
        """Add to `changes` what follows from them. `values` is what was written, `changes` the part of it that differs."""

    def stored(self, record: Record, changes: Values) -> None:
        """After an update was stored, inside its transaction: let others follow."""

    def archiving(self, record: Record) -> None:
        """Before the record goes to the bin, inside its transaction: take others along, or refuse."""

    def linked(self, record: Record, other_kind: str, other_id: str, *, is_new: bool) -> None:
        """After a record of this type was linked to another, inside the transaction. `is_new`: it is just being created, and
        `created` has seen its links."""
