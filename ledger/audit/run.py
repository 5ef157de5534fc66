"""The audit itself: numbered steps over every entry, from position 1 to the end.

(1) the entry's bytes are an entry of this log, and every opening opens it; (2) positions have no
gap, its command is whole, no clock was set back; (3) its key was enrolled and signed it; (4) its
statement is the one it binds, signed by the actor's key, to this ledger, in its time, once; (5) its
tags follow from it; (6) its leaf gives the tree of every checkpoint, and the log's key signed
those; (7) its command, decided again in the world before it, gives exactly these events; (8) a
published root of the index is what the entries give.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ledger.audit.bound import PRIVATE_TYPES, Commands, set_back, unbound, unlike, unruled
from ledger.audit.index import IndexReplay
from ledger.audit.log import AuditedEntry, AuditLog
from ledger.audit.replay import World, decide_again
from ledger.audit.report import Report
from ledger.decoding import ledger_view
from ledger.evidence.errors import EvidenceError
from ledger.evidence.hashing import leaf_hash
from ledger.evidence.note import open_checkpoint
from ledger.evidence.tree import Tree, grow
from ledger.evidence.vkeys import VerifierKey
from ledger.rights.authority import public_key
from ledger.rights.states.keys import KEY
from ledger.rights.view import Recorded, View
from schemas import canonical
from schemas.commitments import check_openings
from schemas.envelope.entry import Entry, read_entry
from schemas.envelope.statement import Statement, read_statement
from schemas.events.base import Event
from schemas.events.log import IndexRootPublished, LogOpened
from schemas.model import Commitment
from schemas.refusals import Malformed
from schemas.registry import read_command, read_event

Progress = Callable[[int, int], None]
"""Told how many entries are done, of how many."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""The time before the first entry."""


def audit(
    log: AuditLog,
    vkey: VerifierKey | str,
    *,
    decide: bool = True,
    progress: Progress = lambda _done, _of: None,
) -> Report:
    """Audit a log against its operator's verifier key; report everything that is wrong."""
    run = _Run(log, vkey, decide=decide)
    for row in log.entries():
        run.entry(row)
        progress(row.position, log.size)
    run.end()
    return run.report


