"""Keeps credentials out of journals: values of fields whose names say that they are secret, in JSON, forms and query strings."""

from __future__ import annotations

import re

HIDDEN = "(hidden)"
_NAMES = r"(?:pwd|password|hapikey|tokenKey|[a-z_]*secret|access_token|refresh_token)"
_IN_JSON = re.compile(rf'("{_NAMES}"\s*:\s*)"(?:[^"\\]|\\.)*"')
_IN_FORM = re.compile(rf"((?:^|&){_NAMES}=)[^&]*")


def may_hold_credentials(text: str) -> bool:
    """Whether a text says one of the names at all: a cheap look, written out because every text of a journal passes it."""
    return (
        "secret" in text
        or "_token" in text
        or "password" in text
        or "pwd" in text
        or "tokenKey" in text
        or "hapikey" in text
    )  # fmt: skip


def without_credentials(text: str) -> str:
    """The text with every secret value replaced."""
    if not may_hold_credentials(text):
        return text
    return _IN_FORM.sub(rf"\1{HIDDEN}", _IN_JSON.sub(rf'\1"{HIDDEN}"', text))
