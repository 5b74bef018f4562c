"""What goes wrong around a site when a scenario asks for it: the database, the web server, the queue of background jobs.

Source: facts 2.11, 2.12, 5.3, 9.1. A refusal applies nothing; a page of the web server may hide a write that was applied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fake_erp.erpnext.api.html import framework_page, nginx_page
from fake_erp.erpnext.errors import Refused, operational, stale
from harness.kit.call import Call, Outcome, Reply

if TYPE_CHECKING:
    from fake_erp.erpnext.dialect import ErpNextFake

PROXY_PAGES: Final = {
    502: "Bad Gateway",  # gunicorn killed the worker after 120 s, or is being restarted
    503: "Service Temporarily Unavailable",
    504: "Gateway Time-out",  # nginx stopped waiting after 120 s; the worker may go on and commit
}
# An installation with `rate_limit` in its configuration says this much of itself; the figures are our guess.
RETRY_AFTER_SECONDS: Final = 10
LIMIT_MICROSECONDS: Final = 600_000_000


def refusal(fake: ErpNextFake, kind: str, call: Call) -> Reply:
    """The vendor's answer to a `harness.kit.faults.Refuse` of this kind."""
    if kind == "too_large":
        return framework_page(413, "Request Entity Too Large", "The data value transmitted exceeds the capacity limit.")
    reply = fake.refuse(_refused(kind, call, fake.site.time.stamp()), call)
    if kind == "throttled":
        reply.headers["x-ratelimit-limit"] = str(LIMIT_MICROSECONDS)
        reply.headers["x-ratelimit-remaining"] = "0"
        reply.headers["x-ratelimit-reset"] = reply.headers["retry-after"] = str(RETRY_AFTER_SECONDS)
    return reply


def _refused(kind: str, call: Call, now: str) -> Refused:
    match kind:
        case "throttled":
            return Refused(429, "TooManyRequestsError")
        case "locked":
            text = "(1213, 'Deadlock found when trying to get lock; try restarting transaction')"
            return Refused(500, "QueryDeadlockError", text)
        case "lock_timeout":
            return Refused(500, "QueryTimeoutError", "(1205, 'Lock wait timeout exceeded; try restarting transaction')")
        case "record_changed":
            table = f"tab{call.params.get('doctype', 'Sales Order')}"
            return operational(1020, f"Record has changed since last read in table '{table}'")
        case "conflict":
            return stale(now, now)
        case "maintenance":
            return Refused(503, "SessionStopped", "Session Stopped")
        case _:
            return operational(2013, "Lost connection to MySQL server during query")


def proxy_page(status: int) -> Reply:
    """The web server's page; whether anything was applied is not told."""
    reply = nginx_page(status, PROXY_PAGES.get(status, "Error"))
    reply.outcome = Outcome.UNKNOWN
    return reply


def queue_down(fake: ErpNextFake, call: Call) -> Reply:
    """Redis is gone after the commit: the document is saved, its webhooks are lost, and the caller hears 500. The words are our
    guess."""
    text = "Error 111 connecting to 127.0.0.1:11000. Connection refused."
    reply = fake.refuse(Refused(500, "ConnectionError", text), call)
    reply.outcome = Outcome.UNKNOWN
    return reply
