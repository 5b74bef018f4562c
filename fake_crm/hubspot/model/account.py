"""One HubSpot account: everything a handler needs, and the rules by which records are written.

Handlers are plain functions `(account, call) -> Reply`; they raise HubSpotError to refuse.
"""

from __future__ import annotations

from typing import Any

from fake_crm.hubspot.access.limits import Limits
from fake_crm.hubspot.errors import HubSpotError, contact_exists, invalid_properties, non_unique, required_properties, value_taken
from fake_crm.hubspot.model import derived
from fake_crm.hubspot.model.association_types import AssociationType
from fake_crm.hubspot.model.definitions import Definitions
from fake_crm.hubspot.model.links import Links
from fake_crm.hubspot.model.owners import Owners, user_id_of
from fake_crm.hubspot.model.pipelines import Pipelines
from fake_crm.hubspot.model.types import COMPANIES, CONTACTS, DEALS, LINE_ITEMS, MODELLED, ObjectType
from fake_crm.hubspot.model.values import Invalid, email_of, joined, normalise
from fake_crm.hubspot.search.index import SearchIndexes
from fake_crm.hubspot.settings import Settings
from fake_crm.hubspot.wire import CorrelationIds, wire_time
from harness.kit.fake import FakeSetup
from harness.kit.records import Record, RecordStore, UniqueConflict

NewLink = tuple[AssociationType, str]  # the type seen from the new record, and the id of the other one
_LIFECYCLE_ORDER = {
    name: rank
    for rank, name in enumerate(
        ("subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer", "evangelist", "other")
    )
}


class RecordIds:
    """Ids per type: eleven digits, from a seeded start, increasing with seeded gaps."""

    def __init__(self, setup: FakeSetup) -> None:
        kinds = [*(each.plural for each in MODELLED), "pipelines"]
        self._streams = {kind: setup.seed.stream(f"ids/{kind}") for kind in kinds}
        self._last = {kind: stream.randrange(10_000_000_000, 40_000_000_000) for kind, stream in self._streams.items()}

    def next(self, kind: str) -> str:
        self._last[kind] = number = self._last[kind] + self._streams[kind].randrange(1, 40)
        return str(number)

    def last(self) -> dict[str, int]:
        """The last id of each type, for `continue_from`."""
        return dict(self._last)

    def continue_from(self, last: dict[str, int]) -> None:
        self._last = dict(last)

    def seen(self, kind: str, record_id: str) -> None:
        """Ids from a file stay below those to come."""
        if len(record_id) < 16:
            self._last[kind] = max(self._last[kind], int(record_id))


