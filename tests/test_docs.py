"""The documentation cannot drift: links lead somewhere, commands exist, printed parts are up to date, the example runs."""

from __future__ import annotations

import json
import re
import shlex
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml
from typer.main import get_command

from harness import cli
from harness.kit.journal import EngineEvent
from harness.oracles.finding import Verdict
from harness.run.parts import Choice
from harness.run.registry import engine_names, fake_names
from harness.run.runner import run_scenario
from harness.run.scenario import scenario_names, weather_names
from sync_engine.cli import parser as engine_parser

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
sys.path.append(str(DOCS))  # the generator is a script beside the pages, not a part of the product
import generate  # noqa: E402

PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "benchmarks" / "results.md",
    *sorted(DOCS.rglob("*.md")),
    *sorted(ROOT.glob("fake_*/*/README.md")),
]
COMMANDS: dict[str, Any] = get_command(cli.app).commands  # type: ignore[attr-defined]


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def prose(page: Path) -> str:
    """The page without its code."""
    return re.sub(r"^```.*?^```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """The anchors that headings get on code hosts."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(page: Path) -> Iterator[tuple[str, str]]:
    """Relative links as path and anchor."""
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if "://" not in target:
            path, _, anchor = target.partition("#")
            yield path, anchor


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for path, anchor in links(page):
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(f"{path}#{anchor}" if anchor else path)

    assert not broken, f"{name_of(page)} links to {', '.join(broken)}"


def test_every_page_can_be_reached_from_the_index() -> None:
    seen, waiting = set(), [DOCS / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen:
            continue
        seen.add(page)
        targets = [(page.parent / path).resolve() for path, _ in links(page) if path]
        waiting += [target for target in targets if target.suffix == ".md" and target.exists()]
        waiting += [each for target in targets if target.is_dir() for each in target.glob("*.md")]

    assert set(DOCS.rglob("*.md")) <= seen


def test_decisions_are_numbered_without_gaps_and_fit_on_a_screen() -> None:
    records = sorted((DOCS / "decisions").glob("*.md"))

    assert [int(record.name[:4]) for record in records] == list(range(1, len(records) + 1))
    for record in records:
        text = record.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 40, name_of(record)
        assert all(f"**{part}**" in text for part in ("Context", "Decision", "Costs", "Rejected"))
        assert re.search(r"^Accepted \d{4}-\d\d-\d\d\.", text, re.MULTILINE), name_of(record)


# -- commands -----------------------------------------------------------------------------------------------------------------


def commands(page: Path) -> Iterator[list[str]]:
    """Every `syncproof …` in the page's shell blocks, in words."""
    for block in re.findall(r"^```sh\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE):
        for line in block.splitlines():
            words = shlex.split(line)
            if words and Path(words[0]).name == "syncproof":
                yield words[1:]


def complaint(words: list[str]) -> str | None:
    """What is wrong with a command line, or None: parsed as typer would, never run; then the names in it are looked up."""
    name, *rest = words or [""]
    known = COMMANDS
    while name in known and hasattr(known[name], "commands"):  # a group: the next word names what is meant
        known, (name, *rest) = known[name].commands, rest or [""]
    if name not in known:
        return f"no command {name!r}"
    try:
        found = known[name].make_context(name, rest).params
    except Exception as error:
        if not hasattr(error, "format_message"):  # typer's complaints have it, whichever copy of click they come from
            raise
        return str(error.format_message())
    if name == "engine":
        return engine_complaint(list(found["words"] or ()))
    places = {"scenario": scenario_names(), "weather": weather_names(), "engine": engine_names(), "vendor": fake_names()}
    unknown = [
        f"no {kind} {value!r}"
        for kind, known in places.items()
        if (value := found.get(kind)) is not None and value not in known and not a_file_of_theirs(kind, value)
    ]
    return "; ".join(unknown) or None


def engine_complaint(words: list[str]) -> str | None:
    """The engine's own command line is argparse's, which leaves when it complains."""
    try:
        engine_parser().parse_args(words)
    except SystemExit:
        return "the engine does not know this"
    return None


def a_file_of_theirs(kind: str, value: str) -> bool:
    """Weather and engines that a page has its reader write; a scenario is shown only if it is here."""
    if kind == "vendor":
        return False
    if kind == "scenario":
        return (ROOT / value).is_file()
    return value.endswith(".toml") if kind == "weather" else ":" in value


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_that_is_shown_exists(page: Path) -> None:
    wrong = [f"{' '.join(words)}: {why}" for words in commands(page) if (why := complaint(words))]

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "rum quote-to-cash",
        "run",
        "run quote-to-cash --sead 7",
        "run quote-to-cash --seed",
        "run quote-to-cash --seed seven",
        "run quote-to-cash --flows 0",
        "run quote-to-cache",
        "run mine.toml",
        "run quote-to-cash --weather office-dya",
        "run quote-to-cash --engine middlewere",
        "serve --port 1",
        "scenarios all",
        "contract",
        "contract shew hubspot",
        "contract show hubsport",
        "contract show hubspot --form yaml",
        "engine rum",
        "engine errors lst",
    ],
)
def test_a_command_that_does_not_exist_is_noticed(line: str) -> None:
    assert complaint(line.split())


# -- what is printed from the code --------------------------------------------------------------------------------------------


def test_generated_parts_are_up_to_date() -> None:
    stale = [name_of(path) for path in generate.stale()]

    assert not stale, f"run `make docs`: {', '.join(stale)}"


def shipped() -> list[tuple[str, Path]]:
    folder = ROOT / "scenarios"
    return [
        *(("scenario", path) for path in sorted(folder.glob("*.toml"))),
        *(("weather", path) for path in sorted((folder / "weather").glob("*.toml"))),
        *(("dictionary", path) for path in sorted(folder.glob("*.dictionary.yaml"))),
    ]


def read_plain(path: Path) -> Any:
    text = path.read_text(encoding="utf-8")
    return msgspec.to_builtins(tomllib.loads(text) if path.suffix == ".toml" else yaml.safe_load(text))


@pytest.mark.parametrize(("kind", "path"), shipped(), ids=lambda value: value if isinstance(value, str) else value.name)
def test_the_published_schema_accepts_what_is_shipped_and_refuses_a_misspelt_field(kind: str, path: Path) -> None:
    schema = json.loads((DOCS / "schemas" / f"{kind}.schema.json").read_text(encoding="utf-8"))
    document = read_plain(path)

    jsonschema.validate(document, schema)
    with pytest.raises(jsonschema.ValidationError, match="descripton"):
        jsonschema.validate({**document, "descripton": "x"}, schema)


# -- the example --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The how-to's engine, saved as the page says, by the name the page gives it."""
    page = (DOCS / "how-to" / "plug-in-your-engine.md").read_text(encoding="utf-8")
    block = re.search(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert block is not None
    (tmp_path / "my_engine.py").write_text(block[1], encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "my_engine:SPEC"
    sys.modules.pop("my_engine", None)


def test_the_engine_of_the_how_to_runs_makes_orders_and_is_found_out(example: str) -> None:
    run = run_scenario(Choice("quote-to-cash", engine=example, weather="calm", flows=5))

    assert run.history.records["erp"]["Sales Order"], "the engine made no order at all"
    assert run.verdict is Verdict.VIOLATED
    kept = [judgement.oracle for judgement in run.judgements if judgement.verdict is not Verdict.VIOLATED]
    assert kept == ["no_echo"], "the page says that every promise but this one is broken"


def test_the_engine_of_the_how_to_comes_back_after_a_crash(example: str) -> None:
    run = run_scenario(Choice("quote-to-cash", engine=example, weather="office-day", flows=5))

    events = [entry.event for entry in run.history.entries if isinstance(entry, EngineEvent) and entry.event != "log"]
    assert events[:3] == ["started", "crashed", "restarted"], "without a crash this test proves nothing"
    assert "died" not in events, "the page has its reader run it in any weather and live"
    assert run.history.records["erp"]["Sales Order"]
