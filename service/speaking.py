"""Saying a command: from a typed command to the statement that an own key signs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from schemas import commitments
from schemas.commands.base import Command
from schemas.commitments import Opening
from schemas.envelope.keys import SigningKey
from schemas.envelope.statement import sign_statement
from schemas.ids import new_id
from schemas.model import Commitment
from schemas.period import format_instant

STATEMENT_LIVES: Final = timedelta(minutes=10)
"""How long a statement may travel before it must be signed again."""


@dataclass(frozen=True, slots=True)
class Said:
    """A signed statement and the openings that go beside it."""

    raw: bytes
    openings: tuple[Opening, ...] = ()


@dataclass(frozen=True, slots=True)
class Attested:
    """The ledger's word about what a party said who has no key of its own."""

    method: str
    evidence: str
    roles: frozenset[str]


@dataclass(slots=True)
class Private:
    """Collects private values while a command is built: each becomes a commitment with opening.

    `commit(pointer, value)` returns what stands in the command; `openings` go beside it.
    """

    openings: list[Opening] = field(default_factory=list)

    def commit(self, pointer: str, value: Any) -> Commitment:
        """Commit to a value that will stand at `pointer` in the command's data."""
        opening = Opening(pointer, commitments.new_salt(), value)
        self.openings.append(opening)
        return Commitment.read(commitments.commit(value, opening.salt))


def say(
    command: Command,
    *,
    actor: str,
    key: SigningKey,
    ledger: str,
    now: datetime,
    openings: Iterable[Opening] = (),
    command_id: str | None = None,
    after: int | None = None,
    mandate: str | None = None,
    attested: Attested | None = None,
) -> Said:
    """Sign a command. With `attested` the key is the ledger's intake key, and says so for ever."""
    payload: dict[str, Any] = {
        "actor": actor,
        "after": after,
        "command": type(command).__name__,
        "data": command.data(),
        "expires_at": format_instant(now + STATEMENT_LIVES),
        "id": command_id or new_id("cmd"),
        "issued_at": format_instant(now),
        "ledger": ledger,
        "mandate": mandate,
        "version": command.VERSION,
    }
    if attested is not None:
        payload["attested"] = {
            "method": attested.method,
            "evidence": attested.evidence,
            "roles": sorted(attested.roles),
        }
    issuer = ledger if attested else actor
    return Said(sign_statement(payload, key, issuer=issuer, ledger=ledger), tuple(openings))
