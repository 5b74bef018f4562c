"""Write the parts of docs/ that come from the code: between `<!-- generated: NAME -->` and `<!-- /generated -->`, and the schemas.

python docs/generate.py            write them
python docs/generate.py --check    write nothing; exit code 1 and a list when something is out of date
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from harness.kit.weather import Weather
from harness.run.scenario import Scenario
from sync_engine import dictionary

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS))
from sections import MEANINGS, SECTIONS  # noqa: E402 - stands beside this file, wherever it is started from
from transcripts import TRANSCRIPTS  # noqa: E402

RUN = re.compile(r"<!-- run: (?P<name>[a-z-]+) -->\n.*?<!-- /run -->", re.DOTALL)
BLOCK = re.compile(r"<!-- generated: (?P<name>[a-z-]+) -->\n.*?<!-- /generated -->", re.DOTALL)
DRAFT = "https://json-schema.org/draft/2020-12/schema"


class UnknownSection(LookupError):
    """A page asks for a generated part that does not exist."""


def expected() -> Iterator[tuple[Path, str]]:
    """Every file with generated parts and what it should contain."""
    for page in sorted(DOCS.rglob("*.md")):
        text = page.read_text(encoding="utf-8")
        if BLOCK.search(text):
            yield page, BLOCK.sub(lambda found, page=page: _block(found["name"], page), text)  # type: ignore[misc]
    for name, schema in schemas().items():
        yield DOCS / "schemas" / f"{name}.schema.json", json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def schemas() -> dict[str, dict[str, Any]]:
    """JSON Schema of each file format that people write, for editors."""
    found = {
        "scenario": {"$schema": DRAFT, "title": "A syncproof scenario (TOML)", **msgspec.json.schema(Scenario)},
        "weather": {"$schema": DRAFT, "title": "A syncproof weather profile (TOML)", **msgspec.json.schema(Weather)},
        "dictionary": {"$schema": DRAFT, "title": "A data dictionary (YAML)", **dictionary.json_schema()},
    }
    for schema in found.values():
        for name, definition in schema.get("$defs", {}).items():
            if "description" in definition:  # a docstring, whose indentation depends on the version of Python
                definition["description"] = " ".join(definition["description"].split())
            for field, meaning in MEANINGS.get(name, {}).items():
                if field in definition.get("properties", {}):
                    definition["properties"][field]["description"] = meaning
    return found


def stale() -> list[Path]:
    """Files that are not as they should be."""
    return [path for path, text in expected() if not path.is_file() or path.read_text(encoding="utf-8") != text]


def with_runs(text: str) -> str:
    """The page with every shown run as it is today."""
    return RUN.sub(lambda found: f"<!-- run: {found['name']} -->\n```text\n{_run(found['name'])}\n```\n<!-- /run -->", text)


def _run(name: str) -> str:
    return "\n".join(TRANSCRIPTS[name]())


def _block(name: str, page: Path) -> str:
    if name not in SECTIONS:
        raise UnknownSection(f"{page}: no generated part {name!r}; known: {', '.join(sorted(SECTIONS))}")
    return f"<!-- generated: {name} -->\n{SECTIONS[name]().strip()}\n<!-- /generated -->"


def main(arguments: list[str]) -> int:
    out_of_date = stale()
    if arguments == ["--check"]:
        for path in out_of_date:
            print(f"{path.relative_to(DOCS.parent)} is out of date: run `make docs`")
        return 1 if out_of_date else 0
    for path, text in list(expected()):
        if path in out_of_date:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(DOCS.parent)}")
    for page in (DOCS.parent / "README.md", DOCS / "tutorial.md"):
        text = page.read_text(encoding="utf-8")
        if (new := with_runs(text)) != text:
            page.write_text(new, encoding="utf-8")
            print(f"wrote {page.relative_to(DOCS.parent)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
