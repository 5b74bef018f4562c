"""`syncproof engine …`: the engine's own command line, handed through."""

from __future__ import annotations

from typing import Annotated

import typer


def engine(
    words: Annotated[list[str] | None, typer.Argument(metavar="COMMAND [...]", help="What syncproof-engine is to do.")] = None,
) -> None:
    """Run and look after the reference engine: the same as the command syncproof-engine.

    Example: syncproof engine run --config engine.toml
    """
    from sync_engine.cli import main

    raise typer.Exit(main(words or ["--help"]))
