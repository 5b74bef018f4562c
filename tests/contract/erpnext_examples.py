"""A site that has everything the examples of the ERPNext contract speak of, and the judge of its answers.

Examples carry well-known names (`fake_erp.erpnext.contract.examples`); the site's own stand in for them when an example is sent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jsonschema
from erpnext_site import SALES_ORDER, TOKEN, ErpSite

from fake_erp.erpnext.contract import contract
from fake_erp.erpnext.contract import examples as known
from harness.kit.call import Call, Reply
from harness.kit.contract import Answer, Contract, Example, Operation
from harness.kit.openapi import document
from harness.kit.routing import Route
from harness.kit.webhooks import DeliveryResult

OAUTH = "/api/method/frappe.integrations.oauth2"
PUBLIC, PRIVATE = f"/files/{known.FILE}", f"/private/files/{known.FILE}"


@cache
def the_contract() -> Contract:
    return contract()


@cache
def the_document(version: str) -> dict[str, Any]:
    return document(the_contract(), version)


class PreparedSite:
    """One site, put back to its prepared state before every example. `fresh` lacks what the examples themselves make."""

    def __init__(self) -> None:
        self.site = ErpSite(webhook_request_log=True, keep_versions=True)
        self.stands_for: dict[str, str] = {}
        self._sold()
        self._written_by_the_site()
        self._tokens()
        self.fresh = self.site.fake.remember()
        self._made()
        self.ready = self.site.fake.remember()

    def _sold(self) -> None:
        """A quotation, and an order that is delivered and billed in part."""
        site, items = self.site, known.BODIES["Quotation"]["items"]
        order = site.add("Sales Order", **known.BODIES["Sales Order"] | {"docstatus": 1, "po_no": "WEB-1"})
        note = site.proposal(f"{SALES_ORDER}.make_delivery_note", order["name"])
        invoice = site.proposal(f"{SALES_ORDER}.make_sales_invoice", order["name"])
        for row in (*note["items"], *invoice["items"]):
            row["qty"] = 1
        self.stands_for |= {
            known.ORDER: order["name"],
            known.ROW: order["items"][0]["name"],
            known.QUOTE: site.add("Quotation", party_name="ACME", items=items, docstatus=1)["name"],
            known.NOTE: site.add("Delivery Note", **{**note, "docstatus": 1})["name"],
            known.INVOICE: site.add("Sales Invoice", **{**invoice, "docstatus": 1})["name"],
        }

    def _written_by_the_site(self) -> None:
        """What a client only reads, and the files."""
        site = self.site
        hook = site.add(
            "Webhook", name="log", webhook_doctype="Customer", webhook_docevent="on_update", request_url="https://a.example"
        )
        self.stands_for["ACME"] = site.put("Customer", "ACME", tax_id="DE1").json()["data"]["name"]
        site.wait(60)
        for delivery in site.fake.webhooks.take_due():
            site.fake.webhooks.settle(delivery, DeliveryResult(200))
        site.delete("Webhook", hook["name"])
        for private in (0, 1):
            file = {"filename": known.FILE, "filedata": "hello", "is_private": private}
            assert site.call("frappe.client.attach_file", **file).status == 200

    def _tokens(self) -> None:
        site, body = self.site, known.BODIES["OAuth Client"]
        client = site.add("OAuth Client", **body)["name"]
        app = {"client_id": client, "redirect_uri": known.REDIRECT}

        def code() -> str:
            reply = site.send("GET", f"{OAUTH}.approve", **app)
            return parse_qs(urlsplit(reply.headers["location"]).query)["code"][0]

        tokens = site.send("POST", f"{OAUTH}.get_token", {**app, "grant_type": "authorization_code", "code": code()}, {}).json()
        self.stands_for |= {known.ACCESS_TOKEN: tokens["access_token"], known.REFRESH_TOKEN: tokens["refresh_token"]}
        self.stands_for |= {known.CLIENT: client, known.CODE: code()}

    def _made(self) -> None:
        """One document of each DocType: what a create makes, or what the site has written."""
        for doctype, name in known.NAMES.items():
            if doctype in known.BODIES:
                self.stands_for[name] = str(self.site.add(doctype, **self.own(known.BODIES[doctype]))["name"])
            else:
                rows = self.site.rows(doctype)
                assert rows, f"the site has written no {doctype}"
                self.stands_for[name] = rows[0]["name"]

    def own(self, value: Any) -> Any:
        """The value with this site's names in the place of the well-known ones, in texts too."""
        return json.loads(self._owned(json.dumps(value)))

    def _owned(self, text: str) -> str:
        for name in sorted(self.stands_for, key=len, reverse=True):
            text = text.replace(f'"{name}"', f'"{self.stands_for[name]}"')
            text = text.replace(f'\\"{name}\\"', f'\\"{self.stands_for[name]}\\"')
        return text

    def path(self, route: Route, example: Example) -> str:
        path = route.template.replace("%20", " ")
        for name, value in example.path.items():
            path = path.replace(f"{{{name}}}", self.own(value))
        return path

    def send(self, route: Route, operation: Operation, example: Example, **headers: str) -> Reply:
        """The example as one call, over the prepared state."""
        makes = route.entry.startswith("create_") or "client.insert" in route.entry
        self.site.fake.put_back(self.fresh if makes else self.ready)
        shown = {**(credentials(operation, self)), **headers}
        query, body = urlencode(self.own(dict(example.query))), b""
        if example.body is not None and route.method in ("POST", "PUT", "PATCH"):
            body, kind = encoded(self.own(example.body), operation.media)
            shown["content-type"] = kind
        elif example.body is not None:
            texts = {key: each if isinstance(each, str) else json.dumps(each) for key, each in self.own(example.body).items()}
            query = urlencode(texts)
        return self.site.fake.handle(Call(route.method, self.path(route, example), query, shown, body))


