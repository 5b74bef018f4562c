"""The page of known synchronisation bugs: what the engine does about each, and the test in which it does so."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec
from tables import table

SOURCE = Path(__file__).parent / "bugs.toml"


class Bug(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row. Either `tests` (as pytest names them) show the behaviour, or `apart` says why this engine cannot meet the bug."""

    name: str
    kind: str
    engine: str = ""
    tests: tuple[str, ...] = ()
    apart: str = ""


class Bugs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    bug: tuple[Bug, ...]


def bugs() -> tuple[Bug, ...]:
    return msgspec.convert(tomllib.loads(SOURCE.read_text(encoding="utf-8")), Bugs).bug


def page() -> str:
    """One table a class, in the order of the file."""
    kinds = list(dict.fromkeys(bug.kind for bug in bugs()))
    parts = []
    for kind in kinds:
        rows = [
            (f"`{bug.name}`", bug.engine or f"*cannot meet it:* {bug.apart}", _shown(bug)) for bug in bugs() if bug.kind == kind
        ]
        parts.append(f"### {kind}\n\n" + table(("bug", "what the engine does", "shown by"), rows))
    return "\n\n".join(parts)


def _shown(bug: Bug) -> str:
    return "<br>".join(f"`{test}`" for test in bug.tests) or "–"
