"""The report as one HTML file that needs nothing else: no network, no fonts, no other file. Everything that came over the wire is
escaped, and a content security policy forbids whatever the page did not bring itself."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from harness.kit.clock import iso_ms
from harness.oracles.finding import Verdict
from harness.report.charts import delay_chart, fault_chart, usage_chart
from harness.report.lanes import lane_picture, step_words
from harness.report.result import RunResult
from harness.report.spread import Delays
from harness.report.story import tell
from harness.report.trace import trace_of
from harness.report.words import (
    VERDICT_MEANS,
    VERDICT_WORD,
    Words,
    clean,
    count,
    fault_words,
    oracle_words,
    seconds_words,
    time_word,
    words_of,
)

FINDINGS_MAX, LINES_MAX = 50, 40
_MARK: Final = {Verdict.HELD: "✓", Verdict.VIOLATED: "✕", Verdict.UNKNOWN: "?"}


@dataclass(frozen=True, slots=True)
class Tile:
    """One big number with what it counts and a line of detail."""

    value: str
    label: str
    detail: str


@dataclass(frozen=True, slots=True)
class DelayRow:
    name: str
    class_: str
    cells: tuple[str, ...]


def to_html(result: RunResult) -> str:
    """The whole page. Under 2 MB whatever the size of the run: findings and steps are capped, charts draw each pixel once."""
    words = words_of(result.history)
    style, script = _asset("report.css"), _asset("report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            style=Markup(style),
            script=Markup(script),
            script_digest=digest,
            result=result,
            history=result.history,
            words=words,
            replay=clean(result.history.replay),
            pending=words.plain(result.history.still_pending),
            scenario_title=clean(result.history.notes.get("scenario_title") or result.history.scenario),
            verdict=result.verdict.value,
            headline=_headline(result),
            tiles=list(_tiles(result, words)),
            **_sections(result, words),
        )
    )


def _sections(result: RunResult, words: Words) -> dict[str, Any]:
    trace = trace_of(result)
    usage = [(system, Markup(usage_chart(result, system, words))) for system in ("crm", "erp")]
    groups = tell(result, FINDINGS_MAX, LINES_MAX)
    return {
        "groups": groups,
        "findings_total": len(result.findings()),
        "findings_shown": sum(len(group.stories) for group in groups),
        "trace": trace,
        "lanes": Markup(lane_picture(trace, words)) if trace is not None else "",
        "delays": Markup(delay_chart(result, words)),
        "delay_rows": _delay_rows(result, words),
        "usage": [(words.system(system), result.numbers.usage[system], chart) for system, chart in usage if chart],
        "faults": Markup(fault_chart(result)),
    }


def _headline(result: RunResult) -> str:
    broken = sum(judgement.verdict is Verdict.VIOLATED for judgement in result.judgements)
    if result.verdict is Verdict.VIOLATED and broken:
        return f"{broken} of {count(len(result.judgements), 'promise')} broken, {count(len(result.findings()), 'finding')}."
    return VERDICT_MEANS[result.verdict]


def _tiles(result: RunResult, words: Words) -> Iterator[Tile]:
    numbers = result.numbers
    flows = numbers.flows_won + numbers.flows_lost + numbers.flows_open
    yield Tile(
        f"{flows:,}", "business cases", f"{numbers.flows_won:,} won · {numbers.flows_lost:,} lost · {numbers.flows_open:,} open"
    )
    yield Tile(
        f"{numbers.people_actions:,}",
        "actions by people",
        f"in {seconds_words(numbers.duration_s)} of {time_word(result.history.mode)}",
    )
    calls = numbers.calls.values()
    limited = sum(one.refused_429 for one in calls)
    errors = sum(one.other_errors + one.unanswered for one in calls)
    yield Tile(
        f"{sum(one.requests for one in calls):,}", "requests by the engine", f"{limited:,} refused as too many · {errors:,} failed"
    )
    hooks = numbers.webhooks.values()
    lost, again = sum(hook.lost for hook in hooks), sum(hook.retried for hook in hooks)
    yield Tile(f"{sum(hook.deliveries for hook in hooks):,}", "webhooks", f"{lost:,} lost · {count(again, 'repeat')}")
    most = next(iter(numbers.faults), "")
    detail = f"most often: {fault_words(most)}" if most else "the weather was calm"
    yield Tile(f"{sum(numbers.faults.values()):,}", "faults fired", detail)
    crashes = "killed without warning" if numbers.engine_crashes else "the engine stayed up"
    yield Tile(f"{numbers.engine_crashes:,}", "engine crash" if numbers.engine_crashes == 1 else "engine crashes", crashes)
    changed = numbers.records_changed
    detail = f"{changed.get('crm', 0):,} in {words.crm} · {changed.get('erp', 0):,} in {words.erp}"
    yield Tile(f"{sum(changed.values()):,}", "records changed", detail)
    yield Tile(_time(numbers.won_to_order.p50_s), "from won to order", f"median · 99 % within {_time(numbers.won_to_order.p99_s)}")


def _delay_rows(result: RunResult, words: Words) -> list[DelayRow]:
    rows = (
        ("Won deal → order", "won", result.numbers.won_to_order),
        (f"{words.erp} → {words.crm}", "back", result.numbers.erp_to_crm),
    )
    return [DelayRow(name, class_, _delay_cells(delays)) for name, class_, delays in rows]


def _delay_cells(delays: Delays) -> tuple[str, ...]:
    return (
        f"{len(delays.measured):,}",
        _time(delays.p50_s),
        _time(delays.p95_s),
        _time(delays.p99_s),
        _time(delays.max_s),
        f"{delays.never:,}",
    )


def _time(seconds: float | None) -> str:
    return seconds_words(seconds).replace(" ", "\u00a0") if seconds is not None else "–"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_asset), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(oracle=oracle_words, iso=iso_ms, step=step_words, clean=clean)
    environment.globals.update(mark=_MARK, verdict_word=VERDICT_WORD)
    return environment


@cache
def _asset(name: str) -> str:
    return files("harness.report").joinpath("templates", name).read_text(encoding="utf-8")
