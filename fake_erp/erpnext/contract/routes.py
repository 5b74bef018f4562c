"""The routes that documents speak of: what the site routes by a name in the path, spelt out name by name.

A function of `METHODS` gets the path it is called by, a DocType the paths of its documents, beside those for any DocType. Entries
are called as faults and journal call the operation; a function's entry is its dotted path.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

from fake_erp.erpnext.api.functions import Function
from fake_erp.erpnext.api.methods import METHODS, RENAMED
from fake_erp.erpnext.contract.doctypes import parents
from fake_erp.erpnext.contract.examples import is_done
from fake_erp.erpnext.routes import PAGE, routes
from fake_erp.erpnext.settings import Settings
from harness.kit.routing import NOT_MODELLED, Route

CALL = "call"
ANY = "{doctype}"
METHOD, REST = "{method:path}", "{id:path}"
ALL_VERBS = ("POST", "GET", "PUT", "DELETE")
# Functions of the vendor that clients know, and that answer 501 here.
UNKNOWN_HERE = (
    "frappe.client.get_password",
    "frappe.client.get_js",
    "frappe.client.is_document_amended",
    "frappe.core.doctype.user.user.reset_password",
    "frappe.desk.query_report.export_query",
    "frappe.email.doctype.email_queue.email_queue.send_now",
    "frappe.utils.print_format.download_pdf",
    "erpnext.stock.get_item_details.get_item_details",
    "erpnext.stock.utils.get_stock_balance",
    "erpnext.accounts.utils.get_balance_on",
)
REFUSES = ("frappe.desk.query_report.run", "frappe.model.workflow.apply_workflow")  # 417: there is no report and no workflow
PAGES = {
    "/files/{file}": "read_file_content",
    "/private/files/{file}": "read_private_file_content",
    "/app": "open_desk",
}


def documented_routes() -> list[Route]:
    """In the order of the paths that clients use most; the first of a version and entry is its main one."""
    found: list[Route] = []
    for route in routes(Settings()):
        if route.operation == CALL:
            continue
        if route.operation == PAGE:
            found += _pages(route)
        elif ANY in route.template:
            found += _of_documents(route)
        else:
            found.append(route)
    return [*found, *_functions()]


def functions() -> list[str]:
    """Dotted paths of the modelled functions."""
    return [path for path in METHODS if path not in REFUSES and not RENAMED.get(path)]


def verbs(path: str) -> tuple[str, ...]:
    """A function's verbs, the one a client would take first: GET where nothing has to be given."""
    method = METHODS[path]
    if not isinstance(method, Function):
        return ALL_VERBS
    allowed = [verb for verb in ALL_VERBS if method.verbs is None or verb in method.verbs]
    asks = method.required or method.types or method.verbs is not None or path in TAKE_MORE
    return tuple(allowed if asks else sorted(allowed, key=lambda verb: verb != "GET"))


TAKE_MORE = frozenset(
    {"login", "run_doc_method", "frappe.client.insert_many", "logout"}
)  # POST, though nothing is asked for by name


def _functions() -> Iterator[Route]:
    served = [route for route in routes(Settings()) if route.operation == CALL]
    for path in functions():
        for verb in verbs(path):
            for route in served:
                if route.method == verb:
                    yield replace(route, template=route.template.replace(METHOD, path), operation=path)
    handler = served[0].handler
    for path in (*UNKNOWN_HERE, *REFUSES):
        if path not in METHODS:
            yield Route("POST", f"/api/method/{path}", handler, NOT_MODELLED)


def _of_documents(route: Route) -> Iterator[Route]:
    """For any DocType, and for each; of methods of documents only the general one."""
    template, verb = route.template, route.operation
    if verb == "run_method_of" and "/v2/" in template:
        verb, template = "call_method_of", template.replace(REST, "{name}/method/{method}")
    template = template.replace(REST, "{name}")
    yield replace(route, template=template, operation=f"{verb}_{{doctype}}")
    if verb in ("run_method_of", "call_method_of", "meta_of", "count"):
        return
    for meta in (meta for meta in parents() if is_done(verb, meta.name)):
        yield replace(route, template=template.replace(ANY, quote(meta.name)), operation=f"{verb}_{meta.slug}")


def _pages(route: Route) -> Iterator[Route]:
    if route.method == "GET" and route.template != "/":
        for template, entry in PAGES.items():
            yield replace(route, template=template, operation=entry)
