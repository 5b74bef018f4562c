"""Proof that equal seeds give equal runs: one run in two processes with different hash seeds, journals compared byte for byte."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import msgspec

from harness.kit.journal import to_lines
from harness.run.parts import Choice
from harness.run.runner import find_parts
from harness.run.simulate import Progress, Simulation
from harness.sim.host import EngineDied
from sync_engine.dictionary import load as load_dictionary

HASH_SEEDS = ("1", "4242")
CAME_NOT_UP = 75  # how a process tells that its engine never came up; the reason stands where the journal would


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two journals of one choice. `first_difference` is empty when they are equal, else the line number and both lines."""

    bytes_each: tuple[int, int]
    digest: str
    first_difference: str

    @property
    def equal(self) -> bool:
        return not self.first_difference


class RunFailed(RuntimeError):
    """One of the two processes did not finish; the text is what it printed last."""


def compare_two_processes(choice: Choice) -> Comparison:
    """Raises RunFailed, EngineDied and DictionaryError as a run does, and what `find_parts` raises."""
    load_dictionary(find_parts(choice).loaded.dictionary_path)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="syncproof-")))
        paths = [folder / f"journal-{hash_seed}.jsonl" for hash_seed in HASH_SEEDS]
        processes = []
        for hash_seed, path in zip(HASH_SEEDS, paths, strict=True):
            processes.append(stack.enter_context(_start(choice, path, hash_seed)))
            stack.callback(processes[-1].kill)  # where the other one has failed, nobody waits for it
        for process, path in zip(processes, paths, strict=True):
            _wait_for(process, path)
        first, second = (path.read_bytes() for path in paths)
    return Comparison((len(first), len(second)), hashlib.sha256(first).hexdigest(), first_difference(first, second))


def _wait_for(process: subprocess.Popen[bytes], path: Path) -> None:
    """Raises RunFailed, and EngineDied with the sentence that a single run would have ended with."""
    _, errors = process.communicate()
    if process.returncode == CAME_NOT_UP:
        raise EngineDied(path.read_text(encoding="utf-8"))
    if process.returncode != 0:
        raise RunFailed(errors.decode(errors="replace").strip()[-2000:] or f"exit code {process.returncode}")


def first_difference(first: bytes, second: bytes) -> str:
    if first == second:
        return ""
    lines = zip(first.split(b"\n"), second.split(b"\n"), strict=False)
    for number, (left, right) in enumerate(lines, 1):
        if left != right:
            return f"line {number}:\n  {_cut(left)}\n  {_cut(right)}"
    return f"one journal ends early: {len(first)} and {len(second)} bytes"


def _cut(line: bytes) -> str:
    return line[:400].decode(errors="replace")


def _start(choice: Choice, path: Path, hash_seed: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    command = [sys.executable, "-m", "harness.run.determinism", str(path), msgspec.json.encode(choice).decode()]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def _write_journal(path: Path, choice: Choice) -> None:
    parts = find_parts(choice)
    try:
        history = Simulation(choice, parts.loaded, parts.crm, parts.erp, parts.engine, Progress()).run()
    except EngineDied as died:
        path.write_text(str(died), encoding="utf-8")
        sys.exit(CAME_NOT_UP)
    path.write_bytes(to_lines(history.entries))


if __name__ == "__main__":
    _write_journal(Path(sys.argv[1]), msgspec.json.decode(sys.argv[2], type=Choice))
