"""The HubSpot fake: who may call, what it costs, how answers look. Routes are in `routes.py`, rules in `account.py`.

Order of checks: length of the address, token, daily limit, burst or search limit, content type, object type, scope, body (facts
2.3; the first and the content type are our guess). People at the vendor's own screens (`Call.person`) carry no token and spend
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fake_crm.hubspot.access.redaction import redacted, redacted_path
from fake_crm.hubspot.access.scopes import check_scopes
from fake_crm.hubspot.access.tokens import Caller, TokenState
from fake_crm.hubspot.api.oauth import FORMS, OPEN
from fake_crm.hubspot.desk.loading import Loader
from fake_crm.hubspot.desk.people import HubSpotSalesDesk
from fake_crm.hubspot.errors import HubSpotError, missing_scopes, throttled
from fake_crm.hubspot.events.subscriptions import State as SubscriptionState
from fake_crm.hubspot.events.webhooks import Webhooks
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.model.history import State as HistoryState
from fake_crm.hubspot.routes import ROUTER
from fake_crm.hubspot.settings import Settings
from fake_crm.hubspot.wire import encode
from harness.kit.call import Call, Outcome, Reply
from harness.kit.fake import Fake, FakeSetup
from harness.kit.people import SalesDesk
from harness.kit.routing import Route

JSON = "application/json;charset=utf-8"
MIGRATION_S = "600"  # up to 24 hours, says the vendor; ten minutes are our guess
FORM = "application/x-www-form-urlencoded"
NO_BODY_CHECKED = frozenset({"GET", "DELETE", "HEAD"})
# operations on the app itself, which no token of an account may call
DEVELOPER = frozenset(
    route.operation
    for route in ROUTER.routes
    if route.template.startswith(("/webhooks/", "/app-webhooks/")) and route.operation != "not_modelled"
)
# what the network in front of the vendor adds to every answer (facts 3.1)
_EDGE = {
    "cf-cache-status": "DYNAMIC",
    "strict-transport-security": "max-age=31536000; includeSubDomains; preload",
    "vary": "origin, Accept-Encoding",
    "access-control-allow-credentials": "false",
    "nel": '{"success_fraction":0.01,"report_to":"cf-nel","max_age":604800}',
    "report-to": '{"endpoints":[{"url":"https://a.nel.cloudflare.com/report/v4"}],"group":"cf-nel","max_age":604800}',
}
_REFUSALS: dict[str, tuple[int, dict[str, Any]]] = {
    "server_error": (500, {"status": "error", "message": "internal error"}),
    "throttled": (429, throttled("TEN_SECONDLY_ROLLING")),
    "locked": (423, {"status": "error", "message": "Resource is locked"}),
    "conflict": (409, {"status": "error", "message": "The record was changed by another request.", "category": "CONFLICT"}),
    "migrating": (477, {"status": "error", "message": "This account is being moved to another data center."}),  # text: our guess
    "maintenance": (503, {"status": "error", "message": "Service Unavailable"}),
}


class HubSpotFake(Fake):
    """One HubSpot account as its private apps and its people see it."""

    def __init__(self, setup: FakeSetup) -> None:
        super().__init__(setup)
        self.settings = Settings.read(setup.settings)
        self.account = Account(setup, self.store, self.settings)
        self.router = ROUTER
        self._hooks = Webhooks(self.account, setup.system, setup.journal)
        self.webhooks = self._hooks.queue
        self._loader = Loader(self.account)
        self._operations: dict[tuple[str, str], str] = {}

    # -- what a vendor says ---------------------------------------------------------------------------------------

    def operation(self, call: Call, route: Route) -> str:
        """`read_deal`, `search_companies`, …; `read_object` where the type is none we know."""
        pattern = route.operation
        if "{" not in pattern:
            return pattern
        key = (pattern, call.params["type"])
        name = self._operations.get(key)
        if name is None:
            kind = self.account.types.find(call.params["type"])
            one, many = (kind.singular, kind.plural) if kind is not None else ("object", "objects")
            name = pattern.replace("{one}", one).replace("{many}", many)
            if kind is not None:
                self._operations[key] = name
        return name

    def admit(self, call: Call) -> Reply | None:
        if len(call.path) + len(call.query) > self.settings.url_limit:
            return Reply(414, outcome=Outcome.NOT_APPLIED)
        operation = call.operation
        if operation in OPEN or operation in DEVELOPER:
            body = self.account.tokens.developer(call) if operation in DEVELOPER else None
            return None if body is None else self._refuse(401, body)
        caller = self.account.tokens.identify(call)
        if not isinstance(caller, Caller):
            return self._refuse(401, caller)
        call.principal = caller.token
        refused = self.account.limits.admit(
            caller, self.clock.now(), is_search=operation.startswith("search_"), is_association="/associations" in call.path
        )
        if refused is None:
            return None
        reply = self._refuse(429, throttled(refused.policy))
        if self.settings.retry_after:
            reply.headers["retry-after"] = str(-(-refused.retry_after.total_seconds() // 1)).removesuffix(".0")
        return reply

    def answer(self, call: Call, route: Route) -> Reply:
        if call.body and _is_wrong_media(call):
            return Reply(415, outcome=Outcome.NOT_APPLIED)
        try:
            caller = self.account.tokens.callers.get(call.principal) if call.principal else None
            self.account.granted = caller.scopes if caller is not None else None
            if caller is not None and caller.scopes is not None:
                check_scopes(call, caller.scopes, self.account.resolve)
                if caller.use == "client_credentials":
                    raise missing_scopes(["oauth"])
            reply: Reply = route.handler(self.account, call)
            return reply
        except HubSpotError as refused:
            return self._refuse(refused.status, refused.body)

    def unknown_route(self, call: Call) -> Reply:
        return _jetty_page(404, "Not Found")

    def wrong_method(self, call: Call, allowed: list[str]) -> Reply:
        reply = _jetty_page(405, "Method Not Allowed")
        reply.headers["allow"] = ", ".join(allowed)
        return reply

    def refusal(self, kind: str, call: Call) -> Reply:
        status, body = _REFUSALS.get(kind, _REFUSALS["server_error"])
        reply = self._refuse(status, body)
        if kind == "migrating":
            reply.headers["retry-after"] = MIGRATION_S
        return reply

    def _refuse(self, status: int, body: dict[str, Any]) -> Reply:
        correlation = self.account.correlation.next()
        reply = Reply(status, encode({**body, "correlationId": correlation}), outcome=Outcome.NOT_APPLIED)
        reply.headers["x-hubspot-correlation-id"] = correlation
        return reply

    def decorate(self, call: Call, reply: Reply) -> None:
        headers = reply.headers
        if reply.status == 0 or "content-type" in headers:
            return
        if reply.body:
            headers["content-type"] = JSON
        correlation = headers.get("x-hubspot-correlation-id")
        if correlation is None:
            correlation = headers["x-hubspot-correlation-id"] = self.account.correlation.next()
        headers["x-request-id"] = correlation  # that the two are equal, and how a ray is made of them, is our guess
        headers["cf-ray"] = f"{correlation[19:23]}{correlation[24:]}-FRA"
        headers.update(_EDGE)
        caller = self.account.tokens.callers.get(call.principal) if call.principal else None
        if caller is not None and not call.operation.startswith("search_"):
            headers.update(self.account.limits.headers(caller, self.clock.now()))

    def redact(self, text: str, call: Call) -> str:
        return redacted(text, call)

    def redact_path(self, path: str) -> str:
        return redacted_path(path)

    # -- for people, engines and tools ----------------------------------------------------------------------------

    def credentials(self) -> dict[str, str]:
        """`token` of the private app; `client_id` and `client_secret` of the OAuth app; `developer_key` for webhook settings.

        The client secret signs webhooks only until `connect_webhooks` names another: a run and `syncproof serve` always do.
        """
        settings = self.settings
        return {
            "token": settings.token,
            "client_id": settings.client_id,
            "client_secret": settings.client_secret,
            "developer_key": settings.developer_key,
        }

    def connect_webhooks(self, url: str, secret: str) -> None:
        self.account.subscriptions.connect(url, secret)

    def sales_desk(self, person: str) -> SalesDesk:
        return HubSpotSalesDesk(self, self.account, person)

    def refill_limits(self) -> None:
        self.account.limits.refill()

    def describe_limit(self) -> str:
        return f"{self.settings.burst} calls per 10 s and {self.settings.daily:,} a day"

    def curl_examples(self) -> list[str]:
        header = f'-H "Authorization: Bearer {self.settings.token}"'
        new = """-H "Content-Type: application/json" -d '{"properties": {"name": "Acme", "domain": "acme.com"}}'"""
        return [
            f"curl {header} {self.base_url}/crm/v3/objects/deals",
            f"curl {header} {new} {self.base_url}/crm/v3/objects/companies",
        ]

    def dialect_state(self) -> tuple[dict[str, int], TokenState, SubscriptionState, HistoryState]:
        """Where the ids of each type stand, the tokens given out, the webhooks' address and subscriptions, earlier values."""
        account = self.account
        return account.ids.last(), account.tokens.state(), account.subscriptions.state(), account.history.state()

    def restore_dialect_state(self, state: tuple[dict[str, int], TokenState, SubscriptionState, HistoryState]) -> None:
        ids, tokens, subscriptions, history = state
        self.account.history.restore(history)
        self.account.subscriptions.restore(subscriptions)
        self.account.ids.continue_from(ids)
        self.account.tokens.restore(tokens)
        self.account.definitions.declare_unique()
        self.account.search.rebuild()

    def import_export(self, kind: str, rows: Sequence[Mapping[str, str]]) -> list[tuple[int, str, str]]:
        """Load rows of a HubSpot export, all or none; problems are (row from 0, column, reason). Unknown kind: LookupError."""
        return self._loader.load(kind, rows)

    def export_columns(self, kind: str) -> tuple[str, ...]:
        """The column labels `import_export` knows for a kind such as `deals`; internal names work as well."""
        return self._loader.columns(kind)


def _is_wrong_media(call: Call) -> bool:
    """Whether a body says that it is something else than what the operation reads; one that says nothing is read (our guess)."""
    kind = call.headers.get("content-type")
    if not kind or call.method in NO_BODY_CHECKED or call.operation == "not_modelled":
        return False
    kind = kind.lower().lstrip()
    return not kind.startswith(FORM if call.operation in FORMS else "application/json")


def _jetty_page(status: int, name: str) -> Reply:
    html = (
        '<html>\n<head>\n<meta http-equiv="Content-Type" content="text/html;charset=utf-8"/>\n'
        f"<title>Error {status} {name}</title>\n</head>\n"
        f"<body><h2>HTTP ERROR {status}</h2>\n<p>Reason:\n<pre>    {name}</pre></p>\n</body>\n</html>\n"
    )
    return Reply(status, html.encode(), {"content-type": "text/html;charset=utf-8"}, Outcome.NOT_APPLIED)
