"""Quotes: drafts, publishing, the lock, and whom they take along. Source: facts section 7.3; texts of refusals are our guess.

Not modelled: what acceptance makes by itself when billing is enabled (invoices, subscriptions), approvals by a second person.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from fake_crm.hubspot.errors import validation
from fake_crm.hubspot.model.rules.base import Problems, Rules, Values
from fake_crm.hubspot.model.standard_types import COMPANIES, CONTACTS, DEALS, LINE_ITEMS, QUOTE_TEMPLATES, QUOTES, ObjectType
from fake_crm.hubspot.model.values import decimal_text
from harness.kit.money import decimal_of
from harness.kit.records import Record

if TYPE_CHECKING:
    from fake_crm.hubspot.model.account import NewLink

PUBLISHED = frozenset({"APPROVAL_NOT_NEEDED", "APPROVED"})
UNLOCKING = frozenset({"DRAFT", "PENDING_APPROVAL", "REJECTED"})
_SIGNER = 702


class QuoteRules(Rules):
    def check(self, values: Values, current: Values, problems: Problems) -> None:
        """Only the buyer accepts a quote, not the API."""
        if values.get("hs_status") == "ACCEPTED" and not self.account.by_person:
            problems.append(("hs_status", "INVALID_OPTION", "ACCEPTED was not one of the allowed options: it is set by the buyer"))

    def created(self, values: Values, links: list[NewLink], now: str) -> None:
        values["hs_public_url_key"] = f"{int(values['hs_object_id']):032x}"
        if values.get("hs_template_type") == "CPQ_QUOTE":
            values.setdefault("hs_status", "DRAFT")
        linked: dict[str, list[str]] = {}
        for link, other_id in links:
            linked.setdefault(link.target.plural, []).append(other_id)
        self._only_one(linked)
        if values.get("hs_status"):
            signers = sum(1 for link, _ in links if link.id == _SIGNER)
            self._follow_status(values, values, linked, signers, now)

    def changed(self, record: Record, values: Values, changes: Values, now: str) -> None:
        status = changes.get("hs_status")
        if record.fields.get("hs_locked") == "true" and status not in UNLOCKING and status != "ACCEPTED":
            raise validation(f"Quote {record.id} is published and locked. Set hs_status to DRAFT before you change it.")
        if status:
            links = self.account.links
            kinds: tuple[ObjectType, ...] = (DEALS, LINE_ITEMS, QUOTE_TEMPLATES, CONTACTS)
            linked = {kind.plural: [link.fields["to_id"] for link in links.of(QUOTES, record.id, kind)] for kind in kinds}
            signers = sum(1 for link in links.of(QUOTES, record.id, CONTACTS) if _SIGNER in link.fields["types"])
            self._follow_status({**record.fields, **changes}, changes, linked, signers, now)

    def archiving(self, record: Record) -> None:
        """Line items belong to one parent: those of the quote go with it, even where a deal shows them as well."""
        account = self.account
        for link in account.links.of(QUOTES, record.id, LINE_ITEMS):
            account.archive(LINE_ITEMS, link.fields["to_id"])

    def linked(self, record: Record, other_kind: str, other_id: str, *, is_new: bool) -> None:
        """One deal, at most one company, and a template only from the start."""
        if is_new:
            return
        links = self.account.links
        if other_kind == QUOTE_TEMPLATES.plural:
            raise validation("A quote template can only be associated when the quote is created.")
        for kind in (DEALS, COMPANIES):
            if other_kind == kind.plural and len(links.of(QUOTES, record.id, kind)) > 1:
                raise validation(f"A quote can be associated with only one {kind.singular}.")

    def _only_one(self, linked: dict[str, list[str]]) -> None:
        for kind in (DEALS, COMPANIES, QUOTE_TEMPLATES):
            if len(set(linked.get(kind.plural, ()))) > 1:
                raise validation(f"A quote can be associated with only one {kind.singular}.")

    def _follow_status(self, full: Values, changes: Values, linked: dict[str, list[str]], signers: int, now: str) -> None:
        """What a status brings with it: totals and addresses with any, lock and links with a published one."""
        account, status = self.account, full["hs_status"]
        deal = next((each for key in linked.get("deals", ()) if (each := account.live(DEALS, key)) is not None), None)
        if status in PUBLISHED:
            self._check_complete(full, linked)
        lines = [account.live(LINE_ITEMS, each) for each in linked.get("line_items", ())]
        amounts = [decimal_of(each.fields.get("amount")) or Decimal(0) for each in lines if each is not None]
        derived = {
            "hs_quote_amount": decimal_text(sum(amounts, Decimal(0))),
            "hs_quote_number": f"{now[:10].replace('-', '')}-{full['hs_object_id'][-9:]}",
            "hs_domain": f"{account.portal_id}.hs-sites.com",
            "hs_slug": full["hs_public_url_key"][-12:],
            "hs_currency": deal.fields.get("deal_currency_code", "") if deal is not None else account.settings.currency,
            "hs_timezone": account.settings.time_zone,
            "hs_locale": "en",
            "hs_language": "en",
            "hs_quote_total_preference": "total_first_payment",
        }
        if deal is not None and deal.fields.get("hubspot_owner_id"):
            derived["hubspot_owner_id"] = deal.fields["hubspot_owner_id"]
        for name, value in derived.items():
            if name == "hs_quote_amount" or not full.get(name):
                changes[name] = value
        if status in PUBLISHED:
            self._publish(full, changes, signers)
        elif status in UNLOCKING and full.get("hs_locked") == "true":
            changes["hs_locked"] = "false"

    def _check_complete(self, full: Values, linked: dict[str, list[str]]) -> None:
        needed = [(DEALS, "a deal"), (LINE_ITEMS, "a line item"), (QUOTE_TEMPLATES, "a quote template")]
        if full.get("hs_template_type") == "CPQ_QUOTE":
            needed.append((CONTACTS, "a contact"))
        missing = [words for kind, words in needed if not linked.get(kind.plural)]
        if missing:
            raise validation(f"A quote cannot be published without {', '.join(missing)}.")

    def _publish(self, full: Values, changes: Values, signers: int) -> None:
        slug = full.get("hs_slug") or changes["hs_slug"]
        address = f"https://{self.account.portal_id}.hs-sites.com/{slug}"
        changes["hs_locked"], changes["hs_quote_link"] = "true", address
        changes["hs_pdf_download_link"] = f"{address}.pdf"
        if full.get("hs_esign_enabled") == "true":
            changes["hs_esign_num_signers_required"] = str(signers)
        if full.get("hs_payment_enabled") == "true":
            changes["hs_payment_status"] = "PENDING"
