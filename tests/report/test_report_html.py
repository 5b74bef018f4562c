"""The HTML report: one file, safe to open whatever the records are called, usable without a mouse or a picture."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from big_run import big_result
from sample_run import START, held_result, judge, sample_history, sample_result

from harness.oracles.finding import Verdict
from harness.report.files import write_reports
from harness.report.html import to_html
from harness.report.trace import STEPS_MAX, trace_of

HOSTILE = """<script>alert(1)</script>"'><img src=x onerror=alert(2)> {{ 7 * 7 }} & Co"""
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """Every element with its attributes and its parents, and the checks that any browser would make."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.first_child: dict[int, str] = {}
        self.stack: list[tuple[str, int]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.stack:
            self.first_child.setdefault(self.stack[-1][1], tag)
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append((tag, len(self.elements) - 1))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack, f"</{tag}> closes nothing"
        assert self.stack[-1][0] == tag, f"</{tag}> closes <{self.stack[-1][0]}>"
        self.stack.pop()

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_hostile_names_are_text_and_nothing_else() -> None:
    result = sample_result(HOSTILE)
    hostile = replace(result.history, engine=HOSTILE, scenario=HOSTILE, replay=f"syncproof run {HOSTILE}", still_pending=HOSTILE)
    hostile = replace(hostile, notes=dict.fromkeys(hostile.notes, HOSTILE))

    page = Page(html := to_html(replace(result, history=hostile)))

    assert len(page.all("script")) == 1
    assert page.all("img") == []
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert "{{ 7 * 7 }}" in html, "names are no templates"


@pytest.mark.parametrize("size", ["small", "big"])
def test_nothing_is_loaded_from_anywhere(size: str) -> None:
    page = Page(html := to_html(sample_result() if size == "small" else big_result(500)))

    assert not [name for _, attributes in page.elements for name in attributes if name in ("src", "srcset", "xlink:href", "action")]
    assert all((attributes["href"] or "").startswith("#") for attributes in page.all("a"))
    assert page.all("link") == []
    assert "@import" not in html
    assert set(re.findall(r"url\(([^)]*)\)", html)) <= {"#head-plain", "#head-bad", "#head-person", "#head-hook"}
    assert "http://" not in html
    assert "https://" not in html


def test_the_policy_allows_the_pages_own_script_only() -> None:
    html = to_html(sample_result())
    script = re.search(r"<script>(.*?)</script>", html, re.DOTALL)
    assert script is not None

    digest = base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()

    assert "default-src 'none'" in html
    assert f"script-src 'sha256-{digest}'" in html


def test_query_strings_and_bodies_stay_in_the_journal() -> None:
    html = to_html(sample_result())

    assert "SECRET-TOKEN" not in html
    assert "custom_crm_deal_id" not in html


def test_the_page_stays_small_however_long_the_run() -> None:
    html = to_html(big_result(10_000))

    assert len(html.encode()) < 2_000_000
    assert html.count("<article") == 50
    assert "50 of 10,000 findings are told in full" in html
    assert "and 9,950 more of the same kind" in html


def test_the_page_stays_small_however_long_the_stories_and_the_names() -> None:
    result = big_result(60)
    endless = [
        replace(
            finding,
            summary="x" * 50_000,
            likely="y" * 50_000,
            story=tuple(replace(finding.story[0], what="z" * 50_000) for _ in range(500)),
        )
        for finding in result.findings()
    ]

    html = to_html(judge(result.history, endless))

    assert len(html.encode()) < 2_000_000
    assert html.count("460 lines are left out") == 50


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_has_its_banner(verdict: Verdict) -> None:
    html = to_html(judge(sample_history(), [], verdict))

    assert f'<div class="banner {verdict.value}">' in html
    assert f"<title>{verdict.value.capitalize()}: quote-to-cash, seed 7" in html


def test_headings_are_in_order_and_the_page_has_a_language() -> None:
    page = Page(to_html(sample_result()))
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]

    assert page.all("html")[0]["lang"] == "en"
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert len(page.all("main")) == 1


def test_every_picture_has_a_title_and_ids_are_unique() -> None:
    page = Page(to_html(sample_result()))
    pictures = [position for position, (tag, _) in enumerate(page.elements) if tag == "svg"]
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]

    assert len(pictures) == 5
    assert {page.first_child[position] for position in pictures} == {"title"}
    assert all(page.elements[position][1]["role"] == "img" for position in pictures)
    assert len(ids) == len(set(ids))


def test_whatever_scrolls_can_be_reached_by_keyboard() -> None:
    page = Page(to_html(sample_result()))
    scrolling = [attributes for _, attributes in page.elements if (attributes.get("class") or "") == "scroll"]

    assert scrolling
    assert all(attributes["tabindex"] == "0" and attributes["aria-label"] for attributes in scrolling)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_the_contrast_that_tired_eyes_need(scheme: str) -> None:
    """WCAG AA: at least 4.5 to 1 between text and what it stands on."""
    colours = _colours(scheme)
    pairs = [(text, ground) for text in ("text", "muted") for ground in ("page", "card", "sunken")]
    pairs += [(name, ground) for name in ("held", "violated", "unknown") for ground in ("card", f"{name}-soft")]
    pairs += [(name, "card") for name in ("crm", "erp", "engine", "person", "accent")]
    pairs += [("muted", f"{name}-soft") for name in ("held", "violated", "unknown")]
    pairs += [("text", "unknown-soft"), ("violated", "unknown-soft"), ("held", "unknown-soft"), ("accent", "page")]

    poor = {pair: round(_contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in pairs}

    assert {pair: ratio for pair, ratio in poor.items() if ratio < 4.5} == {}


def test_the_picture_shows_the_flow_of_the_first_finding() -> None:
    trace = trace_of(sample_result())

    assert trace is not None
    assert trace.flow.number == 1
    assert [step.outcome for step in trace.steps if step.kind == "webhook"] == ["timeout", "204"]
    lost = next(step for step in trace.steps if step.number == 3)
    assert (lost.bad, lost.marked, lost.faults, lost.outcome) == (True, True, ["reply lost"], "no answer in time")
    assert [step.kind for step in trace.steps if step.kind in ("crash", "restart")] == ["restart", "crash", "restart"]


def test_without_findings_the_picture_shows_the_first_won_flow() -> None:
    history = sample_history()

    trace = trace_of(judge(replace(history, flows=[history.flows[2], history.flows[1]]), [], Verdict.HELD))

    assert trace is not None
    assert trace.flow.deal_id == "102"
    assert "booked a payment for SINV-1: PAY-1" in [step.what for step in trace.steps]
    customer = [(step.outcome, step.faults) for step in trace.steps if step.what == "POST /api/resource/Customer"]
    assert customer == [("502", ["proxy error page"]), ("200", [])]


def test_a_flow_of_a_thousand_reads_keeps_its_telling_steps() -> None:
    history = sample_history()
    reads = [entry for entry in history.entries if getattr(entry, "number", 0) == 1]
    won = next(position for position, entry in enumerate(history.entries) if getattr(entry, "number", 0) == 1)
    noisy = [*history.entries[:won], *(reads * 500), *history.entries[won:]]

    trace = trace_of(replace(sample_result(), history=replace(history, entries=noisy)))

    assert trace is not None
    assert len(trace.steps) == STEPS_MAX
    assert trace.left_out > 400
    assert any(step.number == 3 for step in trace.steps)


def test_a_run_without_anything_still_makes_a_page() -> None:
    empty = replace(sample_history(), entries=[], flows=[], records={}, ended_at=START, notes={}, replay="")

    page = to_html(judge(empty, [], Verdict.UNKNOWN))

    assert "No promise was broken." in page
    assert "hubspot" in page, "without titles the dictionary's own names are used"


def test_all_files_of_a_report_are_written(tmp_path: Path) -> None:
    written = write_reports(held_result(), tmp_path / "deep" / "out")

    assert [path.name for path in written] == ["report.html", "junit.xml", "result.json"]
    assert all(path.stat().st_size > 500 for path in written)


def _colours(scheme: str) -> dict[str, str]:
    html = to_html(held_result())
    light, dark = re.findall(r":root \{(.*?)\}", html, re.DOTALL)[:2]
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", light if scheme == "light" else dark))


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[position : position + 2], 16) / 255 for position in (1, 3, 5)]
    linear = [channel / 12.92 if channel <= 0.03928 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
