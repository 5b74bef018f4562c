"""What simulated people can do at a vendor's screens, in words all vendors share.

A vendor's folder implements these by its own rules (`people.py`): each verb makes the calls the vendor's UI would make, through
`Fake.handle` with `Call.person` set. Amounts are Decimal in the account's currency; quantities are whole Decimals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal, Protocol


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


OrderMark = Literal["hold", "close", "reopen"]
Thing = Literal["company", "contact", "deal"]


class SalesDesk(Protocol):
    """A sales person in the CRM. Ids are the CRM's record ids. Every verb raises NotPossible with the vendor's message."""

    def add_product(self, product: Product) -> str: ...

    def add_company(self, company: Company) -> str: ...

    def add_contact(self, contact: Contact, company_id: str) -> str: ...

    def open_deal(self, deal: Deal) -> str:
        """Deal in the first stage, its line items, its company and contact associated, `amount` the sum of the lines."""
        ...

    def change_quantity(self, deal_id: str, sku: str, quantity: Decimal) -> None:
        """Change one line of a deal, won or not; the deal's amount follows, here and for the three verbs below."""
        ...

    def change_price(self, deal_id: str, sku: str, price: Decimal) -> None: ...

    def add_line(self, deal_id: str, line: Line) -> None: ...

    def remove_line(self, deal_id: str, sku: str) -> None: ...

    def move_deal(self, deal_id: str, stage: str) -> None:
        """`stage` is `quoted`, `won` or `lost`; the vendor's default pipeline knows it by a name of its own. A won deal can be
        moved too: reopened (`quoted`), or lost."""
        ...

    def edit_company(self, company_id: str, changes: Mapping[str, str]) -> None:
        """Change fields named as in `Company`, or by the vendor's own name (custom ones); an empty text clears a field."""
        ...

    def edit_contact(self, contact_id: str, changes: Mapping[str, str]) -> None:
        """Change fields named as in `Contact`."""
        ...

    def merge_companies(self, kept_id: str, other_id: str) -> str:
        """Make one company of two; the id of the one that is left, which may be new."""
        ...

    def archive(self, thing: Thing, record_id: str) -> None:
        """Put a record into the bin."""
        ...

    def restore(self, thing: Thing, record_id: str) -> None:
        """Take it out of the bin again."""
        ...

    def company_field(self, company_id: str, name: str) -> str:
        """What the screen shows, named as in `edit_company`; an empty text for nothing."""
        ...


class ErpDesk(Protocol):
    """A warehouse or finance person in the ERP. Ids are the ERP's document names. Verbs raise NotPossible."""

    def add_item(self, product: Product, stock: Decimal) -> str:
        """A stock item with a selling price and `stock` units on hand."""
        ...

    def rename_item(self, sku: str, name: str) -> None:
        """Give an item another name; its code stays."""
        ...

    def set_price(self, sku: str, price: Decimal) -> None:
        """The item's price in the selling price list."""
        ...

    def move_stock(self, sku: str, quantity: Decimal) -> str:
        """Units come in (above zero) or go out for another reason than a sale."""
        ...

    def disable_item(self, sku: str) -> None: ...

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

    def take_back(self, note_id: str, share: Decimal) -> str | None:
        """Goods of a delivery come back, that share of each line, at least one unit; None if all of it is back already."""
        ...

    def credit(self, invoice_id: str, share: Decimal) -> str | None:
        """A credit note over that share of an invoice's goods, at least one unit; None if all of it is credited already."""
        ...

    def cancel_order(self, order_id: str) -> None: ...

    def mark_order(self, order_id: str, mark: OrderMark) -> None:
        """Hold an order, close it, or go on with it."""
        ...

    def edit_customer(self, customer_id: str, changes: Mapping[str, Any]) -> None:
        """Change fields named as the vendor names them."""
        ...

    def customer_field(self, customer_id: str, name: str) -> str:
        """What the screen shows; an empty text for nothing."""
        ...

    def hold_credit(self, customer_id: str, held: bool) -> None:
        """Stop a customer from ordering, or let it order again."""
        ...

    def on_order(self, notice: Callable[[str], None]) -> None:
        """Call `notice(order_id)` whenever a sales order is submitted by anybody."""
        ...

    def on_customer(self, notice: Callable[[str], None]) -> None:
        """Call `notice(customer_id)` whenever somebody adds a customer."""
        ...
