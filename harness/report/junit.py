"""JUnit XML for CI: one test suite per run, one test case per promise. A broken promise fails with its stories; a promise that
nothing exercised is skipped, with the reason. The order and the text depend on nothing but the result."""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as Xml

from harness.kit.clock import iso_ms
from harness.oracles.finding import Judgement, Verdict
from harness.report.result import RunResult
from harness.report.story import Group, as_text, tell
from harness.report.words import clean, words_of

STORIES_MAX, LINES_MAX = 50, 40
NOT_EXERCISED: Final = "nothing in this run exercised the promise, so nothing was proven"


def to_junit(result: RunResult) -> bytes:
    history = result.history
    verdicts = [judgement.verdict for judgement in result.judgements]
    name = clean(f"syncproof {history.scenario}")
    suites = Xml.Element("testsuites", name="syncproof")
    suite = Xml.SubElement(
        suites,
        "testsuite",
        name=name,
        tests=str(len(verdicts)),
        failures=str(verdicts.count(Verdict.VIOLATED)),
        errors="0",
        skipped=str(verdicts.count(Verdict.UNKNOWN)),
    )
    _add_properties(suite, result)
    groups = {group.oracle: group for group in tell(result, STORIES_MAX, LINES_MAX)}
    for judgement in result.judgements:
        _add_case(suite, name, judgement, groups.get(judgement.oracle))
    Xml.indent(suites)
    text: bytes = Xml.tostring(suites, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _add_properties(suite: Xml.Element, result: RunResult) -> None:
    history, words = result.history, words_of(result.history)
    values = {
        "verdict": result.verdict.value,
        "seed": str(history.seed),
        "engine": words.engine,
        "weather": words.weather,
        "mode": history.mode,
        "crm": words.crm,
        "erp": words.erp,
        "virtual_started_at": iso_ms(history.started_at),
        "virtual_duration_s": f"{result.numbers.duration_s:.3f}",
        "replay": clean(history.replay),
        "syncproof_version": result.version,
    }
    if history.still_pending:
        values["still_pending"] = words.plain(history.still_pending)
    properties = Xml.SubElement(suite, "properties")
    for name, value in values.items():
        Xml.SubElement(properties, "property", name=name, value=value)


def _add_case(suite: Xml.Element, classname: str, judgement: Judgement, group: Group | None) -> None:
    case = Xml.SubElement(suite, "testcase", classname=classname, name=clean(f"{judgement.oracle}: {judgement.promise}"))
    if judgement.verdict is Verdict.UNKNOWN:
        Xml.SubElement(case, "skipped", message=NOT_EXERCISED)
    elif judgement.verdict is Verdict.VIOLATED:
        stories = group.stories if group is not None else ()
        more = group.more if group is not None else 0
        others = len(stories) + more - 1
        first = stories[0].summary if stories else judgement.promise
        message = clean(first) + (f" (and {others} more of the same kind)" if others > 0 else "")
        failure = Xml.SubElement(case, "failure", type=judgement.oracle, message=message)
        texts = [as_text(story) for story in stories] + ([f"… and {more} more of the same kind"] if more else [])
        failure.text = "\n" + "\n\n".join(texts) + "\n"
