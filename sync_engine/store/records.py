"""What the engine knows about records: events received, creates announced, pairs, positions, versions handled, and problems."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sync_engine.store.database import Database
from sync_engine.store.rows import DeadLetter, Link
from sync_engine.wire import read_json, write_text

BURY = """
    INSERT INTO dead_letters VALUES (?, ?, ?, ?, ?, 1, 'open', ?, ?, ?, '', ?)
    ON CONFLICT (record) DO UPDATE SET
        cause = excluded.cause, hint = excluded.hint, last_seen = excluded.last_seen,
        status = CASE WHEN dead_letters.status = 'skipped' AND dead_letters.cause = excluded.cause THEN 'skipped' ELSE 'open' END,
        note = CASE WHEN dead_letters.status = 'skipped' AND dead_letters.cause = excluded.cause THEN dead_letters.note ELSE '' END,
        classification = excluded.classification, correlation = excluded.correlation, last_call = excluded.last_call,
        work = excluded.work,
        first_seen = CASE dead_letters.status WHEN 'open' THEN dead_letters.first_seen ELSE excluded.first_seen END,
        attempts = CASE dead_letters.status WHEN 'open' THEN dead_letters.attempts + 1 ELSE 1 END
"""
LINK = """
    INSERT INTO links VALUES (?, ?, ?, ?)
    ON CONFLICT (entity, crm_id) DO UPDATE SET erp_id = excluded.erp_id, shadow = excluded.shadow
"""
SEE = """
    INSERT INTO seen VALUES (?, ?, ?, ?)
    ON CONFLICT (kind, record) DO UPDATE SET version = excluded.version, at = excluded.at
