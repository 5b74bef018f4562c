"""Customers that people made in the ERP before a company bought: found by the dictionary's rules, many in one list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync_engine.backfill.matching import agree, in_target_form, key_of
from sync_engine.context import Context
from sync_engine.dictionary import Entity
from sync_engine.vendors.erpnext import Doc
from sync_engine.vendors.hubspot import CrmRecord


@dataclass(frozen=True, slots=True)
class Candidates:
    """Customers that no company has and that agree with one by a rule, whose fields these are. `rivals`: other companies that they
    agree with just as well."""

    docs: Sequence[Doc]
    fields: str
    rivals: tuple[str, ...] = ()


class Matcher:
    """The search by rules. Writes nothing."""

    def __init__(self, context: Context) -> None:
        self.c, self.entity = context, context.dictionary.entity("customer")

    async def candidates(self, companies: Sequence[CrmRecord]) -> dict[str, Candidates]:
        """By company id, for those that have any. One call at most, none without a rule that any of them can be asked about.
        Raises VendorError."""
        wanted = self._wanted(companies)
        rows = await self._list(wanted) if wanted else []
        link_field, found = self.entity.erp.link_field, dict[str, Candidates]()
        free = [row for row in rows if self._is_free(row)]
        for company in companies:
            ours = [row for row in rows if row.get(link_field) == company.id]  # whom a person gave our id
            known = Candidates(ours[:1], link_field) if ours else self._by_rules(company, free)
            if known is not None:
                found[company.id] = known
        return _with_rivals(found)

    def _wanted(self, companies: Iterable[CrmRecord]) -> dict[str, set[str]]:
        """ERP field → values: of each rule's first field; the site compares no more strictly than the rule does."""
        wanted: dict[str, set[str]] = {}
        for company in companies:
            for rule, match in enumerate(self.entity.match):
                if key_of(self.entity, rule, "crm", company.properties):
                    first = self.entity.field(match.fields[0])
                    wanted.setdefault(first.erp.field, set()).add(in_target_form(first, "crm", company.properties))
        return wanted

    async def _list(self, wanted: Mapping[str, set[str]]) -> list[Doc]:
        kind, entity = self.entity.erp.kind, self.entity
        own = {entity.field(name).erp.field for match in entity.match for name in match.fields}
        args = {
            "doctype": kind,
            "fields": sorted({"name", "modified", "disabled", entity.erp.link_field, *own}),
            "or_filters": [[kind, field, "in", sorted(values)] for field, values in sorted(wanted.items())],
            "order_by": "name asc",
            "limit_page_length": 0,
        }
        return list(await self.c.erp.call("frappe.client.get_list", args, safe=True) or [])  # in a body: the values are many

    def _is_free(self, row: Doc) -> bool:
        return (
            not row.get("disabled")
            and not row.get(self.entity.erp.link_field)
            and self.c.store.linked_erp("customer", str(row["name"])) is None
        )

    def _by_rules(self, company: CrmRecord, free: Sequence[Doc]) -> Candidates | None:
        """What the first rule finds that finds any."""
        for rule, match in enumerate(self.entity.match):
            docs = [row for row in free if _is_same(self.entity, rule, company.properties, row)]
            if docs:
                return Candidates(docs, ", ".join(match.fields))
        return None


def _is_same(entity: Entity, rule: int, crm: Mapping[str, Any], erp: Mapping[str, Any]) -> bool:
    """Nothing proves nothing: an empty field of a rule agrees with none."""
    both = key_of(entity, rule, "crm", crm) and key_of(entity, rule, "erp", erp)
    return bool(both) and agree(entity, rule, crm, erp)


def _with_rivals(found: Mapping[str, Candidates]) -> dict[str, Candidates]:
    claims: dict[str, list[str]] = {}
    for id, each in found.items():
        for doc in each.docs:
            claims.setdefault(str(doc["name"]), []).append(id)
    rivals = {id: {other for doc in each.docs for other in claims[str(doc["name"])]} - {id} for id, each in found.items()}
    return {id: Candidates(each.docs, each.fields, tuple(sorted(rivals[id]))) for id, each in found.items()}
