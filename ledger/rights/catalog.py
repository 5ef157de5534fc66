"""Recordings, stems, works, moral rights, and the inference set."""

from __future__ import annotations

from typing import Any, Final

from ledger.rights import lookup
from ledger.rights.authority import is_registrar
from ledger.rights.decision import Accepted, Asked
from ledger.rights.lookup import fields
from ledger.rights.standing import has_live_consent
from ledger.rights.states import RECORDING, WORK, RecordingState, WorkState
from ledger.rights.states.shares import holds_share
from ledger.rights.view import View
from schemas.commands.catalog import (
    DeclareMoralRestriction,
    DeclarePublicDomain,
    EnterInferenceSet,
    LeaveInferenceSet,
    LiftMoralRestriction,
    RegisterRecording,
    RegisterStem,
    RegisterWork,
)
from schemas.events.catalog import (
    MoralRightRestrictionDeclared,
    MoralRightRestrictionLifted,
    RecordingEnteredInferenceSet,
    RecordingLeftInferenceSet,
    RecordingRegistered,
    StemRegistered,
    WorkDeclaredPublicDomain,
    WorkRegistered,
)
from schemas.refusals import Malformed


def register_recording(view: View, asked: Asked, command: RegisterRecording) -> Accepted:
    """Register a recording once. Two recordings may carry one ISRC: nothing is keyed on it."""
    taken = view.ask(RECORDING, command.recording).identity is not None
    lookup.fresh(taken=taken, name=command.recording, pointer="/recording")
    return Accepted((RecordingRegistered(**fields(command), registrant=asked.actor),))


def register_stem(view: View, asked: Asked, command: RegisterStem) -> Accepted:
    """Register a stem once: the registrant of the recording, a master's holder, a registrar."""
    state = lookup.recording(view, command.recording)
    assert state.identity is not None
    own = state.identity.registrant == asked.actor
    if not (own or holds_share(state.shares, asked.actor, asked.at) or is_registrar(view, asked)):
        raise Malformed("not_controller", "only who registered or holds a recording adds stems")
    lookup.fresh(taken=command.stem in state.stems, name=command.stem, pointer="/stem")
    return Accepted((StemRegistered(**fields(command)),))


def register_work(view: View, asked: Asked, command: RegisterWork) -> Accepted:
    """Register a work once."""
    taken = view.ask(WORK, command.work).identity is not None
    lookup.fresh(taken=taken, name=command.work, pointer="/work")
    return Accepted((WorkRegistered(**fields(command), registrant=asked.actor),))


def declare_public_domain(view: View, _asked: Asked, command: DeclarePublicDomain) -> Accepted:
    """Declare that a work is free: it asks nobody and earns nothing (clearance, 8)."""
    if lookup.work(view, command.work).public_domain:
        raise Malformed("value_unknown", "it is in the public domain already", pointer="/work")
    return Accepted((WorkDeclaredPublicDomain(**fields(command)),))


def _has_moral_right(state: RecordingState | WorkState, party: str) -> bool:
    """Tell whether a confirmed credit makes a party performer of a recording, author of a work."""
    return state.performs(party) if isinstance(state, RecordingState) else state.credited(party)


def restrict(view: View, asked: Asked, command: DeclareMoralRestriction) -> Accepted:
    """Veto purposes by moral right. A new veto of the same party replaces its old one."""
    if not _has_moral_right(lookup.asset(view, command.asset), asked.actor):
        raise Malformed("not_controller", "only a credited performer or author has a moral right")
    purposes = tuple(dict.fromkeys(command.purposes))
    return Accepted(
        (MoralRightRestrictionDeclared(asset=command.asset, party=asked.actor, purposes=purposes),)
    )


def lift(view: View, asked: Asked, command: LiftMoralRestriction) -> Accepted:
    """Lift one's own veto."""
    if asked.actor not in lookup.asset(view, command.asset).restrictions:
        raise Malformed("not_controller", "there is no restriction of yours", pointer="/asset")
    return Accepted((MoralRightRestrictionLifted(asset=command.asset, party=asked.actor),))


def enter(view: View, asked: Asked, command: EnterInferenceSet) -> Accepted:
    """Enter a recording into a model's inference set; somebody must have consented at all."""
    state = lookup.recording(view, command.recording)
    lookup.model(view, command.model)
    if command.model in state.models:
        raise Malformed("value_unknown", "it is in this inference set already", pointer="/model")
    if not has_live_consent(view, state, asked.at):
        raise Malformed("no_consent", "nobody consented to any use of it", pointer="/recording")
    return Accepted((RecordingEnteredInferenceSet(**fields(command)),))


def leave(view: View, _asked: Asked, command: LeaveInferenceSet) -> Accepted:
    """Take a recording out of a model's inference set."""
    if command.model not in lookup.recording(view, command.recording).models:
        raise Malformed("unknown_id", "it is not in this inference set", pointer="/model")
    return Accepted((RecordingLeftInferenceSet(**fields(command)),))


DECIDES: Final[dict[Any, Any]] = {
    RegisterRecording: register_recording,
    RegisterStem: register_stem,
    RegisterWork: register_work,
    DeclarePublicDomain: declare_public_domain,
    DeclareMoralRestriction: restrict,
    LiftMoralRestriction: lift,
    EnterInferenceSet: enter,
    LeaveInferenceSet: leave,
}
"""The rules of this module, by command."""
