"""What a delivery says and how it is signed: address, headers and body, from the webhook and its copy of the document.

Source: facts 6.3. Everything is made once, when the background job runs; all attempts send the same bytes. Jinja is imported with
the first template: most sites have none, and a server starts the sooner.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, Final

from fake_erp.erpnext.errors import throw
from fake_erp.erpnext.events.views import DocView, Utils, plain
from fake_erp.erpnext.framework.meta import DocType

SIGNATURE: Final = "X-Frappe-Webhook-Signature"
WRONG_SECRET: Final = "a wrong secret"
ALWAYS: Final = {"User-Agent": "python-requests/2.32.3", "Accept-Encoding": "gzip, deflate", "Accept": "*/*"}  # by the HTTP library


class CannotRender(ValueError):
    """The job ends before anything is sent: a template that fails, or one that renders no JSON. The text says why."""


def check_template(text: str) -> None:
    """Raises Refused (417) for a template that Jinja cannot read; the words are our guess."""
    from jinja2 import TemplateError

    from fake_erp.erpnext.events.templates import template

    try:
        template(text)
    except (TemplateError, RecursionError) as error:
        raise throw(f"Syntax error in template as line {getattr(error, 'lineno', None) or 1}: {error}") from None


def render(text: str, doc: DocView, utils: Utils) -> str:
    """Raises CannotRender."""
    from fake_erp.erpnext.events.templates import render_template

    try:
        return render_template(text, doc, utils)
    except Exception as error:  # a template may stumble over anything, and the vendor's job catches everything as well
        raise CannotRender(f"{type(error).__name__}: {error}") from None


def url_of(hook: Mapping[str, Any], doc: DocView, utils: Utils) -> str:
    """The address, rendered where it is dynamic. Raises CannotRender."""
    url = str(hook.get("request_url") or "")
    return render(url, doc, utils) if hook.get("is_dynamic_url") else url


def data_of(hook: Mapping[str, Any], fields: Mapping[str, Any], table_of: Mapping[str, DocType], doc: DocView, utils: Utils) -> Any:
    """The rows of `webhook_data`, else the JSON template, else nothing: `{}`. `table_of` names the DocType of each table. Raises
    CannotRender."""
    rows = hook.get("webhook_data")
    if rows:
        return {row["key"]: _value(fields, table_of, row["fieldname"]) for row in rows}
    if not hook.get("webhook_json"):
        return {}
    try:
        return json.loads(render(hook["webhook_json"], doc, utils))
    except (ValueError, RecursionError) as error:
        raise CannotRender(f"{type(error).__name__}: {error}") from None


def _value(fields: Mapping[str, Any], table_of: Mapping[str, DocType], fieldname: str) -> Any:
    """A field as the document's own JSON shows it: rows with all their columns, nulls too."""
    value = fields.get(fieldname)
    if isinstance(value, list) and fieldname in table_of:
        return [{name: plain(row.get(name)) for name in table_of[fieldname].whole} for row in value]
    return plain(value)


def body_of(data: Any) -> bytes:
    """JSON with Python's default separators, all beyond ASCII escaped, whatever the structure is called [P26]."""
    return json.dumps(data).encode()


def headers_of(hook: Mapping[str, Any], body: bytes, *, forged: bool = False) -> dict[str, str]:
    """No content type unless a row says so; rows without a key or a value are left out."""
    headers = dict(ALWAYS)
    if hook.get("enable_security"):
        headers[SIGNATURE] = sign(WRONG_SECRET if forged else hook.get("webhook_secret") or "", body)
    for row in hook.get("webhook_headers") or ():
        if row.get("key") and row.get("value"):
            headers[row["key"]] = row["value"]
    return headers


def sign(secret: str, body: bytes) -> str:
    """The signature header: base64 of the raw HMAC-SHA256 of exactly the bytes sent."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
