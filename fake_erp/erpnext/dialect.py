"""ERPNext: the request pipeline, who acts, and the error bodies of the versions 14 to 16. Source: facts 1 and 2.

Not modelled: see README.md; what is not modelled answers 501 or 417 and names itself.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fake_erp.erpnext.access import cookies, door, people, trouble
from fake_erp.erpnext.access.credentials import Credentials
from fake_erp.erpnext.access.limiter import MethodLimiter, SiteLimiter
from fake_erp.erpnext.access.oauth import OAuthServer
from fake_erp.erpnext.access.people import set_up_users
from fake_erp.erpnext.access.permissions import Permissions
from fake_erp.erpnext.access.secrecy import fields_for_journal, text_for_journal
from fake_erp.erpnext.access.sessions import GUEST, Session, Sessions
from fake_erp.erpnext.api.html import framework_page, is_nginx, not_found_page, show_as_page
from fake_erp.erpnext.api.methods import execute
from fake_erp.erpnext.api.requests import BrokenBody, arguments, told_first
from fake_erp.erpnext.api.rest import Answer
from fake_erp.erpnext.business import jobs
from fake_erp.erpnext.business.masters import set_up
from fake_erp.erpnext.business.rules import register
from fake_erp.erpnext.desk.people import Desk
from fake_erp.erpnext.errors import Refused, server_messages, throw
from fake_erp.erpnext.events.subscriptions import subscribe
from fake_erp.erpnext.events.webhooks import Webhooks
from fake_erp.erpnext.framework.customize import reinstall
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.routes import PAGE, SiteRouter, routes
from fake_erp.erpnext.settings import settings_from
from fake_erp.erpnext.wire import encode
from harness.kit.call import Call, Outcome, Reply
from harness.kit.fake import Fake, FakeSetup
from harness.kit.people import ErpDesk
from harness.kit.records import Fields
from harness.kit.routing import Route

READS = frozenset({"GET", "HEAD"})


class _Discard(Exception):
    """A GET that wrote: the vendor rolls it back and answers as if nothing had happened [P22]."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


