"""Schemathesis against the HubSpot fake's own document: chains of calls whose ids flow along its links, and single calls.

In process, always the same cases, a fixed budget. No server error; no status, content type or body that the document does not
know; no request that breaks the document's rules is accepted, unless it breaks them in the query, where the vendor is lenient
too (facts 4.2).
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
import schemathesis
from hubspot_examples import the_document
from hypothesis import given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi import checks as openapi
from schemathesis_findings import BUDGET, CHECKS, CONFIG, Checks, Findings, is_negative
from schemathesis_walk import Walker, with_few_types

CLASSIC, DATED = "classic", "2026-09"


@cache
def schema_of(version: str) -> Any:
    return schemathesis.openapi.from_dict(with_few_types(the_document(version)), config=CONFIG)


def lenient(case: schemathesis.Case, response: schemathesis.Response) -> bool:
    """Whether a broken rule need not refuse the call.

    Rules of the query; rows of a batch, which are refused one by one, or dropped by an update that knows no such id (facts 4.4);
    a batch without `inputs`, which does nothing (facts 3.3); a stage's probability, which matters to deals only.
    """
    if case.meta is None or ParameterLocation.QUERY in case.meta.components or response.status_code == 207:
        return True
    if "/pipelines/" in case.operation.path:
        return case.path_parameters.get("type") != "deals"
    path = case.operation.path
    return path.endswith("/batch/update") or ("/batch/" in path and isinstance(case.body, dict) and "inputs" not in case.body)


def checks_of(case: schemathesis.Case, response: schemathesis.Response) -> Checks:
    always = (*CHECKS, not_a_server_error)
    return always if lenient(case, response) else (*always, openapi.negative_data_rejection)


def walk(version: str, scenarios: int) -> Findings:
    """Chains of calls, each from the prepared account on, along the links of the document."""
    walker, findings = Walker(), Findings()

    class Walk(schema_of(version).as_state_machine()):  # type: ignore[misc]
        def setup(self) -> None:
            walker.start()

        def before_call(self, case: schemathesis.Case) -> None:
            if not is_negative(case):
                walker.sensible(case)

        def call(self, case: schemathesis.Case, **_: Any) -> schemathesis.Response:
            return walker.send(case)

        def validate_response(self, response: schemathesis.Response, case: schemathesis.Case, **_: Any) -> None:
            findings.judge(case, response, checks_of(case, response))

    Walk.run(settings=settings(max_examples=scenarios, stateful_step_count=25, **BUDGET))
    return findings


def test_chains_of_calls_along_the_links_are_answered_as_documented() -> None:
    findings = walk(CLASSIC, 50)

    findings.none()
    assert sum(findings.answered.values()) > 300
    assert len(findings.succeeded()) > 15, f"too few operations of this walk succeeded: {sorted(findings.succeeded())}"
    assert {"create_object", "read_object"} <= findings.succeeded(), "no created record was read again"


def test_chains_of_calls_on_dated_paths() -> None:
    findings = walk(DATED, 15)

    findings.none()
    assert len(findings.succeeded()) > 5


@pytest.mark.parametrize("version", [CLASSIC, DATED])
def test_single_calls_of_every_operation(version: str) -> None:
    walker, findings = Walker(), Findings()
    operations = [found.ok() for found in schema_of(version).get_all_operations()]

    for operation in operations:

        @given(case=operation.as_strategy())
        @settings(max_examples=6 if version == CLASSIC else 2, **BUDGET)
        def call(case: schemathesis.Case) -> None:
            if not is_negative(case):
                walker.sensible(case)
            response = walker.send(case)
            findings.judge(case, response, checks_of(case, response))

        walker.start()
        call()

    findings.none()
    assert {operation for operation, _ in findings.answered} == {each.definition.raw["operationId"] for each in operations}
