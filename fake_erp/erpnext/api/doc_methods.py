"""Methods of documents: `run_method`, `run_doc_method`, v2's `/method/`. Source: facts 2.2, 2.8, 2.9.

`submit`, `cancel`, `rename` and `add_comment` work on every document, `declare_enquiry_lost` on quotations. What else ERPNext's
DocTypes have is not modelled: a method that the vendor's classes have but that no client may call is a 403, an unknown one is
`NoSuchMethod`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fake_erp.erpnext.api import business_methods, guarded
from fake_erp.erpnext.api.requests import required
from fake_erp.erpnext.api.shapes import shown
from fake_erp.erpnext.errors import not_whitelisted
from fake_erp.erpnext.framework import documents
from fake_erp.erpnext.framework.rename import rename

if TYPE_CHECKING:
    from fake_erp.erpnext.dialect import ErpNextFake

# What every document of the vendor can do and no client may ask for.
_INSIDE = frozenset(
    {"insert", "save", "delete", "db_set", "reload", "validate", "on_submit", "on_cancel", "on_update", "run_method", "get", "set"}
)


class NoSuchMethod(LookupError):
    """No document has a method of this name."""


def run_method(fake: ErpNextFake, doctype: str, name: str, method: str, args: dict[str, Any]) -> Any:
    """The method's result. Raises Refused, and NoSuchMethod for a name nobody knows."""
    found = _METHODS.get(method) or _OF_ONE_DOCTYPE.get((doctype, method))
    if found is None:
        if method in _INSIDE or method.startswith("_"):
            raise not_whitelisted(f"{doctype}.{method}")
        raise NoSuchMethod(method)
    return found(fake, doctype, name, args)


def _submit(fake: ErpNextFake, doctype: str, name: str, args: dict[str, Any]) -> Any:
    return shown(fake.site, guarded.update(fake, doctype, name, {"docstatus": 1}))


def _cancel(fake: ErpNextFake, doctype: str, name: str, args: dict[str, Any]) -> Any:
    return shown(fake.site, guarded.update(fake, doctype, name, {"docstatus": 2}))


def _rename(fake: ErpNextFake, doctype: str, name: str, args: dict[str, Any]) -> Any:
    required(args, "rename", "name")
    guarded.fetch(fake, doctype, name, "write")
    rename(fake.site, doctype, name, str(args["name"]), merge=truth(args.get("merge")))
    return None


def _add_comment(fake: ErpNextFake, doctype: str, name: str, args: dict[str, Any]) -> Any:
    """A Comment document that refers to this one; returned as it is stored."""
    site = fake.site
    user = site.store.get("User", site.user)
    comment = {
        "comment_type": args.get("comment_type") or "Comment",
        "comment_email": args.get("comment_email") or site.user,
        "comment_by": args.get("comment_by") or (user.fields["full_name"] if user is not None else site.user),
        "reference_doctype": doctype,
        "reference_name": name,
        "content": args.get("text"),
    }
    return shown(fake.site, documents.insert(site, "Comment", comment))


def truth(value: Any) -> bool:
    """How a flag arrives: a JSON boolean, 0 or 1, or one of them as text."""
    return str(value).lower() in ("1", "true", "yes") if isinstance(value, str) else bool(value)


_METHOD = Callable[["ErpNextFake", str, str, dict[str, Any]], Any]
_OF_ONE_DOCTYPE: dict[tuple[str, str], _METHOD] = {("Quotation", "declare_enquiry_lost"): business_methods.declare_enquiry_lost}
_METHODS: dict[str, _METHOD] = {
    "submit": _submit,
    "cancel": _cancel,
    "rename": _rename,
    "add_comment": _add_comment,
}
