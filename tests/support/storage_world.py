"""A log's files in a folder, as an operator would lay them out, and commands for it."""

import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from eventsourcing.dcb.api import DCBEvent

from ledger.evidence.hashing import leaf_hash
from ledger.evidence.merkle import verify_inclusion
from ledger.evidence.note import NoteKey, open_checkpoint
from ledger.storage.contract import Reader, Register
from ledger.storage.opening import Storage
from ledger.storage.postgres.store import PostgresStore
from ledger.storage.records import Committed, Outcome, Prepared, SubjectOpening
from ledger.storage.register import FileRegister
from ledger.storage.registers import open_register
from ledger.storage.sqlite.store import SqliteStore
from schemas.envelope.keys import SigningKey

ORIGIN = "ledger.example/2026"
LOG_KEY = NoteKey(ORIGIN, SigningKey("key_log", b"\x01" * 32))
MASTER_KEY = b"\x05" * 32
START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


class SimulatedClock:
    """Stands still until it is told to move."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **units: float) -> datetime:
        self.now += timedelta(**units)
        return self.now


def sqlite(log: Storage) -> SqliteStore:
    """Return the store of a log that is a file, to look inside."""
    assert isinstance(log.store, SqliteStore)
    return log.store


def postgres(log: Storage) -> PostgresStore:
    """Return the store of a log on a server, to look inside."""
    assert isinstance(log.store, PostgresStore)
    return log.store


class LogWorld:
    """Where one log lies; the same folder opened again is the same log.

    `url` is that of a database on a server; without, the log is a file in the folder. A world that
    is made again in its folder, also by another process, is on the same database.
    """

    def __init__(self, folder: Path, url: str | None = None) -> None:
        self.folder = folder
        self.file = folder / "data" / "log.db"
        self.register_path = folder / "elsewhere" / "log.register"
        self.clock = SimulatedClock()
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.register_path.parent.mkdir(parents=True, exist_ok=True)
        note = folder / "database-url"
        if url is not None:
            note.write_text(url)
        self.url = note.read_text() if note.exists() else None
        self.database = self.url or self.file

    def register(self) -> Register:
        chosen = self.folder / "register-setting"
        setting = chosen.read_text() if chosen.exists() else self.register_path
        return open_register(setting, (LOG_KEY.verifier,))

    def use_register(self, setting: str) -> None:
        """Let the register be another than the file, for whoever opens this log."""
        (self.folder / "register-setting").write_text(setting)

    def create(self, **options: Any) -> Storage:
        FileRegister.create(self.register_path, (LOG_KEY.verifier,))
        return self.open(create=True, **options)

    def open(self, **options: Any) -> Storage:
        options.setdefault("register", self.register())
        options.setdefault("clock", self.clock)
        options.setdefault("database_clock", self.clock)
        return Storage(self.database, log_key=LOG_KEY, master_key=MASTER_KEY, **options)

    def command(self, name: str, **changes: Any) -> Prepared:
        return command(name, recorded_at=self.clock(), **changes)


def never(reader: Reader) -> Prepared | Outcome:
    raise AssertionError(f"decided again at {reader.bound}")


def command(
    name: str,
    *,
    recorded_at: datetime,
    tags: Sequence[Sequence[str]] = (("rights:rec_1",),),
    guard: dict[str, int] | None = None,
    redecide: Callable[[Reader], Prepared | Outcome] = never,
    openings: Sequence[SubjectOpening] = (),
    erases: Sequence[str] = (),
    content: str | None = None,
) -> Prepared:
    """Return a decided command with one event for each list of tags."""
    content = name if content is None else content
    events = tuple(
        DCBEvent("ConsentGranted", f"entry {index} of {content}".encode(), list(event_tags))
        for index, event_tags in enumerate(tags)
    )
    return Prepared(
        command_id=f"cmd_{name}",
        digest=hashlib.sha256(content.encode()).digest(),
        statement=f"statement {content} of {name}".encode(),
        events=events,
        event_ids=tuple(f"evt_{name}_{index}" for index in range(len(events))),
        guard=guard or {},
        recorded_at=recorded_at,
        redecide=redecide,
        openings=openings,
        erases=erases,
    )


def check_answer(answer: object, events: Sequence[DCBEvent]) -> Committed:
    """Raise unless `answer` proves, offline, that exactly `events` are in the signed tree."""
    assert isinstance(answer, Committed)
    checkpoint = open_checkpoint(answer.note, LOG_KEY.verifier)
    assert checkpoint.size == answer.size
    for event, position, path in zip(events, answer.positions, answer.proofs, strict=True):
        leaf = leaf_hash(event.data)
        verify_inclusion(leaf, position - 1, checkpoint.size, path, checkpoint.root)
    return answer


@contextmanager
def one_batch(log: Storage, world: LogWorld, name: str = "plug") -> Iterator[None]:
    """What is submitted inside waits behind the lock, and becomes one batch after it."""
    with log.store.transaction():
        plug = log.submit(world.command(name, tags=[["about:plug"]]))
        while not plug.running():
            threading.Event().wait(0.001)
        yield
    plug.result(60)
