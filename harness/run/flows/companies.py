"""Customer onboarding: companies are corrected, emptied, entered twice and merged, binned and restored around their orders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random

from harness.kit.people import NotPossible, SalesDesk
from harness.run.flows.office import Case, Office

FIELDS = ("phone", "tax_id", "domain", "city")


class Companies:
    """What sales people do to companies and contacts of their won deals."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def prepare(self) -> None:
        self._office.on_won.append(lambda case: self._office.spawn(self._look_after(case), f"company of {case.plan.number}"))

    def begin(self) -> None:
        """Won deals begin it."""

    async def _look_after(self, case: Case) -> None:
        office, share = self._office, self._office.workload
        random = office.seed.stream(f"company/{case.plan.number}")
        desk = office.sales[case.plan.sales_person]
        for wanted, act in (
            (share.company_clear, self._clear),
            (share.contact_edit, self._edit_contact),
            (share.company_merge, self._merge),
            (share.company_archive, self._archive),
        ):
            if random.random() < wanted:
                await office.pause(_later(random))
                await act(case, desk, random)

    async def _clear(self, case: Case, desk: SalesDesk, random: Random) -> None:
        field = random.choice(FIELDS)
        before = self._shown(case, desk, field)
        if self._edit(case, desk, field, "") and before and random.random() < self._office.workload.undo_edit:
            await self._office.pause(_later(random))
            self._edit(case, desk, field, before)

    async def _edit_contact(self, case: Case, desk: SalesDesk, random: Random) -> None:
        phone = f"+49 {random.randrange(30, 999)} {random.randrange(100_000, 9_999_999)}"
        contact = case.contact_id
        self._act(
            case,
            f"changed the contact's phone to {phone}",
            f"contacts {contact}",
            lambda: desk.edit_contact(contact, {"phone": phone}),
        )

    async def _merge(self, case: Case, desk: SalesDesk, random: Random) -> None:
        """With a second entry of the same company, or with another one of which people find that it is the same."""
        office = self._office
        others = sorted({each.company_id for each in office.cases.values() if each.company_id} - {case.company_id})
        if others and random.random() < 0.4:
            other = random.choice(others)
        else:
            other = await self._enter_again(case, desk, random)
        kept, gone = (case.company_id, other) if random.random() < 0.5 else (other, case.company_id)
        merged: list[str] = []
        done = self._act(
            case,
            f"merged the companies {kept} and {gone}",
            f"companies {kept}",
            lambda: merged.append(desk.merge_companies(kept, gone)),
        )
        if done:
            office.became((kept, gone), merged[0])

    async def _enter_again(self, case: Case, desk: SalesDesk, random: Random) -> str:
        plan = self._first(case)
        company = plan.plan.company
        assert company is not None, "the first case of a company has entered it"
        again = desk.add_company(replace(company, name=f"{company.name} (again)", domain=f"www-{company.domain}", phone=""))
        self._office.acted(case.plan.sales_person, "entered the company again", case.plan.number, "crm", f"companies {again}")
        await self._office.pause(_later(random))
        return again

    def _first(self, case: Case) -> Case:
        while case.plan.company is None:
            case = self._office.cases[case.plan.returning_from]
        return case

    async def _archive(self, case: Case, desk: SalesDesk, random: Random) -> None:
        """Well after the win; what was not ordered by then may have lost its company."""
        await self._office.pause(timedelta(minutes=30))
        company, since = case.company_id, self._office.clock.now()
        if not self._act(case, "put the company into the bin", f"companies {company}", lambda: desk.archive("company", company)):
            return
        self._office.stop_customer(company, since - timedelta(hours=1), None)
        if random.random() < self._office.workload.company_restore:
            await self._office.pause(_later(random))
            self._act(case, "took the company out of the bin", f"companies {company}", lambda: desk.restore("company", company))

    # -- inside ---------------------------------------------------------------------------------------------------

    def _edit(self, case: Case, desk: SalesDesk, field: str, value: str) -> bool:
        what = f"changed the company's {field} to {value}" if value else f"emptied the company's {field}"
        company = case.company_id
        return self._act(case, what, f"companies {company}", lambda: desk.edit_company(company, {field: value}))

    def _shown(self, case: Case, desk: SalesDesk, field: str) -> str:
        try:
            return desk.company_field(case.company_id, field)
        except NotPossible:
            return ""

    def _act(self, case: Case, what: str, record: str, act: Callable[[], object]) -> bool:
        return self._office.attempt(case.plan.sales_person, what, case.plan.number, "crm", record, act)


def _later(random: Random) -> timedelta:
    seconds = random.randrange(1, 120) if random.random() < 0.3 else random.randrange(120, 3 * 3600)
    return timedelta(seconds=seconds)
