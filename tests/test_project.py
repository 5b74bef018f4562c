"""The project's own habits: what is promised on the way in, what a wheel holds, and sizes that only shrink."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

from harness import __version__

ROOT = Path(__file__).parents[1]
PRODUCT = ("harness", "fake_crm", "fake_erp", "sync_engine")
OURS = (*PRODUCT, "tests", "benchmarks", "docs", "scenarios")
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

LINES_MAX, FUNCTION_LINES_MAX = 300, 40
# the ceiling of each, and why: a file may shrink below it, never grow above it
LONG_FILES: dict[str, tuple[int, str]] = {}
LONG_FUNCTIONS: dict[str, tuple[int, str]] = {}


def text_of(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def our_files(*folders: str, suffixes: tuple[str, ...] = (".py",)) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in sorted((ROOT / folder).rglob("*")) if path.suffix in suffixes)


def shell_blocks(markdown: str) -> list[tuple[int, list[str]]]:
    """Line number of the first command (from 1) and the commands of each `sh` block."""
    blocks = []
    for found in re.finditer(r"^```sh\n(.*?)^```", markdown, re.DOTALL | re.MULTILINE):
        blocks.append((markdown.count("\n", 0, found.start(1)) + 1, found[1].splitlines()))
    return blocks


# -- the way in ---------------------------------------------------------------------------------------------------------------


def test_the_first_command_of_the_readme_comes_early_and_the_readme_ends_early() -> None:
    readme = text_of("README.md")

    line, commands = shell_blocks(readme)[0]

    assert (line <= 20, commands) == (True, ["make demo"])
    assert len(readme.splitlines()) <= 150


def test_every_make_target_that_the_documentation_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):.*## ", text_of("Makefile"), re.MULTILINE))
    pages = [ROOT / "README.md", *our_files("docs", suffixes=(".md",))]

    named = {name for page in pages for name in re.findall(r"(?:`|^)make ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE)}

    assert named <= targets, f"no such target: {named - targets}"
    assert {"demo", "test", "check", "bench"} <= targets


def test_continuous_integration_calls_the_test_command_of_the_readme() -> None:
    commands = [command for _, block in shell_blocks(text_of("README.md")) for command in block]
    ci = ROOT / ".ci" / "run"

    assert "make test" in commands
    assert re.search(r"^make test ", ci.read_text(encoding="utf-8"), re.MULTILINE)
    assert os.access(ci, os.X_OK)
    assert subprocess.run(["bash", "-n", str(ci)], check=False).returncode == 0


def test_the_changelog_speaks_of_the_version_that_is_here() -> None:
    versions = re.findall(r"^## (\d+\.\d+\.\d+) - \d{4}-\d{2}-\d{2}$", text_of("CHANGELOG.md"), re.MULTILINE)

    assert versions[0] == __version__ == distribution("syncproof").version


# -- what is installed --------------------------------------------------------------------------------------------------------


def promised_entry_points() -> list[tuple[str, str]]:
    groups = {"console_scripts": PYPROJECT["project"]["scripts"], **PYPROJECT["project"]["entry-points"]}
    return [(group, name) for group, names in groups.items() for name in names]


@pytest.mark.parametrize(("group", "name"), promised_entry_points())
def test_every_entry_point_can_be_loaded(group: str, name: str) -> None:
    (entry,) = distribution("syncproof").entry_points.select(group=group, name=name)

    assert entry.load() is not None


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names in a wheel built from this tree."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


def test_the_wheel_has_scenarios_templates_and_type_marks(wheel: set[str]) -> None:
    shipped = {path.relative_to(ROOT).as_posix() for path in our_files("scenarios", suffixes=(".toml", ".yaml"))}

    assert {f"harness/{name}" for name in shipped} <= wheel
    assert {f"{package}/py.typed" for package in PRODUCT} <= wheel
    assert {"harness/report/templates/report.html.j2", "harness/report/templates/report.css"} <= wheel


def test_the_wheel_has_every_module_and_nothing_that_only_developers_need(wheel: set[str]) -> None:
    modules = {path.relative_to(ROOT).as_posix() for path in our_files(*PRODUCT)}
    tops = {name.split("/")[0] for name in wheel if not name.startswith("syncproof-")}

    assert modules <= wheel
    assert tops == set(PRODUCT)


# -- sizes, and what must not be left lying about -----------------------------------------------------------------------------


def test_files_stay_short_and_the_long_ones_do_not_grow() -> None:
    lines = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8").count("\n") for path in our_files(*PRODUCT)}

    too_long = [
        f"{name} has {count} lines, at most {LONG_FILES.get(name, (LINES_MAX, ''))[0]}: one concept a file"
        for name, count in lines.items()
        if count > LONG_FILES.get(name, (LINES_MAX, ""))[0]
    ]

    assert not too_long, "\n".join(too_long)
    assert [name for name in LONG_FILES if lines.get(name, 0) <= LINES_MAX] == [], "short by now: take it off LONG_FILES"


def functions() -> Iterator[tuple[str, int]]:
    for path in our_files(*PRODUCT):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield f"{path.relative_to(ROOT).as_posix()}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def test_functions_stay_short() -> None:
    sizes = dict(functions())

    too_long = [
        f"{name} has {count} lines"
        for name, count in sizes.items()
        if count > LONG_FUNCTIONS.get(name, (FUNCTION_LINES_MAX, ""))[0]
    ]

    assert not too_long, "\n".join(too_long)
    assert [name for name in LONG_FUNCTIONS if sizes.get(name, 0) <= FUNCTION_LINES_MAX] == []


MARKS = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
PLACES = re.compile(r"(?<![\w.$}/])/(wo" + r"rk|home/\w+|Users/\w+|root)/")


@pytest.mark.parametrize(("pattern", "what"), [(MARKS, "a note to do something later"), (PLACES, "a path of one machine")])
def test_nothing_unfinished_or_private_lies_about(pattern: re.Pattern[str], what: str) -> None:
    suffixes = (".py", ".md", ".toml", ".yaml", ".j2", ".js", ".css", ".json")
    files = [
        *our_files(*OURS, suffixes=suffixes),
        ROOT / "README.md",
        ROOT / "CHANGELOG.md",
        ROOT / "Makefile",
        ROOT / ".ci" / "run",
    ]

    found = [
        f"{path.relative_to(ROOT)}:{number}: {what}: {line.strip()[:80]}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]

    assert not found, "\n".join(found)


@pytest.mark.parametrize("line", ["x = 1  # TO" + "DO: later", "open('/wo" + "rk/x')", "see /home/" + "anna/x"])
def test_the_search_for_unfinished_and_private_things_finds_them(line: str) -> None:
    assert MARKS.search(line) or PLACES.search(line)
