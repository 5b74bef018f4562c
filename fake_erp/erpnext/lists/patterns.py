"""LIKE: `%` is any text, `_` one character, a backslash takes the next character as it is. Source: facts 2.3.1.

Without case and accents, but with trailing spaces, which only comparisons ignore (our guess after the database's rules). The pieces
between percent signs are looked for one after the other, so that no pattern takes long.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable


def like(pattern: str) -> Callable[[str], bool]:
    """A test for texts."""
    pieces = _pieces(pattern)
    first, *others = (re.compile("".join(piece), re.DOTALL) for piece in pieces)
    if not others:
        return lambda text: first.fullmatch(letters(text)) is not None
    *middle, last = others
    length = len(pieces[-1])

    def test(text: str) -> bool:
        text = letters(text)
        hit = first.match(text)
        for piece in middle:
            hit = hit and piece.search(text, hit.end())
        return hit is not None and len(text) - length >= hit.end() and last.match(text, len(text) - length) is not None

    return test


def letters(text: str) -> str:
    """Without case and accents. Plain text comes back at once."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return text.casefold()


def _pieces(pattern: str) -> list[list[str]]:
    """What stands between the percent signs, each character as an expression."""
    pieces: list[list[str]] = [[]]
    characters = iter(pattern)
    for c in characters:
        if c == "%":
            pieces.append([])
        elif c == "_":
            pieces[-1].append(".")
        else:
            taken = next(characters, "\\") if c == "\\" else c
            pieces[-1] += map(re.escape, letters(taken))
    return pieces
