"""Every kind of route of an ERPNext site, and what an answer that refuses must look like."""

from __future__ import annotations

from erpnext_site import TOKEN, ErpSite

from harness.kit.call import Call, Outcome, Reply

NAME = "SAL-ORD-2026-00001"
UPDATE_ITEMS = "erpnext.controllers.accounts_controller.update_child_qty_rate"
DOCUMENTS = (
    ("POST", "/api/resource/Sales Order"),
    ("PUT", f"/api/resource/Sales Order/{NAME}"),
    ("POST", "/api/v1/resource/Sales Order"),
    ("POST", "/api/v2/document/Sales Order"),
    ("PATCH", f"/api/v2/document/Sales Order/{NAME}"),
    ("PUT", f"/api/v2/document/Sales Order/{NAME}"),
)
FUNCTIONS = (
    ("POST", f"/api/resource/Sales Order/{NAME}"),
    ("POST", "/api/method/frappe.client.get"),
    ("POST", "/api/method/frappe.client.insert"),
    ("POST", "/api/method/frappe.client.insert_many"),
    ("PUT", "/api/method/frappe.client.save"),
    ("POST", "/api/method/frappe.client.submit"),
    ("POST", "/api/method/frappe.client.set_value"),
    ("POST", "/api/method/frappe.client.bulk_update"),
    ("POST", "/api/method/frappe.desk.form.save.savedocs"),
    ("POST", "/api/method/run_doc_method"),
    ("POST", "/api/method/frappe.model.mapper.make_mapped_doc"),
    ("POST", f"/api/method/{UPDATE_ITEMS}"),
    ("POST", "/api/method/upload_file"),
    ("POST", "/api/method/login"),
)
ROUTES = (*DOCUMENTS, *FUNCTIONS)


def send(site: ErpSite, method: str, path: str, body: bytes = b"", kind: str = "application/json", query: str = "") -> Reply:
    return site.fake.handle(Call(method, path, query, {**TOKEN, "content-type": kind}, body))


def exc_type(reply: Reply) -> str:
    """The error's type, under v1 and v2; the reply must say that nothing was written."""
    assert reply.status >= 400, reply.body[:200]
    assert reply.outcome is Outcome.NOT_APPLIED
    assert reply.headers["content-type"] == "application/json"
    body = reply.json()
    return str(body["errors"][0]["type"] if "errors" in body else body["exc_type"])
