"""How a merge is told to webhooks: whoever merges adds one record of kind `merges` in the same transaction.

The event is then `*.merge`, and the records that went under or came up in it have no creation or deletion of their own (facts 4.5,
12.2; that the new record has none is our guess).
"""

from __future__ import annotations

from collections.abc import Sequence

from fake_crm.hubspot.model.standard_types import ObjectType
from harness.kit.records import RecordStore

KIND = "merges"


def note(
    store: RecordStore, kind: ObjectType, primary_id: str, merged_ids: Sequence[str], result_id: str, properties_moved: int
) -> None:
    """Tell that records became one. `merged_ids` are those of lesser priority; `result_id` is the survivor, maybe a new record."""
    fields = {
        "kind": kind.plural,
        "primary": primary_id,
        "merged": list(merged_ids),
        "result": result_id,
        "properties_moved": properties_moved,
    }
    store.insert(KIND, f"{kind.type_id}:{primary_id}+{'+'.join(merged_ids)}>{result_id}/{store.count(KIND) + 1}", fields)
