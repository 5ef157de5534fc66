"""Parties, their mandates, their death."""

from __future__ import annotations

from typing import Any, Final

from ledger.rights import lookup
from ledger.rights.authority import is_registrar
from ledger.rights.decision import Accepted, Asked
from ledger.rights.lookup import fields
from ledger.rights.states import MANDATE, NAME, PARTY
from ledger.rights.states.base import countries
from ledger.rights.view import View
from schemas.commands.parties import DeclareDeath, GrantMandate, RegisterParty, RevokeMandate
from schemas.events.parties import (
    MandateGranted,
    MandateRevoked,
    PartyDeceased,
    PartyRegistered,
)
from schemas.model import Commitment
from schemas.refusals import Malformed


def register(view: View, _asked: Asked, command: RegisterParty) -> Accepted:
    """Register a party once: its id, its ISNI and its IPI base number are nobody else's."""
    if view.ask(PARTY, command.party).kind is not None:
        raise Malformed("party_duplicate", f"{command.party} is registered", pointer="/party")
    names = {"isni": command.isni, "ipi_base": command.ipi_base}
    for scheme, value in names.items():
        if value and view.ask(NAME, f"{scheme}/{value}").party is not None:
            raise Malformed("party_duplicate", f"{value} is another's", pointer=f"/{scheme}")
    if (command.kind == "person") != isinstance(command.name, Commitment):
        text = "a natural person's name is a commitment, an organization's stands in the clear"
        raise Malformed("value_unknown", text, pointer="/name")
    return Accepted((PartyRegistered(**fields(command)),))


def declare_death(view: View, _asked: Asked, command: DeclareDeath) -> Accepted:
    """Record a natural person's death: voice and likeness are suspended (rules, decision 7)."""
    state = lookup.party(view, command.party)
    if state.kind != "person" or state.deceased_at is not None:
        text = "an organization does not die" if state.kind != "person" else "known to be dead"
        raise Malformed("value_unknown", text, pointer="/party")
    return Accepted((PartyDeceased(**fields(command)),))


def grant_mandate(view: View, asked: Asked, command: GrantMandate) -> Accepted:
    """Let a representative act. For a dead grantor a registrar registers the estate's mandate."""
    grantor = lookup.party(view, command.grantor, "/grantor")
    estate = grantor.deceased_at is not None and is_registrar(view, asked)
    if asked.actor != command.grantor and not estate:
        raise Malformed("not_controller", "only the grantor gives a mandate", pointer="/grantor")
    taken = view.ask(MANDATE, command.mandate).granted is not None
    lookup.fresh(taken=taken, name=command.mandate, pointer="/mandate")
    if command.mandatee == command.grantor:
        raise Malformed("mandate_cycle", "nobody represents itself", pointer="/mandatee")
    lookup.party(view, command.mandatee, "/mandatee")
    if "representative" in command.capacities:
        text = "a mandate has one step: a representative cannot pass its power on"
        raise Malformed("mandate_exceeds_grantor", text, pointer="/capacities")
    if not countries(command.territories):
        raise Malformed("territory_unknown", "a mandate for nowhere", pointer="/territories")
    window = (command.effective_from, command.effective_until)
    lookup.check_window("value_unknown", *window, "/effective_until")
    return Accepted((MandateGranted(**fields(command)),))


def revoke_mandate(view: View, asked: Asked, command: RevokeMandate) -> Accepted:
    """End a mandate: the grantor, the representative, or a registrar for a grantor who died."""
    state = view.ask(MANDATE, command.mandate)
    granted = state.granted
    if granted is None or state.revoked_at is not None:
        raise Malformed("unknown_id", "there is no such mandate in force", pointer="/mandate")
    allowed = {granted.grantor, granted.mandatee}
    if asked.actor not in allowed and not is_registrar(view, asked):
        raise Malformed("not_controller", "only its two parties or a registrar end a mandate")
    return Accepted(
        (
            MandateRevoked(
                mandate=command.mandate,
                grantor=granted.grantor,
                mandatee=granted.mandatee,
                reason=command.reason,
            ),
        )
    )


DECIDES: Final[dict[Any, Any]] = {
    RegisterParty: register,
    DeclareDeath: declare_death,
    GrantMandate: grant_mandate,
    RevokeMandate: revoke_mandate,
}
"""The rules of this module, by command."""
