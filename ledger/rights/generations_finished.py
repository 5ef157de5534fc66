"""The worker's signed word `generation.finished`, verified with the key that the log holds.

A forged, altered or foreign message changes nothing (contracts, section 8): it is answered as
malformed, and the generation goes on waiting for its own worker.
"""

from __future__ import annotations

from dataclasses import dataclass

from ledger.rights.states import KEY, LOG, POLICY
from ledger.rights.view import View
from schemas import canonical
from schemas.commands.generations import FinishGeneration
from schemas.envelope.statement import Statement, read_statement, read_statement_but_data
from schemas.events.generations import GenerationAuthorized
from schemas.refusals import Malformed

_POINTER = "/finished"


@dataclass(frozen=True, slots=True)
class Finished:
    """A verified statement of a worker: its key, and what it says."""

    worker: str
    command: FinishGeneration


def read_finished(view: View, finished: str, authorized: GenerationAuthorized) -> Finished:
    """Return what a worker said about an authorized generation; raise `Malformed` unless it did.

    `signature_invalid`, `key_unknown`, `key_not_valid`, `wrong_ledger`, `not_authorized` (another
    worker than the one assigned), `value_unknown` (another command or generation).
    """
    # (1) The bytes are a statement to this ledger.
    statement, command = _read(canonical.unb64u(finished))
    opened = view.ask(POLICY, LOG).opened
    if opened is None or statement.ledger != opened.origin:
        raise Malformed("wrong_ledger", "a statement to another ledger", pointer=_POINTER)
    # (2) An enrolled worker's key signed them. When does not matter: a generation ends only once.
    key = view.ask(KEY, statement.kid)
    if key.status == "none":
        raise Malformed("key_unknown", "nobody enrolled the worker's key", pointer=_POINTER)
    if key.status != "enrolled" or "worker" not in key.roles:
        raise Malformed("key_not_valid", "not a worker's key in force", pointer=_POINTER)
    if statement.attested is not None or statement.actor != key.party:
        raise Malformed("key_not_valid", "a worker speaks for itself", pointer=_POINTER)
    statement.verify(canonical.unb64u(key.public_key))
    # (3) It is the worker to whom this generation was assigned, if it was assigned to one.
    if authorized.worker is not None and authorized.worker != statement.kid:
        raise Malformed("not_authorized", "assigned to another worker", pointer=_POINTER)
    # (4) It speaks about this generation.
    if not _finishes(statement):
        raise Malformed("value_unknown", "not a FinishGeneration", pointer=_POINTER)
    command = command or FinishGeneration.read(statement.data)
    if command.generation != authorized.generation:
        raise Malformed("value_unknown", "it finishes another generation", pointer=_POINTER)
    return Finished(statement.kid, command)


def _read(raw: bytes) -> tuple[Statement, FinishGeneration | None]:
    """Return a statement, and what it says where that is at hand at one look."""
    statement = read_statement_but_data(raw)
    try:
        if _finishes(statement):
            return statement, FinishGeneration.read_bytes(statement.data_bytes)
    except Malformed:
        pass
    return read_statement(raw), None  # or told here what is wrong with its form


def _finishes(statement: Statement) -> bool:
    return (statement.command, statement.version) == ("FinishGeneration", FinishGeneration.VERSION)
