"""Which entities are mirrored: records of the ERP, of any DocType, that the CRM shows as records of any of its kinds."""

from __future__ import annotations

from typing import Final

from sync_engine.dictionary import Dictionary, Entity

OWN_HANDLERS: Final = ("customer", "order")  # what is special about these has code of its own
MIRROR: Final = "mirror"  # the work of bringing one record of the ERP to the CRM


def is_mirrored(entity: Entity) -> bool:
    return entity.origin == "erp" and entity.name not in OWN_HANDLERS


def mirrored(dictionary: Dictionary) -> tuple[Entity, ...]:
    """In the file's order."""
    return tuple(entity for entity in dictionary.entities if is_mirrored(entity))
