"""From method and path to the function that answers: a list of routes one can read, matched without regular expressions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Handler = Callable[..., Any]
NOT_MODELLED = "not_modelled"  # the operation of routes that are known and answer 501


@dataclass(frozen=True, slots=True)
class Route:
    """`template` has literal segments, `{name}` for one segment and, last, `{name:path}` for the rest with its slashes.

    `operation` names what the route does (`create_deal`, or a pattern the dialect fills in): faults and journal speak of it.
    `documented_as` names the route's entry in the fake's contract where one operation takes or answers different things on
    different paths. `fixed` are parameters the path does not spell out: handlers and checks see them as if it did.
    """

    method: str
    template: str
    handler: Handler
    operation: str
    documented_as: str = ""
    fixed: Mapping[str, str] = field(default_factory=dict)

    @property
    def entry(self) -> str:
        """The name of what describes this route in the contract."""
        return self.documented_as or self.operation

    @property
    def parameters(self) -> list[str]:
        """Names of the path parameters, in order."""
        return [segment[1:-1].removesuffix(":path") for segment in _segments(self.template) if segment.startswith("{")]


class MethodNotAllowed(LookupError):
    """The path exists, but not with this method. `allowed` is sorted."""

    def __init__(self, allowed: list[str]) -> None:
        super().__init__(", ".join(allowed))
        self.allowed = allowed


class _Node:
    __slots__ = ("literal", "rest", "routes", "variable")

    def __init__(self) -> None:
        self.literal: dict[str, _Node] = {}
        self.variable: _Node | None = None
        self.rest: _Node | None = None
        self.routes: dict[str, tuple[Route, tuple[str, ...]]] = {}


class Router:
    """Routes by segment. A literal segment wins over a variable one, which wins over a `:path` rest."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = _Node()
        self.routes: list[Route] = []
        for route in routes:
            self._add(route)

    def _add(self, route: Route) -> None:
        node, names = self._root, []
        for segment in _segments(route.template):
            if not segment.startswith("{"):
                node = node.literal.setdefault(segment, _Node())
                continue
            name = segment[1:-1]
            names.append(name.removesuffix(":path"))
            if name.endswith(":path"):
                node.rest = node = node.rest or _Node()
            else:
                node.variable = node = node.variable or _Node()
        if route.method in node.routes:
            raise ValueError(f"two routes for {route.method} {route.template}")
        node.routes[route.method] = (route, tuple(names))
        self.routes.append(route)

    def match(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """The route and its path parameters, or None for an unknown path. Raises MethodNotAllowed.

        A trailing slash is ignored; empty segments inside a path are not.
        """
        found = self._walk(self._root, _segments(path), 0, [])
        if found is None:
            return None
        node, values = found
        hit = node.routes.get(method)
        if hit is None:
            raise MethodNotAllowed(sorted(node.routes))
        route, names = hit
        parameters = dict(zip(names, values, strict=True))
        return route, {**parameters, **route.fixed} if route.fixed else parameters

    def _walk(self, node: _Node, segments: list[str], at: int, values: list[str]) -> tuple[_Node, list[str]] | None:
        if at == len(segments):
            return (node, values) if node.routes else None
        segment = segments[at]
        literal = node.literal.get(segment)
        if literal is not None:
            found = self._walk(literal, segments, at + 1, values)
            if found is not None:
                return found
        if node.variable is not None and segment:
            found = self._walk(node.variable, segments, at + 1, [*values, segment])
            if found is not None:
                return found
        if node.rest is not None and node.rest.routes:
            return node.rest, [*values, "/".join(segments[at:])]
        return None


def _segments(path: str) -> list[str]:
    return path.strip("/").split("/") if path.strip("/") else []
