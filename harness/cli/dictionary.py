"""`syncproof dictionary lint | rules | show | flowchart`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from harness.cli.guard import EXIT_FINDING, EXIT_HELD, UsageError, guard, say

if TYPE_CHECKING:
    from sync_engine.dictionary import Dictionary
    from sync_engine.dictionary.lint import Finding
    from sync_engine.dictionary.metadata import LiveMetadata

Renderer = TypeVar("Renderer")
WIDTH_OF_A_FILE = 180
dictionary = typer.Typer(name="dictionary", help="Data dictionaries: check, show and draw them.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="The data dictionary, a YAML file.")]
Crm = Annotated[str | None, typer.Option(help="The CRM vendor to read it for, where `bindings` names several.")]
Erp = Annotated[str | None, typer.Option(help="The ERP vendor to read it for, where `bindings` names several.")]


@dictionary.command("lint")
def dictionary_lint(
    file: File,
    crm: Annotated[str | None, typer.Option(help="The live CRM's base URL: its fields are compared.")] = None,
    crm_token: Annotated[str | None, typer.Option(help="Its access token.", envvar="SYNCPROOF_CRM_TOKEN")] = None,
    erp: Annotated[str | None, typer.Option(help="The live ERP's base URL: its fields are compared.")] = None,
    erp_key: Annotated[str | None, typer.Option(help="Its API key and secret, as key:secret.", envvar="SYNCPROOF_ERP_KEY")] = None,
    crm_vendor: Annotated[str | None, typer.Option(help="The CRM vendor to read it for, where `bindings` names several.")] = None,
    erp_vendor: Annotated[str | None, typer.Option(help="The ERP vendor to read it for, where `bindings` names several.")] = None,
    fakes: Annotated[bool, typer.Option("--fakes", help="Compare with the bundled fakes of both vendors instead.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings are findings too: exit code 1.")] = False,
    json: Annotated[bool, typer.Option("--json", help="The findings as JSON.")] = False,
) -> None:
    """Find what is lossy, contradictory or missing in a data dictionary. Exit code 1 when there is an error.

    Example: syncproof dictionary lint scenarios/full-cycle.dictionary.yaml --fakes
    """

    def work() -> int:
        from sync_engine.dictionary import load
        from sync_engine.dictionary.lint import lint

        loaded = load(file, crm_vendor, erp_vendor)
        metadata, close = _metadata(loaded, crm, crm_token, erp, erp_key, fakes)
        try:
            findings = lint(loaded, file.read_text(encoding="utf-8"), metadata, engine=True)
        finally:
            close()
        say(_as_json(findings) if json else _as_lines(findings, str(file)))
        errors = sum(1 for each in findings if each.level == "error")
        return EXIT_FINDING if errors or (strict and findings) else EXIT_HELD

    guard(work)


@dictionary.command("rules")
def dictionary_rules() -> None:
    """List the rules of `syncproof dictionary lint`."""

    def work() -> int:
        from sync_engine.dictionary.lint import RULES

        width = max(map(len, RULES))
        for rule in RULES.values():
            say(f"{rule.id:<{width}}  {rule.level:<7}  {rule.finds}; {rule.remedy}{' (live)' if rule.live else ''}")
        return EXIT_HELD

    guard(work)


@dictionary.command("show")
def dictionary_show(
    file: File,
    format: Annotated[str, typer.Option(help="table, markdown or json.")] = "table",
    crm: Crm = None,
    erp: Erp = None,
) -> None:
    """Show every field of a data dictionary: where it lives, which way it flows, what happens on the way.

    Example: syncproof dictionary show scenarios/full-cycle.dictionary.yaml --format markdown
    """

    def work() -> int:
        from sync_engine.dictionary import load, show

        loaded = load(file, crm, erp)
        renderers: dict[str, Callable[[Dictionary], None]] = {
            "table": _print_table,
            "markdown": lambda each: say(show.as_markdown(each)),
            "json": lambda each: say(show.as_json(each)),
        }
        _chosen(format, renderers)(loaded)
        return EXIT_HELD

    guard(work)


@dictionary.command("flowchart")
def dictionary_flowchart(
    file: File,
    process: Annotated[str | None, typer.Option(help="One process; all of them where nothing is said.")] = None,
    format: Annotated[str, typer.Option(help="mermaid or svg.")] = "mermaid",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file to write; else standard output.")] = None,
    crm: Crm = None,
    erp: Erp = None,
) -> None:
    """Draw what sets each process off and what follows, in lanes: CRM, engine, ERP, people.

    Example: syncproof dictionary flowchart scenarios/full-cycle.dictionary.yaml --process amendment
    """

    def work() -> int:
        from sync_engine.dictionary import load
        from sync_engine.dictionary.flowchart import charts
        from sync_engine.dictionary.mermaid import mermaid
        from sync_engine.dictionary.svg import svg

        render = _chosen(format, {"mermaid": mermaid, "svg": svg})
        text = render(charts(load(file, crm, erp), process))
        if output is None:
            say(text.rstrip("\n"))
            return EXIT_HELD
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"cannot write {output}: {error.strerror}") from None
        return EXIT_HELD

    guard(work)


def _chosen(name: str, known: Mapping[str, Renderer]) -> Renderer:
    from sync_engine.dictionary import nearest

    if name not in known:
        raise UsageError(f"unknown format {name!r}{nearest(name, list(known))}")
    return known[name]


def _as_lines(findings: list[Finding], source: str) -> str:
    errors = sum(1 for each in findings if each.level == "error")
    count = f"{_counted(errors, 'error')}, {_counted(len(findings) - errors, 'warning')}"
    lines = [each.text(source) for each in findings]
    return "\n".join([*lines, f"{source}: {count if findings else 'nothing to find fault with'}"])


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _as_json(findings: list[Finding]) -> str:
    import json
    from dataclasses import asdict

    return json.dumps([asdict(each) for each in findings], indent=2, ensure_ascii=False)


def _print_table(loaded: Dictionary) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from harness.cli.guard import standard_output
    from sync_engine.dictionary import show

    table = Table("field", "system of record", "flow", "CRM", "ERP", "on the way", "when both changed")
    entity = ""
    for row in show.rows(loaded):
        if row.entity != entity:
            table.add_section()
            table.add_row(Text(row.entity, style="bold"))
            entity = row.entity
        ends = (f"{row.crm_field}: {row.crm_type}", f"{row.erp_field}: {row.erp_type}")
        cells = (row.field, row.system_of_record, row.direction, *ends, row.transformation, row.conflict)
        table.add_row(*(Text(cell) for cell in cells))
    with standard_output():
        Console(width=None if sys.stdout.isatty() else WIDTH_OF_A_FILE).print(table)


def _metadata(
    loaded: Dictionary, crm: str | None, crm_token: str | None, erp: str | None, erp_key: str | None, fakes: bool
) -> tuple[LiveMetadata | None, Callable[[], None]]:
    """The live systems that were asked for, and how to let go of them."""
    from harness.run import metadata

    if fakes:
        if crm or erp:
            raise UsageError("--fakes stands for both systems; leave --crm and --erp out")
        return metadata.of_fakes(loaded.crm, loaded.erp), lambda: None
    for address, secret, option, words in ((crm, crm_token, "--crm", "--crm-token"), (erp, erp_key, "--erp", "--erp-key")):
        if address and not secret:
            raise UsageError(f"{option} needs {words}")
    if not crm and not erp:
        return None, lambda: None
    live = metadata.Doors(crm, crm_token, erp, erp_key, (loaded.crm, loaded.erp))
    return live.metadata, live.close
