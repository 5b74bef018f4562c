"""Every setting by its place in the configuration file: what it is called, what it takes, what it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "url", "secret", "path", "seconds", "count", "choice"]


@dataclass(frozen=True, slots=True)
class Key:
    """`place`: `table.name` in the file. `flat`: its one-word name, in capitals behind SYNC_ENGINE_ the environment variable.

    A secret may also come from `<name>_env` (a variable's name) or `<name>_file` (a file's path).
    """

    place: str
    flat: str
    kind: Kind
    meaning: str
    default: str | None = None  # None: it must be given
    choices: tuple[str, ...] = ()
    example: str = ""
    header: bool = False  # it travels in an HTTP header

    @property
    def table(self) -> str:
        return self.place.partition(".")[0]

    @property
    def name(self) -> str:
        return self.place.partition(".")[2]

    @property
    def variable(self) -> str:
        return PREFIX + self.flat.upper()

    @property
    def spellings(self) -> tuple[str, ...]:
        """The names in the file under which it is found."""
        return (self.name, f"{self.name}_env", f"{self.name}_file") if self.kind == "secret" else (self.name,)


PREFIX = "SYNC_ENGINE_"
TABLES = {
    "crm": "Where sales people work.",
    "erp": "Where orders are fulfilled.",
    "webhooks": "Where both vendors call the engine; /crm and /erp are added to the address.",
    "engine": "How it works.",
    "store": "Where it remembers.",
    "telemetry": "What it tells about its work, besides its log and /metrics.",
}
KEYS = (
    Key("crm.vendor", "crm_vendor", "choice", "Which CRM it is.", "hubspot", ("hubspot",)),
    Key("crm.url", "crm_url", "url", "Base address of the CRM's API.", example="https://api.hubapi.com"),
    Key("crm.token", "crm_token", "secret", "Access token of a private app.", header=True),
    Key("crm.portal", "crm_portal", "text", "Account number, for links to records in errors.", "", example="1234567"),
    Key("erp.vendor", "erp_vendor", "choice", "Which ERP it is.", "erpnext", ("erpnext",)),
    Key("erp.url", "erp_url", "url", "Base address of the ERP's site.", example="https://erp.example.com"),
    Key("erp.key", "erp_key", "secret", "API key of the user the engine works as.", header=True),
    Key("erp.secret", "erp_secret", "secret", "API secret of that user.", header=True),
    Key(
        "webhooks.url",
        "webhook_url",
        "url",
        "The address the vendors call.",
        example="http://127.0.0.1:8480/hooks",
    ),
    Key("webhooks.listen", "listen", "text", "Where to listen behind a proxy, if not there.", "", example="127.0.0.1:8480"),
    Key("webhooks.secret", "webhook_secret", "secret", "What the vendors sign their calls with."),
    Key("engine.dictionary", "dictionary", "path", "The data dictionary.", example="dictionary.yaml"),
    Key("engine.state_dir", "state_dir", "path", "Folder for the engine's store.", example="state"),
    Key("engine.poll_seconds", "poll_seconds", "seconds", "How often to look at both systems, besides webhooks.", "300"),
    Key("engine.overlap_seconds", "overlap_seconds", "seconds", "How far each look goes back; more than the search lags.", "600"),
    Key(
        "engine.settle_seconds", "settle_seconds", "seconds", "How long a half-filled deal may stay so before it is an error.", "30"
    ),
    Key("engine.timeout_seconds", "timeout_seconds", "seconds", "How long to wait for one answer of a vendor.", "15"),
    Key("engine.stop_seconds", "stop_seconds", "seconds", "How long running calls may take to end after SIGTERM.", "20"),
    Key("engine.workers", "workers", "count", "How many records to work on at once.", "8"),
    Key(
        "engine.reconcile_every",
        "reconcile_every",
        "choice",
        "How often to compare both systems and repair.",
        "off",
        ("off", "hourly", "daily", "weekly"),
    ),
    Key("engine.start_from", "start_from", "text", "Deals closed before are left to a backfill.", "", example="2026-03-01"),
    Key("engine.log_format", "log_format", "choice", "Log lines for people or for collectors.", "logfmt", ("logfmt", "json")),
    Key("engine.control_token", "control_token", "secret", "Who may retry and skip errors over HTTP; nobody, if empty.", ""),
    Key("store.url", "store", "secret", "A postgresql:// URL; if empty, a file in engine.state_dir.", ""),
    Key(
        "store.replicas",
        "replicas",
        "choice",
        "Whether engines share the store: auto means on PostgreSQL.",
        "auto",
        ("auto", "on", "off"),
    ),
    Key("telemetry.traces", "traces", "choice", "Where OpenTelemetry traces go.", "off", ("off", "console", "otlp")),
    Key("telemetry.endpoint", "traces_endpoint", "url", "Where traces are sent.", "", example="http://127.0.0.1:4318/v1/traces"),
)
