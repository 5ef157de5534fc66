"""Links, credits and vocals: proposed by anybody, confirmed by who is touched or a registrar."""

from __future__ import annotations

from typing import Any, Final, TypeVar, cast

from ledger.rights import lookup
from ledger.rights.authority import is_registrar
from ledger.rights.decision import Accepted, Asked
from ledger.rights.lookup import fields
from ledger.rights.states import CLAIM, WORK, RecordingState
from ledger.rights.states.shares import holds_share
from ledger.rights.view import View
from schemas.commands.catalog import (
    ConfirmCredit,
    ConfirmLink,
    ConfirmVocals,
    CreditContributor,
    DeclareVocals,
    LinkRecordingToWork,
)
from schemas.events.base import Event
from schemas.events.catalog import (
    ContributorCredited,
    ContributorCreditProposed,
    RecordingLinkedToWork,
    RecordingLinkProposed,
    VocalsDeclared,
    VocalsProposed,
)
from schemas.fractions import format_fraction, is_part, parse_fraction
from schemas.refusals import Malformed

P = TypeVar("P", bound=Event)


def proposal(view: View, name: str, kind: type[P], pointer: str) -> P:
    """Return what was proposed under an id; raise unless it still waits for confirmation."""
    state = view.ask(CLAIM, name)
    if not isinstance(state.proposal, kind):
        raise Malformed("unknown_id", f"nobody proposed {name}", pointer=pointer)
    if state.status != "proposed":
        raise Malformed("id_reused", f"it is {state.status} already", pointer=pointer)
    return cast("P", state.proposal)


def _fresh(view: View, name: str, pointer: str) -> None:
    lookup.fresh(taken=view.ask(CLAIM, name).status != "none", name=name, pointer=pointer)


def link(view: View, asked: Asked, command: LinkRecordingToWork) -> Accepted:
    """Propose that a recording performs a work."""
    _fresh(view, command.link, "/link")
    lookup.recording(view, command.recording)
    lookup.work(view, command.work)
    fraction = None
    if command.fraction is not None:
        value = parse_fraction(command.fraction)
        if not is_part(value):
            text = "a link's fraction is greater than 0 and at most 1"
            raise Malformed("share_invalid", text, pointer="/fraction")
        fraction = format_fraction(value)
    given = {**fields(command), "fraction": fraction}
    return Accepted((RecordingLinkProposed(**given, proposer=asked.actor),))


def confirm_link(view: View, asked: Asked, command: ConfirmLink) -> Accepted:
    """Confirm a link: a registrar, or for a later one who holds a work that gets a smaller part.

    All links of a recording carry fractions or none does (clearance, 8).
    """
    found = proposal(view, command.link, RecordingLinkProposed, "/link")
    state = lookup.recording(view, found.recording, "/link")
    if found.work in state.links:
        raise Malformed("share_invalid", "this work is linked already", pointer="/link")
    if any((held.fraction is None) != (found.fraction is None) for held in state.links.values()):
        text = "all links of a recording carry a fraction, or none does"
        raise Malformed("share_invalid", text, pointer="/link")
    if not is_registrar(view, asked):
        _check_reduced(view, asked, state, found.proposer)
    return Accepted(
        (
            RecordingLinkedToWork(
                link=found.link,
                recording=found.recording,
                work=found.work,
                fraction=found.fraction,
            ),
        )
    )


def _check_reduced(view: View, asked: Asked, state: RecordingState, proposer: str) -> None:
    works = (view.ask(WORK, name) for name in sorted(state.links))
    held = any(holds_share(work.shares, asked.actor, asked.at) for work in works)
    if not held or asked.actor == proposer:
        text = "a registrar, or who holds a work linked already and did not propose this, confirms"
        raise Malformed("not_controller", text)


def credit(view: View, asked: Asked, command: CreditContributor) -> Accepted:
    """Propose a credit of a performer or an author."""
    _fresh(view, command.credit, "/credit")
    lookup.asset(view, command.asset)
    lookup.party(view, command.party)
    if command.stems and not command.vocal:
        raise Malformed("value_unknown", "stems say where a singer is heard", pointer="/stems")
    return Accepted((ContributorCreditProposed(**fields(command), proposer=asked.actor),))


def confirm_credit(view: View, asked: Asked, command: ConfirmCredit) -> Accepted:
    """Confirm a credit: a registrar, or another than its two parties who holds the asset.

    Nobody confirms its own: a credit gives a moral right, and a voice in consents.
    """
    found = proposal(view, command.credit, ContributorCreditProposed, "/credit")
    shares = lookup.asset(view, found.asset, "/credit").shares
    involved = {found.proposer, found.party}
    counterparty = holds_share(shares, asked.actor, asked.at) and asked.actor not in involved
    if not (counterparty or is_registrar(view, asked)):
        text = "a registrar, or who holds the asset and is no part of the proposal, confirms"
        raise Malformed("not_controller", text)
    if found.party == asked.actor:
        raise Malformed("duties_not_separated", "nobody confirms its own credit", pointer="/credit")
    given = {name: value for name, value in fields(found).items() if name != "proposer"}
    return Accepted((ContributorCredited(**given),))


def declare_vocals(view: View, asked: Asked, command: DeclareVocals) -> Accepted:
    """Propose who sings on a recording."""
    _fresh(view, command.credit, "/credit")
    lookup.recording(view, command.recording)
    if (command.vocals == "performers") != bool(command.performers):
        text = "performers are named where performers sing, and only there"
        raise Malformed("value_unknown", text, pointer="/performers")
    for number, row in enumerate(command.performers):
        lookup.party(view, row.party, f"/performers/{number}/party")
    if len({row.party for row in command.performers}) < len(command.performers):
        raise Malformed("value_unknown", "a performer is named twice", pointer="/performers")
    return Accepted((VocalsProposed(**fields(command), proposer=asked.actor),))


def confirm_vocals(view: View, asked: Asked, command: ConfirmVocals) -> Accepted:
    """Confirm who sings, as a registrar; it replaces what was declared before (clearance, 10)."""
    found = proposal(view, command.credit, VocalsProposed, "/credit")
    if asked.actor in {row.party for row in found.performers}:
        raise Malformed("duties_not_separated", "nobody confirms its own voice", pointer="/credit")
    given = {name: value for name, value in fields(found).items() if name != "proposer"}
    return Accepted((VocalsDeclared(**given),))


DECIDES: Final[dict[Any, Any]] = {
    LinkRecordingToWork: link,
    ConfirmLink: confirm_link,
    CreditContributor: credit,
    ConfirmCredit: confirm_credit,
    DeclareVocals: declare_vocals,
    ConfirmVocals: confirm_vocals,
}
"""The rules of this module, by command."""
