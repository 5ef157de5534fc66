"""What a command is answered with: its entries' ids and positions, and how to check each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from ledger.decoding import open_payload
from ledger.entries import Made
from ledger.evidence.proof import make_proof
from ledger.storage.answers import answer_again
from ledger.storage.contract import Reader
from ledger.storage.errors import Damaged
from ledger.storage.records import Committed
from schemas import canonical
from schemas.envelope.entry import read_entry

REFUSED: Final = frozenset({"VerificationRefused", "GenerationRefused"})
"""Events that are a refusal of rights."""


class AnsweredEntry(NamedTuple):
    """One entry of an answer.

    `said` are the canonical bytes of its `data`, with private fields in place where they are still
    open. `proof` is the C2SP tlog-proof of the entry in the batch's checkpoint.
    """

    id: str
    type: str
    position: int
    recorded_at: str
    said: bytes
    entry: bytes
    proof: str

    @property
    def data(self) -> dict[str, Any]:
        """What it says, read anew each time."""
        data: dict[str, Any] = canonical.reread(self.said)
        return data


class Answer(NamedTuple):
    """The answer to a command.

    `replayed`: the command was answered before and this is that answer. `repeated`: the same demand
    was refused within the hour and this is that refusal. `refused`: the rights do not allow it.
    `head` is the position up to which the answer has seen the log.
    """

    command: str
    entries: tuple[AnsweredEntry, ...]
    checkpoint: str
    head: int
    replayed: bool
    repeated: bool

    @property
    def refused(self) -> bool:
        """Whether the rights do not allow what was asked."""
        return any(entry.type in REFUSED for entry in self.entries)

    @property
    def reason(self) -> str:
        """The code of the first reason of a refusal; empty where nothing was refused."""
        for entry in self.entries:
            if entry.type in REFUSED:
                return str(entry.data["reasons"][0]["code"])
        return ""

    @property
    def outcome(self) -> Literal["appended", "refused", "replayed"]:
        """What became of the command, in one word."""
        if self.replayed:
            return "replayed"
        return "refused" if self.refused else "appended"

    @property
    def positions(self) -> tuple[int, ...]:
        """The positions of the entries, in order."""
        return tuple(entry.position for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Standing:
    """An answer that stands in the log, once it is visible up to `position`."""

    position: int
    compose: Callable[[Reader], Answer]


def compose_made(command: str, made: Sequence[Made], committed: Committed) -> Answer:
    """Return the answer of a command that was just committed, from what was made: nothing is read.

    The same as `compose` reads back, as long as nothing of it was erased.
    """
    note = committed.note
    rows = zip(made, committed.positions, committed.proofs, strict=True)
    entries = [
        AnsweredEntry(
            one.id,
            one.event.type,
            position,
            one.recorded_at,
            one.said,
            one.event.data,
            make_proof(index=position - 1, path=path, checkpoint=note),
        )
        for one, position, path in rows
    ]
    return Answer(command, tuple(entries), note, committed.size, replayed=False, repeated=False)


def compose(
    reader: Reader, command: str, committed: Committed, *, repeated: bool = False
) -> Answer:
    """Return the answer of a committed command."""
    note = committed.note
    rows = zip(committed.positions, committed.proofs, strict=True)
    return Answer(
        command=command,
        entries=tuple(
            _answered(reader, position, make_proof(index=position - 1, path=path, checkpoint=note))
            for position, path in rows
        ),
        checkpoint=note,
        head=committed.size,
        replayed=committed.replayed and not repeated,
        repeated=repeated,
    )


def first_answer(command: str, last: int) -> Standing:
    """Return the first answer to a command, for whoever says it again; `last` is its position."""

    def again(reader: Reader) -> Answer:
        record = reader.command(command)
        assert record is not None, "it was known a moment ago, and nothing is ever taken back"
        return compose(reader, command, answer_again(reader, record))

    return Standing(last, again)


def compose_repeated(reader: Reader, refusal: int) -> Answer:
    """Return the answer of the first refusal, for a demand that repeats it."""
    first = reader.entry(refusal)
    command = read_entry(first.data).command if first else ""
    record = reader.command(command)
    if record is None:
        raise Damaged(f"the command of position {refusal} is not known")
    return compose(reader, command, answer_again(reader, record), repeated=True)


def _answered(reader: Reader, position: int, proof: str) -> AnsweredEntry:
    stored = reader.entry(position)
    if stored is None:
        raise Damaged(f"position {position} was answered and is not there")
    entry = read_entry(stored.data)
    payload = open_payload(entry, reader.openings(entry.id))
    return AnsweredEntry(
        id=entry.id,
        type=entry.type,
        position=position,
        recorded_at=str(entry.payload["recorded_at"]),
        said=canonical.encode(payload["data"]),
        entry=stored.data,
        proof=proof,
    )
