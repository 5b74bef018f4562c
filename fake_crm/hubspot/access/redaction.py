"""What a journal may keep of calls that carry secrets: codes, tokens, client secrets, developer keys.

Forms and queries of the OAuth routes keep only the fields that are known to be harmless, whatever else was sent and however it was
spelt; a body that is no form is hidden as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote_plus

from harness.kit.call import Call
from harness.kit.redact import HIDDEN, without_credentials

_HARMLESS = frozenset(
    {"grant_type", "client_id", "redirect_uri", "scope", "optional_scope", "token_type_hint", "code_challenge_method"}
)
_TOKENS = re.compile(r'("(?:token|access_token|refresh_token|signature|newSignature)":)"[^"]*"')
_SECRET_TAIL = re.compile(r"^(/*oauth/.*?-tokens/+)(.+)$", re.DOTALL)


def redacted(text: str, call: Call) -> str:
    """A body, a query or an answer as the journal may keep it."""
    path = call.path
    if "oauth/" in path and path.lstrip("/").startswith("oauth/"):
        return _of_oauth(text, call)
    if text and text == call.query and ("webhooks/" in path or "hapikey" in text.lower()):
        return _fields(text, lambda name: name.lower() != "hapikey")
    return without_credentials(text)


def redacted_path(path: str) -> str:
    """A path as the journal may keep it: two routes have a token in theirs."""
    return _SECRET_TAIL.sub(rf"\1{HIDDEN}", path) if "-tokens/" in path else path


def _of_oauth(text: str, call: Call) -> str:
    if text == call.query:
        return _fields(text, _HARMLESS.__contains__)
    if call.body and text == call.body.decode("utf-8", "replace"):
        return HIDDEN if text.lstrip().startswith(("{", "[", '"')) else _fields(text, _HARMLESS.__contains__)
    return _TOKENS.sub(rf'\1"{HIDDEN}"', text)


def _fields(text: str, may_stay: Callable[[str], bool]) -> str:
    """A form or query with the values of all other fields hidden, and fields without a name or value with them."""
    parts = []
    for part in text.split("&"):
        name, equals, _ = part.partition("=")
        if equals and may_stay(unquote_plus(name)):
            parts.append(part)
        elif part:
            parts.append(f"{name if name.isidentifier() and equals else ''}{equals}{HIDDEN}")
    return "&".join(parts)
