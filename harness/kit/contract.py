"""A fake's own contract, as data: what each operation takes, answers and leaves out, where we know it from, how sure we are.

A vendor writes a `Contract` beside its routes; `harness.kit.openapi` makes an OpenAPI 3.1 document of it, `docs/fidelity.py` a
page, tests compare it with what is routed and what is answered. A running fake never imports it: it is reached through
`FakeSpec.contract`, so that serving starts fast.

An entry belongs to a route by name: `Route.entry`, which is the route's operation unless the route says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from harness.kit.routing import NOT_MODELLED, Route

Schema = Mapping[str, Any]  # JSON Schema 2020-12, as OpenAPI 3.1 has it
JSON = "application/json"


class Confidence(StrEnum):
    """How we know what an operation does."""

    DOCUMENTED = "documented"  # the vendor's own documents say so
    MEASURED = "measured"  # seen on the live service, or in clients that meet it
    INFERRED = "inferred"  # our reasoning; a real account may differ


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of path or query. A list in the query is one comma-separated text."""

    schema: Schema
    description: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes back with one status. `schema` None: no body at all. `others` are bodies of further media types."""

    schema: Schema | None = None
    description: str = ""
    media: str = JSON
    others: Mapping[str, Schema] = field(default_factory=dict)

    def bodies(self) -> dict[str, Schema]:
        """Media type → schema; empty: no body at all."""
        return {} if self.schema is None else {self.media: self.schema, **self.others}


@dataclass(frozen=True, slots=True)
class Example:
    """One whole request that a prepared account accepts with the operation's first answer. `name` is unique in the operation."""

    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    name: str = "usual"


@dataclass(frozen=True, slots=True)
class Link:
    """How values of a successful answer flow into another entry's call: OpenAPI runtime expressions such as
    `$response.body#/id`, `$request.path.type`. In `body` each text that starts with `$` is one."""

    to: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One entry. `answers` starts with the usual success; what any call may meet (401, 429 …) is in `Contract.common`.

    `source` names the facts and documents, `deviations` what the vendor does and this fake does not, or otherwise. `case_of` names
    the entry that this one is a case of, spelt out for one value of a path parameter: documents have both, pages only the other.
    """

    summary: str
    area: str
    answers: Mapping[int, Answer]
    source: str
    confidence: Confidence
    query: Mapping[str, Param] = field(default_factory=dict)
    path: Mapping[str, Param] = field(default_factory=dict)  # where a path parameter means something of its own
    body: Schema | None = None
    media: str = JSON  # of the body
    body_required: bool = True
    examples: Sequence[Example] = ()
    links: Mapping[str, Link] = field(default_factory=dict)
    deviations: str = ""
    security: Sequence[str] | None = None  # names of security schemes; None: the contract's first, empty: none is asked
    case_of: str = ""


def as_it_is(version: str, operation: Operation) -> Operation:
    return operation


@dataclass(frozen=True, slots=True)
class Contract:
    """All that a fake serves. `versions` are the shapes of path that the vendor serves side by side, the usual one first;
    `version_of` says which one a route's template belongs to (another name: it is listed, but has no document).

    In names of entries `{one}` and such stand for what the path decides; `words` says how documents write them.
    `components` gives the named schemas of a version, so that a shape may differ in details; where a version wraps what it answers
    in another way, `restated` writes an operation as that version has it.

    `routes` are what the fake routes, or what follows from it: a route that serves many things by name may be spelt out here.
    """

    title: str
    description: str
    state: str  # the vendor's version or date that is imitated
    host: str
    routes: Sequence[Route]
    operations: Mapping[str, Operation]
    components: Callable[[str], Mapping[str, Schema]]
    path: Mapping[str, Param]
    common: Mapping[int, Answer]
    security_schemes: Mapping[str, Mapping[str, Any]]
    versions: Sequence[str]
    version_of: Callable[[str], str]
    words: Mapping[str, str] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)  # not modelled, and no route: what → what happens instead
    restated: Callable[[str, Operation], Operation] = as_it_is

    def served(self) -> dict[str, list[Route]]:
        """Modelled routes by entry, in the order of the routes: the first of a version is its main one."""
        found: dict[str, list[Route]] = {}
        for route in self.routes:
            if route.operation != NOT_MODELLED:
                found.setdefault(route.entry, []).append(route)
        return found

    def in_version(self, version: str) -> dict[str, list[Route]]:
        """Like `served`, only the routes of one version."""
        chosen = {
            name: [route for route in routes if self.version_of(route.template) == version]
            for name, routes in self.served().items()
        }
        return {name: routes for name, routes in chosen.items() if routes}

    def as_written(self, version: str, entry: str) -> Operation:
        """The operation as a version has it, with all that it may answer: its own answers first, then those of any call."""
        operation = self.operations[entry]
        more = {status: answer for status, answer in sorted(self.common.items()) if status not in operation.answers}
        return self.restated(version, replace(operation, answers={**operation.answers, **more}))

    def not_modelled(self) -> dict[str, list[str]]:
        """Known paths that answer 501: template → methods. What lies below a path is not listed again."""
        found: dict[str, list[str]] = {}
        for route in self.routes:
            if route.operation == NOT_MODELLED and not route.template.endswith(":path}"):
                found.setdefault(route.template, []).append(route.method)
        return found

    def operation_id(self, entry: str) -> str:
        return entry.format(**self.words)


def undocumented(contract: Contract) -> list[str]:
    """Routes that are served and have no entry, as `METHOD template (entry)`."""
    return [
        f"{routes[0].method} {routes[0].template} ({entry})"
        for entry, routes in contract.served().items()
        if entry not in contract.operations
    ]


def unrouted(contract: Contract) -> list[str]:
    """Entries that no route serves."""
    return [entry for entry in contract.operations if entry not in contract.served()]


def merged(*areas: Mapping[str, Operation]) -> dict[str, Operation]:
    """All areas' entries in one. Raises ValueError for a name that two areas claim."""
    found: dict[str, Operation] = {}
    for area in areas:
        for name, operation in area.items():
            if name in found:
                raise ValueError(f"two entries {name!r}: {found[name].area} and {operation.area}")
            found[name] = operation
    return found
