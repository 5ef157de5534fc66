"""Gives the commands of a batch their positions in the log, judging each by all before it.

Each command is judged against everything before it, the same batch included, and none disturbs its
neighbors: whatever one of them raises is its own answer. A `Batch` is placed in one transaction: it
asks the database once, at the start, and tells it once, at the end; in between it works in memory,
over an overlay. A `drafting.Draft` is placed without the lock, on what is taken for granted.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from eventsourcing.persistence import IntegrityError

from ledger.evidence.hashing import leaf_hash
from ledger.storage.errors import Busy, ClockOff, Fatal, StorageFull
from ledger.storage.instants import to_us
from ledger.storage.overlay import Overlay
from ledger.storage.records import (
    BatchRows,
    CommandRecord,
    Ground,
    Head,
    OpeningRow,
    Outcome,
    PlainAppend,
    Prepared,
    Probe,
    StoredEntry,
    SubjectOpening,
)
from ledger.storage.sheet import Sheet
from schemas.envelope.entry import ENTRY_BYTES_MAX
from schemas.refusals import Malformed

if TYPE_CHECKING:
    from eventsourcing.dcb.api import DCBEvent

    from ledger.evidence.tree import Growth
    from ledger.storage.contract import Transaction

FRESH_FOR: Final = timedelta(seconds=2)
"""An older decision is made again (contracts.md, section 2)."""

CLOCKS_APART_MAX: Final = timedelta(seconds=60)
"""Beyond this our clock or the database's is wrong, and nothing is appended (likewise)."""


class Placed(NamedTuple):
    """The command got these positions; `work` is what was decided last."""

    first: int
    last: int
    work: Prepared | None = None


@dataclass(frozen=True, slots=True)
class Replayed:
    """The command was answered before, perhaps earlier in this very batch."""

    record: CommandRecord


Answer = Placed | Replayed | Outcome | Exception
"""What becomes of one command. An exception is raised to whoever asked."""


def check(work: Prepared | PlainAppend) -> None:
    """Raise unless `work` can be stored; before the lock, so that the batch need not look."""
    if not work.events:
        raise ValueError("an append has at least one event")
    texts: list[str] = []
    for event in work.events:
        if len(event.data) > ENTRY_BYTES_MAX:
            raise Malformed("entry_too_large", f"an entry has at most {ENTRY_BYTES_MAX} bytes")
        texts += (event.type, *event.tags)
    if isinstance(work, Prepared):
        texts += _check_command(work)
    whole = "".join(texts)
    if "\0" in whole:
        raise ValueError("no text has U+0000, which SQL text may end at")
    whole.encode()  # raises for half a surrogate pair, which is no text


def probe(works: Iterable[Prepared | PlainAppend]) -> Probe:
    """Return all that a batch of `works` will ask of the database, as far as that is known."""
    commands = [work for work in works if isinstance(work, Prepared)]
    return Probe(
        commands={work.command_id for work in commands},
        scopes={tag for work in commands for tag in work.guard},
        subjects={one.subject for work in commands for one in work.openings},
    )


def _check_command(work: Prepared) -> list[str]:
    """Raise unless ids and openings fit together; return the texts that are stored of them."""
    own = set(work.event_ids)
    if len(work.event_ids) != len(work.events):
        raise ValueError("each event of a command has an id")
    if len(own) != len(work.event_ids):
        raise ValueError("events of a command have ids of their own")
    opened = _check_openings(work.openings, own) if work.openings else ()
    return [work.command_id, *own, *work.erases, *opened]


def _check_openings(openings: Sequence[SubjectOpening], own: set[str]) -> Iterator[str]:
    """Raise unless openings fit to the events of their command; return what is stored of them."""
    places = [(one.event_id, one.opening.pointer) for one in openings]
    if len(set(places)) != len(places):
        raise ValueError("openings of a command have ids of their own")
    if not own.issuperset([event_id for event_id, _ in places]):
        raise ValueError("an opening belongs to an event of its own command")
    return chain([one.subject for one in openings], [name for _, name in places])


class UnsettledError(Exception):
    """What only the lock can settle: nothing of the draft is written, and a `Batch` is made."""


