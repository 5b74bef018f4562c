"""How HubSpot signs its calls. Source: facts section 12.4; the test vectors there are tests here."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Collection

_DECODED = {
    "%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$", "%27": "'",
    "%28": "(", "%29": ")", "%2A": "*", "%2C": ",", "%3B": ";",
}  # fmt: skip


def v1(secret: str, body: bytes) -> str:
    """Hex SHA-256 of secret and body: CRM event webhooks."""
    return hashlib.sha256(secret.encode() + body).hexdigest()


def v2(secret: str, method: str, uri: str, body: bytes) -> str:
    """Hex SHA-256 of secret, method, full URL and body: workflow webhooks and cards."""
    return hashlib.sha256(f"{secret}{method}{uri}".encode() + body).hexdigest()


def v3(secret: str, method: str, uri: str, body: bytes, timestamp_ms: int) -> str:
    """Base64 HMAC-SHA256 over method, URL (these few sequences decoded), body and timestamp."""
    text = f"{method}{decoded_uri(uri)}".encode() + body + str(timestamp_ms).encode()
    return b64encode(hmac.new(secret.encode(), text, hashlib.sha256).digest()).decode()


def headers(versions: Collection[str], secret: str, method: str, uri: str, body: bytes, sent_at_ms: int) -> dict[str, str]:
    """The headers of a signed call: v1 and v2 share theirs, v3 has its own and comes beside either."""
    found = {}
    if "v1" in versions or "v2" in versions:
        version = "v1" if "v1" in versions else "v2"
        found["x-hubspot-signature"] = v1(secret, body) if version == "v1" else v2(secret, method, uri, body)
        found["x-hubspot-signature-version"] = version
    if "v3" in versions:
        found["x-hubspot-signature-v3"] = v3(secret, method, uri, body, sent_at_ms)
    found["x-hubspot-request-timestamp"] = str(sent_at_ms)
    return found


def decoded_uri(uri: str) -> str:
    for sequence, character in _DECODED.items():
        if "%" not in uri:
            break
        uri = uri.replace(sequence, character).replace(sequence.lower(), character)
    return uri
