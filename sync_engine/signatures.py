"""Whether a webhook call really comes from the vendor. Compared over the raw bytes as they arrived."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256

AGE_MAX = timedelta(minutes=5)  # hubspot/facts.md 12.4
_DECODED = {
    "%3A": ":",
    "%2F": "/",
    "%3F": "?",
    "%40": "@",
    "%21": "!",
    "%24": "$",
    "%27": "'",
    "%28": "(",
    "%29": ")",
    "%2A": "*",
    "%2C": ",",
    "%3B": ";",
}


def hubspot_v3(secret: str, method: str, uri: str, body: bytes, timestamp: str) -> str:
    """base64 HMAC-SHA256 over method + URI (a few sequences decoded) + body + timestamp (epoch ms as sent)."""
    if "%" in uri:
        for encoded, plain in _DECODED.items():
            uri = uri.replace(encoded, plain).replace(encoded.lower(), plain)
    signed = f"{method}{uri}".encode() + body + timestamp.encode()
    return base64.b64encode(hmac.digest(secret.encode(), signed, sha256)).decode("ascii")


def is_from_hubspot(secret: str, method: str, uri: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """`headers` has lower-case names. Old timestamps are refused: a recorded call cannot be replayed later."""
    given, timestamp = headers.get("x-hubspot-signature-v3", ""), headers.get("x-hubspot-request-timestamp", "")
    if not given or not (timestamp.isascii() and timestamp.isdigit()) or len(timestamp) > 15:
        return False
    age_ms = int(now.timestamp() * 1000) - int(timestamp)
    if abs(age_ms) > AGE_MAX / timedelta(milliseconds=1):
        return False
    return hmac.compare_digest(given.encode(), hubspot_v3(secret, method, uri, body, timestamp).encode())


def frappe(secret: str, body: bytes) -> str:
    """base64 HMAC-SHA256 over the raw body (erpnext/facts.md 6.3)."""
    return base64.b64encode(hmac.digest(secret.encode(), body, sha256)).decode("ascii")


def is_from_frappe(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    given = headers.get("x-frappe-webhook-signature", "")
    return bool(given) and hmac.compare_digest(given.encode(), frappe(secret, body).encode())
