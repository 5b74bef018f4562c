"""Fakes and engines by name: entry points of installed packages, so that a user's own stand beside the bundled ones.

Groups `syncproof.fakes` and `syncproof.engines`. An engine may also be named as `package.module:attribute`, which needs no
packaging: it is looked for where Python looks, and then in the current directory.
"""

from __future__ import annotations

import os
import sys
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any, cast

from harness.kit.fake import FakeSpec
from harness.run.engines import EngineSpec

FAKES, ENGINES = "syncproof.fakes", "syncproof.engines"


class UnknownName(LookupError):
    """No such thing is installed. The text names the nearest known one."""

    def __init__(self, kind: str, name: str, known: list[str]) -> None:
        near = get_close_matches(name, known, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ";"
        super().__init__(f"unknown {kind} {name!r}{hint} known: {', '.join(known) or 'none'}")
        self.kind, self.name, self.known = kind, name, known


class CannotLoad(ImportError):
    """It is known, but its code cannot be imported or is not what its kind asks for."""

    def __init__(self, kind: str, name: str, reason: str) -> None:
        super().__init__(f"cannot load the {kind} {name!r}: {reason}")


def find_fake(name: str) -> FakeSpec:
    """The fake of that vendor. Raises UnknownName, CannotLoad."""
    spec = _load("fake", name, _entry("fake", name, FAKES))
    if not isinstance(spec, FakeSpec):
        raise CannotLoad("fake", name, f"expected a FakeSpec, found {_what(spec)}")
    return spec


def find_engine(name: str) -> EngineSpec:
    """The engine of that name, or at `package.module:attribute`. Raises UnknownName, CannotLoad."""
    entry = _by_path(name) if ":" in name else _entry("engine", name, ENGINES)
    spec = _load("engine", name, entry)
    missing = [part for part in ("name", "description", "create", "command", "environment") if not hasattr(spec, part)]
    if missing:
        raise CannotLoad("engine", name, f"{_what(spec)} is no EngineSpec: it has no {', '.join(missing)}")
    return cast("EngineSpec", spec)


def fake_names() -> list[str]:
    return sorted(entry_points(group=FAKES).names)


def engine_names() -> list[str]:
    return sorted(entry_points(group=ENGINES).names)


def _entry(kind: str, name: str, group: str) -> EntryPoint:
    known = entry_points(group=group)
    if name not in known.names:
        raise UnknownName(kind, name, sorted(known.names))
    return known[name]


def _by_path(name: str) -> EntryPoint:
    here = os.getcwd()
    if here not in sys.path:
        sys.path.append(here)  # last, so that a file here never hides a library
    return EntryPoint(name, name, ENGINES)


def _load(kind: str, name: str, entry: EntryPoint) -> Any:
    module, _, attribute = entry.value.partition(":")
    if not module or not attribute:
        raise CannotLoad(kind, name, f"{entry.value!r} is not of the form package.module:attribute")
    try:
        found: Any = import_module(module)
    except (Exception, SystemExit) as error:  # whatever a foreign module does while it is imported
        raise CannotLoad(kind, name, f"importing {module} failed: {type(error).__name__}: {error}") from error
    for part in attribute.split("."):
        if not hasattr(found, part):
            near = get_close_matches(part, dir(found), 1)
            raise CannotLoad(
                kind, name, f"{module} has no attribute {attribute!r}" + (f"; did you mean {near[0]!r}?" if near else "")
            )
        found = getattr(found, part)
    return found


def _what(value: object) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}"
