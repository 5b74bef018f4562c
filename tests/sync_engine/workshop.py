"""A company with entities of its own: a custom object in the CRM and a DocType in a kind of the vendor's, beside the full cycle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from drifting_world import Books

from harness.kit.call import Call
from harness.kit.fake import FakeSetup

FULL_CYCLE = Path(__file__).resolve().parents[2] / "scenarios" / "full-cycle.dictionary.yaml"
MACHINE = "p_machine"
SCHEMA: dict[str, Any] = {
    "name": "machine",
    "labels": {"singular": "Machine", "plural": "Machines"},
    "primaryDisplayProperty": "title",
    "requiredProperties": ["title"],
    "properties": [{"name": "title", "label": "Title"}],
}
MACHINES: dict[str, Any] = {  # a machine is a place with stock, as far as this ERP is concerned
    "name": "machine",
    "origin": "erp",
    "crm": {"kind": MACHINE, "link_field": "erp_machine", "link_label": "ERP machine"},
    "erp": {"kind": "Warehouse"},
    "when": {"is_group": "0", "disabled": "0"},
    "match": [{"fields": ["Title"]}],
    "related": {"stock": {"kind": "Bin", "through": "warehouse", "submitted": False}},
    "fields": [
        {"name": "Title", "owner": "erp", "erp": {"field": "warehouse_name"}, "crm": {"field": "title"}, "transform": "trim"},
        {
            "name": "Out of use",
            "owner": "erp",
            "erp": {"field": "disabled", "type": "boolean"},
            "crm": {"field": "out_of_use", "type": "choice", "custom": True},
            "transform": "map",
            "values": {"0": "no", "1": "yes"},
        },
        {
            "name": "In stock",
            "owner": "erp",
            "erp": {"field": "actual_qty", "type": "decimal", "of": "stock"},
            "crm": {"field": "in_stock", "type": "decimal", "custom": True},
        },
    ],
}
GROUPS: dict[str, Any] = {  # and a DocType whose records stand in a kind of the vendor's own
    "name": "customer_group",
    "origin": "erp",
    "crm": {"kind": "tickets", "link_field": "erp_group", "constants": {"hs_pipeline": "0", "hs_pipeline_stage": "1"}},
    "erp": {"kind": "Customer Group"},
    "fields": [
        {"name": "Group", "owner": "erp", "erp": {"field": "customer_group_name"}, "crm": {"field": "subject"}},
        {"name": "Above", "owner": "erp", "erp": {"field": "parent_customer_group"}, "crm": {"field": "content"}},
    ],
}


def processes(entity: str) -> list[dict[str, Any]]:
    return [
        {
            "name": f"{entity}-{event}",
            "trigger": {"system": "erp", "entity": entity, "event": event},
            "actions": [{"do": verb, "entity": entity, "system": "crm"}],
        }
        for event, verb in (("appears", "create"), ("changes", "update"))
    ]


class Workshop(Books):
    """The full cycle and two entities more; an account that may have custom objects, and has one."""

    def __init__(self, state_dir: Path, **how: Any) -> None:
        state_dir.mkdir(exist_ok=True)
        book: dict[str, Any] = yaml.safe_load(FULL_CYCLE.read_text(encoding="utf-8"))
        book["entities"] += [MACHINES, GROUPS]
        book["processes"] += processes("machine") + processes("customer_group")
        path = state_dir / "workshop.yaml"
        path.write_text(yaml.safe_dump(book), encoding="utf-8")
        super().__init__(state_dir, dictionary=path, **how)
        self.person("POST", "/crm/v3/schemas", SCHEMA)

    def _fake(self, spec: Any) -> Any:
        settings = {"tier": "enterprise"} if spec.system == "crm" else {}
        fake = spec.create(
            FakeSetup(spec.system, self.clock, self.seed.derived(spec.system), self.journal, spec.default_host, settings)
        )
        self.network.attach(spec.default_host, fake)
        fake.connect_webhooks(f"http://engine.example/webhooks/{spec.system}", "hush")
        return fake

    def person(self, method: str, path: str, body: Any = None) -> Any:
        """What somebody does on the screens of the CRM."""
        raw = json.dumps(body).encode() if body is not None else b""
        place, _, query = path.partition("?")
        reply = self.crm.handle(Call(method, place, query, body=raw, caller="person:carl", person="carl"))
        assert reply.ok, reply.json()
        return reply.json()

    @property
    def screen(self) -> Any:
        """What somebody does on the screens of the ERP."""
        return self.bert._screen

    def place(self, name: str, **more: Any) -> str:
        """Somebody enters a machine into the ERP."""
        doc = {"warehouse_name": name, "company": self.screen.send("GET", "/api/resource/Company")["data"][0]["name"]}
        return str(self.screen.create("Warehouse", {**doc, **more})["name"])

    def records(self, kind: str, link: str) -> dict[str, dict[str, Any]]:
        """By the name of the document in the ERP."""
        names = ",".join((link, "title", "out_of_use", "in_stock", "subject", "content"))
        rows = self.person("GET", f"/crm/v3/objects/{kind}?limit=100&properties={names}")["results"]
        linked = [row["properties"] | {"id": row["id"]} for row in rows]
        assert len({row[link] for row in linked}) == len(linked), "one document, two records"
        return {row[link]: row for row in linked}

    def machines(self) -> dict[str, dict[str, Any]]:
        return self.records(MACHINE, "erp_machine")

    def groups(self) -> dict[str, dict[str, Any]]:
        return self.records("tickets", "erp_group")

    def errors(self) -> list[Any]:
        return list(self.host.ask("open_errors", None))
