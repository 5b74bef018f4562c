"""Deals: reads what is due, finds out what happened to each, and carries out the dictionary's processes, many deals at a time.

Every item ends on its own: done, again, or shown to a person. Actions run in order; a deal that a step failed for goes no further.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from sync_engine.bins import note_binned
from sync_engine.context import Context
from sync_engine.dictionary import Action, Process
from sync_engine.dictionary.model import Event
from sync_engine.outcomes import NotYet, Problem
from sync_engine.processes.able import check_able
from sync_engine.processes.agreed import LINES, changed_names, deals_of_line, follows_changes, remember_lines
from sync_engine.processes.amendment import Amendment
from sync_engine.processes.cancellation import Cancellation
from sync_engine.processes.case import Case, for_each
from sync_engine.processes.closed_won import ClosedWon
from sync_engine.processes.events import actions_of, event_of, processes_for
from sync_engine.processes.gone import is_gone
from sync_engine.processes.merges import Merges
from sync_engine.processes.onboarding import Customers
from sync_engine.processes.plan import agrees, check_deal, is_wanted, primary
from sync_engine.processes.progress import TELLING
from sync_engine.processes.reading import Reader
from sync_engine.processes.tell import Teller
from sync_engine.store import WorkRow

BATCH_MAX = 100
Failed = list[tuple[WorkRow, Exception]]
Verb = Callable[[Sequence[Case], Action], Awaitable[None]]


class Deals:
    """Handler of `order order` and `lines order` items."""

    def __init__(self, context: Context, customers: Customers, teller: Teller) -> None:
        self.c = context
        self.order = context.dictionary.entity("order")
        self.reader = Reader(context)
        self._gate = asyncio.Semaphore(context.settings.workers)
        self._merges, self._follows = Merges(context), follows_changes(context.dictionary)
        won = ClosedWon(context, customers, self._gate)
        self._cancellation = Cancellation(context, self._gate)
        self._verbs: dict[tuple[str, str], Verb] = {
            ("ensure", "customer"): won.ensure,
            ("create", "order"): won.create,
            ("amend", "order"): Amendment(context, self._cancellation, self._gate),
            ("cancel", "order"): self._cancellation,
            ("report", "order"): won.report,
            **{("tell", entity.name): teller.say for entity in context.dictionary.entities},
        }
        check_able(context.dictionary)
        self._reports = any(action.do == "report" for each in context.dictionary.processes for action in each.actions)

    async def handle(self, rows: Sequence[WorkRow]) -> Failed:
        """Ends what ended well, and returns the others with what happened to them. Raises VendorError for all of them."""
        cases = await self.reader.cases(rows)
        for case in cases:
            if case.deal is not None and case.deal.id != case.row.record:
                self._pass_on(case)
        cases = [case for case in cases if case.deal is None or case.deal.id == case.row.record]
        await for_each([case for case in cases if self._merges.has_any(case)], self._merges.inherit, self._gate)
        for case in cases:
            self._merges.settle(case)
        await for_each([case for case in cases if self._is_leaving(case)], self._cancellation.look_back, self._gate)
        await self._read_lines(cases)
        for (event, processes), some in self._groups(cases).items():
            await self._carry_out(event, processes, some)
        return [(case.row, error) for case in cases if (error := self._end(case)) is not None]

    def _pass_on(self, case: Case) -> None:
        """The record was merged away: its survivor is looked at instead."""
        assert case.deal is not None
        with self.c.store.transaction():
            self.c.queue.put("order", "order", case.deal.id)
            self.c.queue.done(case.row)

    def _is_leaving(self, case: Case) -> bool:
        won = case.deal is not None and is_wanted(self.order, case.deal)
        return won and case.agreed is not None and case.agreed.state == "leaving"

    async def _read_lines(self, cases: Sequence[Case]) -> None:
        """Positions matter for a deal that is to be ordered, and for one whose changes are followed."""
        won = [case for case in cases if case.open and case.deal is not None and is_wanted(self.order, case.deal)]
        wanted = [case for case in won if self._follows or event_of(self.order, case) == "enters"]
        await self.reader.lines(wanted)
        if self._follows:
            for case in wanted:
                assert case.deal is not None
                known = case.agreed
                case.changed = (
                    changed_names(self.order, known, case.deal, case.lines)
                    if known is not None
                    else frozenset({LINES, *(field.name for field in self.order.fields)})
                )

    def _groups(self, cases: Sequence[Case]) -> dict[tuple[Event, tuple[str, ...]], list[Case]]:
        """Cases that go through the same processes together, by the names of those."""
        groups: dict[tuple[Event, tuple[str, ...]], list[Case]] = {}
        for case in cases:
            event = event_of(self.order, case) if case.open else None
            if event is not None:
                names = tuple(each.name for each in processes_for(self.c.dictionary, event, case.changed))
                groups.setdefault((event, names), []).append(case)
        return groups

    async def _carry_out(self, event: Event, names: tuple[str, ...], cases: Sequence[Case]) -> None:
        processes: list[Process] = [each for each in self.c.dictionary.processes if each.name in names]
        actions = actions_of(processes)
        if event == "disappears":
            with self.c.store.transaction():
                for case in cases:
                    note_binned(self.c.store, self.order.crm.kind, case.id)
        if any((action.do, action.entity) in (("create", "order"), ("amend", "order")) for action in actions):
            for case in cases:
                case.error = self._not_fit(case)
        for action in actions:
            left = [case for case in cases if case.open]
            if not left:
                return
            try:
                await self._verbs[action.do, action.entity](left, action)
            except Exception as error:
                for case in left:
                    case.error = case.error or error

    def _not_fit(self, case: Case) -> Exception | None:
        """Why no order can be made of the deal as it is. The first looks wait: a person may be in the middle of an edit."""
        assert case.deal is not None
        problem = check_deal(self.c.dictionary, case.deal, case.lines)
        if problem is None:
            return None
        c, letter = self.c, self.c.store.dead_letter(problem.record)
        known = letter is not None and letter.status == "open"
        if not known and c.clock.now() - case.row.since < c.settings.settle * c.settings.settle_tries:
            return NotYet(f"looking again before calling it wrong: {problem.cause}", c.settings.settle)
        with c.store.transaction():
            remember_lines(c.store, case.id, (line.id for line in case.lines))  # correcting one of them asks for a look
        return problem

    def _end(self, case: Case) -> Exception | None:
        """Close an item that ended well; the answer is what it did not."""
        c = self.c
        try:
            with c.store.transaction():
                if case.told is not None:
                    c.store.set_shadow("order", case.id, case.told)
                if case.error is None or isinstance(case.error, Problem):
                    self._recheck(case)  # whatever a person has to decide, progress goes on
                if case.error is None:
                    if (
                        not is_gone(c.store, case.id)
                        and not self._is_untold(case)
                        and c.store.resolve(f"crm {self.order.crm.kind} {case.id}")
                    ):
                        c.queue.put("tell", "order", case.id)
                    self._look_after_customer(case)
                    c.queue.done(case.row)
        except Exception as error:
            return error
        return case.error

    def _look_after_customer(self, case: Case) -> None:
        """A deal that wants no order any more may leave a customer behind whose creation nobody heard of."""
        if case.deal is None or case.link is not None or is_wanted(self.order, case.deal):
            return
        company_id = primary(case.deal, self.c.dictionary.entity("customer").crm.kind)
        if company_id is not None and self.c.store.is_intended("customer", company_id):
            self.c.queue.put("sync", "customer", company_id)

    def _is_untold(self, case: Case) -> bool:
        """Whether the deal's problem is that its order's progress could not be told: no look at the deal ends that."""
        letter = self.c.store.dead_letter(f"crm {self.order.crm.kind} {case.id}")
        return case.link is not None and letter is not None and letter.status != "resolved" and letter.work.startswith(TELLING)

    def _recheck(self, case: Case) -> None:
        """The deal does not show what it was told about its order: somebody wrote over it, or it never arrived."""
        link = self.c.store.linked("order", case.id)
        if (
            not self._reports
            or link is None
            or case.deal is None
            or case.order is not None
            or (agrees(self.order, link.shadow, case.deal) and not self._is_untold(case))
        ):
            return
        self.c.store.set_shadow("order", case.id, None)
        self.c.queue.put("progress", "order", link.erp_id)

    async def handle_lines(self, rows: Sequence[WorkRow]) -> Failed:
        """Line items that changed and whose deal is not known yet: look at their deals."""
        store, ids = self.c.store, [row.record for row in rows]
        found = await self.c.crm.associations_many(self.reader.line_kind, ids, self.order.crm.kind)
        with store.transaction():
            for row in rows:
                for deal_id in {*(id for id, _ in found.get(row.record, ())), *deals_of_line(store, row.record)}:
                    if store.linked("order", deal_id) is not None:
                        self.c.queue.put("order", "order", deal_id)
                self.c.queue.done(row)
        return []