def encoded(content: Any, media: str) -> tuple[bytes, str]:
    """A body and what it calls itself."""
    if media.endswith("json"):
        return json.dumps(content).encode(), media
    if media.startswith("multipart"):
        parts = [f'--b\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in content.items()]
        return "".join([*parts, "--b--\r\n"]).encode(), f"{media}; boundary=b"
    return urlencode(content).encode(), media


def credentials(operation: Operation, site: PreparedSite) -> dict[str, str]:
    """What this operation asks a caller to show: the key and secret, or nothing."""
    if operation.security == ():
        return {"accept": "application/json"}
    if operation.area == "oauth":
        return {"authorization": f"Bearer {site.stands_for[known.ACCESS_TOKEN]}"}
    return dict(TOKEN)


def judge(reply: Reply, route: Route) -> None:
    """The answer is a documented one of its operation: status, content type, and every field. Raises AssertionError."""
    version = the_contract().version_of(route.template)
    operation = the_contract().as_written(version, route.entry)
    answer = operation.answers.get(reply.status)
    where = f"{route.method} {route.template} {reply.status}"
    assert answer is not None, f"{where} is not documented, only {list(operation.answers)}: {reply.body[:300]!r}"
    media = reply.headers["content-type"].partition(";")[0]
    assert media in answer.bodies(), f"{where}: the content type is {media}"
    if media.endswith("json"):
        problems = [f"{error.json_path}: {error.message[:200]}" for error in validator(version, answer).iter_errors(reply.json())]
        assert not problems, f"{where}: {'; '.join(problems[:5])[:800]}"


_VALIDATORS: dict[tuple[str, str], Any] = {}


def validator(version: str, answer: Answer) -> Any:
    key = (version, str(answer.schema))
    if key not in _VALIDATORS:
        schema = {"components": {"schemas": dict(components(version))}, "allOf": [answer.schema]}
        _VALIDATORS[key] = jsonschema.Draft202012Validator(schema)
    return _VALIDATORS[key]


@cache
def components(version: str) -> Mapping[str, Any]:
    return the_contract().components(version)
