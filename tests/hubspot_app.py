"""An OAuth app as its developers write it: sends a person to HubSpot, fetches tokens, calls with them."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from hubspot_portal import OBJECTS, Portal

from harness.kit.call import Reply

FORM = "application/x-www-form-urlencoded"
BACK = "https://app.test/back"
SCOPES = "oauth crm.objects.deals.read crm.objects.deals.write"


class App:
    """One OAuth app and the account it wants to get into."""

    def __init__(self, portal: Portal, version: str = "v3") -> None:
        self.portal, self.version = portal, version
        credentials = portal.fake.credentials()
        self.proof = {"client_id": credentials["client_id"], "client_secret": credentials["client_secret"]}
        self.access_token = self.refresh_token = ""

    def authorize(self, **query: str) -> Reply:
        """What the browser gets when a person opens the address that the app made."""
        asked = {"client_id": self.proof["client_id"], "redirect_uri": BACK, "scope": SCOPES, **query}
        return self.portal.call("GET", "/oauth/authorize", query=urlencode(asked), authorization="")

    def code(self, **query: str) -> str:
        reply = self.authorize(**query)
        assert reply.status == 302, reply.body
        return parse_qs(urlsplit(reply.headers["location"]).query)["code"][0]

    def form(self, path: str, **fields: str) -> Reply:
        body = urlencode({**self.proof, **fields}).encode()
        return self.portal.call("POST", path, body, authorization="", **{"content-type": FORM})

    def exchange(self, code: str, /, **fields: str) -> Reply:
        sent = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, **fields}
        return self._keep(self.form(f"/oauth/{self.version}/token", **sent))

    def refresh(self, **fields: str) -> Reply:
        sent = {"grant_type": "refresh_token", "refresh_token": self.refresh_token, **fields}
        return self._keep(self.form(f"/oauth/{self.version}/token", **sent))

    def install(self, **query: str) -> dict[str, Any]:
        """The whole way from the address to the tokens."""
        reply = self.exchange(self.code(**query))
        assert reply.status == 200, reply.body
        tokens: dict[str, Any] = reply.json()
        return tokens

    def call(self, method: str, path: str, body: Any = None, query: str = "") -> Reply:
        return self.portal.call(method, path, body, query, authorization=f"Bearer {self.access_token}")

    def list_deals(self, query: str = "") -> Reply:
        return self.call("GET", f"{OBJECTS}/deals", query=query)

    def _keep(self, reply: Reply) -> Reply:
        if reply.status == 200:
            tokens = reply.json()
            self.access_token = tokens["access_token"]
            self.refresh_token = tokens.get("refresh_token", self.refresh_token)
        return reply
