"""What the desk calls: forms, lists, searches, linked documents, mapping by name, files. Source: facts 2.8."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import Any

import pytest
from erpnext_site import DELIVERY_NOTE, EXTERNAL_ID, SALES_ORDER, TOKEN, ErpSite, messages_of, refused

from harness.kit.call import Call, Reply

CLIENT = "frappe.client"
SAVEDOCS = "frappe.desk.form.save.savedocs"


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


def result(reply: Reply) -> Any:
    assert reply.status == 200, reply.body
    return reply.json()["message"]


def test_a_form_is_loaded_saved_submitted_updated_and_cancelled(site: ErpSite) -> None:
    def step(doc: dict[str, Any], action: str) -> dict[str, Any]:
        site.wait(1)
        reply = site.call(SAVEDOCS, doc=json.dumps(doc), action=action)
        assert reply.status == 200, reply.body
        assert (reply.json()["docinfo"]["name"], messages_of(reply)[-1]["alert"]) == (reply.json()["docs"][0]["name"], 1)
        said.append(messages_of(reply)[-1]["message"])
        return dict(reply.json()["docs"][0])

    said: list[str] = []
    items = [{"item_code": "SKU-1", "qty": 1, "rate": 5, "warehouse": "Stores - ACM"}]
    new = {"doctype": "Sales Order", "name": "new-sales-order-1", "__islocal": 1, "customer": "ACME", "items": items}
    saved = step({**new, "delivery_date": "2026-04-01"}, "Save")
    assert saved["localname"] == "new-sales-order-1"
    name = saved["name"]
    loaded = site.send("GET", "/api/method/frappe.desk.form.load.getdoc", doctype="Sales Order", name=name).json()
    assert loaded["docs"][0]["po_no"] is None
    assert loaded["docinfo"]["permissions"]["submit"] == 1
    submitted = step(loaded["docs"][0], "Submit")
    updated = step({**submitted, "po_no": "PO-1"}, "Update")
    assert (updated["docstatus"], updated["po_no"]) == (1, "PO-1")
    assert step(updated, "Cancel")["docstatus"] == 2
    assert said == ["Saved", "Submitted", "Updated", "Cancelled"]


def test_what_a_form_cannot_do(site: ErpSite) -> None:
    refused(site.call(SAVEDOCS, doc="{}", action="Explode"), 500, "KeyError")
    refused(site.call(SAVEDOCS, doc="[]", action="Save"), 500, "AttributeError")
    missing = site.send("GET", "/api/method/frappe.desk.form.load.getdoc", doctype="Customer", name="Nobody")
    assert (missing.status, missing.json()) == (200, {"message": []})


def test_cancelling_from_the_form_says_so(site: ErpSite) -> None:
    reply = site.call("frappe.desk.form.save.cancel", doctype="Sales Order", name=site.submitted_order())
    assert (reply.json()["docs"][0]["docstatus"], messages_of(reply)[-1]["message"]) == (2, "Cancelled")


def test_methods_of_a_document_stored_or_sent(site: ErpSite) -> None:
    name = site.draft_order()
    draft = site.get("Sales Order", name)
    sent = site.call("run_doc_method", docs=json.dumps(draft), method="submit")
    assert (sent.json()["docs"][0]["docstatus"], sent.json()["message"]["docstatus"]) == (1, 1)
    refused(site.call("run_doc_method", docs=json.dumps(draft), method="submit"), 417, "TimestampMismatchError")
    assert site.call("run_doc_method", dt="Sales Order", dn=name, method="submit").status == 200, "loads the current one"
    refused(site.call("run_doc_method", dt="Sales Order", dn=name, method="db_set"), 403, "PermissionError")
    refused(site.call("run_doc_method", dt="Sales Order", dn=name, method="nope"), 500, "AttributeError")
    refused(site.call("run_doc_method", dt="Sales Order", dn=name), 500, "TypeError")


def test_a_list_of_the_desk_comes_as_keys_and_values(site: ErpSite) -> None:
    for number in range(3):
        site.add("Customer", customer_name=f"C{number}", customer_type="Company")
    asked = {"doctype": "Customer", "fields": ["name", "tax_id"], "order_by": "name asc", "start": 1, "page_length": 2}
    rows = result(site.call("frappe.desk.reportview.get", **asked))
    assert rows == {"keys": ["name", "tax_id"], "values": [["C0", None], ["C1", None]]}
    assert result(site.call("frappe.desk.reportview.get", doctype="Customer", filters={"name": "X"})) == []
    assert result(site.call("frappe.desk.reportview.get_count", doctype="Customer")) == 4


def test_a_link_field_searches_names_and_titles(site: ErpSite) -> None:
    for name in ("Acme Ltd", "Not Acme"):
        site.add("Customer", customer_name=name, customer_type="Company")
    asked = {"doctype": "Customer", "txt": "acme"}
    found = result(site.call("frappe.desk.search.search_link", **asked))
    assert [row["value"] for row in found] == ["ACME", "Acme Ltd", "Not Acme"]
    assert len(result(site.call("frappe.desk.search.search_link", **asked, page_length="1"))) == 1
    assert "results" in ErpSite(version=14).call("frappe.desk.search.search_link", **asked).json()


def test_what_the_fake_has_not_is_refused_by_name(site: ErpSite) -> None:
    report = site.call("frappe.desk.query_report.run", report_name="Sales Register")
    assert refused(report, 417, "ValidationError") == "Report Sales Register: Not supported by fake"
    order = json.dumps(site.get("Sales Order", site.draft_order()))
    workflow = site.call("frappe.model.workflow.apply_workflow", doc=order, action="Approve")
    assert refused(workflow, 417, "ValidationError") == "Workflow not found for Sales Order"


def test_everything_that_hangs_on_an_order_is_found_and_cancelled(site: ErpSite) -> None:
    order = site.submitted_order()
    delivery = site.people.ship(order, Decimal(1))
    invoice = site.people.invoice(order)
    found = result(site.call("frappe.desk.form.linked_with.get_submitted_linked_docs", doctype="Sales Order", name=order))
    assert {(doc["doctype"], doc["name"]) for doc in found["docs"]} == {("Delivery Note", delivery), ("Sales Invoice", invoice)}
    assert found["count"] == 2
    cancelled = site.call("frappe.desk.form.linked_with.cancel_all_linked_docs", docs=json.dumps(found["docs"]))
    assert (cancelled.status, cancelled.json()) == (200, {})
    assert site.put("Sales Order", order, docstatus=2).status == 200


def test_the_dispatcher_of_mapping_methods_takes_selected_rows(site: ErpSite) -> None:
    name = site.submitted_order(("SKU-1", 1, 5.0), ("SKU-2", 1, 5.0))
    row = site.get("Sales Order", name)["items"][1]["name"]
    asked = {"method": f"{SALES_ORDER}.make_delivery_note", "source_name": name}
    both = result(site.call("frappe.model.mapper.make_mapped_doc", **asked))
    one = result(site.call("frappe.model.mapper.make_mapped_doc", **asked, selected_children=json.dumps({"items": [row]})))
    assert ([len(both["items"])], [row["item_code"] for row in one["items"]]) == ([2], ["SKU-2"])
    refused(site.call("frappe.model.mapper.make_mapped_doc", method="os.system", source_name=name), 403, "PermissionError")
    refused(site.call(f"{DELIVERY_NOTE}.make_sales_invoice"), 500, "TypeError")


# -- files ----------------------------------------------------------------------------------------------------------------


def upload(site: ErpSite, content: bytes, filename: str = "po.pdf", **fields: str) -> Reply:
    lines = [f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items()]
    head = f'--B\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\nContent-Type: application/pdf\r\n\r\n'
    body = b"".join(lines) + head.encode() + content + b"\r\n--B--\r\n"
    headers = {**TOKEN, "content-type": "multipart/form-data; boundary=B"}
    return site.fake.handle(Call("POST", "/api/method/upload_file", "", headers, body))


def test_a_file_is_uploaded_to_a_document_and_fetched_again(site: ErpSite) -> None:
    name = site.draft_order()
    content = b"%PDF\r\n\x00\xff--not a boundary"
    doc = result(upload(site, content, doctype="Sales Order", docname=name, is_private="1"))
    assert (doc["file_url"], doc["file_size"], doc["attached_to_name"]) == ("/private/files/po.pdf", len(content), name)
    assert site.send("GET", "/private/files/po.pdf").body == content
    assert site.send("GET", "/private/files/po.pdf", headers={}).status == 403
    loaded = site.send("GET", "/api/method/frappe.desk.form.load.getdoc", doctype="Sales Order", name=name).json()
    assert [file["file_name"] for file in loaded["docinfo"]["attachments"]] == ["po.pdf"]
    assert result(upload(site, b"other"))["file_url"] == "/files/po.pdf", "a public one"
    assert result(upload(site, b"third"))["file_url"].startswith("/files/po"), "and one of the same name"
    refused(upload(site, b"x", doctype="Sales Order", docname="NOPE"), 404, "DoesNotExistError")


def test_a_file_is_attached_from_text_and_its_address_put_into_a_field(site: ErpSite) -> None:
    site.add("Custom Field", **{**EXTERNAL_ID, "fieldname": "custom_scan", "label": "Scan", "fieldtype": "Attach", "unique": 0})
    name = site.draft_order()
    what = {"filename": "a.txt", "filedata": base64.b64encode(b"hello").decode(), "decode_base64": 1}
    doc = result(site.call(f"{CLIENT}.attach_file", **what, doctype="Sales Order", docname=name, docfield="custom_scan"))
    assert site.send("GET", doc["file_url"], headers={}).body == b"hello"
    assert site.get("Sales Order", name)["custom_scan"] == doc["file_url"]


def test_a_doctype_is_a_document_to_the_client_and_its_form_knows_who_may_what(site: ErpSite) -> None:
    standard = result(site.call(f"{CLIENT}.get", doctype="DocType", name="Customer"))
    assert "customer_name" in [field["fieldname"] for field in standard["fields"]]
    (loaded, *_) = site.call("frappe.desk.form.load.getdoctype", doctype="Customer").json()["docs"]
    rights = {row["role"]: row for row in loaded["permissions"]}
    assert (rights["Sales User"]["write"], rights["Stock User"]["write"]) == (1, 0)
