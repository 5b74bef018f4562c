"""One judged run: what every kind of report is made from."""

from __future__ import annotations

from dataclasses import dataclass

from harness.oracles.finding import Finding, Judgement, Verdict
from harness.oracles.history import History
from harness.report.numbers import RunNumbers, numbers_of


@dataclass(frozen=True, slots=True)
class RunResult:
    """`version` is syncproof's own."""

    history: History
    judgements: list[Judgement]
    verdict: Verdict
    numbers: RunNumbers
    version: str

    def findings(self) -> list[Finding]:
        """All findings, in the order of the promises they break."""
        return [finding for judgement in self.judgements for finding in judgement.findings]


def make_result(history: History, judgements: list[Judgement], verdict: Verdict, version: str) -> RunResult:
    """Count what happened, once, for all reports."""
    return RunResult(history, judgements, verdict, numbers_of(history), version)
