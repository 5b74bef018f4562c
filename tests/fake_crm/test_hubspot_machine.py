"""Any sequence of creates, updates, archives, merges, associations, batches and searches agrees with a model of a hundred lines."""

from __future__ import annotations

from typing import Any

from hubspot_model import NEW_ID_ON_MERGE, Key, Model
from hubspot_portal import OBJECTS, Portal, where
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

KINDS = ("contacts", "companies", "deals")
PAIRS = (("contacts", "companies"), ("deals", "companies"), ("deals", "contacts"))
WORDS = st.sampled_from(["", "anvil", "Bolt", "crate"])
VALUES: dict[str, st.SearchStrategy[dict[str, str]]] = {
    "contacts": st.fixed_dictionaries(
        {"firstname": WORDS}, optional={"email": st.sampled_from(["a@x.com", "b@x.com", "c@x.com"]), "lastname": WORDS}
    ),
    "companies": st.fixed_dictionaries({"name": WORDS}, optional={"domain": st.sampled_from(["x.com", "y.com"])}),
    "deals": st.fixed_dictionaries(
        {"dealname": WORDS}, optional={"description": WORDS, "amount": st.sampled_from(["", "5", "7.50"])}
    ),
}
NAME = {"contacts": "firstname", "companies": "name", "deals": "dealname"}
LAG = 5.0


