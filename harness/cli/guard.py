"""How a command ends: exit codes, sentences for people, confessions of ours; and how it speaks to standard output."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import typer

EXIT_HELD, EXIT_FINDING, EXIT_USAGE, EXIT_UNKNOWN, EXIT_OURS = 0, 1, 2, 3, 4


class UsageError(ValueError):
    """The person at the keyboard asked for something that cannot be."""


@contextmanager
def standard_output() -> Iterator[None]:
    """Write to it, to the last byte. A full disk or a reader that has left is no error of ours: raises UsageError."""
    try:
        yield
        sys.stdout.flush()
    except (OSError, SystemExit) as error:  # rich leaves by SystemExit where nobody reads any more
        with suppress(OSError, ValueError):  # what is left must not be tried again when Python ends
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        reason = error.strerror if isinstance(error, OSError) else os.strerror(errno.EPIPE)
        raise UsageError(f"cannot write to standard output: {reason}; what was to be said there is lost") from None


def say(text: str) -> None:
    with standard_output():
        typer.echo(text)


def guard(work: Callable[[], int]) -> None:
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
