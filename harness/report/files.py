"""The files of a report, in one folder."""

from __future__ import annotations

from pathlib import Path

from harness.report.html import to_html
from harness.report.json_report import to_json
from harness.report.junit import to_junit
from harness.report.result import RunResult


def write_reports(result: RunResult, folder: Path) -> list[Path]:
    """Write `report.html`, `junit.xml` and `result.json` into `folder`, made where missing. Raises OSError."""
    contents = {"report.html": to_html(result).encode("utf-8"), "junit.xml": to_junit(result), "result.json": to_json(result)}
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        unfinished = folder / f".{name}.part"
        unfinished.write_bytes(content)
        unfinished.replace(folder / name)  # a reader never sees half a file
    return [folder / name for name in contents]
