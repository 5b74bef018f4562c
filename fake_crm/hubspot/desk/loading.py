"""Records from HubSpot's own export files: columns by label or internal name, all of a file or nothing of it.

Read-only columns (create date, last modified, counts) and what `export_columns` lists as passed over are accepted and left to the
fake. Enumerations, stages and owners may be given by label, as exports do. Associations are given by record id, or by a name that
only one record has. What was loaded is searchable at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from fake_crm.hubspot.desk.export_columns import ALIASES, LINKS, PASSED_OVER
from fake_crm.hubspot.desk.export_values import internal_value
from fake_crm.hubspot.errors import HubSpotError
from fake_crm.hubspot.model.account import Account, NewLink
from fake_crm.hubspot.model.association_types import AssociationType
from fake_crm.hubspot.model.standard_types import BY_KIND, ObjectType
from fake_crm.hubspot.search.index import IMPORT
from fake_crm.hubspot.wire import is_id
from harness.kit.records import Record

Problem = tuple[int, str, str]  # row from 0 or HEADER, column as in the file, reason
_ORDER = ("companies", "contacts", "products", "deals", "line_items")  # names refer to what was loaded before
PASSED = ""  # the meaning of a column that is read over
HEADER = -1  # the row of problems with a column's name


class _Refused(Exception):
    """Nothing of the file is loaded; undoes the transaction."""


class Loader:
    def __init__(self, account: Account) -> None:
        self._account = account
        self._by_name: dict[str, dict[str, list[str]]] = {}  # ids of live records by kind and name in lower case

    def columns(self, kind: str) -> tuple[str, ...]:
        """Known columns of a kind such as `deals`, labels and internal names. Raises LookupError for another kind."""
        rows = self._account.definitions.rows(self._type(kind).plural)
        names = {row["label"] for row in rows} | {row["name"] for row in rows}
        links = {_label(name) for name, link in LINKS.items() if self._link_type(BY_KIND[kind], link.target)}
        return tuple(sorted(names | links | ({"Price"} if kind == "products" else set())))

    def load(self, kind: str, rows: Sequence[Mapping[str, str]]) -> list[Problem]:
        """Add all rows, or none and say what is wrong with each. Raises LookupError for a kind that is not modelled."""
        target = self._type(kind)
        known = self._names(target)
        problems = _bad_columns(rows, known, self.columns(kind))
        if problems:
            return problems
        self._by_name = {}
        store, actor = self._account.store, self._account.store.actor
        store.actor = IMPORT
        try:
            with store.transaction():
                for position, row in enumerate(rows):
                    self._load_row(target, position, row, known, problems)
                if problems:
                    raise _Refused
        except _Refused:
            return problems
        finally:
            store.actor = actor
        return []

    def _type(self, kind: str) -> ObjectType:
        if kind not in _ORDER:
            raise LookupError(f"HubSpot cannot load {kind!r}; known: {', '.join(_ORDER)}")
        return BY_KIND[kind]

    def _link_type(self, kind: ObjectType, target: str, *, primary: bool = False) -> AssociationType | None:
        types = self._account.association_types
        return (types.primary if primary else types.plain)(kind, BY_KIND[target])

    def _names(self, kind: ObjectType) -> dict[str, str]:
        """Column in lower case → internal name; links as `>companies`, and PASSED."""
        names = dict.fromkeys(PASSED_OVER, PASSED)
        names |= {row["label"].lower(): row["name"] for row in reversed(self._account.definitions.rows(kind.plural))}
        names.update({row["name"]: row["name"] for row in self._account.definitions.rows(kind.plural)})
        names.update({alias: name for alias, name in ALIASES.items() if self._account.definitions.find(kind.plural, name)})
        names.update({alias: f">{link.target}" for alias, link in LINKS.items()})
        return names

    def _load_row(
        self, kind: ObjectType, position: int, row: Mapping[str, str], known: dict[str, str], problems: list[Problem]
    ) -> None:
        named = [(known[column.strip().lower()], column) for column in row]
        columns = dict(named)
        before, record_id = len(problems), None
        given: dict[str, Any] = {}
        pipeline = row.get(columns.get("pipeline", ""), "").strip()
        for name, column in named:
            text = row[column].strip()
            try:
                if name == "hs_object_id":
                    record_id = self._record_id(kind, text)
                elif name and not name.startswith(">"):
                    prop = self._account.definitions.find(kind.plural, name)
                    if text and prop is not None and not prop.read_only:
                        given[name] = internal_value(self._account, prop, text, pipeline)
            except ValueError as bad:
                problems.append((position, column, str(bad)))
        links: dict[tuple[str, str], NewLink] = {}  # by what is linked: a primary company takes the place of the plain link
        for column, link in self._links(kind, row):
            if isinstance(link, str):
                problems.append((position, column, link))
            else:
                links[(link[0].target.plural, link[1])] = link
        if pipeline and "pipeline" not in given:
            given.pop("dealstage", None)  # it cannot be told whether the stage is one of a pipeline that is none
        try:
            if len(problems) > before:
                self._account.validated(kind, given, {})  # tell what else is wrong with the row
                return
            if record_id is not None:
                self._account.ids.seen(kind.plural, record_id)
            self._account.create(kind, given, list(links.values()), record_id)
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

    def _links(self, kind: ObjectType, row: Mapping[str, str]) -> Iterator[tuple[str, NewLink | str]]:
        """(column, link) for every record a row refers to, or (column, what is wrong with it).

        Ids that are not there are passed over: an export of deals alone names the companies that were not exported. Names are
        read only where no ids stand beside them, and have to be there.
        """
        meant = {column: found for column in row if (found := LINKS.get(column.strip().lower())) is not None}
        with_ids = {found.target for found in meant.values() if found.by_id}
        for column, found in sorted(meant.items(), key=lambda pair: pair[1].primary):
            target, text = BY_KIND[found.target], row[column].strip()
            link_type = self._link_type(kind, found.target, primary=found.primary)
            if not text or link_type is None:
                continue
            if found.by_id:
                ids = [part.strip() for part in text.split(";")]
                yield from ((column, (link_type, each)) for each in ids if self._account.live(target, each) is not None)
            elif target.plural not in with_ids and _ORDER.index(target.plural) <= _ORDER.index(kind.plural):
                try:
                    yield from ((column, (link_type, each)) for each in self._called(target, text))
                except ValueError as bad:
                    yield column, str(bad)

    def _called(self, target: ObjectType, text: str) -> list[str]:
        """Ids of live records given by a name that only one has, or by ids. Raises ValueError."""
        names = self._by_name.setdefault(target.plural, {})
        if not names:
            for each in self._account.store.all(target.plural):
                for name in _names_of(target, each) if not each.archived else ():
                    names.setdefault(name.lower(), []).append(each.id)
        named = names.get(text.lower(), [])
        if len(named) > 1:
            raise ValueError(f"{len(named)} {target.plural} are named {text!r}; give the record id")
        found: list[str] = []
        for part in named or [part.strip() for part in text.split(";") if part.strip()]:
            held = [part] if self._account.live(target, part) is not None else names.get(part.lower(), [])
            if len(held) != 1:
                raise ValueError(f"no {target.singular} {part!r} is loaded; load {target.plural} first")
            found += held
        return found


def _names_of(kind: ObjectType, record: Record) -> set[str]:
    """What an export may call a record: `Acme`; for a contact `Jo Day`, its e-mail address, or both as `Jo Day (jo@acme.com)`."""
    if kind.plural != "contacts":
        return {str(record.get("name" if kind.plural == "companies" else "dealname", ""))}
    full, email = f"{record.get('firstname', '')} {record.get('lastname', '')}".strip(), str(record.get("email", ""))
    return {full, email, f"{full} ({email})"}


def _label(name: str) -> str:
    return name.title().replace("Ids", "IDs").removesuffix(" Id") + (" ID" if name.endswith(" id") else "")


def _bad_columns(rows: Sequence[Mapping[str, str]], known: dict[str, str], columns: tuple[str, ...]) -> list[Problem]:
    """Columns that name nothing, or the same thing as another: each once, as a problem of the header."""
    by_lower = {column.lower(): column for column in columns}
    problems: dict[str, Problem] = {}
    for row in rows:
        meant: dict[str, str] = {}
        for column in row:
            lowered = column.strip().lower()
            name = known.get(lowered)
            if name is None:
                near = get_close_matches(lowered, by_lower, 1, cutoff=0.4)
                hint = f"; did you mean {by_lower[near[0]]}?" if near else ""
                problems.setdefault(column, (HEADER, column, f"no property is labelled or named {column!r}{hint}"))
            elif name in meant and name != PASSED and not name.startswith(">"):
                problems.setdefault(column, (HEADER, column, f"means {name}, and so does {meant[name]!r}"))
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
