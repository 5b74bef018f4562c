"""`syncproof`: arguments and exit codes only. 0 held, 1 finding, 2 bad usage, 3 nothing was exercised, 4 our own error."""

from __future__ import annotations

from typing import Annotated

import typer

from harness import __version__
from harness.cli.catalogue import contract_show, scenarios
from harness.cli.dictionary import dictionary
from harness.cli.engine import engine
from harness.cli.run import run
from harness.cli.serve import serve

# Everything else is imported by the command that needs it: `serve` has to answer within 400 ms of its start, and the simulator,
# the oracles and the report would cost it that alone.

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


app.command()(run)
app.command()(serve)
app.command()(scenarios)
app.command(add_help_option=False, context_settings={"ignore_unknown_options": True})(engine)

contracts = typer.Typer(name="contract", help="What the fakes serve, as OpenAPI documents.", no_args_is_help=True)
contracts.command("show")(contract_show)
app.add_typer(contracts)
app.add_typer(dictionary)


def main() -> None:
    app()
