"""What simulated people can do at a vendor's screens, in words all vendors share.

A vendor's folder implements these by its own rules (`people.py`): each verb makes the calls the vendor's UI would make, through
`Fake.handle` with `Call.person` set. Amounts are Decimal in the account's currency; quantities are whole Decimals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol


class NotPossible(Exception):
    """The vendor refused what a person tried; the text is the vendor's own message."""


@dataclass(frozen=True, slots=True)
class Product:
    """Something sold. `sku` is the same in CRM and ERP."""

    sku: str
    name: str
    price: Decimal
    description: str = ""


@dataclass(frozen=True, slots=True)
class Company:
    """A customer-to-be. `tax_id` may be empty."""

    name: str
    domain: str
    phone: str
    street: str
    city: str
    zip: str
    country: str
    tax_id: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    first_name: str
    last_name: str
    email: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One position of a deal: unit price before tax."""

    sku: str
    name: str
    quantity: Decimal
    price: Decimal

    @property
    def amount(self) -> Decimal:
        return self.quantity * self.price


@dataclass(frozen=True, slots=True)
class Deal:
    name: str
    company_id: str
    contact_id: str
    lines: tuple[Line, ...]
    close_date: date


class SalesDesk(Protocol):
    """A sales person in the CRM. Ids are the CRM's record ids. Every verb raises NotPossible with the vendor's message."""

    def add_product(self, product: Product) -> str: ...

    def add_company(self, company: Company) -> str: ...

    def add_contact(self, contact: Contact, company_id: str) -> str: ...

    def open_deal(self, deal: Deal) -> str:
        """Deal in the first stage, its line items, its company and contact associated, `amount` the sum of the lines."""
        ...

    def change_quantity(self, deal_id: str, sku: str, quantity: Decimal) -> None:
        """Change one line of an open deal; the deal's amount follows."""
        ...

    def move_deal(self, deal_id: str, stage: str) -> None:
        """`stage` is `quoted`, `won` or `lost`; the vendor's default pipeline knows it by a name of its own."""
        ...

    def edit_company(self, company_id: str, changes: Mapping[str, str]) -> None:
        """Change fields named as in `Company`."""
        ...


class ErpDesk(Protocol):
    """A warehouse or finance person in the ERP. Ids are the ERP's document names. Verbs raise NotPossible."""

    def add_item(self, product: Product, stock: Decimal) -> str:
        """A stock item with a selling price and `stock` units on hand."""
        ...

    def remaining(self, order_id: str) -> dict[str, Decimal]:
        """Units of each sku not yet delivered."""
        ...

    def ship(self, order_id: str, share: Decimal) -> str | None:
        """Deliver that share (0 to 1) of what remains, at least one unit; None if nothing remained or it is cancelled."""
        ...

    def invoice(self, order_id: str) -> str | None:
        """Invoice what was delivered and not yet invoiced; None if there is nothing."""
        ...

    def pay(self, invoice_id: str, share: Decimal) -> str | None:
        """Take a payment of that share (0 to 1) of what is outstanding, rounded to cents; None if nothing is."""
        ...

    def on_order(self, notice: Callable[[str], None]) -> None:
        """Call `notice(order_id)` whenever a sales order is submitted by anybody."""
        ...
