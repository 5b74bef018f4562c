"""Lists as the user of the call may see them: only a total lack of rights is refused, rows out of reach are left out silently.

Source: facts 2.3 (permissions).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fake_erp.erpnext.access.permissions import bare_refusal
from fake_erp.erpnext.api.shapes import masked
from fake_erp.erpnext.framework.meta import Doc, DocType
from fake_erp.erpnext.lists import query
from fake_erp.erpnext.lists.expand import expanded
from fake_erp.erpnext.lists.filters import parse_filters
from fake_erp.erpnext.lists.schema import is_schema, meta_of

if TYPE_CHECKING:
    from fake_erp.erpnext.dialect import ErpNextFake


def rows(fake: ErpNextFake, doctype: str, args: Mapping[str, Any], *, limit_alias: bool) -> list[Doc]:
    """What a list call with these arguments answers."""
    meta = meta_of(fake.site, doctype)
    check(fake, meta, str(args.get("parent") or ""))
    return run(fake, meta, query.list_query(args, limit_alias=limit_alias))


def run(fake: ErpNextFake, meta: DocType, wanted: query.ListQuery) -> list[Doc]:
    """A list whose rights have been looked at; what the user may not see is left out."""
    if not meta.child:
        hidden = fake.permissions.filters(meta.name)
        if hidden:
            wanted.filters = [*wanted.filters, *parse_filters(hidden)]
    found = [masked(row) for row in query.run(fake.site, meta.name, wanted)]
    if wanted.expand:
        may_read = lambda target, fields: fake.permissions.may(target, "read", fields)  # noqa: E731
        return expanded(fake.site, meta.name, found, wanted.expand, may_read)
    return found


def check(fake: ErpNextFake, meta: DocType, parent: str = "") -> None:
    """Raises Refused (403). A child DocType is read through its parent or not at all."""
    if not meta.child:
        fake.permissions.check_list(meta.name)
        return
    holder = meta_of(fake.site, parent) if is_schema(parent) else fake.site.doctypes.get(parent)
    if holder is None or meta.name not in holder.tables.values():
        raise bare_refusal()
    fake.permissions.check_list(holder.name)


def count(fake: ErpNextFake, doctype: str, filters: Any) -> int:
    """Rows that match; before version 16 those too that the user may not see [P51]."""
    meta = meta_of(fake.site, doctype)
    parsed = parse_filters(filters)
    if fake.settings.version >= 16:
        fake.permissions.check_list(meta.name)
        parsed += parse_filters(fake.permissions.filters(meta.name))
    return query.count(fake.site, meta.name, parsed)
