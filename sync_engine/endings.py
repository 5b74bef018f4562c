"""How an item of work ends: done, tried again later, or given up and shown to a person. One bad record never stops the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from sync_engine.context import Context
from sync_engine.mapping.conversion import ConversionError
from sync_engine.operations.correlation import CURRENT, key_of, working_on
from sync_engine.operations.log import Log
from sync_engine.operations.operators import record_name
from sync_engine.operations.repairs import repair_for
from sync_engine.outcomes import NotYet, Problem, Refused, Transient, VendorError, classify
from sync_engine.provision import Provisioner
from sync_engine.store import LeaseLost, StoreUnavailable, WorkRow

DONE = "done"
RIGHTS = "Give the integration the right to make fields, or make them by hand; the engine tries again by itself."


class Endings:
    """Classifies whatever a handler raises and writes it down with the items it happened to."""

    def __init__(self, context: Context, provisioner: Provisioner, log: Log) -> None:
        self.c, self._provisioner, self.log = context, provisioner, log

    async def guard(self, rows: Sequence[WorkRow], work: Callable[[], Awaitable[None]]) -> None:
        """Whatever happens to these items is written down and stays with them. Raises LeaseLost and StoreUnavailable."""
        c, first, batch = self.c, rows[0], CURRENT.get()
        with (
            working_on(first) as change,
            c.tracer.span(
                f"{first.process} {first.entity}", record=first.record, correlation=first.correlation, attempt=change.attempt
            ) as span,
        ):
            outcome = await self._outcome(rows, work)
            span.note(outcome=outcome, items=len(rows))
        if batch is not None:
            batch.ended.update(key_of(row) for row in rows)
        self._count(first.process, outcome, [row for row in rows if key_of(row) not in change.ended])

    def _count(self, process: str, outcome: str, rows: Sequence[WorkRow]) -> None:
        """Those that did not end for themselves, inside a batch."""
        self.c.metrics.ended(process, outcome, len(rows))
        if process == "setup" and outcome == DONE:
            self.c.conditions.clear("setup")
        elif outcome == DONE and process != "poll":
            for row in rows:
                self.c.metrics.propagated(self.c.clock.now() - row.since)

    async def _outcome(self, rows: Sequence[WorkRow], work: Callable[[], Awaitable[None]]) -> str:
        """Do the work; the answer is what became of it: done, waiting, retried, or a dead letter's classification."""
        process = rows[0].process
        try:
            await work()
        except (LeaseLost, StoreUnavailable):
            raise  # nothing can be written about these items: the loop lets go of them
        except NotYet as error:
            return self._later(rows, str(error), wait=error.wait)
        except Transient as error:
            return self._later(rows, str(error), retry_after=error.retry_after, vendor=error.system)
        except Problem as problem:
            return self._give_up(rows, problem)
        except Refused as error:
            if process == "setup":
                self.c.conditions.set("setup", self.c.mask(f"the fields of the integration cannot be made: {error}"), RIGHTS)
            if process in ("setup", "poll"):
                return self._later(rows, str(error), vendor=error.system)  # nothing works without these: keep asking
            if "does not exist" in str(error) and "roperty" in str(error):
                return self._provision_again(rows, str(error))
            return [self._give_up([row], self._refused(row, error)) for row in rows][-1]
        except VendorError as error:
            return self._later(rows, str(error), vendor=error.system)
        except Exception as error:
            if process in ("setup", "poll"):  # no record's fault, and nobody else would do it
                return self._later(rows, f"{type(error).__name__}: {error}")
            return [self._give_up([row], self._unforeseen(row, error)) for row in rows][-1]
        return DONE

    def _refused(self, row: WorkRow, error: Refused) -> Problem:
        """What a person is told about one item of a batch that was refused as a whole: none of them ends in silence."""
        return Problem(record_of(self.c, row), str(error), classification=classify(error))

    def _unforeseen(self, row: WorkRow, error: Exception) -> Problem:
        """What a person is told about one item of the batch: each of them is given up, and none in silence."""
        record = record_of(self.c, row)
        if isinstance(error, ConversionError):
            return Problem(record, f"A value has no counterpart on the other side: {error}.", error.hint, "needs a person")
        cause = f"The engine met something it does not know: {type(error).__name__}: {error}"
        return Problem(record, cause, classification="permanent")

    def _later(
        self,
        rows: Sequence[WorkRow],
        cause: str,
        *,
        wait: timedelta | None = None,
        retry_after: timedelta | None = None,
        vendor: str = "",
    ) -> str:
        cause = self.c.mask(cause)
        with self.c.store.transaction():
            for row in rows:
                self.c.queue.again(row, cause, wait=wait, retry_after=retry_after)
        if wait is not None:
            return "waiting"
        named = {"vendor": vendor} if vendor else {}
        self.log("retry", process=rows[0].process, **named, cause=cause)
        return "retried"

    def _give_up(self, rows: Sequence[WorkRow], problem: Problem) -> str:
        """Dead letter, and tell the people who look at the record, once per cause."""
        store, cause = self.c.store, self.c.mask(problem.cause)
        with store.transaction():
            before = store.dead_letter(problem.record)
            self._bury(rows[0], problem, cause)
            if before is None or before.status == "resolved" or before.cause != cause:
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
