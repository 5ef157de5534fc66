"""What binds a statement to its entries, beside signatures: whose, for whom, when, and once.

A rule may give the right events for a statement that was never due here: one to another ledger, one
that had expired, one that was answered before. Nobody signed those entries but the ledger.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from ledger.audit.log import Statements
from ledger.rights.decision import RULES
from schemas.envelope.statement import Statement

AHEAD_MAX: Final = timedelta(seconds=60)
"""How far `issued_at` may lie ahead of the instant of the decision (contracts, section 1)."""

BEHIND_MAX: Final = timedelta(seconds=122)
"""How far an entry's time may lie behind an earlier one's.

Two writers, each at most 60 s off the database's clock, and two seconds in the queue between the
decision and the append (contracts, section 2). A log with more was written by a clock set back.
"""

PRIVATE_TYPES: Final = frozenset(
    {
        "FeeAgreed",
        "GenerationAuthorized",
        "GenerationCanceled",
        "GenerationCompleted",
        "GenerationFailed",
        "GenerationRefused",
        "ManifestEmbedded",
        "PartyScreened",
        "PayeeDetailsReplaced",
        "PayoutSettled",
        "RefusalsRepeated",
        "RoyaltyAccrued",
        "VerificationCleared",
        "VerificationRefused",
    }
)
"""Events of commands with private fields: who the creator is, a bank's details. Their statements go
to those whom they concern; of all others whoever reads the log gets the statement, or asks why not.
"""


def is_owed(statements: Statements, topic: str) -> bool:
    """Tell whether the statement of an event must be there, for who gets these statements."""
    return statements == "all" or (statements == "public" and topic not in PRIVATE_TYPES)


class _Entry(Protocol):
    """What is asked of an entry here, whether it is the entry or what a look found in it."""

    @property
    def command(self) -> str: ...

    @property
    def of(self) -> int: ...

    @property
    def recorded_at(self) -> datetime: ...

    @property
    def rules(self) -> int: ...

    @property
    def statement_sha256(self) -> str: ...


class Commands:
    """Every command that was answered so far, and where."""

    def __init__(self) -> None:
        self._answered: dict[str, int] = {}

    def __contains__(self, command: str) -> bool:
        """Tell whether a command was answered so far."""
        return command in self._answered

    def take(self, command: str, position: int) -> str | None:
        """Remember a command; return what is wrong with it: it was answered before."""
        first = self._answered.setdefault(command, position)
        if first == position:
            return None
        return f"{command} was answered before, at position {first}: a replay"


def unlike(entries: Sequence[_Entry]) -> Iterator[tuple[int, str]]:
    """Yield the index and the name of each member in which the entries of one command differ."""
    first = entries[0]
    for index, entry in enumerate(entries):
        for name in ("statement_sha256", "of", "recorded_at", "rules"):
            if getattr(entry, name) != getattr(first, name):
                yield index, name
                break


def unbound(statement: Statement, entry: _Entry, actor: object, *, origin: str) -> Iterator[str]:
    """Yield what is wrong between a statement and the first of its entries.

    `actor` is the entry's, opened as far as it is; a commitment that is closed says nothing.
    """
    if (statement.sha256, statement.id) != (entry.statement_sha256, entry.command):
        yield "not the statement that the entry binds"
    if statement.ledger != origin:
        yield f"a statement to another ledger, {statement.ledger}"
    if isinstance(actor, str) and actor != statement.actor:
        yield f"the entry names {actor} as who acted, the statement {statement.actor}"
    recorded_at = entry.recorded_at
    if statement.expires_at <= recorded_at:
        yield "the statement had expired when it was answered"
    if statement.issued_at > recorded_at + AHEAD_MAX:
        yield "the statement was issued after it was answered"


def unruled(entry: _Entry) -> str | None:
    """Return what is wrong with the number of the rules by which an entry was decided."""
    return None if entry.rules == RULES else f"no rules have the number {entry.rules}"


def set_back(recorded_at: datetime, time: datetime) -> str | None:
    """Return what is wrong with an entry's time, given the time of the position before it."""
    if time - recorded_at <= BEHIND_MAX:
        return None
    return f"recorded {time - recorded_at} before what the log had seen: a clock was set back"
