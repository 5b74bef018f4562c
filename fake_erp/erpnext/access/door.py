"""What happens to a call before the site looks at it: the web server's redirect and limits, the site's name, maintenance.

Source: facts 2.1 steps 1 to 3, 2.2 (trailing slash), 5.3. Each answer is given before credentials are looked at.
"""

from __future__ import annotations

from urllib.parse import quote

from fake_erp.erpnext.api.html import framework_page, nginx_page
from fake_erp.erpnext.errors import Refused, throw
from fake_erp.erpnext.settings import Settings
from harness.kit.call import Call, Reply

MEGABYTE = 1024 * 1024
PROXY_MEGABYTES_MAX = 50
READ_ONLY = (
    "Site is in read only mode for maintenance or site update, this action can not be performed right now. Please try again later."
)


def closed(call: Call, settings: Settings) -> Reply | Refused | None:
    """The web server, the site's name, maintenance and the size of the body, in this order."""
    return web_server(call, settings) or site_lookup(call, settings) or maintenance(call, settings) or too_large(call, settings)


def web_server(call: Call, settings: Settings) -> Reply | None:
    """What nginx answers by itself: a body beyond its limit, and a 301 without the trailing slash [P39]."""
    if len(call.body) > PROXY_MEGABYTES_MAX * MEGABYTE:
        return nginx_page(413, "Request Entity Too Large")
    if settings.redirect_trailing_slash and len(call.path) > 1 and call.path[-1] == "/" and call.method != "OPTIONS":
        reply = nginx_page(301, "Moved Permanently")
        path = call.path.rstrip("/") or "/"
        reply.headers["location"] = _quoted(path) + (f"?{call.query}" if call.query else "")
        return reply
    return None


def site_lookup(call: Call, settings: Settings) -> Reply | None:
    """A site is found by header or host; only where the settings say so."""
    if not settings.site_by_host:
        return None
    wanted = call.headers.get("x-frappe-site-name") or call.host.partition(":")[0]
    return None if wanted == settings.site_name else framework_page(404, "Not Found", f"{wanted} does not exist")


def too_large(call: Call, settings: Settings) -> Reply | None:
    if len(call.body) > settings.body_megabytes_max * MEGABYTE:
        return framework_page(413, "Request Entity Too Large", "The data value transmitted exceeds the capacity limit.")
    return None


def maintenance(call: Call, settings: Settings) -> Refused | None:
    """503 for everything, or nothing here where reads go on (`read_only` then refuses what writes)."""
    if settings.maintenance_mode and not settings.allow_reads_during_maintenance:
        return Refused(503, "SessionStopped", "Session Stopped")
    return None


def read_only(settings: Settings) -> Refused | None:
    """The refusal of a write while the site only lets read; its words are our guess."""
    if settings.maintenance_mode and settings.allow_reads_during_maintenance:
        return throw(READ_ONLY, "InReadOnlyMode", "In Read Only Mode", status=503)
    return None


def wants_json(call: Call) -> bool:
    """Whether errors come as JSON: the API unless text is asked for first, and everything that asks for JSON."""
    accept = call.headers.get("accept", "")
    if call.path.startswith("/api/") and not accept.startswith("text"):
        return True
    return "application/json" in accept or (bool(accept) and call.headers.get("x-requested-with") == "XMLHttpRequest")


def let_origin_in(call: Call, reply: Reply, allowed: str) -> None:
    """The headers that let a browser's script of another origin read the answer."""
    origin = call.headers.get("origin")
    if not origin or allowed not in ("*", origin) or reply.status == 0:
        return
    reply.headers.update({"access-control-allow-credentials": "true", "access-control-allow-origin": origin, "vary": "Origin"})
    if call.method == "OPTIONS":
        reply.headers["access-control-allow-methods"] = call.headers.get("access-control-request-method", "")
        reply.headers["access-control-allow-headers"] = call.headers.get("access-control-request-headers", "")


def _quoted(path: str) -> str:
    return quote(path, safe="/:@!$&'()*+,;=~-._")
