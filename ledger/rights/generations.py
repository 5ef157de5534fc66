"""Authorize: the license instant. What is committed here is what will be embedded and paid."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

from ledger.rights import generations_ends, generations_finish
from ledger.rights.clearance import Cleared, Refused
from ledger.rights.clearance_reasons import REASONS_MAX
from ledger.rights.clearance_verdict import Verdict, judge
from ledger.rights.decision import Accepted, Asked, Decision
from ledger.rights.generations_money import fee_agreed, vector_of, vector_sha256
from ledger.rights.generations_states import GENERATION
from ledger.rights.states import KEY, LOG, POLICY
from ledger.rights.verifications import check_new, cleared_event, repeated_refusal
from ledger.rights.verifications_states import VERIFICATION
from ledger.rights.view import View
from schemas.commands.base import Command
from schemas.commands.generations import AuthorizeGeneration
from schemas.events.generations import GenerationAuthorized
from schemas.events.verifications import GenerationRefused
from schemas.manifest import manifest_urn, references_sha256
from schemas.period import format_instant
from schemas.refusals import Malformed
from schemas.terms import Request


@dataclass(frozen=True, slots=True)
class Basis:
    """What an authorization rests on: the request, its verification, and the tariffs it binds.

    `bound` is None where no earlier verification is cited: one is made in the same append.
    """

    request: Request
    verification: str
    bound: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Deciding:
    """One authorization as it is decided."""

    view: View
    asked: Asked
    command: AuthorizeGeneration
    basis: Basis

    def accept(self, verdict: Verdict, cleared: Cleared) -> Decision:
        """Return the license: the verification if it is made here, authorization, and fee."""
        asked, basis = self.asked, self.basis
        legs = vector_of(cleared.agreed, authorization=asked.command_id)
        vector = vector_sha256(legs)
        fee = fee_agreed(
            cleared.agreed,
            generation=basis.request.generation,
            payer=asked.actor,
            legs=legs,
            vector=vector,
            touched=cleared.touched,
        )
        authorized = self._authorized(verdict.ask.countries, cleared, vector)
        if basis.bound is not None:
            return Accepted((authorized, fee))
        made = cleared_event(self.view, asked, basis.verification, verdict, cleared)
        return Accepted((made, authorized, fee))

    def refuse(self, verdict: Verdict, refused: Refused) -> Decision:
        """Return the refusal, or where the same demand was refused within the hour."""
        basis = self.basis
        repeated = repeated_refusal(self.view, self.asked, basis.request, refused)
        if repeated is not None:
            return repeated
        event = GenerationRefused(
            generation=basis.request.generation,
            verification=None if basis.bound is None else basis.verification,
            creator=self.asked.actor,
            request=basis.request,
            reasons=refused.reasons[:REASONS_MAX],
            reasons_left_out=max(0, len(refused.reasons) - REASONS_MAX),
            alternatives=verdict.alternatives,
            touched=refused.touched,
        )
        return Accepted((event,), refused=True)

    def _authorized(
        self, territory: tuple[str, ...], cleared: Cleared, vector: str
    ) -> GenerationAuthorized:
        request = self.basis.request
        lives = timedelta(seconds=self.view.ask(POLICY, LOG).policy.authorization_lives_s)
        return GenerationAuthorized(
            generation=request.generation,
            verification=self.basis.verification,
            creator=self.asked.actor,
            references=cleared.references,
            references_sha256=references_sha256(cleared.references),
            touched=cleared.touched,
            model=request.model,
            tier=request.tier,
            purpose=request.purpose,
            channel=request.channel,
            territory=territory,
            seed=request.seed,
            duration_ms=request.duration_ms,
            prompt=request.prompt,
            upgrades=request.upgrades,
            manifest_urn=manifest_urn(request.generation),
            worker=self.command.worker,
            vector_sha256=vector,
            expires_at=format_instant(self.asked.at + lives),
        )


def authorize(view: View, asked: Asked, command: AuthorizeGeneration) -> Decision:
    """Authorize a generation, or refuse it with every reason.

    Consents, floors and shares are those of now, also under a cited verification; its tariffs are
    those of then (clearance, 19).
    """
    basis = _basis(view, asked, command)
    if view.ask(GENERATION, basis.request.generation).step != "none":
        raise Malformed("id_reused", "there is such a generation", pointer="/request/generation")
    if command.payer is not None and command.payer != asked.actor:
        # Nobody makes debts for another; a payer of one's own needs that payer's statement.
        raise Malformed("not_controller", "the payer is who authorizes", pointer="/payer")
    if command.worker is not None:
        check_worker(view, command.worker)
    deciding = Deciding(view, asked, command, basis)
    verdict = judge(view, basis.request, creator=asked.actor, at=asked.at, bound=basis.bound)
    if isinstance(verdict.outcome, Refused):
        return deciding.refuse(verdict, verdict.outcome)
    return deciding.accept(verdict, verdict.outcome)


def check_worker(view: View, worker: str) -> None:
    """Raise `Malformed` unless a key is an enrolled worker's: `key_unknown`, `key_not_valid`."""
    key = view.ask(KEY, worker)
    if key.status == "none":
        raise Malformed("key_unknown", f"nobody enrolled this key [{worker}]", pointer="/worker")
    if key.status != "enrolled" or "worker" not in key.roles:
        raise Malformed("key_not_valid", "not a worker's key in force", pointer="/worker")


def _basis(view: View, asked: Asked, command: AuthorizeGeneration) -> Basis:
    """Return what is authorized: the request given, or that of a live verification, cited once."""
    if command.request is not None:
        check_new(view, command.verification)
        return Basis(command.request, command.verification, None)
    cited = view.ask(VERIFICATION, command.verification)
    if cited.status == "none" or cited.request is None:
        raise Malformed("unknown_id", "no such verification", pointer="/verification")
    if cited.creator != asked.actor:
        raise Malformed("not_controller", "another creator's verification", pointer="/verification")
    if cited.status == "refused":
        raise Malformed("not_authorized", "the verification refused", pointer="/verification")
    if cited.spent_by is not None:
        raise Malformed("id_reused", "the verification was cited before", pointer="/verification")
    if cited.expires_at is None or asked.at >= cited.expires_at:
        raise Malformed("expired", "the verification has expired", pointer="/verification")
    return Basis(cited.request, command.verification, cited.tariffs)


DECIDES: Final[Mapping[type[Command], Callable[[View, Asked, Any], Decision]]] = MappingProxyType(
    {
        AuthorizeGeneration: authorize,
        **generations_finish.DECIDES,
        **generations_ends.DECIDES,
    }
)
"""The rules of generations by command."""
