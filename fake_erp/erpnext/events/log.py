"""Webhook Request Log: one document for every attempt, also for one that succeeds. Source: facts 6.4.

The vendor's nightly job clears logs after 30 days. Here the newest ones are kept up to a number (our guess), so that a server
that runs for weeks does not grow.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from fake_erp.erpnext.framework.site import Site
from harness.kit.webhooks import DeliveryResult

LOG = "Webhook Request Log"
_TRACE = (
    'Traceback (most recent call last):\n  File "apps/frappe/frappe/integrations/doctype/webhook/webhook.py", in enqueue_webhook\n'
)


def write_log(site: Site, hook: str, doc: Mapping[str, Any], url: str | None, user: str, **texts: str | None) -> None:
    """`texts` are `headers`, `data`, `response` and `error` (the traceback, empty when all went well)."""
    if not site.settings.webhook_request_log:
        return
    stamp, name, store = site.time.stamp(), site.random_name(), site.store
    values: dict[str, Any] = {
        "name": name,
        "owner": user,
        "creation": stamp,
        "modified": stamp,
        "modified_by": user,
        "docstatus": 0,
        "idx": 0,
        "webhook": hook,
        "reference_document": doc.get("name"),
        "url": url,
        "headers": None,
        "data": None,
        "user": user,
        "response": None,
        "error": None,
        **texts,
        "doctype": LOG,
    }
    if site.settings.version >= 16:
        values["reference_doctype"] = doc.get("doctype")
    with store.transaction():
        store.insert(LOG, name, values)
        while store.count(LOG) > site.settings.webhook_request_logs_max:
            store.delete(LOG, next(store.all(LOG)).id)


def error_of(result: DeliveryResult, url: str, timeout: int) -> str:
    """What the vendor's HTTP library raises; the words of connection errors are our guess."""
    if result.status is not None:
        try:
            reason = HTTPStatus(result.status).phrase
        except ValueError:
            reason = ""
        side = "Client" if result.status < 500 else "Server"
        return f"{_TRACE}requests.exceptions.HTTPError: {result.status} {side} Error: {reason} for url: {url}\n"
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    pool = f"{parts.scheme.upper()}ConnectionPool(host='{parts.hostname}', port={port})"
    if result.failure == "timeout":
        return f"{_TRACE}requests.exceptions.ReadTimeout: {pool}: Read timed out. (read timeout={timeout})\n"
    if result.failure == "refused":
        why = "Failed to establish a new connection: [Errno 111] Connection refused"
        return (
            f"{_TRACE}requests.exceptions.ConnectionError: {pool}: Max retries exceeded with url: {parts.path} (Caused by {why})\n"
        )
    why = "ConnectionResetError(104, 'Connection reset by peer')"
    return f"{_TRACE}requests.exceptions.ConnectionError: ('Connection aborted.', {why})\n"
