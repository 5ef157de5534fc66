"""The opening of the log, position 1, once; and the witnesses that it asks."""

from __future__ import annotations

from typing import Any, Final

from ledger.evidence.errors import EvidenceError
from ledger.evidence.policy import write_policy
from ledger.rights import lookup
from ledger.rights.decision import Accepted, Asked
from ledger.rights.lookup import fields
from ledger.rights.states import LOG, POLICY
from ledger.rights.view import View
from schemas import canonical
from schemas.commands.log import OpenLog, ReplaceWitnessPolicy
from schemas.envelope.keys import check_public_key
from schemas.events.log import LogOpened, WitnessPolicyReplaced
from schemas.money import decimals_of
from schemas.refusals import Malformed


def check_key(public_key: str, pointer: str) -> None:
    """Raise `not_canonical` or `key_weak` unless a public key may be enrolled (contracts, 9)."""
    try:
        check_public_key(canonical.unb64u(public_key))
    except Malformed as error:
        raise Malformed(error.code, error.message, pointer=pointer) from error


def open_log(view: View, asked: Asked, command: OpenLog) -> Accepted:
    """Open the log with its root key, the instance's keys, and its policy."""
    if view.ask(POLICY, LOG).opened is not None:
        raise Malformed("id_reused", "this log is open already")
    founders = {command.ledger_party, command.operator_party}
    if asked.actor not in founders:
        raise Malformed("not_controller", "the ledger or its operator opens the log")
    check_key(command.root_public_key, "/root_public_key")
    decimals_of(command.policy.currency)
    seen: set[str] = set()
    for number, row in enumerate(command.keys):
        lookup.fresh(taken=row.key in seen, name=row.key, pointer=f"/keys/{number}/key")
        seen.add(row.key)
        check_key(row.public_key, f"/keys/{number}/public_key")
        if row.party not in founders:
            pointer = f"/keys/{number}/party"
            raise Malformed("unknown_id", f"nobody registered {row.party}", pointer=pointer)
    if command.witnesses:
        _check_witnesses(command.checkpoint_vkey, command.witnesses)
    return Accepted((LogOpened(**fields(command)),))


def replace_witness_policy(view: View, asked: Asked, command: ReplaceWitnessPolicy) -> Accepted:
    """Replace the witnesses and the quorum, whatever they were; the log says since when."""
    del asked  # authority has found the operator's role already
    state = view.ask(POLICY, LOG)
    assert state.opened is not None, "nothing is decided before the log is open"
    _check_witnesses(state.opened.checkpoint_vkey, command.witnesses)
    if command.witnesses == state.witnesses:
        raise Malformed("id_reused", "these witnesses are in force", pointer="/witnesses")
    return Accepted((WitnessPolicyReplaced(**fields(command)),))


def _check_witnesses(vkey: str, lines: tuple[str, ...]) -> None:
    """Raise unless the log's key and these lines make a policy that every reader accepts."""
    try:
        write_policy((vkey,), lines)
    except EvidenceError as error:
        raise Malformed("value_unknown", str(error), pointer="/witnesses") from error


DECIDES: Final[dict[Any, Any]] = {
    OpenLog: open_log,
    ReplaceWitnessPolicy: replace_witness_policy,
}
"""The rules of this module, by command."""
