"""One dictionary for several vendors: entities keep their meaning, and a vendor's bindings say where they live there."""

from __future__ import annotations

from msgspec.structs import replace

from sync_engine.dictionary.model import (
    Binding,
    Dictionary,
    DictionaryError,
    Entity,
    FieldMap,
    Side,
    System,
    VendorBindings,
    VendorEntity,
    nearest,
)


def bound(dictionary: Dictionary, crm: str | None, erp: str | None, source: str = "dictionary") -> Dictionary:
    """The dictionary with the two vendors' own kinds and fields. Raises DictionaryError when it says nothing of a vendor."""
    sides: tuple[tuple[System, str | None, str], ...] = (("crm", crm, dictionary.crm), ("erp", erp, dictionary.erp))
    for system, wanted, own in sides:
        if wanted is not None and wanted != own:
            dictionary = _bind(dictionary, system, wanted, source)
    return dictionary


def _bind(dictionary: Dictionary, system: System, vendor: str, source: str) -> Dictionary:
    known = [dictionary.crm if system == "crm" else dictionary.erp]
    known += [name for name, each in dictionary.bindings.items() if each.system == system]
    bindings = dictionary.bindings.get(vendor)
    if bindings is None or bindings.system != system:
        raise DictionaryError(f"{source}: says nothing of the {system.upper()} {vendor!r} under 'bindings'{nearest(vendor, known)}")
    where = f"{source}: bindings of {vendor!r}"
    names = [entity.name for entity in dictionary.entities]
    for name in bindings.entities:
        if name not in names:
            raise DictionaryError(f"{where} name {name!r}, which is no entity{nearest(name, names)}")
    entities = tuple(_entity(entity, system, bindings, where) for entity in dictionary.entities)
    settings = {**dictionary.settings, **bindings.settings}
    if system == "crm":
        return replace(dictionary, crm=vendor, entities=entities, settings=settings)
    return replace(dictionary, erp=vendor, entities=entities, settings=settings)


def _entity(entity: Entity, system: System, bindings: VendorBindings, where: str) -> Entity:
    vendor = bindings.entities.get(entity.name)
    if vendor is None:
        raise DictionaryError(f"{where} say nothing of the entity {entity.name!r}; add it there")
    where = f"{where}, entity {entity.name!r}"
    binding = Binding(vendor.kind, vendor.link_field, vendor.link_label, vendor.constants)
    fields = _fields(entity.fields, vendor.fields, system, where)
    lines = entity.lines
    if lines is not None:
        line_fields = _fields(lines.fields, vendor.line_fields, system, f"{where}, lines")
        place = vendor.lines or (lines.crm_kind if system == "crm" else lines.erp_table)
        lines = replace(lines, fields=line_fields, **({"crm_kind": place} if system == "crm" else {"erp_table": place}))
    changed = replace(entity, fields=fields, lines=lines, **({"crm": binding} if system == "crm" else {"erp": binding}))
    return _surroundings(changed, vendor)


def _surroundings(entity: Entity, vendor: VendorEntity) -> Entity:
    return replace(
        entity,
        related={**entity.related, **vendor.related},
        when=entity.when if vendor.when is None else vendor.when,
        belongs_to=entity.belongs_to if vendor.belongs_to is None else vendor.belongs_to,
    )


def _fields(fields: tuple[FieldMap, ...], sides: dict[str, Side], system: System, where: str) -> tuple[FieldMap, ...]:
    names = [field.name for field in fields]
    for name in sides:
        if name not in names:
            raise DictionaryError(f"{where}: {name!r} is no field of it{nearest(name, names)}")
    missing = [name for name in names if name not in sides]
    if missing:
        raise DictionaryError(f"{where}: no place for {', '.join(map(repr, missing))}; name the vendor's field of each")
    return tuple(
        replace(field, crm=sides[field.name]) if system == "crm" else replace(field, erp=sides[field.name]) for field in fields
    )