class Account(RuleBasedStateMachine):
    """Every call is made to the fake; the model says what must have become of it."""

    def __init__(self) -> None:
        super().__init__()
        self.portal = Portal(index_lag_s=LAG, burst_limit=10**6, daily_limit=10**9, search_limit=10**6)
        self.model = Model()

    # -- writes ---------------------------------------------------------------------------------------------------

    @rule(data=st.data(), kind=st.sampled_from(KINDS))
    def create(self, data: st.DataObject, kind: str) -> None:
        values = data.draw(VALUES[kind])
        reply = self.portal.post(f"{OBJECTS}/{kind}", {"properties": values})
        if self.model.clashes(kind, values):
            assert reply.status == 409
            assert reply.json()["message"].endswith(f"Existing ID: {self.model.holder(values['email'])}")
        else:
            assert reply.status == 201, reply.body
            self.model.create(kind, reply.json()["id"], values)

    @rule(data=st.data(), kind=st.sampled_from(KINDS), traced=st.booleans())
    def create_batch(self, data: st.DataObject, kind: str, traced: bool) -> None:
        """Without trace ids one bad row keeps all out; with them, the others get in."""
        rows = data.draw(st.lists(VALUES[kind], min_size=1, max_size=3))
        inputs: list[dict[str, Any]] = [{"properties": row} for row in rows]
        if traced:
            for number, row in enumerate(inputs):
                row["objectWriteTraceId"] = str(number)
        reply = self.portal.post(f"{OBJECTS}/{kind}/batch/create", {"inputs": inputs})
        trial, good = Model(dict(self.model.rows), set(self.model.links)), []
        for number, row in enumerate(rows):
            if not trial.clashes(kind, row):
                trial.create(kind, f"new {number}", row)
                good.append(number)
        if len(good) < len(rows) and not traced:
            assert reply.status == 409
            return
        assert reply.status == (201 if len(good) == len(rows) else 207)
        made = reply.json()["results"]
        assert len(made) == len(good)
        for number, row in zip(good, made, strict=True):
            self.model.create(kind, row["id"], rows[number])

    @rule(data=st.data(), kind=st.sampled_from(KINDS), in_batch=st.booleans())
    def update(self, data: st.DataObject, kind: str, in_batch: bool) -> None:
        key = data.draw(self.any_id(kind))
        values = data.draw(VALUES[kind])
        alive = self.model.is_live((kind, key))
        if in_batch:
            reply = self.portal.post(f"{OBJECTS}/{kind}/batch/update", {"inputs": [{"id": key, "properties": values}]})
            if not alive:
                gone = (kind, key) in self.model.rows and self.model.rows[kind, key].merged_into
                assert (reply.status, reply.json()["results"]) == (200 if gone else 207, [])
                return
        elif not alive:
            return  # what a PATCH of an old id does is told by the merge tests
        else:
            reply = self.portal.patch(kind, key, **values)
        if self.model.clashes(kind, values, key):
            assert reply.status == 409
        else:
            assert reply.status == 200, reply.body
            self.model.update(kind, key, values)

    @rule(data=st.data(), kind=st.sampled_from(KINDS), in_batch=st.booleans())
    def archive(self, data: st.DataObject, kind: str, in_batch: bool) -> None:
        key = data.draw(self.any_id(kind))
        if (kind, key) in self.model.rows and self.model.rows[kind, key].merged_into:
            return
        if in_batch:
            reply = self.portal.post(f"{OBJECTS}/{kind}/batch/archive", {"inputs": [{"id": key}]})
        else:
            reply = self.portal.call("DELETE", f"{OBJECTS}/{kind}/{key}")
        assert reply.status == 204
        self.model.archive(kind, key)

    @rule(data=st.data(), kind=st.sampled_from(KINDS))
    def merge(self, data: st.DataObject, kind: str) -> None:
        live = self.model.live(kind)
        if len(live) < 2:
            return
        primary, other = data.draw(st.permutations(live).map(lambda ids: ids[:2]))
        reply = self.portal.post(f"{OBJECTS}/{kind}/merge", {"primaryObjectId": primary, "objectIdToMerge": other})
        assert reply.status == 200, reply.body
        survivor = reply.json()["id"]
        assert (survivor not in (primary, other)) is (kind in NEW_ID_ON_MERGE)
        self.model.merge(kind, primary, other, survivor)

    @rule(data=st.data(), pair=st.sampled_from(PAIRS), back=st.booleans(), together=st.booleans())
    def associate(self, data: st.DataObject, pair: tuple[str, str], back: bool, together: bool) -> None:
        """Linking and unlinking, from either end."""
        one, other = ((kind, data.draw(self.any_id(kind))) for kind in (reversed(pair) if back else pair))
        base = f"/crm/v4/objects/{one[0]}/{one[1]}/associations"
        if together:
            reply = self.portal.call("PUT", f"{base}/default/{other[0]}/{other[1]}")
            alive = self.model.is_live(one) and self.model.is_live(other)
            assert reply.status == (200 if alive else 400), reply.body
            if alive:
                self.model.link(one, other)
        elif self.model.is_live(one) and self.model.is_live(other):
            assert self.portal.call("DELETE", f"{base}/{other[0]}/{other[1]}").status == 204
            self.model.unlink(one, other)

    @rule()
    def wait_for_the_index(self) -> None:
        self.portal.wait(LAG)
        self.model.index()

    # -- reads ----------------------------------------------------------------------------------------------------

    @rule(kind=st.sampled_from(KINDS), word=st.sampled_from(["anvil", "bolt"]))
    def search(self, kind: str, word: str) -> None:
        """Found is what matched when the index last looked; what was purged since then cannot be shown."""
        reply = self.portal.search(kind, where(NAME[kind], "EQ", word), limit=200)
        assert reply.status == 200
        found = self.model.search(kind, NAME[kind], word)
        assert {row["id"] for row in reply.json()["results"]} == found
        assert reply.json()["total"] == len(found)

    @precondition(lambda self: self.model.rows)
    @rule(data=st.data())
    def read(self, data: st.DataObject) -> None:
        kind, key = data.draw(st.sampled_from(sorted(self.model.rows)))
        end = self.model.resolved((kind, key))
        names = ",".join((*VALUES_OF[kind], "hs_additional_emails"))
        reply = self.portal.get(f"{OBJECTS}/{kind}/{key}", f"properties={names}")
        if not self.model.is_live(end):
            assert reply.status == 404
            return
        assert (reply.status, reply.json()["id"]) == (200, end[1])
        shown = {name: value for name, value in reply.json()["properties"].items() if value and name in (*VALUES_OF[kind], EMAILS)}
        assert shown == self.model.rows[end].values

    @invariant()
    def every_list_shows_exactly_the_living(self) -> None:
        for kind in KINDS:
            reply = self.portal.get(f"{OBJECTS}/{kind}", "limit=100")
            assert {row["id"] for row in reply.json()["results"]} == set(self.model.live(kind))

    @rule(pair=st.sampled_from(PAIRS), back=st.booleans())
    def links_are_the_same_from_both_ends(self, pair: tuple[str, str], back: bool) -> None:
        source, target = reversed(pair) if back else pair
        live = self.model.live(source)
        if not live:
            return
        body = {"inputs": [{"id": key} for key in live]}
        rows = self.portal.post(f"/crm/v4/associations/{source}/{target}/batch/read", body).json()["results"]
        found = {row["from"]["id"]: {str(each["toObjectId"]) for each in row["to"]} for row in rows}
        assert found == {key: linked for key in live if (linked := self.model.linked((source, key), target))}

    def any_id(self, kind: str) -> st.SearchStrategy[str]:
        """Ids of the type, living or not, and one that never was."""
        keys: list[Key] = [key for key in self.model.rows if key[0] == kind]
        return st.sampled_from([*(key[1] for key in keys), "99"])


EMAILS = "hs_additional_emails"
VALUES_OF = {
    "contacts": ("firstname", "lastname", "email"),
    "companies": ("name", "domain"),
    "deals": ("dealname", "description", "amount"),
}

TestAccount = Account.TestCase
TestAccount.settings = settings(max_examples=100, stateful_step_count=40)
