"""What a person wants tried again: notes in the store, left by the command line or over HTTP, become work."""

from __future__ import annotations

from sync_engine.context import Context
from sync_engine.operations.operators import record_name

PROCESSES = {"order": ("order", "order"), "customer": ("sync", "customer")}  # for records that never failed: looked at from scratch


def take_requests(context: Context) -> None:
    """Inside the caller's transaction. What failed is done again: the work of the dead letter, or work that is being retried."""
    store = context.store
    for record in store.take_requests():
        letter = store.dead_letter(record)
        if letter is not None and letter.status == "skipped":
            _clear_error_field(context, record)
            continue
        if letter is not None and letter.work:
            process, entity, of = letter.work.split(" ", 2)
            context.queue.put(process, entity, of)
            continue
        for row in store.failing_work():
            if record_name(context.dictionary, store, row) == record:
                context.queue.put(row.process, row.entity, row.record)
        system, _, rest = record.partition(" ")
        for each in context.dictionary.entities if system == "crm" else ():
            if each.name in PROCESSES and rest.startswith(f"{each.crm.kind} "):
                context.queue.put(*PROCESSES[each.name], rest.rpartition(" ")[2])


def _clear_error_field(context: Context, record: str) -> None:
    """What a person has closed is no longer told on the record."""
    system, kind, id = [*record.split(" "), "", ""][:3]
    for entity in context.dictionary.entities:
        if (system, kind) == ("crm", entity.crm.kind) and entity.error_field:
            context.queue.put("tell", entity.name, id)
