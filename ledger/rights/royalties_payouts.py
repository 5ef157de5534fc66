"""Paying what is payable: instructed once, then settled or failed, and perhaps returned.

    payable --InstructPayout--> in flight --SettlePayout--> paid --ReturnPayout--> payable, on hold
                                    `------FailPayout-----> payable

A retry after a crash sends the same payout again under the same key, so that the bank pays once;
it is no new command. A new payout after a failed one is a new attempt, with a new key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, TypedDict

from ledger.rights.decision import Accepted, Asked, Decision
from ledger.rights.payees_states import MONEY, Details, Payee
from ledger.rights.royalties_states import PAYOUT, PERIOD, period_key
from ledger.rights.states import LOG, POLICY
from ledger.rights.view import View
from schemas.commands.base import Command
from schemas.commands.log import Policy
from schemas.commands.royalties import FailPayout, InstructPayout, ReturnPayout, SettlePayout
from schemas.events.royalties import (
    PayoutFailed,
    PayoutInstructed,
    PayoutReturned,
    PayoutSettled,
)
from schemas.money import Money
from schemas.refusals import Malformed

_LENGTH_BYTES = 4


def idempotency_key(party: str, statement: str, attempt: int) -> str:
    """Return the key under which a bank pays once: SHA-256 of payee, statement, attempt group.

    Each as UTF-8 behind its length in four bytes, big-endian, as everywhere (contracts, 7); the
    attempt counts from 1, in decimal digits.
    """
    digest = hashlib.sha256()
    for text in (party, statement, str(attempt)):
        raw = text.encode()
        digest.update(len(raw).to_bytes(_LENGTH_BYTES, "big") + raw)
    return digest.hexdigest()


def instruct_payout(view: View, asked: Asked, command: InstructPayout) -> Decision:
    """Instruct the payment of all that is payable in the statement's currency.

    Raises, in this order: `id_reused`, `unknown_id`, `duties_not_separated`, `payout_in_flight`,
    `below_threshold`, `payee_on_hold`, `screening_missing`, `sanctions_hit`,
    `payable_insufficient`. What is in flight comes before the amounts: it has left them.
    """
    if view.ask(PAYOUT, command.payout).instructed is not None:
        raise Malformed("id_reused", "this payout was instructed", pointer="/payout")
    payee = view.ask(MONEY, command.party)
    statement = payee.statements.get(command.statement)
    if statement is None:
        raise Malformed("unknown_id", "no such closed statement", pointer="/statement")
    purse = payee.purse(statement.currency)
    payable_minor = purse.payable_minor
    _check_duties(payee, asked)
    if purse.in_flight is not None:
        raise Malformed("payout_in_flight", f"a payout is under way [{purse.in_flight}]")
    _check_threshold(view.ask(POLICY, LOG).policy, payable_minor, statement.currency)
    details = _details(payee, asked.at)
    _check_screening(payee, asked.at)
    if payable_minor == 0 or details.currency != statement.currency:
        why = f"nothing is payable in {details.currency}, the payee's currency"
        raise Malformed("payable_insufficient", why)
    period = view.ask(PERIOD, period_key(command.party, statement.month))
    attempt = period.attempts.get(command.statement, 0) + 1
    instructed = PayoutInstructed(
        payout=command.payout,
        statement=command.statement,
        party=command.party,
        month=statement.month,
        amount=Money.payable(payable_minor, statement.currency),
        details=details.commitment,
        idempotency_key=idempotency_key(command.party, command.statement, attempt),
    )
    return Accepted((instructed,))


def _check_duties(payee: Payee, asked: Asked) -> None:
    replaced_by = payee.details.replaced_by if payee.details else None
    if asked.actor in {payee.party, replaced_by}:
        raise Malformed("duties_not_separated", "an officer pays others than itself")


def _check_threshold(policy: Policy, payable_minor: int, currency: str) -> None:
    # The threshold is in minor units of the policy's currency; other currencies have none yet.
    if currency == policy.currency and payable_minor < policy.payout_threshold_minor:
        short = f"{payable_minor} of {policy.payout_threshold_minor} minor units"
        raise Malformed("below_threshold", f"the balance waits: {short}")


def _details(payee: Payee, at: datetime) -> Details:
    if payee.holds:
        raise Malformed("payee_on_hold", f"on hold: {', '.join(sorted(payee.holds))}")
    if payee.details is None:
        raise Malformed("payee_on_hold", "the party has not said where it is paid")
    if at < payee.details.cool_off_until:
        raise Malformed("payee_on_hold", "the payee details are too new")
    return payee.details


def _check_screening(payee: Payee, at: datetime) -> None:
    screening = payee.screening
    if screening is not None and screening.outcome == "hit":  # a hit does not expire
        raise Malformed("sanctions_hit", "the payee was found on a sanctions list")
    if screening is None or at >= screening.expires_at:
        raise Malformed("screening_missing", "the payee has no valid screening")


class _Step(TypedDict):
    """What every later step of a payout repeats."""

    payout: str
    statement: str
    party: str
    month: str
    amount: Money


def _step_from(view: View, payout: str, step: str) -> _Step:
    """Return what the payout's events repeat if it stands at `step`.

    Raises `unknown_id`: there is no such payout; `payout_in_flight`: the bank has not answered;
    `already_completed`: it stands elsewhere, so a second answer of the bank changes nothing.
    """
    state = view.ask(PAYOUT, payout)
    if state.instructed is None:
        raise Malformed("unknown_id", "there is no such payout", pointer="/payout")
    if state.step != step:
        code = "payout_in_flight" if state.step == "instructed" else "already_completed"
        raise Malformed(code, f"the payout is {state.step}")
    told = state.instructed
    return _Step(
        payout=told.payout,
        statement=told.statement,
        party=told.party,
        month=told.month,
        amount=told.amount,
    )


def settle_payout(view: View, _asked: Asked, command: SettlePayout) -> Decision:
    """Record that the bank paid."""
    step = _step_from(view, command.payout, "instructed")
    return Accepted((PayoutSettled(**step, bank_reference=command.bank_reference),))


def fail_payout(view: View, _asked: Asked, command: FailPayout) -> Decision:
    """Record that the bank did not pay: payable again."""
    step = _step_from(view, command.payout, "instructed")
    return Accepted((PayoutFailed(**step, reason=command.reason),))


def return_payout(view: View, _asked: Asked, command: ReturnPayout) -> Decision:
    """Record that a settled payment came back: payable again, on hold for bank details."""
    step = _step_from(view, command.payout, "settled")
    return Accepted((PayoutReturned(**step, reason=command.reason),))


DECIDES: Final[Mapping[type[Command], Callable[[View, Asked, Any], Decision]]] = MappingProxyType(
    {
        InstructPayout: instruct_payout,
        SettlePayout: settle_payout,
        FailPayout: fail_payout,
        ReturnPayout: return_payout,
    }
)
"""The rules of this module by their commands."""
