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
        self._companies_by_name: dict[str, list[str]] = {}

    def columns(self, kind: str) -> tuple[str, ...]:
        """Known columns of a kind such as `deals`, labels and internal names. Raises LookupError for another kind."""
        rows = self._account.definitions.rows(self._type(kind).plural)
        names = {row["label"] for row in rows} | {row["name"] for row in rows}
        links = {name.title().replace("Ids", "IDs") for name, target in _LINKS.items() if (kind, target) in PLAIN}
        return tuple(sorted(names | links | ({"Price"} if kind == "products" else set())))

    def load(self, kind: str, rows: Sequence[Mapping[str, str]]) -> list[Problem]:
        """Add all rows, or none and say what is wrong with each. Raises LookupError for a kind that is not modelled."""
        target = self._type(kind)
        known = self._names(target)
        problems = _bad_columns(rows, known, self.columns(kind))
        if problems:
            return problems
        self._companies_by_name = self._companies()
        try:
            with self._account.store.transaction():
                for position, row in enumerate(rows):
                    self._load_row(target, position, row, known, problems)
                if problems:
                    raise _Refused
        except _Refused:
            return problems
        return []

    def _companies(self) -> dict[str, list[str]]:
        """Ids of live companies by their names in lower case."""
        found: dict[str, list[str]] = {}
        for each in self._account.store.all("companies"):
            if not each.archived:
                found.setdefault(each.get("name", "").lower(), []).append(each.id)
        return found

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
        named = [(known[column.strip().lower()], column) for column in row]
        columns = dict(named)
        before, record_id = len(problems), None
        given: dict[str, Any] = {}
        links: list[NewLink] = []
        for name, column in named:
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
        try:
            if len(problems) > before:
                self._account.validated(kind, given, {})  # tell what else is wrong with the row
                return
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
        named = self._companies_by_name.get(text.lower(), []) if target.plural == "companies" else []
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
            return str(named.get(text.lower(), text))
        if prop.external == "pipeline":
            return str(next((row["id"] for row in self._account.pipelines.rows() if row["label"] == text), text))
        if prop.external == "stage":
            rows = self._account.pipelines.rows()
            chosen = next((row for row in rows if pipeline and pipeline in (row["id"], row["label"])), rows[0])
            label = text.removesuffix(f" ({chosen['label']})")
            return str(next((stage["id"] for stage in chosen["stages"] if stage["label"] == label), text))
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


def _bad_columns(rows: Sequence[Mapping[str, str]], known: dict[str, str], columns: tuple[str, ...]) -> list[Problem]:
    """Columns that name nothing, or the same thing as another: each once, at the first row that has it."""
    by_lower = {column.lower(): column for column in columns}
    problems: dict[str, Problem] = {}
    for position, row in enumerate(rows):
        meant: dict[str, str] = {}
        for column in row:
            lowered = column.strip().lower()
            name = known.get(lowered)
            if name is None:
                near = get_close_matches(lowered, by_lower, 1, cutoff=0.4)
                hint = f"; did you mean {by_lower[near[0]]}?" if near else ""
                problems.setdefault(column, (position, column, f"no property is labelled or named {column!r}{hint}"))
            elif name in meant and not name.startswith(">"):
                problems.setdefault(column, (position, column, f"means {name}, and so does {meant[name]!r}"))
            else:
                meant[name] = column
    return list(problems.values())


def _reasons(refused: HubSpotError) -> list[tuple[str, str]]:
    """(property, text) of a refusal: one per bad property, or the whole message."""
    errors = refused.body.get("errors")
    if errors:
        return [(each["context"]["propertyName"][0], each["message"]) for each in errors]
    context = refused.body.get("context", {})
    name = (context.get("properties") or ["email" if refused.status == 409 else ""])[0]
    return [(name, refused.body["message"])]
