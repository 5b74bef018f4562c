"""Who may import whom, where time and chance come from, and which names the kit must not know: by file and line."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("harness", "fake_crm", "fake_erp", "sync_engine")
VALUES = (
    "harness.kit.call",
    "harness.kit.clock",
    "harness.kit.faults",
    "harness.kit.journal",
    "harness.kit.money",
    "harness.kit.records",
)
VERDICTS = ("harness.oracles.finding", "harness.oracles.history", "harness.oracles.view")
ERRORS = (
    "harness.kit.server.CannotBind",
    "harness.kit.server.PortInUse",
    "harness.sim.host.EngineDied",
)  # which cli turns into exit codes
DICTIONARY = ("sync_engine.dictionary",)
DEFAULTS = ("harness.kit.defaults",)

MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "harness/kit": ("harness.kit",),
    "harness/sim": ("harness.sim", "harness.kit"),
    "harness/oracles": ("harness.oracles", *VALUES, *DICTIONARY),
    "harness/run": ("harness", "harness.run", "harness.sim", "harness.oracles", "harness.kit", *DICTIONARY),
    "harness/report": ("harness.report", *VERDICTS, *VALUES, *DICTIONARY),
    "harness/strategies": ("harness.strategies",),
    "harness/cli/engine.py": ("harness.cli", "sync_engine.cli"),
    "harness/cli": ("harness", "harness.cli", "harness.run", "harness.report", *VERDICTS, *ERRORS, *DEFAULTS, *DICTIONARY),
    "harness/pytest_plugin.py": ("harness", "harness.run", "harness.report", *VERDICTS),
    "harness/__init__.py": (),
    "fake_crm": ("harness.kit",),
    "fake_erp": ("harness.kit",),
    "sync_engine": ("sync_engine",),
}
BECAUSE = (
    "see the import rule: kit knows nobody, fakes know the kit only, the engine knows nothing of ours, run reaches the rest by name"
)

REAL_WORLD_FILES = (
    "harness/kit/clock.py",
    "harness/run/live",
    "sync_engine/http_client",
    "sync_engine/operations/app",
    "sync_engine/cli/",
)
WALL_CLOCK = frozenset(
    [f"time.{name}" for name in ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "sleep")]
    + [
        f"{place}{name}"
        for place in ("", "datetime.")
        for name in ("datetime.now", "datetime.utcnow", "datetime.today", "date.today")
    ]
)
CHANCE = frozenset({"uuid.uuid1", "uuid.uuid4", "uuid1", "uuid4", "os.urandom", "random.SystemRandom", "secrets", "SystemRandom"})
SECRETS_FILE = "harness/run/serve.py"  # the control token, which nobody may be able to predict
VENDORS = ("hubspot", "salesforce", "erpnext", "frappe", "business central", "business_central")


@dataclass(frozen=True)
class Source:
    """One product file, parsed."""

    path: str  # from the repository's root, with slashes
    tree: ast.Module
    text: str

    @property
    def package(self) -> list[str]:
        return self.path.removesuffix(".py").split("/")[:-1]


@cache
def sources() -> list[Source]:
    found = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            found.append(Source(path.relative_to(ROOT).as_posix(), ast.parse(text), text))
    return found


def parse(path: str, text: str) -> Source:
    return Source(path, ast.parse(text), text)


def imports(source: Source) -> Iterator[tuple[int, str]]:
    """Line and full name of everything a file imports, those inside functions and under TYPE_CHECKING too."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = source.package[: len(source.package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def allowed(path: str) -> tuple[str, ...]:
    """What a file may import of ours; a vendor's folder may import itself."""
    own = tuple(".".join(path.split("/")[:2]) for prefix in ("fake_crm/", "fake_erp/") if path.startswith(prefix))
    for place, names in MAY_IMPORT.items():
        if path == place or path.startswith(f"{place}/"):
            return names + own
    raise AssertionError(f"{path}: the import rule does not say what may be imported here; add it to MAY_IMPORT")


def may(name: str, names: tuple[str, ...]) -> bool:
    """`harness` alone stands for its own names (`harness.__version__`), every other entry for itself and all below it."""
    if "harness" in names and name.startswith("harness.__"):
        return True
    return any(name == each or name.startswith(f"{each}.") for each in names if each != "harness")


def forbidden_imports(source: Source) -> list[str]:
    names = allowed(source.path)
    ours = [(line, name) for line, name in imports(source) if name.split(".")[0] in (*PACKAGES, "tests", "benchmarks")]
    return [f"{source.path}:{line}: imports {name}" for line, name in ours if not may(name, names)]


def time_and_chance(source: Source) -> list[str]:
    """Calls of the wall clock and of chance that no seed decides."""
    offences = []
    module_random = any(name == "random" for _, name in imports(source))  # else `random` is a Random that was passed in
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and node.module in ("time", "random", "uuid", "secrets"):
            offences += [
                f"{source.path}:{node.lineno}: imports {node.module}.{alias.name}"
                for alias in node.names
                if bad(node.module, alias.name)
            ]
        if isinstance(node, ast.Call) and (name := dotted(node.func)) and not excused(source.path, name):
            module, _, function = name.rpartition(".")
            unseeded = name in ("Random", "random.Random") and not node.args and not node.keywords
            if (
                name in WALL_CLOCK
                or name in CHANCE
                or module == "secrets"
                or unseeded
                or (module_random and module == "random" and function.islower())
            ):
                offences.append(f"{source.path}:{node.lineno}: calls {name}")
    return offences


