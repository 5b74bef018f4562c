"""The page of known bugs tells the truth: every row names tests that exist, and no bug of the catalogue is left out."""

from __future__ import annotations

import ast
import os
import re
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "docs"))
from bugs import Bug, bugs  # noqa: E402

CONTRACTS = Path(os.environ.get("SYNCPROOF_CONTRACTS", ROOT.parent / "shared" / "contracts"))
CATALOGUE = CONTRACTS.parent / "bug_catalogue.md"


@cache
def names_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    found = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    found |= {f"{each.name}::{node.name}" for each in classes for node in each.body if isinstance(node, ast.FunctionDef)}
    machines = {  # `TestX = Machine.TestCase`
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id.startswith("Test")
    }
    return frozenset(found | machines)


@pytest.mark.parametrize("bug", bugs(), ids=lambda bug: bug.name)
def test_a_bug_names_the_tests_that_show_it_or_why_it_cannot_be_met(bug: Bug) -> None:
    assert bool(bug.engine and bug.tests) != bool(bug.apart), (
        "either what the engine does, with tests, or why it cannot meet the bug"
    )
    for test in bug.tests:
        path, _, name = test.partition("::")
        assert (ROOT / path).is_file(), f"{test}: there is no such file"
        assert name in names_in(path), f"{test}: there is no such test"


def test_every_bug_of_the_catalogue_has_a_row() -> None:
    if not CATALOGUE.is_file():
        pytest.skip("the catalogue is not beside the vendors' documents: set SYNCPROOF_CONTRACTS")
    entries = CATALOGUE.read_text(encoding="utf-8").partition("## 2. The entries")[2].partition("## 3. Fault primitives")[0]
    assert [bug.name for bug in bugs()] == re.findall(r"(?m)^#### (.+?)\s*$", entries)
