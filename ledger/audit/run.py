"""The audit itself: numbered steps over every entry, from position 1 to the end.

(1) the entry's bytes are an entry of this log, every opening opens it, and none is gone that was
not erased; (2) positions have no gap, its command is whole, no clock was set back; (3) its key was
enrolled and signed it; (4) its statement is the one it binds, signed by the actor's key, to this
ledger, in its time, once; (5) its tags and whatever is kept beside it follow from it; (6) its leaf
gives the tree of every checkpoint and every tile, and the log's keys signed those; (7) its command,
decided again in the world before it, gives exactly these events; (8) a published root of the index
is what the entries give; (9) by its tags and its command it is found again, where decisions and
readers look for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from ledger.audit.bound import Commands, is_owed, set_back, unlike, unruled
from ledger.audit.closed import Closed
from ledger.audit.enrolled import Enrolled
from ledger.audit.found import Finder, columns_differ, misfiled
from ledger.audit.growing import Growing
from ledger.audit.in_steps import look
from ledger.audit.index import IndexReplay
from ledger.audit.log import AnyRow, AuditLog
from ledger.audit.one_row import EPOCH, Content, Look, Told, read_content, tell, tells_keys
from ledger.audit.pool import Processes, Stretch, seen_in
from ledger.audit.replay import World, decided_again, differing_from, words_in
from ledger.audit.report import Report
from ledger.audit.signers import Signers
from ledger.audit.whole import Asked, Whole
from ledger.evidence.vkeys import VerifierKey
from ledger.rights.authority import public_key
from ledger.rights.view import Recorded, View
from schemas.envelope.statement import read_statement
from schemas.events.base import Event, moved
from schemas.events.log import IndexRootPublished
from schemas.model import Commitment
from schemas.refusals import Malformed
from schemas.registry import read_command

Progress = Callable[[int, int], None]
"""Told how many entries are done, of how many."""

Row = tuple[AnyRow, Look]
"""An entry, and what could be said of it by itself."""


def audit(
    log: AuditLog,
    vkey: VerifierKey | str,
    *,
    decide: bool = True,
    beside: Processes | None = None,
    progress: Progress = lambda _done, _of: None,
) -> Report:
    """Audit a log against its operator's verifier key; report everything that is wrong.

    `beside` are processes that look at the entries (see `processes`); the findings are the same.
    """
    run = Run(log, vkey, decide=decide)
    asked = Asked(log.origin, log.statements, decide)
    for stretch, at, seen in seen_in(log, asked, beside=beside):
        if isinstance(seen, Look):
            run.entry(stretch.row(at), seen)
        elif not run.whole(stretch, at, seen):
            for row in map(stretch.row, range(at, at + len(seen.leaves))):
                run.entry(row, look(row, {}, log.origin))
        progress(run.report.entries, log.size)
    run.end()
    return run.report


class Run:
    """One audit in progress."""

    def __init__(self, log: AuditLog, vkey: VerifierKey | str, *, decide: bool) -> None:
        self.report = Report(origin=log.origin, size=log.size)
        self._log = log
        self._decide = decide
        self._world = World()
        self._keys = Enrolled(self._world)
        self._index = IndexReplay()
        self._growing = Growing(log, Signers(vkey, self._world), self.report)
        self._time = EPOCH
        self._commands = Commands()
        self._finder = Finder(log.lookups)
        self._closed = Closed(log)
        self._group: list[Row] = []

    def entry(self, row: AnyRow, seen: Look) -> None:
        """Walk the steps for one entry. A finding does not stop the audit; the first one counts."""
        self.report.entries += 1
        if row.position != self.report.entries:
            at = self.report.entries
            self._wrong(at, "(2) positions", f"position {at} is missing before {row.position}")
            self.report.entries = row.position
        self._finder.take(row.position, row.tags)
        if row.damaged is not None:
            self._wrong(row.position, "(1) entry", row.damaged)
        if seen.wrong is not None:
            self._wrong(row.position, "(1) entry", seen.wrong)
            self._growing.take(row.position, seen.leaf, row.note)
            return
        if seen.ledger != self._log.origin:
            self._wrong(row.position, "(1) entry", f"of another ledger, {seen.ledger}")
        self._group_up(row, seen)
        self._growing.take(row.position, seen.leaf, row.note)

    def whole(self, stretch: Stretch, at: int, seen: Whole) -> bool:
        """Walk the steps for a command in which nothing is wrong by itself, if nothing else is.

        Where something is, nothing was taken in, and each entry of it is to be walked by itself.
        """
        time = max(self._time, seen.recorded_at)
        if not (self._is_due(stretch, at, seen, time) and self._keys.have_signed(seen)):
            return False
        events: tuple[Event, ...] = ()
        if self._decide and seen.told is not None:
            again = decided_again(self._world, seen.told, seen.recorded_at, seen.said)
            if again is None:
                return False
            events = again.events
            self.report.decided += 1
            self.report.signatures += again.words
        self._take(stretch, at, seen, time, events)
        return True

    def _is_due(self, stretch: Stretch, at: int, seen: Whole, time: datetime) -> bool:
        """Tell whether a command comes where it must, when it may, and for the first time."""
        first = self.report.entries + 1
        return (
            not self._group
            and stretch.position(at) == first
            and set_back(seen.recorded_at, self._time) is None
            and stretch.is_at(at, len(seen.leaves), time)
            and self._commands.take(seen.command, first) is None
        )

    def _take(
        self, stretch: Stretch, at: int, seen: Whole, time: datetime, events: Sequence[Event]
    ) -> None:
        """Take in a command in which nothing is wrong; `events` are there where it was decided."""
        first, of = self.report.entries + 1, len(seen.leaves)
        self._time = time
        self.report.entries += of
        self.report.statements += seen.told is not None
        self.report.signatures += of + (seen.told is not None)
        for nth, (leaf, names) in enumerate(zip(seen.leaves, seen.names, strict=True)):
            position = first + nth
            self._finder.take(position, stretch.tags(at + nth))
            self._index.take(position, names)
            if events:
                said = seen.said[nth]
                recorded = Recorded(position, time, _actor(said.actor), events[nth])
                self._world.take(recorded, said.scopes, names, data=said.data)
            self._growing.take(position, leaf, stretch.note(at + nth))

    def end(self) -> None:
        """Close the last group and look at the whole."""
        self._close_group()
        if self.report.entries != self._log.size:
            self._wrong(self.report.entries + 1, "(2) positions", "the log ends early")
        self._growing.end()
        self._all_wrong("(1) entry", self._closed.lost())
        self._all_wrong("(9) found again", self._finder.lost(self._log.size, self._commands))

    def _group_up(self, row: AnyRow, seen: Look) -> None:
        if self._group and self._group[0][1].command != seen.command:
            self._close_group()
        self._group.append((row, seen))
        if len(self._group) == seen.of:
            self._close_group()

    def _close_group(self) -> None:
        """Judge one command's entries together, against the world before them."""
        group, self._group = self._group, []
        if not group:
            return
        first = group[0][0].position
        if [seen.nth for _, seen in group] != list(range(group[0][1].of)):
            self._wrong(first, "(2) positions", "the command's entries are not whole, in order")
        self._check_group(group)
        contents = [self._content(row, seen) for row, seen in group]
        told = self._statement(*group[0])
        if self._decide:
            self._decide_again(group, told, contents)
        for (row, seen), content in zip(group, contents, strict=True):
            self._closed.take(row, content.event, told)
            self._keep(row, seen, content)

    def _check_group(self, group: list[Row]) -> None:
        """Walk what steps 2 and 4 ask of a command's entries without its statement."""
        first, entry = group[0]
        for index, name in unlike([one for _, one in group]):
            at = group[index][0].position
            self._wrong(at, "(4) statement", f"one command's entries differ in {name}")
        for step, told in (
            ("(2) positions", set_back(entry.recorded_at, self._time)),
            ("(4) statement", self._commands.take(entry.command, first.position)),
            ("(7) decided again", unruled(entry)),
            ("(9) found again", misfiled([row for row, _ in group], entry)),
        ):
            if told is not None:
                self._wrong(first.position, step, told)

    def _content(self, row: AnyRow, seen: Look) -> Content:
        """Walk steps 3 and 5; return what the entry says, opened as far as it is."""
        if (told := self._keys.wrong(row, seen)) is None:
            self.report.signatures += 1
        else:
            self._wrong(row.position, "(3) entry key", told)
        content = read_content(seen, row.tags)
        if content.wrong is not None:
            self._wrong(row.position, "(1) entry", content.wrong)
        elif content.has_other_tags:
            self._wrong(row.position, "(5) tags", "the stored tags do not follow from the entry")
        return content

    def _statement(self, row: AnyRow, seen: Look) -> Told | None:
        """Step 4; return the statement, or None where it is not open to this reader."""
        if not seen.has_statement:
            if is_owed(self._log.statements, seen.topic):
                self._wrong(row.position, "(4) statement", "a statement is not there")
            return None
        try:
            told = seen.told
            if told is None or told.signed_by is None or told.signed_by != self._keys.signer(told):
                told = self._read_statement(row, seen)
        except Malformed as error:
            self._wrong(row.position, "(4) statement", str(error))
            return None
        for fault in told.faults:
            self._wrong(row.position, "(4) statement", fault)
        self.report.statements += 1
        self.report.signatures += 1
        return told

    def _read_statement(self, row: AnyRow, seen: Look) -> Told:
        """Read and verify a statement of which its look had nothing good to say."""
        assert row.statement is not None, "the look has seen one"
        statement = read_statement(row.statement)
        command = read_command(statement.command, statement.version, statement.data)
        public = public_key(View(self._world), command, statement.kid)
        statement.verify(public)
        by = (None, public)
        return tell(statement, seen, actor=seen.actor, origin=self._log.origin, by=by)

    def _decide_again(self, group: list[Row], told: Told | None, contents: list[Content]) -> None:
        """Step 7. Commands whose statement or private fields are not open cannot be decided."""
        events = tuple(
            content.event
            for content in contents
            if content.event is not None and not content.is_closed
        )
        if told is None or len(events) < len(contents):
            self.report.not_open += 1
            return
        self.report.decided += 1
        differs = differing_from(self._world, told, group[0][1].recorded_at, events)
        if differs is None:
            self.report.signatures += words_in(told)
            return
        self.report.differ += 1
        place, message = differs
        self._wrong(group[place][0].position, "(7) decided again", message)

    def _keep(self, row: AnyRow, seen: Look, content: Content) -> None:
        self._time = max(self._time, seen.recorded_at)
        if (told := columns_differ(row.columns, seen, self._time)) is not None:
            self._wrong(row.position, "(5) tags", told)
        event = content.event
        if isinstance(event, IndexRootPublished):
            self.report.index_roots += 1
            if (told := self._index.differs(event)) is not None:
                self._wrong(row.position, "(8) index", told)
        self._index.take(row.position, content.names)
        if event is None or not (self._decide or tells_keys(seen.topic)):
            return
        recorded = Recorded(row.position, self._time, _actor(seen.actor), event)
        self._world.take(recorded, moved(event), content.names)
        if tells_keys(seen.topic):
            self._keys.moved()

    def _all_wrong(self, step: str, found: Iterable[tuple[int, str]]) -> None:
        for position, told in found:
            self._wrong(position, step, told)

    def _wrong(self, position: int, step: str, message: str) -> None:
        self.report.wrong(position, step, message)


def _actor(value: Any) -> str | Commitment:
    return value if isinstance(value, str) else Commitment.read(value)
