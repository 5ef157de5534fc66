"""How an operator cheats who holds every row and every key. Each does what it says, for real."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ledger.evidence.hashing import leaf_hash
from ledger.evidence.note import Checkpoint, sign_checkpoint
from ledger.evidence.tree import Tree, grow
from ledger.evidence.vkeys import NoteKey
from ledger.keys import read_instance_keys
from ledger.storage.register import FileRegister
from tests.kit.instance import ORIGIN, Place


@contextmanager
def pried_open(place: Place) -> Iterator[sqlite3.Connection]:
    """Open a database for editing; the triggers that forbid it are dropped first."""
    with closing(sqlite3.connect(place.settings.database)) as database, database:
        rows = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in rows:
            database.execute(f'DROP TRIGGER "{name}"')
        yield database


def edit(place: Place, position: int, old: bytes, new: bytes) -> None:
    """Replace bytes of the same length inside an entry, where it is stored."""
    assert len(old) == len(new)
    with pried_open(place) as database:
        found = database.execute("SELECT data FROM events WHERE position = ?", (position,))
        (data,) = found.fetchone()
        assert data.count(old) == 1, "the cheat finds its place"
        changed = data.replace(old, new)
        database.execute("UPDATE events SET data = ? WHERE position = ?", (changed, position))


def rewrite_tree(place: Place) -> None:
    """Make everything that follows from the entries anew: tiles, roots, signed checkpoints."""
    key = NoteKey(ORIGIN, read_instance_keys(place.settings.keys).checkpoint)
    with pried_open(place) as database:
        entries = [row[0] for row in database.execute("SELECT data FROM events ORDER BY position")]
        sizes = [row[0] for row in database.execute("SELECT size FROM checkpoints ORDER BY size")]
        tree, at = Tree(), 0
        for size in sizes:
            growth = grow(tree, [leaf_hash(entry) for entry in entries[at:size]])
            note = sign_checkpoint(Checkpoint(ORIGIN, size, growth.root), key)
            database.execute(
                "UPDATE checkpoints SET root = ?, note = ? WHERE size = ?",
                (growth.root, note, size),
            )
            for row in growth.tiles:
                database.execute(
                    "UPDATE tiles SET hashes = ? WHERE level = ? AND number = ?",
                    (row.hashes, row.level, row.index),
                )
            tree, at = growth.tree, size
        database.execute("UPDATE state SET root = ?", (tree.root,))


def new_register(place: Place) -> None:
    """Throw the register away and make one that has seen nothing but the rewritten log."""
    key = NoteKey(ORIGIN, read_instance_keys(place.settings.keys).checkpoint)
    place.settings.register.unlink()
    FileRegister.create(place.settings.register, [key.verifier])


def backup(place: Place, folder: Path) -> Place:
    """Keep a copy of everything, to be restored later."""
    return place.copy(folder)
