"""The HubSpot fake: who may call, what it costs, how answers look. Routes are in `routes.py`, rules in `account.py`.

Order of checks: token, daily limit, burst or search limit, object type, scope, body (facts 2.3). People at the vendor's own
screens (`Call.person`) carry no token and spend nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fake_crm.hubspot.access.scopes import check_scopes
from fake_crm.hubspot.desk.loading import Loader
from fake_crm.hubspot.desk.people import HubSpotSalesDesk
from fake_crm.hubspot.errors import NO_CREDENTIALS, HubSpotError, throttled
from fake_crm.hubspot.events.webhooks import Webhooks
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.routes import ROUTER
from fake_crm.hubspot.settings import Settings
from fake_crm.hubspot.wire import encode
from harness.kit.call import Call, Outcome, Reply
from harness.kit.fake import Fake, FakeSetup
from harness.kit.people import SalesDesk
from harness.kit.routing import Route

JSON = "application/json;charset=utf-8"
QUERY_MAX = 16_384
_REFUSALS: dict[str, tuple[int, dict[str, Any]]] = {
    "server_error": (500, {"status": "error", "message": "internal error"}),
    "throttled": (429, throttled("TEN_SECONDLY_ROLLING")),
    "locked": (423, {"status": "error", "message": "Resource is locked"}),
    "conflict": (409, {"status": "error", "message": "The record was changed by another request.", "category": "CONFLICT"}),
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
        self._apps = {self.settings.token: self.settings.scopes, **self.settings.apps}
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
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or token.strip() not in self._apps:
            return self._refuse(401, NO_CREDENTIALS)
        call.principal = token.strip()
        refused = self.account.limits.admit(call.principal, self.clock.now(), is_search=call.operation.startswith("search_"))
        if refused is None:
            return None
        reply = self._refuse(429, throttled(refused.policy))
        if self.settings.retry_after:
            reply.headers["retry-after"] = str(-(-refused.retry_after.total_seconds() // 1)).removesuffix(".0")
        return reply

    def answer(self, call: Call, route: Route) -> Reply:
        if len(call.query) > QUERY_MAX:
            return Reply(414)
        try:
            scopes = self._apps.get(call.principal) if call.principal else None
            if scopes is not None:
                check_scopes(self.account, call, scopes)
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
        return self._refuse(status, body)

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
        if "x-hubspot-correlation-id" not in headers:
            headers["x-hubspot-correlation-id"] = self.account.correlation.next()
        headers["cf-cache-status"] = "DYNAMIC"
        headers["strict-transport-security"] = "max-age=31536000; includeSubDomains; preload"
        headers["vary"] = "origin, Accept-Encoding"
        headers["access-control-allow-credentials"] = "false"
        if call.principal and not call.operation.startswith("search_"):
            headers.update(self.account.limits.headers(call.principal, self.clock.now()))

    # -- for people, engines and tools ----------------------------------------------------------------------------

    def credentials(self) -> dict[str, str]:
        """`token` of the private app, `client_secret` that signs its webhooks."""
        return {"token": self.settings.token, "client_secret": self.settings.client_secret}

    def connect_webhooks(self, url: str, secret: str) -> None:
        self._hooks.connect(url, secret)

    def sales_desk(self, person: str) -> SalesDesk:
        return HubSpotSalesDesk(self, self.account, person)

    def describe_limit(self) -> str:
        return f"{self.settings.burst} calls per 10 s and {self.settings.daily:,} a day"

    def curl_examples(self) -> list[str]:
        header = f'-H "Authorization: Bearer {self.settings.token}"'
        new = """-H "Content-Type: application/json" -d '{"properties": {"name": "Acme", "domain": "acme.com"}}'"""
        return [
            f"curl {header} {self.base_url}/crm/v3/objects/deals",
            f"curl {header} {new} {self.base_url}/crm/v3/objects/companies",
        ]

    def dialect_state(self) -> dict[str, int]:
        """Where the ids of each type stand."""
        return self.account.ids.last()

    def restore_dialect_state(self, state: dict[str, int]) -> None:
        self.account.ids.continue_from(state)
        self.account.definitions.declare_unique()
        self.account.search.rebuild()

    def import_export(self, kind: str, rows: Sequence[Mapping[str, str]]) -> list[tuple[int, str, str]]:
        """Load rows of a HubSpot export, all or none; problems are (row from 0, column, reason). Unknown kind: LookupError."""
        return self._loader.load(kind, rows)

    def export_columns(self, kind: str) -> tuple[str, ...]:
        """The column labels `import_export` knows for a kind such as `deals`; internal names work as well."""
        return self._loader.columns(kind)


def _jetty_page(status: int, name: str) -> Reply:
    html = (
        '<html>\n<head>\n<meta http-equiv="Content-Type" content="text/html;charset=utf-8"/>\n'
        f"<title>Error {status} {name}</title>\n</head>\n"
        f"<body><h2>HTTP ERROR {status}</h2>\n<p>Reason:\n<pre>    {name}</pre></p>\n</body>\n</html>\n"
    )
    return Reply(status, html.encode(), {"content-type": "text/html;charset=utf-8"}, Outcome.NOT_APPLIED)
