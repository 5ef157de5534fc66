"""Erasing openings: at once what is personal, later what tax law makes us keep.

Source: rules, row 42; evidence, "Erasure". No leaf, proof, balance or digest changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from ledger.rights import lookup
from ledger.rights.authority import is_registrar
from ledger.rights.decision import Accepted, Asked
from ledger.rights.payees_states import MONEY, Payee
from ledger.rights.states.base import changed, folding
from ledger.rights.view import Recorded, Scope, View
from schemas.commands.erasure import RequestErasure
from schemas.events.erasure import ErasureRefused, ErasureRequested, OpeningsErased
from schemas.refusals import Malformed
from schemas.subjects import payments, personal


@dataclass(frozen=True, slots=True)
class ErasureState:
    """What of a party's openings was erased, and at which position last."""

    party: str
    subjects: frozenset[str] = frozenset()
    position: int = 0


def _erased(state: ErasureState, recorded: Recorded, event: OpeningsErased) -> ErasureState:
    return changed(state, subjects=state.subjects | set(event.subjects), position=recorded.position)


def _said(state: ErasureState, _recorded: Recorded, _event: object) -> ErasureState:
    return state


ERASURE: Scope[ErasureState] = Scope(
    "erasure",
    ErasureState,
    folding({OpeningsErased: _erased, ErasureRequested: _said, ErasureRefused: _said}),
)
"""The erasure of a party's openings, by its id."""


def request_erasure(view: View, asked: Asked, command: RequestErasure) -> Accepted:
    """Erase what may be erased, and say what is kept.

    `unknown_id`, `not_controller` (the party itself, or a registrar for it).
    """
    lookup.party(view, command.party)
    if asked.actor != command.party and not is_registrar(view, asked):
        raise Malformed("not_controller", "the party itself, or a registrar, asks for erasure")
    view.ask(ERASURE, command.party)
    held = _held(view.ask(MONEY, command.party))
    subjects = [personal(command.party)]
    if held is None:
        subjects.append(payments(command.party))
    requested = ErasureRequested(party=command.party, basis=command.basis)
    erased = OpeningsErased(party=command.party, subjects=tuple(subjects))
    if held is None:
        return Accepted((requested, erased))
    refused = ErasureRefused(
        party=command.party, kept="payments", because="legal_hold", reason=held
    )
    return Accepted((requested, erased, refused))


def _held(payee: Payee) -> str | None:
    """Return why the records of payments must be kept, or None."""
    purses = payee.purses.values()
    if any(purse.in_flight for purse in purses):
        return "a payout is under way"
    if payee.holds:
        return f"payouts are on hold ({', '.join(sorted(payee.holds))})"
    if any(purse.payable_minor or purse.carry_micro for purse in purses):
        return "there is an unpaid balance: it must be paid or assigned first"
    if payee.statements:
        return "royalty statements were closed: tax law asks for their records"
    return None


DECIDES: Final[dict[Any, Any]] = {RequestErasure: request_erasure}
"""The rules of this module, by command."""
