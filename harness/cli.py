"""`syncproof`: arguments and exit codes only. 0 held, 1 finding, 2 bad usage, 3 nothing was exercised, 4 our own error."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness import __version__
from harness.kit.defaults import WEBHOOK_SECRET

if TYPE_CHECKING:
    from harness.report.result import RunResult
    from harness.run.parts import Choice

# Everything else is imported by the command that needs it: `serve` has to answer within 400 ms of its start, and the simulator,
# the oracles and the report would cost it that alone.

EXIT_HELD, EXIT_FINDING, EXIT_USAGE, EXIT_UNKNOWN, EXIT_OURS = 0, 1, 2, 3, 4

app = typer.Typer(
    name="syncproof",
    help="Proves that an ERP ⇄ CRM integration works before customers find out that it does not.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"syncproof {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Proves that an ERP ⇄ CRM integration works before customers find out that it does not."""


@app.command()
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
    live: Annotated[
        bool, typer.Option("--live", help="Over real sockets, the engine as a process of its own that is killed on the way.")
    ] = False,
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

    choice = Choice(scenario, seed, crm, erp, engine, weather, flows)
    if check_determinism:
        _guard(lambda: _check_determinism(choice, live, json or report is not None or junit is not None))
    _guard(lambda: _run(choice, live, report, junit, json))


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
    with _standard_output():
        if as_json:
            sys.stdout.buffer.write(to_json(result) + b"\n")
        else:
            print_result(result, Console(), written)
    return {Verdict.HELD: EXIT_HELD, Verdict.VIOLATED: EXIT_FINDING, Verdict.UNKNOWN: EXIT_UNKNOWN}[done.verdict]


class UsageError(ValueError):
    """The person at the keyboard asked for something that cannot be."""


@contextmanager
def _standard_output() -> Iterator[None]:
    """Write to it, to the last byte. A full disk or a reader that has left is no error of ours: raises UsageError."""
    try:
        yield
        sys.stdout.flush()
    except (OSError, SystemExit) as error:  # rich leaves by SystemExit where nobody reads any more
        with suppress(OSError, ValueError):  # what is left must not be tried again when Python ends
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        reason = error.strerror if isinstance(error, OSError) else os.strerror(errno.EPIPE)
        raise UsageError(f"cannot write to standard output: {reason}; what was to be said there is lost") from None


def _say(text: str) -> None:
    with _standard_output():
        typer.echo(text)


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
        _say(f"equal: two processes with different hash seeds wrote the same {size:,} bytes of journal")
        _say(f"sha256 {comparison.digest}")
        return EXIT_HELD
    typer.echo(f"different: the two journals part at {comparison.first_difference}", err=True)
    return EXIT_FINDING


@app.command()
def serve(
    crm: Annotated[str | None, typer.Option(help="Serve this CRM. With neither --crm nor --erp: hubspot and erpnext.")] = None,
    erp: Annotated[str | None, typer.Option(help="Serve this ERP.")] = None,
    port_crm: Annotated[int, typer.Option(min=0, max=65535, help="Port of the CRM; 0 takes any free one.")] = 8401,
    port_erp: Annotated[int, typer.Option(min=0, max=65535, help="Port of the ERP; 0 takes any free one.")] = 8402,
    host: Annotated[
        str, typer.Option(help="Address to listen on. Anything but loopback asks for a token on the control routes.")
    ] = "127.0.0.1",
    seed: Annotated[int, typer.Option(help="Decides ids and everything drawn by chance.")] = 1,
    data: Annotated[
        list[Path] | None,
        typer.Option(help="Start with your records: a CSV or JSON export of companies, deals or products. Repeatable."),
    ] = None,
    crm_tier: Annotated[
        str | None, typer.Option(help="The CRM's subscription tier, which sets its rate limits, e.g. professional.")
    ] = None,
    webhook_crm: Annotated[str | None, typer.Option(metavar="URL", help="Send the CRM's webhooks to this address.")] = None,
    webhook_erp: Annotated[str | None, typer.Option(metavar="URL", help="Send the ERP's webhooks to this address.")] = None,
    webhook_secret: Annotated[str, typer.Option(help="What webhooks are signed with.")] = WEBHOOK_SECRET,
) -> None:
    """Serve the fakes on loopback until Ctrl-C, with ready-to-paste credentials.

    Example: syncproof serve --crm hubspot --port-crm 8401
    """

    def work() -> int:
        from harness.run import serve as serving

        named = {"crm": webhook_crm, "erp": webhook_erp}
        webhooks = serving.WebhookTargets({system: url for system, url in named.items() if url is not None}, webhook_secret)
        fakes = serving.serve(crm, erp, port_crm, port_erp, host, seed, data or [], crm_tier, _say, webhooks)
        serving.on_the_fast_loop(fakes)
        return EXIT_HELD

    _guard(work)


