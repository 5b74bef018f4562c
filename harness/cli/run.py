"""`syncproof run`: a scenario against an engine, judged and reported."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness import __version__
from harness.cli.guard import EXIT_FINDING, EXIT_HELD, EXIT_UNKNOWN, UsageError, guard, say, standard_output

if TYPE_CHECKING:
    from harness.report.result import RunResult
    from harness.run.parts import Choice

Replicas = Annotated[int | None, typer.Option(min=1, help="How many replicas of the engine share its store.")]
Store = Annotated[
    str | None,
    typer.Option(help="Where the engine keeps its state, as it understands it: for middleware a PostgreSQL address."),
]
Seeds = Annotated[
    str | None,
    typer.Option(help="Many seeds, such as 1..200, in several processes, until one is violated.", metavar="FIRST..LAST"),
]
Jobs = Annotated[int | None, typer.Option(min=1, help="With --seeds: how many processes; one a core where nothing is said.")]
Live = Annotated[
    bool, typer.Option("--live", help="Over real sockets, the engine as a process of its own that is killed on the way.")
]


def run(
    scenario: Annotated[str, typer.Argument(help="A scenario's name (see `syncproof scenarios`) or the path of a scenario file.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same run, byte for byte.")] = 1,
    crm: Annotated[str | None, typer.Option(help="Play the CRM with this vendor instead of the scenario's.")] = None,
    erp: Annotated[str | None, typer.Option(help="Play the ERP with this vendor instead of the scenario's.")] = None,
    engine: Annotated[
        str | None, typer.Option(help="Judge this engine: a bundled one's name, or package.module:attribute of yours.")
    ] = None,
    weather: Annotated[str | None, typer.Option(help="The faults of the day: a profile's name or file.")] = None,
    flows: Annotated[int | None, typer.Option(min=1, help="How many business cases, instead of the scenario's number.")] = None,
    replicas: Replicas = None,
    store: Store = None,
    seeds: Seeds = None,
    jobs: Jobs = None,
    live: Live = False,
    report: Annotated[Path | None, typer.Option(help="Write report.html, junit.xml and result.json into this folder.")] = None,
    junit: Annotated[Path | None, typer.Option(help="Write the verdicts as JUnit XML to this file.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON and nothing else.")] = False,
    check_determinism: Annotated[
        bool, typer.Option("--check-determinism", help="Run twice in two processes and compare the journals.")
    ] = False,
) -> None:
    """Run a scenario against an engine and judge it.

    Example: syncproof run quote-to-cash --seed 7 --report out
    """
    from harness.run.parts import Choice

    choice = Choice(scenario, seed, crm, erp, engine, weather, flows, replicas, store)
    if seeds is not None:
        guard(lambda: _campaign(choice, seeds, jobs, live, json or report is not None or junit is not None or check_determinism))
    if check_determinism:
        guard(lambda: _check_determinism(choice, live, json or report is not None or junit is not None))
    guard(lambda: _run(choice, live, report, junit, json))


def _run(choice: Choice, live: bool, report: Path | None, junit: Path | None, as_json: bool) -> int:
    from rich.console import Console

    from harness.oracles.finding import Verdict
    from harness.report.json_report import to_json
    from harness.report.result import make_result
    from harness.report.terminal import print_result
    from harness.run.progress import show_progress
    from harness.run.runner import run_scenario

    _check_places(report, junit)
    with show_progress(enabled=not as_json) as progress:
        done = run_scenario(choice, live=live, progress=progress)
    result = make_result(done.history, done.judgements, done.verdict, __version__)
    written = _write(result, report, junit)
    with standard_output():
        if as_json:
            sys.stdout.buffer.write(to_json(result) + b"\n")
        else:
            print_result(result, Console(), written)
    return {Verdict.HELD: EXIT_HELD, Verdict.VIOLATED: EXIT_FINDING, Verdict.UNKNOWN: EXIT_UNKNOWN}[done.verdict]


@contextmanager
def _report_folders(report: Path | None, junit: Path | None) -> Iterator[list[Path]]:
    """The folders of the files, made where missing. What keeps us from writing there becomes a sentence: raises UsageError."""
    folders = [folder for folder in (report, junit.parent if junit is not None else None) if folder is not None]
    try:
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
        yield folders
    except OSError as error:
        raise UsageError(f"cannot write the report: {error}; name a folder that you may write to") from None


def _check_places(report: Path | None, junit: Path | None) -> None:
    """Before the run: a verdict must not be lost because its file cannot be written."""
    with _report_folders(report, junit) as folders:
        for folder in folders:
            if not os.access(folder, os.W_OK):
                raise PermissionError(f"{folder} is not writable for you")


def _write(result: RunResult, report: Path | None, junit: Path | None) -> list[Path]:
    from harness.report.files import write_reports
    from harness.report.junit import to_junit

    with _report_folders(report, junit):
        written = write_reports(result, report) if report is not None else []
        if junit is not None:
            junit.write_bytes(to_junit(result))
            written.append(junit)
    return written


def _campaign(choice: Choice, seeds: str, jobs: int | None, live: bool, more: bool) -> int:
    if more or live:
        raise UsageError("--seeds runs many simulations and prints one line for each. Leave out what is about a single run.")
    from harness.run.campaign import read_seeds, run_seeds

    first, last = read_seeds(seeds)
    return EXIT_FINDING if run_seeds(choice, range(first, last + 1), jobs, say) else EXIT_HELD


def _check_determinism(choice: Choice, live: bool, reports: bool) -> int:
    if reports:
        raise UsageError("--check-determinism compares journals and writes no report. Leave out --report, --junit and --json.")
    if live:
        raise UsageError(
            "--check-determinism is about simulation; a live run depends on the machine's own clock. Leave out --live."
        )
    from harness.run.determinism import compare_two_processes

    comparison = compare_two_processes(choice)
    if comparison.equal:
        size = comparison.bytes_each[0]
        say(f"equal: two processes with different hash seeds wrote the same {size:,} bytes of journal")
        say(f"sha256 {comparison.digest}")
        return EXIT_HELD
    typer.echo(f"different: the two journals part at {comparison.first_difference}", err=True)
    return EXIT_FINDING