def bad(module: str, name: str) -> bool:
    return (module, name) != ("random", "Random") and name not in ("UUID", "uuid5", "uuid3", "NAMESPACE_OID")


def excused(path: str, name: str) -> bool:
    if name.startswith("secrets."):
        return path == SECRETS_FILE
    return path.startswith(REAL_WORLD_FILES)


def dotted(node: ast.expr) -> str:
    """`a.b.c` of such an expression, else nothing."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (base := dotted(node.value)):
        return f"{base}.{node.attr}"
    return ""


def vendor_names(source: Source) -> list[str]:
    lines = source.text.lower().splitlines()
    return [f"{source.path}:{number}: names {each}" for number, line in enumerate(lines, 1) for each in VENDORS if each in line]


# -- the rules hold -----------------------------------------------------------------------------------------------------------


def test_nobody_imports_what_the_layout_forbids() -> None:
    offences = [offence for source in sources() for offence in forbidden_imports(source)]

    assert not offences, "\n".join([*offences, BECAUSE])


def test_time_comes_from_a_clock_and_chance_from_a_seed() -> None:
    offences = [offence for source in sources() for offence in time_and_chance(source)]

    assert not offences, "\n".join([*offences, "take a Clock and a Random as arguments"])


def test_the_kit_names_no_vendor() -> None:
    offences = [offence for source in sources() if source.path.startswith("harness/kit/") for offence in vendor_names(source)]

    assert not offences, "\n".join(offences)


# -- and each rule has been seen to catch -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "line", "offence"),
    [
        (
            "harness/kit/x.py",
            "from harness.sim.loop import VirtualLoop",
            "harness/kit/x.py:1: imports harness.sim.loop.VirtualLoop",
        ),
        ("harness/kit/x.py", "import fake_crm.hubspot", "harness/kit/x.py:1: imports fake_crm.hubspot"),
        ("harness/sim/x.py", "from harness import run", "harness/sim/x.py:1: imports harness.run"),
        ("harness/oracles/x.py", "from harness.kit.fake import Fake", "harness/oracles/x.py:1: imports harness.kit.fake.Fake"),
        ("harness/oracles/x.py", "import sync_engine.store", "harness/oracles/x.py:1: imports sync_engine.store"),
        ("harness/run/x.py", "def f():\n    import fake_erp.erpnext", "harness/run/x.py:2: imports fake_erp.erpnext"),
        ("harness/strategies/x.py", "import harness.kit.clock", "harness/strategies/x.py:1: imports harness.kit.clock"),
        ("fake_crm/a/x.py", "from ..b import y", "fake_crm/a/x.py:1: imports fake_crm.b.y"),
        ("fake_crm/a/x.py", "import fake_erp.b", "fake_crm/a/x.py:1: imports fake_erp.b"),
        ("sync_engine/x.py", "import harness", "sync_engine/x.py:1: imports harness"),
        ("sync_engine/x.py", "import tests.conftest", "sync_engine/x.py:1: imports tests.conftest"),
    ],
)
def test_a_forbidden_import_is_named_with_its_line(path: str, line: str, offence: str) -> None:
    assert forbidden_imports(parse(path, line)) == [offence]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("fake_crm/a/x.py", "from .wire import y\nfrom harness.kit.call import Call\nfrom fake_crm.a import z"),
        ("harness/run/x.py", "from harness import __version__\nimport harness.sim.loop"),
        ("harness/cli/serve.py", "import harness.run.serve"),
    ],
)
def test_what_the_layout_allows_is_let_through(path: str, line: str) -> None:
    assert forbidden_imports(parse(path, line)) == []


@pytest.mark.parametrize(
    "line",
    [
        "import time; time.time()",
        "import time; time.sleep(1)",
        "from time import sleep",
        "from datetime import datetime; datetime.now()",
        "import datetime; datetime.datetime.utcnow()",
        "import random; random.choice([1])",
        "import random; random.Random()",
        "from random import shuffle",
        "import uuid; uuid.uuid4()",
        "from uuid import uuid4",
        "import secrets; secrets.token_hex()",
    ],
)
def test_wall_clock_and_unseeded_chance_are_caught(line: str) -> None:
    assert len(time_and_chance(parse("fake_crm/a/x.py", line))) == 1


@pytest.mark.parametrize("line", ["from random import Random; Random(7).random()", "clock.now()", "self.random.choice([1])"])
def test_seeded_chance_and_a_given_clock_are_fine(line: str) -> None:
    assert time_and_chance(parse("fake_crm/a/x.py", line)) == []


def test_every_product_file_falls_under_the_import_rule() -> None:
    with pytest.raises(AssertionError, match="add it to MAY_IMPORT"):
        allowed("harness/drawer/x.py")
    assert len(sources()) > 40
