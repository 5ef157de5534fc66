"""Who may hand in a statement: an enrolled key admits itself; a key that is not, needs a token.

A key proposes itself by a signature that anybody can make, for any party. Without this, nobody
could write into the log, and a stranger's key would wait there for a registrar's mistake
(contracts, section 10: no anonymous write).
"""

from __future__ import annotations

from typing import Final

from schemas.commands.parties import EnrollKey
from schemas.envelope.statement import read_statement
from service.api.problems import DoorError
from service.identity import Identity

_PROPOSES: Final = b'"command":"EnrollKey"'
"""As canonical JSON writes it: what does not contain these bytes is no proposal of a key."""


def admit(raw: bytes, who: Identity | None) -> None:
    """Raise `token_missing` or `not_yours` where a key proposes itself without a word for it.

    The word is a token of the party whose key it is to be, or of a registrar or the operator.
    Raises `Malformed` for bytes that are no statement.
    """
    if _PROPOSES not in raw:
        return  # nearly all: they are read once, by the ledger
    statement = read_statement(raw)
    if statement.command != EnrollKey.__name__:
        return
    if who is None:
        raise DoorError("token_missing", "a key is proposed with a token of its party")
    if who.party != statement.actor and not who.has("registrar", "operator"):
        raise DoorError("not_yours", "a key is proposed for the party that the token is of")
