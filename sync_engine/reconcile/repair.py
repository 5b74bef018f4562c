"""Turns drift into the same items of work that live changes become, so that the same rules and the same errors apply.

Nothing is ever deleted. What must not be decided by a program becomes a dead letter for a person.
"""

from __future__ import annotations

from collections.abc import Sequence

from sync_engine.context import Context
from sync_engine.dictionary import Entity
from sync_engine.outcomes import Problem, Refused
from sync_engine.processes.mirrored import MIRROR, is_mirrored
from sync_engine.processes.shadow import key
from sync_engine.reconcile.drift import Drift
from sync_engine.store import WorkRow

FLOOR = 20  # fewer changes than this are never many
SHARE_MAX = 0.10
CHANGES_MAX = 500
WORDS = {
    "value": "The two systems disagree",
    "lines": "The positions differ",
    "dangling": "The link leads to nothing",
    "two": "There are two counterparts",
    "link": "The link fields disagree",
    "unlinked": "The link fields disagree with what the integration remembers",
}


class TooManyChanges(RuntimeError):
    """A repair would change so much that a person has to say yes first; `changes` of `compared` records."""

    def __init__(self, changes: int, compared: int) -> None:
        super().__init__(f"{changes} of {compared} records would change; look at the report, then say --yes-more-than {changes}")
        self.changes, self.compared = changes, compared


def check_amount(changes: int, compared: int, agreed_to: int) -> None:
    """The circuit breaker against a wrong dictionary or an emptied system. Raises TooManyChanges."""
    many = changes > CHANGES_MAX or (changes > FLOOR and changes > SHARE_MAX * compared)
    if many and changes > agreed_to:
        raise TooManyChanges(changes, compared)


class Repairer:
    """Asks for the work that ends a drift, inside the caller's transaction."""

    def __init__(self, context: Context) -> None:
        self.c = context

    def ask(self, row: Drift) -> None:
        """One item of work, or one dead letter."""
        entity = self.c.dictionary.entity(row.entity)
        if row.who == "person":
            self._bury(entity, row)
        elif row.kind in ("link", "unlinked"):
            if self.c.store.linked(row.entity, row.crm) is None and not self.c.store.is_intended(row.entity, row.crm):
                self.c.store.link(row.entity, row.crm, row.erp, None)
            self.c.queue.put("relink", row.entity, row.crm)
        elif row.kind == "value" and not entity.field(row.field).derived:
            self._doubt(entity, row)
            self.refresh(entity, row.crm, row.erp, row.owner)
        else:
            self.renew(entity, row.crm, row.erp)

    def renew(self, entity: Entity, crm_id: str, erp_id: str) -> None:
        """Have the record of the origin looked at as if it had just changed: created, amended or ended as its process says."""
        if entity.name == "order":
            self.c.queue.put("order", "order", crm_id)
        else:
            self.refresh(entity, crm_id, erp_id, entity.origin)

    def refresh(self, entity: Entity, crm_id: str, erp_id: str, owner: str) -> None:
        """Have the owner's values carried over."""
        if entity.name == "order" and owner == "erp":
            self.c.queue.put("progress", "order", erp_id)
        elif entity.name == "order":
            self.c.queue.put("order", "order", crm_id)
        elif is_mirrored(entity):
            self.c.queue.put(MIRROR, entity.name, erp_id)
        else:
            self.c.queue.put("sync", entity.name, crm_id)

    def _doubt(self, entity: Entity, row: Drift) -> None:
        """Forget what was agreed about a field, so that the target is read and written; two-way fields keep it: it decides."""
        link, field = self.c.store.linked(row.entity, row.crm), entity.field(row.field)
        if link is None or link.shadow is None or field.both_ways:
            return
        if field.source().of is not None:
            self.c.store.set_shadow(row.entity, row.crm, None)  # which documents belong to it is in doubt as well
            return
        names = {name for each in (key(field), field.target().field) for name in (each, *(f"{mark} {each}" for mark in "<!>#"))}
        self.c.store.set_shadow(row.entity, row.crm, {name: value for name, value in link.shadow.items() if name not in names})

    def _bury(self, entity: Entity, row: Drift) -> None:
        record = f"crm {entity.crm.kind} {row.crm}" if row.crm else f"erp {entity.erp.kind} {row.erp}"
        what = f" in {row.field!r}" if row.field else ""
        cause = f"{WORDS.get(row.kind, row.kind)}{what}: CRM {row.crm_value or 'empty'}, ERP {row.erp_value or 'empty'}."
        before = self.c.store.dead_letter(record)
        self.c.store.bury(record, cause, f"{row.repair[:1].upper()}{row.repair[1:]}.", self.c.clock.now())
        fresh = before is None or before.status != "open" or before.cause != cause
        if fresh and row.crm and entity.error_field:
            self.c.queue.put("tell", entity.name, row.crm)


class Relinker:
    """Handler of `relink` items: both systems are told of a pair that the store holds, then its values are compared."""

    def __init__(self, context: Context) -> None:
        self.c, self._repairer = context, Repairer(context)

    async def handle(self, row: WorkRow) -> None:
        """Raises VendorError. A pair that either side denies meanwhile is left for the next reconciliation to show."""
        c, entity = self.c, self.c.dictionary.entity(row.entity)
        link = c.store.linked(row.entity, row.record)
        if link is not None:
            properties = [entity.crm.link_field] if entity.crm.link_field else []
            record = await c.crm.read(entity.crm.kind, row.record, properties)
            doc = await c.erp.read(entity.erp.kind, link.erp_id)
            theirs = str(doc.get(entity.erp.link_field) or "") if entity.erp.link_field else row.record
            ours = record.get(entity.crm.link_field) if entity.crm.link_field else link.erp_id
            agree = theirs == row.record or (theirs == "" and ours in ("", link.erp_id))
            if agree and record.id == row.record:
                await self._write(entity, row.record, link.erp_id, theirs, ours)
        with c.store.transaction():
            if link is not None:
                c.store.resolve(f"erp {entity.erp.kind} {link.erp_id}")
                self.refresh_all(entity, row.record, link.erp_id)
            c.queue.done(row)

    async def _write(self, entity: Entity, crm_id: str, erp_id: str, theirs: str, ours: str) -> None:
        if theirs != crm_id:
            try:
                await self.c.erp.update(entity.erp.kind, erp_id, {entity.erp.link_field: crm_id})
            except Refused as error:
                cause = f"The ERP does not accept the link to {crm_id} of the CRM: {error}"
                raise Problem(f"erp {entity.erp.kind} {erp_id}", cause, f"Write {crm_id} into {entity.erp.link_field}.") from None
        if ours != erp_id:
            await self.c.crm.update(entity.crm.kind, crm_id, {entity.crm.link_field: erp_id})

    def refresh_all(self, entity: Entity, crm_id: str, erp_id: str) -> None:
        for owner in sorted({field.owner for field in entity.fields}):
            self._repairer.refresh(entity, crm_id, erp_id, owner)


def wake(context: Context, entity: Entity, crm_id: str) -> None:
    """In the caller's transaction: leave a note that a running engine finds with its next poll, which makes it look at its queue.
    Only a guest on the store needs it: what an engine asks of itself it knows."""
    if crm_id and context.replica.shared:
        context.store.ask_again(f"crm {entity.crm.kind} {crm_id}")


def to_repair(rows: Sequence[Drift]) -> int:
    """How many records the engine would change."""
    return len({(row.entity, row.crm, row.erp) for row in rows if row.who == "engine"})
