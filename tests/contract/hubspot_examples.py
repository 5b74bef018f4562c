"""An account that has everything the examples of the HubSpot contract speak of, and the judge of its answers.

Examples carry well-known ids (`fake_crm.hubspot.contract.examples`); the account's own stand in for them when an example is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jsonschema
import msgspec
from hubspot_portal import Portal

from fake_crm.hubspot.contract import contract
from fake_crm.hubspot.contract import examples as known
from fake_crm.hubspot.settings import DEFAULT_CLIENT, DEFAULT_DEVELOPER_KEY, DEFAULT_SECRET
from harness.kit.call import Call, Reply
from harness.kit.contract import Contract, Example, Operation
from harness.kit.openapi import document
from harness.kit.routing import Route

UNLIMITED: dict[str, Any] = {
    "burst_limit": 1_000_000,
    "daily_limit": 1_000_000,
    "search_limit": 1_000_000,
    "oauth_burst": 1_000_000,
    "index_lag_s": 0,
}
DEVELOPER = {"hapikey": DEFAULT_DEVELOPER_KEY}
STAGE = {"label": "Signed", "displayOrder": 0, "metadata": {"probability": "0.5"}}


@cache
def the_contract() -> Contract:
    return contract()


@cache
def the_document(version: str) -> dict[str, Any]:
    return document(the_contract(), version)


class PreparedAccount:
    """One account, put back to its prepared state before every example."""

    def __init__(self, **settings: Any) -> None:
        self.portal = Portal(**UNLIMITED, **settings)
        self.stands_for = {**self._records(), **self._setup(), **self._tokens()}
        self.portal.wait(60)
        self._state = self.portal.fake.remember()

    def _records(self) -> dict[str, str]:
        portal = self.portal
        portal.define("deals", known.PROPERTY, unique=True)
        company, second = portal.add("companies", name="Acme", domain="acme.com"), portal.add("companies", name="Bolt")
        contact = portal.add("contacts", email="jo@acme.com", firstname="Joe")
        links = [(company, 341), (contact, 3)]
        deal = portal.add("deals", links, dealname="one", amount="10", **{known.PROPERTY: known.ORDER_NUMBER})
        return {
            known.COMPANY: company,
            known.SECOND_COMPANY: second,
            known.CONTACT: contact,
            known.DEAL: deal,
            known.SECOND_DEAL: portal.add("deals", dealname="two"),
            known.PRODUCT: portal.add("products", name="Anvil", price="19.90"),
        }

    def _setup(self) -> dict[str, str]:
        self._made("/crm/v3/properties/deals/groups", {"name": known.GROUP, "label": "ERP"})
        body = {"label": "Contracts", "displayOrder": 1, "stages": [STAGE]}
        pipeline = self._made("/crm/v3/pipelines/deals", body)
        self._webhooks()
        visit = {"name": "visit", "labels": {"singular": "Visit", "plural": "Visits"}, "associatedObjects": ["COMPANY"]}
        schema = self._made("/crm/v3/schemas", visit)
        limit = {"category": "USER_DEFINED", "typeId": self._label("limited"), "maxToObjectIds": 5}
        limits = "/crm/associations/v4/definitions/configurations/deals/companies/batch/create"
        self._made(limits, {"inputs": [limit]})
        return {
            str(known.LABEL): str(self._label("billed")),
            str(known.LIMITED): str(limit["typeId"]),
            known.PIPELINE: pipeline["id"],
            known.STAGE: pipeline["stages"][0]["id"],
            known.SCHEMA: schema["objectTypeId"],
            known.SCHEMA_ASSOCIATION: schema["associations"][0]["id"],
        }

    def _label(self, name: str) -> int:
        reply = self.portal.post("/crm/v4/associations/deals/companies/labels", {"name": name, "label": name})
        assert reply.status == 200, reply.body
        number: int = reply.json()["results"][0]["typeId"]
        return number

    def _webhooks(self) -> None:
        base, key = f"/webhooks/v3/{known.APP}", urlencode(DEVELOPER)
        target = {"targetUrl": "https://app.test/hook", "throttling": {"maxConcurrentRequests": 10}}
        assert self.portal.call("PUT", f"{base}/settings", target, key).status == 200
        made = self.portal.post(f"{base}/subscriptions", {"eventType": "deal.creation", "active": True}, key)
        assert made.json()["id"] == known.SUBSCRIPTION

    def _tokens(self) -> dict[str, str]:
        app = {"client_id": DEFAULT_CLIENT, "redirect_uri": known.REDIRECT}

        def code() -> str:
            reply = self.portal.get("/oauth/authorize", urlencode({**app, "scope": "oauth crm.objects.deals.read"}))
            return parse_qs(urlsplit(reply.headers["location"]).query)["code"][0]

        form = {**app, "client_secret": DEFAULT_SECRET, "grant_type": "authorization_code", "code": code()}
        headers = {"content-type": "application/x-www-form-urlencoded"}
        reply = self.portal.call("POST", "/oauth/v3/token", urlencode(form).encode(), **headers)
        assert reply.status == 200, reply.body
        tokens = reply.json()
        return {known.REFRESH_TOKEN: tokens["refresh_token"], known.ACCESS_TOKEN: tokens["access_token"], known.CODE: code()}

    def _made(self, path: str, body: Any) -> Any:
        reply = self.portal.post(path, body)
        assert reply.status == 201, reply.body
        return reply.json()

    def own(self, value: Any) -> Any:
        """The value with this account's ids in the place of the well-known ones."""
        if isinstance(value, str):
            return self.stands_for.get(value, value)
        if isinstance(value, int) and str(value) in self.stands_for:
            return int(self.stands_for[str(value)])
        if isinstance(value, Mapping):
            return {key: self.own(each) for key, each in value.items()}
        return [self.own(each) for each in value] if isinstance(value, list) else value

    def credentials(self, operation: Operation) -> dict[str, str]:
        """What this operation asks a caller to show."""
        scheme = next(iter(the_contract().security_schemes if operation.security is None else operation.security), None)
        if scheme == "oauth":
            return {"authorization": f"Bearer {self.stands_for[known.ACCESS_TOKEN]}"}
        return self.portal.headers if scheme == "token" else {}

    def key(self, operation: Operation) -> dict[str, str]:
        """What an operation on the app itself asks for in its query."""
        return DEVELOPER if "developer_key" in (operation.security or ()) else {}

    def send(self, route: Route, operation: Operation, example: Example, **headers: str) -> Reply:
        """The example as one call, over the prepared state."""
        self.portal.fake.put_back(self._state)
        path = route.template
        for name, value in example.path.items():
            path = path.replace(f"{{{name}}}", self.own(value))
        body = b""
        if example.body is not None:
            content = self.own(example.body)
            body = msgspec.json.encode(content) if operation.media.endswith("json") else urlencode(content).encode()
            headers = {"content-type": operation.media, **headers}
        headers = {**self.credentials(operation), **headers}
        query = urlencode({**self.own(dict(example.query)), **self.key(operation)})
        return self.portal.fake.handle(Call(route.method, path, query, headers, body, caller="engine"))


def judge(reply: Reply, route: Route) -> None:
    """The answer is a documented one of its operation: status, content type, and every field. Raises AssertionError."""
    made = the_contract()
    version = made.version_of(route.template)
    entry = made.operations[route.entry]
    answer = {**made.common, **entry.answers}.get(reply.status)
    assert answer is not None, f"{route.method} {route.template} answered {reply.status}, documented are {list(entry.answers)}"
    if answer.schema is None:
        assert reply.body == b"", f"{route.method} {route.template} answered {reply.status} with a body nobody expects"
        return
    assert reply.headers["content-type"].partition(";")[0] == answer.media
    if answer.media.endswith("json"):
        schema = {"components": {"schemas": dict(components(version))}, "allOf": [answer.schema]}
        validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
        problems = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(reply.json())]
        assert not problems, f"{route.method} {route.template} {reply.status}: {'; '.join(problems[:5])[:800]}"


@cache
def components(version: str) -> Mapping[str, Any]:
    """Beta dates have the details of the dated paths."""
    return the_contract().components(version)
