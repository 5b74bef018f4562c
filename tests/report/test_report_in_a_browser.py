"""The report in a real browser: it opens from disk, without a network, and its script runs without an error."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import sample_run

from harness.report.html import to_html

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIETLY = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
AND_ALONE = ("--disable-component-update", "--disable-sync", "--enable-logging=stderr", "--virtual-time-budget=2000")


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (Debian package `chromium`)")
def test_the_page_opens_in_chromium_without_a_word_on_its_console(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text(to_html(sample_run.sample_result()), encoding="utf-8")
    command = [str(CHROMIUM), *QUIETLY, *AND_ALONE, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert "Violated" in done.stdout
    assert "point-to-point" in done.stdout
    assert [line for line in done.stderr.splitlines() if "CONSOLE" in line] == []
