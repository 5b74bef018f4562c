"""The generated part of a fidelity page: what a fake models, operation by operation, from its own contract."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from urllib.parse import unquote

from tables import table

from harness.kit.contract import Confidence, Contract, Operation
from harness.kit.routing import Route
from harness.run.contracts import contract_of

MANY = 2  # names below the same paths


def fidelity(vendor: str) -> str:
    """Counts, then each area's operations, the shapes of their paths, and what is not modelled. An operation that is a case of
    another one is told with that one."""
    contract = contract_of(vendor)
    areas: dict[str, list[tuple[str, list[Route], Operation]]] = {}
    for entry, routes in contract.served().items():
        operation = contract.operations.get(entry)
        if operation is not None and not operation.case_of:  # that none is missing is a test of its own
            areas.setdefault(operation.area, []).append((entry, routes, operation))
    parts = ["## Overview", _overview(areas)]
    for area, rows in areas.items():
        parts += [f"## {area.capitalize()}", _paths(rows), _operations(contract, rows), _spelt_out(contract, rows)]
    return "\n\n".join([*(part for part in parts if part), "## Not modelled", _not_modelled(contract)])


def _overview(areas: dict[str, list[tuple[str, list[Route], Operation]]]) -> str:
    rows = []
    for area, found in areas.items():
        sure = Counter(operation.confidence for _, _, operation in found)
        counts = [str(sure[each]) if sure[each] else "" for each in Confidence]
        rows.append((f"[{area}](#{area.replace(' ', '-')})", str(len(found)), *counts))
    total = sum(len(found) for found in areas.values())
    routes = sum(len(each) for found in areas.values() for _, each, _ in found)
    said = f"{total} operations on {routes} routes. How sure we are of each:"
    return f"{said}\n\n" + table(("area", "operations", *(each.value for each in Confidence)), rows)


def _spelt_out(contract: Contract, rows: Sequence[tuple[str, list[Route], Operation]]) -> str:
    """What documents have paths of their own for, by the parameter of the path that it stands in."""
    found: dict[str, dict[str, None]] = {}
    general = {entry: routes[0].template.split("/") for entry, routes, _ in rows}
    for entry, routes in contract.served().items():
        operation = contract.operations.get(entry)
        if operation is not None and operation.case_of in general:
            pairs = zip(general[operation.case_of], routes[0].template.split("/"), strict=True)
            for parameter, value in ((one, other) for one, other in pairs if one != other):
                found.setdefault(parameter, {})[unquote(value)] = None
    return "\n\n".join(f"Spelt out in the document, as `{parameter}`: {', '.join(values)}." for parameter, values in found.items())


def _paths(rows: Sequence[tuple[str, list[Route], Operation]]) -> str:
    """Which beginnings of paths are equal: `/crm/v3/objects` and its dated forms."""
    shapes = _shapes(rows)
    longest = [each for each in shapes if not any(_continues(each, other) or set(each) < set(other) for other in shapes)]
    return "\n".join(f"- `{first}` also as {', '.join(f'`{each}`' for each in others)}" for first, *others in longest)


def _shapes(rows: Iterable[tuple[str, list[Route], Operation]]) -> dict[tuple[str, ...], None]:
    """Beginnings that lead to the same operations; names under which many things are called one by one are left out."""
    shapes: dict[tuple[str, ...], None] = {}
    for _, routes, _ in rows:
        bases = tuple(dict.fromkeys(route.template.partition("/{")[0] for route in routes))
        if len(bases) > 1:
            shapes[bases] = None
    above = Counter(parents for each in shapes if (parents := _parents(each)))
    return {parents if above[parents := _parents(each)] >= MANY else each: None for each in shapes}


def _parents(bases: tuple[str, ...]) -> tuple[str, ...]:
    """The same paths without their last part, where it is the same name in all; else nothing."""
    split = [each.rpartition("/") for each in bases]
    return tuple(each[0] for each in split) if len({each[2] for each in split}) == 1 else ()


def _continues(bases: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Whether these paths only go on where those end."""
    return bases != others and all(any(base.startswith(f"{other}/") for other in others) for base in bases)


def _operations(contract: Contract, rows: Iterable[tuple[str, list[Route], Operation]]) -> str:
    cells = []
    for entry, routes, operation in rows:
        answers = ", ".join(str(status) for status in operation.answers)
        name = f"**{contract.operation_id(entry)}**<br>`{routes[0].method} {routes[0].template}`"
        cells.append(
            (f"{name}<br>{operation.summary}", answers, operation.confidence.value, operation.source, operation.deviations)
        )
    head = ("operation", "answers", "confidence", "source", "deviates")
    return table(head, cells)


def _not_modelled(contract: Contract) -> str:
    """Known paths that answer 501, then things that have no path of their own."""
    everything, below = 5, "any; and whatever lies below and is not listed above"  # GET, POST, PUT, PATCH, DELETE
    rows = [
        (f"`{template}`", below if len(methods) >= everything else ", ".join(methods))
        for template, methods in contract.not_modelled().items()
    ]
    absent = [(what, answer) for what, answer in contract.absent.items()]
    parts = ["These paths are known and answer 501, naming themselves:", table(("path", "methods"), rows)] if rows else []
    if absent:
        parts += ["And these:" if rows else "These:", table(("what", "answer"), absent)]
    return "\n\n".join(parts)
