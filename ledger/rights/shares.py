"""Shares: claimed by a party, confirmed by another; never more than the whole, anywhere, ever."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import Any, Final

from ledger.rights import lookup
from ledger.rights.authority import is_registrar, speak_for
from ledger.rights.decision import Accepted, Asked
from ledger.rights.links import proposal
from ledger.rights.lookup import fields
from ledger.rights.states import CLAIM
from ledger.rights.states.shares import (
    ShareHeld,
    Shares,
    Slice,
    controllers_at,
    slice_of,
)
from ledger.rights.states.shares import confirm as with_share
from ledger.rights.view import Recorded, View
from schemas.commands.shares import ClaimShare, ConfirmShare, WithdrawShare
from schemas.events.shares import ShareClaimed, ShareConfirmed, ShareReduced, ShareWithdrawn
from schemas.fractions import format_fraction, is_part, lowest_fraction, parse_fraction
from schemas.refusals import Malformed


def claim(view: View, asked: Asked, command: ClaimShare) -> Accepted:
    """Claim a share: its party or representative, or a registrar who writes down what is known."""
    taken = view.ask(CLAIM, command.share).status != "none"
    lookup.fresh(taken=taken, name=command.share, pointer="/share")
    lookup.party(view, command.party)
    state = lookup.asset(view, command.asset)
    if not is_registrar(view, asked):
        speak_for(view, asked, command.party, capacities=lookup.capacities(command.asset))
    fraction = parse_fraction(command.fraction)
    if not is_part(fraction):
        text = "a share is greater than 0 and at most 1"
        raise Malformed("share_invalid", text, pointer="/fraction")
    window = (command.effective_from, command.effective_until)
    lookup.check_window("share_invalid", *window, "/effective_until")
    if not slice_of(fraction, command.territories, *window).countries:
        raise Malformed("share_invalid", "a share in no country", pointer="/territories")
    given = {**fields(command), "fraction": format_fraction(fraction)}
    controllers = controllers_at(state.shares, asked.at)
    return Accepted((ShareClaimed(**given, controllers=controllers),))


def confirm(view: View, asked: Asked, command: ConfirmShare) -> Accepted:
    """Confirm a claim.

    The first share of an asset by a registrar; later ones by a registrar, or by the party whose
    own confirmed share the claim reduces (contracts, section 6). Never by who earns by it: not as
    a registrar, and not as the representative of the party that loses.
    """
    found = proposal(view, command.share, ShareClaimed, "/share")
    shares = lookup.asset(view, found.asset, "/share").shares
    whole = _slice(found)
    held = _reduced(shares, command, whole)
    if not is_registrar(view, asked):
        if held is None:
            text = "a registrar confirms, or a party whose own confirmed share becomes smaller"
            raise Malformed("not_controller", text, pointer="/reduces")
        speak_for(view, asked, held.party, capacities=lookup.capacities(found.asset))
        if any(_uncovered(whole, held.slices)):
            text = "where the claim takes nothing from your own share a registrar confirms it"
            raise Malformed("not_controller", text, pointer="/reduces")
    if found.party == asked.actor and _gains(whole, found.party, held):
        raise Malformed("duties_not_separated", "nobody confirms its own gain", pointer="/share")
    given = {
        name: value
        for name, value in fields(found).items()
        if name not in {"controllers", "evidence_sha256"}
    }
    reduced = _what_is_left(held, whole) if held else None
    event = ShareConfirmed(**given, reduced=reduced, confirmer=asked.actor)
    _check_whole(with_share(shares, Recorded(1, asked.at, asked.actor, event), event))
    return Accepted((event,))


def _slice(found: ShareClaimed) -> Slice:
    window = (found.effective_from, found.effective_until)
    return slice_of(lowest_fraction(found.fraction), found.territories, *window)


def _reduced(shares: Shares, command: ConfirmShare, whole: Slice) -> ShareHeld | None:
    """Return the share that a confirmation reduces; it must be there, and large enough."""
    if command.reduces is None:
        return None
    held = shares.get(command.reduces)
    if held is None:
        text = "no confirmed share of this asset has this id"
        raise Malformed("unknown_id", text, pointer="/reduces")
    touched = [part for part in held.slices if part.meets(whole)]
    if not touched:
        raise Malformed("share_invalid", "the two shares never meet", pointer="/reduces")
    if any(part.fraction < whole.fraction for part in touched):
        text = "the claim is larger than the share that it is to reduce"
        raise Malformed("share_exceeds_whole", text, pointer="/reduces")
    return held


def _gains(whole: Slice, party: str, held: ShareHeld | None) -> bool:
    """Tell whether a party has more by a claim than it had: else it divides what is its own."""
    return held is None or held.party != party or bool(_uncovered(whole, held.slices))


def _uncovered(whole: Slice, slices: Iterable[Slice]) -> list[Slice]:
    """Return the parts of a claim where none of the slices is."""
    left = [whole]
    for part in slices:
        taken = replace(part, fraction=whole.fraction)
        left = [piece for old in left for piece in old.less(taken)]
    return left


def _what_is_left(held: ShareHeld, whole: Slice) -> ShareReduced:
    """Say what is left of a reduced share where the claim meets it: the least, if it varies."""
    least = min(part.fraction for part in held.slices if part.meets(whole)) - whole.fraction
    return ShareReduced(share=held.share, party=held.party, fraction=format_fraction(least))


def _check_whole(shares: Shares) -> None:
    """Raise `share_exceeds_whole` if any country has more than the whole at any instant."""
    slices = [part for held in shares.values() for part in held.slices]
    # A sum only grows where a slice begins, so those instants are enough.
    for moment in sorted({part.since for part in slices}):
        _check_whole_at(slices, moment)


def _check_whole_at(slices: Iterable[Slice], moment: datetime) -> None:
    sums: dict[str, Fraction] = {}
    for part in slices:
        if part.since <= moment < part.until:
            for country in part.countries:
                sums[country] = sums.get(country, Fraction(0)) + part.fraction
    over = sorted(country for country, held in sums.items() if held > 1)
    if over:
        text = f"{format_fraction(sums[over[0]])} of the whole in {over[0]}"
        raise Malformed("share_exceeds_whole", text, pointer="/share")


def withdraw(view: View, asked: Asked, command: WithdrawShare) -> Accepted:
    """Withdraw a share: its party or representative, or a registrar. What it earned stays."""
    state = view.ask(CLAIM, command.share)
    found = state.proposal
    if not isinstance(found, ShareClaimed):
        raise Malformed("unknown_id", f"nobody claimed {command.share}", pointer="/share")
    if not is_registrar(view, asked):
        speak_for(view, asked, found.party, capacities=lookup.capacities(found.asset))
    if state.status == "withdrawn":
        raise Malformed("share_invalid", "it is withdrawn already", pointer="/share")
    return Accepted(
        (
            ShareWithdrawn(
                share=found.share,
                asset=found.asset,
                party=found.party,
                was_confirmed=state.status == "confirmed",
                reason=command.reason,
            ),
        )
    )


DECIDES: Final[dict[Any, Any]] = {
    ClaimShare: claim,
    ConfirmShare: confirm,
    WithdrawShare: withdraw,
}
"""The rules of this module, by command."""