class Account:
    """The state of one account and its write rules. All times come from the setup's clock."""

    def __init__(self, setup: FakeSetup, store: RecordStore, settings: Settings) -> None:
        self.settings, self.store, self.clock = settings, store, setup.clock
        self.base_url = setup.base_url.rstrip("/")
        self.portal_id = settings.portal_id
        self.correlation = CorrelationIds(setup.clock, setup.seed.stream("correlation"))
        self.ids = RecordIds(setup)
        self.stream = setup.seed.stream
        for each in MODELLED:
            unique = {"email": None} if each is CONTACTS else {}
            store.define(each.plural, unique=unique, indexes=("hs_sku",) if each.plural == "products" else ())
        store.define("property_groups")
        self.definitions = Definitions(store)
        self.pipelines = Pipelines(store)
        self.owners = Owners(store)
        self.links = Links(store, setup.clock, settings)
        self.search = SearchIndexes(store, setup.clock, setup.seed.stream("index_lag"), settings)
        self.limits = Limits(settings)

    def now(self) -> str:
        return wire_time(self.clock.now())

    # -- finding --------------------------------------------------------------------------------------------------

    def live(self, kind: ObjectType, record_id: str) -> Record | None:
        record = self.store.get(kind.plural, record_id)
        return None if record is None or record.archived else record

    def find(self, kind: ObjectType, key: str, id_property: str | None) -> Record | None:
        """A live record by id or by the value of a unique property, never by a stale index. Raises HubSpotError 400."""
        if not id_property:
            return self.live(kind, key)
        self.check_unique_property(kind, id_property)
        value = key.strip().lower() if kind is CONTACTS and id_property == "email" else key
        return self.store.find(kind.plural, id_property, value)

    def check_unique_property(self, kind: ObjectType, name: str) -> None:
        if not self.store.is_unique(kind.plural, name) or self.definitions.find(kind.plural, name) is None:
            raise non_unique(kind.type_id, name, self.portal_id)

    # -- validating -----------------------------------------------------------------------------------------------

    def validated(self, kind: ObjectType, given: dict[str, Any], current: dict[str, str]) -> dict[str, str]:
        """The stored text of every given value. Raises HubSpotError 400 that lists all bad ones."""
        find, plural = self.definitions.find, kind.plural
        values: dict[str, str] = {}
        problems: list[tuple[str, str, str]] = []
        for name, value in given.items():
            prop = find(plural, name)
            if prop is None:
                problems.append((name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist'))
            elif prop.read_only:
                text = f'"{name}" is a calculated property; its value cannot be set.'
                problems.append((name, "READ_ONLY_VALUE", text))
            elif value is None and not self.settings.null_clears:
                problems.append((name, "INVALID_STRING", f"{name} was null"))  # our guess
            elif value is None:
                values[name] = ""
            else:
                try:
                    text = normalise(prop, value, canonical=self.settings.canonical_numbers)
                    values[name] = joined(current.get(name, ""), text) if prop.multiple else text
                    if prop.external == "owner" and text and not self.owners.known(text):
                        known = ", ".join(row["id"] for row in self.owners.rows())
                        raise Invalid("INVALID_OPTION", f"{text} was not one of the allowed options: [{known}]")
                except Invalid as bad:
                    problems.append((name, bad.code, bad.message))
        if kind is DEALS and ("dealstage" in values or "pipeline" in values):
            self._check_stage(values, current, problems)
        elif kind is CONTACTS and values.get("email"):
            self._check_email(values, problems)
        elif kind is COMPANIES and "domain" in values:
            values["domain"] = values["domain"].lower()
        if problems:
            raise invalid_properties(problems, self.portal_id)
        return values

    def _check_email(self, values: dict[str, str], problems: list[tuple[str, str, str]]) -> None:
        try:
            values["email"] = email_of(values["email"], self.settings.unknown_tlds)
        except Invalid as bad:
            problems.append(("email", bad.code, bad.message))

    def _check_stage(self, values: dict[str, str], current: dict[str, str], problems: list[tuple[str, str, str]]) -> None:
        """A stage must be one of the deal's pipeline; a pipeline must exist."""
        pipeline = values.get("pipeline") or current.get("pipeline") or "default"
        stages = self.pipelines.stages(pipeline)
        if stages is None:
            known = ", ".join(row["id"] for row in self.pipelines.rows())
            problems.append(("pipeline", "INVALID_OPTION", f"{pipeline} was not one of the allowed options: [{known}]"))
            return
        stage = values.get("dealstage")
        if not stage or stage in stages:
            return
        if not self.settings.stage_must_fit_pipeline and self.stage_anywhere(stage):
            return
        problems.append(("dealstage", "INVALID_OPTION", f"{stage} was not one of the allowed options: [{', '.join(stages)}]"))

    def stage_anywhere(self, stage: str) -> bool:
        return any(each["id"] == stage for row in self.pipelines.rows() for each in row["stages"])

    # -- writing --------------------------------------------------------------------------------------------------

    def create(self, kind: ObjectType, given: dict[str, Any], links: list[NewLink], record_id: str | None = None) -> Record:
        """Add a record with its links, or refuse and change nothing. Raises HubSpotError."""
        values = {name: value for name, value in self.validated(kind, given, {}).items() if value != ""}
        required = (*kind.required, *self.settings.required_properties.get(kind.plural, ()))
        missing = [name for name in required if name not in values]
        if missing:
            raise required_properties(kind.label, missing)
        record_id = record_id or self.ids.next(kind.plural)
        now = self.now()
        values["createdate"] = values["hs_createdate"] = values["hs_lastmodifieddate"] = now
        values["hs_object_id"] = record_id
        values["hs_object_source"], values["hs_object_source_id"], values["hs_object_source_label"] = self._source()
        if kind is CONTACTS:
            values["lastmodifieddate"] = now
        elif kind is DEALS:
            derived.new_deal(self.pipelines, values, now, self.settings)
        elif kind is LINE_ITEMS:
            derived.new_line_item(self.store, values)
        if not links:
            return self._insert(kind, record_id, values)
        with self.store.transaction():
            record = self._insert(kind, record_id, values)
            for link, other_id in links:
                self.link(link.source, record_id, link.target, other_id, [link.id])
        return record

    def _source(self) -> tuple[str, str, str]:
        """Who made a record: source, its id, its label."""
        role, _, person = self.store.actor.partition(":")
        if role == "person":
            return "CRM_UI", f"userId:{user_id_of(person)}", "CRM_UI"
        return "INTEGRATION", str(self.settings.app_id), "INTEGRATION"

    def _insert(self, kind: ObjectType, record_id: str, values: dict[str, str]) -> Record:
        try:
            return self.store.insert(kind.plural, record_id, values)
        except UniqueConflict as taken:
            raise self._taken(kind, taken, record_id) from None

    def patch(self, kind: ObjectType, record: Record, given: dict[str, Any]) -> dict[str, str]:
        """Merge values into a live record; returns the submitted ones and those that followed. Raises HubSpotError.

        Equal values are no change: no event, and the modification time stays.
        """
        current = record.fields
        values = self.validated(kind, given, current)
        changes = {name: value for name, value in values.items() if current.get(name, "") != value}
        if kind is COMPANIES or kind is CONTACTS:
            self._keep_lifecycle(values, changes, current)
        if self.settings.same_value_is_a_change and values and not changes:
            changes = {kind.modified: self.now()}
        if not changes:
            return values
        now = self.now()
        if kind is DEALS:
            derived.changed_deal(self.pipelines, current, changes, values, now, self.settings)
        elif kind is LINE_ITEMS:
            derived.changed_line_item(current, changes)
        changes["hs_lastmodifieddate"] = now
        if kind is CONTACTS:
            changes["lastmodifieddate"] = now
        try:
            self.store.update(kind.plural, record.id, changes)
        except UniqueConflict as taken:
            raise self._taken(kind, taken, record.id) from None
        return {**values, **changes}

    def _keep_lifecycle(self, values: dict[str, str], changes: dict[str, str], current: dict[str, str]) -> None:
        """A step back in the life cycle succeeds and changes nothing."""
        new = changes.get("lifecyclestage")
        if new and _LIFECYCLE_ORDER.get(new, 99) < _LIFECYCLE_ORDER.get(current.get("lifecyclestage", ""), -1):
            del changes["lifecyclestage"]
            values["lifecyclestage"] = current["lifecyclestage"]

    def link(
        self, source: ObjectType, source_id: str, target: ObjectType, target_id: str, types: list[int], *, keep: bool = False
    ) -> None:
        """Link two records with these types, or with them on top of what they have (`keep`).

        Maintained counts follow and move the modification time of their owners.
        """
        link = self.links.between(source, source_id, target, target_id) if keep else None
        with self.store.transaction():
            self.links.put(source, source_id, target, target_id, types if link is None else {*types, *link.fields["types"]})

    def _taken(self, kind: ObjectType, taken: UniqueConflict, writing: str) -> HubSpotError:
        if kind is CONTACTS and taken.field == "email":
            return contact_exists(taken.holder)
        return value_taken(self.portal_id, kind.label, taken.field, str(taken.value), writing, taken.holder)
