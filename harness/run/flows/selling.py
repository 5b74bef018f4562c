"""Sales people: a company comes in, a deal is opened, quoted, and won or lost."""

from __future__ import annotations

from datetime import timedelta

from harness.kit.people import Deal, NotPossible, SalesDesk
from harness.run.flows.office import Case, Office


class Selling:
    """Every plan of the cast becomes a case."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def prepare(self) -> None:
        """Nothing: products are there, companies come in with their deals."""

    def begin(self) -> None:
        self._office.spawn(self._open_doors(), "people arrive")

    async def _open_doors(self) -> None:
        office, begun = self._office, timedelta(0)
        for plan in office.cast.plans():
            await office.pause(plan.starts - begun)
            begun = plan.starts
            office.cases[plan.number] = case = Case(plan)
            office.spawn(self._sell(case), f"flow {plan.number}")

    async def _sell(self, case: Case) -> None:
        plan, office = case.plan, self._office
        desk = office.sales[plan.sales_person]
        try:
            self._open_deal(case, desk)
        except NotPossible as refusal:  # a company that somebody has put into the bin meanwhile
            office.acted(
                plan.sales_person, f"could not open a deal ({refusal})", plan.number, "crm", f"companies {case.company_id}"
            )
            return
        await office.pause(plan.quote_after)
        desk.move_deal(case.deal_id, "quoted")
        self._acted(case, "sent the quote")
        if plan.changed_quantity is not None:
            await office.pause(plan.decide_after / 2)
            desk.change_quantity(case.deal_id, plan.lines[0].sku, plan.changed_quantity)
            self._acted(case, f"changed {plan.lines[0].sku} to {plan.changed_quantity} pieces")
        await office.pause(plan.decide_after)
        self._decide(case, desk)
        if plan.edited_phone and not plan.lost:
            await office.pause(plan.edit_after)
            self._edit_phone(case, desk)

    def _open_deal(self, case: Case, desk: SalesDesk) -> None:
        plan, office = case.plan, self._office
        origin = office.cases.get(plan.returning_from)
        if plan.company is not None:
            case.company_id = desk.add_company(plan.company)
            office.acted(
                plan.sales_person, f"added the company {plan.company.name}", plan.number, "crm", f"companies {case.company_id}"
            )
        elif origin is not None:
            case.company_id = origin.company_id
        case.contact_id = desk.add_contact(plan.contact, case.company_id)
        name = f"{plan.contact.last_name} {plan.number}"
        close = (office.clock.now() + timedelta(days=14)).date()
        case.deal_id = desk.open_deal(Deal(name, case.company_id, case.contact_id, plan.lines, close))
        self._acted(case, f"opened the deal {name!r}")

    def _decide(self, case: Case, desk: SalesDesk) -> None:
        case.outcome = "lost" if case.plan.lost else "won"
        if case.outcome == "won":
            case.won_at = self._office.clock.now()
        desk.move_deal(case.deal_id, case.outcome)
        self._acted(case, f"marked the deal as {case.outcome}")
        if case.outcome == "won":
            for notice in self._office.on_won:
                notice(case)

    def _edit_phone(self, case: Case, desk: SalesDesk) -> None:
        phone, company = case.plan.edited_phone, case.company_id
        self._office.attempt(
            case.plan.sales_person,
            f"changed the company's phone to {phone}",
            case.plan.number,
            "crm",
            f"companies {company}",
            lambda: desk.edit_company(company, {"phone": phone}),
        )

    def _acted(self, case: Case, action: str) -> None:
        self._office.acted(case.plan.sales_person, action, case.plan.number, "crm", f"deals {case.deal_id}")
