"""The one write transaction of a SQLite store."""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from eventsourcing.dcb.api import DCBEvent

from ledger.evidence.tree import TileRow
from ledger.storage.errors import Fatal
from ledger.storage.records import Head, Rows, is_scope
from ledger.storage.sqlite.connection import meaning
from ledger.storage.sqlite.queries import QUERIES
from ledger.storage.sqlite.reader import SqliteReader
from ledger.storage.vault import Vault, seal
from schemas.refusals import Malformed


class SqliteTransaction:
    """Implements `contract.Transaction`; its context is `SqliteStore.transaction`."""

    def __init__(
        self, connection: sqlite3.Connection, vault: Vault, clock: Callable[[], datetime] | None
    ) -> None:
        self._connection = connection
        self._vault = vault
        self._clock = clock
        self._reader = SqliteReader(connection, vault, committed=True, follow=True)
        self.has_erased = False

    @property
    def reader(self) -> SqliteReader:
        """A reader that sees all that is committed, accepted or not, and what is written here."""
        return self._reader

    def now(self) -> datetime:
        """Return the database's clock (milliseconds), or the one that the store was given."""
        if self._clock is not None:
            return self._clock()
        return datetime.fromisoformat(self._run("clock").fetchone()[0])

    def append(self, first: int, events: Sequence[DCBEvent], time_us: int, rows: Rows) -> None:
        """Write events at `first` and following, and what lies beside them, all or nothing.

        `Malformed("id_reused")` if an id among them is already in the log.
        """
        with self._all_or_nothing():
            self._append_events(first, events, time_us, rows)
            if rows.command_id is not None and rows.statement is not None:
                sha256 = hashlib.sha256(rows.statement).digest()
                last = first + len(events) - 1
                command = (rows.command_id, rows.digest, first, last, sha256)
                self._run("insert_statement", sha256, first, rows.statement)
                self._run("insert_command", *command)
            for subject in rows.erases:
                self.erase(subject)
            self._append_openings(first, rows)

    def erase(self, subject: str) -> int:
        """Delete a subject's openings and key; return how many openings there were."""
        erased = self._run("erase_openings", subject).rowcount
        self._run("erase_key", subject)
        self.has_erased = True
        return erased

    def finish(self, old: Head, new: Head, tiles: Sequence[TileRow]) -> None:
        """Write tiles, the batch's checkpoint and the state row; `Fatal` if it is not at `old`."""
        tile_rows = [(tile.level, tile.index, tile.hashes) for tile in tiles]
        self._connection.executemany(QUERIES["put_tile"], tile_rows)
        self._run("insert_checkpoint", new.size, new.root)
        moved = self._connection.execute(
            QUERIES["move_head"],
            {"size": new.size, "root": new.root, "time_us": new.time_us, "old_size": old.size},
        )
        if moved.rowcount != 1:
            raise Fatal(f"somebody else has moved the head from {old.size}: reload")

    def _append_events(
        self, first: int, events: Sequence[DCBEvent], time_us: int, rows: Rows
    ) -> None:
        ids = rows.event_ids or (None,) * len(events)
        numbered = list(enumerate(events, start=first))
        tags = [(tag, position) for position, event in numbered for tag in event.tags]
        self._connection.executemany(
            QUERIES["insert_event"],
            [
                (position, event.type, event.data, json.dumps(event.tags), event_id, time_us)
                for (position, event), event_id in zip(numbered, ids, strict=True)
            ],
        )
        self._connection.executemany(QUERIES["insert_tag"], tags)
        scopes = {tag: position for tag, position in tags if is_scope(tag)}
        self._connection.executemany(QUERIES["move_scope"], scopes.items())

    def _append_openings(self, first: int, rows: Rows) -> None:
        for one in rows.openings:
            key = self._subject_key(one.subject)
            sealed = seal(key, one.subject, one.event_id, one.opening)
            self._run(
                "insert_opening", one.event_id, one.opening.pointer, first, one.subject, sealed
            )

    def _subject_key(self, subject: str) -> bytes:
        row = self._run("subject_key", subject).fetchone()
        if row is not None:
            return self._vault.unwrap(subject, row[0])
        key, wrapped = self._vault.new_key(subject)
        self._run("insert_subject_key", subject, wrapped)
        return key

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        self._connection.execute("SAVEPOINT item")
        try:
            yield
        except BaseException as error:
            # Out of room, SQLite may have rolled everything back by itself: no savepoint is left,
            # and the batch ends with that error.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK TO item")
                self._connection.execute("RELEASE item")
            if isinstance(error, sqlite3.IntegrityError):
                raise Malformed("id_reused", f"an id is already in the log [{error}]") from error
            if isinstance(error, sqlite3.Error):
                raise meaning(error) from error
            raise
        self._connection.execute("RELEASE item")

    def _run(self, name: str, *values: object) -> sqlite3.Cursor:
        return self._connection.execute(QUERIES[name], values)
