"""Addresses: which hosts are this machine, what a Host header names, where webhooks can be sent."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

WILDCARDS = frozenset({"", "0.0.0.0", "::"})


class BadRequest(ValueError):
    """What the caller has to change, in one sentence; answered with 400."""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`: `localhost`, a name below it, 127.0.0.0/8 or ::1."""
    name = host.strip("[]").lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def checked_address(url: Any) -> str:
    """The URL, if webhooks can be sent to it. Raises BadRequest that says what is wrong."""
    if not isinstance(url, str) or not url:
        raise BadRequest(f"a webhook address is an http or https URL such as http://127.0.0.1:5000/hook, not {url!r}")
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is none, a bracket that is not closed
        fine = False
    if not fine or not url.isprintable() or " " in url:
        raise BadRequest(f"{url!r} is no webhook address: expected an http or https URL such as http://127.0.0.1:5000/hook")
    return url


def host_name(host: str) -> str:
    """The name in a Host header, without its port: `[::1]:8000` is `::1`."""
    if host.startswith("["):
        return host[1:].split("]", 1)[0].lower()
    return host.rsplit(":", 1)[0].lower() if host.count(":") == 1 else host.lower()
