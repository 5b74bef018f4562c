"""How an item of work ends: done, tried again later, or given up and shown to a person. One bad record never stops the others."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from datetime import timedelta

from sync_engine.context import Context
from sync_engine.log import Log
from sync_engine.outcomes import NotYet, Problem, Refused, Transient, VendorError
from sync_engine.provision import Provisioner
from sync_engine.store import LeaseLost, StoreUnavailable, WorkRow


class Endings:
    """Classifies whatever a handler raises and writes it down with the items it happened to."""

    def __init__(self, context: Context, provisioner: Provisioner, log: Log) -> None:
        self.c, self._provisioner, self.log = context, provisioner, log

    async def guard(self, rows: Sequence[WorkRow], work: Awaitable[None]) -> None:
        """Whatever happens to these items is written down and stays with them."""
        try:
            await work
        except (LeaseLost, StoreUnavailable):
            raise  # nothing can be written about these items: the loop lets go of them
        except NotYet as error:
            self._later(rows, str(error), wait=error.wait)
        except Transient as error:
            self._later(rows, str(error), retry_after=error.retry_after)
        except Problem as problem:
            self._give_up(rows, problem)
        except Refused as error:
            if rows[0].process in ("setup", "poll"):
                self._later(rows, str(error))  # nothing works without these: keep asking, a person may grant the right
            elif "does not exist" in str(error) and "roperty" in str(error):
                self._provision_again(rows, str(error))
            else:
                self._give_up(rows, Problem(record_of(self.c, rows[0]), str(error)))
        except VendorError as error:
            self._later(rows, str(error))
        except Exception as error:
            if rows[0].process in ("setup", "poll"):  # no record's fault, and nobody else would do it
                self._later(rows, f"{type(error).__name__}: {error}")
                return
            self._give_up(
                rows,
                Problem(record_of(self.c, rows[0]), f"The engine met something it does not know: {type(error).__name__}: {error}"),
            )

    def _later(
        self, rows: Sequence[WorkRow], cause: str, *, wait: timedelta | None = None, retry_after: timedelta | None = None
    ) -> None:
        with self.c.store.transaction():
            for row in rows:
                self.c.queue.again(row, cause, wait=wait, retry_after=retry_after)
        if wait is None:
            self.log("retry", work=f"{rows[0].process} {rows[0].record}", attempts=rows[0].attempts, cause=cause)

    def _give_up(self, rows: Sequence[WorkRow], problem: Problem) -> None:
        """Dead letter, and tell the people who look at the record, once per cause."""
        store = self.c.store
        with store.transaction():
            before = store.dead_letter(problem.record)
            store.bury(problem.record, problem.cause, problem.hint, self.c.clock.now())
            if before is None or before.status != "open" or before.cause != problem.cause:
                self._tell(problem.record)
            for row in rows:
                self.c.queue.done(row)
        self.log("problem", record=problem.record, cause=problem.cause)

    def _tell(self, record: str) -> None:
        words = record.split(" ")
        for entity in self.c.dictionary.entities:
            if len(words) == 3 and words[1] == entity.crm.kind and entity.error_field:
                self.c.queue.put("tell", entity.name, words[2])

    def _provision_again(self, rows: Sequence[WorkRow], cause: str) -> None:
        """Somebody removed one of our fields: make it again first."""
        with self.c.store.transaction():
            self._provisioner.ask()
            for row in rows:
                self.c.queue.again(row, cause)


def record_of(context: Context, row: WorkRow) -> str:
    """What a person has to look at for an item of work."""
    kinds = {entity.name: entity.crm.kind for entity in context.dictionary.entities}
    if row.process == "progress":
        link = context.store.linked_erp("order", row.record)
        return f"crm {kinds['order']} {link.crm_id}" if link is not None else f"erp Sales Order {row.record}"
    if row.entity == "contact":
        return f"crm contacts {row.record.rpartition('/')[2]}"
    if row.entity in kinds:
        return f"crm {kinds[row.entity]} {row.record}"
    return f"{row.process} {row.entity} {row.record}"
