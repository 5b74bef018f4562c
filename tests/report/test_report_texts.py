"""The terminal and JUnit as people and CI see them, whole. SYNCPROOF_UPDATE_EXPECTED=1 writes the stored output anew."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from big_run import big_result
from rich.console import Console
from sample_run import duplicate_of, held_result, judge, sample_history, sample_result

from harness.oracles.finding import Judgement, Verdict
from harness.report.junit import to_junit
from harness.report.result import RunResult
from harness.report.terminal import print_result

EXPECTED = Path(__file__).parent / "expected"


def screen(result: RunResult, *, encoding: str = "utf-8", terminal: bool = False) -> str:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, newline="\n")
    print_result(result, Console(file=file, width=100, force_terminal=terminal, color_system=None), [Path("out/report.html")])
    file.flush()
    return raw.getvalue().decode(encoding)


def compare(name: str, actual: str) -> None:
    path = EXPECTED / name
    if os.environ.get("SYNCPROOF_UPDATE_EXPECTED"):
        path.write_text(actual, encoding="utf-8")
    assert actual == path.read_text(encoding="utf-8"), f"{name} has changed; SYNCPROOF_UPDATE_EXPECTED=1 accepts the new text"


def test_a_broken_promise_on_the_screen() -> None:
    compare("violated.txt", screen(sample_result()))


def test_a_kept_day_on_the_screen() -> None:
    compare("held.txt", screen(held_result()))


def test_a_day_that_proved_nothing_on_the_screen() -> None:
    pending = replace(sample_history(), still_pending="2 crm webhook deliveries pending")
    compare("unknown.txt", screen(judge(pending, [], Verdict.UNKNOWN)))


def test_junit_of_a_broken_promise() -> None:
    compare("violated.xml", to_junit(sample_result()).decode("utf-8"))


def test_junit_of_a_kept_day() -> None:
    compare("held.xml", to_junit(held_result()).decode("utf-8"))


def test_a_log_file_gets_our_own_words_in_ascii() -> None:
    text = screen(sample_result("Mueller GmbH"))

    assert text.isascii()
    assert "won -> order" in text


def test_a_terminal_gets_the_arrow() -> None:
    assert "won → order" in screen(sample_result(), terminal=True)


def test_a_name_that_the_output_cannot_show_does_not_stop_the_report() -> None:
    assert "M?ller" in screen(sample_result("Müller"), encoding="ascii")


def test_a_name_cannot_steer_the_terminal() -> None:
    text = screen(sample_result("\x1b[2J[bold]Evil\x07\u202e GmbH\nHELD"), terminal=True)

    assert "\x1b[2J" not in text
    assert "\x07" not in text
    assert "\u202e" not in text
    assert "[bold]Evil" in text, "markup of the wire is shown, not obeyed"
    assert not any(line.startswith("HELD") for line in text.splitlines())


def test_after_ten_stories_the_rest_is_counted() -> None:
    text = screen(big_result(25))

    assert text.count("    where   ") == 10
    assert "and 15 more of the same kind (no duplicates)" in text


def test_a_long_story_is_told_by_its_beginning_and_its_end() -> None:
    result = sample_result()
    finding = result.judgements[0].findings[0]
    first, last = finding.story[0], finding.story[-1]
    endless = (first, *(replace(last, what=f"made SO-{number}") for number in range(3, 103)))

    text = screen(judge(result.history, [replace(finding, story=endless)]))

    assert "marked the deal as won" in text
    assert "87 lines left out" in text
    assert "made SO-102" in text


def test_every_broken_promise_is_told_even_if_one_has_hundreds_of_findings() -> None:
    result = big_result(200)
    lonely = replace(duplicate_of(sample_history(), "Beispiel AG"), summary="one cent is missing", story=())
    judgements = [*result.judgements, Judgement("money_conserved", "No cent is lost.", Verdict.VIOLATED, [lonely])]

    assert "one cent is missing" in screen(replace(result, judgements=judgements))


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_opens_the_screen(verdict: Verdict) -> None:
    assert screen(judge(sample_history(), [], verdict)).strip().startswith(verdict.value.upper())


def test_junit_survives_what_xml_cannot_hold() -> None:
    suite = Xml.fromstring(to_junit(sample_result('<b>\x00\x0b"Evil" ]]> & \ud800Co')))

    failure = suite.find(".//failure")
    assert failure is not None
    assert '<b>��"Evil" ]]> & �Co' in failure.attrib["message"]


def test_junit_counts_what_it_holds() -> None:
    suite = Xml.fromstring(to_junit(big_result(120)))[0]

    assert {name: suite.attrib[name] for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "3",
        "failures": "1",
        "errors": "0",
        "skipped": "1",
    }
    failure = suite.find(".//failure")
    assert failure is not None
    assert failure.attrib["message"].endswith("(and 119 more of the same kind)")
    assert (failure.text or "").count("    where   ") == 50