class ErpNextFake(Fake):
    """One site. `site.user` is who acts in the call in hand, `session` the session it came with or made."""

    def __init__(self, setup: FakeSetup) -> None:
        super().__init__(setup)
        register()
        people.register()
        self.settings = settings_from(setup.settings)
        self.site = Site(self.store, self.clock, self.settings, setup.seed)
        random = setup.seed.stream("sessions")
        self.sessions = Sessions(self.site, self.settings, random)
        self.oauth = OAuthServer(self.site, self.settings, random)
        self.permissions = Permissions(self.site)
        self._keys = Credentials(self.site, self.oauth)
        self._hooks = Webhooks(self.site, setup.seed, self.journal, self.system)
        self.webhooks = self._hooks.queue
        self.router = SiteRouter(routes(self.settings))
        self._pace = setup.seed.stream("processing time")
        self.refill_limits()
        self.session: Session | None = None
        self.logged_out = self._expired = False
        with self.store.transaction():
            set_up(self.site)
            set_up_users(self.site, self.settings.users)

    def random_key(self) -> str:
        """A key or secret of fifteen characters."""
        return f"{self.site.noise.getrandbits(60):015x}"

    # -- the pipeline ---------------------------------------------------------------------------------------------

    def operation(self, call: Call, route: Route) -> str:
        if route.operation == "call":
            return "call_" + call.params["method"].strip("/").split("/")[0].rpartition(".")[2]
        if route.operation == PAGE and call.path.startswith("/api"):
            return "unknown_route"
        if "doctype" not in call.params:
            return route.operation
        kind = call.params["doctype"].lower().replace(" ", "_")
        verb = route.operation
        if verb == "update" and b'"docstatus"' in call.body:
            compact = call.body.replace(b" ", b"")
            verb = "submit" if b'"docstatus":1' in compact else "cancel" if b'"docstatus":2' in compact else verb
        return f"{verb}_{kind}"

    def gate(self, call: Call) -> Reply | None:
        closed = door.closed(call, self.settings)
        return self.refuse(closed, call) if isinstance(closed, Refused) else closed

    def admit(self, call: Call) -> Reply | None:
        """Session, CSRF, the site's limiter, then the header: bad credentials spend the limiter's budget too. What is wrong with
        the body is told before all of them."""
        self.site.user = GUEST
        self.session, self._expired = self.sessions.resume(call)
        try:
            if self.session is not None:
                self.sessions.check_csrf(call, self.session)
            if self._limiter.exhausted():
                return cookies.give(self, self._throttled(call))
            call.principal = self.session.user if self.session is not None else self._keys.user_of(call)
        except Refused as refused:
            reply = cookies.give(self, self.refuse(told_first(call, refused), call))
            self._take_time(call, reply)
            return reply
        return None

    def answer(self, call: Call, route: Route) -> Reply:
        site = self.site
        jobs.before_call(site, call)
        if call.person is not None:
            self.session, self._expired = None, False
        site.user, site.notices, self.logged_out = call.person or call.principal or GUEST, [], False
        try:
            answer = self._transact(call, route)
        except Refused as refused:
            self._hooks.forget()
            if "custom_field" in call.operation or b"Custom Field" in call.body:
                reinstall(site)
            reply = self.refuse(refused, call)
        else:
            self._hooks.flush()
            reply = self._success(call, answer)
        if call.person is None:
            self._take_time(call, reply)
            cookies.give(self, reply)
        return reply

    def _transact(self, call: Call, route: Route) -> Answer:
        closed = door.read_only(self.settings) if self.settings.maintenance_mode and call.person is None else None
        try:
            with self.store.transaction():
                answer = self._run(call, route)
                if self.store.uncommitted and call.method in READS:
                    raise _Discard(answer)
                if self.store.uncommitted and closed is not None:
                    raise closed
                return answer
        except _Discard as discarded:
            self._hooks.forget()
            return discarded.answer

    def _run(self, call: Call, route: Route) -> Answer:
        """`cmd` turns a call on any path into one of a function, as clients of old do."""
        if "cmd=" in call.query or b"cmd" in call.body or (call.body and route.operation == PAGE):
            args = arguments(call)
            if args.get("cmd"):
                body = execute(self, call, str(args["cmd"]), args)
                return body if isinstance(body, Reply) else (200, body)
        answer: Answer = route.handler(self, call)
        return answer

    def _success(self, call: Call, answer: Answer) -> Reply:
        if isinstance(answer, Reply):
            return answer
        (status, body), notices = answer, self.site.notices
        if notices and call.path.startswith("/api/v2/"):
            body["messages"] = notices
        elif notices:
            body["_server_messages"] = server_messages(notices, self.site.noise)
        if self._expired:
            body["session_expired"] = 1
        return Reply(status, self._encoded(body), {"content-type": "application/json"})

    def _take_time(self, call: Call, reply: Reply) -> None:
        low, high = self.settings.read_ms if call.method in READS else self.settings.write_ms
        reply.took = timedelta(milliseconds=self._pace.randint(low, high))
        self._limiter.spend(reply.took)

    def _throttled(self, call: Call) -> Reply:
        reply = self.refuse(Refused(429, "TooManyRequestsError"), call)
        reply.took = timedelta(milliseconds=1)  # our guess: what a refusal costs, and adds to the counter
        self._limiter.spend(reply.took)
        return reply

    def _counted(self, call: Call, page: Reply) -> Reply:
        """The limiter comes before routing: paths and verbs that nobody serves spend its budget too."""
        if self._limiter.exhausted():
            return self._throttled(call)
        self._take_time(call, page)
        return page

    def decorate(self, call: Call, reply: Reply) -> None:
        """Errors as pages for who wants no JSON, and the headers of CORS and the limiter. Source: facts 2.1, 5.1."""
        if reply.status >= 400 and reply.headers.get("content-type") == "application/json" and not door.wants_json(call):
            show_as_page(reply)
        if self.settings.allow_cors:
            door.let_origin_in(call, reply, self.settings.allow_cors)
        if call.operation != "gate" and not is_nginx(reply):
            self._limiter.tell(reply)

    # -- refusals -------------------------------------------------------------------------------------------------

    def refuse(self, refused: Refused, call: Call) -> Reply:
        settings = self.settings
        if isinstance(refused, BrokenBody) and settings.version >= 16:
            refused = throw("Invalid request body", "DataError")
        if self._expired:
            refused.extra["session_expired"] = 1
        traceback = settings.allow_error_traceback and (settings.version < 16 or self.permissions.is_system_user(self.site.user))
        if call.path.startswith("/api/v2/") and settings.version >= 15:
            body = refused.second_body(self.site.notices, traceback=traceback)
        else:
            body = refused.body(self.site.notices, self.site.noise, version=settings.version, traceback=traceback)
        self.site.notices = []
        return Reply(refused.status, self._encoded(body), {"content-type": "application/json"}, Outcome.NOT_APPLIED)

    def _encoded(self, body: Any) -> bytes:
        return encode(body, escape=self.settings.version < 16)

    def refusal(self, kind: str, call: Call) -> Reply:
        self._expired = False
        return trouble.refusal(self, kind, call)

    def proxy_page(self, status: int) -> Reply:
        return trouble.proxy_page(status)

    def queue_down(self, call: Call, reply: Reply) -> Reply:
        return trouble.queue_down(self, call)

    def unknown_route(self, call: Call) -> Reply:
        return self._counted(call, not_found_page())

    def wrong_method(self, call: Call, allowed: list[str]) -> Reply:
        """A verb that a path of the API does not know; elsewhere there are no verbs but those of pages."""
        if call.method == "OPTIONS":
            return self._counted(call, Reply(200, b"", {"content-type": "text/plain; charset=utf-8"}, Outcome.NOT_APPLIED))
        hit = self.router.match("GET", call.path) if "GET" in allowed else None
        if hit is not None and hit[0].operation == PAGE:
            return self._counted(call, not_found_page())
        reply = framework_page(405, "Method Not Allowed", "The method is not allowed for the requested URL.")
        reply.headers["allow"] = ", ".join(sorted({*allowed, *(["HEAD"] if "GET" in allowed else [])}))
        return self._counted(call, reply)

    def redact(self, text: str, call: Call) -> str:
        return text_for_journal(text, call)

    def redact_fields(self, kind: str, fields: Fields) -> Fields:
        return fields_for_journal(kind, fields)

    # -- for people, engines and tools ----------------------------------------------------------------------------

    def credentials(self) -> dict[str, str]:
        return {"api_key": people.API_KEY, "api_secret": people.API_SECRET}

    def curl_examples(self) -> list[str]:
        token = f"-H 'Authorization: token {people.API_KEY}:{people.API_SECRET}'"
        return [
            f"curl {token} {self.base_url}/api/resource/Customer",
            f"curl {token} '{self.base_url}/api/resource/Company/Acme%20GmbH'",
        ]

    def describe_limit(self) -> str:
        return self._limiter.describe()

    def refill_limits(self) -> None:
        self._limiter = SiteLimiter(self.settings, self.clock)
        self.resets = MethodLimiter(self.settings.password_resets_per_hour, timedelta(hours=1), self.clock)

    def connect_webhooks(self, url: str, secret: str) -> None:
        """An address that is subscribed already is not subscribed twice; it is signed with the secret named last."""
        self.site.user = "Administrator"
        with self.store.transaction():
            subscribe(self.site, url, secret)
        self._hooks.flush()

    def erp_desk(self, person: str) -> ErpDesk:
        return Desk(self, person)

    def dialect_state(self) -> Any:
        return self.sessions.state(), self.oauth.state(), dict(self.site.booked), self.site.jobs_day

    def restore_dialect_state(self, state: Any) -> None:
        sessions, oauth, booked, day = state
        self.site.booked, self.site.jobs_day = dict(booked), day
        self.sessions.restore(sessions)
        self.oauth.restore(oauth)
        self.permissions.reset()
        self._keys.reset()
        self._hooks.forget()
        reinstall(self.site)
