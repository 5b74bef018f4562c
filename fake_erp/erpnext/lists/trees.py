"""Trees: customer groups, territories, item groups, warehouses, and whatever else names its parent. Source: facts 2.3.1."""

from __future__ import annotations

from fake_erp.erpnext.framework.meta import DocType
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.lists.refusals import unknown_column


def relatives(site: Site, doctype: str, name: str, operator: str) -> list[str]:
    """Names above or below a node; none for a node that does not exist. Raises Refused (500) when the DocType is no tree."""
    parent_field = parent_of(site.doctypes.get(doctype))
    if not parent_field:
        raise unknown_column("lft", "field list")
    node = site.find(doctype, name) if name else None
    if node is None:
        return []
    if "ancestors" in operator:
        return _above(site, doctype, parent_field, node.id)
    below = _below(site, doctype, parent_field, node.id)
    return [node.id, *below] if operator.endswith("(inclusive)") else below


def parent_of(meta: DocType | None) -> str:
    """The column that names the parent node; empty when the DocType is no tree."""
    column = meta.columns.get(f"parent_{meta.slug}") if meta is not None else None
    return column.fieldname if meta is not None and column is not None and column.options == meta.name else ""


def _above(site: Site, doctype: str, parent_field: str, name: str) -> list[str]:
    found: list[str] = []
    above = site.value(doctype, name, parent_field)
    while above and above not in found and above != name:
        found.append(above)
        above = site.value(doctype, above, parent_field)
    return found


def _below(site: Site, doctype: str, parent_field: str, name: str) -> list[str]:
    children: dict[str, list[str]] = {}
    for record in site.store.all(doctype):
        children.setdefault(record.fields.get(parent_field) or "", []).append(record.id)
    found, waiting = [name], [name]
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child not in found:
                found.append(child)
                waiting.append(child)
    return found[1:]
