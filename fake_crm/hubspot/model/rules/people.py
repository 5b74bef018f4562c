"""Contacts and companies: addresses, domains, the life cycle. Source: facts section 6 (normalisation)."""

from __future__ import annotations

from fake_crm.hubspot.model.rules.base import Problems, Rules, Values
from fake_crm.hubspot.model.values import Invalid, email_of
from harness.kit.records import Record

LIFECYCLE = {
    name: rank
    for rank, name in enumerate(
        ("subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer", "evangelist", "other")
    )
}


class _WithLifecycle(Rules):
    def changed(self, record: Record, values: Values, changes: Values, now: str) -> None:
        """A step back in the life cycle succeeds and changes nothing."""
        new, old = changes.get("lifecyclestage"), record.fields.get("lifecyclestage", "")
        if new and LIFECYCLE.get(new, 99) < LIFECYCLE.get(old, -1):
            del changes["lifecyclestage"]
            values["lifecyclestage"] = old


class ContactRules(_WithLifecycle):
    def check(self, values: Values, current: Values, problems: Problems) -> None:
        if values.get("email"):
            try:
                values["email"] = email_of(values["email"], self.account.settings.unknown_tlds)
            except Invalid as bad:
                problems.append(("email", bad.code, bad.message))


class CompanyRules(_WithLifecycle):
    def check(self, values: Values, current: Values, problems: Problems) -> None:
        """Domains are lower-cased; stripping scheme and `www.` is a setting."""
        if "domain" in values:
            domain = values["domain"].lower()
            if self.account.settings.strip_domains:
                domain = domain.partition("://")[2] or domain
                domain = domain.removeprefix("www.").partition("/")[0]
            values["domain"] = domain
