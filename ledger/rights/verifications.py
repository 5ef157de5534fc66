"""Verify: the paper's verification, logged with its outcome, both ways (contracts, section 5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

from ledger.rights.clearance import Cleared, Refused
from ledger.rights.clearance_reasons import REASONS_MAX
from ledger.rights.clearance_verdict import Verdict, judge
from ledger.rights.decision import Accepted, Asked, Decision, Repeated
from ledger.rights.generations_money import minor_money
from ledger.rights.states import LOG, POLICY
from ledger.rights.verifications_states import DEMAND, VERIFICATION, demand_key
from ledger.rights.view import View
from schemas.commands.base import Command
from schemas.commands.generations import CountRefusals, VerifyGeneration
from schemas.events.verifications import (
    GenerationRefused,
    RefusalsRepeated,
    VerificationCleared,
    VerificationRefused,
)
from schemas.money import Money
from schemas.period import format_instant
from schemas.refusals import Malformed
from schemas.terms import Request


def verify(view: View, asked: Asked, command: VerifyGeneration) -> Decision:
    """Verify a request: cleared with its price for 15 minutes, or refused with every reason.

    The same demand refused within the hour is answered with the first refusal's position.
    """
    check_new(view, command.verification)
    verdict = judge(view, command.request, creator=asked.actor, at=asked.at)
    outcome = verdict.outcome
    if isinstance(outcome, Cleared):
        return Accepted((cleared_event(view, asked, command.verification, verdict, outcome),))
    repeated = repeated_refusal(view, asked, command.request, outcome)
    if repeated is not None:
        return repeated
    refused = VerificationRefused(
        verification=command.verification,
        creator=asked.actor,
        request=command.request,
        reasons=outcome.reasons[:REASONS_MAX],
        reasons_left_out=max(0, len(outcome.reasons) - REASONS_MAX),
        alternatives=verdict.alternatives,
        touched=outcome.touched,
    )
    return Accepted((refused,), refused=True)


def check_new(view: View, verification: str) -> None:
    """Raise `Malformed("id_reused")` if a verification of this id stands in the log."""
    if view.ask(VERIFICATION, verification).status != "none":
        raise Malformed("id_reused", "there is such a verification", pointer="/verification")


def cleared_event(
    view: View, asked: Asked, verification: str, verdict: Verdict, cleared: Cleared
) -> VerificationCleared:
    """Return the event of a cleared verification."""
    price, listed = cleared.agreed.price, cleared.agreed.listed
    lives = timedelta(seconds=view.ask(POLICY, LOG).policy.verification_lives_s)
    return VerificationCleared(
        verification=verification,
        creator=asked.actor,
        request=verdict.ask.request,
        references=cleared.references,
        touched=cleared.touched,
        tariff=listed.tariff,
        tariffs=listed.tariffs,
        fee=minor_money(price.fee_micro, price.currency),
        pool=Money.accrued(price.pool_micro, price.currency),
        expires_at=format_instant(asked.at + lives),
    )


def repeated_refusal(
    view: View, asked: Asked, request: Request, refused: Refused
) -> Repeated | None:
    """Return where the same demand was refused within the hour, if it was.

    One refusal stands in the log per creator, references and reason in an hour: the owner sees
    the demand, and cannot be flooded with it.
    """
    window = timedelta(seconds=view.ask(POLICY, LOG).policy.refusal_window_s)
    demand = view.ask(DEMAND, asked.actor)
    found = demand.within(demand_key(request, refused.code), asked.at, window)
    return Repeated(found.position) if found is not None else None


def count_refusals(view: View, _asked: Asked, command: CountRefusals) -> Decision:
    """Write down how often a refusal was repeated since that was last written down."""
    refused = _refusal_at(view, command)
    event = RefusalsRepeated(
        refusal=command.refusal,
        creator=refused.creator,
        repeats=command.repeats,
        touched=refused.touched,
    )
    return Accepted((event,))


def _refusal_at(view: View, command: CountRefusals) -> VerificationRefused | GenerationRefused:
    position = command.refusal
    if position <= view.source.head():
        for row in view.history(command.subject, after=position - 1, until=position):
            if isinstance(row.event, VerificationRefused | GenerationRefused):
                return row.event
    raise Malformed("unknown_id", f"no refusal stands at position {position}", pointer="/refusal")


DECIDES: Final[Mapping[type[Command], Callable[[View, Asked, Any], Decision]]] = MappingProxyType(
    {VerifyGeneration: verify, CountRefusals: count_refusals}
)
"""The rules of verification by command."""
