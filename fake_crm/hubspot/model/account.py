"""One HubSpot account: everything a handler needs, and how records are written.

Handlers are plain functions `(account, call) -> Reply`; they raise HubSpotError to refuse. What follows from a write, and what a
type refuses, is told by `model/rules`.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec

from fake_crm.hubspot.access.limits import Limits
from fake_crm.hubspot.access.tokens import Tokens
from fake_crm.hubspot.errors import HubSpotError, contact_exists, non_unique, required_properties, value_taken
from fake_crm.hubspot.events.subscriptions import Subscriptions
from fake_crm.hubspot.model.association_types import AssociationType, AssociationTypes
from fake_crm.hubspot.model.bin import Bin
from fake_crm.hubspot.model.definitions import Definitions
from fake_crm.hubspot.model.emails import OtherEmails
from fake_crm.hubspot.model.history import History
from fake_crm.hubspot.model.ids import RecordIds
from fake_crm.hubspot.model.links import Links
from fake_crm.hubspot.model.merging import Merging
from fake_crm.hubspot.model.owners import Owners, user_id_of
from fake_crm.hubspot.model.pipeline_audit import PipelineAudit
from fake_crm.hubspot.model.pipelines import Pipelines
from fake_crm.hubspot.model.replica import Replica
from fake_crm.hubspot.model.rules.base import Rules, Values
from fake_crm.hubspot.model.rules.invoice_totals import InvoiceTotals
from fake_crm.hubspot.model.rules.registry import RuleBook
from fake_crm.hubspot.model.standard_types import CONTACTS, DEALS, LINE_ITEMS, STANDARD, ObjectType
from fake_crm.hubspot.model.types import Types
from fake_crm.hubspot.model.validating import validated
from fake_crm.hubspot.model.values import decimal_text
from fake_crm.hubspot.search.index import SearchIndexes
from fake_crm.hubspot.settings import Settings
from fake_crm.hubspot.wire import CorrelationIds, wire_time
from harness.kit.fake import FakeSetup
from harness.kit.money import decimal_of
from harness.kit.records import Record, RecordStore, UniqueConflict

NewLink = tuple[AssociationType, str]  # the type seen from the new record, and the id of the other one
# what the documentation lists: of each group one (facts 5.3)
_STRICT = {
    "contacts": (("email", "firstname", "lastname"),),
    "companies": (("name", "domain"),),
    "deals": (("dealname",), ("dealstage",)),
}


class Account:
    """The state of one account and its write rules. All times come from the setup's clock."""

    def __init__(self, setup: FakeSetup, store: RecordStore, settings: Settings) -> None:
        self.settings, self.store, self.clock = settings, store, setup.clock
        self.base_url = setup.base_url.rstrip("/")
        self.portal_id = settings.portal_id
        self.correlation = CorrelationIds(setup.clock, setup.seed.stream("correlation"))
        self.ids = RecordIds(setup)
        self.stream = setup.seed.stream
        self.upsert_order = setup.seed.stream("upsert_order")
        unique: dict[str, dict[str, None]] = {"contacts": {"email": None}, "orders": {"hs_external_order_id": None}}
        for each in STANDARD:
            store.define(each.plural, unique=unique.get(each.plural), indexes=("hs_sku",) if each.plural == "products" else ())
        store.define("property_groups")
        self.types = Types(store)
        self.resolve = self.types.resolve
        self.association_types = AssociationTypes(store, self.types)
        self.pipelines, self.pipeline_audit = Pipelines(store), PipelineAudit(store, settings.portal_id)
        self.definitions = Definitions(store, self.pipelines)
        self.owners = Owners(store)
        self.links = Links(store, setup.clock, settings, self.association_types)
        self.search = SearchIndexes(store, setup.clock, setup.seed.stream("index_lag"), settings)
        self.limits = Limits(settings)
        self.tokens = Tokens(settings, setup.clock, setup.seed.stream("tokens"))
        self.subscriptions = Subscriptions(self.types, self.definitions, setup.clock, settings.client_secret)
        self.rules = RuleBook(self)
        self.granted: tuple[str, ...] | None = None  # the scopes of the call in hand; None: all
        self.invoices = InvoiceTotals(self)
        self.emails = OtherEmails(store)
        self.merging, self.bin, self.history = Merging(self), Bin(self), History(self)
        self.replica = Replica(self)

    def now(self) -> str:
        return wire_time(self.clock.now())

    @property
    def by_person(self) -> bool:
        """Whether somebody at the vendor's own screens is writing."""
        return self.store.actor.startswith("person:")

    # -- finding --------------------------------------------------------------------------------------------------

    def live(self, kind: ObjectType, record_id: str) -> Record | None:
        record = self.store.get(kind.plural, record_id)
        return None if record is None or record.archived else record

    def find(self, kind: ObjectType, key: str, id_property: str | None) -> Record | None:
        """A live record by id or by the value of a unique property, never by a stale index. Raises HubSpotError 400."""
        if not id_property:
            return self.live(kind, key)
        self.check_unique_property(kind, id_property)
        if kind is not CONTACTS or id_property != "email":
            return self.store.find(kind.plural, id_property, key)
        email = key.strip().lower()
        found = self.store.find("contacts", "email", email)
        holder = self.emails.holder(email) if found is None else None
        return found if holder is None else self.store.get("contacts", holder)

    def check_unique_property(self, kind: ObjectType, name: str) -> None:
        if not self.store.is_unique(kind.plural, name) or self.definitions.find(kind.plural, name) is None:
            raise non_unique(kind.type_id, name, self.portal_id)

    def links_of_record(self, source: ObjectType, record_id: str, target: ObjectType) -> list[Record]:
        """The live records of a type that one record is linked to, oldest link first."""
        found = (self.store.get(target.plural, link.fields["to_id"]) for link in self.links.of(source, record_id, target))
        return [record for record in found if record is not None]

    def validated(self, kind: ObjectType, given: dict[str, Any], current: dict[str, str]) -> dict[str, str]:
        """The stored text of every given value. Raises HubSpotError 400 that lists all bad ones."""
        return validated(self, kind, given, current)

    # -- writing --------------------------------------------------------------------------------------------------

    def create(self, kind: ObjectType, given: dict[str, Any], links: list[NewLink], record_id: str | None = None) -> Record:
        """Add a record with its links, or refuse and change nothing. Raises HubSpotError."""
        values = {name: value for name, value in self.validated(kind, given, {}).items() if value != ""}
        self._check_required(kind, values)
        record_id = record_id or self.ids.next(kind.plural)
        now = self.now()
        values[kind.created] = values["hs_createdate"] = values["hs_lastmodifieddate"] = values[kind.modified] = now
        values["hs_object_id"] = record_id
        values["hs_object_source"], values["hs_object_source_id"], values["hs_object_source_label"] = self.source()
        if "hubspot_owner_id" in values:
            self._follow_owner(values, now)
        rules = self.rules.of(kind)
        rules.created(values, links, now)
        if kind is CONTACTS and self.settings.racing_creates_s and (winner := self._lately_made(values)) is not None:
            return self._create_and_merge(winner, record_id, values, links)
        if not links and not rules.follows_creation:
            return self._insert(kind, record_id, values)
        with self.store.transaction():
            record = self._insert(kind, record_id, values)
            for link, other_id in links:
                self.link(link.source, record_id, link.target, other_id, [link.id], is_new=True)
            rules.inserted(record)
        return record

    def _lately_made(self, values: dict[str, str]) -> Record | None:
        """The contact that has the e-mail address, if it is so new that the vendor may not have noticed it yet."""
        holder = self.store.find("contacts", "email", values["email"]) if "email" in values else None
        if holder is None or self.clock.now() - holder.created_at >= timedelta(seconds=self.settings.racing_creates_s):
            return None
        return holder

    def _create_and_merge(self, winner: Record, record_id: str, values: dict[str, str], links: list[NewLink]) -> Record:
        """The loser of a race as its creator sees it; it is merged into the winner at once, the vendor's is so later."""
        email = values.pop("email")
        with self.store.transaction():
            record = self._insert(CONTACTS, record_id, values)
            for link, other_id in links:
                self.link(link.source, record_id, link.target, other_id, [link.id], is_new=True)
            shown = msgspec.structs.replace(record, fields={**record.fields, "email": email})
            self.merging.absorb(CONTACTS, winner, record)
        return shown

    def _check_required(self, kind: ObjectType, values: dict[str, str]) -> None:
        required = (*kind.required, *self.settings.required_properties.get(kind.plural, ()))
        missing = [name for name in dict.fromkeys(required) if name not in values]
        if self.settings.strict_required:
            absent = (group for group in _STRICT.get(kind.plural, ()) if not any(name in values for name in group))
            missing += [name for group in absent for name in group if name not in missing]
        if missing:
            raise required_properties(kind.label, missing)

    def source(self) -> tuple[str, str, str]:
        """Who made a record: source, its id, its label."""
        role, _, person = self.store.actor.partition(":")
        if role == "person":
            return "CRM_UI", f"userId:{user_id_of(person)}", "CRM_UI"
        return "INTEGRATION", str(self.settings.app_id), "INTEGRATION"

    def _insert(self, kind: ObjectType, record_id: str, values: dict[str, str]) -> Record:
        try:
            return self.store.insert(kind.plural, record_id, values)
        except UniqueConflict as taken:
            raise self.taken(kind, taken, record_id) from None

    def patch(self, kind: ObjectType, record: Record, given: dict[str, Any]) -> dict[str, str]:
        """Merge values into a live record; returns the submitted ones and those that followed. Raises HubSpotError.

        Equal values are no change: no event, and the modification time stays.
        """
        current = record.fields
        values = self.validated(kind, given, current)
        changes = {name: value for name, value in values.items() if current.get(name, "") != value}
        if self.settings.same_value_is_a_change and values and not changes:
            changes = {kind.modified: self.now()}
        if not changes:
            return values
        rules = self.rules.of(kind)
        if rules.follows_updates:
            with self.store.transaction():
                self._update(kind, record, values, changes, rules)
        else:
            self._update(kind, record, values, changes, rules)
        return {**values, **changes}

    def _update(self, kind: ObjectType, record: Record, values: Values, changes: Values, rules: Rules) -> None:
        now = self.now()
        rules.changed(record, values, changes, now)
        if not changes:
            return
        if "hubspot_owner_id" in changes:
            self._follow_owner(changes, now)
        changes["hs_lastmodifieddate"] = changes[kind.modified] = now
        try:
            self.store.update(kind.plural, record.id, changes)
        except UniqueConflict as taken:
            raise self.taken(kind, taken, record.id) from None
        rules.stored(record, changes)

    def _follow_owner(self, values: Values, now: str) -> None:
        """What follows from a new owner. Facts section 6 has the names; what the lists hold is our guess."""
        owner = values["hubspot_owner_id"]
        values["hubspot_owner_assigneddate"], values["hs_all_owner_ids"] = now, owner
        values["hs_user_ids_of_all_owners"] = self.owners.user_id(owner)

    def set_by_system(self, kind: ObjectType, record: Record, changes: dict[str, str]) -> None:
        """Write values that follow from something else, without validation; the modification time moves if any differs."""
        new = {name: value for name, value in changes.items() if record.fields.get(name, "") != value}
        if new:
            touched = dict.fromkeys(("hs_lastmodifieddate", kind.modified), self.now())
            self.store.update(kind.plural, record.id, {**new, **touched})

    def archive(self, kind: ObjectType, record_id: str) -> None:
        """Put a record into the bin; nothing happens when it is there or unknown. Raises HubSpotError where a rule forbids it."""
        record = self.live(kind, record_id)
        if record is not None:
            with self.store.transaction():
                self.rules.of(kind).archiving(record)
                self.links.left(kind, record_id)
                self.store.archive(kind.plural, record_id)

    def link(
        self,
        source: ObjectType,
        source_id: str,
        target: ObjectType,
        target_id: str,
        types: list[int],
        *,
        keep: bool = False,
        is_new: bool = False,
    ) -> None:
        """Link two records with these types, or with them on top of what they have (`keep`).

        Maintained counts follow and move the modification time of their owners. `is_new`: the source is just being created, and
        its own rules have looked at its links already.
        """
        link = self.links.between(source, source_id, target, target_id) if keep else None
        with self.store.transaction():
            self.links.put(source, source_id, target, target_id, types if link is None else {*types, *link.fields["types"]})
            one, other = self.live(source, source_id), self.live(target, target_id)
            if one is not None:
                self.rules.of(source).linked(one, target.plural, target_id, is_new=is_new)
            if other is not None:
                self.rules.of(target).linked(other, source.plural, source_id, is_new=False)

    def sum_lines(self, deal: Record) -> None:
        """The account's own choice: a deal's amount is the sum of its line items."""
        amounts = (decimal_of(line.fields.get("amount")) for line in self.links_of_record(DEALS, deal.id, LINE_ITEMS))
        total = sum((amount for amount in amounts if amount is not None), Decimal(0))
        self.set_by_system(DEALS, deal, {"amount": decimal_text(total)})

    def taken(self, kind: ObjectType, taken: UniqueConflict, writing: str) -> HubSpotError:
        """The refusal of a unique value that another record has; `writing` is the id of the record that wanted it."""
        if kind is CONTACTS and taken.field == "email":
            return contact_exists(taken.holder)
        return value_taken(self.portal_id, kind.label, taken.field, str(taken.value), writing, taken.holder)
