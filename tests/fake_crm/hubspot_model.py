"""A CRM in a hundred lines: what an account must hold after any sequence of writes, without routes, types, limits or indexes.

The fake is held against it by `test_hubspot_machine.py`.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field

Key = tuple[str, str]  # (type, id)
ADDITIONAL = "hs_additional_emails"
NEW_ID_ON_MERGE = ("contacts", "companies")


@dataclass
class Row:
    values: dict[str, str]
    archived: bool = False
    merged_into: str = ""


@dataclass
class Model:
    """Records, links between live records, and the copy of the records that search has seen."""

    rows: dict[Key, Row] = field(default_factory=dict)
    links: set[frozenset[Key]] = field(default_factory=set)
    indexed: dict[Key, Row] = field(default_factory=dict)

    def live(self, kind: str) -> list[str]:
        return [key for (each, key), row in self.rows.items() if each == kind and not row.archived]

    def is_live(self, key: Key) -> bool:
        return key in self.rows and not self.rows[key].archived

    def resolved(self, key: Key) -> Key:
        """Where a read of an id ends up: at the record it was merged into."""
        while self.rows[key].merged_into:
            key = (key[0], self.rows[key].merged_into)
        return key

    # -- who holds an address -------------------------------------------------------------------------------------

    def holder(self, email: str, writing: str = "") -> str | None:
        """The live contact that has an address, as its first or as an additional one."""
        for key in self.live("contacts"):
            values = self.rows["contacts", key].values
            if key != writing and email and email in (values.get("email", ""), *values.get(ADDITIONAL, "").split(";")):
                return key
        return None

    def clashes(self, kind: str, values: dict[str, str], writing: str = "") -> bool:
        return kind == "contacts" and self.holder(values.get("email", ""), writing) is not None

    # -- writes ---------------------------------------------------------------------------------------------------

    def create(self, kind: str, key: str, values: dict[str, str]) -> None:
        self.rows[kind, key] = Row({name: value for name, value in values.items() if value})

    def update(self, kind: str, key: str, values: dict[str, str]) -> None:
        row = self.rows[kind, key]
        row.values = {name: value for name, value in {**row.values, **values}.items() if value}

    def archive(self, kind: str, key: str) -> None:
        if self.is_live((kind, key)):
            self.rows[kind, key].archived = True

    def link(self, one: Key, other: Key) -> None:
        self.links.add(frozenset((one, other)))

    def unlink(self, one: Key, other: Key) -> None:
        self.links.discard(frozenset((one, other)))

    def merge(self, kind: str, primary: str, other: str, survivor: str) -> None:
        """Values of the primary where it has any, links of both; two of the types get a third record for it."""
        first, second = self.rows[kind, primary], self.rows[kind, other]
        values = {**second.values, **first.values}
        emails = [each for row in (first, second) for each in (row.values.get("email"), *row.values.get(ADDITIONAL, "").split(";"))]
        if kind == "contacts" and (more := [each for each in dict.fromkeys(emails) if each and each != values.get("email")]):
            values[ADDITIONAL] = ";".join(more)
        gone = [key for key in (primary, other) if key != survivor]
        moved = {(kind, key) for key in gone}
        self.rows[kind, survivor] = Row(values)
        for key in gone:
            self.rows[kind, key] = Row({}, archived=True, merged_into=survivor)
        self.links = {frozenset((kind, survivor) if end in moved else end for end in link) for link in self.links}
        self.links = {link for link in self.links if len(link) == 2}

    # -- reads ----------------------------------------------------------------------------------------------------

    def linked(self, key: Key, kind: str) -> set[str]:
        found = (end for link in self.links if key in link for end in link if end != key and end[0] == kind)
        return {end[1] for end in found if self.is_live(end)}

    def index(self) -> None:
        """The lag is over: search sees everything."""
        self.indexed = deepcopy(self.rows)

    def search(self, kind: str, name: str, value: str) -> set[str]:
        """Matches by what search has seen."""
        return {
            key
            for (each, key), row in self.indexed.items()
            if each == kind and not row.archived and row.values.get(name, "").lower() == value
        }
