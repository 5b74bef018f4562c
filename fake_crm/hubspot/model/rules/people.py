"""Contacts and companies: addresses, domains, the life cycle. Source: facts section 6 (normalisation)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_crm.hubspot.model.rules.base import Problems, Rules, Values
from fake_crm.hubspot.model.standard_types import COMPANIES, CONTACTS
from fake_crm.hubspot.model.values import Invalid, email_of
from harness.kit.records import Record

if TYPE_CHECKING:
    from fake_crm.hubspot.model.account import Account, NewLink

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


# addresses there say nothing about a company; the vendor's own list is longer (our guess)
FREE_MAIL = frozenset(
    {"gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com", "aol.com", "gmx.de",
     "gmx.net", "web.de", "t-online.de", "proton.me", "protonmail.com"}
)  # fmt: skip


class ContactRules(_WithLifecycle):
    follows_updates = True  # further addresses are records of their own

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self.follows_creation = account.settings.companies_from_domains
        if self.follows_creation:
            account.store.define(COMPANIES.plural, indexes=("domain",))

    def inserted(self, record: Record) -> None:
        """The company of a contact's e-mail domain is found or made (facts 7.7); the vendor does so seconds later."""
        account, domain = self.account, record.fields.get("email", "").rpartition("@")[2]
        if not domain or domain in FREE_MAIL or account.links.of(CONTACTS, record.id, COMPANIES):
            return
        known = next((each for each in account.store.where("companies", "domain", domain) if not each.archived), None)
        if known is None:
            known = account.create(COMPANIES, {"domain": domain, "name": domain}, [])
        plain = account.association_types.plain(CONTACTS, COMPANIES)
        assert plain is not None
        account.link(CONTACTS, record.id, COMPANIES, known.id, [plain.id], keep=True)

    def check(self, values: Values, current: Values, problems: Problems) -> None:
        """Addresses in lower case. What a GDPR delete has blocked is refused like an impossible one (our guess)."""
        if values.get("email"):
            try:
                values["email"] = email_of(values["email"], self.account.settings.unknown_tlds)
            except Invalid as bad:
                problems.append(("email", bad.code, bad.message))
                return
            if self.account.emails.is_blocked(values["email"]):
                problems.append(("email", "INVALID_EMAIL", f"Email address {values['email']} is blocked"))

    def created(self, values: Values, links: list[NewLink], now: str) -> None:
        if "email" in values:
            self.account.emails.check_free(values["email"], values["hs_object_id"])

    def changed(self, record: Record, values: Values, changes: Values, now: str) -> None:
        """A further address that becomes the first one is no further one any more (our guess)."""
        super().changed(record, values, changes, now)
        email = changes.get("email")
        if not email:
            return
        self.account.emails.check_free(email, record.id)
        others = (record.fields.get("hs_additional_emails") or "").split(";")
        if email in others:
            self.account.emails.forget(email)
            changes["hs_additional_emails"] = ";".join(each for each in others if each != email)


class CompanyRules(_WithLifecycle):
    def check(self, values: Values, current: Values, problems: Problems) -> None:
        """Domains are lower-cased; stripping scheme and `www.` is a setting."""
        if "domain" in values:
            domain = values["domain"].lower()
            if self.account.settings.strip_domains:
                domain = domain.partition("://")[2] or domain
                domain = domain.removeprefix("www.").partition("/")[0]
            values["domain"] = domain
