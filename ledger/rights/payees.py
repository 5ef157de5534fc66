"""Rules about payees: where they are paid, whether they were screened, what holds their payouts.

Four eyes (rules, X17): a hold is released by another officer than the one who placed it, and who
replaced the payee details instructs no payout to them. Accrual goes on under every hold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

from ledger.rights import lookup
from ledger.rights.decision import Accepted, Asked, Decision
from ledger.rights.payees_states import MONEY
from ledger.rights.states import LOG, POLICY
from ledger.rights.view import View
from schemas.commands.base import Command
from schemas.commands.parties import RecordScreening, ReplacePayeeDetails
from schemas.commands.royalties import PlaceHold, ReleaseHold
from schemas.events.parties import PartyScreened, PayeeDetailsReplaced
from schemas.events.royalties import HoldPlaced, HoldReleased
from schemas.money import decimals_of
from schemas.period import format_instant, parse_instant
from schemas.refusals import Malformed


def replace_payee_details(view: View, asked: Asked, command: ReplacePayeeDetails) -> Decision:
    """Replace where a party is paid; only the party itself says so.

    `not_controller`, `value_unknown` (no such currency), `payout_in_flight`: a payment that may
    still fail must come back to the account it was sent for.
    """
    if asked.actor != command.party:
        raise Malformed("not_controller", "only a party replaces its own payee details")
    decimals_of(command.currency)
    payee = view.ask(MONEY, command.party)
    if payee.in_flight is not None:
        raise Malformed("payout_in_flight", f"a payout is under way [{payee.in_flight}]")
    cool_off = timedelta(hours=view.ask(POLICY, LOG).policy.payee_cool_off_hours)
    replaced = PayeeDetailsReplaced(
        party=command.party,
        details=command.details,
        currency=command.currency,
        cool_off_until=format_instant(asked.at + cool_off),
    )
    return Accepted((replaced,))


def record_screening(view: View, asked: Asked, command: RecordScreening) -> Decision:
    """Record a screening; nobody screens itself.

    `unknown_id`, `duties_not_separated`, `expired` (it ends before it begins).
    """
    lookup.party(view, command.party)
    if asked.actor == command.party:
        raise Malformed("duties_not_separated", "nobody screens itself")
    if parse_instant(command.expires_at) <= asked.at:
        raise Malformed("expired", "the screening has expired", pointer="/expires_at")
    screened = PartyScreened(
        party=command.party,
        outcome=command.outcome,
        evidence=command.evidence,
        expires_at=command.expires_at,
    )
    return Accepted((screened,))


def place_hold(view: View, asked: Asked, command: PlaceHold) -> Decision:
    """Hold a party's payouts. `unknown_id`; `payee_on_hold` where this hold stands already."""
    lookup.party(view, command.party)
    if command.reason in view.ask(MONEY, command.party).holds:
        raise Malformed("payee_on_hold", f"this hold stands already: {command.reason}")
    placed = HoldPlaced(party=command.party, reason=command.reason, officer=asked.actor)
    return Accepted((placed,))


def release_hold(view: View, asked: Asked, command: ReleaseHold) -> Decision:
    """Release a hold: neither the payee nor who placed it may (`duties_not_separated`).

    `unknown_id` where there is no such hold.
    """
    holds = view.ask(MONEY, command.party).holds
    if command.reason not in holds:
        raise Malformed("unknown_id", f"there is no such hold: {command.reason}")
    if asked.actor in {holds[command.reason], command.party}:
        raise Malformed("duties_not_separated", "another officer releases a hold")
    released = HoldReleased(party=command.party, reason=command.reason, officer=asked.actor)
    return Accepted((released,))


DECIDES: Final[Mapping[type[Command], Callable[[View, Asked, Any], Decision]]] = MappingProxyType(
    {
        ReplacePayeeDetails: replace_payee_details,
        RecordScreening: record_screening,
        PlaceHold: place_hold,
        ReleaseHold: release_hold,
    }
)
"""The rules of this module by their commands."""
