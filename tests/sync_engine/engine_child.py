"""The engine as a child process with a configuration file; its log says how far it is, so that nobody has to sleep."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from sync_engine.settings_keys import KEYS

CHILD = """
import sys
from sync_engine.cli import main
code = main(sys.argv[1:])
ours = sorted(name for name in sys.modules if name.split(".")[0] in ("harness", "fake_crm", "fake_erp", "opentelemetry", "typer"))
print("imported:", *ours)
sys.exit(code)
"""


def write_config(folder: Path, values: Mapping[str, str]) -> Path:
    """`engine.toml` that only its owner reads. `values`: by flat name."""
    tables: dict[str, list[str]] = {}
    for each in KEYS:
        if each.flat in values:
            tables.setdefault(each.table, []).append(f"{each.name} = {json.dumps(values[each.flat])}")
    file = folder / "engine.toml"
    file.write_text("\n".join(f"[{table}]\n" + "\n".join(rows) for table, rows in tables.items()))
    file.chmod(0o600)
    return file


@contextlib.contextmanager
def running(file: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The engine as a child process; and where it listens, as its first line says."""
    command = [sys.executable, "-c", CHILD, "run", "--config", str(file)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert child.stderr is not None
        line = until(child, "started")
        found = re.search(r"listening=(\S+)", line)
        assert found is not None, line
        yield child, f"http://{found[1]}"
    finally:
        child.kill()
        child.communicate()


def until(child: subprocess.Popen[str], event: str) -> str:
    """Read the child's log up to such an event."""
    assert child.stderr is not None
    read = []
    for line in child.stderr:
        read.append(line)
        if f"event={event}" in line:
            return line
    raise AssertionError(f"no {event}: {''.join(read)}")
