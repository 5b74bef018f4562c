"""The account's users who can own records: three of them, always the same. Source: facts section 10.3.

`id` is a string and not the `userId`, a number. Simulated people write as users of their own: see `user_id_of`.
"""

from __future__ import annotations

from typing import Any
from zlib import crc32

_SINCE = "2025-01-07T08:00:00Z"


def _owner(owner_id: str, user_id: int, first: str, last: str) -> dict[str, Any]:
    return {
        "id": owner_id,
        "email": f"{first.lower()}.{last.lower()}@syncproof.example",
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
        _owner("30551208", 8120457, "Anna", "Berg"),
        _owner("30551209", 8120458, "Jonas", "Keller"),
        _owner("30551210", 8120459, "Maria", "Santos"),
    )
}


def user_id_of(person: str) -> int:
    """The user id under which a simulated person's edits appear: the same name, the same id."""
    return 66_000_000 + crc32(person.encode("utf-8", "replace")) % 1_000_000