"""
SET_CURSOR = "INSERT INTO cursors VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"


class Records:
    """Tables about records. Writes belong into a transaction wherever more than one has to hold together."""

    _db: Database

    # -- inbox ----------------------------------------------------------------------------------------------------

    def keep_event(self, key: str, source: str, at: datetime, body: str) -> bool:
        """Keep an event exactly as received; False if it was kept before."""
        sql = "INSERT INTO inbox VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
        return self._db.execute(sql, (key, source, at.isoformat(), body)).rowcount == 1

    # -- intents and links ----------------------------------------------------------------------------------------

    def intend(self, entity: str, crm_id: str, at: datetime) -> None:
        """Write down that a create is about to be sent."""
        self._db.execute("INSERT INTO intents VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (entity, crm_id, at.isoformat()))

    def is_intended(self, entity: str, crm_id: str) -> bool:
        return self._db.execute("SELECT 1 FROM intents WHERE entity = ? AND crm_id = ?", (entity, crm_id)).fetchone() is not None

    def forget_intent(self, entity: str, crm_id: str) -> None:
        self._db.execute("DELETE FROM intents WHERE entity = ? AND crm_id = ?", (entity, crm_id))

    def link(self, entity: str, crm_id: str, erp_id: str, shadow: Mapping[str, str] | None) -> None:
        """Remember a pair and end its intent. Replaces an older pair of either side."""
        self._db.execute("DELETE FROM links WHERE entity = ? AND erp_id = ? AND crm_id <> ?", (entity, erp_id, crm_id))
        self._db.execute(LINK, (entity, crm_id, erp_id, _shadow(shadow)))
        self.forget_intent(entity, crm_id)

    def unlink(self, entity: str, crm_id: str) -> None:
        """Forget a pair: one of its sides is no more."""
        self._db.execute("DELETE FROM links WHERE entity = ? AND crm_id = ?", (entity, crm_id))

    def linked(self, entity: str, crm_id: str) -> Link | None:
        row = self._db.execute("SELECT * FROM links WHERE entity = ? AND crm_id = ?", (entity, crm_id)).fetchone()
        return _link(row) if row is not None else None

    def linked_erp(self, entity: str, erp_id: str) -> Link | None:
        row = self._db.execute("SELECT * FROM links WHERE entity = ? AND erp_id = ?", (entity, erp_id)).fetchone()
        return _link(row) if row is not None else None

    def links(self, entity: str, behind: str, limit: int) -> list[Link]:
        """So many pairs with a greater CRM id (as text), in that order."""
        sql = "SELECT * FROM links WHERE entity = ? AND crm_id > ? ORDER BY crm_id LIMIT ?"
        return [_link(row) for row in self._db.execute(sql, (entity, behind, limit)).fetchall()]

    def set_shadow(self, entity: str, crm_id: str, shadow: Mapping[str, str] | None) -> None:
        self._db.execute("UPDATE links SET shadow = ? WHERE entity = ? AND crm_id = ?", (_shadow(shadow), entity, crm_id))

    def add_member(self, relation: str, owner: str, name: str) -> None:
        """Remember that the ERP document `name` belongs to the order `owner`: an index of ours, never a copy of its values."""
        self._db.execute("INSERT INTO members VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (relation, owner, name))

    def members(self, relation: str, owner: str) -> list[str]:
        rows = self._db.execute("SELECT name FROM members WHERE relation = ? AND owner = ? ORDER BY name", (relation, owner))
        return [str(row[0]) for row in rows.fetchall()]

    # -- cursors and seen versions --------------------------------------------------------------------------------

    def cursor(self, name: str) -> str:
        row = self._db.execute("SELECT value FROM cursors WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row is not None else ""

    def set_cursor(self, name: str, value: str) -> None:
        self._db.execute(SET_CURSOR, (name, value))

    def drop_cursors(self, prefix: str) -> None:
        """Forget every cursor whose name begins so: a job that kept facts of its own is over."""
        self._db.execute("DELETE FROM cursors WHERE substr(name, 1, ?) = ?", (len(prefix), prefix))

    def unseen(self, kind: str, versions: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Those (record, version) pairs that were not handled yet."""
        select = "SELECT version FROM seen WHERE kind = ? AND record = ?"
        fresh = []
        for record, version in versions:
            row = self._db.execute(select, (kind, record)).fetchone()
            if row is None or row[0] != version:
                fresh.append((record, version))
        return fresh

    def see(self, kind: str, versions: Iterable[tuple[str, str]], at: datetime) -> None:
        text = at.isoformat()
        self._db.execute_many(SEE, [(kind, record, version, text) for record, version in versions])

    def prune(self, before: datetime) -> None:
        """Forget events and seen versions older than `before`: far beyond every overlap, so nothing is handled again for it."""
        self._db.execute("DELETE FROM inbox WHERE received_at < ?", (before.isoformat(),))
        self._db.execute("DELETE FROM seen WHERE at < ?", (before.isoformat(),))

    def ask_again(self, record: str) -> None:
        """Leave a note for the running engine: look at `crm <kind> <id>` again."""
        self.set_cursor(f"again {record}", "")

    def take_requests(self) -> list[str]:
        """The records of such notes, which are gone with the transaction."""
        if self._db.execute("SELECT 1 FROM cursors WHERE name LIKE 'again %' LIMIT 1").fetchone() is None:
            return []
        rows = self._db.execute("DELETE FROM cursors WHERE name LIKE 'again %' RETURNING name").fetchall()
        return sorted(str(row[0]).removeprefix("again ") for row in rows)

    # -- dead letters ---------------------------------------------------------------------------------------------

    def bury(
        self,
        record: str,
        cause: str,
        hint: str,
        at: datetime,
        *,
        classification: str = "needs a person",
        correlation: str = "",
        last_call: str = "",
        work: str = "",
    ) -> None:
        """Open a dead letter, or count one more attempt of an open one. What a person skipped stays skipped as long as it fails in
        the same way: the engine's own words on a record are a change of it, too."""
        text = at.isoformat()
        self._db.execute(BURY, (record, cause, hint, text, text, classification, correlation, last_call, work))

    def resolve(self, record: str) -> bool:
        """Close the dead letter of a record, which works now; False if none was open or skipped."""
        sql = "UPDATE dead_letters SET status = 'resolved' WHERE record = ? AND status <> 'resolved'"
        return self._db.execute(sql, (record,)).rowcount == 1

    def skip(self, record: str, note: str) -> bool:
        """Close an open dead letter unsolved; False if none was open. It opens again when the record fails again."""
        sql = "UPDATE dead_letters SET status = 'skipped', note = ? WHERE record = ? AND status = 'open'"
        return self._db.execute(sql, (note, record)).rowcount == 1

    def reopen(self, record: str) -> None:
        """A person wants to know of a skipped record after all."""
        self._db.execute("UPDATE dead_letters SET status = 'open', note = '' WHERE record = ? AND status = 'skipped'", (record,))

    def dead_letters(self, *, only_open: bool = True) -> list[DeadLetter]:
        where = "WHERE status = 'open'" if only_open else ""
        rows = self._db.execute(f"SELECT * FROM dead_letters {where} ORDER BY first_seen, record")  # noqa: S608 - our own words
        return [DeadLetter(*row) for row in rows.fetchall()]

    def dead_letter(self, record: str) -> DeadLetter | None:
        row = self._db.execute("SELECT * FROM dead_letters WHERE record = ?", (record,)).fetchone()
        return DeadLetter(*row) if row is not None else None


def _link(row: tuple[str, str, str, str]) -> Link:
    return Link(row[0], row[1], row[2], read_json(row[3].encode()) if row[3] else None)


def _shadow(shadow: Mapping[str, str] | None) -> str:
    return write_text(dict(shadow)) if shadow is not None else ""
