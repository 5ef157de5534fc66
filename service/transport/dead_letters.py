"""Dead letters, for an operator: what there is, what one says, and sending it once more.

A letter stays where it is; that it was sent again is written behind it. Sending one again is safe:
what it asks for is judged like any other message, and happens once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from generation.broker import Broker
from generation.delivery import Record
from schemas.topics import Topics

LOOKED_AT_MAX: Final = 10_000
"""Records of the topic that are looked at, the newest: letters, and what was sent again."""

_REPLAYED: Final = "replayed"


class LetterError(Exception):
    """A dead letter cannot be shown or sent again; `code` says why.

    `letter_unknown`: none lies at this offset. `letter_not_replayable`: it did not come from a
    topic that somebody takes from, or it was too large to be kept.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Letter:
    """One dead letter. `offset` names it; `topic` and the rest of `came_from` say where it lay."""

    offset: int
    topic: str
    came_from: str
    key: bytes
    value: bytes
    reason: str
    by: str
    at: str
    sha256: str
    size: int
    is_replayed: bool


class DeadLetters:
    """The dead letters of one ledger."""

    def __init__(self, broker: Broker, topics: Topics) -> None:
        self._broker = broker
        self._topics = topics

    def list(self) -> tuple[Letter, ...]:
        """Return the newest letters, oldest first; `BrokerAwayError` where nobody answers."""
        with self._broker.reader(self._topics.dead) as reader:
            ((partition, (begin, end)),) = reader.ends().items()
            rows = reader.between(partition, max(begin, end - LOOKED_AT_MAX), end)
        replayed = {row.headers[_REPLAYED] for row in rows if _REPLAYED in row.headers}
        letters = (row for row in rows if _REPLAYED not in row.headers)
        return tuple(_letter(row, b"%d" % row.offset in replayed) for row in letters)

    def show(self, offset: int) -> Letter:
        """Return one letter."""
        found = next((letter for letter in self.list() if letter.offset == offset), None)
        if found is None:
            raise LetterError("letter_unknown", f"no dead letter lies at {offset}")
        return found

    def replay(self, offset: int) -> Letter:
        """Send a letter to where it came from, once more."""
        letter = self.show(offset)
        if letter.topic not in {self._topics.authorized, self._topics.finished}:
            raise LetterError("letter_not_replayable", f"it came from {letter.topic or 'nowhere'}")
        if len(letter.value) != letter.size:
            raise LetterError("letter_not_replayable", f"{letter.size} bytes were too many to keep")
        note = {_REPLAYED: b"%d" % offset}
        with self._broker.sender() as sender:
            sender.send(letter.topic, key=letter.key, value=letter.value, headers=note)
            sender.flush()
            # If we stop here it was sent and is not noted: sending it again changes nothing.
            sender.send(self._topics.dead, key=letter.key, value=b"", headers=note)
            sender.flush()
        return letter


def _letter(row: Record, is_replayed: bool) -> Letter:  # noqa: FBT001 - one fact of the letter
    def said(name: str) -> str:
        return row.headers.get(name, b"").decode("utf-8", "replace")

    size = said("bytes")
    return Letter(
        offset=row.offset,
        topic=said("topic"),
        came_from=f"{said('topic')}/{said('partition')}/{said('offset')}",
        key=row.key,
        value=row.value,
        reason=said("reason"),
        by=said("by"),
        at=said("at"),
        sha256=said("sha256"),
        size=int(size) if size.isdigit() else -1,
        is_replayed=is_replayed,
    )
