"""Findings as stories: what broke, where, the likely cause, and the command that shows it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from harness.kit.clock import iso_ms
from harness.kit.journal import Received
from harness.oracles.finding import Finding, StoryLine
from harness.report.result import RunResult
from harness.report.words import Words, clean, count, oracle_words, shorten, words_of

PATH_LENGTH_MAX, TEXT_LENGTH_MAX = 80, 400  # characters


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a story as a reader sees it. `request` is `request 118 POST /api/resource/Customer` or empty."""

    at: datetime
    clock: str
    lane: str
    side: str  # "crm", "erp", "engine" or "person"
    what: str
    request: str


@dataclass(frozen=True, slots=True)
class Story:
    """One finding, told."""

    number: int  # from 1, among the stories shown
    oracle: str
    key: str
    summary: str
    record: str
    where: str
    likely: str
    again: str
    lines: tuple[Told, ...]  # the first and the last ones, where there are more than may be told
    left_out: int  # lines between them that are not told

    @property
    def gap_at(self) -> int:
        """The position in `lines` before which the left-out lines belong."""
        return len(self.lines) - len(self.lines) // 2


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one oracle: those told in full, and how many more there are of the same kind."""

    oracle: str
    promise: str
    stories: tuple[Story, ...]
    more: int


def tell(result: RunResult, stories_max: int, lines_max: int) -> list[Group]:
    """The findings by oracle, at most `stories_max` of them in full, shared out so that every broken promise is told."""
    shares = _shares([len(judgement.findings) for judgement in result.judgements], stories_max)
    chosen = [judgement.findings[:share] for judgement, share in zip(result.judgements, shares, strict=True)]
    teller = _Teller(result, lines_max, [finding for findings in chosen for finding in findings])
    groups, number = [], 1
    for judgement, findings in zip(result.judgements, chosen, strict=True):
        if judgement.findings:
            stories = tuple(teller.story(position, finding) for position, finding in enumerate(findings, number))
            number += len(stories)
            more = len(judgement.findings) - len(stories)
            groups.append(Group(judgement.oracle, clean(judgement.promise), stories, more))
    return groups


def _shares(counts: Sequence[int], total: int) -> list[int]:
    """One each in turn until nothing is left to give or to take."""
    shares = [0] * len(counts)
    while total > 0 and any(share < number for share, number in zip(shares, counts, strict=True)):
        for position, number in enumerate(counts):
            if shares[position] < number and total > 0:
                shares[position] += 1
                total -= 1
    return shares


class _Teller:
    """Knows the requests that the chosen findings mention."""

    def __init__(self, result: RunResult, lines_max: int, findings: Sequence[Finding]) -> None:
        self._lines_max = lines_max
        self._history = result.history
        self._words: Words = words_of(result.history)
        wanted = {line.request for finding in findings for line in finding.story if line.request}
        self._requests: dict[int, Received] = {}
        if wanted:
            for entry in result.history.entries:
                if isinstance(entry, Received) and entry.number in wanted:
                    self._requests[entry.number] = entry

    def story(self, number: int, finding: Finding) -> Story:
        lines = finding.story
        if len(lines) > self._lines_max:
            lines = lines[: self._lines_max - self._lines_max // 2] + lines[-(self._lines_max // 2) :]
        return Story(
            number=number,
            oracle=finding.oracle,
            key=clean(finding.key),
            summary=_text(finding.summary),
            record=self._words.record(finding.record),
            where=self._where(finding),
            likely=_text(finding.likely),
            again=clean(self._history.replay),
            lines=tuple(self._told(line) for line in lines),
            left_out=len(finding.story) - len(lines),
        )

    def _where(self, finding: Finding) -> str:
        history = self._history
        parts = [f"scenario {history.scenario}", f"seed {history.seed}"]
        if finding.flow:
            parts.append(f"flow {finding.flow}")
        parts.append(self._words.record(finding.record))
        line = next((line for line in reversed(finding.story) if line.request), finding.story[-1] if finding.story else None)
        if line is not None:
            parts.append(f"virtual {iso_ms(line.at)}")
            parts += [text for text in (self._request(line.request),) if text]
        return ", ".join(parts)

    def _request(self, number: int) -> str:
        if not number:
            return ""
        request = self._requests.get(number)
        return f"request {number}" + (
            f" {request.method} {shorten(clean(request.path), PATH_LENGTH_MAX)}" if request is not None else ""
        )

    def _told(self, line: StoryLine) -> Told:
        side = line.who if line.who in ("crm", "erp", "engine") else "person"
        return Told(
            line.at, self._words.clock(line.at), self._words.lane(line.who), side, _text(line.what), self._request(line.request)
        )


def _text(text: str) -> str:
    return shorten(clean(text), TEXT_LENGTH_MAX)


def as_text(story: Story) -> str:
    """A story for plain text: the summary, then where, what happened, the likely cause and the command, one label a line."""
    rows = [f"{oracle_words(story.oracle)}: {story.summary}", f"    where   {story.where}"]
    for position, line in enumerate(story.lines):
        if story.left_out and position == story.gap_at:
            rows.append(f"            … {count(story.left_out, 'line')} left out")
        label = "story " if position == 0 else "      "
        request = f"  [{line.request}]" if line.request else ""
        rows.append(f"    {label}  {line.clock}  {line.lane}: {line.what}{request}")
    if story.likely:
        rows.append(f"    likely  {story.likely}")
    if story.again:
        rows.append(f"    again   {story.again}")
    return "\n".join(rows)
