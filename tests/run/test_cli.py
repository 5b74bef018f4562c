"""The command line: what it prints, its exit codes, and one clear sentence for everything a person can get wrong."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

import harness
from harness.run.scenario import scenarios_dir

HERE = Path(__file__).parent


def syncproof(*arguments: str, cwd: Path = HERE) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would, in the folder of the broken engines."""
    return subprocess.run(
        [sys.executable, "-m", "harness.cli", *arguments], capture_output=True, text=True, cwd=cwd, timeout=120, check=False
    )


def test_a_held_run_says_so_writes_its_reports_and_exits_0(tmp_path: Path) -> None:
    done = syncproof("run", "quote-to-cash", "--seed", "7", "--flows", "10", "--report", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    assert "held" in done.stdout.lower()
    assert "report.html" in done.stdout
    assert (tmp_path / "out" / "report.html").read_text(encoding="utf-8").lower().startswith("<!doctype html>")
    assert ElementTree.parse(tmp_path / "out" / "junit.xml").getroot() is not None


def test_a_violated_run_exits_1_and_shows_the_command_that_replays_it(tmp_path: Path) -> None:
    done = syncproof("run", "quote-to-cash", "--seed", "7", "--engine", "point-to-point", "--junit", str(tmp_path / "junit.xml"))
    assert done.returncode == 1, done.stderr
    assert "syncproof run quote-to-cash --seed 7 --engine point-to-point" in done.stdout
    assert "silently lost error" in done.stdout
    assert "duplicate" in done.stdout
    suite = ElementTree.parse(tmp_path / "junit.xml").getroot()
    assert suite.findall(".//failure")


def test_json_prints_one_document_and_nothing_else() -> None:
    done = syncproof("run", "quote-to-cash", "--seed", "7", "--flows", "5", "--json")
    assert done.stderr == ""
    assert json.loads(done.stdout)["verdict"] == "held"


def test_check_determinism_says_equal() -> None:
    done = syncproof("run", "quote-to-cash", "--flows", "5", "--check-determinism")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("equal: ")


def test_version_and_scenarios() -> None:
    assert syncproof("--version").stdout == f"syncproof {harness.__version__}\n"
    assert "quote-to-cash" in syncproof("scenarios").stdout


def broken_copy(folder: Path, name: str, old: str, new: str) -> str:
    for file in ("quote-to-cash.toml", "hubspot-erpnext.dictionary.yaml"):
        text = (scenarios_dir() / file).read_text(encoding="utf-8")
        (folder / file).write_text(text.replace(old, new) if file == name else text, encoding="utf-8")
    return str(folder / "quote-to-cash.toml")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["run", "quote-to-csh"], "unknown scenario 'quote-to-csh'; did you mean 'quote-to-cash'?"),
        (["run", "quote-to-cash", "--crm", "hubspott"], "unknown fake 'hubspott'; did you mean 'hubspot'?"),
        (["run", "quote-to-cash", "--erp", "erpnex"], "unknown fake 'erpnex'; did you mean 'erpnext'?"),
        (["run", "quote-to-cash", "--crm", "erpnext"], "'erpnext' is an ERP; it cannot play the CRM (--crm)"),
        (["run", "quote-to-cash", "--engine", "midleware"], "unknown engine 'midleware'; did you mean 'middleware'?"),
        (["run", "quote-to-cash", "--engine", "no_such_module:SPEC"], "No module named 'no_such_module'"),
        (["run", "quote-to-cash", "--engine", "broken_engines:NOT_AN_ENGINE"], "is no EngineSpec"),
        (["run", "quote-to-cash", "--engine", "broken_engines:DIES_AT_START"], "no API key configured"),
        (["run", "quote-to-cash", "--engine", "broken_engines:DIES_AT_START", "--live"], "no API key configured"),
        (["run", "quote-to-cash", "--engine", "broken_engines:LEAVES_AT_START"], "it called sys.exit(0)"),
        (["run", "quote-to-cash", "--engine", "broken_engines:LEAVES_WHILE_MADE"], "SystemExit: 0"),
        (["run", "quote-to-cash", "--engine", "leaves_when_imported:SPEC"], "importing leaves_when_imported failed: SystemExit: 0"),
        (["run", "quote-to-cash", "--weather", "office-dya"], "unknown weather 'office-dya'; did you mean 'office-day'?"),
        (["run", "quote-to-cash", "--check-determinism", "--engine", "broken_engines:DIES_AT_START"], "no API key configured"),
        (["run", "quote-to-cash", "--check-determinism", "--engine", "broken_engines:LEAVES_WHILE_MADE"], "SystemExit: 0"),
        (["run", "gone.toml"], "there is no scenario file gone.toml"),
        (["run", "quote-to-cash", "--check-determinism", "--live"], "Leave out --live"),
        (["run", "quote-to-cash", "--check-determinism", "--json"], "writes no report"),
        (["serve", "--crm", "hubspott", "--port-crm", "0"], "did you mean 'hubspot'?"),
        (["serve", "--crm", "hubspot", "--port-crm", "0", "--crm-tier", "profesional"], "professional"),
        (["serve", "--port-crm", "0", "--port-erp", "0", "--webhook-crm", "ftp://x/y"], "'ftp://x/y' is no webhook address"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_is_one_clear_sentence_and_exit_code_2(arguments: list[str], sentence: str) -> None:
    done = syncproof(*arguments)
    assert done.returncode == 2, done.stderr
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_an_engine_that_never_comes_up_is_told_in_the_same_words_by_a_run_and_by_two() -> None:
    arguments = ["run", "quote-to-cash", "--engine", "broken_engines:DIES_AT_START"]
    one, two = syncproof(*arguments), syncproof(*arguments, "--check-determinism")
    assert (one.returncode, one.stderr) == (two.returncode, two.stderr)


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        ("quote-to-cash.toml", "flows = 40", "flwos = 40", "did you mean 'flows'?"),
        ("quote-to-cash.toml", "[workload]", "[workload", "not valid TOML"),
        ("hubspot-erpnext.dictionary.yaml", "owner: crm", "ownr: crm", "did you mean 'owner'?"),
        ("hubspot-erpnext.dictionary.yaml", "entities:", "entities: [", "not valid YAML"),
    ],
)
def test_a_malformed_file_is_one_clear_sentence_and_exit_code_2(
    tmp_path: Path, file: str, old: str, new: str, sentence: str
) -> None:
    scenario = broken_copy(tmp_path, file, old, new)
    done, twice = syncproof("run", scenario), syncproof("run", scenario, "--check-determinism")
    assert done.returncode == 2, done.stderr
    assert sentence in done.stderr
    assert file in done.stderr
    assert "Traceback" not in done.stderr
    assert (twice.returncode, twice.stderr) == (2, done.stderr)