@app.command()
def scenarios() -> None:
    """List the scenarios and weather profiles that come with syncproof."""

    def work() -> int:
        from harness.run.scenario import load_scenario, scenario_names, weather_names

        for name in scenario_names():
            loaded = load_scenario(name)
            _say(f"{name:<18} {loaded.scenario.description}")
        _say(f"\nweather: {', '.join(weather_names())}")
        return EXIT_HELD

    _guard(work)


contracts = typer.Typer(name="contract", help="What the fakes serve, as OpenAPI documents.", no_args_is_help=True)
app.add_typer(contracts)


@contracts.command("show")
def contract_show(
    vendor: Annotated[str, typer.Argument(help="The fake's name, e.g. hubspot.")],
    version: Annotated[
        str | None, typer.Option(help="Which of the vendor's path shapes, e.g. 2026-03; the usual one where nothing is said.")
    ] = None,
    format: Annotated[str, typer.Option(help="json or yaml.")] = "json",
) -> None:
    """Print the OpenAPI 3.1 document of what a fake serves.

    Example: syncproof contract show hubspot --version 2026-03
    """

    def work() -> int:
        from harness.run.contracts import contract_text

        sys.stdout.buffer.write(contract_text(vendor, version, format).encode() + b"\n")
        return EXIT_HELD

    _guard(work)


def _guard(work: Callable[[], int]) -> None:
    """Run a command; turn what people can mend into one sentence, and what they cannot into exit code 4."""
    try:
        code = work()
    except KeyboardInterrupt:
        code = 130
    except SystemExit as leaving:  # an exit code is a verdict here: nobody else may end the process with one
        _confess(leaving)
        code = EXIT_OURS
    except Exception as error:
        if isinstance(error, _what_people_can_mend()):
            typer.echo(f"syncproof: {error}", err=True)
            code = EXIT_USAGE
        else:
            _confess(error)
            code = EXIT_OURS
    raise typer.Exit(code)


def _what_people_can_mend() -> tuple[type[Exception], ...]:
    """Errors whose text is written for the person at the keyboard."""
    from harness.kit.server import CannotBind
    from harness.run.load import DataError
    from harness.run.registry import CannotLoad, UnknownName
    from harness.run.scenario import ScenarioError
    from harness.run.serve import CannotConnect
    from harness.sim.host import EngineDied
    from sync_engine.dictionary import DictionaryError

    return (UsageError, ScenarioError, UnknownName, CannotLoad, DictionaryError, EngineDied, CannotBind, CannotConnect, DataError)


def _confess(error: BaseException) -> None:
    """Say that it was us, and where; the whole trace only for those who ask."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    typer.echo(
        f"syncproof: this is an error of the harness itself, not a finding: {type(error).__name__}: {error} "
        f"({Path(where.filename).name}:{where.lineno}); SYNCPROOF_DEBUG=1 shows all of it",
        err=True,
    )
    if os.environ.get("SYNCPROOF_DEBUG"):
        traceback.print_exception(error)


def main() -> None:
    app()


if __name__ == "__main__":
    main()
