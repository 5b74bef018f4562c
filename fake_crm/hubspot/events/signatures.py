"""How HubSpot signs its calls. Source: facts section 12.4; the test vectors there are tests here."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode

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


def decoded_uri(uri: str) -> str:
    for sequence, character in _DECODED.items():
        if "%" not in uri:
            break
        uri = uri.replace(sequence, character).replace(sequence.lower(), character)
    return uri