class _Run:
    """One audit in progress."""

    def __init__(self, log: AuditLog, vkey: VerifierKey | str, *, decide: bool) -> None:
        self.report = Report(origin=log.origin, size=log.size)
        self._log = log
        self._vkey = vkey
        self._decide = decide
        self._world = World()
        self._index = IndexReplay()
        self._tree = Tree()
        self._leaves: list[bytes] = []
        self._covered = 0
        self._time = EPOCH
        self._commands = Commands()
        self._group: list[tuple[AuditedEntry, Entry]] = []

    def entry(self, row: AuditedEntry) -> None:
        """Walk the steps for one entry. A finding does not stop the audit; the first one counts."""
        self.report.entries += 1
        if row.position != self.report.entries:
            self._wrong(row.position, "(2) positions", f"position {self.report.entries} is missing")
            self.report.entries = row.position
        try:
            entry = read_entry(row.raw)
        except Malformed as error:
            self._wrong(row.position, "(1) entry", str(error))
            self._grow(row)
            return
        if entry.ledger != self._log.origin:
            self._wrong(row.position, "(1) entry", f"of another ledger, {entry.ledger}")
        self._group_up(row, entry)
        self._grow(row)

    def end(self) -> None:
        """Close the last group and look at the whole."""
        self._close_group()
        if self.report.entries != self._log.size:
            self._wrong(self.report.entries + 1, "(2) positions", "the log ends early")
        if self._log.size != self._covered:
            self._wrong(self._log.size, "(6) tree", "no checkpoint covers the last entry")
        self.report.root = self._tree.root.hex()

    def _group_up(self, row: AuditedEntry, entry: Entry) -> None:
        if self._group and self._group[0][1].command != entry.command:
            self._close_group()
        self._group.append((row, entry))
        if len(self._group) == entry.of:
            self._close_group()

    def _close_group(self) -> None:
        """Judge one command's entries together, against the world before them."""
        group, self._group = self._group, []
        if not group:
            return
        first = group[0][0].position
        if [entry.index for _, entry in group] != list(range(group[0][1].of)):
            self._wrong(first, "(2) positions", "the command's entries are not whole, in order")
        self._check_group(group)
        events = [self._event(row, entry) for row, entry in group]
        statement = self._statement(group[0])
        if self._decide:
            self._decide_again(group, statement, events)
        for (row, entry), event in zip(group, events, strict=True):
            self._keep(row, entry, event)

    def _check_group(self, group: list[tuple[AuditedEntry, Entry]]) -> None:
        """Walk what steps 2 and 4 ask of a command's entries without its statement."""
        first, entry = group[0]
        for index, name in unlike([one for _, one in group]):
            at = group[index][0].position
            self._wrong(at, "(4) statement", f"one command's entries differ in {name}")
        for step, told in (
            ("(2) positions", set_back(entry.recorded_at, self._time)),
            ("(4) statement", self._commands.take(entry.command, first.position)),
            ("(7) decided again", unruled(entry)),
        ):
            if told is not None:
                self._wrong(first.position, step, told)

    def _event(self, row: AuditedEntry, entry: Entry) -> Event | None:
        """Walk steps 3 and 5; return the typed event, opened as far as it is."""
        self._check_entry_key(row, entry)
        try:
            check_openings(entry.payload, row.openings)
            payload = ledger_view(entry, row.openings)
            event = read_event(entry.type, entry.version, payload["data"], recorded=True)
        except Malformed as error:
            self._wrong(row.position, "(1) entry", str(error))
            return None
        if row.tags is not None and not _hides_tags(event) and set(event.tags()) != set(row.tags):
            self._wrong(row.position, "(5) tags", "the stored tags do not follow from the entry")
        return event

    def _check_entry_key(self, row: AuditedEntry, entry: Entry) -> None:
        state = View(self._world).ask(KEY, entry.kid)
        public = state.public_key if "entry" in state.roles else ""
        if entry.type == LogOpened.TOPIC and row.position == 1:
            keys = {key["key"]: key for key in entry.data["keys"] if "entry" in key["roles"]}
            public = keys.get(entry.kid, {}).get("public_key", "")
        if not public or state.status == "revoked":
            self._wrong(row.position, "(3) entry key", f"no entry key was enrolled as {entry.kid}")
            return
        try:
            entry.verify(canonical.unb64u(public))
            self.report.signatures += 1
        except Malformed as error:
            self._wrong(row.position, "(3) entry key", str(error))

    def _statement(self, pair: tuple[AuditedEntry, Entry]) -> Statement | None:
        """Step 4; return the statement, or None where it is not open to this reader."""
        row, entry = pair
        if row.statement is None:
            if self._log.has_statements and entry.type not in PRIVATE_TYPES:
                self._wrong(row.position, "(4) statement", "a public statement is not there")
            return None
        try:
            statement = read_statement(row.statement)
            command = read_command(statement.command, statement.version, statement.data)
            statement.verify(public_key(View(self._world), command, statement.kid))
        except Malformed as error:
            self._wrong(row.position, "(4) statement", str(error))
            return None
        for told in unbound(statement, entry, _actor(row, entry), origin=self._log.origin):
            self._wrong(row.position, "(4) statement", told)
        self.report.statements += 1
        self.report.signatures += 1
        return statement

    def _decide_again(
        self,
        group: list[tuple[AuditedEntry, Entry]],
        statement: Statement | None,
        events: list[Event | None],
    ) -> None:
        """Step 7. Commands whose statement or private fields are not open cannot be decided."""
        _, entry = group[0]
        if statement is None or None in events or any(map(_is_closed, events)):
            self.report.not_open += 1
            return
        try:
            again = [
                (event.TOPIC, event.data())
                for event in decide_again(self._world, statement, entry.recorded_at)
            ]
        except Malformed as error:
            again = [("malformed", {"code": error.code})]
        except Exception as error:  # noqa: BLE001 - rules that fail on a log differ from it
            again = [("failed", {"error": repr(error)})]
        said = [(event.TOPIC, event.data()) for event in events if event is not None]
        self.report.decided += 1
        if again != said:
            self.report.differ += 1
            told = ", ".join(topic for topic, _ in again) or "nothing"
            place = next((at for at, one in enumerate(said) if again[at : at + 1] != [one]), 0)
            at = group[place][0].position
            self._wrong(at, "(7) decided again", f"the rules give {told}, and not what this says")

    def _keep(self, row: AuditedEntry, entry: Entry, event: Event | None) -> None:
        self._time = max(self._time, entry.recorded_at)
        if event is None:
            return
        if isinstance(event, IndexRootPublished):
            self._check_index(row.position, event)
        self._index.take(row.position, event)
        actor = _actor(row, entry)
        self._world.take(
            Recorded(
                position=row.position,
                time=self._time,
                actor=actor if isinstance(actor, str) else Commitment.read(actor),
                event=event,
            )
        )

    def _check_index(self, position: int, event: IndexRootPublished) -> None:
        """Step 8: the published root is what the entries give."""
        self.report.index_roots += 1
        if told := self._index.differs(event):
            self._wrong(position, "(8) index", told)

    def _grow(self, row: AuditedEntry) -> None:
        """Step 6: grow the tree by this leaf; under a checkpoint its root must be ours."""
        self._leaves.append(leaf_hash(row.raw))
        if row.note is None:
            return
        self._covered = row.position
        growth = grow(self._tree, self._leaves)
        self._tree, self._leaves = growth.tree, []
        try:
            checkpoint = open_checkpoint(row.note, self._vkey)
        except EvidenceError as error:
            self._wrong(row.position, "(6) tree", str(error))
            return
        self.report.checkpoints += 1
        self.report.signatures += 1
        if (checkpoint.origin, checkpoint.size) != (self._log.origin, row.position):
            self._wrong(row.position, "(6) tree", "the checkpoint is of another log or size")
        if checkpoint.root != growth.root:
            self._wrong(row.position, "(6) tree", "the entries do not give the checkpoint's root")
        stored = self._log.stored_root(row.position) if row.position == self._log.size else None
        if stored is not None and stored != growth.root:
            self._wrong(row.position, "(6) tree", "the stored tiles do not give the root")

    def _wrong(self, position: int, step: str, message: str) -> None:
        self.report.wrong(position, step, message)


def _actor(row: AuditedEntry, entry: Entry) -> Any:
    """Return who acted, opened as far as it is; openings that open nothing were found before."""
    try:
        return ledger_view(entry, row.openings)["actor"]
    except Malformed:
        return entry.payload["actor"]


def _is_closed(event: Event | None) -> bool:
    """Tell whether a field that the ledger keeps private is not open to this reader."""
    return event is not None and any(
        isinstance(getattr(event, name), Commitment) for name in event.COMMITTED
    )


def _hides_tags(event: Event) -> bool:
    """Tags of an event whose creator is not open cannot be recomputed."""
    return _is_closed(event)
