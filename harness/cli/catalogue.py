"""What there is: `syncproof scenarios`, `syncproof contract show`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from harness.cli.guard import EXIT_HELD, guard, say, standard_output


def scenarios() -> None:
    """List the scenarios and weather profiles that come with syncproof."""

    def work() -> int:
        from harness.run.scenario import load_scenario, scenario_names, weather_names

        for name in scenario_names():
            loaded = load_scenario(name)
            say(f"{name:<18} {loaded.scenario.description}")
        say(f"\nweather: {', '.join(weather_names())}")
        return EXIT_HELD

    guard(work)


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

        text = contract_text(vendor, version, format)
        with standard_output():
            sys.stdout.buffer.write(text.encode() + b"\n")
        return EXIT_HELD

    guard(work)
