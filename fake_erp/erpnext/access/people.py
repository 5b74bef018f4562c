"""The site's users: who they are, their passwords and API keys. Source: facts 0 and 1.

Secrets are kept as the vendor does, in a table of their own that no API reads; a document shows stars. What our store keeps is
the text itself, not a hash: nothing of it reaches the journal.
"""

from __future__ import annotations

from typing import Any, Final

from fake_erp.erpnext.access.roles import AUTOMATIC, INTEGRATION, ROLES
from fake_erp.erpnext.errors import throw
from fake_erp.erpnext.framework.controller import CONTROLLERS, Controller
from fake_erp.erpnext.framework.documents import insert
from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.settings import UserSetting
from harness.kit.records import Record

ADMINISTRATOR: Final = "Administrator"
ADMIN_PASSWORD: Final = "admin"
API_USER: Final = "api@example.com"
API_KEY: Final = "syncproof"
API_SECRET: Final = "syncproof"
_BUILT_IN: Final = {"admin@example.com": ADMINISTRATOR, "guest@example.com": "Guest"}
AUTH: Final = "__Auth"  # the vendor's table of secrets


def set_up_users(site: Site, more: tuple[UserSetting, ...]) -> None:
    """The users of a fresh site, then those of the settings. Runs as Administrator."""
    for role in ROLES:
        insert(site, "Role", {"role_name": role})
    _user(site, UserSetting("admin@example.com", "Administrator", password=ADMIN_PASSWORD))
    _user(site, UserSetting("guest@example.com", "Guest", user_type="Website User"))
    _user(site, UserSetting(API_USER, "Api User", INTEGRATION, api_key=API_KEY, api_secret=API_SECRET))
    for user in more:
        _user(site, user)


def _user(site: Site, user: UserSetting) -> None:
    for role in user.roles:
        if site.store.get("Role", role) is None:
            insert(site, "Role", {"role_name": role})
    document: dict[str, Any] = {
        "email": user.email,
        "first_name": user.full_name or user.email,
        "enabled": int(user.enabled),
        "user_type": user.user_type,
        "roles": [{"role": role} for role in user.roles],
        "new_password": user.password,
        "api_key": user.api_key or None,
        "api_secret": user.api_secret,
    }
    insert(site, "User", document)


class UserController(Controller):
    """Secrets leave the document; what they were is known to `secret_of` only."""

    def autoname(self, site: Site, doc: Doc) -> str | None:
        email = doc["email"] = str(doc.get("email") or "").strip().lower()
        if not email:
            raise throw("Email is required")
        return _BUILT_IN.get(email, email)

    def validate(self, site: Site, doc: Doc, old: Doc | None) -> None:
        doc["full_name"] = " ".join(part for part in (doc.get("first_name"), doc.get("last_name")) if part)
        for fieldname in ("new_password", "api_secret"):
            given = doc.get(fieldname)
            if given and given.strip("*"):
                _keep(site, f"User/{doc['name']}/{fieldname}", given)
                doc[fieldname] = None if fieldname == "new_password" else "*" * len(given)
        if any(row.get("role") in AUTOMATIC and row.get("role") != "Administrator" for row in doc.get("roles") or ()):
            doc["roles"] = [row for row in doc["roles"] if row.get("role") not in AUTOMATIC]

    def on_trash(self, site: Site, doc: Doc) -> None:
        if doc["name"] in (ADMINISTRATOR, "Guest"):
            raise throw(f"User {doc['name']} cannot be deleted")
        for fieldname in ("new_password", "api_secret"):
            if site.store.get(AUTH, f"User/{doc['name']}/{fieldname}") is not None:
                site.store.delete(AUTH, f"User/{doc['name']}/{fieldname}")


class OAuthClientController(Controller):
    """The site makes up the id, which is the name, and the secret."""

    def autoname(self, site: Site, doc: Doc) -> str | None:
        doc["client_id"], doc["client_secret"] = site.random_name(), site.random_name()
        return str(doc["client_id"])


def register() -> None:
    """Tell the document machinery about the controllers of this folder. Safe to repeat."""
    CONTROLLERS.update({"User": UserController(), "OAuth Client": OAuthClientController()})


def _keep(site: Site, place: str, secret: str) -> None:
    if site.store.get(AUTH, place) is None:
        site.store.insert(AUTH, place, {"password": secret})
    else:
        site.store.update(AUTH, place, {"password": secret})


def set_api_secret(site: Site, record: Record, secret: str) -> None:
    """What `generate_keys` does past the document's own rules."""
    _keep(site, f"User/{record.id}/api_secret", secret)
    site.set_values(record, {"api_secret": "*" * len(secret)})


def secret_of(site: Site, user: str, fieldname: str) -> str:
    """`new_password` or `api_secret` of a user, or an empty text."""
    record = site.store.get(AUTH, f"User/{user}/{fieldname}")
    return str(record.fields["password"]) if record is not None else ""


def user_named(site: Site, text: str) -> Record | None:
    """The user with this e-mail, whatever its case."""
    return site.find("User", text.strip()) if text.strip() else None
