"""The one write transaction of a SQLite store."""

import json
import sqlite3
from collections.abc import Callable, Collection
from datetime import datetime

from ledger.storage.drafting import is_in_time
from ledger.storage.errors import Clash, Fatal
from ledger.storage.records import BatchRows, Expected, Ground, Head, Probe
from ledger.storage.rows import COMMAND, OPENING, STATEMENT, TILE
from ledger.storage.sqlite.connection import meaning
from ledger.storage.sqlite.packing import pack, to_json
from ledger.storage.sqlite.queries import QUERIES
from ledger.storage.sqlite.reader import SqliteReader
from ledger.storage.vault import Vault


class SqliteTransaction:
    """Implements `contract.Transaction`; its context is `SqliteStore.transaction`.

    Made when the lock is held. It looks before anybody reads or asks what it was made on.
    """

    _ground: Ground
    _reader: SqliteReader | None = None

    def __init__(
        self,
        connection: sqlite3.Connection,
        vault: Vault,
        clock: Callable[[], datetime] | None,
    ) -> None:
        self._connection = connection
        self._vault = vault
        self._clock = clock
        self.has_erased = False

    @property
    def reader(self) -> SqliteReader:
        """A reader of all that was committed before, accepted or not."""
        assert self._reader is not None, "it has looked"
        return self._reader

    @property
    def ground(self) -> Ground:
        """What was found when the lock was taken."""
        return self._ground

    def end(self) -> None:
        """Refuse further reads."""
        if self._reader is not None:
            self._reader.end()

    def is_so(self, rows: BatchRows, expected: Expected) -> bool:
        """Tell whether all that a draft took for granted is so: one question, and no rows."""
        subjects = {*rows.keys, *(row.beside.subject for row in rows.openings)}
        asked = {
            "size": rows.old.size,
            "root": rows.old.root,
            "time_us": rows.old.time_us,
            "commands": to_json(list(expected.commands)),
            "scopes": to_json(expected.scopes),
            "keys": to_json({one: rows.keys.get(one, b"").hex().upper() for one in subjects}),
        }
        row = self._connection.execute(QUERIES["is_so"], asked).fetchone()
        return row is not None and is_in_time(expected, self._now(row[0]))

    def look(self, probe: Probe) -> Ground:
        """Return what is so now, and let the reader begin there."""
        asked = {
            "commands": to_json(list(probe.commands)),
            "scopes": to_json(list(probe.scopes)),
            "subjects": to_json(list(probe.subjects)),
        }
        row = self._connection.execute(QUERIES["ground"], asked).fetchone()
        size, root, time_us, visible, now, known, scopes, keys = row
        head = Head(size, root, time_us, visible)
        self._reader = SqliteReader(self._connection, self._vault, head, committed=True)
        commands = self._reader.commands(probe.commands) if known else ()
        self._ground = Ground(
            head=head,
            now=self._now(now),
            commands={one.id: one for one in commands},
            scopes={**dict.fromkeys(probe.scopes, 0), **dict(json.loads(scopes))},
            keys={subject: bytes.fromhex(wrapped) for subject, wrapped in json.loads(keys)},
        )
        return self._ground

    def log_end(self) -> int:
        """Return the last position of the table itself, whatever the state row says."""
        return int(self._run("log_end").fetchone()[0])

    def subject_keys(self, subjects: Collection[str]) -> dict[str, bytes]:
        """Return the wrapped keys of those subjects that have one."""
        return dict(self._run("subject_keys", json.dumps(list(subjects))).fetchall())

    def erase(self, subject: str) -> int:
        """Delete a subject's openings and key; return how many openings there were."""
        erased = self._run("erase_openings", subject).rowcount
        self._run("erase_key", subject)
        self.has_erased = True
        return erased

    def write(self, rows: BatchRows) -> None:
        """Write a whole batch and move the head; see `contract.Transaction`."""
        try:
            for subject in rows.erases:
                self.erase(subject)
            self._connection.execute(QUERIES["write_batch"], self._parameters(rows))
        except sqlite3.IntegrityError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_CONSTRAINT_TRIGGER:
                raise Fatal(f"{error} from {rows.old.size}: reload") from error
            if "events.event" in str(error):
                raise Clash(f"an event's id is in the log already [{error}]") from error
            raise meaning(error) from error
        except sqlite3.Error as error:
            raise meaning(error) from error

    def _parameters(self, rows: BatchRows) -> dict[str, object]:
        """Return a batch by the names in `queries.sql`."""
        fresh, sealed = self._vault.seal_all(rows.openings, rows.keys)
        events, event_blobs = pack(
            (one.position, one.type, one.data, to_json(one.tags), one.event_id, one.time_us)
            for one in rows.entries
        )
        statements, statement_blobs = pack(map(STATEMENT, rows.statements))
        commands, command_blobs = pack(map(COMMAND, rows.commands))
        keys, key_blobs = pack(fresh.items())
        openings, opening_blobs = pack(map(OPENING, sealed))
        tiles, tile_blobs = pack(map(TILE, rows.tiles))
        return {
            "old_size": rows.old.size,
            "size": rows.new.size,
            "root": rows.new.root,
            "time_us": rows.new.time_us,
            "events": events,
            "event_blobs": event_blobs,
            "tags": to_json({one.position: list(dict.fromkeys(one.tags)) for one in rows.entries}),
            "scopes": to_json(rows.scopes),
            "statements": statements,
            "statement_blobs": statement_blobs,
            "commands": commands,
            "command_blobs": command_blobs,
            "keys": keys,
            "key_blobs": key_blobs,
            "openings": openings,
            "opening_blobs": opening_blobs,
            "tiles": tiles,
            "tile_blobs": tile_blobs,
        }

    def _now(self, told: str) -> datetime:
        return datetime.fromisoformat(told) if self._clock is None else self._clock()

    def _run(self, name: str, *values: object) -> sqlite3.Cursor:
        return self._connection.execute(QUERIES[name], values)
