"""Two-sided edits: people in the CRM and in the ERP change the same company, one after the other or at the same time.

Which fields, the data dictionary says: those that flow both ways, and in the ERP now and then one that only the CRM may change.
"""

from __future__ import annotations

from datetime import timedelta
from random import Random

from harness.kit.people import NotPossible
from harness.run.flows.office import Office
from sync_engine.dictionary import FieldMap

TEXTS = (
    "Ring twice", "Deliver to gate 7", "00123", "Back door – “Lieferanten”", "50% up front", "a/b, c; d", "Grüße 👋🏽", "مرحبا",
    "Don't call", "x" * 100, "e\u0301clair", "line 1, line 2", "N/A", "0", "false",
)  # fmt: skip


class BothSides:
    """Edits of customers that exist on both sides."""

    def __init__(self, office: Office) -> None:
        self._office = office
        customers = [entity for entity in office.dictionary.entities if entity.name == "customer"]
        self._link = customers[0].erp.link_field if customers else ""
        texts = [field for field in customers[0].fields if field.crm.type == field.erp.type == "text"] if customers else []
        self._two_way = [field for field in texts if field.both_ways]
        self._crm_only = [field for field in texts if not field.both_ways and field.owner == "crm" and field.erp.custom]

    def prepare(self) -> None:
        self._office.warehouse.on_customer(self._customer_appeared)

    def begin(self) -> None:
        """Customers begin it."""

    def _customer_appeared(self, customer_id: str) -> None:
        office, share = self._office, self._office.workload
        random = office.seed.stream(f"both sides/{customer_id}")
        if not self._two_way:
            return
        for wanted, edit in ((share.erp_edit, self._in_erp), (share.erp_edit, self._in_crm), (share.both_edit, self._at_once)):
            if random.random() < wanted:
                stream = office.seed.stream(f"{edit.__name__}/{customer_id}")
                office.spawn(edit(customer_id, stream), f"edits of {customer_id}")

    async def _in_erp(self, customer_id: str, random: Random) -> None:
        await self._office.pause(timedelta(minutes=random.randrange(2, 240)))
        field = random.choice(self._crm_only) if self._crm_only and random.random() < 0.2 else random.choice(self._two_way)
        before = self._office.warehouse.customer_field(customer_id, field.erp.field)
        if self._erp(customer_id, field, _text(random)) and random.random() < self._office.workload.undo_edit:
            await self._office.pause(timedelta(seconds=random.randrange(1, 3600)))
            self._erp(customer_id, field, before)

    async def _in_crm(self, customer_id: str, random: Random) -> None:
        await self._office.pause(timedelta(minutes=random.randrange(2, 240)))
        field, person = random.choice(self._two_way), random.choice(self._office.cast.sales_people)
        before = self._shown(customer_id, field, person)
        if self._crm(customer_id, field, _text(random), person) and random.random() < self._office.workload.undo_edit:
            await self._office.pause(timedelta(seconds=random.randrange(1, 3600)))
            self._crm(customer_id, field, before, person)

    async def _at_once(self, customer_id: str, random: Random) -> None:
        """One side, and the other before anything can have come over; who must decide, decides later."""
        office = self._office
        await office.pause(timedelta(minutes=random.randrange(2, 240)))
        field, person = random.choice(self._two_way), random.choice(office.cast.sales_people)
        mine, theirs, gap = _text(random), _text(random), _moment(random)
        erp_first = random.random() < 0.5
        done = self._erp(customer_id, field, theirs) if erp_first else self._crm(customer_id, field, mine, person)
        await office.pause(gap)
        done = (self._crm(customer_id, field, mine, person) if erp_first else self._erp(customer_id, field, theirs)) and done
        if done and field.conflict == "ask" and random.random() < 0.6:
            await office.pause(timedelta(minutes=random.randrange(30, 120)))
            agreed = f"{mine} / agreed"[:100]
            self._crm(customer_id, field, agreed, person)
            self._erp(customer_id, field, agreed)

    # -- inside ---------------------------------------------------------------------------------------------------

    def _erp(self, customer_id: str, field: FieldMap, text: str) -> bool:
        office = self._office
        return office.attempt(
            office.cast.warehouse,
            f"set {field.name} of {customer_id} to {text!r}",
            0,
            "erp",
            f"Customer {customer_id}",
            lambda: office.warehouse.edit_customer(customer_id, {field.erp.field: text}),
        )

    def _crm(self, customer_id: str, field: FieldMap, text: str, person: str) -> bool:
        office, company_id = self._office, self._company(customer_id)
        return bool(company_id) and office.attempt(
            person,
            f"set {field.name} to {text!r}",
            0,
            "crm",
            f"companies {company_id}",
            lambda: office.sales[person].edit_company(company_id, {field.crm.field: text}),
        )

    def _shown(self, customer_id: str, field: FieldMap, person: str) -> str:
        try:
            return self._office.sales[person].company_field(self._company(customer_id), field.crm.field)
        except NotPossible:
            return ""

    def _company(self, customer_id: str) -> str:
        """The CRM's id, as the customer's screen shows it."""
        return self._office.warehouse.customer_field(customer_id, self._link) if self._link else ""


def _moment(random: Random) -> timedelta:
    """Mostly shorter than anything takes to come over; else about as long as that."""
    return timedelta(milliseconds=random.randrange(0, 1_500 if random.random() < 0.7 else 20_000))


def _text(random: Random) -> str:
    return random.choice(TEXTS) if random.random() < 0.9 else ""
