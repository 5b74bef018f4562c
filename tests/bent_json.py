"""JSON values with one place of them replaced: for tests that bend a good body."""

from __future__ import annotations

from typing import Any


def places(body: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path into a JSON value, itself included."""
    inner = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    return [at, *(each for key, value in inner for each in places(value, (*at, key)))]


def replaced(body: Any, at: tuple[Any, ...], value: Any) -> Any:
    """A copy of a JSON value with something else at one place."""
    if not at:
        return value
    copy = dict(body) if isinstance(body, dict) else list(body)
    copy[at[0]] = replaced(body[at[0]], at[1:], value)
    return copy
