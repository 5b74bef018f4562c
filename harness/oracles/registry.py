"""All oracles by name, in the order reports show them."""

from __future__ import annotations

from typing import Final

from harness.oracles import converged, errors_surfaced, money_conserved, no_duplicates, no_echo, no_lost_update
from harness.oracles.finding import Finding, Judgement, Oracle, Verdict
from harness.oracles.history import History
from harness.oracles.view import forget_view

ORACLES: Final[dict[str, Oracle]] = {
    oracle.name: oracle
    for oracle in (
        converged.ORACLE,
        no_duplicates.ORACLE,
        no_lost_update.ORACLE,
        money_conserved.ORACLE,
        errors_surfaced.ORACLE,
        no_echo.ORACLE,
    )
}


def judge(oracle: Oracle, history: History) -> Judgement:
    """One promise: `violated` with its findings, else `held`, or `unknown` when nothing in the run could have broken it."""
    findings = sorted(oracle.judge(history), key=_order)
    if findings:
        return Judgement(oracle.name, oracle.promise, Verdict.VIOLATED, findings)
    return Judgement(oracle.name, oracle.promise, Verdict.HELD if oracle.exercised(history) else Verdict.UNKNOWN)


def judge_all(history: History) -> list[Judgement]:
    """Every promise, in the registry's order. The same history gives the same findings in the same order."""
    try:
        return [judge(oracle, history) for oracle in ORACLES.values()]
    finally:
        forget_view()


def _order(finding: Finding) -> tuple[int, str]:
    return finding.flow, finding.key
