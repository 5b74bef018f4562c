"""Schemathesis against the ERPNext fake's own document: chains of calls whose names flow along its links, and single calls.

In process, always the same cases, a fixed budget. No status, content type or body that the document does not know. A 500 is the
vendor's own only where the document names its exception for the operation; any other one is a violation, and an exception that
leaves the fake ends the walk. Requests that break the document's rules need not be refused: the vendor makes something of nearly
any value (facts 3.5).
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
import schemathesis
from erpnext_examples import the_document
from erpnext_walk import Walker
from hypothesis import given, settings
from schemathesis_findings import BUDGET, CONFIG, Findings, is_negative

FIRST, SECOND = "v1", "v2"
CASES = {"list", "create", "read", "update", "delete"}


@cache
def walker() -> Walker:
    return Walker()


@cache
def schema_of(version: str) -> Any:
    return schemathesis.openapi.from_dict(walker().narrowed(the_document(version)), config=CONFIG)


def walk(version: str, scenarios: int) -> Findings:
    """Chains of calls, each from the prepared site on, along the links of the document."""
    site, findings = walker(), Findings()

    class Walk(schema_of(version).as_state_machine()):  # type: ignore[misc]
        def setup(self) -> None:
            site.start()

        def before_call(self, case: schemathesis.Case) -> None:
            if not is_negative(case):
                site.sensible(case)

        def call(self, case: schemathesis.Case, **_: Any) -> schemathesis.Response:
            return site.send(case)

        def validate_response(self, response: schemathesis.Response, case: schemathesis.Case, **_: Any) -> None:
            findings.judge(case, response)

    Walk.run(settings=settings(max_examples=scenarios, stateful_step_count=25, **BUDGET))
    return findings


def verbs(entries: set[str]) -> set[str]:
    """What was done with documents of any DocType."""
    return {entry.partition("_")[0] for entry in entries if "." not in entry}


def test_chains_of_calls_along_the_links_are_answered_as_documented() -> None:
    findings = walk(FIRST, 30)

    findings.none()
    assert sum(findings.answered.values()) > 300
    succeeded = findings.succeeded()
    assert len(succeeded) > 25, f"too few operations of this walk succeeded: {sorted(succeeded)}"
    assert verbs(succeeded) >= CASES
    assert "create_sales_order" in succeeded
    assert {name.rpartition(".")[2] for name in succeeded} >= {"submit", "cancel"}, "no life of a document came to its end"
    assert any(".make_" in name for name in succeeded), "nothing was proposed from another document"


def test_chains_of_calls_under_the_second_version() -> None:
    findings = walk(SECOND, 12)

    findings.none()
    assert verbs(findings.succeeded()) >= CASES


@pytest.mark.parametrize("version", [FIRST, SECOND])
def test_single_calls_of_every_operation(version: str) -> None:
    site, findings = walker(), Findings()
    site.start()
    operations = [found.ok() for found in schema_of(version).get_all_operations()]

    for operation in operations:

        @given(case=operation.as_strategy())
        @settings(max_examples=4 if version == FIRST else 2, **BUDGET)
        def call(case: schemathesis.Case) -> None:
            if not is_negative(case):
                site.sensible(case)
            findings.judge(case, site.send(case))

        site.put_back()
        call()

    findings.none()
    assert {operation for operation, _ in findings.answered} == {each.definition.raw["operationId"] for each in operations}
