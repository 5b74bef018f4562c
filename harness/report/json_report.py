"""The result as JSON, for programs. Keys are stable; units stand last in their names; times are `2026-03-02T08:00:00.123Z`."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from harness.kit.clock import iso_ms
from harness.oracles.finding import Finding, Judgement, StoryLine
from harness.oracles.history import FlowCase
from harness.report.numbers import RunNumbers
from harness.report.result import RunResult
from harness.report.spread import Delays
from harness.report.usage import Usage

FORMAT: Final = 1


def to_json(result: RunResult) -> bytes:
    """One JSON object, keys always in this order:

    syncproof_result   1, the number of this format; a new key does not change it
    version            syncproof's version
    verdict            "held" | "violated" | "unknown"
    run                {scenario, seed, engine, mode: "simulation"|"live", weather, crm, erp: titles, started_at, faults_off_at,
                       ended_at, converge_within_s, still_pending: text or null, replay: command}
    numbers            {flows: {won, lost, open}, people_actions, duration_s, engine_crashes, faults: {effect: count},
                       records_changed: {system: count},
                       calls: {system: {requests, writes, refused_429, other_errors, unanswered}},
                       webhooks: {system: {deliveries, attempts, lost, retried, never_arrived}},
                       delays: {won_to_order, erp_to_crm: {count, never, p50_s, p95_s, p99_s, max_s (null where count is 0),
                       measured: [{cause_at, delay_s, record}]}},
                       usage: {system: {limit: count or null, window_s, requests_peak, windows: [{from_s, requests, refused_429}]}}}
                       (`system` is "crm" or "erp"; `from_s` counts from started_at; windows without requests are left out)
    promises           [{oracle, promise, verdict, findings: [{key, summary, record, flow: number or null, likely: text or null,
                       story: [{at, who, what, request: number or null}]}]}]
    flows              [{number, outcome, company_id, deal_id, won_at: time or null, refused_because: text or null}]
    """
    history = result.history
    document = {
        "syncproof_result": FORMAT,
        "version": result.version,
        "verdict": result.verdict.value,
        "run": _run(result),
        "numbers": _numbers(result.numbers),
        "promises": [_judgement(judgement) for judgement in result.judgements],
        "flows": [_flow(flow) for flow in history.flows],
    }
    return msgspec.json.encode(document)


def _run(result: RunResult) -> dict[str, Any]:
    history, notes = result.history, result.history.notes
    return {
        "scenario": history.scenario,
        "seed": history.seed,
        "engine": history.engine,
        "mode": history.mode,
        "weather": notes.get("weather", ""),
        "crm": notes.get("crm_title") or history.dictionary.crm,
        "erp": notes.get("erp_title") or history.dictionary.erp,
        "started_at": iso_ms(history.started_at),
        "faults_off_at": iso_ms(history.faults_off_at),
        "ended_at": iso_ms(history.ended_at),
        "converge_within_s": history.converge_within.total_seconds(),
        "still_pending": history.still_pending or None,
        "replay": history.replay,
    }


def _numbers(numbers: RunNumbers) -> dict[str, Any]:
    return {
        "flows": {"won": numbers.flows_won, "lost": numbers.flows_lost, "open": numbers.flows_open},
        "people_actions": numbers.people_actions,
        "duration_s": numbers.duration_s,
        "engine_crashes": numbers.engine_crashes,
        "faults": dict(numbers.faults),
        "records_changed": dict(numbers.records_changed),
        "calls": dict(numbers.calls),
        "webhooks": dict(numbers.webhooks),
        "delays": {"won_to_order": _delays(numbers.won_to_order), "erp_to_crm": _delays(numbers.erp_to_crm)},
        "usage": {system: _usage(usage) for system, usage in numbers.usage.items()},
    }


def _delays(delays: Delays) -> dict[str, Any]:
    return {
        "count": len(delays.measured),
        "never": delays.never,
        "p50_s": delays.p50_s,
        "p95_s": delays.p95_s,
        "p99_s": delays.p99_s,
        "max_s": delays.max_s,
        "measured": [{"cause_at": iso_ms(one.cause_at), "delay_s": one.seconds, "record": one.record} for one in delays.measured],
    }


def _usage(usage: Usage) -> dict[str, Any]:
    windows = [
        {"from_s": since, "requests": requests, "refused_429": usage.refused_by_window.get(since, 0)}
        for since, requests in sorted(usage.by_window.items())
    ]
    return {"limit": usage.limit, "window_s": usage.window_s, "requests_peak": usage.peak, "windows": windows}


def _judgement(judgement: Judgement) -> dict[str, Any]:
    return {
        "oracle": judgement.oracle,
        "promise": judgement.promise,
        "verdict": judgement.verdict.value,
        "findings": [_finding(finding) for finding in judgement.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "key": finding.key,
        "summary": finding.summary,
        "record": finding.record,
        "flow": finding.flow or None,
        "likely": finding.likely or None,
        "story": [_line(line) for line in finding.story],
    }


def _line(line: StoryLine) -> dict[str, Any]:
    return {"at": iso_ms(line.at), "who": line.who, "what": line.what, "request": line.request or None}


def _flow(flow: FlowCase) -> dict[str, Any]:
    return {
        "number": flow.number,
        "outcome": flow.outcome,
        "company_id": flow.company_id,
        "deal_id": flow.deal_id,
        "won_at": iso_ms(flow.won_at) if flow.won_at is not None else None,
        "refused_because": flow.refused_because or None,
    }
