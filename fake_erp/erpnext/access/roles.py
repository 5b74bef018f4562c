"""Which role may do what with which DocType.

Which roles a DocType names comes from the vendor's field lists (facts 10, `roles_by_permlevel`); what exactly each of them may
do is our guess after the shipped defaults. A DocType that is not listed: everybody with a desk reads, System Manager does all.

Letters: r read · w write and create · d delete · s submit, cancel and amend · o like rw, but only what one owns.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_LETTERS: Final = {"r": ("read",), "w": ("write", "create"), "d": ("delete",), "s": ("submit", "cancel", "amend")}
_OWN: Final = ("read", "write", "create")
RIGHTS: Final = ("read", "write", "create", "delete", "submit", "cancel", "amend")

_TABLE: Final = """
Address | Accounts User:rwd, Maintenance User:rwd, Purchase User:rwd, Sales User:rwd, System Manager:rwd, All:o
Bin | Purchase Manager:r, Purchase User:r, Sales Manager:r, Sales User:r, Stock Manager:r, Stock User:rw
Contact | Accounts Manager:rwd, Accounts User:rw, Maintenance Manager:rwd, Maintenance User:rw, Purchase Manager:rwd,\
 Purchase Master Manager:rwd, Purchase User:rw, Sales Manager:rwd, Sales Master Manager:rwd, Sales User:rwd,\
 System Manager:rwd, All:o
Custom Field | Administrator:rwd, System Manager:rwd
Customer | Accounts Manager:r, Accounts User:r, Sales Manager:r, Sales Master Manager:rwd, Sales User:rw, Stock Manager:r,\
 Stock User:r
Delivery Note | Accounts User:r, Delivery Manager:rwds, Delivery User:rwds, Sales User:rwds, Stock Manager:rwds, Stock User:rwds
GL Entry | Accounts Manager:r, Accounts User:r, Auditor:r
Item | Accounts User:r, Desk User:r, Item Manager:rwd, Maintenance User:r, Manufacturing User:r, Purchase User:r, Sales User:r,\
 Stock Manager:r, Stock User:r
Item Price | Purchase Master Manager:rwd, Sales Master Manager:rwd
Payment Entry | Accounts Manager:rwds, Accounts User:rwds
Payment Ledger Entry | Accounts Manager:r, Accounts User:r, Auditor:r
Payment Request | Accounts Manager:rwds, Accounts User:rwds
Quotation | Maintenance Manager:rwds, Maintenance User:rwds, Sales Manager:rwds, Sales User:rwds
Sales Invoice | Accounts Manager:rwds, Accounts User:rwds
Sales Order | Accounts User:r, Maintenance User:rwds, Sales Manager:rwds, Sales User:rwds, Stock User:r
Stock Ledger Entry | Accounts Manager:r, Stock User:r
Stock Entry | Manufacturing User:rwds, Stock Manager:rwds, Stock User:rwds
Webhook | System Manager:rwd
Webhook Request Log | System Manager:rwd
User | System Manager:rwd
User Permission | System Manager:rwd
OAuth Client | System Manager:rwd
File | All:o, System Manager:rwd, Desk User:rw
Comment | Desk User:rw, System Manager:rwd
DocType | System Manager:rwd
DocField | System Manager:r
"""
_OTHERS: Final = "Desk User:r, System Manager:rwds"
AUTOMATIC: Final = ("All", "Guest", "Desk User", "Administrator")  # roles nobody is given
INTEGRATION: Final = (
    "Sales User",
    "Sales Manager",
    "Stock User",
    "Accounts User",
    "Accounts Manager",
    "Item Manager",
    "System Manager",
    "Sales Master Manager",  # our addition to the facts' list: without it no prices could be written and no customer deleted
)

Rights = Mapping[str, frozenset[str]]


def _parsed(grants: str) -> tuple[Rights, Rights]:
    """From rights to the roles that have them: everywhere, and on what one owns."""
    general: dict[str, set[str]] = {right: set() for right in RIGHTS}
    own: dict[str, set[str]] = {right: set() for right in RIGHTS}
    for grant in grants.split(","):
        role, _, letters = grant.strip().partition(":")
        if letters == "o":
            for right in _OWN:
                own[right].add(role)
        else:
            for right in (right for letter in letters for right in _LETTERS[letter]):
                general[right].add(role)
    return _frozen(general), _frozen(own)


def _frozen(rights: dict[str, set[str]]) -> Rights:
    return {right: frozenset(roles) for right, roles in rights.items()}


_LINES = [line.split(" | ") for line in _TABLE.strip().splitlines()]
BY_DOCTYPE: Final[Mapping[str, tuple[Rights, Rights]]] = {doctype: _parsed(grants) for doctype, grants in _LINES}
OTHERS: Final = _parsed(_OTHERS)
ROLES: Final = sorted(
    {grant.strip().partition(":")[0] for _, grants in _LINES for grant in grants.split(",")} | {"Guest", *INTEGRATION}
)


def rights_of(doctype: str) -> tuple[Rights, Rights]:
    return BY_DOCTYPE.get(doctype, OTHERS)


# Who has the rights of permission level 1 (the field lists' `roles_by_permlevel`). Columns above a user's level are left out of
# reads and kept from writes. Levels beyond are for Administrator only: nothing here can grant them.
_LEVEL_ONE: Final[Mapping[str, frozenset[str]]] = {
    "Customer": frozenset({"Sales Master Manager", "Sales User"}),
    "Quotation": frozenset({"Maintenance Manager", "Maintenance User", "Sales Manager", "Sales User"}),
    "Sales Order": frozenset({"Sales Manager"}),
    "Delivery Note": frozenset({"Stock Manager"}),
    "Sales Invoice": frozenset({"Accounts Manager"}),
}


def level_roles(doctype: str, level: int) -> frozenset[str]:
    """The roles that may read and write columns of a permission level."""
    return _LEVEL_ONE.get(doctype, frozenset()) if level == 1 else frozenset()


def grants(doctype: str) -> list[dict[str, Any]]:
    """The rights of each role on a DocType, as its `permissions` table shows them."""
    general, own = rights_of(doctype)
    rows: list[dict[str, Any]] = []
    for rights, owned in ((general, 0), (own, 1)):
        for role in sorted(frozenset().union(*rights.values())):
            flags = {right: int(role in rights[right]) for right in RIGHTS}
            rows.append({"doctype": "DocPerm", "role": role, "permlevel": 0, "if_owner": owned, **flags})
    return rows
