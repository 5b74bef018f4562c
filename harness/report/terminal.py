"""The result on a terminal: verdict, numbers, promises, findings as stories. Plain ASCII where the output is no terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from harness.oracles.finding import Verdict
from harness.report.result import RunResult
from harness.report.spread import Delays
from harness.report.story import Group, Story, tell
from harness.report.words import VERDICT_MEANS, clean, count, fault_words, oracle_words, seconds_words, time_word, words_of

STORIES_MAX: Final = 10
LINES_MAX: Final = 14
_STYLE: Final = {Verdict.HELD: "bold green", Verdict.VIOLATED: "bold red", Verdict.UNKNOWN: "bold yellow"}
_ASCII: Final = str.maketrans({"→": "->", "…": "...", "·": "|", "–": "-", "\u00a0": " ", "�": "?"})


def print_result(result: RunResult, console: Console, paths: Sequence[Path]) -> None:
    """Print everything a person needs to know; `paths` are the report files written."""
    screen = _Screen(console)
    _print_verdict(result, screen)
    _print_numbers(result, screen)
    _print_promises(result, screen)
    _print_findings(result, screen)
    _print_ending(result, screen, paths)


class _Screen:
    """Writes lines of styled parts. Text is never read as markup, never wrapped, and cannot steer the terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def line(self, *parts: str | tuple[str, str]) -> None:
        text = Text()
        for part in parts:
            words, style = part if isinstance(part, tuple) else (part, "")
            text.append(self._safe(words), style=style)
        text.rstrip()
        self._console.print(text, soft_wrap=True, highlight=False, markup=False, emoji=False)

    def _safe(self, text: str) -> str:
        text = clean(text.replace("\r", " ").replace("\n", " ").replace("\t", " "))
        if not self._console.is_terminal:
            text = text.translate(_ASCII)
        encoding = self._console.encoding or "utf-8"
        return text.encode(encoding, "replace").decode(encoding)


def _print_verdict(result: RunResult, screen: _Screen) -> None:
    history, words = result.history, words_of(result.history)
    title = f"{history.scenario}, seed {history.seed}, engine {words.engine}, weather {words.weather}, {history.mode}"
    screen.line()
    screen.line((f"{result.verdict.value.upper()}", _STYLE[result.verdict]), "  ", (title, "bold"))
    screen.line(f"{VERDICT_MEANS[result.verdict]}")
    if history.still_pending:
        screen.line(("When time was up, there was still work waiting: ", "yellow"), words.plain(history.still_pending))
    screen.line()


def _print_numbers(result: RunResult, screen: _Screen) -> None:
    screen.line(("What happened", "bold"))
    for label, text in _number_rows(result):
        screen.line("  ", (f"{label:<10}", "dim"), text)
    screen.line()


def _number_rows(result: RunResult) -> Iterator[tuple[str, str]]:
    numbers, words = result.numbers, words_of(result.history)
    flows = numbers.flows_won + numbers.flows_lost + numbers.flows_open
    yield (
        "business",
        (
            f"{count(flows, 'deal')}: {numbers.flows_won:,} won, {numbers.flows_lost:,} lost, {numbers.flows_open:,} still open; "
            f"people did {count(numbers.people_actions, 'thing')} in {seconds_words(numbers.duration_s)} "
            f"of {time_word(result.history.mode)}"
        ),
    )
    for system, calls in numbers.calls.items():
        limited = f", {calls.refused_429:,} refused as too many (429)" if calls.refused_429 else ""
        errors = f", {count(calls.other_errors, 'other error')}" if calls.other_errors else ""
        silent = f", {calls.unanswered:,} without an answer" if calls.unanswered else ""
        yield (
            words.system(system),
            f"{count(calls.requests, 'request')} by the engine, {count(calls.writes, 'write')}{limited}{errors}{silent}",
        )
    sent = sum(hook.deliveries for hook in numbers.webhooks.values())
    lost, again = (sum(getattr(hook, name) for hook in numbers.webhooks.values()) for name in ("lost", "retried"))
    yield "webhooks", f"{sent:,} sent, {lost:,} lost on the way, {count(again, 'repeat')}"
    kinds = ", ".join(f"{number:,} {fault_words(effect)}" for effect, number in list(numbers.faults.items())[:6])
    yield "faults", f"{sum(numbers.faults.values()):,} fired" + (f": {kinds}" if kinds else "")
    yield "engine", count(numbers.engine_crashes, "crash", "crashes")
    yield "delay", f"won → order: {_delay_words(numbers.won_to_order)}"
    yield "", f"{words.erp} → {words.crm}: {_delay_words(numbers.erp_to_crm)}"


def _delay_words(delays: Delays) -> str:
    if delays.p50_s is None or delays.p95_s is None or delays.p99_s is None:
        return "nothing measured" + (f", {delays.never:,} never arrived" if delays.never else "")
    half, most, nearly_all = (seconds_words(value) for value in (delays.p50_s, delays.p95_s, delays.p99_s))
    never = f", {delays.never:,} never arrived" if delays.never else ""
    return f"half within {half}, 95 % within {most}, 99 % within {nearly_all}{never}"


def _print_promises(result: RunResult, screen: _Screen) -> None:
    if not result.judgements:
        return
    screen.line(("Promises", "bold"))
    width = max(len(judgement.oracle) for judgement in result.judgements) + 2
    for judgement in result.judgements:
        verdict = (f"{judgement.verdict.value:<10}", _STYLE[judgement.verdict])
        found = f"  ({count(len(judgement.findings), 'finding')})" if judgement.findings else ""
        screen.line("  ", verdict, (f"{oracle_words(judgement.oracle):<{width}}", ""), (judgement.promise, "dim"), found)
    screen.line()


def _print_findings(result: RunResult, screen: _Screen) -> None:
    groups = tell(result, STORIES_MAX, LINES_MAX)
    if not groups:
        return
    screen.line(("Findings", "bold"))
    for group in groups:
        _print_group(group, screen)


def _print_group(group: Group, screen: _Screen) -> None:
    for story in group.stories:
        _print_story(story, screen)
    if group.more:
        screen.line(f"  and {group.more:,} more of the same kind ({oracle_words(group.oracle)})")
        screen.line()


def _print_story(story: Story, screen: _Screen) -> None:
    screen.line((f"  {oracle_words(story.oracle)}: ", "bold red"), (story.summary, "bold"))
    screen.line(("    where   ", "dim"), story.where)
    for position, line in enumerate(story.lines):
        if story.left_out and position == story.gap_at:
            screen.line(f"            … {count(story.left_out, 'line')} left out")
        label = "story " if position == 0 else "      "
        screen.line(
            (f"    {label}  {line.clock}  ", "dim"),
            f"{line.lane}: {line.what}",
            (f"  [{line.request}]" if line.request else "", "dim"),
        )
    if story.likely:
        screen.line(("    likely  ", "dim"), story.likely)
    if story.again:
        screen.line(("    again   ", "dim"), (story.again, "cyan"))
    screen.line()


def _print_ending(result: RunResult, screen: _Screen, paths: Sequence[Path]) -> None:
    for path in paths:
        screen.line(("report  ", "dim"), str(path))
    if result.history.replay:
        screen.line(("again   ", "dim"), (result.history.replay, "cyan"))
