"""The account's users who can own records: three that are always there, one who left, and those that loaded records named.

Source: facts 10.3. An archived owner has no `userId` any more; that nothing new can be given to one is our guess.

`id` is a string and not the `userId`, a number. Simulated people write as users of their own: see `user_id_of`.
"""

from __future__ import annotations

from typing import Any
from zlib import crc32

from harness.kit.records import RecordStore

KIND = "owners"
Row = dict[str, Any]
_SINCE = "2025-01-07T08:00:00Z"
_FIRST_ID, _FIRST_USER = 30551208, 8120457


def _owner(owner_id: str, user_id: int, first: str, last: str, email: str = "") -> Row:
    return {
        "id": owner_id,
        "email": email or f"{first.lower()}.{last.lower()}@syncproof.example",
        "type": "PERSON",
        "firstName": first,
        "lastName": last,
        "userId": user_id,
        "userIdIncludingInactive": user_id,
        "createdAt": _SINCE,
        "updatedAt": _SINCE,
        "archived": False,
        "teams": [{"id": "51203", "name": "Sales", "primary": True}],
    }


OWNERS = {
    owner["id"]: owner
    for owner in (
        _owner(str(_FIRST_ID + number), _FIRST_USER + number, first, last)
        for number, (first, last) in enumerate((("Anna", "Berg"), ("Jonas", "Keller"), ("Maria", "Santos")))
    )
}


_PAUL = _owner(str(_FIRST_ID + 900), _FIRST_USER + 900, "Paul", "Lindt")
LEFT: Row = {**_PAUL, "userId": None, "archived": True, "updatedAt": "2025-11-28T16:30:00Z"}


class Owners:
    """The owners of one account; those beyond the three are in the store, so that snapshots and undone files include them."""

    def __init__(self, store: RecordStore) -> None:
        self._store = store
        store.define(KIND)

    def rows(self) -> list[Row]:
        """Wire rows in the order of their ids."""
        own = {record.id: record.fields["owner"] for record in self._store.all(KIND)}
        return [row for _, row in sorted({**OWNERS, LEFT["id"]: LEFT, **own}.items())]

    def known(self, owner_id: str) -> bool:
        return owner_id in OWNERS or self._store.get(KIND, owner_id) is not None

    def user_id(self, owner_id: str) -> str:
        """The user behind an owner, as text; nothing for nobody."""
        known = OWNERS.get(owner_id)
        if known is None and (record := self._store.get(KIND, owner_id)) is not None:
            known = record.fields["owner"]
        return str(known["userId"]) if known is not None else ""

    def found_or_made(self, text: str) -> str:
        """The id of the owner with this id, full name or e-mail address; a new one if there is none."""
        lowered = text.lower()
        for row in self.rows():
            if lowered in (row["id"], row["email"].lower(), f"{row['firstName']} {row['lastName']}".strip().lower()):
                return str(row["id"])
        number = len(OWNERS) + self._store.count(KIND)
        while self.known(str(_FIRST_ID + number)):
            number += 1
        owner_id = text if text.isascii() and text.isdecimal() else str(_FIRST_ID + number)
        row = _owner(owner_id, _FIRST_USER + number, *_names(text, owner_id))
        self._store.insert(KIND, owner_id, {"owner": row})
        return owner_id


def _names(text: str, owner_id: str) -> tuple[str, str, str]:
    """First name, last name and e-mail address of somebody of whom one of them, or only the id, is known."""
    if text == owner_id:
        return "Owner", text, f"owner.{text}@syncproof.example"
    if "@" in text:
        first, _, last = text.partition("@")[0].partition(".")
        return first.capitalize(), last.capitalize(), text.lower()
    first, _, last = text.rpartition(" ")
    local = ".".join("".join(c for c in word if c.isascii() and c.isalnum()) for word in text.lower().split()).strip(".")
    return first or last, last if first else "", f"{local or f'owner.{owner_id}'}@syncproof.example"


def user_id_of(person: str) -> int:
    """The user id under which a simulated person's edits appear: the same name, the same id."""
    return 66_000_000 + crc32(person.encode("utf-8", "replace")) % 1_000_000
