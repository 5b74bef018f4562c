"""`/api/method`: the functions that integrations call by their dotted path. Source: facts 1, 2.8, 4.3, 4.4.

A path that the vendor has and this fake has not answers 501 and names itself; one that nobody has answers as the vendor does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fake_erp.erpnext.access.sessions import GUEST
from fake_erp.erpnext.api import (
    accounts,
    business_methods,
    client_reads,
    client_writes,
    desk_forms,
    desk_lists,
    mapping_methods,
    oauth_endpoints,
    passwords,
)
from fake_erp.erpnext.api.files import upload_file
from fake_erp.erpnext.api.functions import WRITE, Function, Method, Raw, function
from fake_erp.erpnext.api.requests import arguments
from fake_erp.erpnext.api.rest import Answer
from fake_erp.erpnext.api.update_items import update_child_qty_rate
from fake_erp.erpnext.errors import Refused, not_modelled, not_whitelisted, throw
from harness.kit.call import Call, Reply

if TYPE_CHECKING:
    from fake_erp.erpnext.dialect import ErpNextFake

# What the vendor's frappe.client has beyond the functions here.
CLIENT_NOT_MODELLED = frozenset({"get_password", "get_js", "is_document_amended"})
# What version 16 renamed: path → whether it is the new name.
RENAMED = {"frappe.client.validate_link": False, "frappe.client.validate_link_and_fetch": True}
# Modules of the vendor whose functions clients try: an unknown name in one of them is told as Python tells it.
KNOWN_MODULES = ("frappe.client", "frappe.auth", "frappe.desk.form.load", "frappe.desk.form.save", "frappe.desk.reportview")
# Names in `frappe.handler` that need no path.
INSIDE = frozenset({"frappe.get_doc", "frappe.db.sql", "frappe.delete_doc", "frappe.set_user", "frappe.get_all"})


def call_method(fake: ErpNextFake, call: Call) -> Answer:
    """Any verb. The result comes under `message`, or nothing at all when the function returns nothing. Segments after the
    dotted path are ignored."""
    body = execute(fake, call, call.params["method"].strip("/").split("/")[0], arguments(call))
    return body if isinstance(body, Reply) else (200, body)


def execute(fake: ErpNextFake, call: Call, path: str, args: dict[str, Any]) -> dict[str, Any] | Reply:
    """Look a function up, ask whether this user may call it with this verb, call it."""
    method = METHODS.get(path)
    if method is None or RENAMED.get(path, fake.settings.version >= 16) is not (fake.settings.version >= 16):
        raise _unknown(path)
    checked = method if isinstance(method, Function) else None
    if fake.site.user == GUEST and (checked is None or not checked.guest):
        raise not_whitelisted(path)
    if checked is not None and checked.verbs is not None and call.method not in checked.verbs:
        raise throw("Not permitted", "PermissionError", status=403)
    result = method(fake, call, args)
    if isinstance(result, Raw):
        return result.body
    return result if isinstance(result, Reply) else {} if result is None else {"message": result}


def _unknown(path: str) -> Refused:
    module, _, name = path.rpartition(".")
    if path in INSIDE:
        return not_whitelisted(path)
    if module in KNOWN_MODULES and not (module == "frappe.client" and name in CLIENT_NOT_MODELLED):
        return throw(f"Failed to get method for command {path} with module '{module}' has no attribute '{name}'")
    if path.startswith(("frappe.", "erpnext.")):
        return not_modelled(path)
    if not module:
        return throw(f"Failed to get method for command {path} with No module named '{path}'")
    return throw(f"Failed to get method for command {path} with App {path.split('.')[0]} is not installed")


METHODS: dict[str, Method] = {
    **accounts.METHODS,
    **business_methods.METHODS,
    **client_reads.METHODS,
    **client_writes.METHODS,
    **desk_forms.METHODS,
    **desk_lists.METHODS,
    **mapping_methods.METHODS,
    **oauth_endpoints.METHODS,
    **passwords.METHODS,
    "upload_file": function(upload_file, "upload_file", verbs=WRITE),
    "erpnext.controllers.accounts_controller.update_child_qty_rate": function(
        update_child_qty_rate, "update_child_qty_rate", "parent_doctype trans_items parent_doctype_name"
    ),
}
