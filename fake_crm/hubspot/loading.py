"""Records from HubSpot's own export files: columns by label or internal name, all of a file or nothing of it.

Read-only columns (create date, last modified, counts) are accepted and left to the fake. Enumerations, stages and owners may be
given by label, as exports do. Associations are given by record id or, for companies, by a name that only one company has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from fake_crm.hubspot.account import Account, NewLink
from fake_crm.hubspot.association_types import PLAIN
from fake_crm.hubspot.definitions import Property
from fake_crm.hubspot.errors import HubSpotError
from fake_crm.hubspot.owners import OWNERS
from fake_crm.hubspot.types import BY_KIND, ObjectType
from fake_crm.hubspot.wire import is_id

Problem = tuple[int, str, str]  # row from 0, column as in the file, reason
_ALIASES = {"price": "price", "sku": "hs_sku", "record id": "hs_object_id", "id": "hs_object_id"}
_LINKS = {
    "associated company": "companies",
    "associated company ids": "companies",
    "primary company": "companies",
    "associated contact": "contacts",
    "associated contact ids": "contacts",
    "associated deal": "deals",
    "associated deal ids": "deals",
}


class _Refused(Exception):
    """Nothing of the file is loaded; undoes the transaction."""


class Loader:
    def __init__(self, account: Account) -> None:
        self._account = account

    def columns(self, kind: str) -> tuple[str, ...]:
        """Known column labels of a kind such as `deals`, sorted. Raises LookupError for another kind."""
        labels = {row["label"] for row in self._account.definitions.rows(self._type(kind).plural)}
        links = {name.title().replace("Ids", "IDs") for name, target in _LINKS.items() if (kind, target) in PLAIN}
        return tuple(sorted(labels | links))

    def load(self, kind: str, rows: Sequence[Mapping[str, str]]) -> list[Problem]:
        """Add all rows, or none and say what is wrong with each. Raises LookupError for a kind that is not modelled."""
        target = self._type(kind)
        known = self._names(target)
        problems = _unknown_columns(rows, known, self.columns(kind))
        if problems:
            return problems
        try:
            with self._account.store.transaction():
                for position, row in enumerate(rows):
                    self._load_row(target, position, row, known, problems)
                if problems:
                    raise _Refused
        except _Refused:
            return problems
        return []

    def _type(self, kind: str) -> ObjectType:
        found = BY_KIND.get(kind)
        if found is None:
            raise LookupError(f"the HubSpot fake cannot load {kind!r}; known: {', '.join(BY_KIND)}")
        return found

    def _names(self, kind: ObjectType) -> dict[str, str]:
        """Column in lower case → internal name; links as `>companies`."""
        names = {row["label"].lower(): row["name"] for row in reversed(self._account.definitions.rows(kind.plural))}
        names.update({row["name"]: row["name"] for row in self._account.definitions.rows(kind.plural)})
        names.update({alias: name for alias, name in _ALIASES.items() if self._account.definitions.find(kind.plural, name)})
        names.update({alias: f">{target}" for alias, target in _LINKS.items() if (kind.plural, target) in PLAIN})
        return names

    def _load_row(
        self, kind: ObjectType, position: int, row: Mapping[str, str], known: dict[str, str], problems: list[Problem]
    ) -> None:
        columns = {known[column.strip().lower()]: column for column in row}
        before, record_id = len(problems), None
        given: dict[str, Any] = {}
        links: list[NewLink] = []
        for name, column in columns.items():
            text = row[column].strip()
            try:
                if name == "hs_object_id":
                    record_id = self._record_id(kind, text)
                elif name.startswith(">"):
                    links += self._links(kind, BY_KIND[name[1:]], text)
                else:
                    prop = self._account.definitions.find(kind.plural, name)
                    if text and prop is not None and not prop.read_only:
                        given[name] = self._by_label(prop, text, row.get(columns.get("pipeline", ""), ""))
            except ValueError as bad:
                problems.append((position, column, str(bad)))
        if len(problems) > before:
            return
        try:
            if record_id is not None:
                self._account.ids.seen(kind.plural, record_id)
            self._account.create(kind, given, links, record_id)
        except HubSpotError as refused:
            problems += [(position, columns.get(name, name), text) for name, text in _reasons(refused)]

    def _record_id(self, kind: ObjectType, text: str) -> str | None:
        if not text:
            return None
        if not is_id(text) or len(text) > 18 or text.startswith("0"):
            raise ValueError(f"a record id is a whole number without leading zeros, not {text!r}")
        if self._account.store.get(kind.plural, text) is not None:
            raise ValueError(f"{kind.singular} {text} exists already")
        return text

    def _links(self, kind: ObjectType, target: ObjectType, text: str) -> list[NewLink]:
        if not text:
            return []
        live = [each for each in self._account.store.all(target.plural) if not each.archived]
        named = [each.id for each in live if target.plural == "companies" and each.get("name", "").lower() == text.lower()]
        if len(named) > 1:
            raise ValueError(f"{len(named)} companies are named {text!r}; give the record id")
        ids = named or [part.strip() for part in text.split(";") if part.strip()]
        missing = [each for each in ids if self._account.live(target, each) is None]
        if missing:
            raise ValueError(f"no {target.singular} {missing[0]!r} is loaded; load {target.plural} first")
        return [(PLAIN[(kind.plural, target.plural)], each) for each in ids]

    def _by_label(self, prop: Property, text: str, pipeline: str) -> str:
        """The internal value of a label; anything else as it is."""
        if prop.external == "owner":
            named = {f"{owner['firstName']} {owner['lastName']}".lower(): key for key, owner in OWNERS.items()}
            return named.get(text.lower(), text)
        if prop.external == "pipeline":
            return next((row["id"] for row in self._account.pipelines.rows() if row["label"] == text), text)
        if prop.external == "stage":
            rows = self._account.pipelines.rows()
            chosen = next((row for row in rows if pipeline and pipeline in (row["id"], row["label"])), rows[0])
            label = text.removesuffix(f" ({chosen['label']})")
            return next((stage["id"] for stage in chosen["stages"] if stage["label"] == label), text)
        if prop.type == "bool":
            return {"yes": "true", "no": "false"}.get(text.lower(), text.lower())
        if prop.type == "enumeration":
            labels = {option["label"]: option["value"] for option in prop.row["options"]}
            return (
                ";".join(labels.get(part.strip(), part.strip()) for part in text.split(";"))
                if prop.multiple
                else labels.get(text, text)
            )
        return text


def _unknown_columns(rows: Sequence[Mapping[str, str]], known: dict[str, str], labels: tuple[str, ...]) -> list[Problem]:
    by_lower = {label.lower(): label for label in labels} | {name: name for name in known}
    problems: list[Problem] = []
    for position, row in enumerate(rows):
        for column in row:
            if column.strip().lower() not in known and not any(column == told for _, told, _ in problems):
                near = get_close_matches(column.strip().lower(), by_lower, 1, cutoff=0.4)
                hint = f"; did you mean {by_lower[near[0]]}?" if near else ""
                problems.append((position, column, f"no property is labelled or named {column!r}{hint}"))
    return problems


def _reasons(refused: HubSpotError) -> list[tuple[str, str]]:
    """(property, text) of a refusal: one per bad property, or the whole message."""
    errors = refused.body.get("errors")
    if errors:
        return [(each["context"]["propertyName"][0], each["message"]) for each in errors]
    context = refused.body.get("context", {})
    name = (context.get("properties") or ["email" if refused.status == 409 else ""])[0]
    return [(name, refused.body["message"])]
