"""What a reconciliation looks at, and how far it has come."""

from __future__ import annotations

from zlib import crc32

import msgspec

ALL = 10_000


class Scope(msgspec.Struct, frozen=True):
    """`entities`: names, in order (all, if empty) · `record`: one record, `crm <kind> <id>` or `erp <kind> <name>` · `since`: ISO
    8601 UTC, only what changed since then · `sample`: the share of records to look at, 0 < sample ≤ 1."""

    entities: tuple[str, ...] = ()
    record: str = ""
    since: str = ""
    sample: float = 1.0

    def includes(self, run: str, record: str) -> bool:
        """Whether the record is in the sample: the same answer for the whole run."""
        return self.sample >= 1 or crc32(f"{run} {record}".encode()) % ALL < self.sample * ALL


class State(msgspec.Struct):
    """A run in progress. `phase`: `crm`, `erp` (of the entity at `at`), `repair` or `done`; `after`: where its next page starts.

    `rows`: drifts found so far; `repaired`: how many of them were looked at for repair, `asked`: work that was asked for.
    """

    run: str
    scope: Scope
    entities: tuple[str, ...]
    repair: bool = False
    at: int = 0
    phase: str = "crm"
    after: str = ""
    compared: dict[str, int] = {}
    on_its_way: int = 0
    rows: int = 0
    repaired: int = 0
    asked: int = 0
