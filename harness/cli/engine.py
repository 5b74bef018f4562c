"""`syncproof engine …`: the engine's own command line, handed through."""

from __future__ import annotations

import typer


def engine(context: typer.Context) -> None:
    """Run and look after the reference engine: the same as the command syncproof-engine.

    Example: syncproof engine run --config engine.toml
    """
    from sync_engine.cli import main

    raise typer.Exit(main(context.args or ["--help"]))
