"""What a record store tells of each write: the change itself, and what the writes of a transaction replaced."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from harness.kit.record_kinds import Fields

CREATED: Final = "created"
UPDATED: Final = "updated"
ARCHIVED: Final = "archived"
RESTORED: Final = "restored"
DELETED: Final = "deleted"


class Change(msgspec.Struct, frozen=True, gc=False):
    """One committed change. `old` and `new` hold only the fields that changed; `request` is the journal's number or 0."""

    sequence: int
    at: datetime
    kind: str
    id: str
    version: int
    action: str
    old: Fields
    new: Fields
    by: str
    request: int = 0


def fields_before(changes: Sequence[Change], kind: str, record_id: str, fields: Fields | None) -> Fields | None:
    """What a record with these `fields` held before `changes`; None if one of them made it. Costs a look at each change."""
    for change in reversed(changes):
        if change.id == record_id and change.kind == kind:
            if change.action == CREATED:
                return None
            fields = {**(fields or {}), **change.old}
    return fields
