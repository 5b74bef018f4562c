"""How an item of work ends: done, tried again later, or given up and shown to a person. One bad record never stops the others."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from datetime import timedelta

from sync_engine.context import Context
from sync_engine.correlation import CURRENT, Change
from sync_engine.log import Log
from sync_engine.operators import record_name
from sync_engine.outcomes import NotYet, Problem, Refused, Transient, VendorError, classify
from sync_engine.provision import Provisioner
from sync_engine.repairs import repair_for
from sync_engine.store import LeaseLost, StoreUnavailable, WorkRow

DONE = "done"
RIGHTS = "Give the integration the right to make fields, or make them by hand; the engine tries again by itself."


class Endings:
    """Classifies whatever a handler raises and writes it down with the items it happened to."""

    def __init__(self, context: Context, provisioner: Provisioner, log: Log) -> None:
        self.c, self._provisioner, self.log = context, provisioner, log

    async def guard(self, rows: Sequence[WorkRow], work: Awaitable[None]) -> None:
        """Whatever happens to these items is written down and stays with them. Raises LeaseLost and StoreUnavailable."""
        c, first = self.c, rows[0]
        CURRENT.set(Change(first.correlation, first.process, f"{first.entity} {first.record}", first.attempts + 1))
        with c.tracer.span(
            f"{first.process} {first.entity}", record=first.record, correlation=first.correlation, attempt=first.attempts + 1
        ) as span:
            outcome = await self._outcome(rows, work)
            span.note(outcome=outcome)
        c.metrics.ended(first.process, outcome, len(rows))
        if outcome == DONE:
            for row in rows:
                c.metrics.propagated(c.clock.now() - row.since)
        if first.process == "setup" and outcome == DONE:
            c.conditions.clear("setup")

    async def _outcome(self, rows: Sequence[WorkRow], work: Awaitable[None]) -> str:
        """Do the work; the answer is what became of it: done, waiting, retried, or a dead letter's classification."""
        process = rows[0].process
        try:
            await work
        except (LeaseLost, StoreUnavailable):
            raise  # nothing can be written about these items: the loop lets go of them
        except NotYet as error:
            return self._later(rows, str(error), wait=error.wait)
        except Transient as error:
            return self._later(rows, str(error), retry_after=error.retry_after)
        except Problem as problem:
            return self._give_up(rows, problem)
        except Refused as error:
            if process == "setup":
                self.c.conditions.set("setup", self.c.mask(f"the fields of the integration cannot be made: {error}"), RIGHTS)
            if process in ("setup", "poll"):
                return self._later(rows, str(error))  # nothing works without these: keep asking, a person may grant the right
            if "does not exist" in str(error) and "roperty" in str(error):
                return self._provision_again(rows, str(error))
            return self._give_up(rows, Problem(record_of(self.c, rows[0]), str(error), classification=classify(error)))
        except VendorError as error:
            return self._later(rows, str(error))
        except Exception as error:
            if process in ("setup", "poll"):  # no record's fault, and nobody else would do it
                return self._later(rows, f"{type(error).__name__}: {error}")
            cause = f"The engine met something it does not know: {type(error).__name__}: {error}"
            return self._give_up(rows, Problem(record_of(self.c, rows[0]), cause, classification="permanent"))
        return DONE

    def _later(
        self, rows: Sequence[WorkRow], cause: str, *, wait: timedelta | None = None, retry_after: timedelta | None = None
    ) -> str:
        cause = self.c.mask(cause)
        with self.c.store.transaction():
            for row in rows:
                self.c.queue.again(row, cause, wait=wait, retry_after=retry_after)
        if wait is not None:
            return "waiting"
        self.log("retry", work=f"{rows[0].process} {rows[0].record}", attempts=rows[0].attempts, cause=cause)
        return "retried"

    def _give_up(self, rows: Sequence[WorkRow], problem: Problem) -> str:
        """Dead letter, and tell the people who look at the record, once per cause. What a person skipped stays skipped as long as
        it fails in the same way: our own words on a record are a change of it, too."""
        store, cause = self.c.store, self.c.mask(problem.cause)
        with store.transaction():
            before = store.dead_letter(problem.record)
            if before is None or before.status != "skipped" or before.cause != cause:
                self._bury(rows[0], problem, cause)
                if before is None or before.status != "open" or before.cause != cause:
                    self._tell(problem.record)
            for row in rows:
                self.c.queue.done(row)
        self.log("problem", problem=problem.record, classification=problem.classification, cause=cause)
        return problem.classification

    def _bury(self, row: WorkRow, problem: Problem, cause: str) -> None:
        change = CURRENT.get()
        self.c.store.bury(
            problem.record,
            cause,
            problem.hint or repair_for(cause),
            self.c.clock.now(),
            classification=problem.classification,
            correlation=row.correlation,
            last_call=self.c.mask(change.last_call) if change is not None else "",
            work=f"{row.process} {row.entity} {row.record}",
        )

    def _tell(self, record: str) -> None:
        words = record.split(" ")
        for entity in self.c.dictionary.entities:
            if len(words) == 3 and words[1] == entity.crm.kind and entity.error_field:
                self.c.queue.put("tell", entity.name, words[2])

    def _provision_again(self, rows: Sequence[WorkRow], cause: str) -> str:
        """Somebody removed one of our fields: make it again first."""
        with self.c.store.transaction():
            self._provisioner.ask()
            for row in rows:
                self.c.queue.again(row, cause)
        return "retried"


def record_of(context: Context, row: WorkRow) -> str:
    """What a person has to look at for an item of work."""
    return record_name(context.dictionary, context.store, row)
