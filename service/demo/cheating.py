"""Four cheats by an operator who holds every key of the ledger, each on a copy, each caught.

Nothing here touches the demo's own ledger. What no verifier catches stands in the threat model.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from ledger.audit import Report, StoreLog, audit
from ledger.entries import build
from ledger.evidence.errors import EvidenceError
from ledger.evidence.index import Touches, verify_between, verify_lookup
from ledger.rights.decision import Asked
from ledger.storage.errors import OlderCopy
from ledger.storage.records import Outcome, Prepared
from projections.index.queries import touched
from schemas.commands.generations import VerifyGeneration
from schemas.envelope.statement import read_statement
from schemas.events.base import Event
from schemas.events.verifications import VerificationCleared
from schemas.ids import new_id
from schemas.registry import read_command
from service.copying import copy_instance
from service.demo.scene import DemoError, Story
from service.instance import Instance
from service.settings import Settings
from service.speaking import say

WAIT_S: Final = 30.0
"""How long a forged append may take."""


def four_cheats(story: Story) -> None:
    """Cheat four times, and tell what catches it."""
    story.say.chapter("We cheat, and are caught")
    story.say.aside("An operator holds every key and every row. On copies of this ledger:")
    for number, cheat in enumerate((edit_a_row, cut_the_tail, leave_one_out, break_a_rule)):
        home = story.out / "cheats" / str(number + 1)
        shutil.rmtree(home.parent if number == 0 else home, ignore_errors=True)
        told, caught = cheat(story, home)
        story.say.tell(f"{told} [bold]Caught[/bold]: {caught}")
    shutil.rmtree(story.out / "cheats")


def edit_a_row(story: Story, home: Path) -> tuple[str, str]:
    """Change an amount inside an entry, in the database."""
    copy = copy_instance(story.instance.settings, home, register=True)
    at = story.license_position + 1
    with closing(_pried_open(copy)) as database, database:
        (data,) = database.execute("SELECT data FROM events WHERE position = ?", (at,)).fetchone()
        forged = bytes(data).replace(b'"0.070000"', b'"0.070009"')
        if forged == data:
            raise DemoError("the entry has no such amount")
        database.execute("UPDATE events SET data = ? WHERE position = ?", (forged, at))
    found = _audit(copy).first
    if found is None or found.position != at:
        raise DemoError(f"an edited row was not found: {found}")
    return f"The pool of the fee at position {at} is edited.", _told(found.step, found.message)


def cut_the_tail(story: Story, home: Path) -> tuple[str, str]:
    """Restore a database from before the revocation, as if it had never come."""
    copy = copy_instance(story.instance.settings, home, register=True)
    with closing(_pried_open(copy)) as database, database:
        (size,) = database.execute(
            "SELECT max(size) FROM checkpoints WHERE size <= ?", (story.license_position + 1,)
        ).fetchone()
        _cut(database, size)
    try:
        Instance(copy).close()
    except OlderCopy as error:
        return "The database is put back to before the revocation.", f"{error}."
    raise DemoError("an older copy of the ledger started")


def _pried_open(copy: Settings) -> sqlite3.Connection:
    """Open a database for editing: its own triggers, which forbid it, are dropped first."""
    database = sqlite3.connect(copy.database)
    names = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in names:
        database.execute(f'DROP TRIGGER "{name}"')
    return database


def _cut(database: sqlite3.Connection, size: int) -> None:
    (root,) = database.execute("SELECT root FROM checkpoints WHERE size = ?", (size,)).fetchone()
    (time_us,) = database.execute(
        "SELECT time_us FROM events WHERE position = ?", (size,)
    ).fetchone()
    for table in ("events", "event_tags", "statements"):
        database.execute(f"DELETE FROM {table} WHERE position > ?", (size,))  # noqa: S608 - fixed
    database.execute("DELETE FROM commands WHERE last > ?", (size,))
    database.execute("DELETE FROM checkpoints WHERE size > ?", (size,))
    database.execute(
        "UPDATE state SET size = ?, root = ?, time_us = ?, visible = ?", (size, root, time_us, size)
    )


def leave_one_out(story: Story, home: Path) -> tuple[str, str]:
    """Show a holder a list of uses from which the latest generation is missing."""
    del home
    one = story.songs[17189]
    found = touched(story.instance.readings, one.recording)
    shown = [place for place in found.positions if place != story.license_position]
    root = bytes.fromhex(found.after.root.root)
    touches = verify_lookup(root, found.subject, found.after.lookup)
    try:
        verify_between(Touches(), touches, shown, older=0, newer=found.after.root.through)
    except EvidenceError as error:
        return (
            f"The generation is left out of the list that {one.holder_name} is shown.",
            f"by the index root in the log: {error}.",
        )
    raise DemoError("a list with a gap was accepted")


def break_a_rule(story: Story, home: Path) -> tuple[str, str]:
    """Clear a request that must be refused, and sign that with the ledger's own keys."""
    copy = copy_instance(story.instance.settings, home, register=True)
    with Instance(copy) as crooked:
        position = forge_clearance(story, crooked)
    found = _audit(copy).first
    if found is None or found.position != position:
        raise DemoError(f"a broken rule was not found: {found}")
    return (
        f"A refused request is cleared at position {position}, signed, with a sound tree.",
        _told(found.step, found.message),
    )


def forge_clearance(story: Story, crooked: Instance) -> int:
    """Append a clearance that the rules do not give; return its position."""
    assert story.authorized is not None
    request = story.request(story.rows(), tier="private")
    command = VerifyGeneration(verification=new_id("ver"), request=request)
    said = say(
        command,
        actor=story.maker.party,
        key=story.maker.key,
        ledger=crooked.facts.origin,
        now=crooked.clock(),
    )
    earlier = next(
        one.event
        for one in crooked.feed.events_of(f"about:{story.songs[17194].recording}", until=2**62)
        if isinstance(one.event, VerificationCleared)
    )
    changes = {"verification": command.verification, "request": request}
    return append_forged(crooked, said.raw, [earlier.model_copy(update=changes)])


def append_forged(crooked: Instance, raw: bytes, events: Sequence[Event]) -> int:
    """Append events that the rules do not give, under a statement; return the first position.

    Everything else about them is sound: they are signed, in the tree, and under a checkpoint.
    """
    statement = read_statement(raw)
    command = read_command(statement.command, statement.version, statement.data)
    asked = Asked.of(statement.head, command, key=statement.kid, at=crooked.clock())
    built = build(
        events,
        asked,
        ledger=crooked.facts.origin,
        key=crooked.keys.entry,
        statement_sha256=statement.sha256,
        openings=(),
    )
    prepared = Prepared(
        command_id=statement.id,
        digest=bytes.fromhex(statement.content_digest),
        statement=statement.raw,
        events=[made.event for made in built.entries],
        event_ids=[made.id for made in built.entries],
        guard={},
        recorded_at=asked.at,
        redecide=lambda _reader: prepared,
        openings=built.openings,
    )
    committed = crooked.storage.submit(prepared).result(WAIT_S)
    assert not isinstance(committed, Outcome)
    return committed.positions[0]


def _audit(copy: Settings) -> Report:
    with Instance(copy) as instance:
        return audit(
            StoreLog(instance.store, origin=instance.facts.origin), instance.facts.checkpoint_vkey
        )


def _told(step: str, message: str) -> str:
    return f"by the audit, step {step}: {message}."