class Placing(ABC):
    """What was placed so far on some ground, and what is to be written."""

    def __init__(self, ground: Ground, sheet: Sheet) -> None:
        self._ground = ground
        self._sheet = sheet
        self._erases: list[str] = []
        self._openings: list[OpeningRow] = []

    @abstractmethod
    def _settled(self, work: Prepared) -> Prepared | Outcome:
        """Return `work` if it still holds, else what is decided now, at a time that may be."""

    @abstractmethod
    def _check_plain(self, work: PlainAppend) -> None:
        """Raise unless the condition of a bare append holds."""

    @abstractmethod
    def _keys(self, subjects: Iterable[str]) -> dict[str, bytes]:
        """Return the wrapped keys of those of `subjects` that have one."""

    def leaves(self) -> list[bytes]:
        """Return the leaves that were placed, in order."""
        return [leaf_hash(entry.data) for entry in self._sheet.entries]

    def place_all(self, works: Iterable[Prepared | PlainAppend]) -> list[Answer]:
        """Place one after the other; return the answers so far as it went.

        An erasure ends the batch: what it takes is gone for whoever comes after, and the overlay
        would still show it.
        """
        answers: list[Answer] = []
        for work in works:
            if self._erases:
                break
            answers.append(self._place(work))
        return answers

    def rows(self, growth: Growth) -> BatchRows:
        """Return all that is to be written, the tree having grown by `leaves`."""
        old, sheet = self._ground.head, self._sheet
        subjects = {row.beside.subject for row in self._openings}
        return BatchRows(
            old=old,
            new=Head(growth.tree.size, growth.root, sheet.time_us, old.visible),
            entries=sheet.entries,
            tiles=growth.tiles,
            scopes=sheet.scopes_moved,
            commands=sheet.commands_placed,
            statements=sheet.statements_placed,
            erases=self._erases,
            openings=self._openings,
            keys=self._keys(subjects) if subjects else {},
        )

    def _place(self, work: Prepared | PlainAppend) -> Answer:
        """Append `work` if it still holds; else decide again, replay, or say why not."""
        try:
            if isinstance(work, PlainAppend):
                self._check_plain(work)
                nameless = (None,) * len(work.events)
                first, last = self._append(work.events, nameless, to_us(self._ground.now))
                return Placed(first, last)
            return self._place_command(work)
        except (Fatal, Busy, StorageFull, UnsettledError):
            raise  # the whole batch ends so
        except Exception as error:  # noqa: BLE001 - raised again, to the one who asked for this
            return error

    def _place_command(self, work: Prepared) -> Answer:
        record = self._sheet.known(work.command_id)
        if record is not None:
            if record.digest != work.digest:
                raise Malformed("id_reused", f"this id has other content [{work.command_id}]")
            return Replayed(record)
        settled = self._settled(work)
        if isinstance(settled, Outcome):
            return settled
        event_id = self._sheet.first_placed(settled.event_ids)
        if event_id is not None:
            raise Malformed("id_reused", f"an event has this id [{event_id}]")
        return self._append_command(settled)

    def _append_command(self, work: Prepared) -> Placed:
        first, last = self._append(work.events, work.event_ids, to_us(work.recorded_at))
        sha256 = work.statement_sha256 or hashlib.sha256(work.statement).digest()
        record = CommandRecord(work.command_id, work.digest, first, last, sha256)
        openings = [OpeningRow(first, one) for one in work.openings] if work.openings else []
        self._sheet.place_command(record, work.statement, openings)
        if work.erases:
            # Also what this very batch has put there before; not what comes with the erasure.
            self._erases += work.erases
            erased = set(work.erases)
            self._openings = [row for row in self._openings if row.beside.subject not in erased]
        self._openings += openings
        return Placed(first, last, work)

    def _append(
        self, events: Sequence[DCBEvent], ids: Sequence[str | None], recorded_us: int
    ) -> tuple[int, int]:
        sheet = self._sheet
        first = sheet.bound + 1
        time_us = max(sheet.time_us, recorded_us)
        for position, (event, event_id) in enumerate(zip(events, ids, strict=True), start=first):
            tags = tuple(event.tags)
            sheet.place(StoredEntry(position, event.type, event.data, tags, event_id, time_us))
        return first, sheet.bound


class Batch(Placing):
    """One transaction's work: under the lock, so what is decided again is decided on the truth."""

    def __init__(
        self, transaction: Transaction, probed: Probe, clock: Callable[[], datetime]
    ) -> None:
        self._overlay = Overlay(transaction.reader, transaction.ground)
        super().__init__(transaction.ground, self._overlay)
        self._transaction = transaction
        self._probed = probed
        self._clock = clock

    def _settled(self, work: Prepared) -> Prepared | Outcome:
        if self._is_overtaken(work):
            again = work.redecide(self._overlay)
            if isinstance(again, Outcome):
                return again
            check(again)
            if (again.command_id, again.digest) != (work.command_id, work.digest):
                raise ValueError(f"decided again, it is another command [{again.command_id}]")
            work = again
        if abs(self._ground.now - work.recorded_at) > CLOCKS_APART_MAX:
            raise ClockOff(f"{work.recorded_at} is off the database's {self._ground.now}")
        return work

    def _is_overtaken(self, work: Prepared) -> bool:
        if self._clock() - work.recorded_at > FRESH_FOR:
            return True
        last_position = self._overlay.last_position
        return any(last_position(tag) > read for tag, read in work.guard.items())

    def _check_plain(self, work: PlainAppend) -> None:
        if work.unless is not None and self._overlay.matches(work.unless, after=work.after):
            raise IntegrityError(work.unless)

    def _keys(self, subjects: Iterable[str]) -> dict[str, bytes]:
        """Return keys; one that only a second decision named is asked for here."""
        unknown = set(subjects).difference(self._probed.subjects)
        later = self._transaction.subject_keys(unknown) if unknown else {}
        found = {**self._ground.keys, **later}
        return {who: found[who] for who in subjects if who in found and who not in self._erases}