def test_a_port_in_use_is_named_with_a_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = syncproof("serve", "--crm", "hubspot", "--port-crm", str(port))
    assert done.returncode == 2, done.stderr
    assert f"cannot listen on 127.0.0.1 port {port}: something else listens there already" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("engine", ["LEAVES_LATER", "LEAVES_OVER_WEBHOOKS"])
def test_an_engine_that_ends_its_process_never_ends_ours_with_its_code(engine: str) -> None:
    """Exit code 0 means held. An engine that leaves is started again, and what it left undone is a finding."""
    done = syncproof("run", "quote-to-cash", "--flows", "4", "--weather", "calm", "--engine", f"broken_engines:{engine}")
    assert done.returncode == 1, done.stderr
    assert "VIOLATED" in done.stdout
    assert "Traceback" not in done.stderr


def test_an_engine_whose_background_task_leaves_is_named(tmp_path: Path) -> None:
    done = syncproof("run", "quote-to-cash", "--flows", "4", "--engine", "broken_engines:LEAVES_IN_THE_BACKGROUND")
    assert done.returncode == 2, done.stderr
    assert "a background task of the engine called sys.exit(0)" in done.stderr


def test_a_live_run_that_is_told_to_stop_leaves_no_engine_behind(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "harness.cli",
        "run",
        "quote-to-cash",
        "--live",
        "--engine",
        "broken_engines:TELLS_ITS_PROCESS",
    ]
    note = tmp_path / "pid"
    environment = {**os.environ, "TELLTALE": str(note)}
    run = subprocess.Popen(command, cwd=HERE, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert run.stderr is not None
    run.stderr.readline()  # the first line of progress: the engine is up and people are at work
    engine = int(note.read_text())
    run.terminate()
    run.communicate(timeout=30)
    assert run.returncode == 130
    with pytest.raises(ProcessLookupError):
        os.kill(engine, 0)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = syncproof("run", "quote-to-cash", "--flows", "3", "--report", str(tmp_path / "file" / "out"))
    assert done.returncode == 2, done.stderr
    assert "cannot write the report" in done.stderr
    assert len(done.stderr.splitlines()) == 1, "told before the run, not after it"


needs_a_full_disk = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")


@needs_a_full_disk
@pytest.mark.parametrize(
    "arguments", [["run", "quote-to-cash", "--flows", "2", "--json"], ["run", "quote-to-cash", "--flows", "2"], ["scenarios"]]
)
def test_a_full_disk_is_the_persons_and_not_our_error(arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "harness.cli", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 2, done.stderr
    assert done.stderr.splitlines()[-1] == (
        "syncproof: cannot write to standard output: No space left on device; what was to be said there is lost"
    )
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.parametrize("more", [["--json"], []])
def test_a_reader_that_leaves_is_not_our_error(more: list[str]) -> None:
    command = [sys.executable, "-m", "harness.cli", "run", "quote-to-cash", "--flows", "2", *more]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert run.stdout is not None
    assert run.stderr is not None
    run.stdout.close()
    told = run.stderr.read()
    run.stderr.close()
    assert run.wait(timeout=60) == 2, told
    assert "cannot write to standard output: Broken pipe" in told
