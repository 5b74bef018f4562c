"""The world of stories about a company that has bought, and the customer that it became, by the dictionary of the full cycle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from world import World

from harness.kit.call import Call
from harness.kit.journal import Received

FULL_CYCLE = Path(__file__).resolve().parents[2] / "scenarios" / "full-cycle.dictionary.yaml"


class Both(World):
    """One company that has bought, so that it has a customer."""

    def begin(self) -> None:
        self.host.start()
        self.pass_time(60)
        self.deal_id = self.win()
        self.until_quiet()
        (self.customer_id,) = [record.id for record in self.erp.store.all("Customer")]
        self.company_id = self.erp.store.get("Customer", self.customer_id).fields["custom_crm_company_id"]

    def company(self, id: str = "") -> Any:
        return self.crm.store.get("companies", id or self.company_id).fields

    def customer(self, id: str = "") -> Any:
        return self.erp.store.get("Customer", id or self.customer_id).fields

    def errors(self) -> list[tuple[str, str]]:
        return list(self.host.ask("open_errors", None))

    def writes(self, since: int) -> list[str]:
        entries = [e for e in self.journal.entries[since:] if isinstance(e, Received) and e.caller == "engine"]
        return [f"{e.method} {e.path}" for e in entries if e.method in ("PUT", "PATCH") or e.path.endswith(("/update", "/create"))]

    def erp_call(self, method: str, path: str, body: Any) -> Any:
        headers = {"content-type": "application/json"}
        reply = self.erp.handle(Call(method, path, "", headers, json.dumps(body).encode(), "person:bert", "bert"))
        assert reply.ok, reply.body
        return reply.json()
