"""Which rules a type has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_crm.hubspot.model.rules.base import Rules
from fake_crm.hubspot.model.rules.deals import DealRules, OrderRules, TicketRules
from fake_crm.hubspot.model.rules.invoices import InvoiceRules, PaymentRules, SubscriptionRules
from fake_crm.hubspot.model.rules.line_items import LineItemRules
from fake_crm.hubspot.model.rules.people import CompanyRules, ContactRules
from fake_crm.hubspot.model.rules.quotes import QuoteRules
from fake_crm.hubspot.model.rules.staged import CustomRules
from fake_crm.hubspot.model.standard_types import ObjectType

if TYPE_CHECKING:
    from fake_crm.hubspot.model.account import Account

_RULES: dict[str, type[Rules]] = {
    "contacts": ContactRules,
    "companies": CompanyRules,
    "deals": DealRules,
    "tickets": TicketRules,
    "orders": OrderRules,
    "line_items": LineItemRules,
    "quotes": QuoteRules,
    "invoices": InvoiceRules,
    "commerce_payments": PaymentRules,
    "subscriptions": SubscriptionRules,
}


class RuleBook:
    """The rules of each type of one account, made when they are first asked for."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._rules = {kind: make(account) for kind, make in _RULES.items()}
        self._none = Rules(account)
        self._custom: dict[ObjectType, Rules] = {}

    def of(self, kind: ObjectType) -> Rules:
        found = self._rules.get(kind.plural)
        if found is not None:
            return found
        if not kind.is_custom:
            return self._none
        found = self._custom.get(kind)
        if found is None:
            found = self._custom[kind] = CustomRules(self._account, kind)
        return found
