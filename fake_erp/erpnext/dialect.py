"""ERPNext v15: the routes, the request pipeline and the error bodies. Source: facts 2.

Not modelled: see README.md; what is not modelled answers 501 or 417 and names itself.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from fake_erp.erpnext.access.sessions import GUEST, Access
from fake_erp.erpnext.api import rest
from fake_erp.erpnext.api.methods import call_method
from fake_erp.erpnext.business.masters import API_KEY, API_SECRET, set_up
from fake_erp.erpnext.business.rules import register
from fake_erp.erpnext.desk.people import Desk
from fake_erp.erpnext.errors import Refused, operational, server_messages, stale
from fake_erp.erpnext.events.webhooks import Webhooks, subscribe
from fake_erp.erpnext.framework.customize import reinstall
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.settings import settings_from
from fake_erp.erpnext.wire import encode
from harness.kit.call import Call, Outcome, Reply
from harness.kit.fake import Fake, FakeSetup
from harness.kit.limits import ProcessingTime
from harness.kit.people import ErpDesk
from harness.kit.records import Fields
from harness.kit.redact import HIDDEN
from harness.kit.routing import Route, Router

READS = frozenset({"GET", "HEAD"})
VERBS = ("GET", "POST", "PUT", "DELETE")
SCHEMA_KINDS = frozenset({"custom_field"})


def _routes() -> list[Route]:
    routes = []
    for api in ("/api", "/api/v1"):
        one = f"{api}/resource/{{doctype}}/{{id:path}}"
        routes += [
            Route("GET", f"{api}/resource/{{doctype}}", rest.list_documents, "list"),
            Route("POST", f"{api}/resource/{{doctype}}", rest.create_document, "create"),
            Route("GET", one, rest.read_document, "read"),
            Route("POST", one, rest.act_on_document, "run_method_of"),
            Route("PUT", one, rest.update_document, "update"),
            Route("DELETE", one, rest.delete_document, "delete"),
            *(Route(verb, f"{api}/method/{{method:path}}", call_method, "call") for verb in VERBS),
        ]
    routes += [Route(verb, "/api/v2/{rest:path}", rest.second_version, "second_version") for verb in (*VERBS, "PATCH")]
    return routes


class _Discard(Exception):
    """A GET that wrote: the vendor rolls it back and answers as if nothing had happened [P22]."""

    def __init__(self, answer: rest.Answer) -> None:
        super().__init__()
        self.answer = answer


class ErpNextFake(Fake):
    """One site. `site.user` is who acts in the call in hand."""

    def __init__(self, setup: FakeSetup) -> None:
        super().__init__(setup)
        register()
        self.settings = settings_from(setup.settings)
        self.site = Site(self.store, self.clock, self.settings, setup.seed)
        self.access = Access(setup.seed.stream("sessions"), setup.clock)
        self._hooks = Webhooks(self.site, setup.seed, self.journal, self.system)
        self.webhooks = self._hooks.queue
        self.router = Router(_routes())
        self._pace = setup.seed.stream("processing time")
        self.refill_limits()
        self._left: int | None = None  # of the limiter's budget before the call in hand spent some, in microseconds
        self.cookie = ""
        with self.store.transaction():
            set_up(self.site)

    # -- the pipeline ---------------------------------------------------------------------------------------------

    def operation(self, call: Call, route: Route) -> str:
        if route.operation == "call":
            return "call_" + call.params["method"].strip("/").split("/")[0].rpartition(".")[2]
        if "doctype" not in call.params:
            return route.operation
        kind = call.params["doctype"].lower().replace(" ", "_")
        verb = route.operation
        if verb == "update" and b'"docstatus"' in call.body:
            compact = call.body.replace(b" ", b"")
            verb = "submit" if b'"docstatus":1' in compact else "cancel" if b'"docstatus":2' in compact else verb
        return f"{verb}_{kind}"

    def admit(self, call: Call) -> Reply | None:
        """The site's limiter comes first: bad credentials spend its budget too."""
        if self._meter is not None and self._meter.admit(self.clock.now()) is not None:
            return self._refuse(Refused(429, "TooManyRequestsError"))
        try:
            call.principal = self.access.user_of(call)
        except Refused as refused:
            reply = self._refuse(refused)
            self._take_time(call, reply)
            return reply
        return None

    def answer(self, call: Call, route: Route) -> Reply:
        site = self.site
        expired = call.person is None and self.access.expired(call)
        site.user, site.notices, self.cookie = call.person or call.principal or GUEST, [], ""
        try:
            status, body = self._transact(call, route.handler)
        except Refused as refused:
            if expired:
                refused.extra["session_expired"] = 1
            self._hooks.forget()
            if call.operation.partition("_")[2] in SCHEMA_KINDS:
                reinstall(site)
            reply = self._refuse(refused)
        else:
            self._hooks.flush()
            if site.notices:
                body["_server_messages"] = server_messages(site.notices, site.noise)
            if expired:
                body["session_expired"] = 1
            reply = Reply(status, encode(body), {"content-type": "application/json"})
            if self.cookie:
                reply.headers["set-cookie"] = self.cookie
        if call.person is None:
            self._take_time(call, reply)
        return reply

    def _transact(self, call: Call, handler: Callable[..., Any]) -> rest.Answer:
        try:
            with self.store.transaction():
                answer: rest.Answer = handler(self, call)
                if call.method in READS and self.store.uncommitted:
                    raise _Discard(answer)
                return answer
        except _Discard as discarded:
            self._hooks.forget()
            return discarded.answer

    def _take_time(self, call: Call, reply: Reply) -> None:
        low, high = self.settings.read_ms if call.method in READS else self.settings.write_ms
        reply.took = timedelta(milliseconds=self._pace.randint(low, high))
        if self._meter is not None:
            now = self.clock.now()
            self._left = self._meter.usage(now).remaining
            self._meter.spend(now, reply.took)

    def decorate(self, call: Call, reply: Reply) -> None:
        """The limiter's headers, on all answers while it is on. `remaining` is what was left before the call. Source: facts 5.1."""
        accept = call.headers.get("accept", "")
        if reply.status >= 400 and accept.startswith("text") and "application/json" not in accept:
            _show_as_page(reply)
        if self._meter is None or reply.status == 0:
            return
        usage = self._meter.usage(self.clock.now())
        reply.headers["x-ratelimit-limit"] = str(usage.limit)
        reply.headers["x-ratelimit-remaining"] = str(usage.remaining if self._left is None else self._left)
        self._left = None
        seconds = str(-(-usage.resets_in // timedelta(seconds=1)))
        reply.headers["x-ratelimit-reset"] = seconds
        if reply.status == 429:
            reply.headers["retry-after"] = seconds
        else:
            reply.headers["x-ratelimit-used"] = str(reply.took // timedelta(microseconds=1))

    # -- refusals -------------------------------------------------------------------------------------------------

    def _refuse(self, refused: Refused) -> Reply:
        body = refused.body(self.site.notices, self.site.noise)
        self.site.notices = []
        return Reply(refused.status, encode(body), {"content-type": "application/json"}, Outcome.NOT_APPLIED)

    def refusal(self, kind: str, call: Call) -> Reply:
        match kind:
            case "throttled":
                reply = self._refuse(Refused(429, "TooManyRequestsError"))
                reply.headers["retry-after"] = "10"  # the vendor always says when the window ends; ten seconds is our guess
                return reply
            case "locked":
                text = "(1213, 'Deadlock found when trying to get lock; try restarting transaction')"
                return self._refuse(Refused(500, "QueryDeadlockError", text))
            case "conflict":
                return self._refuse(stale(self.site.time.stamp(), self.site.time.stamp()))
            case "maintenance":
                return self._refuse(Refused(503, "SessionStopped", "Session Stopped"))
            case _:
                return self._refuse(operational(2013, "Lost connection to MySQL server during query"))

    def unknown_route(self, call: Call) -> Reply:
        return _page(404, "Not Found", "The requested URL was not found on the server.")

    def wrong_method(self, call: Call, allowed: list[str]) -> Reply:
        if call.method == "OPTIONS":
            return Reply(200, b"", {"content-type": "text/plain; charset=utf-8"}, Outcome.NOT_APPLIED)
        reply = _page(405, "Method Not Allowed", "The method is not allowed for the requested URL.")
        reply.headers["allow"] = ", ".join(allowed)
        return reply

    def redact(self, text: str, call: Call) -> str:
        """A webhook's own headers carry keys of other systems: nothing of its definition is kept."""
        return HIDDEN if '"webhook_headers"' in text else super().redact(text, call)

    def redact_fields(self, kind: str, fields: Fields) -> Fields:
        if kind != "Webhook" or not fields:
            return fields
        return {
            name: HIDDEN if name in ("webhook_secret", "webhook_headers") and value else value for name, value in fields.items()
        }

    # -- for people, engines and tools ----------------------------------------------------------------------------

    def credentials(self) -> dict[str, str]:
        return {"api_key": API_KEY, "api_secret": API_SECRET}

    def curl_examples(self) -> list[str]:
        token = f"-H 'Authorization: token {API_KEY}:{API_SECRET}'"
        return [
            f"curl {token} {self.base_url}/api/resource/Customer",
            f"curl {token} '{self.base_url}/api/resource/Company/Acme%20GmbH'",
        ]

    def describe_limit(self) -> str:
        settings = self.settings
        return f"{settings.rate_limit_seconds:g} s of processing per {settings.rate_limit_window_seconds} s" if self._meter else ""

    def refill_limits(self) -> None:
        budget = timedelta(seconds=self.settings.rate_limit_seconds)
        window = timedelta(seconds=self.settings.rate_limit_window_seconds)
        self._meter = ProcessingTime("site", budget, window).meter() if budget else None

    def connect_webhooks(self, url: str, secret: str) -> None:
        """An address that is subscribed already is not subscribed twice; it is signed with the secret named last."""
        self.site.user = "Administrator"
        with self.store.transaction():
            subscribe(self.site, url, secret)
        self._hooks.flush()

    def erp_desk(self, person: str) -> ErpDesk:
        return Desk(self, person)

    def dialect_state(self) -> Any:
        return dict(self.access.sessions), dict(self.access.failures)

    def restore_dialect_state(self, state: Any) -> None:
        sessions, failures = state
        self.access.sessions, self.access.failures = dict(sessions), dict(failures)
        self._hooks.forget()
        reinstall(self.site)


def _show_as_page(reply: Reply) -> None:
    """What a client that asks for text, such as a browser, gets of an error. Source: facts 2.1; the page's words are our guess."""
    if reply.headers.get("content-type") == "application/json":
        page = _page(reply.status, "Server Error", "There was an error building this page.")
        reply.body, reply.headers["content-type"] = page.body, page.headers["content-type"]


def _page(status: int, title: str, text: str) -> Reply:
    """The framework's own HTML page, whatever the client accepts."""
    html = f"<!doctype html>\n<html lang=en>\n<title>{status} {title}</title>\n<h1>{title}</h1>\n<p>{text}</p>\n"
    return Reply(status, html.encode(), {"content-type": "text/html; charset=utf-8"}, Outcome.NOT_APPLIED)
