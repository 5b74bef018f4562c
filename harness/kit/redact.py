"""Keeps credentials out of journals: values of fields whose names say that they are secret, in JSON, forms and query strings."""

from __future__ import annotations

import re

HIDDEN = "(hidden)"
_NAMES = r"(?:pwd|password|hapikey|tokenKey|[a-z_]*secret|access_token|refresh_token)"
_IN_JSON = re.compile(rf'("{_NAMES}"\s*:\s*)"(?:[^"\\]|\\.)*"')
_IN_FORM = re.compile(rf"((?:^|&){_NAMES}=)[^&]*")
_HINTS = ("pwd", "password", "hapikey", "tokenKey", "secret", "_token")


def without_credentials(text: str) -> str:
    """The text with every secret value replaced. Costs one look for hints where there is nothing to hide."""
    for hint in _HINTS:
        if hint in text:
            break
    else:
        return text
    return _IN_FORM.sub(rf"\1{HIDDEN}", _IN_JSON.sub(rf'\1"{HIDDEN}"', text))
