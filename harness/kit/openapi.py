"""From a fake's `Contract` to an OpenAPI 3.1 document of one version of its paths.

Each entry appears once, at its first path of that version; every other path that reaches the same entry is listed in the
operation's `x-also-at`, with its method where that is another one.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from harness.kit.contract import Answer, Contract, Example, Link, Operation, Param
from harness.kit.routing import Route

Node = dict[str, Any]
ALSO_AT = "x-also-at"


def document(contract: Contract, version: str) -> Node:
    """The whole document: plain dicts, lists and scalars, in a fixed order."""
    served = contract.served()
    chosen = {name: routes for name, routes in contract.in_version(version).items() if name in contract.operations}
    paths: dict[str, Node] = {}
    for name, routes in chosen.items():
        also = [_place(each, routes[0]) for each in served[name] if each is not routes[0]]
        made = _operation(contract, (name, contract.as_written(version, name)), routes[0], also, chosen)
        paths.setdefault(routes[0].template, {})[routes[0].method.lower()] = made
    shared = _shared(paths)
    used = dict.fromkeys(contract.operations[name].area for name in chosen)
    return {
        "openapi": "3.1.0",
        "info": {"title": contract.title, "version": f"{contract.state} {version}", "description": contract.description},
        "servers": [{"url": contract.host}],
        "security": [{next(iter(contract.security_schemes)): []}],
        "tags": [{"name": area} for area in used],
        "paths": paths,
        "components": {
            "schemas": {name: dict(schema) for name, schema in contract.components(version).items()},
            **({"responses": shared} if shared else {}),
            "securitySchemes": {name: dict(scheme) for name, scheme in contract.security_schemes.items()},
        },
    }


def _shared(paths: Mapping[str, Node]) -> Node:
    """Answers that several operations give, put under names of their own; the operations refer to them."""
    places: dict[str, list[tuple[Node, str]]] = {}
    for operation in (each for path in paths.values() for each in path.values()):
        for status, answer in operation["responses"].items():
            places.setdefault(f"{status} {answer}", []).append((operation["responses"], status))
    made: Node = {}
    for (responses, status), *more in places.values():
        if more:
            alike = sum(1 for name in made if name.startswith(f"Answer{status}"))
            name = f"Answer{status}" if not alike else f"Answer{status}n{alike + 1}"
            made[name] = responses[status]
            for each, _ in [(responses, status), *more]:
                each[status] = {"$ref": f"#/components/responses/{name}"}
    return dict(sorted(made.items()))


def _place(route: Route, main: Route) -> str:
    return route.template if route.method == main.method else f"{route.method} {route.template}"


def _operation(contract: Contract, entry: tuple[str, Operation], route: Route, also: list[str], chosen: Mapping[str, Any]) -> Node:
    name, operation = entry
    usual = operation.examples[0] if operation.examples else Example()
    made: Node = {"operationId": contract.operation_id(name), "tags": [operation.area], "summary": operation.summary}
    if operation.deviations:
        made["description"] = f"Differs from the vendor: {operation.deviations}"
    made["x-source"], made["x-confidence"] = operation.source, operation.confidence.value
    if also:
        made[ALSO_AT] = also
    if operation.security is not None:
        made["security"] = [{scheme: []} for scheme in operation.security]
    parameters = [_parameter("path", each, _path(contract, operation, each), usual.path) for each in route.parameters]
    parameters += [_parameter("query", each, param, usual.query) for each, param in operation.query.items()]
    if parameters:
        made["parameters"] = parameters
    if operation.body is not None:
        made["requestBody"] = _body(operation)
    made["responses"] = {str(status): _answer(status, answer) for status, answer in sorted(operation.answers.items())}
    links = {key: _link(contract, link) for key, link in operation.links.items() if link.to in chosen}
    if links:
        made["responses"][str(next(iter(operation.answers)))]["links"] = links
    return made


def _path(contract: Contract, operation: Operation, name: str) -> Param:
    return operation.path.get(name) or contract.path[name]


def _parameter(place: str, name: str, param: Param, values: Mapping[str, str]) -> Node:
    made: Node = {"name": name, "in": place, "required": place == "path" or param.required, "schema": dict(param.schema)}
    if param.description:
        made["description"] = param.description
    if name in values:
        made["example"] = _typed(values[name], param.schema)
    return made


def _typed(text: str, schema: Mapping[str, Any]) -> Any:
    """An example as its schema has it; on the wire every parameter is text."""
    if schema.get("type") == "integer":
        return int(text)
    return text == "true" if schema.get("type") == "boolean" else text


def _body(operation: Operation) -> Node:
    content: Node = {"schema": dict(operation.body or {})}
    examples = {each.name: {"value": each.body} for each in operation.examples if each.body is not None}
    if examples:
        content["examples"] = examples
    return {"required": operation.body_required, "content": {operation.media: content}}


def _answer(status: int, answer: Answer) -> Node:
    made: Node = {"description": answer.description or HTTPStatus(status).phrase}
    if answer.schema is not None:
        made["content"] = {media: {"schema": dict(schema)} for media, schema in answer.bodies().items()}
    return made


def _link(contract: Contract, link: Link) -> Node:
    made: Node = {"operationId": contract.operation_id(link.to)}
    if link.parameters:
        made["parameters"] = dict(link.parameters)
    if link.body is not None:
        made["requestBody"] = link.body
    return made
