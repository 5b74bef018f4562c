"""What walks with Schemathesis share: a bounded budget that draws the same cases every time, and what was found on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
import schemathesis
from hypothesis import HealthCheck, Phase
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks as openapi

from harness.kit.call import Call
from harness.kit.fake import Fake

CONFIG = schemathesis.Config.from_dict(
    {"generation": {"with-security-parameters": False}, "phases": {"stateful": {"inference": {"algorithms": []}}}}
)
CHECKS = (openapi.status_code_conformance, openapi.content_type_conformance, openapi.response_schema_conformance)
BUDGET: dict[str, Any] = {
    "deadline": None,
    "derandomize": True,
    "database": None,
    "phases": [Phase.generate],
    "suppress_health_check": list(HealthCheck),
}
_WIRE = ("method", "url", "params", "data", "json", "headers", "cookies", "files")
Checks = Sequence[Callable[..., Any]]


def sent(fake: Fake, case: schemathesis.Case, shown: dict[str, str]) -> schemathesis.Response:
    """The case as a client library would put it on the wire, answered by the fake. Nothing goes over a socket."""
    wire = {key: value for key, value in case.as_transport_kwargs(base_url=fake.base_url).items() if key in _WIRE}
    wire["headers"] = {**dict(wire.get("headers") or {}), **shown}
    request = requests.Request(**wire).prepare()
    parts, body = urlsplit(str(request.url)), request.body or b""
    headers = {name.lower(): value for name, value in request.headers.items()}
    raw = body if isinstance(body, bytes) else str(body).encode()
    reply = fake.handle(Call(str(request.method), unquote(parts.path), parts.query, headers, raw))
    answered = {name: [value] for name, value in reply.headers.items()}
    return schemathesis.Response(reply.status, answered, reply.body, request, 0.0, False)


def is_negative(case: schemathesis.Case) -> bool:
    return case.meta is not None and case.meta.generation.mode is GenerationMode.NEGATIVE


class Findings:
    """What was answered, and what should not have been: told all at once, each with the call that shows it."""

    def __init__(self) -> None:
        self.answered: Counter[tuple[str, int]] = Counter()
        self.problems: dict[tuple[str, str], str] = {}

    def judge(self, case: schemathesis.Case, response: schemathesis.Response, checks: Checks = CHECKS) -> None:
        operation = case.operation.definition.raw["operationId"]
        self.answered[operation, response.status_code] += 1
        try:
            case.validate_response(response, checks=list(checks))
        except FailureGroup as group:
            for each in group.exceptions:
                said = f"{operation}: {each}\n{case.as_curl_command()[:600]}\n{response.status_code} {response.content[:400]!r}"
                self.problems.setdefault((operation, type(each).__name__), said)

    def none(self) -> None:
        assert not self.problems, f"{len(self.problems)} violations\n\n" + "\n\n".join(self.problems.values())

    def succeeded(self) -> set[str]:
        return {operation for operation, status in self.answered if status < 300}
