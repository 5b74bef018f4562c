"""Who am I, login and logout, keys, versions. Source: facts 1.3, 1.4."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fake_erp.erpnext.access.people import set_api_secret
from fake_erp.erpnext.api.functions import Function, Raw, function
from fake_erp.erpnext.errors import throw
from harness.kit.call import Call

if TYPE_CHECKING:
    from fake_erp.erpnext.dialect import ErpNextFake

Args = dict[str, Any]


def ping(fake: ErpNextFake, call: Call, args: Args) -> str:
    return "pong"


def login(fake: ErpNextFake, call: Call, args: Args) -> Raw:
    """A session and its cookies. A wrong password is a 401 with a message of its own. Two factors are not modelled."""
    session = fake.sessions.log_in(str(args.get("usr") or ""), str(args.get("pwd") or ""))
    fake.session = session
    fields = fake.site.fetch("User", session.user).fields
    system = fields["user_type"] == "System User"
    home = fake.settings.desk if system else "/me"
    return Raw({"message": "Logged In" if system else "No App", "home_page": home, "full_name": fields["full_name"]})


def logout(fake: ErpNextFake, call: Call, args: Args) -> Raw:
    """Any verb; version 16 wants POST."""
    if fake.settings.version >= 16 and call.method != "POST":
        raise throw("Not permitted", "PermissionError", status=403)
    fake.sessions.log_out(call)
    fake.session = None
    fake.logged_out = True
    return Raw({})


def get_logged_user(fake: ErpNextFake, call: Call, args: Args) -> str:
    return fake.site.user


def get_versions(fake: ErpNextFake, call: Call, args: Args) -> dict[str, Any]:
    branch = f"version-{fake.settings.version}"

    def app(title: str, description: str, version: str) -> dict[str, str]:
        return {"title": title, "description": description, "version": version, "branch": branch}

    frappe, erpnext = fake.settings.versions
    return {
        "frappe": app("Frappe Framework", "Full stack web framework with Python, Javascript, MariaDB, Redis, Node", frappe),
        "erpnext": app("ERPNext", "ERP made simple", erpnext),
    }


def generate_keys(fake: ErpNextFake, call: Call, args: Args) -> dict[str, str]:
    """A secret for a user, and a key if there is none yet. System Manager only; the secret is told this once."""
    fake.permissions.only_for("System Manager")
    record = fake.site.fetch("User", str(args["user"]))
    if not record.fields.get("api_key"):
        fake.site.set_values(record, {"api_key": fake.random_key()})
    secret = fake.random_key()
    set_api_secret(fake.site, record, secret)
    return {"api_secret": secret}


METHODS: dict[str, Function] = {
    "ping": function(ping, "ping", guest=True),
    "login": function(login, "login", guest=True),
    "logout": function(logout, "logout", guest=True),
    "frappe.ping": function(ping, "ping", guest=True),
    "frappe.auth.get_logged_user": function(get_logged_user, "get_logged_user"),
    "frappe.utils.change_log.get_versions": function(get_versions, "get_versions"),
    "frappe.core.doctype.user.user.generate_keys": function(generate_keys, "generate_keys", "user", verbs=frozenset({"POST"})),
}
