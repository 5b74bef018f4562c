"""The Webhook documents that an administrator sets up for an integration of quote to cash, and those that nobody may save."""

from __future__ import annotations

from itertools import chain, count
from typing import Any, Final
from urllib.parse import urlsplit

from fake_erp.erpnext.errors import throw
from fake_erp.erpnext.events.conditions import check_condition
from fake_erp.erpnext.events.payload import check_template
from fake_erp.erpnext.framework.controller import Controller
from fake_erp.erpnext.framework.documents import insert, update
from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.site import Site

_FOR_SUBMITTABLE: Final = ("on_submit", "on_cancel", "on_update_after_submit")
_SAME = ("request_url", "webhook_doctype", "webhook_docevent", "webhook_json")
# What an integration of quote-to-cash wants to hear of, as an administrator would set it up.
WANTED: tuple[tuple[str, str], ...] = (
    ("Customer", "on_update"),
    ("Sales Order", "on_submit"),
    ("Sales Order", "on_cancel"),
    ("Sales Order", "on_change"),
    ("Delivery Note", "on_submit"),
    ("Delivery Note", "on_cancel"),
    ("Sales Invoice", "on_submit"),
    ("Sales Invoice", "on_cancel"),
    ("Sales Invoice", "on_change"),
    ("Payment Entry", "on_submit"),
    ("Payment Entry", "on_cancel"),
)


class WebhookController(Controller):
    """What the vendor checks of a Webhook, in its order. Source: facts 6.1."""

    def validate(self, site: Site, doc: Doc, old: Doc | None) -> None:
        target = site.meta(doc.get("webhook_doctype") or "")
        if doc.get("webhook_docevent") in _FOR_SUBMITTABLE and not target.submittable:
            raise throw("DocType must be Submittable for the selected Doc Event")
        if doc.get("condition"):
            check_condition(site, target, doc["condition"])
        if not _has_host(doc.get("request_url") or ""):
            raise throw("Check Request URL")
        if doc.get("request_structure") == "Form URL-Encoded":
            doc["webhook_json"] = None
        elif doc.get("request_structure") == "JSON":
            check_template(doc.get("webhook_json") or "")
            doc["webhook_data"] = []
        names = [row.get("fieldname") for row in doc["webhook_data"]]
        if len(names) != len(set(names)):
            raise throw("Same Field is entered more than once")
        if doc["enable_security"] and not doc.get("webhook_secret"):
            raise throw("Invalid Webhook Secret")


def _has_host(url: str) -> bool:
    try:
        return bool(urlsplit(url).netloc)
    except ValueError:
        return False


def subscribe(site: Site, url: str, secret: str) -> None:
    """Set up what an integration at `url` wants to hear. A Webhook that says the same there already only gets the secret."""
    there = {tuple(hook.fields[name] for name in _SAME): hook.id for hook in site.store.all("Webhook")}
    for document in subscriptions(url, secret):
        known = there.get(tuple(document[name] for name in _SAME))
        if known is None:
            insert(site, "Webhook", {**document, "name": _free_name(site, document["name"])})
        else:
            signed = {name: document[name] for name in ("enable_security", "webhook_secret")}
            update(site, "Webhook", known, {"enabled": 1, **signed})


def _free_name(site: Site, name: str) -> str:
    """`customer-update`, and `customer-update-2` for the second address that hears of it."""
    numbered = (f"{name}-{number}" for number in count(2))
    return next(free for free in chain([name], numbered) if site.find("Webhook", free) is None)


def subscriptions(url: str, secret: str) -> list[dict[str, Any]]:
    """The Webhook documents an administrator would create for an integration at `url`."""
    documents = []
    for doctype, event in WANTED:
        what = f'"doctype": "{doctype}", "event": "{event}"'
        body = f'{{{what}, "name": {{{{ doc.name | tojson }}}}, "modified": "{{{{ doc.modified }}}}"}}'
        documents.append(
            {
                "name": f"{doctype.lower().replace(' ', '-')}-{event.removeprefix('on_')}",
                "webhook_doctype": doctype,
                "webhook_docevent": event,
                "request_url": url,
                "request_structure": "JSON",
                "enable_security": 1 if secret else 0,
                "webhook_secret": secret,
                "webhook_headers": [{"key": "Content-Type", "value": "application/json"}],
                "webhook_json": body,
            }
        )
    return documents
