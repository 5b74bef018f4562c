"""What the user of the call in hand may do, and which rows they see. Source: facts 1.6, 2.3 (permissions), 3.2.

Role rights come from `roles.py`; a User Permission narrows what somebody sees to documents that link to an allowed one (or to
none). Administrator may everything, and so may a person at the vendor's own screens, who has no User document here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fake_erp.erpnext.access.roles import RIGHTS, level_roles, rights_of
from fake_erp.erpnext.errors import Refused, no_permission, throw
from fake_erp.erpnext.framework.site import Site
from harness.kit.records import Change

ADMINISTRATOR = "Administrator"
GUEST = "Guest"
_KINDS = frozenset({"User", "User Permission"})


class Permissions:
    """Answers for `site.user`. Roles are worked out once for each user and anew when a User document changes."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._roles: dict[str, tuple[Mapping[str, Any] | None, frozenset[str] | None]] = {}
        self._narrowed: dict[str, dict[str, list[str]]] | None = None
        site.store.on_commit(self._forget)
        site.may_write_level = self.may_level

    def _forget(self, changes: list[Change]) -> None:
        if any(change.kind in _KINDS for change in changes):
            self._narrowed = None

    def reset(self) -> None:
        """After the records went back to an earlier state."""
        self._roles.clear()
        self._narrowed = None

    def roles(self, user: str) -> frozenset[str] | None:
        """The roles of a user; None: no limits at all."""
        record = self._site.store.get("User", user)
        fields = record.fields if record is not None else None
        known = self._roles.get(user)
        if known is None or known[0] is not fields:
            known = self._roles[user] = (fields, _roles_of(user, fields))
        return known[1]

    def is_system_user(self, user: str) -> bool:
        """Whether a user has a desk; a person at the screens has."""
        record = self._site.store.get("User", user)
        return record is None or record.fields.get("user_type") == "System User"

    def may(self, doctype: str, right: str, fields: Mapping[str, Any] | None = None) -> bool:
        """Whether the user has this right on the DocType, or on the document with these fields."""
        user = self._site.user
        roles = self.roles(user)
        if roles is None:
            return True
        general, own = rights_of(doctype)
        if roles.isdisjoint(general.get(right, ())) and (
            roles.isdisjoint(own.get(right, ())) or (fields is not None and fields.get("owner", user) != user)
        ):
            return False
        return fields is None or not self.narrowing(user) or self._matches(doctype, fields)

    def may_level(self, doctype: str, level: int) -> bool:
        """Whether the user reads and writes columns of this permission level."""
        roles = self.roles(self._site.user)
        return roles is None or not roles.isdisjoint(level_roles(doctype, level))

    def check(self, doctype: str, right: str, fields: Mapping[str, Any] | None = None) -> None:
        """Raises Refused (403) in the vendor's words; `fields` of a document speak of that document."""
        if self.may(doctype, right, fields):
            return
        user = self._site.user
        if fields is None and right == "read":
            raise no_permission(user, doctype, f"No permission for {doctype}")
        name = str((fields or {}).get("name") or "")
        whose = f"<strong>{doctype}</strong> {name}".strip()
        raise no_permission(user, doctype, f"You need the '{right}' permission on {whose} to perform this action.")

    def check_list(self, doctype: str) -> None:
        self.check(doctype, "read")

    def only_for(self, *roles: str) -> None:
        """Raises Refused (403) unless the user has one of these roles."""
        mine = self.roles(self._site.user)
        if mine is not None and mine.isdisjoint(roles):
            named = ", ".join(f"<strong>{role}</strong>" for role in roles)
            raise throw(f"This action is only allowed for {named}", "PermissionError", "Not Permitted", status=403)

    def rights(self, doctype: str, fields: Mapping[str, Any] | None = None) -> dict[str, int]:
        """Every right as 0 or 1, as `get_doc_permissions` shows them."""
        return {right: int(self.may(doctype, right, fields)) for right in RIGHTS}

    # -- rows ---------------------------------------------------------------------------------------------------------

    def narrowing(self, user: str) -> dict[str, list[str]]:
        """What User Permissions leave a user: DocType → allowed names. Empty for most."""
        if self._narrowed is None:
            self._narrowed = {}
            for record in self._site.store.all("User Permission"):
                allowed = self._narrowed.setdefault(str(record.fields["user"]), {})
                allowed.setdefault(str(record.fields["allow"]), []).append(str(record.fields["for_value"]))
        return self._narrowed.get(user, {})

    def filters(self, doctype: str) -> list[list[Any]]:
        """Filters that hide the rows a user may not see; lists add them silently."""
        user = self._site.user
        roles = self.roles(user)
        if roles is None:
            return []
        hidden: list[list[Any]] = []
        if roles.isdisjoint(rights_of(doctype)[0]["read"]):
            hidden.append(["owner", "=", user])
        narrowing = self.narrowing(user)
        for fieldname, allowed in self._restricted(doctype, narrowing) if narrowing else ():
            hidden.append([fieldname, "in", allowed if fieldname == "name" else [*allowed, ""]])
        return hidden

    def _restricted(self, doctype: str, narrowing: dict[str, list[str]]) -> list[tuple[str, list[str]]]:
        found = [("name", narrowing[doctype])] if doctype in narrowing else []
        links = self._site.doctypes[doctype].links if doctype in self._site.doctypes else ()
        return found + [(f.fieldname, narrowing[f.options]) for f in links if f.fieldtype == "Link" and f.options in narrowing]

    def _matches(self, doctype: str, fields: Mapping[str, Any]) -> bool:
        narrowing = self.narrowing(self._site.user)
        return all(
            fields.get(name) in allowed or (not fields.get(name) and name != "name")
            for name, allowed in self._restricted(doctype, narrowing)
        )


def _roles_of(user: str, fields: Mapping[str, Any] | None) -> frozenset[str] | None:
    if user == ADMINISTRATOR or (fields is None and user != GUEST):
        return None
    if user == GUEST or fields is None:
        return frozenset({"Guest"})
    desk = {"Desk User"} if fields.get("user_type") == "System User" else set()
    return frozenset({"All", "Guest", *desk, *(str(row.get("role")) for row in fields.get("roles") or ())})


def bare_refusal() -> Refused:
    """A PermissionError without any words, as the vendor raises for child DocTypes without their parent."""
    return Refused(403, "PermissionError")
